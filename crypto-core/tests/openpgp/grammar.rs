//! What stands inside a container: only the packets of one message are read, within limits.

use crypto_core::openpgp::{
    BadSignature, DecryptError, ExceededLimit, Limits, Profile, SecretCertificate, SignatureVerdict,
};
use pgp::{
    composed::MessageBuilder,
    crypto::hash::HashAlgorithm,
    packet::{OnePassSignature, Packet, PacketTrait},
    ser::Serialize,
    types::{CompressionAlgorithm, KeyDetails, Tag},
};

use super::{
    common::{is_good, key, open, rng, seal},
    forge::{container_with, content_of, in_rpgp, joined, literal, open_within, packet, packets},
};

/// The signed packets of an honest message by Ann: one-pass, literal, signature.
fn signed_packets(ann: &SecretCertificate) -> [Vec<u8>; 3] {
    let message = seal(b"I owe you 5", &[&ann.certificate()], Some(ann));
    let inner = packets(&content_of(&message, ann));
    let one = |index: usize| inner[index].to_bytes().unwrap();
    [one(0), one(1), one(2)]
}

#[test]
fn signed_packets_are_read_only_as_one_message() {
    let ann = key(Profile::Modern, "Ann");
    let certificate = ann.certificate();
    let [ops, text, signature] = signed_packets(&ann);
    let evil = literal("I owe you 500");
    let read = |parts: &[&[u8]]| {
        let message = container_with(&parts.concat(), &ann);
        open(&message, &[&ann], &[&certificate])
    };
    let honest = read(&[&ops, &text, &signature]).unwrap();
    assert!(is_good(&honest.signature, &ann));
    assert_eq!(honest.plaintext.as_slice(), b"I owe you 5");
    let old_style = read(&[&signature, &text]).unwrap();
    assert!(is_good(&old_style.signature, &ann));

    let refused: [&[&[u8]]; 14] = [
        &[&ops, &text, &signature, &evil],
        &[&evil, &ops, &text, &signature],
        &[&ops, &evil, &text, &signature],
        &[&ops, &text, &evil, &signature],
        &[&ops, &text],
        &[&text, &signature],
        &[&text, &text],
        &[&ops, &signature],
        &[&ops, &ops, &text, &signature, &signature],
        &[&ops, &text, &signature, &signature],
        &[&signature, &ops, &text, &signature],
        &[&ops, &signature, &text, &signature],
        &[],
        &[&ops, &text, &signature, b"\0"],
    ];
    for (index, parts) in refused.iter().enumerate() {
        let answer = read(parts);
        assert!(
            matches!(answer, Err(DecryptError::Malformed(_))),
            "{index}: {answer:?}"
        );
    }
}

#[test]
fn a_signature_over_another_text_is_bad() {
    let ann = key(Profile::Modern, "Ann");
    let certificate = ann.certificate();
    let [ops, _, signature] = signed_packets(&ann);
    let evil = literal("I owe you 500");
    for parts in [
        [&ops[..], &evil, &signature].concat(),
        [&signature[..], &evil].concat(),
    ] {
        let opened = open(&container_with(&parts, &ann), &[&ann], &[&certificate]).unwrap();
        let expected = SignatureVerdict::Bad(BadSignature::Mismatch);
        assert_eq!(opened.signature, expected);
    }
}

#[test]
fn a_signature_that_does_not_fit_its_announcement_is_bad() {
    let ann = key(Profile::Compatible, "Ann");
    let certificate = ann.certificate();
    let [_, text, signature] = signed_packets(&ann);
    let secret = in_rpgp(&ann);
    let other = OnePassSignature::v3(
        pgp::packet::SignatureType::Text,
        HashAlgorithm::Sha256,
        secret.algorithm(),
        secret.legacy_key_id(),
    );
    let mut content = Vec::new();
    other.to_writer_with_header(&mut content).unwrap();
    content.extend_from_slice(&text);
    content.extend_from_slice(&signature);
    let opened = open(&container_with(&content, &ann), &[&ann], &[&certificate]).unwrap();
    let expected = SignatureVerdict::Bad(BadSignature::Malformed);
    assert_eq!(opened.signature, expected);
}

