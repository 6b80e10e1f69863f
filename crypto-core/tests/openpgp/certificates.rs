//! Certificates and private keys: read, merged, revoked, locked, and refused when altered.

use crypto_core::{
    ids::UnixTime,
    openpgp::{
        BadSignature, Certificate, CertificateStatus, GenerateError, ImportError, Limits,
        LockError, MergeError, Profile, SecretCertificate, SignatureVerdict, UnlockError, UserId,
        generate,
    },
};
use pgp::{
    composed::{Deserializable, SignedSecretKey},
    packet::{SignatureConfig, SignatureType, Subpacket, SubpacketData},
    ser::Serialize,
    types::{Duration, KeyDetails, Password, Tag, Timestamp},
};

use super::common::{DAY, NOW, PROFILES, is_good, key, open, open_at, passphrase, rng, seal};

#[test]
fn certificates_and_keys_come_back_in_both_forms() {
    for profile in PROFILES {
        let secret = key(profile, "Ann");
        let certificate = secret.certificate();
        let binary = Certificate::parse(&certificate.to_bytes()).unwrap();
        let armored = Certificate::parse(certificate.to_armor().as_bytes()).unwrap();
        assert_eq!(binary, certificate);
        assert_eq!(armored, certificate);
        let again = SecretCertificate::parse(&secret.to_bytes()).unwrap();
        assert_eq!(again.to_bytes(), secret.to_bytes());
        assert!(!again.is_locked());
        assert_eq!(certificate.status(NOW), CertificateStatus::Usable);
        assert_eq!(
            certificate.user_ids(),
            [UserId::new("Ann", "ann@example.org")]
        );
        assert!(certificate.has_address("Ann@Example.org"));
        assert!(!certificate.has_address("ann@example.or"));
        let features = certificate.check_encryption(NOW).unwrap();
        assert_eq!(features.seipd_v2, profile != Profile::Compatible);
        assert_eq!(features.gcm, profile != Profile::Compatible);
        assert_eq!(features.post_quantum, profile != Profile::Modern);
    }
}

#[test]
fn private_keys_are_never_taken_for_certificates() {
    let secret = key(Profile::Modern, "Ann");
    let locked = secret.export_locked(&passphrase("x"), &mut rng(1)).unwrap();
    let refused = Err(ImportError::SecretKeyGiven);
    assert_eq!(Certificate::parse(&secret.to_bytes()), refused);
    assert_eq!(Certificate::parse(locked.as_bytes()), refused);
    // A certificate in front does not hide it.
    let both = [&secret.certificate().to_bytes()[..], &secret.to_bytes()].concat();
    assert_eq!(Certificate::parse(&both), refused);
    assert_eq!(
        Certificate::parse_many(&both),
        Err(ImportError::SecretKeyGiven)
    );
    // And nothing we write as public holds any.
    let text = locked.replace("PRIVATE", "PUBLIC");
    assert_eq!(
        Certificate::parse(text.as_bytes()),
        Err(ImportError::SecretKeyGiven)
    );
    let public = secret.certificate().to_bytes();
    assert_eq!(
        SecretCertificate::parse(&public).unwrap_err(),
        ImportError::PublicKeyGiven
    );
}

#[test]
fn exactly_one_certificate_means_one() {
    let ann = key(Profile::Modern, "Ann").certificate();
    let bob = key(Profile::Compatible, "Bob").certificate();
    let both = [ann.to_bytes(), bob.to_bytes()].concat();
    assert_eq!(
        Certificate::parse(&both),
        Err(ImportError::SeveralCertificates)
    );
    assert_eq!(Certificate::parse_many(&both).unwrap(), [ann.clone(), bob]);
    let bytes = ann.to_bytes();
    for length in 1..bytes.len() {
        // A cut may fall between packets; then what is left must not be more than there was.
        if let Ok(cut) = Certificate::parse(&bytes[..length]) {
            assert_ne!(cut, ann);
        }
    }
    let garbage = [&bytes[..], b"\xcb\x02ab"].concat();
    assert!(matches!(
        Certificate::parse(&garbage),
        Err(ImportError::Malformed(_))
    ));
    assert_eq!(
        Certificate::parse(&vec![0xcb; 9 << 20]),
        Err(ImportError::TooLarge)
    );
}

