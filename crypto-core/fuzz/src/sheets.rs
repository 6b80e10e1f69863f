//! Armor, certificates and private keys.

use crypto_core::openpgp::{Certificate, CertificateStatus, ImportError, SecretCertificate};
use pgp::{packet::PacketHeader, types::PacketLength};

use crate::parties::{NOW, both};

/// An armored block of any kind.
pub(crate) fn armor(data: &[u8]) {
    // Whoever reads armor hands binary packets through; here only armor counts.
    if data.first().is_some_and(|first| first & 0x80 != 0) {
        return;
    }
    if let Ok(all) = Certificate::parse_many(data) {
        for one in all {
            let again = Certificate::parse(one.to_armor().as_bytes()).expect("our own armor");
            assert_eq!(again, one);
        }
    }
    if let Ok(key) = SecretCertificate::parse(data) {
        let again = SecretCertificate::parse(&key.to_bytes()).expect("our own key");
        assert_eq!(again.to_bytes(), key.to_bytes());
    }
}

/// Certificates and private keys in any form.
pub(crate) fn certificates(data: &[u8]) {
    let public = Certificate::parse_many(data);
    if let Ok(all) = &public {
        for one in all {
            check(one);
        }
    }
    let secret = SecretCertificate::parse(data);
    if let Ok(key) = &secret {
        assert_eq!(public.err(), Some(ImportError::SecretKeyGiven));
        check(&key.certificate());
        let again = SecretCertificate::parse(&key.to_bytes()).expect("what we write can be read");
        assert_eq!(again.to_bytes(), key.to_bytes());
    }
    for certificate in both() {
        let _ = certificate.revoke(data);
    }
}

fn check(certificate: &Certificate) {
    let bytes = certificate.to_bytes();
    assert!(!holds_secrets(&bytes), "a secret packet in public bytes");
    let again = Certificate::parse(&bytes).expect("what we write can be read");
    assert_eq!(&again, certificate);
    assert!(same(&again.status(NOW), &certificate.status(NOW)));
    assert_eq!(again.user_ids(), certificate.user_ids());
    assert_eq!(
        again.check_encryption(NOW).ok(),
        certificate.check_encryption(NOW).ok()
    );
    let merged = certificate.merge(certificate).expect("it is the same key");
    assert_eq!(merged.status(NOW), certificate.status(NOW));
    // Merging never joins two keys, nor takes away from one.
    for known in both() {
        match known.merge(certificate) {
            Ok(merged) => {
                assert_eq!(known.fingerprint(), certificate.fingerprint());
                for id in known.user_ids() {
                    assert!(merged.user_ids().contains(&id), "{id:?} was merged away");
                }
            }
            Err(_) => assert_ne!(known.fingerprint(), certificate.fingerprint()),
        }
    }
}

/// Signatures that are too weak to count are not written, so the reason may change, and nothing else.
fn same(a: &CertificateStatus, b: &CertificateStatus) -> bool {
    let useless = |one: &CertificateStatus| matches!(one, CertificateStatus::Unusable(_));
    a == b || (useless(a) && useless(b))
}

/// Looks for secret packets without the code under test.
fn holds_secrets(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while !rest.is_empty() {
        let header = PacketHeader::try_from_reader(&mut rest).expect("we write whole packets");
        let PacketLength::Fixed(length) = header.packet_length() else {
            panic!("we write fixed lengths");
        };
        if matches!(
            header.tag(),
            pgp::types::Tag::SecretKey | pgp::types::Tag::SecretSubkey
        ) {
            return true;
        }
        rest = rest.get(length as usize..).expect("we write whole packets");
    }
    false
}
