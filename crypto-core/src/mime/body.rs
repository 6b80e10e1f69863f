//! Bodies: transfer encodings, charsets and line ends.

use std::borrow::Cow;

use mail_parser::decoders::{base64::base64_decode, quoted_printable::quoted_printable_decode};

use super::{charsets, headers::Headers};

/// Undoes the transfer encoding. The flag is true when the body was damaged, and is then
/// returned as it stood.
pub(super) fn decode<'a>(headers: &Headers, body: &'a [u8]) -> (Cow<'a, [u8]>, bool) {
    let decoded = match headers.transfer_encoding().as_str() {
        "base64" => base64_decode(body),
        "quoted-printable" => quoted_printable_decode(body),
        _ => return (body.into(), false),
    };
    match decoded {
        Some(bytes) => (bytes.into(), false),
        None => (body.into(), true),
    }
}

/// Decoded text with the line end of this program, `\n`.
///
/// Without a charset, or with one nobody knows, it is UTF-8 if it can be and Windows-1252 if not:
/// what old programs sent.
pub(super) fn text(headers: &Headers, bytes: &[u8]) -> String {
    let named = headers
        .parameter("charset")
        .map(str::trim)
        .filter(|name| !is_utf8(name))
        .and_then(|name| charsets::decode(name, bytes));
    let text = match (named, std::str::from_utf8(bytes)) {
        // us-ascii is what programs write that never thought about it.
        (Some(_), Ok(text)) if headers.parameter("charset").is_some_and(is_ascii) => {
            text.to_owned()
        }
        (Some(decoded), _) => decoded,
        (None, Ok(text)) => text.to_owned(),
        (None, Err(_)) if headers.parameter("charset").is_some_and(is_utf8) => {
            String::from_utf8_lossy(bytes).into_owned()
        }
        (None, Err(_)) => charsets::decode("windows-1252", bytes)
            .unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned()),
    };
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
    line_feeds(text).replace('\0', "\u{FFFD}")
}

fn is_utf8(name: &str) -> bool {
    name.eq_ignore_ascii_case("utf-8") || name.eq_ignore_ascii_case("utf8")
}

fn is_ascii(name: &str) -> bool {
    name.eq_ignore_ascii_case("us-ascii") || name.eq_ignore_ascii_case("ascii")
}

/// `\r\n` and lone `\r` become `\n`.
pub(super) fn line_feeds(text: &str) -> String {
    if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        text.to_owned()
    }
}

/// The line ends of mail, `\r\n` (RFC 2045, section 2.10, and RFC 3156, section 5).
pub(super) fn canonical_text(text: &str) -> String {
    line_feeds(text).replace('\n', "\r\n")
}

/// The same for bytes that may be anything; borrowed when nothing has to change.
pub(super) fn canonical(bytes: &[u8]) -> Cow<'_, [u8]> {
    let mut previous = 0;
    let is_canonical = bytes.iter().all(|&b| {
        let fits = b != b'\n' || previous == b'\r';
        previous = b;
        fits
    });
    if is_canonical {
        return bytes.into();
    }
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 32);
    previous = 0;
    for &b in bytes {
        if b == b'\n' && previous != b'\r' {
            out.push(b'\r');
        }
        out.push(b);
        previous = b;
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(header: &str) -> Headers {
        Headers::parse(header.as_bytes())
    }

    #[test]
    fn charsets_are_decoded() {
        for (charset, bytes, expected) in [
            ("utf-8", &b"\xc3\xa4\r\n"[..], "ä\n"),
            ("iso-8859-1", b"\xe4", "ä"),
            ("windows-1252", b"\x80", "€"),
            ("ISO-2022-JP", b"\x1b$B%O%m!<\x1b(B", "ハロー"),
            ("koi8-r", b"\xf0\xd2\xc9\xd7\xc5\xd4", "Привет"),
            ("gb18030", b"\xc4\xe3\xba\xc3", "你好"),
            ("us-ascii", b"\xc3\xa4", "ä"),
            ("no-such-charset", b"\xe4", "ä"),
            ("no-such-charset", b"\xc3\xa4", "ä"),
            ("utf-8", b"a\xffb\0", "a\u{FFFD}b\u{FFFD}"),
        ] {
            let headers = parse(&format!("Content-Type: text/plain; charset={charset}"));
            assert_eq!(text(&headers, bytes), expected, "{charset}");
        }
        assert_eq!(text(&parse("X: y"), b"\xe4"), "ä");
    }

    #[test]
    fn transfer_encodings_are_undone_or_reported() {
        let base64 = parse("Content-Transfer-Encoding: BASE64 ");
        assert_eq!(
            decode(&base64, b"aGVs\r\nbG8=\r\n"),
            (b"hello".as_slice().into(), false)
        );
        assert_eq!(decode(&base64, b"!!!"), (b"!!!".as_slice().into(), true));
        let qp = parse("Content-Transfer-Encoding: quoted-printable");
        assert_eq!(
            decode(&qp, b"a=3Db=\r\nc"),
            (b"a=bc".as_slice().into(), false)
        );
    }

    #[test]
    fn line_ends_become_canonical_once() {
        assert_eq!(canonical(b"a\nb\r\nc\r").as_ref(), b"a\r\nb\r\nc\r");
        assert!(matches!(canonical(b"a\r\nb"), Cow::Borrowed(_)));
        assert_eq!(canonical_text("a\nb\r\nc\rd"), "a\r\nb\r\nc\r\nd");
    }
}