#[test]
fn keyrings_have_an_end() {
    let ann = key(Profile::Compatible, "Ann").certificate().to_bytes();
    let bare = &ann[..2 + usize::from(ann[1])];
    assert_eq!(
        Certificate::parse_many(&bare.repeat(1000)).unwrap().len(),
        1000
    );
    assert_eq!(
        Certificate::parse_many(&bare.repeat(2000)),
        Err(ImportError::TooLarge)
    );
    // Two self-signatures a certificate: 4096 are checked in one input.
    assert!(Certificate::parse_many(&ann.repeat(1000)).is_ok());
    let bytes = key(Profile::Modern, "Ann").certificate().to_bytes();
    let (bare, rest) = bytes.split_at(2 + usize::from(bytes[1]));
    let flood = [bare, &rest.repeat(1500)].concat();
    assert_eq!(Certificate::parse(&flood), Err(ImportError::TooLarge));
}

#[test]
fn what_the_primary_key_did_not_sign_is_left_out() {
    let ann = key(Profile::Modern, "Ann").certificate();
    let eve = key(Profile::Modern, "Eve").certificate();
    // Eve's User ID and subkey, put behind Ann's primary key.
    let tail = |certificate: &Certificate| {
        let bytes = certificate.to_bytes();
        bytes[2 + usize::from(bytes[1])..].to_vec()
    };
    let mixed = [ann.to_bytes(), tail(&eve)].concat();
    let read = Certificate::parse(&mixed).unwrap();
    assert_eq!(read.user_ids(), ann.user_ids());
    assert!(!read.has_address("eve@example.org"));
    let message = seal(b"x", &[&read], None);
    assert!(open(&message, &[&key(Profile::Modern, "Eve")], &[]).is_err());
    assert!(open(&message, &[&key(Profile::Modern, "Ann")], &[]).is_ok());
    // A bare primary key has no self-signature that could be relied upon.
    let bytes = ann.to_bytes();
    let bare = Certificate::parse(&bytes[..2 + usize::from(bytes[1])]).unwrap();
    assert!(matches!(bare.status(NOW), CertificateStatus::Unusable(_)));
}

#[test]
fn locked_keys_open_with_their_passphrase_only() {
    for profile in PROFILES {
        let secret = key(profile, "Ann");
        let exported = secret
            .export_locked(&passphrase("open sesame"), &mut rng(1))
            .unwrap();
        let locked = SecretCertificate::parse(exported.as_bytes()).unwrap();
        assert!(locked.is_locked());
        let limits = Limits::default();
        let wrong = locked.unlock(&passphrase("open barley"), &limits);
        assert_eq!(wrong.unwrap_err(), UnlockError::WrongPassphrase);
        let unlocked = locked.unlock(&passphrase("open sesame"), &limits).unwrap();
        assert_eq!(unlocked.to_bytes(), secret.to_bytes());
        // A locked key neither signs nor decrypts, and says so.
        let message = seal(b"hello", &[&secret.certificate()], None);
        let error = open(&message, &[&locked], &[]).unwrap_err();
        assert!(matches!(
            error,
            crypto_core::openpgp::DecryptError::Locked(_)
        ));
        assert_eq!(
            locked.export_locked(&passphrase("x"), &mut rng(1)),
            Err(LockError::Locked)
        );
    }
    let secret = key(Profile::Modern, "Ann");
    assert_eq!(
        secret.export_locked(&passphrase(""), &mut rng(1)),
        Err(LockError::EmptyPassphrase)
    );
}

#[test]
fn unlocking_that_costs_too_much_is_refused() {
    let secret = key(Profile::Modern, "Ann");
    let exported = secret.export_locked(&passphrase("x"), &mut rng(1)).unwrap();
    let locked = SecretCertificate::parse(exported.as_bytes()).unwrap();
    let tight = Limits {
        s2k_memory_kib: 1024,
        ..Limits::default()
    };
    let refused = locked.unlock(&passphrase("x"), &tight);
    assert_eq!(refused.unwrap_err(), UnlockError::LimitExceeded);
}

