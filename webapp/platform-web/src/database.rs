//! The thin part over IndexedDB: a connection that comes back, and transactions.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use crypto_core::vault::StoreError;
use futures::future::join_all;
use gloo::events::EventListener;
use idb::{DatabaseEvent, Factory, ObjectStoreParams, Query, Transaction, TransactionFuture};
use js_sys::{Array, Function, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{IdbDatabase, IdbTransaction};

use crate::segment::SegmentId;

const VERSION: u32 = 1;

/// The database's tables.
pub(crate) const SEGMENTS: &str = "segments";
pub(crate) const HEADERS: &str = "headers";
pub(crate) const META: &str = "meta";

/// Keys in [`META`].
pub(crate) const GENERATION: &str = "generation";
pub(crate) const HEADER: &str = "header";

/// What a transaction may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Read,
    Write,
}

/// A database by name. The connection is opened when needed, and again after the browser has
/// closed it.
pub(crate) struct Connection {
    name: String,
    current: RefCell<Option<Rc<Link>>>,
}

struct Link {
    database: IdbDatabase,
    closed: Rc<Cell<bool>>,
    // Removed from the database when dropped.
    _listeners: [EventListener; 2],
}

impl Drop for Link {
    fn drop(&mut self) {
        self.database.close();
    }
}

impl Connection {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            current: RefCell::new(None),
        }
    }

    /// Begins a transaction over all tables. A connection that turns out to be closed is
    /// replaced once; nothing has been asked of it yet.
    pub(crate) async fn begin(&self, mode: Mode) -> Result<Tx, StoreError> {
        let link = self.link().await?;
        match Tx::begin(&link.database, mode) {
            Ok(tx) => Ok(tx),
            Err(_) => {
                self.reset();
                let link = self.link().await?;
                Tx::begin(&link.database, mode)
            }
        }
    }

    /// Gives the connection up after a write that failed. Firefox lets the next transaction of
    /// a connection that met the quota only delete; a new one may write again.
    pub(crate) fn reset(&self) {
        self.current.replace(None);
    }

    /// Opens the connection if there is none.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when the browser gives no database.
    pub(crate) async fn open(&self) -> Result<(), StoreError> {
        self.link().await.map(drop)
    }

    async fn link(&self) -> Result<Rc<Link>, StoreError> {
        let current = self.current.borrow().clone();
        if let Some(link) = current.filter(|link| !link.closed.get()) {
            return Ok(link);
        }
        let link = Rc::new(open(&self.name).await?);
        self.current.replace(Some(link.clone()));
        Ok(link)
    }
}

async fn open(name: &str) -> Result<Link, StoreError> {
    let mut request = Factory::new()
        .and_then(|factory| factory.open(name, Some(VERSION)))
        .map_err(|error| unavailable(&error))?;
    request.on_upgrade_needed(|event| {
        // A failure here fails the request, which tells.
        if let Ok(database) = event.database() {
            for table in [SEGMENTS, HEADERS, META] {
                drop(database.create_object_store(table, ObjectStoreParams::new()));
            }
        }
    });
    let database = request.await.map_err(|error| unavailable(&error))?;
    let database: IdbDatabase = JsValue::from(database)
        .dyn_into()
        .map_err(|_| StoreError::Unavailable("not a database".to_owned()))?;
    let closed = Rc::new(Cell::new(false));
    // Somebody wants to delete or upgrade the database: make way, or they wait forever.
    let on_version_change = {
        let (closed, database) = (closed.clone(), database.clone());
        EventListener::new(&database.clone(), "versionchange", move |_| {
            closed.set(true);
            database.close();
        })
    };
    // The browser closed it: storage was cleared, or the disk failed.
    let on_close = {
        let closed = closed.clone();
        EventListener::new(&database, "close", move |_| closed.set(true))
    };
    Ok(Link {
        database,
        closed,
        _listeners: [on_version_change, on_close],
    })
}

/// A transaction over all tables. One that writes must end in [`Tx::finish`] or [`Tx::abort`].
pub(crate) struct Tx {
    raw: IdbTransaction,
    // What was read is true when it has come: the end of a reading one tells nothing, and waiting
    // for it would cost a way to the browser and back.
    done: Option<TransactionFuture>,
}

impl Tx {
    fn begin(database: &IdbDatabase, mode: Mode) -> Result<Self, StoreError> {
        let tables: Array = [SEGMENTS, HEADERS, META]
            .into_iter()
            .map(JsValue::from)
            .collect();
        let options = Object::new();
        let name = match mode {
            Mode::Read => "readonly",
            Mode::Write => {
                // On disk before it is acknowledged: the browsers' usual "relaxed" would lose
                // the last seconds in a crash.
                set(&options, "durability", &"strict".into())?;
                "readwrite"
            }
        };
        let begin: Function = Reflect::get(database, &"transaction".into())
            .and_then(JsCast::dyn_into)
            .map_err(|error| failed(&error))?;
        let raw: IdbTransaction = begin
            .call3(database, &tables, &name.into(), &options)
            .and_then(JsCast::dyn_into)
            .map_err(|error| failed(&error))?;
        let done = (mode == Mode::Write).then(|| Transaction::from(raw.clone()).into_future());
        Ok(Self { raw, done })
    }

