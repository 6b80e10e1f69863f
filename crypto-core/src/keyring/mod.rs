//! Private keys: locked or unlocked, named by slot, never handed out.
//!
//! The rest of the client asks the keyring to *do* things (decrypt, sign, encrypt) and names the
//! key by [`SlotId`]; there is no way to get a private key out except sealed by the vault or
//! locked by a passphrase. Locking consumes the unlocked keyring, so nothing that is locked can
//! be used by mistake.
//!
//! At rest every key is one object of the vault, in [`Namespace::Keyring`], under its
//! fingerprint; the content is the binary private key (`SecretCertificate::to_bytes`).
//!
//! ```
//! use crypto_core::{ids::UnixTime, keyring::Keyring, openpgp::{Profile, UserId, generate}};
//! use crypto_core::vault::{Vault, VaultKey};
//! # use rand::SeedableRng;
//! # let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(1);
//! let vault = Vault::new(&VaultKey::make(&mut rng));
//! let ann = [UserId::new("Ann", "ann@example.org")];
//! let key = generate(Profile::Compatible, &ann, UnixTime(1_790_000_000), &mut rng)?.secret;
//!
//! let mut keyring = Keyring::new();
//! let slot = keyring.add(key, &vault, &mut rng)?;
//! let locked = keyring.lock();                  // what `locked.records()` holds may be stored
//! let unlocked = locked.unlock(&vault)?;
//! assert!(unlocked.certificate(&slot).is_some());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod confined;
mod unlocked;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use unlocked::{EncryptFor, Keyring, OpenWith, SlotError};

use crate::{
    ids::{Fingerprint, ObjectId},
    vault::{Namespace, OpenedObject, Record, Vault},
};

/// Names a private key in a keyring: the fingerprint of its primary key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SlotId(Fingerprint);

impl SlotId {
    /// The slot of a key with this fingerprint.
    #[must_use]
    pub fn of(fingerprint: &Fingerprint) -> Self {
        Self(fingerprint.clone())
    }

    /// The fingerprint of the slot's key.
    #[must_use]
    pub fn fingerprint(&self) -> &Fingerprint {
        &self.0
    }

    /// What the slot's object is called in [`Namespace::Keyring`].
    #[must_use]
    pub fn object_id(&self) -> ObjectId {
        ObjectId(self.0.as_hex().to_owned())
    }
}

/// Why a keyring could not be changed or unlocked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyringError {
    /// None of the stored keys opens: another vault key, or all are damaged.
    #[error("the stored keys cannot be opened")]
    CannotOpen,
    /// The key needs its own passphrase first; the vault holds keys that are ready for use.
    #[error("the private key is locked by its own passphrase")]
    KeyIsLocked,
    /// A key with this fingerprint is there already.
    #[error("the key is there already")]
    AlreadyThere,
    /// There is no key in this slot.
    #[error("there is no such key")]
    NoSuchSlot,
    /// The key is larger than an object may be.
    #[error("the key is too large to be stored")]
    TooLarge,
}

/// Private keys as they lie at rest, sealed.
#[derive(Clone, Default)]
pub struct LockedKeyring {
    records: Vec<Record>,
}

impl LockedKeyring {
    /// Takes the records of [`Namespace::Keyring`]'s collection.
    #[must_use]
    pub fn new(records: Vec<Record>) -> Self {
        Self { records }
    }

    /// The sealed keys.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// Opens every key. One that is damaged does not keep the others shut; see
    /// [`Keyring::damaged`].
    ///
    /// # Errors
    ///
    /// [`KeyringError::CannotOpen`] when there are keys and none opens.
    pub fn unlock(&self, vault: &Vault) -> Result<Keyring, KeyringError> {
        let mut keyring = Keyring::new();
        for record in &self.records {
            match vault.open_record(record) {
                Ok(object) => keyring.take(object, record),
                Err(_) => keyring.count_damaged(record),
            }
        }
        if keyring.is_empty() && !self.records.is_empty() {
            return Err(KeyringError::CannotOpen);
        }
        Ok(keyring)
    }
}

impl fmt::Debug for LockedKeyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LockedKeyring({} keys)", self.records.len())
    }
}

/// True when an opened object is the key its name says.
fn names_itself(object: &OpenedObject, slot: &SlotId) -> bool {
    object.namespace == Namespace::Keyring && object.id == slot.object_id()
}

#[cfg(test)]
mod tests;
