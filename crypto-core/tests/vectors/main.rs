//! The samples of RFC 9580, appendix A, and of RFC 9980, as they
//! stand there; and keys and messages of our own that must open for ever.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test reports a failed expectation by panicking"
)]

use crypto_core::{
    bulk::{AeadMode, Cipher, NativeEngine},
    ids::UnixTime,
    openpgp::{
        BadSignature, Certificate, CertificateStatus, DecryptError, DecryptRequest, EncryptRequest,
        ExceededLimit, Limits, Opened, Profile, ProtectionMode, SecretCertificate,
        SignatureVerdict, UserId, decrypt, encrypt, generate, verify_cleartext, verify_detached,
        verify_inline,
    },
    secret::Passphrase,
};
use futures::executor::block_on;
use rand_chacha::rand_core::SeedableRng;

macro_rules! sample {
    ($name:literal) => {
        include_str!(concat!($name, ".asc"))
    };
}

/// A day after the samples were signed.
const NOW: UnixTime = UnixTime(1_671_034_083);
const SIGNED: UnixTime = UnixTime(1_670_947_683);
const FINGERPRINT: &str = "CB186C4F0609A697E4D52DFA6C722B0C1F1E27C18A56708F6525EC27BAD9ACC9";
const GROCERIES: &str = "What we need from the grocery store:\n\n- tofu\n- vegetables\n- noodles\n";

fn certificate() -> Certificate {
    Certificate::parse(sample!("rfc9580/a3-certificate").as_bytes()).unwrap()
}

fn open(
    message: &str,
    keys: &[&SecretCertificate],
    password: &str,
    limits: &Limits,
) -> Result<Opened, DecryptError> {
    let password = Passphrase::new(password.to_owned());
    let request = DecryptRequest {
        keys,
        passwords: &[&password],
        verifiers: &[],
        limits,
        now: NOW,
    };
    block_on(decrypt(&NativeEngine, message.as_bytes(), &request))
}

/// All encrypted samples are in small chunks with AES-128.
fn check_protection(opened: &Opened, mode: AeadMode) {
    let chunk_len = 4096;
    assert_eq!(
        opened.protection.mode,
        ProtectionMode::Aead { mode, chunk_len }
    );
    assert_eq!(opened.protection.cipher, Cipher::Aes128);
}

/// A.1 and A.2 are printed as bytes: a bare key, and a signature by it over "OpenPGP".
const A1_KEY: &[u8] = b"\x98\x33\x04\x53\xf3\x5f\x0b\x16\x09\x2b\x06\x01\x04\x01\xda\x47\x0f\x01\x01\x07\
    \x40\x3f\x09\x89\x94\xbd\xd9\x16\xed\x40\x53\x19\x79\x34\xe4\xa8\x7c\x80\x73\x3a\x12\x80\xd6\x2f\x80\
    \x10\x99\x2e\x43\xee\x3b\x24\x06";
const A2_SIGNATURE: &[u8] = b"\x88\x5e\x04\x00\x16\x08\x00\x06\x05\x02\x55\xf9\x5f\x95\x00\x0a\x09\x10\x8c\
    \xfd\xe1\x21\x97\x96\x5a\x9a\xf6\x22\x01\x00\x56\xf9\x0c\xca\x98\xe2\x10\x26\x37\xbd\x98\x3f\xdb\
    \x16\xc1\x31\xdf\xd2\x7e\xd8\x2b\xf4\xdd\xe5\x60\x6e\x0d\x75\x6a\xed\x33\x66\x01\x00\xd0\x9c\x4f\
    \xa1\x15\x27\xf0\x38\xe0\xf5\x7f\x22\x01\xd8\x2f\x2e\xa2\xc9\x03\x32\x65\xfa\x6c\xeb\x48\x9e\x85\
    \x4b\xae\x61\xb4\x04";

#[test]
fn a1_and_a2_version_4() {
    let key = Certificate::parse(A1_KEY).unwrap();
    assert_eq!(
        key.fingerprint().as_hex(),
        "C959BDBAFA32A2F89A153B678CFDE12197965A9A"
    );
    // 2014-08-19 14:28:27
    assert_eq!(key.created(), UnixTime(1_408_458_507));
    let judge = |text: &[u8]| {
        block_on(verify_detached(
            &NativeEngine,
            text,
            A2_SIGNATURE,
            &[&key],
            NOW,
        ))
        .unwrap()
    };
    // The signature is right. That nothing binds the bare key is another matter, and said.
    let unbound = SignatureVerdict::Bad(BadSignature::KeyNotInForce);
    assert_eq!(judge(b"OpenPGP"), [unbound]);
    let mismatch = SignatureVerdict::Bad(BadSignature::Mismatch);
    assert_eq!(judge(b"OpenPgp"), [mismatch]);
}

