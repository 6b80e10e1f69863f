use super::*;

#[test]
fn a_stored_message_shows_nothing_and_comes_back_exactly() {
    let raw = b"From: Alice <alice@example.org>\nSubject: caf\xe9\r\n\r\nbody\r\n\r\n";
    let payload = sealed_payload(raw);
    assert_eq!(unwrap_sealed(&payload), Ok(&raw[..]));

    let stored = wrap_sealed(ARMOR, UnixTime(1_700_000_000)).unwrap();
    assert!(is_sealed(&stored));
    assert!(!string(&stored).contains("example.org"));
    assert!(header_of(&stored).starts_with(
        "From: <sealed@letterlock.invalid>\r\nDate: Tue, 14 Nov 2023 22:13:20 +0000\r\nSubject: ...\r\n"
    ));
    assert!(matches!(
        inspect(&stored),
        Ok(Structure::PgpMimeEncrypted { .. })
    ));
}

#[test]
fn only_a_whole_message_is_unwrapped() {
    for not_sealed in [
        &b""[..],
        b"Content-Type: text/plain\r\n\r\nhello",
        b"Content-Type: message/rfc822\r\n\r\n",
        b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8=",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nX: y\r\n--b--\r\n",
    ] {
        assert_eq!(unwrap_sealed(not_sealed), Err(ReadError::NotSealed), "{}", string(not_sealed));
    }
    assert!(!is_sealed(&build_encrypted(&letter(), ARMOR).unwrap()));
    assert!(!is_sealed(b"not mail"));
    assert_eq!(
        wrap_sealed(b"plain", UnixTime(0)).err(),
        Some(BuildError::Armor)
    );
}
