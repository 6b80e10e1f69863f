use crypto_core::{
    bulk::NativeEngine,
    openpgp::{
        BadSignature, DecryptError, Limits, Profile, SecretCertificate, SignatureVerdict,
        VerifyError, verify_detached, verify_inline,
    },
};
use futures::executor::block_on;
use pgp::{
    packet::{OnePassSignature, Packet, PacketTrait},
    ser::Serialize,
    types::Tag,
};
use proptest::{collection::vec, prelude::*};

use super::{
    common::{NOW, is_good, key, open, seal},
    forge::{container_with, content_of, joined, literal, packet, packets},
};

const HONEST: [&[u8]; 2] = [b"I owe you 5", b"We meet at noon"];

/// One-pass packet, literal packet and signature of each text, by Ann.
fn pieces(ann: &SecretCertificate) -> Vec<[Vec<u8>; 3]> {
    HONEST
        .iter()
        .map(|text| {
            let message = seal(text, &[&ann.certificate()], Some(ann));
            let inner = packets(&content_of(&message, ann));
            [0, 1, 2].map(|index| inner[index].to_bytes().unwrap())
        })
        .collect()
}

/// Everything an attacker can put in a row.
fn stock(ann: &SecretCertificate) -> Vec<Vec<u8>> {
    let mut stock: Vec<Vec<u8>> = Vec::new();
    for [ops, text, signature] in pieces(ann) {
        let Packet::OnePassSignature(mut nested) = packets(&ops)[0].clone() else {
            panic!("not a one-pass signature");
        };
        nested.set_is_nested();
        let whole = [&ops[..], &text, &signature].concat();
        stock.extend([
            joined(&[Packet::OnePassSignature(nested)]),
            packet(Tag::CompressedData, &[&[0], &text[..]].concat()),
            packet(Tag::CompressedData, &[&[0], &whole[..]].concat()),
            ops,
            text,
            signature,
        ]);
    }
    let eve = key(Profile::Modern, "Eve");
    for [ops, text, signature] in pieces(&eve) {
        stock.extend([ops, text, signature]);
    }
    stock.extend([
        literal("I owe you 500"),
        literal(""),
        packet(Tag::Marker, b"PGP"),
        packet(Tag::Padding, &[0; 8]),
        packet(Tag::from(50), b"x"),
        packet(Tag::UserId, b"Ann <ann@example.org>"),
    ]);
    stock
}

