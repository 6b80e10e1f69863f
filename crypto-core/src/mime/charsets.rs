//! Charsets: tables of a few hundred bytes are at hand, those of East Asia come from the platform.
//!
//! Natively the mail parser brings the tables of all charsets (`encoding_rs`). In WebAssembly they
//! would be a sixth of the program, and every browser has them already: there the program says
//! once, with [`set_multi_byte_decoder`], how to ask for them.

use std::{borrow::Cow, sync::OnceLock};

use base64::engine::{Engine, general_purpose::STANDARD as BASE64};
use mail_parser::decoders::{
    base64::base64_decode, charsets::map::charset_decoder,
    quoted_printable::quoted_printable_decode,
};

/// Decodes bytes by a charset's name (WHATWG Encoding, section 4.2); `None` for a name that is
/// not known. What does not fit becomes U+FFFD.
pub type MultiByteDecoder = fn(label: &str, bytes: &[u8]) -> Option<String>;

static DECODER: OnceLock<MultiByteDecoder> = OnceLock::new();

/// Names the decoder for charsets that need tables; the first call counts.
pub fn set_multi_byte_decoder(decoder: MultiByteDecoder) {
    let _ = DECODER.set(decoder);
}

/// Names of the charsets whose tables the platform brings begin like this, in lower case, whatever
/// `-` and `_` stand between.
const MULTI_BYTE: [&str; 18] = [
    "big5",
    "cnbig5",
    "chinese",
    "cp936",
    "csbig5",
    "cseuc",
    "csgb",
    "csiso2022",
    "csiso58",
    "csksc",
    "csshiftjis",
    "eucjp",
    "euckr",
    "gb",
    "iso2022",
    "ksc",
    "shiftjis",
    "xgbk",
];
const MULTI_BYTE_WHOLE: [&str; 11] = [
    "sjis",
    "xsjis",
    "mskanji",
    "ms932",
    "windows31j",
    "windows949",
    "korean",
    "xeucjp",
    "xxbig5",
    "cp932",
    "cp949",
];

fn is_multi_byte(label: &str) -> bool {
    let plain: String = label
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    MULTI_BYTE.iter().any(|start| plain.starts_with(start))
        || MULTI_BYTE_WHOLE.contains(&plain.as_str())
}

/// Decodes by a charset's name; `None` for one that nobody knows.
pub(super) fn decode(label: &str, bytes: &[u8]) -> Option<String> {
    let by_platform = DECODER
        .get()
        .filter(|_| is_multi_byte(label))
        .and_then(|decode| decode(label, bytes));
    by_platform.or_else(|| charset_decoder(label.as_bytes()).map(|decode| decode(bytes)))
}

/// Writes encoded words (RFC 2047) whose charset the mail parser has no tables for as UTF-8.
pub(super) fn recode_words(block: &[u8]) -> Cow<'_, [u8]> {
    match DECODER.get() {
        Some(decode) => recode(block, *decode),
        None => block.into(),
    }
}

fn recode(block: &[u8], decode: MultiByteDecoder) -> Cow<'_, [u8]> {
    let mut out = Vec::new();
    let mut rest = block;
    while let Some(at) = find(rest, b"=?") {
        let (before, from) = rest.split_at(at);
        out.extend_from_slice(before);
        match run(from, decode) {
            Some((text, after)) => {
                out.extend_from_slice(b"=?utf-8?B?");
                out.extend_from_slice(BASE64.encode(text.as_bytes()).as_bytes());
                out.extend_from_slice(b"?=");
                rest = after;
            }
            None => {
                let (mark, after) = from.split_at(2);
                out.extend_from_slice(mark);
                rest = after;
            }
        }
    }
    if out.is_empty() {
        return block.into();
    }
    out.extend_from_slice(rest);
    out.into()
}

/// Words of one charset that follow each other: programs cut between the bytes of a character, so
/// they are decoded together.
fn run(from: &[u8], decode: MultiByteDecoder) -> Option<(String, &[u8])> {
    let (label, mut bytes, mut after) = word(from)?;
    if !is_multi_byte(&label) {
        return None;
    }
    while let Some((next_label, next, beyond)) = word(after.trim_ascii_start()) {
        if next_label != label {
            break;
        }
        bytes.extend_from_slice(&next);
        after = beyond;
    }
    Some((decode(&label, &bytes)?, after))
}

/// One encoded word: charset in lower case, its bytes, and what follows.
fn word(from: &[u8]) -> Option<(String, Vec<u8>, &[u8])> {
    let inner = from.strip_prefix(b"=?")?;
    let (label, inner) = inner.split_at(find(inner, b"?")?);
    let inner = inner.get(1..)?;
    let (encoding, inner) = inner.split_at(find(inner, b"?")?);
    let inner = inner.get(1..)?;
    let (text, after) = inner.split_at(find(inner, b"?=")?);
    let bytes = match encoding {
        b"B" | b"b" => base64_decode(text)?,
        b"Q" | b"q" => {
            let spaced: Vec<u8> = text
                .iter()
                .map(|byte| if *byte == b'_' { b' ' } else { *byte })
                .collect();
            quoted_printable_decode(&spaced)?
        }
        _ => return None,
    };
    let label = std::str::from_utf8(label).ok()?;
    // RFC 2231, section 5: a language may follow.
    let label = label.split('*').next().unwrap_or(label);
    Some((label.to_ascii_lowercase(), bytes, after.get(2..)?))
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stands for the browser's tables: shows what it was asked.
    fn shown(label: &str, bytes: &[u8]) -> Option<String> {
        Some(format!("[{label} {bytes:02x?}]"))
    }

    fn recoded(block: &str) -> String {
        let recoded = recode(block.as_bytes(), shown).into_owned();
        let headers = mail_parser::MessageParser::default()
            .parse_headers(&recoded[..])
            .unwrap();
        headers.subject().unwrap_or_default().to_owned()
    }

    #[test]
    fn words_of_large_charsets_go_through_the_platform() {
        assert_eq!(
            recoded("Subject: =?GB2312?B?xOPD?= =?gb2312?B?xw==?= x\r\n\r\n"),
            "[gb2312 [c4, e3, c3, c7]] x"
        );
        assert_eq!(
            recoded("Subject: a =?Shift_JIS*ja?Q?=82=A0_b?=\r\n\r\n"),
            "a [shift_jis [82, a0, 20, 62]]"
        );
    }

    #[test]
    fn other_words_stay_as_they_are() {
        for block in [
            "Subject: =?utf-8?Q?=C3=A4?= =?iso-8859-1?Q?=E4?=\r\n\r\n",
            "Subject: =?gb2312?B?\r\n\r\n",
            "Subject: =?gb2312?X?aa?= =?=?=??=\r\n\r\n",
            "Subject: plain\r\n\r\n",
        ] {
            assert_eq!(recode(block.as_bytes(), shown), block.as_bytes(), "{block}");
        }
    }

    #[test]
    fn names_are_told_apart() {
        for large in [
            "Big5",
            "EUC-JP",
            "euc_kr",
            "GBK",
            "gb18030",
            "ISO-2022-JP",
            "Shift_JIS",
            "ks_c_5601-1987",
        ] {
            assert!(is_multi_byte(large), "{large}");
        }
        for small in ["utf-8", "iso-8859-1", "koi8-r", "windows-1252", "us-ascii"] {
            assert!(!is_multi_byte(small), "{small}");
        }
    }
}