#[test]
fn a3_certificate() {
    let certificate = certificate();
    assert_eq!(certificate.fingerprint().as_hex(), FINGERPRINT);
    assert_eq!(certificate.status(NOW), CertificateStatus::Usable);
    let features = certificate.check_encryption(NOW).unwrap();
    assert!(features.seipd_v2);
}

#[test]
fn a4_secret_key() {
    let key = SecretCertificate::parse(sample!("rfc9580/a4-secret-key").as_bytes()).unwrap();
    assert!(!key.is_locked());
    assert_eq!(key.certificate(), certificate());
}

#[test]
fn a5_locked_secret_key() {
    let key = SecretCertificate::parse(sample!("rfc9580/a5-locked-secret-key").as_bytes()).unwrap();
    assert!(key.is_locked());
    assert_eq!(key.certificate(), certificate());
    let passphrase = Passphrase::new("correct horse battery staple".to_owned());
    // Its Argon2 wants 2 GiB, which only a native program can be asked for.
    let refused = key.unlock(&passphrase, &Limits::default());
    assert_eq!(
        refused.unwrap_err(),
        crypto_core::openpgp::UnlockError::LimitExceeded
    );
}

#[test]
fn a6_cleartext() {
    let ours = certificate();
    let read = block_on(verify_cleartext(
        &NativeEngine,
        sample!("rfc9580/a6-cleartext"),
        &[&ours],
        NOW,
    ))
    .unwrap();
    assert_eq!(read.text, GROCERIES);
    let expected = SignatureVerdict::Good {
        signer: ours.fingerprint(),
        at: SIGNED,
    };
    assert_eq!(read.signatures, [expected]);
}

#[test]
fn a7_inline_signed() {
    let ours = certificate();
    let message = sample!("rfc9580/a7-inline-signed").as_bytes();
    let limits = Limits::default();
    let read = block_on(verify_inline(
        &NativeEngine,
        message,
        &[&ours],
        &limits,
        NOW,
    ))
    .unwrap();
    assert_eq!(read.data, GROCERIES.as_bytes());
    let expected = SignatureVerdict::Good {
        signer: ours.fingerprint(),
        at: SIGNED,
    };
    assert_eq!(read.signatures, [expected]);
    // It is no encrypted message.
    let refused = open(sample!("rfc9580/a7-inline-signed"), &[], "", &limits);
    assert_eq!(refused.unwrap_err(), DecryptError::NotEncrypted);
}

#[test]
fn a8_x25519_ocb() {
    let key = SecretCertificate::parse(sample!("rfc9580/a4-secret-key").as_bytes()).unwrap();
    let opened = open(
        sample!("rfc9580/a8-x25519-ocb"),
        &[&key],
        "",
        &Limits::default(),
    )
    .unwrap();
    assert_eq!(opened.plaintext.as_slice(), b"Hello, world!");
    check_protection(&opened, AeadMode::Ocb);
    assert_eq!(opened.recipient, Some(key.fingerprint()));
}

#[test]
fn a9_to_a11_passwords() {
    for (message, mode) in [
        (sample!("rfc9580/a9-eax"), AeadMode::Eax),
        (sample!("rfc9580/a10-ocb"), AeadMode::Ocb),
        (sample!("rfc9580/a11-gcm"), AeadMode::Gcm),
    ] {
        let opened = open(message, &[], "password", &Limits::default()).unwrap();
        assert_eq!(opened.plaintext.as_slice(), b"Hello, world!");
        check_protection(&opened, mode);
    }
}

#[test]
fn a12_argon2() {
    // 2 GiB of memory are more than allowed by default.
    let refused = open(
        sample!("rfc9580/a12-argon2"),
        &[],
        "password",
        &Limits::default(),
    );
    let expected = DecryptError::LimitExceeded(ExceededLimit::PasswordDerivation);
    assert_eq!(refused.unwrap_err(), expected);
}

#[test]
fn post_quantum_samples() {
    // Version 6, and version 4 in both kinds of containers.
    for (key, message) in [
        (
            sample!("rfc9980/v6-eddsa-sample-sk"),
            sample!("rfc9980/v6-eddsa-sample-message"),
        ),
        (
            sample!("rfc9980/v4-eddsa-sample-sk"),
            sample!("rfc9980/v4-eddsa-sample-message-v1"),
        ),
        (
            sample!("rfc9980/v4-eddsa-sample-sk"),
            sample!("rfc9980/v4-eddsa-sample-message-v2"),
        ),
    ] {
        let key = SecretCertificate::parse(key.as_bytes()).unwrap();
        let certificate = key.certificate();
        let request = DecryptRequest {
            keys: &[&key],
            passwords: &[],
            verifiers: &[&certificate],
            limits: &Limits::default(),
            // They are dated later than those of RFC 9580.
            now: UnixTime(1_790_000_000),
        };
        let opened = block_on(decrypt(&NativeEngine, message.as_bytes(), &request)).unwrap();
        assert_eq!(opened.plaintext.as_slice(), b"Testing\n");
        let good = matches!(opened.signature, SignatureVerdict::Good { .. });
        assert!(good, "{:?}", opened.signature);
        let features = certificate.check_encryption(request.now).unwrap();
        assert!(features.post_quantum);
    }
}

