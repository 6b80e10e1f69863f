//! The keyring while it is open.

use std::{collections::BTreeMap, fmt};

use rand::{CryptoRng, RngCore};

use super::{KeyringError, LockedKeyring, SlotId, names_itself};
use crate::{
    bulk::BulkEngine,
    ids::{Revision, UnixTime},
    openpgp::{
        self, Audience, Certificate, DecryptError, DecryptRequest, EncryptError, Limits, LockError,
        Opened, SealRequest, SecretCertificate, SignError,
    },
    secret::Passphrase,
    vault::{Namespace, OpenedObject, Record, RecordName, Vault},
};

/// Private keys ready for use. Wiped when locked or dropped.
#[derive(Default)]
pub struct Keyring {
    pub(super) slots: BTreeMap<SlotId, Slot>,
    // Kept as they are: a key that cannot be read today must not be lost by locking.
    unreadable: Vec<Record>,
}

pub(super) struct Slot {
    pub(super) key: SecretCertificate,
    pub(super) certificate: Certificate,
    pub(super) sealed: Record,
}

/// Why an operation with a key failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SlotError<E: std::error::Error + 'static> {
    /// There is no key in this slot.
    #[error("there is no such key")]
    NoSuchSlot,
    /// The operation itself failed.
    #[error(transparent)]
    Failed(E),
}

/// To whom a message goes and who signs it.
#[derive(Clone, Copy, Debug)]
pub struct EncryptFor<'a> {
    /// Everybody who shall read it; put one's own certificate among them.
    pub recipients: &'a [&'a Certificate],
    /// Passwords that shall open it as well.
    pub passwords: &'a [&'a Passphrase],
    /// The slot that signs.
    pub signer: Option<&'a SlotId>,
    /// The time of the signature, at which certificates must be in force.
    pub now: UnixTime,
    /// True for armor (ASCII), false for binary.
    pub armor: bool,
}

/// What else to try and to judge a message by; the keyring adds its own keys and certificates.
#[derive(Clone, Copy, Debug)]
pub struct OpenWith<'a> {
    /// Passwords.
    pub passwords: &'a [&'a Passphrase],
    /// Certificates of possible signers, beside one's own.
    pub verifiers: &'a [&'a Certificate],
    /// How much work the message may ask for.
    pub limits: &'a Limits,
    /// The time at which to judge.
    pub now: UnixTime,
}

impl Keyring {
    /// A keyring without keys.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// True when no key can be used.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The slots, in the order of their fingerprints.
    pub fn slots(&self) -> impl Iterator<Item = &SlotId> {
        self.slots.keys()
    }

    /// How many stored keys could not be opened. They stay stored as they are.
    #[must_use]
    pub fn damaged(&self) -> usize {
        self.unreadable.len()
    }

    /// The public part of a slot's key.
    #[must_use]
    pub fn certificate(&self, slot: &SlotId) -> Option<&Certificate> {
        self.slots.get(slot).map(|slot| &slot.certificate)
    }

    /// A slot's key as it is stored, to be committed and synchronised.
    #[must_use]
    pub fn record(&self, slot: &SlotId) -> Option<&Record> {
        self.slots.get(slot).map(|slot| &slot.sealed)
    }

