//! Messages made to be too much.

use super::*;
use proptest::{collection::vec, prelude::*};

#[test]
fn depth_parts_and_sizes_are_bounded() {
    let limits = Limits::DEFAULT;
    let nested = |levels: usize| -> String {
        (0..levels)
            .map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}_\r\n\r\n--b{n}_\r\n"))
            .collect()
    };
    assert!(read(nested(49).as_bytes(), None, &limits).is_ok());
    assert_eq!(
        read(nested(51).as_bytes(), None, &limits).err(),
        Some(ReadError::TooDeep(50))
    );

    let many = |parts: usize| {
        format!(
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n{}--b--\r\n",
            "--b\r\n\r\nx\r\n".repeat(parts)
        )
    };
    assert!(read(many(9_999).as_bytes(), None, &limits).is_ok());
    assert_eq!(
        read(many(10_000).as_bytes(), None, &limits).err(),
        Some(ReadError::TooManyParts(10_000))
    );

    let header = format!("Subject: {}\r\n\r\n", "x\r\n ".repeat(60_000));
    assert_eq!(
        read(header.as_bytes(), None, &limits).err(),
        Some(ReadError::HeaderTooLarge(limits.header_bytes))
    );
    assert_eq!(
        inspect(header.as_bytes()).err(),
        Some(ReadError::HeaderTooLarge(limits.header_bytes))
    );
    let small = Limits {
        total_bytes: 10,
        ..limits
    };
    assert_eq!(
        read(b"Subject: too long\r\n\r\n", None, &small).err(),
        Some(ReadError::TooLarge(10))
    );

    let crowd = format!("To: {}x@example.org\r\n\r\n", "a@b.c,".repeat(10_000));
    assert_eq!(
        read(crowd.as_bytes(), None, &limits).unwrap().to.len(),
        limits.addresses
    );
}

/// Forwarded messages inside forwarded messages are never opened, so their depth costs nothing.
#[test]
fn nested_messages_are_files() {
    let raw = "Content-Type: message/rfc822\r\n\r\n".repeat(200_000);
    let mail = read_alone(&raw);
    assert_eq!(mail.attachments.len(), 1);
}

/// Parameters that all claim to be sections of different ones.
fn continuations(length: usize) -> String {
    (0..)
        .map(|n| format!("a{n}*1=b;"))
        .take(length / 12)
        .collect()
}

/// Header fields made to keep a parser busy; they end, or this test does not.
#[test]
fn tangled_headers_end() {
    let limit = Limits::DEFAULT.header_bytes - 100;
    let fill = |piece: &str| piece.repeat(limit / piece.len());
    for header in [
        format!("Content-Type: text/plain; {}", fill("a*1=b;")),
        format!("Content-Type: text/plain; {}", continuations(limit)),
        format!("Content-Type: {}", fill("(")),
        format!("Subject: {}", fill("=?")),
        format!("Subject: {}", fill("=?utf-8?q?")),
        format!("From: {}", fill("(\\")),
        format!("From: {}", fill("<\"")),
        format!("From: {}", fill("a@b,")),
        format!("From: {}", fill("=?utf-8?b?")),
        format!("References: {}", fill("<a@b>")),
        format!("Date: {}", fill("9")),
        format!("Received: {}", fill("by ")),
        fill(":\n"),
        fill("A:\n"),
    ] {
        let raw = format!("{header}\r\n\r\nbody");
        let _ = read(raw.as_bytes(), None, &Limits::DEFAULT);
        let _ = inspect(raw.as_bytes());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nothing_panics(pieces in vec(prop_oneof![
        Just("Content-Type: multipart/mixed; boundary=\"b\"\r\n"),
        Just("Content-Type: multipart/signed; boundary=b; protocol=\"application/pgp-signature\"\r\n"),
        Just("Content-Type: multipart/encrypted; boundary=b\r\n"),
        Just("Content-Type: multipart/alternative; boundary=b\n"),
        Just("Content-Type: text/html; charset=utf-7; hp=cipher; hp-legacy-display=1\n"),
        Just("Content-Transfer-Encoding: base64\r\n"),
        Just("Content-Transfer-Encoding: quoted-printable\r\n"),
        Just("Content-Disposition: attachment; filename*0*=utf-8''%; filename*1=\"\\"),
        Just("From: \"a\\\"@b\" (x(y) <c@d>, g: e@f;\r\n"),
        Just("Date: Mon, 99 Foo -1 99:99:99 +9999\r\n"),
        Just("--b\r\n"), Just("--b--\r\n"), Just("\r\n"), Just("\n"), Just("\0"), Just("=?utf-8?b?////?="),
        Just("-----BEGIN PGP MESSAGE-----\n"), Just("-----END PGP MESSAGE-----\n"), Just("<div>&#x;</"),
    ], 0..40)) {
        let raw = pieces.concat();
        let _ = inspect(raw.as_bytes());
        let _ = read(raw.as_bytes(), None, &Limits::DEFAULT);
        let _ = read(raw.as_bytes(), Some(raw.as_bytes()), &Limits::DEFAULT);
    }

    #[test]
    fn no_bytes_panic(raw in vec(any::<u8>(), 0..300)) {
        let _ = inspect(&raw);
        let _ = read(&raw, Some(&raw), &Limits::DEFAULT);
        let _ = unwrap_sealed(&raw);
    }
}
