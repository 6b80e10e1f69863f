//! Sealing and opening, one object or many.

use std::fmt;

use chacha20poly1305::{AeadInPlace, KeyInit, Tag, XChaCha20Poly1305, XNonce};
use hkdf_013::Hkdf;
use hmac_013::{Hmac, KeyInit as _, Mac};
use rand::{CryptoRng, RngCore};
use sha2_011::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{Collection, Namespace, Record, RecordName, VaultError, VaultKey, padding};
use crate::{
    ids::{ObjectId, Revision},
    kdf::derive_key,
};

/// The longest object id, in bytes of UTF-8.
pub const MAX_ID_LEN: usize = 512;
/// The longest content of one object, in bytes: 64 MiB.
pub const MAX_CONTENT_LEN: usize = 64 * 1024 * 1024;

const FORMAT: u8 = 1;
const NONCE_LEN: usize = 24;
const TAG_LEN: usize = 16;
const HEAD_LEN: usize = 1 + NONCE_LEN;
const AAD_LABEL: &[u8; 19] = b"letterlock/1 object";
const AAD_LEN: usize = 19 + 1 + 1 + 8 + 32;

/// Seals and opens objects. Cheap to use: the keyed hash states are prepared once.
#[derive(Clone)]
pub struct Vault {
    names: Hmac<Sha256>,
    objects: Hkdf<Sha256>,
    collections: [(Namespace, Collection); Namespace::ALL.len()],
}

/// An object to be sealed by [`Vault::seal_many`].
#[derive(Clone, Copy)]
pub struct Sealable<'a> {
    /// Its kind.
    pub namespace: Namespace,
    /// Its name within the kind.
    pub id: &'a ObjectId,
    /// Its new revision.
    pub revision: Revision,
    /// What it holds.
    pub content: &'a [u8],
}

/// An object that was opened and is exactly what it says.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenedObject {
    /// Its kind.
    pub namespace: Namespace,
    /// Its name within the kind.
    pub id: ObjectId,
    /// Its revision. A store may have handed back an older one than the newest.
    pub revision: Revision,
    /// What it holds.
    pub plaintext: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for OpenedObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenedObject")
            .field("namespace", &self.namespace)
            .field("revision", &self.revision)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(..)")
    }
}

impl Vault {
    /// Prepares the keys under a vault key.
    #[must_use]
    pub fn new(key: &VaultKey) -> Self {
        let derive = |label| derive_key(key.expose(), label);
        let collections = hmac(derive(b"letterlock/1 vault collections").expose());
        Self {
            names: hmac(derive(b"letterlock/1 vault names").expose()),
            objects: hkdf(derive(b"letterlock/1 vault objects").expose()),
            collections: Namespace::ALL.map(|namespace| {
                let hash = finish(collections.clone(), &[&[namespace.code()]]);
                let mut collection = [0; 16];
                collection
                    .iter_mut()
                    .zip(hash)
                    .for_each(|(to, from)| *to = from);
                (namespace, Collection(collection))
            }),
        }
    }

    /// What an object's record is called.
    #[must_use]
    pub fn record_name(&self, namespace: Namespace, id: &ObjectId) -> RecordName {
        self.name_of(namespace, id.0.as_bytes())
    }

    fn name_of(&self, namespace: Namespace, id: &[u8]) -> RecordName {
        RecordName(finish(self.names.clone(), &[&[namespace.code()], id]))
    }

    /// What the records of a namespace have in common.
    #[must_use]
    pub fn collection(&self, namespace: Namespace) -> Collection {
        self.collections
            .iter()
            .find(|(candidate, _)| *candidate == namespace)
            .map_or(Collection([0; 16]), |(_, collection)| *collection)
    }

