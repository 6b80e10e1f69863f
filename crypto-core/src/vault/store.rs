//! The port behind which sealed objects lie: memory, IndexedDB, a file.
//!
//! A store sees keyed hashes, revisions and padded ciphertext, nothing else. What it promises:
//! once [`ObjectStore::commit`] answers `Ok`, the whole batch survives a crash; when it answers
//! an error, nothing of the batch is there.

use std::fmt;

use crate::ids::Revision;

/// What a record is called: a keyed hash of its namespace and object id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordName(pub [u8; 32]);

/// Which records belong together: a keyed hash of a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Collection(pub [u8; 16]);

/// A sealed object as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// Its name.
    pub name: RecordName,
    /// The collection it belongs to.
    pub collection: Collection,
    /// The revision bound into the ciphertext.
    pub revision: Revision,
    /// The sealed bytes.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Record({:?}, {} bytes)", self.revision, self.bytes.len())
    }
}

/// What a [`Put`] expects to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replaces {
    /// Whatever is there.
    Anything,
    /// Nothing under that name.
    Nothing,
    /// Exactly this revision.
    Revision(Revision),
}

/// A record to be written, and what it may replace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Put {
    /// The new record.
    pub record: Record,
    /// What must be there before.
    pub replaces: Replaces,
}

/// Changes that happen together or not at all.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Records to write.
    pub put: Vec<Put>,
    /// Records to remove; absent ones are no error.
    pub delete: Vec<RecordName>,
}

/// Why a store could not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// No room is left; nothing of the batch was written.
    #[error("the store is full")]
    Full,
    /// A [`Replaces`] was not met: another tab was faster. Nothing of the batch was written.
    #[error("the object was changed elsewhere")]
    Conflict,
    /// The store cannot be opened or read.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
}

/// Where sealed objects lie on this device.
#[allow(async_fn_in_trait)] // never Send: browsers have one thread, native callers block on it
pub trait ObjectStore {
    /// Every readable record of a collection, in no order. Damaged ones are left out and
    /// counted by [`ObjectStore::take_damaged`].
    async fn load(&self, collection: &Collection) -> Result<Vec<Record>, StoreError>;

    /// As [`ObjectStore::load`], of several collections in their order, each named once. A store
    /// that is far away, as a browser's database is, reads them in one go.
    async fn load_all(&self, collections: &[Collection]) -> Result<Vec<Vec<Record>>, StoreError> {
        let mut loaded = Vec::with_capacity(collections.len());
        for collection in collections {
            loaded.push(self.load(collection).await?);
        }
        Ok(loaded)
    }

    /// The records of these names, in the same order.
    async fn get(&self, names: &[RecordName]) -> Result<Vec<Option<Record>>, StoreError>;

    /// Writes and removes, all or nothing; durable once it answers `Ok`.
    async fn commit(&self, batch: Batch) -> Result<(), StoreError>;

    /// The bytes kept beside the objects: what the locked page needs, nothing secret.
    async fn header(&self) -> Result<Option<Vec<u8>>, StoreError>;

    /// Replaces the header.
    async fn set_header(&self, header: &[u8]) -> Result<(), StoreError>;

    /// Removes everything, header included.
    async fn clear(&self) -> Result<(), StoreError>;

    /// How many damaged records were found since the last call.
    fn take_damaged(&self) -> usize;
}
