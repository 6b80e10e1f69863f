use crypto_core::{
    bulk::NativeEngine,
    everyday,
    openpgp::{
        Certificate, ImportError, Limits, Profile, SecretCertificate, verify_detached,
        verify_inline,
    },
};
use futures::executor::block_on;
use pgp::{
    packet::{Packet, PacketParser},
    ser::Serialize,
    types::Tag,
};

use super::{
    common::{NOW, PROFILES, key, passphrase, rng, seal},
    forge::{in_rpgp, packet, packets},
};

fn holds_secrets(bytes: &[u8]) -> bool {
    PacketParser::new(bytes).any(|one| {
        matches!(
            one,
            Ok(Packet::SecretKey(_) | Packet::SecretSubkey(_)) | Err(_)
        )
    })
}

/// The secret scalars of a key, as they stand in the file.
fn secrets(key: &SecretCertificate) -> Vec<Vec<u8>> {
    let secret = in_rpgp(key);
    let params = std::iter::once(secret.primary_key.secret_params()).chain(
        secret
            .secret_subkeys
            .iter()
            .map(|one| one.key.secret_params()),
    );
    params
        .map(|params| {
            let mut bytes = Vec::new();
            let version = pgp::types::KeyDetails::version(&secret.primary_key);
            params.to_writer(&mut bytes, version).unwrap();
            // Behind the octet that says "not locked"; the last two may be a checksum.
            bytes[4..bytes.len() - 2].to_vec()
        })
        .collect()
}

fn contains(bytes: &[u8], secret: &[u8]) -> bool {
    bytes.windows(secret.len()).any(|window| window == secret)
}

#[test]
fn nothing_that_is_public_holds_a_secret() {
    for profile in PROFILES {
        let ann = key(profile, "Ann");
        let bob = key(profile, "Bob");
        let certificate = ann.certificate();
        assert!(holds_secrets(&ann.to_bytes()), "the search finds nothing");
        let secrets = secrets(&ann);
        assert!(
            secrets
                .iter()
                .all(|secret| contains(&ann.to_bytes(), secret)),
            "the search finds nothing"
        );
        let revocation = ann.make_revocation(NOW, &mut rng(1)).unwrap();
        let revoked = certificate.revoke(revocation.as_bytes()).unwrap();
        let merged = certificate.merge(&revoked).unwrap();
        for public in [
            certificate.to_bytes(),
            certificate.without_foreign().to_bytes(),
            revoked.to_bytes(),
            merged.to_bytes(),
            ann.with_certificate(&revoked)
                .unwrap()
                .certificate()
                .to_bytes(),
        ] {
            assert!(!holds_secrets(&public));
            for secret in &secrets {
                assert!(!contains(&public, secret));
            }
            // And what we wrote, we take for public.
            assert!(Certificate::parse(&public).is_ok());
        }
        // Messages, signatures, locked exports: no secret number stands in them.
        let letter = seal(b"hello", &[&bob.certificate(), &certificate], Some(&ann));
        let signature = everyday::sign(b"x", &ann, NOW, &mut rng(2)).unwrap();
        let locked = ann.export_locked(&passphrase("x"), &mut rng(3)).unwrap();
        let locked = SecretCertificate::parse(locked.as_bytes())
            .unwrap()
            .to_bytes();
        for bytes in [
            &letter[..],
            signature.as_bytes(),
            &locked,
            revocation.as_bytes(),
        ] {
            for secret in &secrets {
                assert!(!contains(bytes, secret));
            }
        }
    }
}

#[test]
fn secrets_do_not_hide() {
    let ann = key(Profile::Modern, "Ann");
    let bob = key(Profile::Compatible, "Bob").certificate().to_bytes();
    let public = ann.certificate().to_bytes();
    let all = packets(&ann.to_bytes());
    let [primary, subkey] = [0, all.len() - 2].map(|index| all[index].to_bytes().unwrap());
    let refused = |bytes: &[u8]| {
        let one = Certificate::parse(bytes).unwrap_err();
        let many = Certificate::parse_many(bytes).unwrap_err();
        assert_eq!(one, many);
        one
    };
    let old_style = |bytes: &[u8], tag: u8| {
        // One-byte length in the old format (RFC 9580, section 4.2.2).
        [&[0x80 | tag << 2, bytes.len() as u8 - 2], &bytes[2..]].concat()
    };
    for hidden in [
        [&public[..], &primary].concat(),
        [&public[..], &subkey].concat(),
        [&public[..], &old_style(&primary, 5)].concat(),
        [&public[..], &old_style(&subkey, 7)].concat(),
        [&public[..], &packet(Tag::Padding, &[0; 9]), &subkey].concat(),
        [&public[..], &packet(Tag::Marker, b"PGP"), &subkey].concat(),
        // Behind other certificates, and behind packets that end the reading.
        [&bob[..], &public, &bob, &subkey].concat(),
        [&public[..], &packet(Tag::from(39), b"x"), &subkey].concat(),
        // One that cannot be read is still one.
        [&public[..], &packet(Tag::SecretSubkey, b"\x06damaged")].concat(),
        [&public[..], &packet(Tag::SecretKey, b"")].concat(),
    ] {
        assert_eq!(refused(&hidden), ImportError::SecretKeyGiven);
    }
    // A container that is cut off cannot be searched to its end: then nothing is taken in.
    let cut = [&public[..], &packet(Tag::Padding, &[0; 9])[..5], &subkey].concat();
    assert!(Certificate::parse(&cut).is_err());
    // A literal packet that holds a key holds bytes, not a key; it does not belong there either.
    let literal = packet(Tag::LiteralData, &[&b"b\0\0\0\0\0"[..], &subkey].concat());
    assert!(matches!(
        refused(&[&public[..], &literal].concat()),
        ImportError::Malformed(_)
    ));
}

#[test]
fn a_private_key_is_neither_message_nor_signature() {
    let ann = key(Profile::Modern, "Ann");
    let limits = Limits::default();
    for bytes in [
        ann.to_bytes().to_vec(),
        ann.export_locked(&passphrase("x"), &mut rng(1))
            .unwrap()
            .into_bytes(),
    ] {
        assert!(block_on(verify_inline(&NativeEngine, &bytes, &[], &limits, NOW)).is_err());
        assert!(block_on(verify_detached(&NativeEngine, b"", &bytes, &[], NOW)).is_err());
        assert!(super::common::open(&bytes, &[&ann], &[]).is_err());
    }
    // An error says nothing of what was in it.
    let error = format!("{:?}", Certificate::parse(&ann.to_bytes()).unwrap_err());
    assert_eq!(error, "SecretKeyGiven");
}
