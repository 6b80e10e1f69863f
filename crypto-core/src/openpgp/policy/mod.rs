//! The one module that decides what a certificate may do at a given time.
//!
//! It looks only at signatures whose cryptography `assemble` has already checked, and answers
//! from them: is the certificate in force, which key to encrypt to, which key signs, and was a
//! given key entitled to make a given signature.
//!
//! The rules, with their sources in RFC 9580:
//!
//! - A revocation for a compromised key, or without a reason, counts at all times; one for a key
//!   that was retired or superseded counts from its date on (section 5.2.3.31).
//! - The newest self-signature that existed at the time in question speaks (section 5.2.3.10);
//!   if all are newer, because older ones were cleaned away, the oldest of them does.
//! - For version 6 the direct-key signature carries the metadata, for version 4 the primary User
//!   ID's, then the direct-key signature.
//! - A key that signs must say so and, if it is a subkey, must have signed back (section 5.2.1.9).
//! - MD5 and RIPEMD-160 prove nothing, SHA-1 only in self-signatures made before February 2023
//!   (section 9.5); RSA and DSA need 2048 bits (section 12.4), ElGamal is out.

mod rules;

use pgp::{
    crypto::{aead::AeadAlgorithm, hash::HashAlgorithm, sym::SymmetricKeyAlgorithm},
    packet::{
        KeyFlags, PublicKey, PublicSubkey, Signature, SignatureConfig, SignatureType,
        SignatureVersion,
    },
    types::{KeyDetails, PublicParams},
};
use rules::{
    END_OF_TIME, Metadata, Missing, can_encrypt, certification, expiration, flags,
    has_unknown_critical, is_strong, is_unsupported_encryption, reason_text, revoked_at,
    signature_created, speaking, subkey_in_force, subkey_is_bound,
};

use super::{
    BadSignature, Certificate, CertificateProblem, CertificateStatus,
    certificate::{Binding, Subkey, User},
};
use crate::{
    bulk::HashKind,
    ids::{Fingerprint, UnixTime},
};

/// Clocks differ: what is dated less than this in the future (in seconds) counts as now.
const CLOCK_SKEW: u64 = 300;

/// From 2023-02-01 on, nobody had a reason left to bind a key with SHA-1.
const LAST_SHA1_SELF_SIGNATURE: u64 = 1_675_209_600;

/// One of the keys of a certificate.
#[derive(Clone, Copy, Debug)]
pub(super) enum AnyKey<'a> {
    Primary(&'a PublicKey),
    Subkey(&'a PublicSubkey),
}

impl AnyKey<'_> {
    fn params(&self) -> &PublicParams {
        match self {
            Self::Primary(key) => key.public_params(),
            Self::Subkey(key) => key.public_params(),
        }
    }

    pub(super) fn fingerprint(&self) -> Fingerprint {
        match self {
            Self::Primary(key) => fingerprint(*key),
            Self::Subkey(key) => fingerprint(*key),
        }
    }

    #[cfg(feature = "pqc")]
    pub(super) fn is_post_quantum(&self) -> bool {
        matches!(
            self.params(),
            PublicParams::MlKem768X25519(_) | PublicParams::MlKem1024X448(_)
        )
    }

    /// Without the feature such keys cannot be read, so there are none.
    #[cfg(not(feature = "pqc"))]
    pub(super) fn is_post_quantum(&self) -> bool {
        false
    }
}

/// A key's fingerprint in our own type.
pub(super) fn fingerprint(key: &impl KeyDetails) -> Fingerprint {
    Fingerprint::from_bytes(key.fingerprint().as_bytes())
}

/// What the holder of a certificate prefers.
#[derive(Clone, Debug, Default)]
pub(super) struct Preferences {
    pub(super) ciphers: Vec<SymmetricKeyAlgorithm>,
    pub(super) aead: Vec<(SymmetricKeyAlgorithm, AeadAlgorithm)>,
    pub(super) seipd_v2: bool,
}

// --- the certificate as a whole ---

