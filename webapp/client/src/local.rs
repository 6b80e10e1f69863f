//! Sealed objects on this device: typed reading and writing over the store port.

use crypto_core::{
    ids::{ObjectId, Revision},
    vault::{Batch, Namespace, ObjectStore, Put, Record, Replaces, StoreError},
};
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use crate::{
    error::ClientError,
    ports::{Entropy, Platform},
    session::{SYNC_ID, Session, SyncState},
};

/// Serialises a value for sealing. The buffer is wiped when dropped.
pub(crate) fn encode(value: &impl Serialize) -> Result<Zeroizing<Vec<u8>>, ClientError> {
    postcard::to_stdvec(value)
        .map(Zeroizing::new)
        .map_err(|e| ClientError::Internal(e.to_string()))
}

/// Seals one object.
pub(crate) fn seal(
    platform: &impl Platform,
    session: &Session,
    namespace: Namespace,
    id: &ObjectId,
    revision: Revision,
    plaintext: &[u8],
) -> Result<Record, ClientError> {
    session
        .vault
        .seal(
            namespace,
            id,
            revision,
            plaintext,
            &mut platform.entropy().rng(),
        )
        .map_err(|e| ClientError::Internal(e.to_string()))
}

/// Seals a cache object (never synchronised: its revision stays the first) for a batch.
pub(crate) fn put_cached(
    platform: &impl Platform,
    session: &Session,
    batch: &mut Batch,
    namespace: Namespace,
    id: &str,
    value: &impl Serialize,
) -> Result<(), ClientError> {
    let record = seal(
        platform,
        session,
        namespace,
        &ObjectId(id.to_owned()),
        Revision::FIRST,
        &encode(value)?,
    )?;
    batch.put.push(Put {
        record,
        replaces: Replaces::Anything,
    });
    Ok(())
}

/// Writes down how far synchronisation has come, unless something fetched was not kept.
pub(crate) fn put_sync(
    platform: &impl Platform,
    session: &Session,
    batch: &mut Batch,
    sync: &SyncState,
) -> Result<(), ClientError> {
    if session.unkept.get() {
        return Ok(());
    }
    put_cached(platform, session, batch, Namespace::State, SYNC_ID, sync)
}

/// Removes a cache object in a batch.
pub(crate) fn remove_cached(session: &Session, batch: &mut Batch, namespace: Namespace, id: &str) {
    batch.delete.push(
        session
            .vault
            .record_name(namespace, &ObjectId(id.to_owned())),
    );
}

/// Reads one object; damaged or unreadable ones count as absent.
pub(crate) async fn get<T: DeserializeOwned>(
    platform: &impl Platform,
    session: &Session,
    namespace: Namespace,
    id: &str,
) -> Result<Option<T>, ClientError> {
    let id = ObjectId(id.to_owned());
    let name = session.vault.record_name(namespace, &id);
    let found = platform.store().get(&[name]).await?;
    Ok(found.into_iter().flatten().next().and_then(|record| {
        let plaintext = session
            .vault
            .open(namespace, &id, record.revision, &record)
            .ok()?;
        postcard::from_bytes(&plaintext).ok()
    }))
}

/// What a collection held.
pub(crate) struct Loaded<T> {
    /// Opened and read.
    pub(crate) objects: Vec<(ObjectId, Revision, T)>,
    /// How many could not be opened or read.
    pub(crate) damaged: usize,
}

/// Reads a whole namespace. Objects that do not open are counted, not fatal: one damaged
/// record must not lock a person out of the rest.
pub(crate) async fn load<T: DeserializeOwned>(
    platform: &impl Platform,
    session: &Session,
    namespace: Namespace,
) -> Result<Loaded<T>, ClientError> {
    let collection = session.vault.collection(namespace);
    let records = platform.store().load(&collection).await?;
    Ok(open_all(session, namespace, &records))
}

/// Opens the records of a namespace, as [`load`].
pub(crate) fn open_all<T: DeserializeOwned>(
    session: &Session,
    namespace: Namespace,
    records: &[Record],
) -> Loaded<T> {
    let mut loaded = Loaded {
        objects: Vec::with_capacity(records.len()),
        damaged: 0,
    };
    for record in records {
        let opened = session
            .vault
            .open_record(record)
            .ok()
            .filter(|o| o.namespace == namespace)
            .and_then(|o| {
                let value = postcard::from_bytes(&o.plaintext).ok()?;
                Some((o.id.clone(), record.revision, value))
            });
        match opened {
            Some(object) => loaded.objects.push(object),
            None => loaded.damaged += 1,
        }
    }
    loaded
}

/// Commits a batch of caches. A full store is not an error of the flow: what is shown stays
/// right, it is only not kept; the person is told once through the returned flag.
pub(crate) async fn commit_cache(
    platform: &impl Platform,
    batch: Batch,
) -> Result<StoreRoom, ClientError> {
    match platform.store().commit(batch).await {
        Ok(()) => Ok(StoreRoom::Kept),
        Err(StoreError::Full) => Ok(StoreRoom::Full),
        Err(other) => Err(other.into()),
    }
}

/// Whether a cache write found room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StoreRoom {
    /// Written.
    Kept,
    /// Not written.
    Full,
}