    /// Takes a new private key and seals it; store [`Keyring::record`] before relying on it.
    ///
    /// # Errors
    ///
    /// [`KeyringError::KeyIsLocked`] and [`KeyringError::AlreadyThere`].
    pub fn add(
        &mut self,
        key: SecretCertificate,
        vault: &Vault,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<SlotId, KeyringError> {
        let slot = SlotId::of(&key.fingerprint());
        if self.slots.contains_key(&slot) {
            return Err(KeyringError::AlreadyThere);
        }
        self.insert(slot.clone(), key, Revision::FIRST, vault, rng)?;
        Ok(slot)
    }

    /// Replaces a slot's key by a newer version of the same key, such as one that was extended
    /// or revoked; the record gets the next revision.
    ///
    /// # Errors
    ///
    /// [`KeyringError::NoSuchSlot`] when no key has this fingerprint; [`KeyringError::KeyIsLocked`].
    pub fn replace(
        &mut self,
        key: SecretCertificate,
        vault: &Vault,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<SlotId, KeyringError> {
        let slot = SlotId::of(&key.fingerprint());
        let old = self.slots.get(&slot).ok_or(KeyringError::NoSuchSlot)?;
        let revision = old.sealed.revision.next();
        self.insert(slot.clone(), key, revision, vault, rng)?;
        Ok(slot)
    }

    /// Forgets a key; the answer names the record to delete.
    pub fn remove(&mut self, slot: &SlotId) -> Option<RecordName> {
        self.slots.remove(slot).map(|slot| slot.sealed.name)
    }

    /// Wipes the keys and keeps what is sealed.
    #[must_use]
    pub fn lock(self) -> LockedKeyring {
        let sealed = self.slots.into_values().map(|slot| slot.sealed);
        LockedKeyring::new(sealed.chain(self.unreadable).collect())
    }

    /// Opens a message with every key there is. One's own certificates are among the verifiers.
    ///
    /// # Errors
    ///
    /// See [`DecryptError`].
    pub async fn decrypt(
        &self,
        engine: &impl BulkEngine,
        message: &[u8],
        with: &OpenWith<'_>,
    ) -> Result<Opened, DecryptError> {
        let keys: Vec<_> = self.slots.values().map(|slot| &slot.key).collect();
        let own = self.slots.values().map(|slot| &slot.certificate);
        let verifiers: Vec<_> = with.verifiers.iter().copied().chain(own).collect();
        let request = DecryptRequest {
            keys: &keys,
            passwords: with.passwords,
            verifiers: &verifiers,
            limits: with.limits,
            now: with.now,
        };
        openpgp::decrypt(engine, message, &request).await
    }

    /// Encrypts, and signs with a slot's key if one is named.
    ///
    /// # Errors
    ///
    /// See [`SlotError`] and [`EncryptError`].
    pub async fn encrypt(
        &self,
        engine: &impl BulkEngine,
        rng: &mut (impl RngCore + CryptoRng),
        plaintext: &[u8],
        for_whom: &EncryptFor<'_>,
    ) -> Result<Vec<u8>, SlotError<EncryptError>> {
        self.encrypt_to(engine, rng, plaintext, for_whom, Audience::Everyone)
            .await
    }

    /// As [`Keyring::encrypt`], for recipients of whose software something is known.
    ///
    /// # Errors
    ///
    /// See [`SlotError`] and [`EncryptError`].
    pub async fn encrypt_to(
        &self,
        engine: &impl BulkEngine,
        rng: &mut (impl RngCore + CryptoRng),
        plaintext: &[u8],
        for_whom: &EncryptFor<'_>,
        audience: Audience,
    ) -> Result<Vec<u8>, SlotError<EncryptError>> {
        let signer = for_whom.signer.map(|slot| self.key(slot)).transpose()?;
        let mut request = SealRequest::new(for_whom.now);
        request.recipients = for_whom.recipients;
        request.passwords = for_whom.passwords;
        request.signers = signer.as_slice();
        request.armor = for_whom.armor;
        request.audience = audience;
        openpgp::seal(engine, rng, plaintext, &request)
            .await
            .map(|sealed| sealed.message)
            .map_err(SlotError::Failed)
    }

    /// Makes a detached signature with a slot's key.
    ///
    /// # Errors
    ///
    /// See [`SlotError`] and [`SignError`].
    pub async fn sign_detached(
        &self,
        engine: &impl BulkEngine,
        rng: &mut (impl RngCore + CryptoRng),
        data: &[u8],
        slot: &SlotId,
        now: UnixTime,
        armor: bool,
    ) -> Result<Vec<u8>, SlotError<SignError>> {
        openpgp::sign_detached(engine, rng, data, self.key(slot)?, now, armor)
            .await
            .map_err(SlotError::Failed)
    }

    /// Signs text so that it can be read without any software.
    ///
    /// # Errors
    ///
    /// See [`SlotError`] and [`SignError`].
    pub async fn sign_cleartext(
        &self,
        engine: &impl BulkEngine,
        rng: &mut (impl RngCore + CryptoRng),
        text: &str,
        slot: &SlotId,
        now: UnixTime,
    ) -> Result<String, SlotError<SignError>> {
        openpgp::sign_cleartext(engine, rng, text, self.key(slot)?, now)
            .await
            .map_err(SlotError::Failed)
    }

    /// A slot's key, armored and locked by a passphrase, to be kept by its owner.
    ///
    /// # Errors
    ///
    /// See [`SlotError`] and [`LockError`].
    pub fn export_locked(
        &self,
        slot: &SlotId,
        passphrase: &Passphrase,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<String, SlotError<LockError>> {
        self.key(slot)?
            .export_locked(passphrase, rng)
            .map_err(SlotError::Failed)
    }

    /// A revocation of a slot's key, armored, to be published when it must no longer be used.
    ///
    /// # Errors
    ///
    /// See [`SlotError`] and [`LockError`].
    pub fn make_revocation(
        &self,
        slot: &SlotId,
        now: UnixTime,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<String, SlotError<LockError>> {
        self.key(slot)?
            .make_revocation(now, rng)
            .map_err(SlotError::Failed)
    }

    /// Takes an opened object of the vault, or counts it as damaged when it is no usable key.
    pub(super) fn take(&mut self, object: OpenedObject, sealed: &Record) {
        match SecretCertificate::parse(&object.plaintext) {
            Ok(key) if !key.is_locked() => {
                let slot = SlotId::of(&key.fingerprint());
                if !names_itself(&object, &slot) {
                    return self.count_damaged(sealed);
                }
                let entry = Slot {
                    certificate: key.certificate(),
                    key,
                    sealed: sealed.clone(),
                };
                self.slots.insert(slot, entry);
            }
            _ => self.count_damaged(sealed),
        }
    }

    pub(super) fn count_damaged(&mut self, sealed: &Record) {
        self.unreadable.push(sealed.clone());
    }

    fn insert(
        &mut self,
        slot: SlotId,
        key: SecretCertificate,
        revision: Revision,
        vault: &Vault,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<(), KeyringError> {
        if key.is_locked() {
            return Err(KeyringError::KeyIsLocked);
        }
        let sealed = vault
            .seal(
                Namespace::Keyring,
                &slot.object_id(),
                revision,
                &key.to_bytes(),
                rng,
            )
            .map_err(|_| KeyringError::TooLarge)?;
        let entry = Slot {
            certificate: key.certificate(),
            key,
            sealed,
        };
        self.slots.insert(slot, entry);
        Ok(())
    }

    pub(super) fn key<E: std::error::Error>(
        &self,
        slot: &SlotId,
    ) -> Result<&SecretCertificate, SlotError<E>> {
        let slot = self.slots.get(slot).ok_or(SlotError::NoSuchSlot)?;
        Ok(&slot.key)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("slots", &self.slots.len())
            .field("damaged", &self.unreadable.len())
            .finish()
    }
}
