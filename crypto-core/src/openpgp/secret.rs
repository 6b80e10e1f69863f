//! Private keys together with their certificate.
//!
//! The attacker may have had the file of a locked private key in hands and altered its public
//! numbers, so that using it gives the secret away (Klima-Rosa, "KOpenPGP"). Therefore nothing
//! is done with a private key before it has been checked to fit its public part: when it is
//! read, or, if it is locked, when it is unlocked.

use std::fmt;

use pgp::{
    armor::BlockType,
    crypto::hash::HashAlgorithm,
    packet::{PublicKeyEncryptedSessionKey, SecretKey, SecretSubkey},
    types::{
        DecryptionKey, EcdhPublicParams, EcdsaPublicParams, EddsaLegacyPublicParams, EncryptionKey,
        EskType, KeyDetails, KeyVersion, Password, PlainSecretParams, PublicParams, S2kParams,
        SecretParams, SignatureBytes, SigningKey, StringToKey, VerifyingKey,
    },
};
use rand::{CryptoRng, RngCore, SeedableRng, rngs::StdRng};
use zeroize::Zeroizing;

use super::{
    Certificate, Limits,
    armor::{self, Readers},
    assemble::{self, Assembled, Expect},
    certificate::write_packet,
    error::{ImportError, LockError, UnlockError},
    generate, policy,
};
use crate::{
    ids::{Fingerprint, UnixTime},
    secret::Passphrase,
};

/// A certificate with its private keys, locked or not.
#[derive(Clone)]
pub struct SecretCertificate {
    certificate: Certificate,
    primary: SecretKey,
    subkeys: Vec<SecretSubkey>,
}

impl fmt::Debug for SecretCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretCertificate({}, ..)", self.fingerprint())
    }
}

impl SecretCertificate {
    pub(super) fn from_parts(
        certificate: Certificate,
        primary: SecretKey,
        subkeys: Vec<SecretSubkey>,
    ) -> Self {
        Self {
            certificate,
            primary,
            subkeys,
        }
    }

    /// Reads exactly one private key, armored or binary, locked by a passphrase or not.
    ///
    /// # Errors
    /// [`ImportError::Altered`] if an unlocked private part does not fit the public part; for
    /// locked keys [`SecretCertificate::unlock`] checks.
    pub fn parse(bytes: &[u8]) -> Result<Self, ImportError> {
        let mut all = assemble::assemble(bytes, Expect::Secret)?;
        let one = match (all.pop(), all.is_empty()) {
            (Some(one), true) => one,
            _ => return Err(ImportError::SeveralCertificates),
        };
        let Assembled {
            certificate,
            primary: Some(primary),
            subkeys,
        } = one
        else {
            return Err(ImportError::PublicKeyGiven);
        };
        let key = Self::from_parts(certificate, primary, subkeys);
        if key.fits() {
            Ok(key)
        } else {
            Err(ImportError::Altered)
        }
    }

    /// True if any of its private keys needs a passphrase.
    pub fn is_locked(&self) -> bool {
        self.all_params()
            .any(|params| params.is_encrypted() && !is_stub(params))
    }

    /// Unlocks all private keys and checks that each fits its public part.
    ///
    /// # Errors
    /// See [`UnlockError`]; the locked key stays usable for another try.
    pub fn unlock(&self, passphrase: &Passphrase, limits: &Limits) -> Result<Self, UnlockError> {
        if self.all_params().all(is_stub) {
            return Err(UnlockError::SecretMissing);
        }
        let mut budget = limits.s2k_work_kib;
        for params in self.all_params() {
            if let SecretParams::Encrypted(locked) = params
                && !is_stub(params)
            {
                check_s2k(locked.string_to_key_params(), limits, &mut budget)?;
            }
        }
        let password = Password::from(passphrase.expose());
        let mut unlocked = self.clone();
        if !is_stub(unlocked.primary.secret_params()) {
            unlocked
                .primary
                .remove_password(&password)
                .map_err(|_| UnlockError::WrongPassphrase)?;
        }
        for subkey in &mut unlocked.subkeys {
            if !is_stub(subkey.secret_params()) {
                subkey
                    .remove_password(&password)
                    .map_err(|_| UnlockError::WrongPassphrase)?;
            }
        }
        if unlocked.fits() {
            Ok(unlocked)
        } else {
            Err(UnlockError::Altered)
        }
    }

