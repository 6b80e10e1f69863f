//! ASCII armor (RFC 9580, section 6).
//!
//! Checksums protect nothing, so they are not looked at. They are written only where GnuPG 2.2 may
//! read: without one it reads past the end of some blocks. RFC 9580 (section 6.1) forbids them
//! for what only newer software reads.
//!
//! Reader and writer take their input in pieces of any size, so that buffers and streams take the
//! same road; base64 and checksums are computed by crates, in runs of some KiB.

mod reading;
mod writing;

use std::borrow::Cow;

use pgp::{
    armor::BlockType,
    types::{KeyVersion, Tag},
};
pub(super) use reading::Reader;
pub(super) use writing::Writer;

use super::packets::{PacketWalk, is_ignorable};

/// Who may come to read a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Readers {
    /// Software of RFC 4880 as well.
    All,
    /// Only software of RFC 9580, by the versions of what is in the block.
    Modern,
}

impl Readers {
    /// Those who can make use of a key of this version and its signatures.
    pub(super) fn of(version: KeyVersion) -> Self {
        match version {
            KeyVersion::V6 => Self::Modern,
            _ => Self::All,
        }
    }
}

/// Writes armor.
pub(super) fn write(bytes: &[u8], kind: BlockType, readers: Readers) -> Vec<u8> {
    let mut output = Vec::with_capacity(Writer::length_of(bytes.len()));
    let mut writer = Writer::begin(kind, readers, &mut output);
    writer.push(bytes, &mut output);
    writer.finish(&mut output);
    output
}

/// Writes armor as text.
pub(super) fn write_text(bytes: &[u8], kind: BlockType, readers: Readers) -> String {
    // Armor is ASCII, so nothing is ever replaced.
    String::from_utf8(write(bytes, kind, readers)).unwrap_or_default()
}

/// What was read, and the kind of block it stood in; binary input has none.
pub(super) struct Dearmored<'a> {
    pub(super) kind: Option<BlockType>,
    pub(super) bytes: Cow<'a, [u8]>,
}

/// True if the input begins like binary packets: the first byte of every packet has its highest
/// bit set, and armor is ASCII.
pub(super) fn is_binary(input: &[u8]) -> bool {
    input.first().is_some_and(|first| first & 0x80 != 0)
}

/// Reads armor, or hands binary packets through. What follows the block is not looked at.
///
/// # Errors
/// Why it is neither.
pub(super) fn read(input: &[u8]) -> Result<Dearmored<'_>, String> {
    if is_binary(input) {
        return Ok(Dearmored {
            kind: None,
            bytes: Cow::Borrowed(input),
        });
    }
    // In one step: what is read may be a private key, of which growing would leave copies.
    let mut bytes = Vec::with_capacity(input.len() / 4 * 3 + 8);
    let mut reader = Reader::default();
    let kind = reader
        .push(input, &mut bytes)
        .and_then(|()| reader.finish(&mut bytes))
        .map_err(|fault| fault.to_string())?;
    Ok(Dearmored {
        kind: Some(kind),
        bytes: Cow::Owned(bytes),
    })
}

/// What a block of armor says it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ArmorKind {
    /// An encrypted or signed message.
    Message,
    /// Public certificates.
    PublicKey,
    /// Private keys.
    PrivateKey,
    /// Detached signatures.
    Signature,
}

impl ArmorKind {
    fn block(self) -> BlockType {
        match self {
            Self::Message => BlockType::Message,
            Self::PublicKey => BlockType::PublicKey,
            Self::PrivateKey => BlockType::PrivateKey,
            Self::Signature => BlockType::Signature,
        }
    }
}

/// Why nothing was armored or dearmored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArmorError {
    /// Neither armor nor packets.
    #[error("this is not OpenPGP data: {0}")]
    Malformed(String),
}

