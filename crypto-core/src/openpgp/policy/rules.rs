//! The rules one by one: which signature speaks at a time, what it says, what is strong enough.

use pgp::{
    packet::{RevocationCode, Signature, SignatureConfig, Subpacket, SubpacketData},
    ser::Serialize,
    types::{EcdhPublicParams, EcdsaPublicParams, KeyDetails, KeyVersion, PublicParams},
};

use super::{CLOCK_SKEW, key_created};
use crate::{
    ids::UnixTime,
    openpgp::{
        BadSignature, Certificate,
        certificate::{Binding, Subkey, User},
    },
};

/// Bits of an RSA or DSA modulus that are enough today.
const MIN_MODULUS_BITS: u16 = 2048;

/// Later than any signature.
pub(super) const END_OF_TIME: UnixTime = UnixTime(u64::MAX / 2);

/// What to do if every signature is newer than the time in question.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// Then there is none.
    IsMissing,
    /// Then the oldest one speaks: earlier ones were cleaned away.
    OldestSpeaks,
}

/// The self-signatures that carry the certificate's metadata, the more important one first.
pub(super) struct Metadata<'a>(Vec<&'a Signature>);

impl<'a> Metadata<'a> {
    pub(super) fn at(certificate: &'a Certificate, at: UnixTime, missing: Missing) -> Self {
        let direct = speaking(certificate.direct.iter(), at, missing);
        if certificate.primary.version() == KeyVersion::V6 {
            return Self(direct.into_iter().collect());
        }
        let user = certificate
            .users
            .iter()
            .filter_map(|user| certification(user, at, missing))
            .max_by_key(|signature| (signature.is_primary(), signature_created(signature)));
        Self(user.into_iter().chain(direct).collect())
    }

    /// Version 6 needs a direct-key signature, version 4 that or a User ID.
    pub(super) fn is_bound(&self) -> bool {
        !self.0.is_empty()
    }

    pub(super) fn first<T>(&self, get: impl Fn(&'a Signature) -> Option<T>) -> Option<T> {
        self.0.iter().find_map(|signature| get(signature))
    }

    pub(super) fn newest_created(&self) -> Option<u64> {
        self.0
            .iter()
            .map(|signature| signature_created(signature))
            .max()
    }

    pub(super) fn expires(&self, created: UnixTime) -> Option<UnixTime> {
        self.first(Signature::key_expiration_time)
            .filter(|validity| validity.as_secs() > 0)
            .map(|validity| UnixTime(created.0 + u64::from(validity.as_secs())))
    }
}

/// The newest of the signatures that existed at that time and had not expired.
pub(super) fn speaking<'a>(
    signatures: impl Iterator<Item = &'a Signature> + Clone,
    at: UnixTime,
    missing: Missing,
) -> Option<&'a Signature> {
    signatures
        .clone()
        .filter(|signature| {
            signature_created(signature) <= at.0.saturating_add(CLOCK_SKEW)
                && !signature_expired(signature, at)
        })
        .max_by_key(|signature| signature_created(signature))
        .or_else(|| {
            (missing == Missing::OldestSpeaks)
                .then(|| signatures.min_by_key(|signature| signature_created(signature)))
                .flatten()
        })
}

/// The self-certification of a User ID, unless it was withdrawn.
pub(super) fn certification(user: &User, at: UnixTime, missing: Missing) -> Option<&Signature> {
    let signature = speaking(user.certifications.iter(), at, missing)?;
    let withdrawn = user.revocations.iter().any(|revocation| {
        signature_created(revocation) >= signature_created(signature)
            && signature_created(revocation) <= at.0.saturating_add(CLOCK_SKEW)
    });
    (!withdrawn).then_some(signature)
}

/// The binding of a subkey that is strong, not revoked and not expired at that time.
pub(super) fn subkey_in_force(
    subkey: &Subkey,
    at: UnixTime,
    missing: Missing,
) -> Result<&Binding, BadSignature> {
    if !is_strong(subkey.key.public_params()) {
        return Err(BadSignature::WeakAlgorithm);
    }
    if revoked_at(&subkey.revocations, at).is_some() {
        return Err(BadSignature::KeyRevoked);
    }
    let signatures = subkey.bindings.iter().map(|binding| &binding.signature);
    let speaks = speaking(signatures, at, missing).ok_or(BadSignature::KeyNotInForce)?;
    let created = key_created(&subkey.key);
    let expires = speaks
        .key_expiration_time()
        .filter(|validity| validity.as_secs() > 0)
        .map(|validity| created.0 + u64::from(validity.as_secs()));
    if created.0 > at.0.saturating_add(CLOCK_SKEW) || expires.is_some_and(|end| end <= at.0) {
        return Err(BadSignature::KeyNotInForce);
    }
    subkey
        .bindings
        .iter()
        .find(|binding| std::ptr::eq(&binding.signature, speaks))
        .ok_or(BadSignature::KeyNotInForce)
}

