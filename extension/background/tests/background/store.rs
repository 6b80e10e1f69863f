//! A store that can be out of reach for a while.

use std::{cell::Cell, rc::Rc};

use crypto_core::vault::{
    Batch, Collection, MemoryStore, ObjectStore, Record, RecordName, StoreError,
};

#[derive(Clone, Default)]
pub(crate) struct Shelf {
    pub(crate) kept: MemoryStore,
    pub(crate) out_of_reach: Rc<Cell<bool>>,
}

impl Shelf {
    fn reached(&self) -> Result<&MemoryStore, StoreError> {
        match self.out_of_reach.get() {
            true => Err(StoreError::Unavailable("not now".to_owned())),
            false => Ok(&self.kept),
        }
    }
}

impl ObjectStore for Shelf {
    async fn load(&self, collection: &Collection) -> Result<Vec<Record>, StoreError> {
        self.reached()?.load(collection).await
    }
    async fn get(&self, names: &[RecordName]) -> Result<Vec<Option<Record>>, StoreError> {
        self.reached()?.get(names).await
    }
    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        self.reached()?.commit(batch).await
    }
    async fn header(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.reached()?.header().await
    }
    async fn set_header(&self, header: &[u8]) -> Result<(), StoreError> {
        self.reached()?.set_header(header).await
    }
    async fn clear(&self) -> Result<(), StoreError> {
        self.reached()?.clear().await
    }
    fn take_damaged(&self) -> usize {
        self.kept.take_damaged()
    }
}