#[test]
fn two_signatures_over_one_text_are_judged_each() {
    let (ann, bob) = (
        key(Profile::Compatible, "Ann"),
        key(Profile::Compatible, "Bob"),
    );
    let sign = |by: &SecretCertificate| {
        let message = seal(b"hello", &[&ann.certificate()], Some(by));
        packets(&content_of(&message, &ann))
    };
    let (outer, inner) = (sign(&bob), sign(&ann));
    let Packet::OnePassSignature(mut first) = outer[0].clone() else {
        panic!("no one-pass signature");
    };
    first.set_is_nested();
    let content = joined(&[
        Packet::OnePassSignature(first),
        inner[0].clone(),
        inner[1].clone(),
        inner[2].clone(),
        outer[2].clone(),
    ]);
    let message = container_with(&content, &ann);
    let opened = open(&message, &[&ann], &[&ann.certificate()]).unwrap();
    assert!(is_good(&opened.signature, &ann));
    assert_eq!(opened.signatures.len(), 2);
    assert!(matches!(
        opened.signatures[1],
        SignatureVerdict::UnknownSigner { .. }
    ));
}

fn compressed(content: &[u8], kind: CompressionAlgorithm) -> Vec<u8> {
    let mut builder = MessageBuilder::from_bytes("", content.to_vec());
    builder.compression(kind);
    builder.to_vec(rng(6)).unwrap()
}

#[test]
fn compressed_messages_are_read_within_limits() {
    let me = key(Profile::Modern, "Ann");
    for kind in [CompressionAlgorithm::ZIP, CompressionAlgorithm::ZLIB] {
        let content = compressed(b"hello hello hello", kind);
        let opened = open(&container_with(&content, &me), &[&me], &[]).unwrap();
        assert_eq!(opened.plaintext.as_slice(), b"hello hello hello");
    }
    // 70 MiB of zeros.
    let bomb = compressed(&vec![0; 70 << 20], CompressionAlgorithm::ZIP);
    assert!(bomb.len() < 1 << 20);
    let message = container_with(&bomb, &me);
    let limits = |change: fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        open_within(&message, &me, &limits).unwrap_err()
    };
    let exceeded = DecryptError::LimitExceeded;
    assert_eq!(limits(|_| ()), exceeded(ExceededLimit::CompressionRatio));
    let ratio = limits(|limits| limits.compression_ratio = 100_000);
    assert_eq!(ratio, exceeded(ExceededLimit::Decompressed));
    let depth = limits(|limits| limits.nesting = 0);
    assert_eq!(depth, exceeded(ExceededLimit::Nesting));
}

#[test]
fn layers_of_compression_are_counted() {
    let me = key(Profile::Modern, "Ann");
    // Kind 0 is "not compressed": a layer all the same.
    let wrap = |content: &[u8]| packet(Tag::CompressedData, &[&[0], content].concat());
    let mut content = literal("deep");
    for depth in 1..=4 {
        content = wrap(&content);
        let answer = open(&container_with(&content, &me), &[&me], &[]);
        match answer {
            Ok(opened) => assert!(depth <= 3 && opened.plaintext.as_slice() == b"deep"),
            Err(error) => {
                assert_eq!(error, DecryptError::LimitExceeded(ExceededLimit::Nesting));
                assert_eq!(depth, 4);
            }
        }
    }
}

#[test]
fn signatures_over_compressed_data_are_refused() {
    let ann = key(Profile::Modern, "Ann");
    let [ops, text, signature] = signed_packets(&ann);
    let inside = packet(Tag::CompressedData, &[&[0], &text[..]].concat());
    let message = container_with(&[ops, inside, signature].concat(), &ann);
    assert!(matches!(
        open(&message, &[&ann], &[]),
        Err(DecryptError::Malformed(_))
    ));
}
