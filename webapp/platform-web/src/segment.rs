//! How sealed objects are packed: segments of about a hundred, a small header a segment.
//!
//! One database row an object is three to eight times slower than one row a hundred objects, so
//! that is how they lie. Everything that decides is here and knows no database: the store reads
//! and writes the rows it is told to.
//!
//! - A **payload** is the sealed bytes of records, one after another. It is never changed.
//! - A **header** lists the records of one payload that are alive. Rewriting a record puts the
//!   new one into a new segment and takes the old one off its header, in one transaction; so
//!   headers are the truth, there are no tombstones, and the index is rebuilt from them alone.
//! - A segment without living records goes at once. When a collection has more than
//!   [`Limits::small`] segments that are mostly empty, they are packed together anew.
//! - Header and payload carry a checksum over themselves and the segment's number. It guards
//!   against broken disks; against attackers the records are sealed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crypto_core::{
    ids::Revision,
    vault::{Batch, Collection, Put, Record, RecordName, Replaces, StoreError},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The number of a segment; new ones get higher numbers.
pub(crate) type SegmentId = u32;

const CHECKSUM_LEN: usize = 16;
type Checksum = [u8; CHECKSUM_LEN];

/// How segments are filled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Records a segment.
    pub(crate) records: usize,
    /// Bytes a segment, unless one record alone is larger.
    pub(crate) bytes: usize,
    /// Mostly empty segments a collection may have.
    pub(crate) small: usize,
}

impl Limits {
    /// What measurements in browsers chose.
    pub(crate) const USUAL: Self = Self {
        records: 100,
        bytes: 256 * 1024,
        small: 8,
    };
}

/// A record that is alive in a segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    name: [u8; 32],
    revision: u64,
    offset: u32,
    len: u32,
}

/// What is known of a segment without reading its payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Segment {
    format: u8,
    collection: [u8; 16],
    payload_len: u32,
    payload_sum: Checksum,
    entries: Vec<Entry>,
}

const FORMAT: u8 = 1;

/// A header or payload that is not what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Damaged;

impl Segment {
    /// The header's row.
    pub(crate) fn to_row(&self, id: SegmentId) -> Result<Vec<u8>, Damaged> {
        let mut row = postcard::to_stdvec(self).map_err(|_| Damaged)?;
        let sum = checksum(b"header", id, &row);
        row.extend_from_slice(&sum);
        Ok(row)
    }

    fn from_row(id: SegmentId, row: &[u8]) -> Result<Self, Damaged> {
        let (header, sum) = row.split_last_chunk::<CHECKSUM_LEN>().ok_or(Damaged)?;
        if checksum(b"header", id, header) != *sum {
            return Err(Damaged);
        }
        let segment: Self = postcard::from_bytes(header).map_err(|_| Damaged)?;
        if segment.format != FORMAT {
            return Err(Damaged);
        }
        Ok(segment)
    }

    /// How many records are alive in it.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    fn live_bytes(&self) -> usize {
        self.entries.iter().map(|entry| entry.len as usize).sum()
    }

    fn is_small(&self, limits: &Limits) -> bool {
        let live = self.live_bytes();
        let is_sparse = live.saturating_mul(2) < self.payload_len as usize;
        is_sparse || (self.len() * 2 < limits.records && live.saturating_mul(2) < limits.bytes)
    }

    /// Reads every living record from the payload.
    pub(crate) fn read(&self, id: SegmentId, payload: &[u8]) -> Result<Vec<Record>, Damaged> {
        self.verify(id, payload)?;
        self.entries
            .iter()
            .map(|entry| self.record(entry, payload))
            .collect()
    }

    /// Reads one record, if it is alive here.
    pub(crate) fn read_one(
        &self,
        id: SegmentId,
        payload: &[u8],
        name: &RecordName,
    ) -> Result<Option<Record>, Damaged> {
        let Some(entry) = self.entry(name) else {
            return Ok(None);
        };
        self.verify(id, payload)?;
        self.record(entry, payload).map(Some)
    }

    fn entry(&self, name: &RecordName) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name.0)
    }

    fn verify(&self, id: SegmentId, payload: &[u8]) -> Result<(), Damaged> {
        if payload.len() != self.payload_len as usize
            || checksum(b"payload", id, payload) != self.payload_sum
        {
            return Err(Damaged);
        }
        Ok(())
    }

    fn record(&self, entry: &Entry, payload: &[u8]) -> Result<Record, Damaged> {
        let start = entry.offset as usize;
        let end = start.checked_add(entry.len as usize).ok_or(Damaged)?;
        Ok(Record {
            name: RecordName(entry.name),
            collection: Collection(self.collection),
            revision: Revision(entry.revision),
            bytes: payload.get(start..end).ok_or(Damaged)?.to_vec(),
        })
    }
}