    /// Seals one object.
    ///
    /// # Errors
    ///
    /// [`VaultError::TooLarge`] when id or content is longer than the format takes.
    pub fn seal(
        &self,
        namespace: Namespace,
        id: &ObjectId,
        revision: Revision,
        plaintext: &[u8],
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Record, VaultError> {
        self.seal_one(
            Sealable {
                namespace,
                id,
                revision,
                content: plaintext,
            },
            rng,
        )
    }

    /// Seals many objects; one that is too large fails them all.
    ///
    /// # Errors
    ///
    /// As [`Vault::seal`].
    pub fn seal_many<'a>(
        &self,
        objects: impl IntoIterator<Item = Sealable<'a>>,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Vec<Record>, VaultError> {
        objects
            .into_iter()
            .map(|object| self.seal_one(object, rng))
            .collect()
    }

    fn seal_one(
        &self,
        object: Sealable<'_>,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Record, VaultError> {
        let id = object.id.0.as_bytes();
        if id.len() > MAX_ID_LEN || object.content.len() > MAX_CONTENT_LEN {
            return Err(VaultError::TooLarge);
        }
        let id_len = u16::try_from(id.len()).map_err(|_| VaultError::TooLarge)?;
        let content_len = u32::try_from(object.content.len()).map_err(|_| VaultError::TooLarge)?;
        let name = self.name_of(object.namespace, id);

        let padded = padding::bucket(2 + id.len() + 4 + object.content.len());
        let mut bytes = Vec::with_capacity(HEAD_LEN + padded + TAG_LEN);
        let mut nonce = [0; NONCE_LEN];
        rng.fill_bytes(&mut nonce);
        bytes.push(FORMAT);
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&id_len.to_be_bytes());
        bytes.extend_from_slice(id);
        bytes.extend_from_slice(&content_len.to_be_bytes());
        bytes.extend_from_slice(object.content);
        bytes.resize(HEAD_LEN + padded, 0);

        let aad = associated_data(object.namespace, &name, object.revision);
        let body = bytes.get_mut(HEAD_LEN..).ok_or(VaultError::TooLarge)?;
        let tag = self
            .cipher(&name, object.revision)
            .encrypt_in_place_detached(XNonce::from_slice(&nonce), &aad, body)
            .map_err(|_| VaultError::TooLarge)?;
        bytes.extend_from_slice(&tag);
        Ok(Record {
            name,
            collection: self.collection(object.namespace),
            revision: object.revision,
            bytes,
        })
    }

    /// Opens the object one asked for, and nothing else.
    ///
    /// # Errors
    ///
    /// [`VaultError::CannotOpen`] when the record is damaged or is another object, an older or
    /// newer revision, or another account's.
    pub fn open(
        &self,
        namespace: Namespace,
        id: &ObjectId,
        revision: Revision,
        record: &Record,
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let name = self.record_name(namespace, id);
        if record.revision != revision
            || record.collection != self.collection(namespace)
            || !bool::from(name.0.ct_eq(&record.name.0))
        {
            return Err(VaultError::CannotOpen);
        }
        self.open_record(record).map(|object| object.plaintext)
    }

    /// Opens a record that came with a list, and says what it is.
    ///
    /// # Errors
    ///
    /// [`VaultError::CannotOpen`] when the record is damaged, lies under another name, collection
    /// or revision than it was sealed for, or is another account's.
    pub fn open_record(&self, record: &Record) -> Result<OpenedObject, VaultError> {
        self.collections
            .iter()
            .find(|(_, collection)| *collection == record.collection)
            .and_then(|(namespace, _)| self.open_as(*namespace, record))
            .ok_or(VaultError::CannotOpen)
    }

    /// Opens a record that came without its collection, as a server hands it out, and gives the
    /// record with the collection it belongs to.
    ///
    /// Tries each namespace; a wrong one fails at the tag, before anything is decrypted.
    ///
    /// # Errors
    ///
    /// As [`Vault::open_record`].
    pub fn open_received(
        &self,
        name: RecordName,
        revision: Revision,
        bytes: Vec<u8>,
    ) -> Result<(Record, OpenedObject), VaultError> {
        let mut record = Record {
            name,
            collection: Collection([0; 16]),
            revision,
            bytes,
        };
        for (namespace, collection) in &self.collections {
            if let Some(object) = self.open_as(*namespace, &record) {
                record.collection = *collection;
                return Ok((record, object));
            }
        }
        Err(VaultError::CannotOpen)
    }

    fn open_as(&self, namespace: Namespace, record: &Record) -> Option<OpenedObject> {
        let plaintext = self.decrypt(namespace, record)?;
        let (id, content) = unpack(&plaintext)?;
        // The tag already binds the name; this binds the id to it.
        let name = self.name_of(namespace, id.as_bytes());
        if !bool::from(name.0.ct_eq(&record.name.0)) {
            return None;
        }
        Some(OpenedObject {
            namespace,
            id: ObjectId(id.to_owned()),
            revision: record.revision,
            plaintext: Zeroizing::new(content.to_vec()),
        })
    }

    /// Opens many records, each on its own: one that is damaged does not hide the others.
    pub fn open_many<'a>(
        &self,
        records: impl IntoIterator<Item = &'a Record>,
    ) -> Vec<Result<OpenedObject, VaultError>> {
        records
            .into_iter()
            .map(|record| self.open_record(record))
            .collect()
    }

    fn decrypt(&self, namespace: Namespace, record: &Record) -> Option<Zeroizing<Vec<u8>>> {
        let (head, body) = record.bytes.split_first_chunk::<HEAD_LEN>()?;
        let (&FORMAT, nonce) = head.split_first()? else {
            return None;
        };
        let (ciphertext, tag) = body.split_last_chunk::<TAG_LEN>()?;
        let mut plaintext = Zeroizing::new(ciphertext.to_vec());
        let aad = associated_data(namespace, &record.name, record.revision);
        self.cipher(&record.name, record.revision)
            .decrypt_in_place_detached(
                XNonce::from_slice(nonce),
                &aad,
                &mut plaintext,
                Tag::from_slice(tag),
            )
            .ok()?;
        Some(plaintext)
    }

    fn cipher(&self, name: &RecordName, revision: Revision) -> XChaCha20Poly1305 {
        let mut key = Zeroizing::new([0; 32]);
        let parts: [&[u8]; 2] = [&name.0, &revision.0.to_be_bytes()];
        // Cannot fail: 32 bytes are one block.
        let filled = self.objects.expand_multi_info(&parts, key.as_mut_slice());
        debug_assert!(filled.is_ok());
        XChaCha20Poly1305::new(key.as_slice().into())
    }
}

