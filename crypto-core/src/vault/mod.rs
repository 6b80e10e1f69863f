//! Every stored object sealed on its own.
//!
//! The attacker reads and writes wherever sealed objects lie: the server's database, the disk
//! of the device. He may hand back any record he has ever seen, under any name. What he gets is
//! an error, and what he sees is which record changes when, and its size in buckets.
//!
//! # Format
//!
//! The vault key (32 random bytes) gives three keys by HKDF-SHA-256 (RFC 5869), with the labels
//! `letterlock/1 vault names`, `letterlock/1 vault collections`, `letterlock/1 vault objects`.
//! Integers are big-endian; `code` is the namespace's byte ([`Namespace`]).
//!
//! | what | how |
//! |---|---|
//! | record name, 32 bytes | `HMAC-SHA-256(names, code \| id)` |
//! | collection, 16 bytes | `HMAC-SHA-256(collections, code)`, cut |
//! | object key, 32 bytes | `HKDF-Expand(objects, name \| revision as 8 bytes)` |
//! | associated data | `letterlock/1 object`, format `0x01`, code, revision as 8 bytes, name |
//! | plaintext | length of id as 2 bytes, id, length of content as 4 bytes, content, zeros |
//! | sealed bytes | format `0x01`, nonce (24 random bytes), XChaCha20-Poly1305 ciphertext, tag of 16 bytes |
//!
//! The name stands for the id in the associated data, because it is a keyed hash of it; the id
//! itself lies inside, and opening compares the two. The plaintext is padded to at least 256
//! bytes, and above to the Padmé bucket of its length (at most 12 % more; "Reducing Metadata
//! Leakage from Encrypted Files and Communication with PURBs", section 4).
//!
//! The wrapped vault key is: format `0x01`, nonce (24 random bytes), XChaCha20-Poly1305 of the
//! key under the passphrase's unlock key, tag; associated data `letterlock/1 vault key`, `0x01`,
//! the account's address. 73 bytes; a new passphrase rewraps this and nothing else.
//!
//! # What is left to the caller
//!
//! A record that was right yesterday opens today. Whoever asks for an object names the revision
//! he expects ([`Vault::open`]), or looks at [`OpenedObject::revision`].
//!
//! ```
//! use crypto_core::{ids::{ObjectId, Revision}, vault::{Namespace, Vault, VaultKey}};
//! # use rand::SeedableRng;
//! # let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(1);
//! let vault = Vault::new(&VaultKey::make(&mut rng));
//! let id = ObjectId("bob@example.org".into());
//! let record = vault.seal(Namespace::Contact, &id, Revision::FIRST, b"Bob", &mut rng)?;
//! let opened = vault.open(Namespace::Contact, &id, Revision::FIRST, &record)?;
//! assert_eq!(opened.as_slice(), b"Bob");
//! assert!(vault.open(Namespace::Settings, &id, Revision::FIRST, &record).is_err());
//! # Ok::<(), crypto_core::vault::VaultError>(())
//! ```

#[cfg(any(test, feature = "testing"))]
pub mod contract;
mod key;
mod memory;
mod namespace;
mod padding;
mod seal;
mod store;

pub use key::VaultKey;
pub use memory::MemoryStore;
pub use namespace::Namespace;
pub use seal::{MAX_CONTENT_LEN, MAX_ID_LEN, OpenedObject, Sealable, Vault};
pub use store::{Batch, Collection, ObjectStore, Put, Record, RecordName, Replaces, StoreError};

/// Why an object could not be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// Damaged, changed, or something else than was asked for: another key, namespace, id or
    /// revision. Deliberately one variant.
    #[error("the sealed object cannot be opened")]
    CannotOpen,
    /// The id is longer than [`MAX_ID_LEN`] or the content longer than [`MAX_CONTENT_LEN`].
    #[error("the object is too large to be sealed")]
    TooLarge,
}

#[cfg(test)]
mod tests;