fn checksum(what: &[u8], id: SegmentId, bytes: &[u8]) -> Checksum {
    let hash = Sha256::new()
        .chain_update(what)
        .chain_update(id.to_be_bytes())
        .chain_update(bytes)
        .finalize();
    let mut sum = [0; CHECKSUM_LEN];
    sum.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    sum
}

/// Where every record lies, rebuilt from the headers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Index {
    segments: BTreeMap<SegmentId, Segment>,
    places: HashMap<[u8; 32], SegmentId>,
    next: SegmentId,
}

/// What a batch will do, once the payloads it wants to repack have been read.
#[derive(Debug)]
pub(crate) struct Plan {
    new: BTreeMap<[u8; 16], Vec<Record>>,
    changed: BTreeMap<SegmentId, Segment>,
    repack: BTreeMap<SegmentId, Segment>,
    next: SegmentId,
    limits: Limits,
}

/// Rows to write and delete in one transaction, and what the index learns when it succeeds.
#[derive(Debug, Default)]
pub(crate) struct Writes {
    /// New segments: header and payload.
    pub(crate) new: Vec<(SegmentId, Segment, Vec<u8>)>,
    /// Segments that lost records: header only.
    pub(crate) changed: Vec<(SegmentId, Segment)>,
    /// Segments to delete: header and payload.
    pub(crate) deleted: Vec<SegmentId>,
    /// Records that could not be read when their segment was to be repacked.
    pub(crate) lost: usize,
}

impl Index {
    /// Rebuilds the index from all header rows; names the segments whose header is damaged.
    pub(crate) fn rebuild(
        rows: impl IntoIterator<Item = (SegmentId, Vec<u8>)>,
    ) -> (Self, Vec<SegmentId>) {
        let (mut index, mut damaged) = (Self::default(), Vec::new());
        for (id, row) in rows {
            index.next = index.next.max(id.saturating_add(1));
            match Segment::from_row(id, &row) {
                Ok(segment) => index.insert(id, segment),
                Err(Damaged) => damaged.push(id),
            }
        }
        (index, damaged)
    }

    /// The segments of a collection.
    pub(crate) fn of_collection(&self, collection: &Collection) -> Vec<(SegmentId, &Segment)> {
        self.segments
            .iter()
            .filter(|(_, segment)| segment.collection == collection.0)
            .map(|(id, segment)| (*id, segment))
            .collect()
    }

    /// The number of the segment that holds a record.
    pub(crate) fn place(&self, name: &RecordName) -> Option<SegmentId> {
        self.places.get(&name.0).copied()
    }

    /// A segment by its number.
    pub(crate) fn segment(&self, id: SegmentId) -> Option<&Segment> {
        self.segments.get(&id)
    }

    fn revision(&self, name: &RecordName) -> Option<Revision> {
        let segment = self.segment(self.place(name)?)?;
        segment.entry(name).map(|entry| Revision(entry.revision))
    }

    fn fits(&self, put: &Put) -> bool {
        match put.replaces {
            Replaces::Anything => true,
            Replaces::Nothing => self.revision(&put.record.name).is_none(),
            Replaces::Revision(revision) => self.revision(&put.record.name) == Some(revision),
        }
    }

    /// Decides what a batch does.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] when a [`Replaces`] is not met.
    pub(crate) fn plan(&self, batch: Batch, limits: Limits) -> Result<Plan, StoreError> {
        if !batch.put.iter().all(|put| self.fits(put)) {
            return Err(StoreError::Conflict);
        }
        // Of several puts of one name the last wins; a delete beats them.
        let deleted: BTreeSet<_> = batch.delete.iter().map(|name| name.0).collect();
        let mut records = BTreeMap::new();
        for put in batch.put {
            if !deleted.contains(&put.record.name.0) {
                records.insert(put.record.name.0, put.record);
            }
        }
        let mut gone: BTreeMap<SegmentId, BTreeSet<[u8; 32]>> = BTreeMap::new();
        for name in records.keys().chain(&deleted) {
            if let Some(id) = self.places.get(name) {
                gone.entry(*id).or_default().insert(*name);
            }
        }
        let mut changed = BTreeMap::new();
        for (id, names) in gone {
            if let Some(segment) = self.segments.get(&id) {
                let mut segment = segment.clone();
                segment.entries.retain(|entry| !names.contains(&entry.name));
                changed.insert(id, segment);
            }
        }
        let mut new: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for record in records.into_values() {
            new.entry(record.collection.0).or_default().push(record);
        }
        let repack = self.to_repack(&changed, &new, &limits);
        Ok(Plan {
            new,
            changed,
            repack,
            next: self.next,
            limits,
        })
    }

