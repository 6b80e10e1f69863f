use attacks::memory::peak_of;
use crypto_core::{
    bulk::NativeEngine,
    mime,
    openpgp::{
        Certificate, DecryptError, ExceededLimit, ImportError, Profile, SecretCertificate,
        verify_detached,
    },
};
use futures::executor::block_on;
use pgp::types::Tag;

use super::{
    common::{NOW, key, open, seal},
    forge::{container_with, literal, packet, split},
};

const MIB: usize = 1 << 20;

fn answer(content: &[u8]) -> DecryptError {
    let me = key(Profile::Modern, "Ann");
    open(&container_with(content, &me), &[&me], &[]).unwrap_err()
}

#[test]
fn compression_ten_thousand_layers_deep() {
    let mut content = literal("deep");
    for _ in 0..10_000 {
        // Kind 0 is "not compressed", a layer all the same; its length is left open.
        content.splice(0..0, [0xa3, 0]);
    }
    let (error, peak) = peak_of(|| answer(&content));
    assert_eq!(error, DecryptError::LimitExceeded(ExceededLimit::Nesting));
    assert!(peak < 8 * MIB, "{peak}");
}

#[test]
fn containers_in_containers_are_not_opened() {
    let me = key(Profile::Modern, "Ann");
    let mut message = seal(b"deep", &[&me.certificate()], None);
    for _ in 0..100 {
        message = container_with(&message, &me);
    }
    assert!(matches!(
        open(&message, &[&me], &[]),
        Err(DecryptError::Malformed(_))
    ));
}

#[test]
fn packets_without_meaning_are_counted() {
    for one in [
        packet(Tag::Marker, b"PGP"),
        packet(Tag::Padding, b""),
        packet(Tag::from(50), b""),
        packet(Tag::from(60), b""),
    ] {
        let content = [&one.repeat(100_000)[..], &literal("x")].concat();
        assert!(matches!(answer(&content), DecryptError::Malformed(_)));
    }
    // A critical packet that is not known ends the reading (RFC 9580, section 4.3).
    let critical = packet(Tag::from(39), b"");
    let content = [&critical[..], &literal("x")].concat();
    assert!(matches!(answer(&content), DecryptError::Malformed(_)));
}

#[test]
fn a_packet_in_a_hundred_thousand_parts() {
    let me = key(Profile::Modern, "Ann");
    // 512 bytes to begin with, then parts of one byte each.
    let mut content = vec![0xcb, 0xe9, b'b', 0, 0, 0, 0, 0];
    content.extend_from_slice(&[b'x'; 506]);
    for _ in 0..100_000 {
        content.extend_from_slice(&[0xe0, b'y']);
    }
    content.push(0);
    let message = container_with(&content, &me);
    let (opened, peak) = peak_of(|| open(&message, &[&me], &[]).unwrap());
    assert_eq!(opened.plaintext.len(), 506 + 100_000);
    assert!(peak < 8 * MIB, "{peak}");
    // A length that promises four gigabytes reserves nothing.
    let (front, _) = split(&seal(b"x", &[&me.certificate()], None));
    for promise in [
        &b"\xd2\xff\xff\xff\xff\xff\x01"[..],
        b"\xd2\xfe\x01",
        b"\xd2\xfe\x02\x09\x02\x10",
    ] {
        let message = [&front[..], promise].concat();
        let (answer, peak) = peak_of(|| open(&message, &[&me], &[]));
        assert!(matches!(answer, Err(DecryptError::Malformed(_))));
        assert!(peak < MIB, "{peak}");
    }
}

/// A version 6 signature packet with this many empty notations that nobody signed.
fn signature_with(subpackets: usize) -> Vec<u8> {
    // Version, binary, Ed25519, SHA-256; no hashed subpackets.
    let mut body = vec![6, 0, 27, 8, 0, 0, 0, 0];
    // Length and type: a private kind without content.
    let area = [1, 100].repeat(subpackets);
    body.extend_from_slice(&(area.len() as u32).to_be_bytes());
    body.extend_from_slice(&area);
    // The beginning of the digest, a salt, a signature.
    body.extend_from_slice(&[0, 0, 16]);
    body.extend_from_slice(&[7; 16 + 64]);
    packet(Tag::Signature, &body)
}

#[test]
fn a_million_subpackets() {
    let ann = key(Profile::Modern, "Ann");
    let certificate = ann.certificate();
    let signature = signature_with(1_000_000);
    assert!(signature.len() > 2 * MIB - 100_000);
    let (verdicts, peak) = peak_of(|| {
        block_on(verify_detached(
            &NativeEngine,
            b"x",
            &signature,
            &[&certificate],
            NOW,
        ))
    });
    if let Ok(verdicts) = verdicts {
        assert!(!super::common::is_good(&verdicts[0], &ann));
    }
    // A few dozen bytes each, while they are looked at.
    assert!(peak < 512 * MIB, "{peak}");
    // In a certificate they are somebody else's business, and bounded by its size.
    let certificate = [&certificate.to_bytes()[..], &signature].concat();
    if let Ok(read) = Certificate::parse(&certificate) {
        assert_eq!(read.fingerprint(), ann.fingerprint());
    }
}

#[test]
fn certificates_have_an_end() {
    let ann = key(Profile::Modern, "Ann").certificate().to_bytes();
    let refuse = |bytes: &[u8]| Certificate::parse(bytes).unwrap_err();
    // User IDs, subkeys, foreign signatures without number.
    let ids = packet(Tag::UserId, b"Eve <eve@example.org>").repeat(5000);
    assert_eq!(refuse(&[&ann[..], &ids].concat()), ImportError::TooLarge);
    let empty = packet(Tag::UserAttribute, b"").repeat(5000);
    assert_eq!(refuse(&[&ann[..], &empty].concat()), ImportError::TooLarge);
    let photo = packet(Tag::UserAttribute, &vec![0xff; 10 * MIB]);
    assert_eq!(refuse(&[&ann[..], &photo].concat()), ImportError::TooLarge);
    let secret = SecretCertificate::parse(&vec![0xc5; 10 * MIB]).unwrap_err();
    assert_eq!(secret, ImportError::TooLarge);
    // What is small enough is read, and what nobody signed left out.
    let photo = packet(Tag::UserAttribute, &vec![0xff; MIB]);
    let read = Certificate::parse(&[&ann[..], &photo].concat()).unwrap();
    assert_eq!(read.to_bytes(), ann);
}

#[test]
fn mail_with_ten_thousand_layers_or_parts() {
    let limits = mime::Limits::DEFAULT;
    let deep: String = (0..10_000)
        .map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}_\r\n\r\n--b{n}_\r\n"))
        .collect();
    let (answer, peak) = peak_of(|| mime::read(deep.as_bytes(), None, &limits));
    assert!(matches!(answer, Err(mime::ReadError::TooDeep(_))));
    assert!(peak < 32 * MIB, "{peak}");
    assert_eq!(
        mime::inspect(deep.as_bytes()).unwrap(),
        mime::Structure::Plain
    );
    // One boundary for all layers.
    let same = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n".repeat(10_000);
    let (_, peak) = peak_of(|| mime::read(same.as_bytes(), None, &limits));
    assert!(peak < 64 * MIB, "{peak}");
    // Comments in comments, and quotes that never end.
    for field in [
        "(".repeat(100_000),
        "\"\\".repeat(50_000),
        "<".repeat(100_000),
    ] {
        let raw = format!("From: {field}\r\nContent-Type: {field}\r\n\r\nx");
        let _ = mime::read(raw.as_bytes(), None, &limits);
        let _ = mime::inspect(raw.as_bytes());
    }
}