#[test]
fn altered_private_keys_are_refused() {
    for profile in PROFILES {
        let secret = key(profile, "Ann");
        let other = key(profile, "Bob");
        // The last bytes of a secret packet are the secret; another's do not fit.
        let mut ours = SignedSecretKey::from_bytes(secret.to_bytes().as_slice()).unwrap();
        let theirs = SignedSecretKey::from_bytes(other.to_bytes().as_slice()).unwrap();
        let swap = ours.secret_subkeys[0].key.public_key().clone();
        let params = theirs.secret_subkeys[0].key.secret_params().clone();
        ours.secret_subkeys[0].key = pgp::packet::SecretSubkey::new(swap, params).unwrap();
        let refused = SecretCertificate::parse(&ours.to_bytes().unwrap());
        assert_eq!(refused.unwrap_err(), ImportError::Altered, "subkey");

        let mut ours = SignedSecretKey::from_bytes(secret.to_bytes().as_slice()).unwrap();
        let swap = ours.primary_key.public_key().clone();
        let params = theirs.primary_key.secret_params().clone();
        ours.primary_key = pgp::packet::SecretKey::new(swap, params).unwrap();
        let refused = SecretCertificate::parse(&ours.to_bytes().unwrap());
        assert_eq!(refused.unwrap_err(), ImportError::Altered, "primary");

        // The same for a locked file: only unlocking can tell.
        let password = Password::from("x");
        ours.primary_key.set_password(rng(2), &password).unwrap();
        for subkey in &mut ours.secret_subkeys {
            subkey.key.set_password(rng(2), &password).unwrap();
        }
        let locked = SecretCertificate::parse(&ours.to_bytes().unwrap()).unwrap();
        let refused = locked.unlock(&passphrase("x"), &Limits::default());
        assert_eq!(refused.unwrap_err(), UnlockError::Altered);
    }
}

#[test]
fn revocations_end_a_key() {
    for profile in PROFILES {
        let ann = UserId::new("Ann", "ann@example.org");
        let made = UnixTime(NOW.0 - DAY);
        let generated = generate(profile, &[ann], made, &mut rng(3)).unwrap();
        let certificate = generated.secret.certificate();
        let revoked = certificate.revoke(generated.revocation.as_bytes()).unwrap();
        assert!(matches!(revoked.status(NOW), CertificateStatus::Revoked(_)));
        assert!(revoked.check_encryption(NOW).is_err());
        // It survives writing, and cannot be merged away.
        let again = Certificate::parse(&revoked.to_bytes()).unwrap();
        let merged = again.merge(&certificate).unwrap();
        assert!(matches!(merged.status(NOW), CertificateStatus::Revoked(_)));
        let merged = certificate.merge(&again).unwrap();
        assert!(matches!(merged.status(NOW), CertificateStatus::Revoked(_)));

        let message = seal(b"hello", &[&certificate], Some(&generated.secret));
        let opened = open(&message, &[&generated.secret], &[&revoked]).unwrap();
        let expected = SignatureVerdict::Bad(BadSignature::KeyRevoked);
        assert_eq!(opened.signature, expected);

        let other = key(profile, "Eve").certificate();
        assert_eq!(
            other.revoke(generated.revocation.as_bytes()),
            Err(MergeError::NotARevocation)
        );
        assert_eq!(other.merge(&certificate), Err(MergeError::DifferentKeys));
    }
}

#[test]
fn merging_the_same_changes_nothing() {
    let ann = key(Profile::Compatible, "Ann").certificate();
    assert_eq!(ann.merge(&ann).unwrap(), ann);
}

