//! Every stored object sealed on its own.

mod store;

pub use store::{Batch, Collection, ObjectStore, Put, Record, RecordName, Replaces, StoreError};