/// What the certificate is good for at `now`.
pub(super) fn status(certificate: &Certificate, now: UnixTime) -> CertificateStatus {
    let unusable = |why: &str| CertificateStatus::Unusable(why.to_owned());
    if !is_strong(certificate.primary.public_params()) {
        return unusable("its primary key is too weak or of an unsupported kind");
    }
    if let Some(revocation) = revoked_at(&certificate.revocations, now) {
        return CertificateStatus::Revoked(reason_text(revocation));
    }
    let created = key_created(&certificate.primary);
    if created.0 > now.0.saturating_add(CLOCK_SKEW) {
        return CertificateStatus::NotYetValid(created);
    }
    let metadata = Metadata::at(certificate, now, Missing::IsMissing);
    if !metadata.is_bound() {
        let later = Metadata::at(certificate, now, Missing::OldestSpeaks);
        return match later.newest_created() {
            Some(from) if later.is_bound() => CertificateStatus::NotYetValid(UnixTime(from)),
            _ if certificate.weak => unusable("it is bound only by signatures that are too weak"),
            _ => unusable("it has no valid self-signature"),
        };
    }
    match metadata.expires(created) {
        Some(expires) if expires <= now => CertificateStatus::Expired(expires),
        _ => CertificateStatus::Usable,
    }
}

/// When the certificate ends by itself, by its newest self-signature.
pub(super) fn expires(certificate: &Certificate) -> Option<UnixTime> {
    let metadata = Metadata::at(certificate, END_OF_TIME, Missing::IsMissing);
    metadata.expires(key_created(&certificate.primary))
}

/// The User IDs in force, the primary one first.
pub(super) fn user_ids(certificate: &Certificate) -> Vec<&User> {
    let mut valid: Vec<(&User, &Signature)> = certificate
        .users
        .iter()
        .filter_map(|user| Some((user, certification(user, END_OF_TIME, Missing::IsMissing)?)))
        .collect();
    valid.sort_by_key(|(_, signature)| {
        std::cmp::Reverse((signature.is_primary(), signature_created(signature)))
    });
    valid.into_iter().map(|(user, _)| user).collect()
}

/// What the holder prefers at `now`.
pub(super) fn preferences(certificate: &Certificate, now: UnixTime) -> Preferences {
    let metadata = Metadata::at(certificate, now, Missing::OldestSpeaks);
    let non_empty = |list: &[SymmetricKeyAlgorithm]| (!list.is_empty()).then(|| list.to_vec());
    Preferences {
        ciphers: metadata
            .first(|signature| non_empty(signature.preferred_symmetric_algs()))
            .unwrap_or_default(),
        aead: metadata
            .first(|signature| {
                let list = signature.preferred_aead_algs();
                (!list.is_empty()).then(|| list.to_vec())
            })
            .unwrap_or_default(),
        seipd_v2: metadata
            .first(|signature| signature.features().map(|features| features.seipd_v2()))
            .unwrap_or(false),
    }
}

// --- choosing a key ---

/// Which of a certificate's encryption keys a message goes to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kinds {
    /// One of each kind: classical, and withstanding quantum computers.
    Both,
    /// One that withstands quantum computers, or a classical one if there is none.
    PostQuantum,
    /// A classical one, or one that withstands quantum computers if there is none.
    Classical,
}

/// What keys to encrypt to must be good for.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    pub(super) kinds: Kinds,
    pub(super) communications: bool,
    pub(super) storage: bool,
}

impl Wanted {
    pub(super) fn of(kinds: Kinds) -> Self {
        Self {
            kinds,
            communications: true,
            storage: true,
        }
    }

    fn allows(self, flags: &KeyFlags) -> bool {
        (self.communications && flags.encrypt_comms()) || (self.storage && flags.encrypt_storage())
    }
}

/// The best key to encrypt to: one that withstands quantum computers if there is one, else the
/// newest.
pub(super) fn encryption_key(
    certificate: &Certificate,
    now: UnixTime,
) -> Result<AnyKey<'_>, CertificateProblem> {
    encryption_keys(certificate, now, Wanted::of(Kinds::PostQuantum))?
        .pop()
        .ok_or(CertificateProblem::NoSuitableKey)
}

/// The keys to encrypt to, at least one: the newest of each kind that is wanted, the classical one
/// first.
pub(super) fn encryption_keys(
    certificate: &Certificate,
    now: UnixTime,
    wanted: Wanted,
) -> Result<Vec<AnyKey<'_>>, CertificateProblem> {
    in_force(certificate, now)?;
    let subkeys = certificate
        .subkeys
        .iter()
        .filter(|subkey| {
            can_encrypt(subkey.key.public_params())
                && subkey_in_force(subkey, now, Missing::IsMissing).is_ok_and(|binding| {
                    // Without flags a key of a kind that only encrypts says enough.
                    flags(&binding.signature).is_none_or(|flags| wanted.allows(&flags))
                })
        })
        .map(|subkey| AnyKey::Subkey(&subkey.key));
    let primary = AnyKey::Primary(&certificate.primary);
    let primary_encrypts = can_encrypt(primary.params())
        && Metadata::at(certificate, now, Missing::IsMissing)
            .first(flags)
            .is_some_and(|flags| wanted.allows(&flags));
    let (quantum, classical): (Vec<_>, Vec<_>) = subkeys
        .chain(primary_encrypts.then_some(primary))
        .partition(AnyKey::is_post_quantum);
    let quantum = quantum.into_iter().max_by_key(any_created);
    let classical = classical.into_iter().max_by_key(any_created);
    let keys: Vec<AnyKey<'_>> = match wanted.kinds {
        Kinds::Both => classical.into_iter().chain(quantum).collect(),
        Kinds::PostQuantum => quantum.or(classical).into_iter().collect(),
        Kinds::Classical => classical.or(quantum).into_iter().collect(),
    };
    if keys.is_empty() {
        Err(why_none(certificate, now))
    } else {
        Ok(keys)
    }
}