/// Binds Ann's User ID anew at a later time, with an end.
fn renewed(secret: &SecretCertificate, at: UnixTime, days: u32) -> Certificate {
    let mut ours = SignedSecretKey::from_bytes(secret.to_bytes().as_slice()).unwrap();
    let primary = ours.primary_key.clone();
    let id = ours.details.users[0].id.clone();
    let mut config =
        SignatureConfig::from_key(rng(1), &primary, SignatureType::CertPositive).unwrap();
    let time = Timestamp::from_secs(at.0 as u32);
    let old = ours.details.users[0].signatures[0].config().unwrap();
    config.hashed_subpackets = old
        .hashed_subpackets()
        .filter(|one| !matches!(one.data, SubpacketData::SignatureCreationTime(_)))
        .cloned()
        .collect();
    config.hashed_subpackets.extend([
        Subpacket::regular(SubpacketData::SignatureCreationTime(time)).unwrap(),
        Subpacket::regular(SubpacketData::KeyExpirationTime(Duration::from_secs(
            days * DAY as u32,
        )))
        .unwrap(),
    ]);
    let public = primary.public_key();
    let signature = config
        .sign_certification(&primary, public, &Password::empty(), Tag::UserId, &id)
        .unwrap();
    ours.details.users[0].signatures = vec![signature];
    Certificate::parse(&ours.to_public_key().to_bytes().unwrap()).unwrap()
}

#[test]
fn expiry_counts_from_the_newest_self_signature() {
    let secret = key(Profile::Compatible, "Ann");
    let certificate = secret.certificate();
    assert_eq!(certificate.expires(), None);
    // The key was made a day before NOW; it shall last five days.
    let limited = renewed(&secret, UnixTime(NOW.0 - 10), 5);
    let both = certificate.merge(&limited).unwrap();
    let end = UnixTime(NOW.0 + 4 * DAY);
    assert_eq!(both.expires(), Some(end));
    assert_eq!(both.status(NOW), CertificateStatus::Usable);
    assert_eq!(both.status(end), CertificateStatus::Expired(end));
    assert!(both.check_encryption(end).is_err());

    // What was signed while the key was in force stays good.
    let message = seal(b"hello", &[&certificate], Some(&secret));
    let late = UnixTime(end.0 + DAY);
    let opened = open_at(&message, &[&secret], &[&both], late).unwrap();
    assert!(is_good(&opened.signature, &secret));
    // A signature dated after its end is not.
    let over = renewed(&secret, UnixTime(NOW.0 - DAY + 10), 1);
    let opened = open_at(&message, &[&secret], &[&over], late).unwrap();
    let expected = SignatureVerdict::Bad(BadSignature::KeyNotInForce);
    assert_eq!(opened.signature, expected);
}

#[test]
fn a_signature_from_the_future_is_not_believed() {
    let secret = key(Profile::Compatible, "Ann");
    let message = seal(b"hello", &[&secret.certificate()], Some(&secret));
    let earlier = UnixTime(NOW.0 - 3600);
    let opened = open_at(&message, &[&secret], &[&secret.certificate()], earlier).unwrap();
    let expected = SignatureVerdict::Bad(BadSignature::FromTheFuture);
    assert_eq!(opened.signature, expected);
}

#[test]
fn names_that_would_not_be_read_back_are_refused() {
    let mut rng = rng(1);
    let mut refuse = |name: &str, address: &str| {
        let id = UserId::new(name, address);
        generate(Profile::Modern, &[id], NOW, &mut rng).unwrap_err()
    };
    assert!(matches!(
        refuse("A <b@c.d>", "e@f.g"),
        GenerateError::BadUserId(_)
    ));
    assert!(matches!(
        refuse("Ann", "not an address"),
        GenerateError::BadUserId(_)
    ));
    assert!(matches!(
        refuse("Ann\n", "a@b.c"),
        GenerateError::BadUserId(_)
    ));
    assert!(matches!(refuse("", ""), GenerateError::BadUserId(_)));
    let none = generate(Profile::Modern, &[], NOW, &mut rng);
    assert_eq!(none.unwrap_err(), GenerateError::NoUserId);
}

#[test]
fn debug_shows_no_secret() {
    let secret = key(Profile::Modern, "Ann");
    let shown = format!("{secret:?}");
    assert_eq!(
        shown,
        format!("SecretCertificate({}, ..)", secret.fingerprint())
    );
}

#[test]
fn keys_of_rpgp_are_what_they_seem() {
    let secret = key(Profile::Compatible, "Ann");
    let other = SignedSecretKey::from_bytes(secret.to_bytes().as_slice()).unwrap();
    other.verify_bindings().unwrap();
    assert_eq!(
        other.fingerprint().to_string().to_uppercase(),
        secret.fingerprint().as_hex()
    );
}
