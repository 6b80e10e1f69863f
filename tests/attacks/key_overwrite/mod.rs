use crypto_core::{
    bulk::NativeEngine,
    keyring::{Keyring, KeyringError},
    openpgp::{
        BadSignature, Certificate, CertificateStatus, MergeError, Profile, SecretCertificate,
        SignatureVerdict, sign_detached, verify_detached,
    },
    vault::{Vault, VaultKey},
};
use futures::executor::block_on;
use pgp::{
    packet::{Packet, PacketParser, SignatureType, Subpacket, SubpacketData},
    ser::Serialize,
    types::{KeyDetails, Tag},
};

use super::{
    common::{NOW, PROFILES, key, open, rng, seal},
    forge::{in_rpgp, joined, packet, packets},
};

/// The same certificate without the packets that the filter names, and their signatures.
fn without(certificate: &Certificate, tag: Tag) -> Certificate {
    let mut left_out = false;
    let kept: Vec<Packet> = packets(&certificate.to_bytes())
        .into_iter()
        .filter(|one| {
            let this = pgp::packet::PacketTrait::packet_header(one).tag();
            if this != Tag::Signature {
                left_out = this == tag;
            }
            !left_out
        })
        .collect();
    Certificate::parse(&joined(&kept)).unwrap()
}

#[test]
fn what_an_update_leaves_out_stays() {
    for profile in PROFILES {
        let ann = key(profile, "Ann");
        let full = ann.certificate();
        let message = seal(b"hello", &[&full], Some(&ann));
        for stripped in [
            without(&full, Tag::PublicSubkey),
            without(&full, Tag::UserId),
        ] {
            assert_ne!(stripped, full);
            for merged in [
                full.merge(&stripped).unwrap(),
                stripped.merge(&full).unwrap(),
            ] {
                assert_eq!(merged.user_ids(), full.user_ids());
                assert_eq!(merged.status(NOW), CertificateStatus::Usable);
                let features = merged.check_encryption(NOW).unwrap();
                assert_eq!(features, full.check_encryption(NOW).unwrap());
                // What was sent before still opens, with the same verdict.
                let updated = ann.with_certificate(&merged).unwrap();
                let opened = open(&message, &[&updated], &[&merged]).unwrap();
                assert!(super::common::is_good(&opened.signature, &ann));
            }
        }
    }
}

#[test]
fn another_key_is_another_key() {
    for profile in PROFILES {
        let (ann, eve) = (key(profile, "Ann"), key(profile, "Eve"));
        let certificate = ann.certificate();
        // Eve's key with Ann's name on it, in both directions, and one key packet changed.
        let posing =
            crypto_core::openpgp::generate(profile, &certificate.user_ids(), NOW, &mut rng(99))
                .unwrap()
                .secret
                .certificate();
        assert_eq!(posing.user_ids(), certificate.user_ids());
        for other in [&posing, &eve.certificate()] {
            assert_eq!(certificate.merge(other), Err(MergeError::DifferentKeys));
            assert_eq!(other.merge(&certificate), Err(MergeError::DifferentKeys));
            assert!(ann.with_certificate(other).is_err());
            assert!(matches!(
                certificate.revoke(&other.to_bytes()),
                Err(MergeError::NotARevocation)
            ));
        }
        let mut bytes = certificate.to_bytes();
        bytes[4] ^= 1;
        if let Ok(changed) = Certificate::parse(&bytes) {
            assert_eq!(certificate.merge(&changed), Err(MergeError::DifferentKeys));
            assert!(changed.user_ids().is_empty());
        }
    }
}

#[test]
fn a_revocation_cannot_be_taken_back() {
    let ann = key(Profile::Compatible, "Ann");
    let certificate = ann.certificate();
    let revocation = ann.make_revocation(NOW, &mut rng(1)).unwrap();
    let revoked = certificate.revoke(revocation.as_bytes()).unwrap();
    let is_revoked = |one: &Certificate| matches!(one.status(NOW), CertificateStatus::Revoked(_));
    assert!(is_revoked(&revoked));
    // Without it, with it damaged, with it under another User ID, a hundred times the old one.
    let mut all = packets(&revoked.to_bytes());
    let place = all
        .iter()
        .position(|one| {
            matches!(one, Packet::Signature(signature)
                if signature.typ() == Some(SignatureType::KeyRevocation))
        })
        .unwrap();
    let taken = all.remove(place);
    let stripped = Certificate::parse(&joined(&all)).unwrap();
    assert_eq!(stripped, certificate);
    let mut merged = revoked.clone();
    for _ in 0..100 {
        merged = merged.merge(&stripped).unwrap();
        assert!(is_revoked(&merged));
    }
    assert!(is_revoked(&certificate.merge(&merged).unwrap()));
    // Behind the User ID it is in the wrong place, but it was made by the key and says so.
    all.insert(3, taken);
    if let Ok(moved) = Certificate::parse(&joined(&all)) {
        assert!(is_revoked(&revoked.merge(&moved).unwrap()));
    }
}

