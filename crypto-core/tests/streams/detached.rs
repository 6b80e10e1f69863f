//! Detached signatures over streams, and batches of them.

use crypto_core::{
    bulk::NativeEngine,
    openpgp::{
        BadSignature, DetachedPair, Profile, SignatureVerdict, StreamSigner, StreamVerifier,
        check_certificates, sign_detached, verify_detached, verify_many,
    },
};
use futures::executor::block_on;

use crate::common::{NOW, bytes, key, rng};

#[test]
fn streams_sign_and_verify_as_buffers_do() {
    for profile in [Profile::Compatible, Profile::Modern] {
        let key = key(profile);
        let certificate = key.certificate();
        for length in [0, 1, 100_000] {
            let data = bytes(length);
            let mut signer = StreamSigner::start(&mut rng(1), &key, NOW, true).unwrap();
            for piece in data.chunks(777) {
                signer.push(piece);
            }
            assert_eq!(signer.bytes_in(), length as u64);
            let signature = signer.finish().unwrap();
            let verdicts = block_on(verify_detached(
                &NativeEngine,
                &data,
                &signature,
                &[&certificate],
                NOW,
            ));
            let verdicts = verdicts.unwrap();
            assert!(matches!(verdicts[..], [SignatureVerdict::Good { .. }]));

            let whole = block_on(sign_detached(
                &NativeEngine,
                &mut rng(2),
                &data,
                &key,
                NOW,
                false,
            ));
            let mut verifier = StreamVerifier::start(&whole.unwrap(), &[&certificate]).unwrap();
            for piece in data.chunks(1000) {
                verifier.push(piece);
            }
            assert_eq!(verifier.finish(NOW), verdicts);

            let mut verifier = StreamVerifier::start(&signature, &[&certificate]).unwrap();
            verifier.push(&data);
            verifier.push(b"x");
            let changed = SignatureVerdict::Bad(BadSignature::Mismatch);
            assert_eq!(verifier.finish(NOW), [changed]);

            let mut verifier = StreamVerifier::start(&signature, &[]).unwrap();
            verifier.push(&data);
            let verdicts = verifier.finish(NOW);
            assert!(matches!(
                verdicts[..],
                [SignatureVerdict::UnknownSigner { .. }]
            ));
        }
    }
    assert!(StreamVerifier::start(b"hello", &[]).is_err());
}

#[test]
fn batches_answer_one_by_one() {
    let key = key(Profile::Modern);
    let certificate = key.certificate();
    let texts: Vec<Vec<u8>> = (1..30).map(bytes).collect();
    let sign = |text: &[u8]| {
        block_on(sign_detached(
            &NativeEngine,
            &mut rng(1),
            text,
            &key,
            NOW,
            true,
        ))
        .unwrap()
    };
    let signatures: Vec<Vec<u8>> = texts.iter().map(|text| sign(text)).collect();
    let mut pairs: Vec<DetachedPair<'_>> = texts
        .iter()
        .zip(&signatures)
        .map(|(data, signature)| DetachedPair { data, signature })
        .collect();
    pairs[4].data = b"other";
    pairs[5].signature = b"none";
    let verdicts = block_on(verify_many(&NativeEngine, &pairs, &[&certificate], NOW));
    assert_eq!(verdicts.len(), 29);
    for (index, verdict) in verdicts.iter().enumerate() {
        match index {
            4 => assert_eq!(
                verdict.as_ref().unwrap()[..],
                [SignatureVerdict::Bad(BadSignature::Mismatch)]
            ),
            5 => assert!(verdict.is_err()),
            _ => assert!(matches!(
                verdict.as_ref().unwrap()[..],
                [SignatureVerdict::Good { .. }]
            )),
        }
    }
    let binary = certificate.to_bytes();
    let armored = certificate.to_armor();
    let secret = key.to_bytes();
    let reports = check_certificates(&[&binary, armored.as_bytes(), &secret, b"x"], NOW);
    let [Ok(one), Ok(other), Err(_), Err(_)] = &reports[..] else {
        panic!("{reports:?}");
    };
    assert_eq!(one.certificate, certificate);
    assert_eq!(one.status, certificate.status(NOW));
    assert!(other.encryption.as_ref().unwrap().seipd_v2);
}