    /// The mostly empty segments of every collection the batch touches, where there are too many.
    fn to_repack(
        &self,
        changed: &BTreeMap<SegmentId, Segment>,
        new: &BTreeMap<[u8; 16], Vec<Record>>,
        limits: &Limits,
    ) -> BTreeMap<SegmentId, Segment> {
        let touched = changed.values().map(|segment| segment.collection);
        let collections: BTreeSet<_> = touched.chain(new.keys().copied()).collect();
        let mut repack = BTreeMap::new();
        for collection in collections {
            let small: Vec<_> = self
                .segments
                .iter()
                .map(|(id, segment)| (*id, changed.get(id).unwrap_or(segment)))
                .filter(|(_, segment)| segment.collection == collection)
                .filter(|(_, segment)| segment.len() > 0 && segment.is_small(limits))
                .collect();
            if small.len() >= limits.small {
                repack.extend(small.into_iter().map(|(id, segment)| (id, segment.clone())));
            }
        }
        repack
    }

    /// Takes over what a transaction has written.
    pub(crate) fn apply(&mut self, writes: Writes) {
        for id in writes.deleted {
            self.remove(id);
        }
        for (id, segment) in writes.changed {
            self.remove(id);
            self.insert(id, segment);
        }
        for (id, segment, _) in writes.new {
            self.insert(id, segment);
        }
    }

    fn insert(&mut self, id: SegmentId, segment: Segment) {
        self.next = self.next.max(id.saturating_add(1));
        for entry in &segment.entries {
            // A name in two segments cannot be of our writing; the newer segment wins.
            if let Some(older) = self.places.insert(entry.name, id) {
                let (older, newer) = (older.min(id), older.max(id));
                self.places.insert(entry.name, newer);
                if let Some(segment) = self.segments.get_mut(&older) {
                    segment.entries.retain(|other| other.name != entry.name);
                }
            }
        }
        self.segments.insert(id, segment);
    }

    fn remove(&mut self, id: SegmentId) {
        if let Some(segment) = self.segments.remove(&id) {
            for entry in &segment.entries {
                if self.places.get(&entry.name) == Some(&id) {
                    self.places.remove(&entry.name);
                }
            }
        }
    }
}

impl Plan {
    /// The segments whose payloads are to be read before [`Plan::finish`].
    pub(crate) fn to_read(&self) -> Vec<SegmentId> {
        self.repack.keys().copied().collect()
    }

    /// Packs everything. `payloads` are those of [`Plan::to_read`], in that order; one that is
    /// missing or damaged loses its records, which are counted.
    pub(crate) fn finish(mut self, payloads: &[Option<Vec<u8>>]) -> Result<Writes, StoreError> {
        let mut writes = Writes::default();
        for ((id, segment), payload) in self.repack.iter().zip(payloads) {
            let read = payload.as_ref().ok_or(Damaged);
            match read.and_then(|payload| segment.read(*id, payload)) {
                Ok(records) => self
                    .new
                    .entry(segment.collection)
                    .or_default()
                    .splice(0..0, records)
                    .for_each(drop),
                Err(Damaged) => writes.lost += segment.len(),
            }
            writes.deleted.push(*id);
        }
        for (id, segment) in self.changed {
            if segment.entries.is_empty() {
                writes.deleted.push(id);
            } else if !self.repack.contains_key(&id) {
                writes.changed.push((id, segment));
            }
        }
        let mut next = self.next;
        for (collection, records) in self.new {
            for part in parts(records, &self.limits) {
                writes.new.push(pack(next, collection, part)?);
                next = next.checked_add(1).ok_or(StoreError::Full)?;
            }
        }
        Ok(writes)
    }
}

/// Splits records into runs that fit a segment each.
fn parts(records: Vec<Record>, limits: &Limits) -> Vec<Vec<Record>> {
    let mut parts = Vec::new();
    let (mut part, mut bytes) = (Vec::new(), 0usize);
    for record in records {
        let grown = bytes.saturating_add(record.bytes.len());
        if !part.is_empty() && (part.len() >= limits.records || grown > limits.bytes) {
            parts.push(std::mem::take(&mut part));
            bytes = 0;
        }
        bytes = bytes.saturating_add(record.bytes.len());
        part.push(record);
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}

fn pack(
    id: SegmentId,
    collection: [u8; 16],
    records: Vec<Record>,
) -> Result<(SegmentId, Segment, Vec<u8>), StoreError> {
    // Offsets are 32 bits; no object the vault makes comes near that.
    let small = |len: usize| u32::try_from(len).map_err(|_| StoreError::Full);
    let mut payload = Vec::with_capacity(records.iter().map(|record| record.bytes.len()).sum());
    let mut entries = Vec::with_capacity(records.len());
    for record in &records {
        entries.push(Entry {
            name: record.name.0,
            revision: record.revision.0,
            offset: small(payload.len())?,
            len: small(record.bytes.len())?,
        });
        payload.extend_from_slice(&record.bytes);
    }
    let segment = Segment {
        format: FORMAT,
        collection,
        payload_len: small(payload.len())?,
        payload_sum: checksum(b"payload", id, &payload),
        entries,
    };
    Ok((id, segment, payload))
}

#[cfg(test)]
#[path = "segment_tests.rs"]
mod tests;