fn why_none(certificate: &Certificate, now: UnixTime) -> CertificateProblem {
    let foreign = certificate.subkeys.iter().any(|subkey| {
        is_unsupported_encryption(subkey.key.public_params()) && subkey_is_bound(subkey, now)
    });
    if foreign {
        CertificateProblem::UnsupportedKey
    } else {
        CertificateProblem::NoSuitableKey
    }
}

/// The key to sign with: the newest signing subkey among those `at_hand`, else the primary key.
pub(super) fn signing_key<'a>(
    certificate: &'a Certificate,
    now: UnixTime,
    at_hand: impl Fn(&Fingerprint) -> bool,
) -> Result<AnyKey<'a>, CertificateProblem> {
    in_force(certificate, now)?;
    let subkeys = certificate
        .subkeys
        .iter()
        .map(|subkey| AnyKey::Subkey(&subkey.key))
        .filter(|key| at_hand(&key.fingerprint()))
        .filter(|key| judge_signer(certificate, &key.fingerprint(), now).is_ok())
        .max_by_key(any_created);
    let primary = AnyKey::Primary(&certificate.primary);
    let primary_signs = || {
        at_hand(&primary.fingerprint())
            && judge_signer(certificate, &primary.fingerprint(), now).is_ok()
    };
    subkeys
        .or_else(|| primary_signs().then_some(primary))
        .ok_or(CertificateProblem::NoSuitableKey)
}

/// The User IDs that are in force at that time.
pub(super) fn users_in_force(
    certificate: &Certificate,
    at: UnixTime,
) -> impl Iterator<Item = &User> {
    certificate
        .users
        .iter()
        .filter(move |user| certification(user, at, Missing::IsMissing).is_some())
}

/// The newest self-certification of a User ID, unless it was withdrawn.
pub(super) fn self_certification(user: &User, now: UnixTime) -> Option<&Signature> {
    certification(user, now, Missing::IsMissing)
}

/// The newest of some self-signatures that speak.
pub(super) fn newest(signatures: &[Signature], now: UnixTime) -> Option<&Signature> {
    speaking(signatures.iter(), now, Missing::IsMissing)
}

/// The binding of a subkey that speaks, if the subkey is in force.
pub(super) fn current_binding(subkey: &Subkey, now: UnixTime) -> Option<&Binding> {
    subkey_in_force(subkey, now, Missing::IsMissing).ok()
}

/// Checks that the primary key may vouch for others at that time.
pub(super) fn certifying(
    certificate: &Certificate,
    at: UnixTime,
) -> Result<(), CertificateProblem> {
    in_force(certificate, at)?;
    match Metadata::at(certificate, at, Missing::IsMissing).first(flags) {
        Some(flags) if !flags.certify() => Err(CertificateProblem::NoSuitableKey),
        _ => Ok(()),
    }
}

/// True if somebody else's certification, whose cryptography holds, counts at that time.
pub(super) fn is_valid_certification(signature: &Signature, at: UnixTime) -> bool {
    let Some(config) = signature.config() else {
        return false;
    };
    config.is_certification()
        && config.typ() != SignatureType::CertRevocation
        && hash_kind(config.hash_alg).is_some_and(|kind| kind != HashKind::Sha1)
        && !has_unknown_critical(config)
        && signature_created(signature) <= at.0.saturating_add(CLOCK_SKEW)
        && expiration(config).is_none_or(|end| end > at)
}

/// True if this withdraws a certification made at that time.
pub(super) fn withdraws(revocation: &Signature, certified: u64, at: UnixTime) -> bool {
    revocation.typ() == Some(SignatureType::CertRevocation)
        && signature_created(revocation) >= certified
        && signature_created(revocation) <= at.0.saturating_add(CLOCK_SKEW)
}