    /// The binary form as it is: unlocked keys are written in the clear, for the vault.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        // Large enough from the start, so that growing leaves no copy behind.
        let mut output = Zeroizing::new(Vec::with_capacity(64 << 10));
        write_packet(&self.primary, &mut output);
        self.certificate
            .write_after_primary(&mut output, |subkey, output| {
                let secret = self
                    .subkeys
                    .iter()
                    .find(|secret| secret.fingerprint() == subkey.key.fingerprint());
                match secret {
                    Some(secret) => write_packet(secret, output),
                    None => write_packet(&subkey.key, output),
                }
            });
        output
    }

    /// The armored form with every private key locked by the passphrase.
    ///
    /// # Errors
    /// [`LockError::Locked`] if it is locked already.
    pub fn export_locked(
        &self,
        passphrase: &Passphrase,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<String, LockError> {
        if self.is_locked() {
            return Err(LockError::Locked);
        }
        if passphrase.is_empty() {
            return Err(LockError::EmptyPassphrase);
        }
        let password = Password::from(passphrase.expose());
        let failed = |error: pgp::errors::Error| LockError::Internal(error.to_string());
        let mut locked = self.clone();
        if !is_stub(locked.primary.secret_params()) {
            let s2k = locking(locked.primary.version(), rng);
            locked
                .primary
                .set_password_with_s2k(&password, s2k)
                .map_err(failed)?;
        }
        for subkey in &mut locked.subkeys {
            if !is_stub(subkey.secret_params()) {
                let s2k = locking(subkey.version(), rng);
                subkey
                    .set_password_with_s2k(&password, s2k)
                    .map_err(failed)?;
            }
        }
        let readers = Readers::of(locked.primary.version());
        Ok(armor::write_text(
            &locked.to_bytes(),
            BlockType::PrivateKey,
            readers,
        ))
    }

    /// A revocation of the whole key, armored, to be published when the key must no longer be
    /// used.
    ///
    /// # Errors
    /// [`LockError::Locked`] if the key is locked.
    pub fn make_revocation(
        &self,
        now: UnixTime,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<String, LockError> {
        if self.primary.secret_params().is_encrypted() {
            return Err(LockError::Locked);
        }
        generate::make_revocation(&self.primary, now, rng)
            .map_err(|error| LockError::Internal(error.to_string()))
    }

    /// The public part.
    pub fn certificate(&self) -> Certificate {
        self.certificate.clone()
    }

    /// The fingerprint of the primary key.
    pub fn fingerprint(&self) -> Fingerprint {
        self.certificate.fingerprint()
    }

    /// The same private keys with a newer version of their certificate: renewed, revoked.
    ///
    /// # Errors
    /// [`super::MergeError::DifferentKeys`].
    pub fn with_certificate(&self, newer: &Certificate) -> Result<Self, super::MergeError> {
        let mut updated = self.clone();
        updated.certificate = self.certificate.merge(newer)?;
        Ok(updated)
    }

    pub(super) fn public(&self) -> &Certificate {
        &self.certificate
    }

    /// All private keys, the primary one first.
    pub(super) fn keys(&self) -> impl Iterator<Item = AnySecretKey<'_>> {
        std::iter::once(AnySecretKey::Primary(&self.primary))
            .chain(self.subkeys.iter().map(AnySecretKey::Subkey))
    }

    fn all_params(&self) -> impl Iterator<Item = &SecretParams> {
        std::iter::once(self.primary.secret_params())
            .chain(self.subkeys.iter().map(SecretSubkey::secret_params))
    }

    /// False if any unlocked private key does not belong to its public key.
    fn fits(&self) -> bool {
        self.keys().all(|key| match key.params() {
            SecretParams::Encrypted(_) => true,
            SecretParams::Plain(plain) => match key {
                AnySecretKey::Primary(secret) => fits(secret, secret.public_key(), plain),
                AnySecretKey::Subkey(secret) => fits(secret, secret.public_key(), plain),
            },
        })
    }
}

