//! Synchronising sealed objects: private keys, contacts and settings travel sealed, and the
//! server arbitrates revisions without reading them.
//!
//! Two devices that edit at once: the slower one gets `revisionMismatch`, opens the other's
//! version, merges, and writes on top of it. A server that replays an older or foreign object is
//! caught by the revision bound into the ciphertext and by the revisions this device has seen.

use base64::engine::{Engine, general_purpose::URL_SAFE_NO_PAD as BASE64URL_NOPAD};
use crypto_core::{
    ids::{ObjectId, Revision},
    vault::{Batch, Collection, Namespace, ObjectStore, Put, Record, RecordName, Replaces},
};
use serde::Deserialize;
use serde_json::json;
use wire::objects::{ObjectSetResponse, ObjectUpdate, SealedObject};

use crate::{
    account::{Contact, Settings},
    error::ClientError,
    jmap,
    local::{self, StoreRoom},
    ports::Platform,
    session::{DIRTY_PREFIX, DirtyObject, Session},
};

/// Namespaces that travel; the rest are caches of this device.
pub(crate) const SYNCHRONISED: [Namespace; 3] =
    [Namespace::Keyring, Namespace::Contact, Namespace::Settings];

/// The JMAP id of a record.
pub(crate) fn wire_id(name: &RecordName) -> String {
    BASE64URL_NOPAD.encode(name.0)
}

fn record_name(id: &str) -> Option<RecordName> {
    let bytes = BASE64URL_NOPAD.decode(id.as_bytes()).ok()?;
    Some(RecordName(bytes.try_into().ok()?))
}

/// Writes a synchronised object here, with a note that the server lacks it, in one commit.
pub(crate) async fn write(
    platform: &impl Platform,
    session: &Session,
    namespace: Namespace,
    id: ObjectId,
    plaintext: &[u8],
) -> Result<(), ClientError> {
    let key = (namespace, id.clone());
    let base = session
        .revisions
        .borrow()
        .get(&key)
        .copied()
        .unwrap_or_default();
    let name = session.vault.record_name(namespace, &id);
    let dirty_id = format!("{DIRTY_PREFIX}{}", wire_id(&name));
    // A change on top of an unsent change replaces what the server has, not what it never saw.
    let replaces = session
        .dirty
        .borrow()
        .get(&dirty_id)
        .map_or(base.0, |d| d.replaces);
    let revision = Revision(replaces).next();
    let note = DirtyObject {
        namespace,
        id: id.clone(),
        replaces,
    };
    let mut batch = Batch::default();
    batch.put.push(Put {
        record: local::seal(platform, session, namespace, &id, revision, plaintext)?,
        replaces: Replaces::Anything,
    });
    local::put_cached(
        platform,
        session,
        &mut batch,
        Namespace::State,
        &dirty_id,
        &note,
    )?;
    platform.store().commit(batch).await?;
    session.revisions.borrow_mut().insert(key, revision);
    session.dirty.borrow_mut().insert(dirty_id, note);
    Ok(())
}

/// Sends what waits. Returns how many objects the server took.
pub(crate) async fn push(
    platform: &impl Platform,
    session: &Session,
) -> Result<usize, ClientError> {
    // Each round resolves the conflicts of the one before; a few are enough unless another
    // device writes without pause.
    let mut sent = 0;
    for _ in 0..4 {
        let waiting: Vec<(String, DirtyObject)> = session
            .dirty
            .borrow()
            .iter()
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        if waiting.is_empty() {
            return Ok(sent);
        }
        let mut update = serde_json::Map::new();
        let mut sent_bytes = std::collections::HashMap::new();
        for (_, note) in &waiting {
            let name = session.vault.record_name(note.namespace, &note.id);
            let Some(record) = platform
                .store()
                .get(&[name])
                .await?
                .into_iter()
                .flatten()
                .next()
            else {
                continue;
            };
            sent_bytes.insert(name, record.bytes.clone());
            let body = ObjectUpdate {
                replaces: note.replaces,
                data: record.bytes.into(),
            };
            update.insert(
                wire_id(&name),
                serde_json::to_value(body).map_err(|e| ClientError::Internal(e.to_string()))?,
            );
        }
        let mut answers = jmap::call(
            platform,
            session,
            vec![(
                "SealedObject/set",
                json!({"accountId": session.account_id(), "update": update}),
                "0",
            )],
        )
        .await?;
        let done: ObjectSetResponse = answers.take("0", "SealedObject/set")?;
        for (dirty_id, note) in waiting {
            let name = session.vault.record_name(note.namespace, &note.id);
            let id = wire_id(&name);
            if done.updated.contains_key(&id) {
                sent += 1;
                settle(platform, session, &dirty_id, &note, sent_bytes.get(&name)).await?;
            } else if let Some(error) = done.not_updated.get(&id) {
                if error.kind == wire::objects::REVISION_MISMATCH {
                    rebase(platform, session, &note, &id).await?;
                } else {
                    return Err(ClientError::Protocol(format!(
                        "SealedObject/set: {}",
                        error.kind
                    )));
                }
            }
        }
    }
    Err(ClientError::Conflict)
}