    fn table(&self, name: &str) -> Result<idb::ObjectStore, StoreError> {
        self.raw
            .object_store(name)
            .map(Into::into)
            .map_err(|error| failed(&error))
    }

    /// A number from [`META`].
    pub(crate) async fn number(&self, key: &str) -> Result<Option<f64>, StoreError> {
        let request = self
            .table(META)?
            .get(JsValue::from(key))
            .map_err(|error| unavailable(&error))?;
        let value = request.await.map_err(|error| unavailable(&error))?;
        Ok(value.and_then(|value| value.as_f64()))
    }

    /// Bytes from a table.
    pub(crate) async fn bytes(
        &self,
        table: &str,
        key: impl Into<JsValue>,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let request = self
            .table(table)?
            .get(key.into())
            .map_err(|error| unavailable(&error))?;
        let value = request.await.map_err(|error| unavailable(&error))?;
        Ok(value.as_ref().and_then(to_bytes))
    }

    /// The payloads of segments, in the same order, asked for all at once.
    pub(crate) async fn payloads(
        &self,
        ids: &[SegmentId],
    ) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let gets = ids.iter().map(|id| self.bytes(SEGMENTS, *id));
        join_all(gets).await.into_iter().collect()
    }

    /// Every header row.
    pub(crate) async fn header_rows(&self) -> Result<Vec<(SegmentId, Vec<u8>)>, StoreError> {
        let table = self.table(HEADERS)?;
        let fault = |error| unavailable(&error);
        let keys = table.get_all_keys(None, None).map_err(fault)?;
        let values = table.get_all(None, None).map_err(fault)?;
        let (keys, values) = (keys.await.map_err(fault)?, values.await.map_err(fault)?);
        // A key or value of another kind was not written by us; an empty row counts as damaged.
        Ok(keys
            .into_iter()
            .zip(values)
            .filter_map(|(key, value)| {
                let id = key.as_f64()? as SegmentId;
                Some((id, to_bytes(&value).unwrap_or_default()))
            })
            .collect())
    }

    /// Carries out writes; the answers are not waited for one by one.
    pub(crate) async fn write(&self, writes: &[Write<'_>]) -> Result<(), StoreError> {
        let mut puts = Vec::new();
        let mut deletes = Vec::new();
        let mut clears = Vec::new();
        for write in writes {
            match write {
                Write::Put(table, key, value) => puts.push(
                    self.table(table)?
                        .put(value, Some(key))
                        .map_err(|error| unavailable(&error))?
                        .into_future(),
                ),
                Write::Delete(table, key) => deletes.push(
                    self.table(table)?
                        .delete(Query::Key(key.clone()))
                        .map_err(|error| unavailable(&error))?
                        .into_future(),
                ),
                Write::Clear(table) => clears.push(
                    self.table(table)?
                        .clear()
                        .map_err(|error| unavailable(&error))?
                        .into_future(),
                ),
            }
        }
        let (puts, deletes, clears) =
            futures::join!(join_all(puts), join_all(deletes), join_all(clears));
        let puts = puts.into_iter().map(|result| result.map(drop));
        let all: Result<Vec<()>, idb::Error> = puts.chain(deletes).chain(clears).collect();
        all.map(drop).map_err(|error| unavailable(&error))
    }

    /// Waits until everything is durable.
    pub(crate) async fn finish(self) -> Result<(), StoreError> {
        let Some(done) = self.done else { return Ok(()) };
        match done.await {
            Ok(result) if result.is_committed() => Ok(()),
            Ok(_) => Err(self
                .raw
                .error()
                .map_or_else(aborted, |error| failed(&error))),
            Err(error) => Err(unavailable(&error)),
        }
    }

    /// Takes everything back and hands the reason through.
    pub(crate) async fn abort(self, reason: StoreError) -> StoreError {
        // It may have been aborted by the very failure that is the reason.
        drop(self.raw.abort());
        let quota = |error: &StoreError| *error == StoreError::Full;
        match self.finish().await {
            Err(error) if quota(&error) => error,
            _ => reason,
        }
    }
}

/// One change of a row.
pub(crate) enum Write<'a> {
    Put(&'a str, JsValue, JsValue),
    Delete(&'a str, JsValue),
    Clear(&'a str),
}

impl<'a> Write<'a> {
    pub(crate) fn bytes(table: &'a str, key: impl Into<JsValue>, value: &[u8]) -> Self {
        Self::Put(table, key.into(), Uint8Array::from(value).into())
    }
}

fn to_bytes(value: &JsValue) -> Option<Vec<u8>> {
    value.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec)
}

fn set(object: &Object, key: &str, value: &JsValue) -> Result<(), StoreError> {
    Reflect::set(object, &key.into(), value)
        .map(drop)
        .map_err(|error| failed(&error))
}

fn aborted() -> StoreError {
    StoreError::Unavailable("the transaction was aborted".to_owned())
}

fn unavailable(error: &idb::Error) -> StoreError {
    named(error.to_string())
}

fn failed(error: &JsValue) -> StoreError {
    let text = error
        .dyn_ref::<Object>()
        .map_or_else(String::new, |object| String::from(object.to_string()));
    named(text)
}

/// Browsers tell a full disk and a used-up quota by the same exception.
fn named(text: String) -> StoreError {
    if text.contains("QuotaExceededError") {
        StoreError::Full
    } else {
        StoreError::Unavailable(text)
    }
}
