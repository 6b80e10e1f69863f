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
    types::{KeyDetails, Password, SecretParams, SignatureBytes, SigningKey},
};
use rand::{CryptoRng, RngCore};
use zeroize::Zeroizing;

use super::{
    Certificate, Limits,
    armor::{self, Readers},
    assemble::{self, Assembled, Expect},
    certificate::write_packet,
    error::{ImportError, LockError, UnlockError},
    fitting::fits,
    generate,
    locking::{check_s2k, is_stub, locking},
    policy,
};
use crate::{
    ids::{Fingerprint, UnixTime},
    secret::Passphrase,
};

/// A certificate with its private keys, locked or not.
#[derive(Clone)]
pub struct SecretCertificate {
    certificate: Certificate,
    /// Boxed, so that moving the whole leaves no copy of the secret where it was.
    primary: Box<SecretKey>,
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
        primary: Box<SecretKey>,
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
        let mut all = Self::parse_many(bytes)?;
        match (all.pop(), all.is_empty()) {
            (Some(one), true) => Ok(one),
            _ => Err(ImportError::SeveralCertificates),
        }
    }

    /// Reads all private keys of a keyring, armored or binary; none is an error.
    ///
    /// # Errors
    /// As for [`SecretCertificate::parse`].
    pub fn parse_many(bytes: &[u8]) -> Result<Vec<Self>, ImportError> {
        let all = assemble::assemble(bytes, Expect::Secret)?;
        all.into_iter()
            .map(|one| {
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
            })
            .collect()
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
        write_packet(&*self.primary, &mut output);
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

    pub(super) fn primary(&self) -> &SecretKey {
        &self.primary
    }

    pub(super) fn subkeys(&self) -> &[SecretSubkey] {
        &self.subkeys
    }

    pub(super) fn parts_mut(
        &mut self,
    ) -> (&mut Certificate, &mut SecretKey, &mut Vec<SecretSubkey>) {
        (&mut self.certificate, &mut *self.primary, &mut self.subkeys)
    }

    pub(super) fn public(&self) -> &Certificate {
        &self.certificate
    }

    /// All private keys, the primary one first.
    pub(super) fn keys(&self) -> impl Iterator<Item = AnySecretKey<'_>> {
        std::iter::once(AnySecretKey::Primary(&self.primary))
            .chain(self.subkeys.iter().map(AnySecretKey::Subkey))
    }

    pub(super) fn all_params(&self) -> impl Iterator<Item = &SecretParams> {
        std::iter::once(self.primary.secret_params())
            .chain(self.subkeys.iter().map(SecretSubkey::secret_params))
    }

    /// False if any unlocked private key does not belong to its public key.
    pub(super) fn fits(&self) -> bool {
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