/// A revocation that counts at that time.
pub(super) fn revoked_at(revocations: &[Signature], at: UnixTime) -> Option<&Signature> {
    revocations.iter().find(|revocation| {
        let soft = matches!(
            revocation.revocation_reason_code(),
            Some(RevocationCode::KeySuperseded | RevocationCode::KeyRetired)
        );
        !soft || signature_created(revocation) <= at.0.saturating_add(CLOCK_SKEW)
    })
}

pub(super) fn reason_text(revocation: &Signature) -> String {
    let text = revocation
        .revocation_reason_string()
        .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
        .unwrap_or_default();
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// The key flags a signature states; `None` if it states none.
pub(super) fn flags(signature: &Signature) -> Option<pgp::packet::KeyFlags> {
    signature
        .config()?
        .hashed_subpackets()
        .find_map(|subpacket| match &subpacket.data {
            SubpacketData::KeyFlags(flags) => Some(flags.clone()),
            _ => None,
        })
}

/// True if the signer demands that something be understood that is not
/// (RFC 9580, sections 5.2.3.7 and 5.2.3.24).
pub(super) fn has_unknown_critical(config: &SignatureConfig) -> bool {
    let unknown = |subpacket: &Subpacket| {
        subpacket.is_critical
            && matches!(
                subpacket.data,
                SubpacketData::Other(..)
                    | SubpacketData::Experimental(..)
                    | SubpacketData::Notation(_)
            )
    };
    config.hashed_subpackets().any(unknown)
}

pub(super) fn signature_created(signature: &Signature) -> u64 {
    signature
        .created()
        .map_or(u64::MAX, |created| created.as_secs().into())
}

fn signature_expired(signature: &Signature, at: UnixTime) -> bool {
    signature
        .config()
        .and_then(expiration)
        .is_some_and(|end| end <= at)
}

pub(super) fn expiration(config: &SignatureConfig) -> Option<UnixTime> {
    let validity = config
        .hashed_subpackets()
        .find_map(|subpacket| match &subpacket.data {
            SubpacketData::SignatureExpirationTime(validity) => Some(validity.as_secs()),
            _ => None,
        })
        .filter(|validity| *validity > 0)?;
    let created = config.created()?.as_secs();
    Some(UnixTime(u64::from(created) + u64::from(validity)))
}

/// True if a key of this kind and size can be relied upon today.
pub(super) fn is_strong(params: &PublicParams) -> bool {
    match params {
        PublicParams::RSA(_) | PublicParams::DSA(_) => modulus_bits(params) >= MIN_MODULUS_BITS,
        PublicParams::ECDSA(params) => !matches!(params, EcdsaPublicParams::Unsupported { .. }),
        PublicParams::ECDH(params) => !matches!(params, EcdhPublicParams::Unsupported { .. }),
        PublicParams::Elgamal(_) | PublicParams::Unknown { .. } => false,
        _ => true,
    }
}

/// True for keys that only encrypt, in a way that is not supported: ElGamal, unknown curves,
/// algorithms of the future.
pub(super) fn is_unsupported_encryption(params: &PublicParams) -> bool {
    matches!(
        params,
        PublicParams::Elgamal(_)
            | PublicParams::Unknown { .. }
            | PublicParams::ECDH(EcdhPublicParams::Unsupported { .. })
    )
}

/// True if a binding of the subkey speaks and none withdraws it, whatever kind of key it is.
pub(super) fn subkey_is_bound(subkey: &Subkey, at: UnixTime) -> bool {
    let signatures = subkey.bindings.iter().map(|binding| &binding.signature);
    revoked_at(&subkey.revocations, at).is_none()
        && speaking(signatures, at, Missing::IsMissing).is_some()
}

/// The first number of RSA and DSA keys is the modulus, and begins with its length in bits.
fn modulus_bits(params: &PublicParams) -> u16 {
    params
        .to_bytes()
        .ok()
        .and_then(|bytes| bytes.first_chunk::<2>().copied())
        .map_or(0, u16::from_be_bytes)
}

pub(super) fn can_encrypt(params: &PublicParams) -> bool {
    match params {
        PublicParams::RSA(_) | PublicParams::X25519(_) | PublicParams::X448(_) => is_strong(params),
        #[cfg(feature = "pqc")]
        PublicParams::MlKem768X25519(_) | PublicParams::MlKem1024X448(_) => is_strong(params),
        PublicParams::ECDH(
            EcdhPublicParams::Curve25519Legacy { .. }
            | EcdhPublicParams::P256 { .. }
            | EcdhPublicParams::P384 { .. }
            | EcdhPublicParams::P521 { .. },
        ) => true,
        _ => false,
    }
}