/// Splits an opened plaintext into id and content; the rest must be zeros.
fn unpack(plaintext: &[u8]) -> Option<(&str, &[u8])> {
    let (id_len, rest) = plaintext.split_first_chunk::<2>()?;
    let (id, rest) = rest.split_at_checked(u16::from_be_bytes(*id_len).into())?;
    let (content_len, rest) = rest.split_first_chunk::<4>()?;
    let content_len = usize::try_from(u32::from_be_bytes(*content_len)).ok()?;
    let (content, zeros) = rest.split_at_checked(content_len)?;
    if zeros.iter().any(|byte| *byte != 0) {
        return None;
    }
    Some((std::str::from_utf8(id).ok()?, content))
}

fn associated_data(namespace: Namespace, name: &RecordName, revision: Revision) -> [u8; AAD_LEN] {
    let mut aad = [0; AAD_LEN];
    let parts = AAD_LABEL
        .iter()
        .copied()
        .chain([FORMAT, namespace.code()])
        .chain(revision.0.to_be_bytes())
        .chain(name.0);
    aad.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
    aad
}

#[allow(clippy::expect_used, reason = "HMAC takes keys of every length")]
fn hmac(key: &[u8; 32]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of every length")
}

#[allow(
    clippy::expect_used,
    reason = "32 bytes are SHA-256's output length, the least HKDF takes"
)]
fn hkdf(key: &[u8; 32]) -> Hkdf<Sha256> {
    Hkdf::from_prk(key).expect("32 bytes are long enough")
}

fn finish(mut mac: Hmac<Sha256>, parts: &[&[u8]]) -> [u8; 32] {
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}
