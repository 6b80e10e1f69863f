//! Record ids: random numbers inside, short text outside, one letter for each kind.

use rand::{Rng, RngCore, rngs::OsRng};

/// What an id names; its first letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Account,
    Mailbox,
    Thread,
    Email,
    /// The sealed form of an email, as a blob.
    SealedMessage,
}

impl Kind {
    const fn letter(self) -> char {
        match self {
            Self::Account => 'u',
            Self::Mailbox => 'b',
            Self::Thread => 't',
            Self::Email => 'm',
            Self::SealedMessage => 'r',
        }
    }
}

/// A new id. Random, so that neighbouring ids do not tell which records were made together.
pub(crate) fn make() -> i64 {
    OsRng.gen_range(1..i64::MAX)
}

/// 128 random bits as text, for names that must not be guessed.
pub(crate) fn make_name() -> String {
    let mut bytes = [0u8; 16];
    OsRng.fill_bytes(&mut bytes);
    data_encoding::HEXLOWER.encode(&bytes)
}

/// The text form of an id.
pub(crate) fn show(kind: Kind, id: i64) -> String {
    format!("{}{id:016x}", kind.letter())
}

/// Reads an id; `None` unless it is one [`show`] could have written.
pub(crate) fn parse(kind: Kind, text: &str) -> Option<i64> {
    let hex = text.strip_prefix(kind.letter())?;
    if hex.len() != 16 || !hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    i64::from_str_radix(hex, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_back_and_nothing_else_is() {
        let id = make();
        assert_eq!(parse(Kind::Email, &show(Kind::Email, id)), Some(id));
        assert_eq!(parse(Kind::Thread, &show(Kind::Email, id)), None);
        for wrong in [
            "",
            "m",
            "m1",
            "mffffffffffffffff",
            "m+00000000000001",
            "mé00000000000001",
        ] {
            assert_eq!(parse(Kind::Email, wrong), None, "{wrong}");
        }
    }
}