#[test]
fn signatures_of_others_neither_count_nor_swell() {
    let ann = key(Profile::Compatible, "Ann");
    let eve = key(Profile::Compatible, "Eve");
    let certificate = ann.certificate();
    // Eve's self-signatures, behind Ann's key and Ann's User ID, ten thousand times.
    let theirs: Vec<u8> = packets(&eve.certificate().to_bytes())
        .iter()
        .filter(|one| matches!(one, Packet::Signature(_)))
        .take(1)
        .flat_map(|one| one.to_bytes().unwrap())
        .collect();
    let all = packets(&certificate.to_bytes());
    let swollen = |copies: usize| {
        let mut bytes = Vec::new();
        for one in &all {
            bytes.extend(one.to_bytes().unwrap());
            if matches!(one, Packet::PublicKey(_) | Packet::UserId(_)) {
                bytes.extend(theirs.repeat(copies));
            }
        }
        bytes
    };
    let read = Certificate::parse(&swollen(1000)).unwrap();
    assert!(read.to_bytes().len() < certificate.to_bytes().len() + 2 * 65 * theirs.len());
    let mut merged = certificate.clone();
    for _ in 0..3 {
        merged = merged.merge(&read).unwrap();
    }
    assert!(merged.to_bytes().len() < certificate.to_bytes().len() + 2 * 65 * theirs.len());
    assert_eq!(merged.without_foreign(), certificate);
    assert_eq!(merged.status(NOW), certificate.status(NOW));
    assert_eq!(merged.user_ids(), certificate.user_ids());
    // A User ID that only Eve certified is not Ann's.
    let id = packet(Tag::UserId, b"Ann <ann@evil.example>");
    let claimed = [&certificate.to_bytes()[..], &id, &theirs].concat();
    let claimed = Certificate::parse(&claimed).unwrap();
    assert!(!claimed.has_address("ann@evil.example"));
    assert!(
        !certificate
            .merge(&claimed)
            .unwrap()
            .has_address("ann@evil.example")
    );
}

#[test]
fn naming_somebody_elses_key_makes_no_signature_theirs() {
    // The issuer stands where nothing is signed, and anybody can write anything there.
    for profile in [Profile::Compatible, Profile::Modern] {
        let (ann, eve) = (key(profile, "Ann"), key(profile, "Eve"));
        let signature = block_on(sign_detached(
            &NativeEngine,
            &mut rng(1),
            b"x",
            &eve,
            NOW,
            false,
        ))
        .unwrap();
        let Packet::Signature(mut forged) = packets(&signature)[0].clone() else {
            panic!("not a signature");
        };
        let print = in_rpgp(&ann).primary_key.fingerprint();
        let id = in_rpgp(&ann).primary_key.legacy_key_id();
        for data in [
            SubpacketData::IssuerFingerprint(print),
            SubpacketData::IssuerKeyId(id),
        ] {
            let subpacket = Subpacket::regular(data).unwrap();
            forged.unhashed_subpacket_push(subpacket).unwrap();
        }
        let judge = |by: &[&Certificate]| {
            let bytes = joined(&[Packet::Signature(forged.clone())]);
            block_on(verify_detached(&NativeEngine, b"x", &bytes, by, NOW)).unwrap()
        };
        let (ann, eve) = (ann.certificate(), eve.certificate());
        assert_eq!(
            judge(&[&ann]),
            [SignatureVerdict::Bad(BadSignature::Mismatch)]
        );
        // If both are known, the one who made it is named.
        let [SignatureVerdict::Good { signer, .. }] = &judge(&[&ann, &eve])[..] else {
            panic!("it is Eve's");
        };
        assert_eq!(*signer, eve.fingerprint());
    }
}

#[test]
fn a_keyring_does_not_overwrite() {
    let mut rng = rng(5);
    let vault = Vault::new(&VaultKey::make(&mut rng));
    let mut keyring = Keyring::new();
    let ann = key(Profile::Modern, "Ann");
    let slot = keyring.add(ann.clone(), &vault, &mut rng).unwrap();
    let again = keyring.add(ann.clone(), &vault, &mut rng);
    assert_eq!(again, Err(KeyringError::AlreadyThere));
    // Nor does replacing put another key into its place.
    let eve = key(Profile::Modern, "Eve");
    let replaced = keyring.replace(eve, &vault, &mut rng);
    assert_eq!(replaced, Err(KeyringError::NoSuchSlot));
    assert_eq!(keyring.certificate(&slot), Some(&ann.certificate()));
}

#[test]
fn the_key_itself_must_be_first() {
    let ann: SecretCertificate = key(Profile::Modern, "Ann");
    let bytes = ann.certificate().to_bytes();
    let all: Vec<Vec<u8>> = PacketParser::new(bytes.as_slice())
        .map(|one| one.unwrap().to_bytes().unwrap())
        .collect();
    for start in 1..all.len() {
        assert!(Certificate::parse(&all[start..].concat()).is_err());
    }
}