/// Forgets the note of an object that the server has taken. If the object was written again
/// meanwhile, the newer content goes on top of what the server has now.
async fn settle(
    platform: &impl Platform,
    session: &Session,
    dirty_id: &str,
    note: &DirtyObject,
    sent: Option<&Vec<u8>>,
) -> Result<(), ClientError> {
    let name = session.vault.record_name(note.namespace, &note.id);
    let stored = platform
        .store()
        .get(&[name])
        .await?
        .into_iter()
        .flatten()
        .next();
    let rewritten = stored.filter(|record| Some(&record.bytes) != sent);
    session.dirty.borrow_mut().remove(dirty_id);
    match rewritten {
        None => {
            let mut batch = Batch::default();
            local::remove_cached(session, &mut batch, Namespace::State, dirty_id);
            platform.store().commit(batch).await?;
        }
        Some(record) => {
            let plaintext = session
                .vault
                .open(note.namespace, &note.id, record.revision, &record)
                .map_err(|e| ClientError::Internal(e.to_string()))?;
            session.revisions.borrow_mut().insert(
                (note.namespace, note.id.clone()),
                Revision(note.replaces).next(),
            );
            let id = note.id.clone();
            write(platform, session, note.namespace, id, &plaintext).await?;
        }
    }
    Ok(())
}

/// Another device was faster: merge its version with ours and write on top of it.
async fn rebase(
    platform: &impl Platform,
    session: &Session,
    note: &DirtyObject,
    id: &str,
) -> Result<(), ClientError> {
    let theirs = fetch(platform, session, Some(vec![id.to_owned()])).await?.0;
    let ours = session.vault.record_name(note.namespace, &note.id);
    let ours = platform
        .store()
        .get(&[ours])
        .await?
        .into_iter()
        .flatten()
        .next();
    let plaintext = match (ours, theirs.into_iter().next()) {
        (Some(ours), Some(theirs)) => {
            let open = |record: &Record| {
                session
                    .vault
                    .open(note.namespace, &note.id, record.revision, record)
                    .map_err(|_| ClientError::ServerNotTrusted("a sealed object does not open"))
            };
            let ours_plain = open(&ours)?;
            let theirs_plain = open(&theirs)?;
            session
                .revisions
                .borrow_mut()
                .insert((note.namespace, note.id.clone()), theirs.revision);
            if newer(note.namespace, &theirs_plain) > newer(note.namespace, &ours_plain) {
                theirs_plain
            } else {
                ours_plain
            }
        }
        (Some(ours), None) => {
            session
                .revisions
                .borrow_mut()
                .remove(&(note.namespace, note.id.clone()));
            session
                .vault
                .open(note.namespace, &note.id, ours.revision, &ours)
                .map_err(|e| ClientError::Internal(e.to_string()))?
        }
        _ => return Ok(()),
    };
    let name = session.vault.record_name(note.namespace, &note.id);
    session
        .dirty
        .borrow_mut()
        .remove(&format!("{DIRTY_PREFIX}{}", wire_id(&name)));
    write(
        platform,
        session,
        note.namespace,
        note.id.clone(),
        &plaintext,
    )
    .await?;
    apply(session, note.namespace, &note.id, &plaintext);
    Ok(())
}

/// When a version was made, for merging; keys never change and are always equal.
fn newer(namespace: Namespace, plaintext: &[u8]) -> u64 {
    match namespace {
        Namespace::Contact => postcard::from_bytes::<Contact>(plaintext).map(|c| c.changed_at),
        Namespace::Settings => postcard::from_bytes::<Settings>(plaintext).map(|s| s.changed_at),
        _ => return 0,
    }
    .unwrap_or(0)
}

/// Puts an opened object into the session's caches. Keys are taken up at unlock only.
pub(crate) fn apply(session: &Session, namespace: Namespace, id: &ObjectId, plaintext: &[u8]) {
    match namespace {
        Namespace::Contact => {
            if let Ok(contact) = postcard::from_bytes::<Contact>(plaintext) {
                let mut contacts = session.contacts.borrow_mut();
                if contact.more.forgotten {
                    contacts.remove(&id.0);
                } else {
                    contacts.insert(id.0.clone(), contact);
                }
            }
        }
        Namespace::Settings => {
            if let Ok(settings) = postcard::from_bytes::<Settings>(plaintext) {
                session.settings.replace(settings);
                session.choose_slot();
            }
        }
        _ => {}
    }
}

