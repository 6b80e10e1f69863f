//! Bytes as hexadecimal digits.

use std::fmt::Write;

/// Upper case, as fingerprints are read aloud.
pub(crate) fn upper(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02X}");
        text
    })
}

/// Lower case.
pub(crate) fn lower(bytes: &[u8]) -> String {
    upper(bytes).to_ascii_lowercase()
}

/// How many bytes upper-case digits stand for; `None` of anything else.
pub(crate) fn length(digits: &str) -> Option<usize> {
    let all_digits = digits
        .bytes()
        .all(|digit| matches!(digit, b'0'..=b'9' | b'A'..=b'F'));
    (all_digits && digits.len().is_multiple_of(2)).then_some(digits.len() / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_and_bytes() {
        assert_eq!(upper(&[0, 0x0a, 0xff]), "000AFF");
        assert_eq!(lower(&[0, 0x0a, 0xff]), "000aff");
        assert_eq!(length("000AFF"), Some(3));
        assert_eq!(length(""), Some(0));
        for not in ["0", "0g", "0a", " 0", "\u{660}"] {
            assert_eq!(length(not), None, "{not}");
        }
    }
}