/// Puts armor around binary packets (RFC 9580, section 6.2); input that is armored already comes
/// back as it is. The kind is told from the first packet unless it is given.
///
/// # Errors
/// [`ArmorError::Malformed`] if the input does not begin with an OpenPGP packet.
pub fn armor(bytes: &[u8], kind: Option<ArmorKind>) -> Result<Vec<u8>, ArmorError> {
    if !is_binary(bytes) {
        read(bytes).map_err(ArmorError::Malformed)?;
        return Ok(bytes.to_vec());
    }
    let told = tell(bytes)
        .ok_or_else(|| ArmorError::Malformed("it does not begin with a packet".to_owned()))?;
    Ok(write(bytes, kind.unwrap_or(told.0).block(), told.1))
}

/// Takes armor off; binary packets come back as they are. Checksums are not looked at, as RFC
/// 9580 (section 6.1) wants it.
///
/// # Security
/// What comes back may be a private key; the caller wipes it if it can be one.
///
/// # Errors
/// [`ArmorError::Malformed`] if it is neither.
pub fn dearmor(bytes: &[u8]) -> Result<Vec<u8>, ArmorError> {
    read(bytes)
        .map(|dearmored| dearmored.bytes.into_owned())
        .map_err(ArmorError::Malformed)
}

/// The kind of block that packets belong into, and who can read them.
fn tell(bytes: &[u8]) -> Option<(ArmorKind, Readers)> {
    let first = PacketWalk::new(bytes)
        .take(16)
        .map_while(Result::ok)
        .find(|packet| !is_ignorable(packet.tag()))?;
    let kind = match first.tag() {
        Tag::PublicKey | Tag::PublicSubkey => ArmorKind::PublicKey,
        Tag::SecretKey | Tag::SecretSubkey => ArmorKind::PrivateKey,
        Tag::Signature => ArmorKind::Signature,
        _ => ArmorKind::Message,
    };
    // Version 6 of these packets, and version 2 of encrypted data behind them, is what only newer
    // software reads.
    let readers = match first.body().first() {
        Some(6) => Readers::Modern,
        Some(2) if first.tag() == Tag::SymEncryptedProtectedData => Readers::Modern,
        _ => Readers::All,
    };
    Some((kind, readers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn armor_comes_back() {
        let bytes: Vec<u8> = (0..=255).collect();
        let text = write(&bytes, BlockType::Message, Readers::Modern);
        let summed = write(&bytes, BlockType::Message, Readers::All);
        assert_eq!(summed.len(), text.len() + "=AAAA\n".len());
        assert_eq!(read(&summed).unwrap().bytes.as_ref(), bytes);
        assert!(text.starts_with(b"-----BEGIN PGP MESSAGE-----\n\n"));
        let back = read(&text).unwrap();
        assert_eq!(back.kind, Some(BlockType::Message));
        assert_eq!(back.bytes.as_ref(), bytes);
        let crlf = String::from_utf8(text).unwrap().replace('\n', "\r\n");
        assert_eq!(read(crlf.as_bytes()).unwrap().bytes.as_ref(), bytes);
    }

    #[test]
    fn the_kind_is_told_from_the_packets() {
        let told = |bytes: &[u8]| armor(bytes, None).map(|text| text[..30].to_vec());
        let begins = |bytes: &[u8], kind: &str| {
            let text = told(bytes).unwrap();
            let line = format!("-----BEGIN PGP {kind}");
            assert!(text.starts_with(&line.as_bytes()[..text.len().min(line.len())]));
        };
        begins(b"\xc6\x01\x04", "PUBLIC KEY BLOCK");
        begins(b"\xca\x03PGP\xc5\x01\x04", "PRIVATE KEY BLOCK");
        begins(b"\xc2\x01\x04", "SIGNATURE");
        begins(b"\xc1\x01\x03", "MESSAGE");
        assert!(told(b"\xc6\x05\x04").is_err());
        assert!(told(b"").is_err());
        let text = armor(b"\xc6\x01\x04", None).unwrap();
        assert_eq!(armor(&text, None).unwrap(), text);
        assert_eq!(dearmor(&text).unwrap(), b"\xc6\x01\x04");
        assert_eq!(dearmor(b"\xc6\x01\x04").unwrap(), b"\xc6\x01\x04");
    }

    #[test]
    fn what_is_not_armor_is_refused() {
        for text in [
            "",
            "hello",
            "-----BEGIN PGP MESSAGE-----\n\nAAAA",
            "-----BEGIN PGP MESSAGE-----\nAAAA\n-----END PGP MESSAGE-----",
            "-----BEGIN PGP MESSAGE-----\n\nAAAA\n-----END PGP SIGNATURE-----",
            "-----BEGIN PGP MESSAGE-----\n\nAA=A\n-----END PGP MESSAGE-----",
            "-----BEGIN PGP MESSAGE-----\n\nAAA\n-----END PGP MESSAGE-----",
            "-----BEGIN PGP MESSAGE-----\n\nAAA=\nAAAA\n-----END PGP MESSAGE-----",
            "-----BEGIN PGP MESSAGE-----\n\nAA\u{e4}A\n-----END PGP MESSAGE-----",
            "-----BEGIN PGP MESSAGE-----\n\nAAAA\n=AAA\n-----END PGP MESSAGE-----",
            "-----BEGIN PGP MESSAGE----- x\n\nAAAA\n-----END PGP MESSAGE-----",
            "-----BEGIN CERTIFICATE-----\n\nAAAA\n-----END CERTIFICATE-----",
        ] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn what_others_write_is_read() {
        for text in [
            "-----BEGIN PGP MESSAGE-----\n\nAAECAw==\n-----END PGP MESSAGE-----",
            "-----BEGIN PGP MESSAGE-----\nVersion: x\nComment: \nHash:\n \t\nAAEC\nAw==\n=0000\n-----END PGP MESSAGE-----\n",
            "words before\n\n-----BEGIN PGP MESSAGE-----  \r\n\r\nAAECAw==\r\n=0000\r\n-----END PGP MESSAGE-----\r\nwords after",
            "-----BEGIN PGP MESSAGE-----\n\nA\nA \tE\n\nC\nA\nw=\n=\n-----END PGP MESSAGE-----",
            "-----BEGIN PGP MESSAGE-----\n\nAA EC Aw ==\n-----END PGP MESSAGE-----",
        ] {
            let read = read(text.as_bytes()).map(|read| read.bytes.into_owned());
            assert_eq!(read, Ok(vec![0, 1, 2, 3]), "{text}");
        }
    }

    #[test]
    fn pieces_of_any_size_read_and_write_the_same() {
        let bytes: Vec<u8> = (0..10_000u32).map(|i| (i * 7 % 253) as u8).collect();
        for length in [0, 1, 2, 3, 47, 48, 49, 96, 4096, 10_000] {
            let bytes = &bytes[..length];
            let whole = write(bytes, BlockType::Message, Readers::All);
            assert!(whole.len() <= Writer::length_of(length));
            for size in [1, 5, 48, 63, 1000] {
                let mut text = Vec::new();
                let mut writer = Writer::begin(BlockType::Message, Readers::All, &mut text);
                for piece in bytes.chunks(size) {
                    writer.push(piece, &mut text);
                }
                writer.finish(&mut text);
                assert_eq!(text, whole);
                let mut back = Vec::new();
                let mut reader = Reader::default();
                for piece in whole.chunks(size) {
                    reader.push(piece, &mut back).unwrap();
                }
                assert_eq!(reader.finish(&mut back), Ok(BlockType::Message));
                assert_eq!(back, bytes);
            }
        }
    }

    #[test]
    fn headers_without_end_are_refused() {
        let long = format!(
            "-----BEGIN PGP MESSAGE-----\nA: {}\n\nAAAA",
            "x".repeat(100_000)
        );
        assert!(read(long.as_bytes()).is_err());
        let many = format!(
            "-----BEGIN PGP MESSAGE-----\n{}\nAAAA",
            "A: b\n".repeat(20_000)
        );
        assert!(read(many.as_bytes()).is_err());
    }
}
