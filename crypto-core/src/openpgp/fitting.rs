//! Whether a private key belongs to its public key.

use pgp::{
    packet::PublicKeyEncryptedSessionKey,
    types::{
        DecryptionKey, EcdhPublicParams, EcdsaPublicParams, EddsaLegacyPublicParams, EncryptionKey,
        EskType, Password, PlainSecretParams, PublicParams, SigningKey, VerifyingKey,
    },
};
use rand::{SeedableRng, rngs::StdRng};

/// Checks a private key against its public key by using the two together.
pub(super) fn fits<S, P>(secret: &S, public: &P, plain: &PlainSecretParams) -> bool
where
    S: SigningKey + DecryptionKey,
    P: VerifyingKey + EncryptionKey,
{
    let derived = PublicParams::try_from(plain);
    let same_numbers = || {
        derived
            .as_ref()
            .is_ok_and(|own| own == public.public_params())
    };
    match public.public_params() {
        // Nothing is ever done with keys of these kinds.
        PublicParams::Elgamal(_)
        | PublicParams::Unknown { .. }
        | PublicParams::ECDSA(EcdsaPublicParams::Unsupported { .. })
        | PublicParams::ECDH(EcdhPublicParams::Unsupported { .. })
        | PublicParams::EdDSALegacy(EddsaLegacyPublicParams::Unsupported { .. }) => true,
        // Two public numbers of an RSA key are enough to check a signature: that is the test.
        PublicParams::RSA(_) => verifies(secret, public),
        PublicParams::DSA(_)
        | PublicParams::ECDSA(_)
        | PublicParams::EdDSALegacy(_)
        | PublicParams::Ed25519(_)
        | PublicParams::Ed448(_) => same_numbers() && verifies(secret, public),
        // The derived parameters lack the key's own choice of hash and cipher, so a session key
        // is sent through instead.
        PublicParams::ECDH(_) => decrypts(secret, public),
        _ => same_numbers(),
    }
}

fn verifies(secret: &impl SigningKey, public: &impl VerifyingKey) -> bool {
    let hash = public.public_params().hash_alg();
    let digest = [0x5a; 64];
    let Some(digest) = hash.digest_size().and_then(|length| digest.get(..length)) else {
        return false;
    };
    secret
        .sign(&Password::empty(), hash, digest)
        .and_then(|signature| public.verify(hash, digest, &signature))
        .is_ok()
}

fn decrypts(secret: &impl DecryptionKey, public: &impl EncryptionKey) -> bool {
    // Only a trial, which nobody else sees: the randomness need not be random.
    let rng = StdRng::seed_from_u64(0);
    let session_key = [7u8; 16].as_slice().into();
    let cipher = pgp::crypto::sym::SymmetricKeyAlgorithm::AES128;
    let Ok(packet) =
        PublicKeyEncryptedSessionKey::from_session_key_v3(rng, &session_key, cipher, public)
    else {
        // A curve that is not supported: nothing can be done with it either.
        return true;
    };
    let opened = packet
        .values()
        .and_then(|values| secret.decrypt(&Password::empty(), values, EskType::V3_4));
    matches!(
        opened,
        Ok(Ok(pgp::composed::PlainSessionKey::V3_4 { ref key, .. })) if *key == session_key
    )
}
