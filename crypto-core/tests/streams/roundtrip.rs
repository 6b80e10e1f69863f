//! Streams and whole buffers read what the other wrote.

use crypto_core::{
    bulk::NativeEngine,
    openpgp::{
        DecryptError, EncryptRequest, Limits, Profile, ProtectionMode, SignatureVerdict, decrypt,
        decrypt_many, encrypt,
    },
    secret::Passphrase,
};
use futures::executor::block_on;

use crate::common::{CHUNK, NOW, bytes, key, open_once, open_twice, rng, seal, to, with};

const SIZES: [usize; 9] = [
    0,
    1,
    1000,
    (64 << 10) - 6,
    64 << 10,
    CHUNK - 100,
    CHUNK,
    3 * CHUNK + 1,
    (1 << 20) + 77_777,
];

#[test]
fn what_a_stream_writes_comes_back() {
    for profile in [Profile::Compatible, Profile::Modern] {
        let key = key(profile);
        let certificate = key.certificate();
        let limits = Limits::for_streams();
        for (index, length) in SIZES.into_iter().enumerate() {
            let plaintext = bytes(length);
            let armor = index % 2 == 0;
            let recipients = [&certificate];
            let sealing = EncryptRequest {
                signer: Some(&key),
                ..to(&recipients, armor)
            };
            let sealed = seal(&plaintext, 50_000, &sealing);
            let keys = [&key];
            let reading = with(&keys, &recipients, &limits);
            let whole = block_on(decrypt(&NativeEngine, &sealed, &reading)).unwrap();
            assert!(whole.plaintext.as_slice() == plaintext, "{length}");
            assert!(matches!(whole.signature, SignatureVerdict::Good { .. }));
            for size in [33_333, usize::MAX / 2] {
                let (released, opened) = open_twice(&sealed, &sealed, size, &reading);
                let opened = opened.unwrap();
                assert!(released == plaintext, "{length}");
                assert_eq!(opened.length, length as u64);
                assert_eq!(opened.signature, whole.signature);
                assert_eq!(opened.signatures, whole.signatures);
                assert_eq!(opened.recipient, Some(certificate.fingerprint()));
                assert_eq!(opened.protection, whole.protection);
                let once = open_once(&sealed, size, &reading);
                if matches!(whole.protection.mode, ProtectionMode::Mdc) {
                    assert_eq!(once.1.unwrap_err(), DecryptError::NeedsTwoPasses);
                    assert!(once.0.is_empty());
                } else {
                    assert!(once.0 == plaintext);
                    assert_eq!(once.1.unwrap().signature, whole.signature);
                }
            }
        }
    }
}

#[test]
fn a_stream_reads_whole_messages() {
    for profile in [Profile::Compatible, Profile::Modern] {
        let key = key(profile);
        let certificate = key.certificate();
        let recipients = [&certificate];
        let limits = Limits::default();
        let keys = [&key];
        let reading = with(&keys, &recipients, &limits);
        for length in SIZES {
            let plaintext = bytes(length);
            let sealing = EncryptRequest {
                signer: Some(&key),
                ..to(&recipients, length % 2 == 0)
            };
            let sealed = block_on(encrypt(&NativeEngine, &mut rng(1), &plaintext, &sealing));
            let sealed = sealed.unwrap();
            let (released, opened) = open_twice(&sealed, &sealed, 70_001, &reading);
            assert!(released == plaintext, "{length}");
            let opened = opened.unwrap();
            assert!(matches!(opened.signature, SignatureVerdict::Good { .. }));
        }
    }
}

#[test]
fn one_byte_at_a_time_is_enough() {
    for profile in [Profile::Compatible, Profile::Modern] {
        let key = key(profile);
        let certificate = key.certificate();
        let recipients = [&certificate];
        let limits = Limits::default();
        let keys = [&key];
        let reading = with(&keys, &recipients, &limits);
        for armor in [true, false] {
            // Over the border of a chunk once.
            let large = profile == Profile::Modern && !armor;
            let plaintext = bytes(if large { CHUNK + 100 } else { 5000 });
            let sealed = seal(&plaintext, 1, &to(&recipients, armor));
            assert!(sealed == seal(&plaintext, 99_999, &to(&recipients, armor)));
            let (released, opened) = open_twice(&sealed, &sealed, 1, &reading);
            assert_eq!(opened.unwrap().signature, SignatureVerdict::Unsigned);
            assert!(released == plaintext);
        }
    }
}

#[test]
fn passwords_open_streams_and_wrong_ones_do_not() {
    let [right, wrong] = ["right", "wrong"].map(|text| Passphrase::new(text.to_owned()));
    let limits = Limits::default();
    let plaintext = bytes(100_000);
    let sealing = EncryptRequest {
        passwords: &[&right],
        ..to(&[], true)
    };
    let sealed = seal(&plaintext, 10_000, &sealing);
    let passwords = [&wrong, &right];
    let reading = crypto_core::openpgp::DecryptRequest {
        passwords: &passwords,
        ..with(&[], &[], &limits)
    };
    let (released, opened) = open_twice(&sealed, &sealed, 5000, &reading);
    assert_eq!(opened.unwrap().recipient, None);
    assert!(released == plaintext);
    let reading = crypto_core::openpgp::DecryptRequest {
        passwords: &[&wrong],
        ..reading
    };
    let (released, opened) = open_twice(&sealed, &sealed, 5000, &reading);
    assert!(opened.is_err());
    assert!(released.is_empty());
}

#[test]
fn many_messages_open_in_one_call() {
    let key = key(Profile::Modern);
    let certificate = key.certificate();
    let recipients = [&certificate];
    let limits = Limits::default();
    let keys = [&key];
    let mut messages: Vec<Vec<u8>> = (0..20)
        .map(|i| seal(&bytes(i * 100), 1000, &to(&recipients, true)))
        .collect();
    messages[3] = b"nothing".to_vec();
    let borrowed: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
    let reading = with(&keys, &recipients, &limits);
    let opened = block_on(decrypt_many(&NativeEngine, &borrowed, &reading));
    assert_eq!(opened.len(), 20);
    for (index, one) in opened.iter().enumerate() {
        match one {
            Ok(one) => assert_eq!(one.plaintext.as_slice(), bytes(index * 100)),
            Err(error) => {
                assert_eq!(index, 3);
                assert!(matches!(error, DecryptError::Malformed(_)));
            }
        }
    }
    assert!(opened[3].is_err());
    assert_eq!(reading.now, NOW);
}