/// Keys that sign with ML-DSA and SLH-DSA, which we never make: they are read, used and believed.
#[test]
fn post_quantum_signatures() {
    for (key, message, signature) in [
        (
            sample!("rfc9980/v6-mldsa-65-sample-sk"),
            sample!("rfc9980/v6-mldsa-65-sample-message"),
            sample!("rfc9980/v6-mldsa-65-sample-signature"),
        ),
        (
            sample!("rfc9980/v6-mldsa-87-sample-sk"),
            sample!("rfc9980/v6-mldsa-87-sample-message"),
            sample!("rfc9980/v6-mldsa-87-sample-signature"),
        ),
        (
            sample!("rfc9980/v6-slhdsa-128s-sample-sk"),
            sample!("rfc9980/v6-slhdsa-128s-sample-message"),
            sample!("rfc9980/v6-slhdsa-128s-sample-signature"),
        ),
    ] {
        let key = SecretCertificate::parse(key.as_bytes()).unwrap();
        let certificate = key.certificate();
        let now = UnixTime(1_790_000_000);
        assert_eq!(certificate.status(now), CertificateStatus::Usable);
        let verdicts = block_on(verify_detached(
            &NativeEngine,
            b"Testing\n",
            signature.as_bytes(),
            &[&certificate],
            now,
        ))
        .unwrap();
        assert!(
            matches!(verdicts[..], [SignatureVerdict::Good { .. }]),
            "{verdicts:?}"
        );
        let request = DecryptRequest {
            keys: &[&key],
            passwords: &[],
            verifiers: &[&certificate],
            limits: &Limits::default(),
            now,
        };
        let opened = block_on(decrypt(&NativeEngine, message.as_bytes(), &request)).unwrap();
        assert_eq!(opened.plaintext.as_slice(), b"Testing\n");
        let good = matches!(opened.signature, SignatureVerdict::Good { .. });
        assert!(good, "{:?}", opened.signature);
    }
}

#[test]
fn our_own_of_all_versions() {
    for (key, message) in [
        // With a second encryption key that withstands quantum computers.
        (
            sample!("letterlock/compatible-2-key"),
            sample!("letterlock/compatible-2-message"),
        ),
        (
            sample!("letterlock/compatible-key"),
            sample!("letterlock/compatible-message"),
        ),
        (
            sample!("letterlock/modern-key"),
            sample!("letterlock/modern-message"),
        ),
        (
            sample!("letterlock/post-quantum-key"),
            sample!("letterlock/post-quantum-message"),
        ),
    ] {
        let locked = SecretCertificate::parse(key.as_bytes()).unwrap();
        let passphrase = Passphrase::new("for ever".to_owned());
        let key = locked.unlock(&passphrase, &Limits::default()).unwrap();
        let certificate = key.certificate();
        let request = DecryptRequest {
            keys: &[&key],
            passwords: &[],
            verifiers: &[&certificate],
            limits: &Limits::default(),
            now: UnixTime(1_790_000_000),
        };
        let opened = block_on(decrypt(&NativeEngine, message.as_bytes(), &request)).unwrap();
        assert_eq!(opened.plaintext.as_slice(), b"must open for ever\n");
        let good = matches!(opened.signature, SignatureVerdict::Good { .. });
        assert!(good, "{:?}", opened.signature);
    }
}

/// Makes keys and messages like those in `letterlock`, as the code writes them today: run it for a
/// new version of a format, and put them *beside* the old ones, which must open for ever.
///
/// `cargo test -p crypto-core --test vectors -- --ignored --nocapture new_ones`
#[test]
#[ignore = "prints new samples; those that are there stay as they are"]
fn new_ones_for_a_new_version() {
    let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(2);
    let made = UnixTime(1_780_000_000);
    for profile in [Profile::Compatible, Profile::Modern, Profile::PostQuantum] {
        let id = [UserId::new("Letterlock", "vectors@example.org")];
        let key = generate(profile, &id, made, &mut rng).unwrap().secret;
        let passphrase = Passphrase::new("for ever".to_owned());
        println!("{}", key.export_locked(&passphrase, &mut rng).unwrap());
        let certificate = key.certificate();
        let message = block_on(encrypt(
            &NativeEngine,
            &mut rng,
            b"must open for ever\n",
            &EncryptRequest {
                recipients: &[&certificate],
                passwords: &[],
                signer: Some(&key),
                now: made,
                armor: true,
            },
        ));
        println!("{}", String::from_utf8(message.unwrap()).unwrap());
    }
}
