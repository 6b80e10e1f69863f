//! Messages to all kinds of recipients come back, with the verdict they deserve.

use crypto_core::{
    bulk::{AeadMode, Cipher, NativeEngine},
    ids::UnixTime,
    openpgp::{
        CertificateProblem, CertificateStatus, DecryptError, DecryptRequest, EncryptError,
        EncryptRequest, Limits, Profile, ProtectionMode, SignatureVerdict, decrypt, encrypt,
    },
};
use futures::executor::block_on;

use super::common::{DAY, NOW, PROFILES, is_good, key, open, passphrase, rng, seal};

const CHUNK: usize = 256 << 10;

#[test]
fn every_profile_writes_to_every_profile() {
    for from in PROFILES {
        for to in PROFILES {
            let (writer, reader) = (key(from, "Ann"), key(to, "Bob"));
            let (ann, bob) = (writer.certificate(), reader.certificate());
            let message = seal(b"hello", &[&bob, &ann], Some(&writer));
            for at in [&reader, &writer] {
                let opened = open(&message, &[at], &[&ann]).unwrap();
                assert_eq!(opened.plaintext.as_slice(), b"hello");
                assert!(
                    is_good(&opened.signature, &writer),
                    "{:?}",
                    opened.signature
                );
                assert_eq!(opened.recipient, Some(at.fingerprint()));
                let compatible = [from, to].contains(&Profile::Compatible);
                let mode = if compatible {
                    ProtectionMode::Mdc
                } else {
                    ProtectionMode::Aead {
                        mode: AeadMode::Gcm,
                        chunk_len: CHUNK,
                    }
                };
                let cipher = Cipher::Aes256;
                assert_eq!(opened.protection.mode, mode);
                assert_eq!(opened.protection.cipher, cipher);
            }
        }
    }
}

#[test]
fn sizes_around_blocks_and_chunks_come_back() {
    // With the literal packet's header the content is 12 bytes longer than the text.
    let edges = [
        0,
        1,
        15,
        16,
        17,
        4096,
        CHUNK - 13,
        CHUNK - 12,
        CHUNK - 11,
        2 * CHUNK + 5,
    ];
    for profile in [Profile::Compatible, Profile::Modern] {
        let me = key(profile, "Ann");
        let certificate = me.certificate();
        for size in edges {
            let text: Vec<u8> = (0..size).map(|i| (i % 251) as u8).collect();
            let opened = open(&seal(&text, &[&certificate], None), &[&me], &[]).unwrap();
            assert_eq!(opened.plaintext.as_slice(), text, "{size}");
            assert_eq!(opened.signature, SignatureVerdict::Unsigned);
        }
    }
}

#[test]
fn armor_comes_back() {
    let me = key(Profile::Modern, "Ann");
    let certificate = me.certificate();
    let message = block_on(encrypt(
        &NativeEngine,
        &mut rng(1),
        b"hello",
        &EncryptRequest {
            recipients: &[&certificate],
            passwords: &[],
            signer: None,
            now: NOW,
            armor: true,
        },
    ))
    .unwrap();
    assert!(message.starts_with(b"-----BEGIN PGP MESSAGE-----\n"));
    let opened = open(&message, &[&me], &[]).unwrap();
    assert_eq!(opened.plaintext.as_slice(), b"hello");
}

#[test]
fn passwords_open_what_keys_open() {
    let (right, wrong) = (passphrase("over the wall"), passphrase("over the hill"));
    for profile in [None, Some(Profile::Compatible), Some(Profile::Modern)] {
        let me = profile.map(|profile| key(profile, "Ann"));
        let certificate = me.as_ref().map(|me| me.certificate());
        let message = block_on(encrypt(
            &NativeEngine,
            &mut rng(2),
            b"hello",
            &EncryptRequest {
                recipients: &certificate.iter().collect::<Vec<_>>(),
                passwords: &[&right],
                signer: None,
                now: NOW,
                armor: false,
            },
        ))
        .unwrap();
        let try_with = |password| {
            block_on(decrypt(
                &NativeEngine,
                &message,
                &DecryptRequest {
                    keys: &[],
                    passwords: &[password],
                    verifiers: &[],
                    limits: &Limits::default(),
                    now: NOW,
                },
            ))
        };
        let opened = try_with(&right).unwrap();
        assert_eq!(opened.plaintext.as_slice(), b"hello");
        assert_eq!(opened.recipient, None);
        assert_eq!(try_with(&wrong).unwrap_err(), DecryptError::WrongPassword);
        if let Some(me) = &me {
            assert!(open(&message, &[me], &[]).is_ok());
        }
    }
}