fn check(content: &[u8], ann: &SecretCertificate) {
    let certificate = ann.certificate();
    let message = container_with(content, ann);
    if let Ok(opened) = open(&message, &[ann], &[&certificate])
        && opened
            .signatures
            .iter()
            .any(|verdict| matches!(verdict, SignatureVerdict::Good { .. }))
    {
        assert!(HONEST.contains(&opened.plaintext.as_slice()));
        assert!(is_good(&opened.signature, ann));
    }
    let limits = Limits::default();
    let verifiers = [&certificate];
    let inline = verify_inline(&NativeEngine, content, &verifiers, &limits, NOW);
    if let Ok(read) = block_on(inline)
        && matches!(read.signature(), SignatureVerdict::Good { .. })
    {
        assert!(HONEST.contains(&read.data.as_slice()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn what_is_shown_is_what_was_verified(picks in vec(any::<prop::sample::Index>(), 0..7)) {
        let ann = key(Profile::Modern, "Ann");
        let stock = stock(&ann);
        let content: Vec<u8> = picks.iter().flat_map(|pick| pick.get(&stock).clone()).collect();
        check(&content, &ann);
    }

    #[test]
    fn what_is_shown_is_what_was_verified_when_bytes_change(
        first in 0usize..2,
        place in any::<prop::sample::Index>(),
        value: u8,
        cut: bool,
    ) {
        let ann = key(Profile::Modern, "Ann");
        let mut content = pieces(&ann)[first].concat();
        let place = place.index(content.len());
        content[place] = value;
        if cut {
            content.truncate(place);
        }
        check(&content, &ann);
    }
}

#[test]
fn an_honest_signature_can_be_good() {
    // Else the properties above would hold for a reader that refuses everything.
    let ann = key(Profile::Modern, "Ann");
    for (index, parts) in pieces(&ann).iter().enumerate() {
        let message = container_with(&parts.concat(), &ann);
        let opened = open(&message, &[&ann], &[&ann.certificate()]).unwrap();
        assert_eq!(opened.plaintext.as_slice(), HONEST[index]);
        assert!(is_good(&opened.signature, &ann));
    }
}

#[test]
fn a_thousand_signatures_are_too_many() {
    let ann = key(Profile::Modern, "Ann");
    let [ops, text, signature] = &pieces(&ann)[0];
    let Packet::OnePassSignature(mut nested) = packets(ops)[0].clone() else {
        panic!("not a one-pass signature");
    };
    nested.set_is_nested();
    let nested = joined(&[Packet::OnePassSignature(nested)]).repeat(999);
    let content = [&nested[..], ops, text, &signature.repeat(1000)].concat();
    assert!(matches!(
        open(&container_with(&content, &ann), &[&ann], &[]),
        Err(DecryptError::LimitExceeded(_))
    ));
    let many = block_on(verify_detached(
        &NativeEngine,
        HONEST[0],
        &signature.repeat(1000),
        &[],
        NOW,
    ));
    assert_eq!(many, Err(VerifyError::TooMany));
}

#[test]
fn a_signature_beside_its_text_takes_nothing_else_along() {
    let ann = key(Profile::Modern, "Ann");
    let certificate = ann.certificate();
    let [ops, text, signature] = &pieces(&ann)[0];
    let judge = |data: &[u8], bytes: &[u8]| {
        block_on(verify_detached(
            &NativeEngine,
            data,
            bytes,
            &[&certificate],
            NOW,
        ))
    };
    let good = judge(HONEST[0], signature).unwrap();
    assert!(is_good(&good[0], &ann));
    assert_eq!(
        judge(HONEST[1], signature).unwrap(),
        [SignatureVerdict::Bad(BadSignature::Mismatch)]
    );
    // A whole signed message is not a signature over something else.
    for bytes in [
        [&ops[..], text, signature].concat(),
        [&signature[..], text].concat(),
        [&text[..], signature].concat(),
        [&signature[..], ops].concat(),
    ] {
        assert!(matches!(
            judge(HONEST[0], &bytes),
            Err(VerifyError::Malformed(_))
        ));
    }
}

#[test]
fn a_signature_of_another_kind_is_none_over_a_text() {
    // A certification of a User ID, a binding, a revocation: made by Ann's key, over no text.
    let ann = key(Profile::Compatible, "Ann");
    let certificate = ann.certificate();
    let text = literal("I owe you 500");
    let mut kinds = 0;
    for one in packets(&certificate.to_bytes()) {
        let Packet::Signature(signature) = one else {
            continue;
        };
        kinds += 1;
        let bytes = joined(&[Packet::Signature(signature.clone())]);
        let beside = block_on(verify_detached(
            &NativeEngine,
            b"I owe you 500",
            &bytes,
            &[&certificate],
            NOW,
        ))
        .unwrap();
        assert!(matches!(beside[0], SignatureVerdict::Bad(_)), "{beside:?}");
        let config = signature.config().unwrap();
        let secret = super::forge::in_rpgp(&ann);
        let announced = OnePassSignature::v3(
            config.typ,
            config.hash_alg,
            config.pub_alg,
            pgp::types::KeyDetails::legacy_key_id(&secret.primary_key),
        );
        let mut content = Vec::new();
        announced.to_writer_with_header(&mut content).unwrap();
        content.extend_from_slice(&text);
        content.extend_from_slice(&bytes);
        let opened = open(&container_with(&content, &ann), &[&ann], &[&certificate]).unwrap();
        assert!(matches!(opened.signature, SignatureVerdict::Bad(_)));
    }
    assert!(kinds >= 2);
}
