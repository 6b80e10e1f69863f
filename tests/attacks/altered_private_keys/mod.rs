use crypto_core::{
    bulk::NativeEngine,
    openpgp::{ImportError, Limits, Profile, SecretCertificate, UnlockError, sign_detached},
};
use futures::executor::block_on;
use pgp::{
    composed::{KeyType, SecretKeyParamsBuilder, SignedSecretKey},
    packet::{Packet, PacketParser, PubKeyInner, PublicKey, SecretKey},
    ser::Serialize,
    types::{
        EddsaLegacyPublicParams, KeyDetails, KeyVersion, Mpi, Password, PublicParams,
        RsaPublicParams,
    },
};

use super::{
    common::{NOW, PROFILES, key, passphrase, rng},
    forge::in_rpgp,
};

/// Where the public part of the primary key lies within its packet, behind the header.
fn public_part(secret: &SecretCertificate) -> std::ops::Range<usize> {
    let length = in_rpgp(secret)
        .primary_key
        .public_key()
        .to_bytes()
        .unwrap()
        .len();
    2..2 + length
}

/// Reads a changed file; signs with it if it can be had, which it must not.
fn try_to_use(bytes: &[u8], place: usize, honest: &SecretCertificate) {
    let read = SecretCertificate::parse(bytes);
    let key = match read {
        Err(_) => return,
        Ok(key) if key.is_locked() => match key.unlock(&passphrase("x"), &Limits::default()) {
            Err(error) => {
                assert!(
                    matches!(
                        error,
                        UnlockError::Altered
                            | UnlockError::WrongPassphrase
                            | UnlockError::Unsupported(_)
                    ),
                    "{place}: {error:?}"
                );
                return;
            }
            Ok(key) => key,
        },
        Ok(key) => key,
    };
    // Another time of creation is another fingerprint, for which nothing is bound: it signs
    // nothing. Nor may any other change leave a key that signs.
    let signed = block_on(sign_detached(
        &NativeEngine,
        &mut rng(1),
        b"x",
        &key,
        NOW,
        false,
    ));
    assert!(
        signed.is_err() || key.to_bytes() == honest.to_bytes(),
        "byte {place} was changed and the key still signs"
    );
}

/// Nothing is ever done with such a key.
fn is_of_no_known_kind(bytes: &[u8]) -> bool {
    let Some(Ok(Packet::SecretKey(key))) = PacketParser::new(bytes).next() else {
        panic!("it begins with a private key");
    };
    matches!(
        key.public_params(),
        PublicParams::EdDSALegacy(EddsaLegacyPublicParams::Unsupported { .. })
    )
}

#[test]
fn no_byte_of_the_public_part_can_be_changed() {
    for profile in PROFILES {
        let honest = key(profile, "Ann");
        let bytes = honest.to_bytes();
        let public = public_part(&honest);
        for place in public.clone() {
            for change in [0x01, 0x40, 0xff] {
                let mut changed = bytes.to_vec();
                changed[place] ^= change;
                try_to_use(&changed, place, &honest);
                // A changed public number is not only unbound: it is not the secret's, and no key
                // is handed out that could sign with it some other way.
                if place >= public.end - 32 {
                    match SecretCertificate::parse(&changed) {
                        Err(error) => assert!(
                            matches!(error, ImportError::Altered | ImportError::Unsupported(_)),
                            "{error:?}"
                        ),
                        // A number that is no point of the curve makes a key of no known kind.
                        Ok(_) => assert!(is_of_no_known_kind(&changed), "{place}"),
                    }
                }
            }
        }
    }
}

#[test]
fn nor_of_a_locked_one() {
    // Version 6 binds the public part into the tag; version 4 has a checksum over the secret
    // alone, so there the two must be compared after unlocking.
    let honest = key(Profile::Compatible, "Ann");
    let mut theirs = in_rpgp(&honest);
    let password = Password::from("x");
    // A cheap derivation: this unlocks a few hundred times.
    let s2k = pgp::types::S2kParams::Cfb {
        sym_alg: pgp::crypto::sym::SymmetricKeyAlgorithm::AES256,
        s2k: pgp::types::StringToKey::new_iterated(
            rng(1),
            pgp::crypto::hash::HashAlgorithm::Sha256,
            0,
        ),
        iv: vec![3; 16].into(),
    };
    theirs
        .primary_key
        .set_password_with_s2k(&password, s2k)
        .unwrap();
    let bytes = theirs.to_bytes().unwrap();
    let locked = SecretCertificate::parse(&bytes).unwrap();
    assert!(locked.unlock(&passphrase("x"), &Limits::default()).is_ok());
    for place in public_part(&honest) {
        let mut changed = bytes.clone();
        changed[place] ^= 0x01;
        try_to_use(&changed, place, &honest);
    }
}

/// An RSA key of 2048 bits.
fn rsa() -> SignedSecretKey {
    SecretKeyParamsBuilder::default()
        .version(KeyVersion::V4)
        .key_type(KeyType::Rsa(2048))
        .can_sign(true)
        .primary_user_id("Ann <ann@example.org>".into())
        .build()
        .unwrap()
        .generate(rng(11))
        .unwrap()
}

#[test]
fn rsa_with_another_modulus_or_exponent() {
    let honest = rsa();
    assert!(SecretCertificate::parse(&honest.to_bytes().unwrap()).is_ok());
    let PublicParams::RSA(params) = honest.primary_key.public_params().clone() else {
        panic!("not RSA");
    };
    // The numbers as the packet has them.
    let numbers = params.to_bytes().unwrap();
    let split = 2 + 256;
    for place in [2, 100, split - 1, numbers.len() - 1] {
        let mut changed = numbers.clone();
        // Odd stays odd: even numbers are refused for being no RSA key at all.
        changed[place] ^= 0x02;
        let mut reader = changed.as_slice();
        let Ok(n) = Mpi::try_from_reader(&mut reader) else {
            continue;
        };
        let Ok(e) = Mpi::try_from_reader(&mut reader) else {
            continue;
        };
        let Ok(key) = rsa_params(&n, &e) else {
            continue;
        };
        let public = PubKeyInner::new(
            KeyVersion::V4,
            honest.primary_key.algorithm(),
            honest.primary_key.created_at(),
            None,
            PublicParams::RSA(key),
        )
        .and_then(PublicKey::from_inner)
        .unwrap();
        let mut altered = honest.clone();
        altered.primary_key =
            SecretKey::new(public, honest.primary_key.secret_params().clone()).unwrap();
        let error = SecretCertificate::parse(&altered.to_bytes().unwrap()).unwrap_err();
        // A modulus that is not the product of the secret primes is no key to the reader at all.
        let refused = [
            ImportError::Altered,
            ImportError::Unsupported("its kind of key".to_owned()),
        ];
        assert!(refused.contains(&error), "{place}: {error:?}");
    }
}

fn rsa_params(n: &Mpi, e: &Mpi) -> Result<RsaPublicParams, pgp::errors::Error> {
    let bytes = [n.to_bytes().unwrap(), e.to_bytes().unwrap()].concat();
    RsaPublicParams::try_from_reader(bytes.as_slice())
}
