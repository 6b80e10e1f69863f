//! Sealed objects in IndexedDB.
//!
//! How objects are packed is decided in `segment`; here rows are read and written. The database
//! has three tables: `segments` (payloads), `headers` (what is alive in each), `meta` (the header
//! of the locked page, and a generation that every commit raises).
//!
//! Several tabs may have the same database open. Each keeps an index of it in memory, and looks
//! at the generation inside the very transaction in which it reads or writes: if another tab was
//! there, the index is rebuilt before anything is decided. Writing transactions exclude each
//! other, so a stale index is never written over, and compare-and-swap holds across tabs.
//!
//! A commit is one transaction with `durability: "strict"`. A damaged segment is found by its
//! checksum, taken out, and its records are counted for [`ObjectStore::take_damaged`]; the
//! others stay.

use std::{cell::Cell, collections::HashMap, fmt};

use crypto_core::vault::{Batch, Collection, ObjectStore, Record, RecordName, StoreError};
use futures::lock::Mutex;
use wasm_bindgen::JsValue;

use crate::{
    database::{Connection, GENERATION, HEADER, HEADERS, META, Mode, SEGMENTS, Tx, Write},
    segment::{Index, Limits, SegmentId, Writes},
};

/// Sealed objects in one IndexedDB database.
pub struct IndexedDbStore {
    connection: Connection,
    state: Mutex<State>,
    damaged: Cell<usize>,
}

#[derive(Default)]
struct State {
    index: Index,
    // `None` until the database has been looked at, and after a failed write.
    generation: Option<f64>,
}

impl IndexedDbStore {
    /// Opens the database of this name, and makes it if need be. One name a server origin.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when the browser gives no database: storage is switched off,
    /// or the database is of a newer version of the program.
    pub async fn open(name: &str) -> Result<Self, StoreError> {
        let store = Self {
            connection: Connection::new(name),
            state: Mutex::default(),
            damaged: Cell::new(0),
        };
        store.connection.open().await?;
        Ok(store)
    }

    fn count_damaged(&self, records: usize) {
        self.damaged.set(self.damaged.get().saturating_add(records));
    }

    /// Reads the payloads of segments in one transaction with the index that names them. Those
    /// that the known index names are asked for together with the generation, which says whether
    /// it was still right.
    async fn read(
        &self,
        state: &mut State,
        choose: impl Fn(&Index) -> Vec<SegmentId>,
    ) -> Result<ReadOut, StoreError> {
        let tx = self.connection.begin(Mode::Read).await?;
        let result = async {
            if state.generation.is_some() {
                let ids = choose(&state.index);
                // Both are waited for, whatever becomes of the other.
                let (generation, payloads) =
                    futures::join!(tx.number(GENERATION), tx.payloads(&ids));
                if generation? == state.generation {
                    return Ok(ReadOut {
                        segments: ids.into_iter().zip(payloads?).collect(),
                        broken: Vec::new(),
                    });
                }
            }
            let broken = refresh(&tx, state).await?;
            let ids = choose(&state.index);
            let payloads = tx.payloads(&ids).await?;
            Ok(ReadOut {
                segments: ids.into_iter().zip(payloads).collect(),
                broken,
            })
        }
        .await;
        match result {
            Ok(read) => tx.finish().await.map(|()| read),
            Err(reason) => Err(tx.abort(reason).await),
        }
    }

    /// Looks at damaged segments again, where nobody else can write, and takes out those that
    /// still are. Another tab may have been faster; then it has counted them.
    async fn take_out(
        &self,
        state: &mut State,
        suspects: Vec<SegmentId>,
    ) -> Result<(), StoreError> {
        if suspects.is_empty() {
            return Ok(());
        }
        let tx = self.connection.begin(Mode::Write).await?;
        let result = async {
            let broken = refresh(&tx, state).await?;
            let mut lost = broken.len();
            let mut deleted = broken;
            let payloads = tx.payloads(&suspects).await?;
            for (id, payload) in suspects.into_iter().zip(payloads) {
                let Some(segment) = state.index.segment(id) else {
                    continue;
                };
                let is_whole = payload.is_some_and(|payload| segment.read(id, &payload).is_ok());
                if !is_whole {
                    lost += segment.len();
                    deleted.push(id);
                }
            }
            let writes = Writes {
                deleted,
                lost,
                ..Writes::default()
            };
            self.write_rows(&tx, state.generation, &writes)
                .await
                .map(|next| (writes, next))
        }
        .await;
        self.end_write(tx, state, result).await
    }