/// One of the private keys of a certificate.
#[derive(Clone, Copy)]
pub(super) enum AnySecretKey<'a> {
    Primary(&'a SecretKey),
    Subkey(&'a SecretSubkey),
}

impl<'a> AnySecretKey<'a> {
    pub(super) fn params(&self) -> &'a SecretParams {
        match self {
            Self::Primary(key) => key.secret_params(),
            Self::Subkey(key) => key.secret_params(),
        }
    }

    /// True if it can be used: neither locked nor left out of the file.
    pub(super) fn is_plain(&self) -> bool {
        !self.params().is_encrypted()
    }

    /// True if the file holds only a placeholder for it.
    pub(super) fn is_stub(&self) -> bool {
        is_stub(self.params())
    }

    pub(super) fn fingerprint(&self) -> Fingerprint {
        match self {
            Self::Primary(key) => policy::fingerprint(*key),
            Self::Subkey(key) => policy::fingerprint(*key),
        }
    }

    pub(super) fn matches(&self, recipient: &PublicKeyEncryptedSessionKey) -> bool {
        match self {
            Self::Primary(key) => recipient.match_identity(*key),
            Self::Subkey(key) => recipient.match_identity(*key),
        }
    }

    /// Signs a digest.
    pub(super) fn sign(
        &self,
        hash: HashAlgorithm,
        digest: &[u8],
    ) -> Result<SignatureBytes, pgp::errors::Error> {
        match self {
            Self::Primary(key) => SigningKey::sign(*key, &Password::empty(), hash, digest),
            Self::Subkey(key) => SigningKey::sign(*key, &Password::empty(), hash, digest),
        }
    }
}

/// True if a private part is only a placeholder: the key is on a card, or was kept back
/// (GnuPG's private way of locking).
fn is_stub(params: &SecretParams) -> bool {
    match params {
        SecretParams::Plain(_) => false,
        SecretParams::Encrypted(locked) => matches!(
            locked.string_to_key_params(),
            S2kParams::Cfb {
                s2k: StringToKey::Private { .. },
                ..
            } | S2kParams::MalleableCfb {
                s2k: StringToKey::Private { .. },
                ..
            }
        ),
    }
}

/// Refuses ways of locking that are unknown or would need too much memory or time.
fn check_s2k(params: &S2kParams, limits: &Limits, budget: &mut u64) -> Result<(), UnlockError> {
    match params {
        S2kParams::Aead { s2k, .. }
        | S2kParams::Cfb { s2k, .. }
        | S2kParams::MalleableCfb { s2k, .. } => {
            if spend(s2k, limits, budget) {
                Ok(())
            } else {
                Err(UnlockError::LimitExceeded)
            }
        }
        S2kParams::Unprotected => Ok(()),
        S2kParams::LegacyCfb { .. } => Err(UnlockError::Unsupported(
            "a passphrase hashed once with MD5".to_owned(),
        )),
    }
}

/// Takes what a derivation costs off the budget; false if it costs too much.
pub(super) fn spend(s2k: &StringToKey, limits: &Limits, budget: &mut u64) -> bool {
    /// More lanes than any sender uses.
    const MAX_LANES: u8 = 16;
    let cost = match s2k {
        StringToKey::Argon2 { t, p, m_enc, .. } => {
            let memory_kib = 1u32.checked_shl(u32::from(*m_enc)).unwrap_or(u32::MAX);
            if memory_kib > limits.s2k_memory_kib || *p > MAX_LANES {
                return false;
            }
            u64::from(memory_kib) * u64::from(*t)
        }
        // At most 62 MiB are hashed: about as long as this much Argon2.
        StringToKey::IteratedAndSalted { .. } => 64 << 10,
        _ => 1,
    };
    match budget.checked_sub(cost) {
        Some(left) => {
            *budget = left;
            true
        }
        None => false,
    }
}

/// How exported keys are locked: Argon2 with authenticated encryption for version 6
/// (RFC 9580, section 3.7.2.1), and for version 4 what GnuPG 2.2 can read.
fn locking(version: KeyVersion, rng: &mut (impl RngCore + CryptoRng)) -> S2kParams {
    match S2kParams::new_default(&mut *rng, version) {
        S2kParams::Cfb { sym_alg, s2k, iv } => {
            let StringToKey::IteratedAndSalted { hash_alg, salt, .. } = s2k else {
                return S2kParams::Cfb { sym_alg, s2k, iv };
            };
            /// The largest count there is: 62 MiB are hashed.
            const COUNT: u8 = 255;
            let s2k = StringToKey::IteratedAndSalted {
                hash_alg,
                salt,
                count: COUNT,
            };
            S2kParams::Cfb { sym_alg, s2k, iv }
        }
        other => other,
    }
}

/// Checks a private key against its public key by using the two together.
fn fits<S, P>(secret: &S, public: &P, plain: &PlainSecretParams) -> bool
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