#[derive(Deserialize)]
struct GetResponse {
    state: String,
    list: Vec<SealedObject>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChangesResponse {
    new_state: String,
    has_more_changes: bool,
    created: Vec<String>,
    updated: Vec<String>,
    // Destroyed objects are kept here: a server must not be able to make keys vanish.
}

/// Objects as records, and the state they stand at.
async fn fetch(
    platform: &impl Platform,
    session: &Session,
    ids: Option<Vec<String>>,
) -> Result<(Vec<Record>, String), ClientError> {
    let mut answers = jmap::call(
        platform,
        session,
        vec![(
            "SealedObject/get",
            json!({"accountId": session.account_id(), "ids": ids}),
            "0",
        )],
    )
    .await?;
    let got: GetResponse = answers.take("0", "SealedObject/get")?;
    let mut records = Vec::with_capacity(got.list.len());
    for object in got.list {
        let name = record_name(&object.id)
            .ok_or_else(|| ClientError::Protocol("sealed object id".into()))?;
        let revision = Revision(object.revision);
        let bytes = object.data.0;
        // The collection is ours, not the server's: it follows from what is inside. A record that
        // opens as nothing is handed on as it is, to be refused and counted.
        let record = match session.vault.open_received(name, revision, bytes.clone()) {
            Ok((record, _)) => record,
            Err(_) => Record {
                name,
                collection: Collection([0; 16]),
                revision,
                bytes,
            },
        };
        records.push(record);
    }
    Ok((records, got.state))
}

/// Fetches what other devices wrote. Objects that do not open or are older than what this
/// device knows are refused and counted.
pub(crate) async fn pull(
    platform: &impl Platform,
    session: &Session,
) -> Result<Pulled, ClientError> {
    let since = session.sync.borrow().objects.clone();
    let mut pulled = Pulled::default();
    let (records, state) = if since.is_empty() {
        fetch(platform, session, None).await?
    } else {
        match changed_ids(platform, session, since).await {
            Ok((ids, state)) if ids.is_empty() => (Vec::new(), state),
            Ok((ids, state)) => (fetch(platform, session, Some(ids)).await?.0, state),
            Err(error) if jmap::must_start_over(&error) => fetch(platform, session, None).await?,
            Err(error) => return Err(error),
        }
    };
    let mut batch = Batch::default();
    let mut accepted = Vec::new();
    for record in records {
        let Ok(opened) = session.vault.open_record(&record) else {
            pulled.refused += 1;
            continue;
        };
        if !SYNCHRONISED.contains(&opened.namespace) {
            pulled.refused += 1;
            continue;
        }
        let key = (opened.namespace, opened.id.clone());
        let known = session.revisions.borrow().get(&key).copied();
        let dirty_id = format!("{DIRTY_PREFIX}{}", wire_id(&record.name));
        if session.dirty.borrow().contains_key(&dirty_id) {
            // Ours waits to be sent; the compare-and-swap will bring both together.
            continue;
        }
        match known {
            Some(known) if record.revision < known => {
                pulled.refused += 1;
                continue;
            }
            Some(known) if record.revision == known => continue,
            _ => {}
        }
        accepted.push((key, record.revision, opened));
        batch.put.push(Put {
            record,
            replaces: Replaces::Anything,
        });
    }
    let mut sync = session.sync.borrow().clone();
    sync.objects = state;
    local::put_sync(platform, session, &mut batch, &sync)?;
    // Without room the objects are used for as long as the session lasts, and fetched again.
    match local::commit_cache(platform, batch).await? {
        StoreRoom::Kept => drop(session.sync.replace(sync)),
        StoreRoom::Full => {
            session.unkept.set(true);
            pulled.store_full = true;
        }
    }
    for (key, revision, opened) in accepted {
        pulled.new_keys |= key.0 == Namespace::Keyring;
        pulled.changed += 1;
        apply(session, opened.namespace, &opened.id, &opened.plaintext);
        session.revisions.borrow_mut().insert(key, revision);
    }
    Ok(pulled)
}

/// What [`pull`] found.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pulled {
    /// New or changed objects.
    pub(crate) changed: usize,
    /// Objects that did not open or were older than known.
    pub(crate) refused: usize,
    /// True when a private key came.
    pub(crate) new_keys: bool,
    /// True when the device has no room to keep what came.
    pub(crate) store_full: bool,
}

async fn changed_ids(
    platform: &impl Platform,
    session: &Session,
    mut since: String,
) -> Result<(Vec<String>, String), ClientError> {
    let mut ids = Vec::new();
    loop {
        let mut answers = jmap::call(
            platform,
            session,
            vec![(
                "SealedObject/changes",
                json!({"accountId": session.account_id(), "sinceState": since}),
                "0",
            )],
        )
        .await?;
        let changes: ChangesResponse = answers.take("0", "SealedObject/changes")?;
        ids.extend(changes.created);
        ids.extend(changes.updated);
        let stuck = changes.new_state == since;
        since = changes.new_state;
        if !changes.has_more_changes || stuck {
            return Ok((ids, since));
        }
    }
}