    /// Issues the rows of a commit and the next generation, which it answers.
    async fn write_rows(
        &self,
        tx: &Tx,
        generation: Option<f64>,
        writes: &Writes,
    ) -> Result<f64, StoreError> {
        let row = |id, segment: &crate::segment::Segment| {
            segment
                .to_row(id)
                .map_err(|_| StoreError::Unavailable("a header cannot be written".to_owned()))
        };
        let mut rows = Vec::new();
        for (id, segment, payload) in &writes.new {
            rows.push(Write::bytes(SEGMENTS, *id, payload));
            rows.push(Write::bytes(HEADERS, *id, &row(*id, segment)?));
        }
        for (id, segment) in &writes.changed {
            rows.push(Write::bytes(HEADERS, *id, &row(*id, segment)?));
        }
        for id in &writes.deleted {
            rows.push(Write::Delete(SEGMENTS, (*id).into()));
            rows.push(Write::Delete(HEADERS, (*id).into()));
        }
        let next = next_generation(generation);
        rows.push(Write::Put(META, GENERATION.into(), next.into()));
        tx.write(&rows).await?;
        Ok(next)
    }

    /// Ends a writing transaction; memory learns of it only when it is durable.
    async fn end_write(
        &self,
        tx: Tx,
        state: &mut State,
        result: Result<(Writes, f64), StoreError>,
    ) -> Result<(), StoreError> {
        let ended = match result {
            Ok((writes, next)) => tx.finish().await.map(|()| (writes, next)),
            Err(reason) => Err(tx.abort(reason).await),
        };
        match ended {
            Ok((writes, next)) => {
                self.count_damaged(writes.lost);
                state.index.apply(writes);
                state.generation = Some(next);
                Ok(())
            }
            Err(error) => {
                // Whatever happened there, look again next time.
                state.generation = None;
                if error != StoreError::Conflict {
                    self.connection.reset();
                }
                Err(error)
            }
        }
    }
}

struct ReadOut {
    segments: Vec<(SegmentId, Option<Vec<u8>>)>,
    // Segments whose header is damaged.
    broken: Vec<SegmentId>,
}

/// Rebuilds the index when the database has moved on; names the segments with damaged headers.
async fn refresh(tx: &Tx, state: &mut State) -> Result<Vec<SegmentId>, StoreError> {
    let (generation, rows) = if state.generation.is_none() {
        let (generation, rows) = futures::join!(tx.number(GENERATION), tx.header_rows());
        (generation?, rows?)
    } else {
        let generation = tx.number(GENERATION).await?;
        if generation == state.generation {
            return Ok(Vec::new());
        }
        (generation, tx.header_rows().await?)
    };
    let (index, broken) = Index::rebuild(rows);
    state.index = index;
    // With broken headers about, the next look must be a full one too.
    state.generation = generation;
    if !broken.is_empty() {
        state.generation = None;
    }
    Ok(broken)
}

/// A database that was deleted and made anew starts elsewhere, so that no tab takes it for the
/// one it knew.
fn next_generation(generation: Option<f64>) -> f64 {
    const START: f64 = (1u64 << 40) as f64;
    generation.unwrap_or_else(|| (js_sys::Math::random() * START).floor()) + 1.0
}

impl ObjectStore for IndexedDbStore {
    async fn load(&self, collection: &Collection) -> Result<Vec<Record>, StoreError> {
        let all = self.load_all(std::slice::from_ref(collection)).await?;
        Ok(all.into_iter().flatten().collect())
    }

    async fn load_all(&self, collections: &[Collection]) -> Result<Vec<Vec<Record>>, StoreError> {
        let mut state = self.state.lock().await;
        let of_collections = |index: &Index| {
            let segments = collections
                .iter()
                .flat_map(|collection| index.of_collection(collection));
            segments.into_iter().map(|(id, _)| id).collect()
        };
        let read = self.read(&mut state, of_collections).await?;
        let (mut whole, mut damaged) = (HashMap::new(), read.broken);
        for (id, payload) in read.segments {
            let found = state
                .index
                .segment(id)
                .zip(payload)
                .and_then(|(segment, payload)| segment.read(id, &payload).ok());
            match found {
                Some(found) => {
                    whole.insert(id, found);
                }
                None => damaged.push(id),
            }
        }
        let loaded = collections
            .iter()
            .map(|collection| {
                let segments = state.index.of_collection(collection).into_iter();
                let records = segments.filter_map(|(id, _)| whole.remove(&id));
                records.flatten().collect()
            })
            .collect();
        self.take_out(&mut state, damaged).await?;
        Ok(loaded)
    }

