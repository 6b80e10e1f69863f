//! The store for tests, and for devices that keep nothing.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{Batch, Collection, ObjectStore, Put, Record, RecordName, Replaces, StoreError};

/// Sealed objects in memory. Clones share the same objects, as two tabs share a database.
#[derive(Clone, Default)]
pub struct MemoryStore(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    records: BTreeMap<RecordName, Record>,
    header: Option<Vec<u8>>,
    quota: Option<usize>,
    fail_next: Option<StoreError>,
    damaged: usize,
}

impl MemoryStore {
    /// An empty store without a limit.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty store that takes at most so many bytes of sealed objects.
    #[must_use]
    pub fn with_quota(bytes: usize) -> Self {
        let store = Self::default();
        store.set_quota(Some(bytes));
        store
    }

    /// Changes the limit; what is there stays.
    pub fn set_quota(&self, bytes: Option<usize>) {
        self.inner().quota = bytes;
    }

    /// Makes the next [`ObjectStore::commit`] or [`ObjectStore::set_header`] fail.
    pub fn fail_next(&self, error: StoreError) {
        self.inner().fail_next = Some(error);
    }

    /// Loses a record as a damaged disk does: it is gone and counted. False when it is not there.
    pub fn damage(&self, name: &RecordName) -> bool {
        let mut inner = self.inner();
        let found = inner.records.remove(name).is_some();
        inner.damaged += usize::from(found);
        found
    }

    /// Every record, for tests that look at what lies at rest.
    #[must_use]
    pub fn records(&self) -> Vec<Record> {
        self.inner().records.values().cloned().collect()
    }

    /// Puts a record in place of whatever is there, past all checks: the attacker's hand.
    pub fn overwrite(&self, record: Record) {
        self.inner().records.insert(record.name, record);
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Every change below is made whole before the lock is given back.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemoryStore({} records)", self.inner().records.len())
    }
}

impl Inner {
    fn fits(&self, put: &Put) -> bool {
        let found = self.records.get(&put.record.name).map(|old| old.revision);
        match put.replaces {
            Replaces::Anything => true,
            Replaces::Nothing => found.is_none(),
            Replaces::Revision(revision) => found == Some(revision),
        }
    }
}

impl ObjectStore for MemoryStore {
    async fn load(&self, collection: &Collection) -> Result<Vec<Record>, StoreError> {
        let inner = self.inner();
        let of_collection = |record: &&Record| record.collection == *collection;
        Ok(inner
            .records
            .values()
            .filter(of_collection)
            .cloned()
            .collect())
    }

    async fn get(&self, names: &[RecordName]) -> Result<Vec<Option<Record>>, StoreError> {
        let inner = self.inner();
        Ok(names
            .iter()
            .map(|name| inner.records.get(name).cloned())
            .collect())
    }

    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        let mut inner = self.inner();
        if let Some(error) = inner.fail_next.take() {
            return Err(error);
        }
        if !batch.put.iter().all(|put| inner.fits(put)) {
            return Err(StoreError::Conflict);
        }
        let mut records = inner.records.clone();
        for put in batch.put {
            records.insert(put.record.name, put.record);
        }
        for name in &batch.delete {
            records.remove(name);
        }
        let size = |records: &BTreeMap<RecordName, Record>| -> usize {
            records.values().map(|record| record.bytes.len()).sum()
        };
        let used = size(&records);
        // What only makes room is always allowed, as it is on a disk.
        if used > size(&inner.records) && inner.quota.is_some_and(|quota| used > quota) {
            return Err(StoreError::Full);
        }
        inner.records = records;
        Ok(())
    }

    async fn header(&self) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.inner().header.clone())
    }

    async fn set_header(&self, header: &[u8]) -> Result<(), StoreError> {
        let mut inner = self.inner();
        if let Some(error) = inner.fail_next.take() {
            return Err(error);
        }
        inner.header = Some(header.to_vec());
        Ok(())
    }

    async fn clear(&self) -> Result<(), StoreError> {
        let mut inner = self.inner();
        inner.records.clear();
        inner.header = None;
        Ok(())
    }

    fn take_damaged(&self) -> usize {
        std::mem::take(&mut self.inner().damaged)
    }
}