/// When a signature says it was made, in seconds.
pub(super) fn made_at(signature: &Signature) -> u64 {
    signature_created(signature)
}

fn in_force(certificate: &Certificate, now: UnixTime) -> Result<(), CertificateProblem> {
    match status(certificate, now) {
        CertificateStatus::Usable => Ok(()),
        other => Err(CertificateProblem::NotInForce(other)),
    }
}

// --- judging signatures over data ---

/// Checks what a signature over data says about itself, and returns when it was made.
pub(super) fn judge_data_signature(
    config: &SignatureConfig,
    now: UnixTime,
) -> Result<UnixTime, BadSignature> {
    if hash_kind(config.hash_alg).is_none_or(|kind| kind == HashKind::Sha1) {
        return Err(BadSignature::WeakAlgorithm);
    }
    if has_unknown_critical(config) {
        return Err(BadSignature::Malformed);
    }
    let created = config.created().ok_or(BadSignature::Malformed)?;
    let created = UnixTime(created.as_secs().into());
    if created.0 > now.0.saturating_add(CLOCK_SKEW) {
        return Err(BadSignature::FromTheFuture);
    }
    if expiration(config).is_some_and(|end| end <= now) {
        return Err(BadSignature::Expired);
    }
    Ok(created)
}

/// Checks that the key with this fingerprint was entitled to sign data at that time.
pub(super) fn judge_signer(
    certificate: &Certificate,
    key: &Fingerprint,
    at: UnixTime,
) -> Result<(), BadSignature> {
    if revoked_at(&certificate.revocations, at).is_some() {
        return Err(BadSignature::KeyRevoked);
    }
    if !is_strong(certificate.primary.public_params()) {
        return Err(BadSignature::WeakAlgorithm);
    }
    let created = key_created(&certificate.primary);
    let metadata = Metadata::at(certificate, at, Missing::OldestSpeaks);
    let expired = metadata.expires(created).is_some_and(|end| end <= at);
    if created.0 > at.0.saturating_add(CLOCK_SKEW) || expired || !metadata.is_bound() {
        return Err(BadSignature::KeyNotInForce);
    }
    if *key == fingerprint(&certificate.primary) {
        return match metadata.first(flags) {
            Some(flags) if !flags.sign() => Err(BadSignature::NotASigningKey),
            _ => Ok(()),
        };
    }
    let subkey = certificate
        .subkeys
        .iter()
        .find(|subkey| fingerprint(&subkey.key) == *key)
        .ok_or(BadSignature::NotASigningKey)?;
    let binding = subkey_in_force(subkey, at, Missing::OldestSpeaks)?;
    if binding.signed_back && flags(&binding.signature).is_none_or(|flags| flags.sign()) {
        Ok(())
    } else {
        Err(BadSignature::NotASigningKey)
    }
}

/// True if a self-signature's algorithms can be relied upon; if not, it is as if it were not
/// there.
pub(super) fn is_acceptable_self_signature(signature: &Signature) -> bool {
    let Some(config) = signature.config() else {
        return false;
    };
    let version = matches!(
        config.version(),
        SignatureVersion::V4 | SignatureVersion::V6
    );
    let hash = match hash_kind(config.hash_alg) {
        Some(HashKind::Sha1) => signature_created(signature) < LAST_SHA1_SELF_SIGNATURE,
        Some(_) => true,
        None => false,
    };
    version && hash && config.created().is_some() && !has_unknown_critical(config)
}

/// The engine's name of a hash algorithm; `None` for those that prove nothing.
pub(super) fn hash_kind(algorithm: HashAlgorithm) -> Option<HashKind> {
    Some(match algorithm {
        HashAlgorithm::Sha1 => HashKind::Sha1,
        HashAlgorithm::Sha224 => HashKind::Sha224,
        HashAlgorithm::Sha256 => HashKind::Sha256,
        HashAlgorithm::Sha384 => HashKind::Sha384,
        HashAlgorithm::Sha512 => HashKind::Sha512,
        HashAlgorithm::Sha3_256 => HashKind::Sha3_256,
        HashAlgorithm::Sha3_512 => HashKind::Sha3_512,
        _ => return None,
    })
}

pub(super) fn key_created(key: &impl KeyDetails) -> UnixTime {
    UnixTime(key.created_at().as_secs().into())
}

fn any_created(key: &AnyKey<'_>) -> UnixTime {
    match key {
        AnyKey::Primary(key) => key_created(*key),
        AnyKey::Subkey(key) => key_created(*key),
    }
}