    async fn get(&self, names: &[RecordName]) -> Result<Vec<Option<Record>>, StoreError> {
        let mut state = self.state.lock().await;
        let of_names = |index: &Index| {
            let mut ids: Vec<_> = names.iter().filter_map(|name| index.place(name)).collect();
            ids.sort_unstable();
            ids.dedup();
            ids
        };
        let read = self.read(&mut state, of_names).await?;
        let mut found = vec![None; names.len()];
        let mut damaged = read.broken;
        for (id, payload) in read.segments {
            let records = state
                .index
                .segment(id)
                .zip(payload)
                .map(|(segment, payload)| {
                    let wanted = names
                        .iter()
                        .map(|name| segment.read_one(id, &payload, name));
                    wanted.collect::<Result<Vec<_>, _>>()
                });
            match records {
                Some(Ok(records)) => found
                    .iter_mut()
                    .zip(records)
                    .filter(|(_, record)| record.is_some())
                    .for_each(|(slot, record)| *slot = record),
                _ => damaged.push(id),
            }
        }
        self.take_out(&mut state, damaged).await?;
        Ok(found)
    }

    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        if batch.put.is_empty() && batch.delete.is_empty() {
            return Ok(());
        }
        let mut state = self.state.lock().await;
        let tx = self.connection.begin(Mode::Write).await?;
        let result = async {
            let broken = refresh(&tx, &mut state).await?;
            let plan = state.index.plan(batch, Limits::USUAL)?;
            let payloads = tx.payloads(&plan.to_read()).await?;
            let mut writes = plan.finish(&payloads)?;
            drop(payloads);
            // Nothing of a segment without a header can be known, not even how much it held.
            writes.lost += broken.len();
            writes.deleted.extend(broken);
            let next = self.write_rows(&tx, state.generation, &writes).await?;
            Ok((writes, next))
        }
        .await;
        self.end_write(tx, &mut state, result).await
    }

    async fn header(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let tx = self.connection.begin(Mode::Read).await?;
        match tx.bytes(META, HEADER).await {
            Ok(header) => tx.finish().await.map(|()| header),
            Err(reason) => Err(tx.abort(reason).await),
        }
    }

    async fn set_header(&self, header: &[u8]) -> Result<(), StoreError> {
        let tx = self.connection.begin(Mode::Write).await?;
        let result = match tx.write(&[Write::bytes(META, HEADER, header)]).await {
            Ok(()) => tx.finish().await,
            Err(reason) => Err(tx.abort(reason).await),
        };
        result.inspect_err(|_| self.connection.reset())
    }

    async fn clear(&self) -> Result<(), StoreError> {
        let mut state = self.state.lock().await;
        let tx = self.connection.begin(Mode::Write).await?;
        let result = async {
            // Kept and raised, so that other tabs notice.
            let next = next_generation(tx.number(GENERATION).await?);
            let rows = [
                Write::Clear(SEGMENTS),
                Write::Clear(HEADERS),
                Write::Clear(META),
            ];
            tx.write(&rows).await?;
            let generation = Write::Put(META, GENERATION.into(), JsValue::from(next));
            tx.write(&[generation]).await
        }
        .await;
        *state = State::default();
        let result = match result {
            Ok(()) => tx.finish().await,
            Err(reason) => Err(tx.abort(reason).await),
        };
        result.inspect_err(|_| self.connection.reset())
    }

    fn take_damaged(&self) -> usize {
        self.damaged.take()
    }
}

/// For the tests in browsers: what a bad disk does.
#[cfg(feature = "testing")]
impl IndexedDbStore {
    /// Flips a byte of the payload, or of the header, of the segment that holds a record.
    ///
    /// # Errors
    ///
    /// As for reading and writing.
    pub async fn damage(&self, name: &RecordName, header: bool) -> Result<bool, StoreError> {
        let mut state = self.state.lock().await;
        let tx = self.connection.begin(Mode::Write).await?;
        refresh(&tx, &mut state).await?;
        let table = if header { HEADERS } else { SEGMENTS };
        let mut damaged = false;
        if let Some(id) = state.index.place(name)
            && let Some(mut row) = tx.bytes(table, id).await?
        {
            if let Some(byte) = row.get_mut(7) {
                *byte ^= 1;
                damaged = true;
            }
            tx.write(&[Write::bytes(table, id, &row)]).await?;
        }
        tx.finish().await?;
        // As after a restart: the header is read again.
        state.generation = None;
        Ok(damaged)
    }

    /// How many rows the tables `segments` and `headers` have.
    ///
    /// # Errors
    ///
    /// As for reading.
    pub async fn segments(&self) -> Result<usize, StoreError> {
        let tx = self.connection.begin(Mode::Read).await?;
        let rows = tx.header_rows().await?;
        tx.finish().await?;
        Ok(rows.len())
    }
}

impl fmt::Debug for IndexedDbStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IndexedDbStore(..)")
    }
}