#[test]
fn others_cannot_read_it_and_are_told_whose_it_is() {
    let (ann, eve) = (key(Profile::Modern, "Ann"), key(Profile::Modern, "Eve"));
    let message = seal(b"hello", &[&ann.certificate()], None);
    let Err(DecryptError::NotForUs {
        recipients,
        password,
    }) = open(&message, &[&eve], &[])
    else {
        panic!("Eve should not be able to read it");
    };
    assert_eq!(recipients.len(), 1);
    assert!(!password);
}

#[test]
fn signers_that_are_not_known_are_named() {
    let (ann, bob) = (key(Profile::Modern, "Ann"), key(Profile::Compatible, "Bob"));
    for signer in [&ann, &bob] {
        let message = seal(b"hello", &[&ann.certificate()], Some(signer));
        let opened = open(&message, &[&ann], &[]).unwrap();
        let issuer = signer.fingerprint().as_hex().to_owned();
        assert_eq!(opened.signature, SignatureVerdict::UnknownSigner { issuer });
    }
}

#[test]
fn recipients_that_cannot_be_used_are_all_named() {
    let (ann, bob) = (key(Profile::Modern, "Ann"), key(Profile::Compatible, "Bob"));
    let (ann, bob) = (ann.certificate(), bob.certificate());
    let long_ago = UnixTime(NOW.0 - 10 * DAY);
    let refused = block_on(encrypt(
        &NativeEngine,
        &mut rng(3),
        b"hello",
        &EncryptRequest {
            recipients: &[&ann, &bob],
            passwords: &[],
            signer: None,
            now: long_ago,
            armor: false,
        },
    ));
    let Err(EncryptError::Recipients(problems)) = refused else {
        panic!("{refused:?}");
    };
    let named: Vec<_> = problems.iter().map(|one| one.fingerprint.clone()).collect();
    assert_eq!(named, [ann.fingerprint(), bob.fingerprint()]);
    let begins = CertificateStatus::NotYetValid(UnixTime(NOW.0 - DAY));
    assert_eq!(problems[0].problem, CertificateProblem::NotInForce(begins));
}

#[test]
fn with_the_native_engine_work_may_move_between_threads() {
    fn is_send(_: &impl Send) {}
    let me = key(Profile::Modern, "Ann");
    let certificate = me.certificate();
    let recipients = [&certificate];
    let mut rng = rng(1);
    let request = EncryptRequest {
        recipients: &recipients,
        passwords: &[],
        signer: Some(&me),
        now: NOW,
        armor: false,
    };
    let writing = encrypt(&NativeEngine, &mut rng, b"hello", &request);
    is_send(&writing);
    let message = block_on(writing).unwrap();
    let keys = [&me];
    let request = DecryptRequest {
        keys: &keys,
        passwords: &[],
        verifiers: &recipients,
        limits: &Limits::default(),
        now: NOW,
    };
    is_send(&decrypt(&NativeEngine, &message, &request));
}

#[test]
fn a_message_without_recipients_is_not_written() {
    let refused = block_on(encrypt(
        &NativeEngine,
        &mut rng(3),
        b"hello",
        &EncryptRequest {
            recipients: &[],
            passwords: &[],
            signer: None,
            now: NOW,
            armor: false,
        },
    ));
    assert_eq!(refused, Err(EncryptError::NoRecipient));
}

#[test]
fn a_signed_message_that_was_passed_on_is_noticed() {
    // Bob reads what Ann signed for him and encrypts her signed packets anew, to Carol.
    let (ann, bob) = (key(Profile::Modern, "Ann"), key(Profile::Modern, "Bob"));
    let carol = key(Profile::Modern, "Carol");
    let message = seal(b"you are fired", &[&bob.certificate()], Some(&ann));
    let signed = super::forge::content_of(&message, &bob);
    let passed_on = super::forge::container_with(&signed, &carol);
    let opened = open(&passed_on, &[&carol], &[&ann.certificate()]).unwrap();
    assert_eq!(
        opened.signature,
        SignatureVerdict::Bad(crypto_core::openpgp::BadSignature::ForSomebodyElse)
    );
}
