use std::collections::{BTreeMap, HashMap};

use proptest::prelude::*;

use super::*;

const LIMITS: Limits = Limits {
    records: 10,
    bytes: 2000,
    small: 4,
};

/// The rows a database would hold, and the index over them.
#[derive(Default)]
struct Rows {
    headers: BTreeMap<SegmentId, Vec<u8>>,
    payloads: BTreeMap<SegmentId, Vec<u8>>,
    index: Index,
    lost: usize,
}

impl Rows {
    fn commit(&mut self, batch: Batch) -> Result<(), StoreError> {
        let plan = self.index.plan(batch, LIMITS)?;
        let payloads: Vec<_> = plan
            .to_read()
            .iter()
            .map(|id| self.payloads.get(id).cloned())
            .collect();
        let writes = plan.finish(&payloads)?;
        self.lost += writes.lost;
        for id in &writes.deleted {
            self.headers.remove(id);
            self.payloads.remove(id);
        }
        for (id, segment) in &writes.changed {
            self.headers.insert(*id, segment.to_row(*id).unwrap());
        }
        for (id, segment, payload) in &writes.new {
            assert!(
                !self.headers.contains_key(id),
                "segment numbers are used once"
            );
            self.headers.insert(*id, segment.to_row(*id).unwrap());
            self.payloads.insert(*id, payload.clone());
        }
        self.index.apply(writes);
        Ok(())
    }

    fn rebuilt(&self) -> (Index, Vec<SegmentId>) {
        Index::rebuild(self.headers.clone())
    }

    fn load(&self, collection: u8) -> BTreeMap<[u8; 32], Record> {
        let mut found = BTreeMap::new();
        for (id, segment) in self.index.of_collection(&Collection([collection; 16])) {
            for record in segment.read(id, &self.payloads[&id]).unwrap() {
                assert!(found.insert(record.name.0, record).is_none());
            }
        }
        found
    }
}

fn record(name: u8, collection: u8, revision: u64, len: usize) -> Record {
    Record {
        name: RecordName([name; 32]),
        collection: Collection([collection; 16]),
        revision: Revision(revision),
        bytes: vec![name.wrapping_add(revision as u8); len],
    }
}

fn put(record: Record, replaces: Replaces) -> Batch {
    Batch {
        put: vec![Put { record, replaces }],
        delete: vec![],
    }
}

#[derive(Clone, Debug)]
enum Step {
    Put(Vec<(u8, u8, usize)>),
    Delete(Vec<u8>),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let put = prop::collection::vec((0u8..60, 0u8..3, 0usize..700), 1..30).prop_map(Step::Put);
    let delete = prop::collection::vec(0u8..60, 1..20).prop_map(Step::Delete);
    prop::collection::vec(prop_oneof![3 => put, 1 => delete], 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Whatever is written and deleted, the segments hold exactly what a map would, the index
    /// can be rebuilt from the headers, and little room is wasted.
    #[test]
    fn segments_hold_what_a_map_would(steps in steps()) {
        let (mut rows, mut map) = (Rows::default(), HashMap::new());
        for (revision, step) in steps.into_iter().enumerate() {
            let mut batch = Batch::default();
            match step {
                Step::Put(puts) => {
                    for (name, collection, len) in puts {
                        let record = record(name, collection, revision as u64, len);
                        map.insert(record.name.0, record.clone());
                        batch.put.push(Put { record, replaces: Replaces::Anything });
                    }
                }
                Step::Delete(names) => {
                    for name in names {
                        map.remove(&[name; 32]);
                        batch.delete.push(RecordName([name; 32]));
                    }
                }
            }
            rows.commit(batch).unwrap();
            let (rebuilt, damaged) = rows.rebuilt();
            prop_assert!(damaged.is_empty());
            prop_assert_eq!(&rebuilt.segments, &rows.index.segments);
            prop_assert_eq!(&rebuilt.places, &rows.index.places);
            prop_assert!(rows.headers.keys().eq(rows.payloads.keys()));
        }
        prop_assert_eq!(rows.lost, 0);
        let mut total = 0;
        for collection in 0..3 {
            let found = rows.load(collection);
            total += found.len();
            for (name, record) in found {
                prop_assert_eq!(map.get(&name), Some(&record));
            }
            let segments = rows.index.of_collection(&Collection([collection; 16]));
            let small = segments.iter().filter(|(_, s)| s.is_small(&LIMITS)).count();
            // One commit may leave a few more small ones: the last of what it wrote, and those it
            // took records from; the next commit packs them.
            prop_assert!(small <= LIMITS.small + 31);
            prop_assert!(segments.iter().all(|(_, s)| s.len() > 0 && s.len() <= LIMITS.records));
        }
        prop_assert_eq!(total, map.len());
    }

    #[test]
    fn any_changed_byte_of_a_row_is_noticed(position in any::<prop::sample::Index>(), bit in 0u8..8) {
        let mut rows = Rows::default();
        rows.commit(put(record(1, 1, 1, 300), Replaces::Nothing)).unwrap();
        let id = rows.index.place(&RecordName([1; 32])).unwrap();
        let segment = rows.index.segment(id).unwrap();
        let mut payload = rows.payloads[&id].clone();
        let at = position.index(payload.len());
        payload[at] ^= 1 << bit;
        prop_assert_eq!(segment.read(id, &payload), Err(Damaged));
        let mut header = rows.headers[&id].clone();
        let at = position.index(header.len());
        header[at] ^= 1 << bit;
        prop_assert_eq!(Segment::from_row(id, &header), Err(Damaged));
    }
}

#[test]
fn rows_of_other_segments_are_noticed() {
    let mut rows = Rows::default();
    rows.commit(put(record(1, 1, 1, 50), Replaces::Nothing))
        .unwrap();
    rows.commit(put(record(2, 1, 1, 50), Replaces::Nothing))
        .unwrap();
    let id = rows.index.place(&RecordName([1; 32])).unwrap();
    let segment = rows.index.segment(id).unwrap();
    let other = rows.index.place(&RecordName([2; 32])).unwrap();
    assert_ne!(id, other);
    assert!(segment.read(id, &rows.payloads[&id]).is_ok());
    assert_eq!(segment.read(id, &rows.payloads[&other]), Err(Damaged));
    assert_eq!(Segment::from_row(id, &rows.headers[&other]), Err(Damaged));
    assert_eq!(segment.read(id, &rows.payloads[&id][..49]), Err(Damaged));
    assert_eq!(Segment::from_row(id, &[]), Err(Damaged));
}

#[test]
fn conditions_are_checked_before_anything_is_written() {
    let mut rows = Rows::default();
    let at = |revision| Replaces::Revision(Revision(revision));
    assert_eq!(
        rows.commit(put(record(1, 1, 2, 5), at(1))),
        Err(StoreError::Conflict)
    );
    rows.commit(put(record(1, 1, 1, 5), Replaces::Nothing))
        .unwrap();
    assert_eq!(
        rows.commit(put(record(1, 1, 1, 5), Replaces::Nothing)),
        Err(StoreError::Conflict)
    );
    assert_eq!(
        rows.commit(put(record(1, 1, 9, 5), at(8))),
        Err(StoreError::Conflict)
    );
    rows.commit(put(record(1, 1, 2, 5), at(1))).unwrap();
    assert_eq!(rows.load(1)[&[1; 32]].revision, Revision(2));
}

#[test]
fn many_single_commits_are_packed_together() {
    let mut rows = Rows::default();
    for round in 0..5u64 {
        for name in 0..40u8 {
            rows.commit(put(record(name, 1, round, 50), Replaces::Anything))
                .unwrap();
        }
    }
    assert_eq!(rows.load(1).len(), 40);
    let written: usize = rows.payloads.values().map(Vec::len).sum();
    assert!(
        rows.headers.len() <= 4 + LIMITS.small,
        "{}",
        rows.headers.len()
    );
    assert!(written <= 40 * 50 * 3, "{written} bytes for {}", 40 * 50);
}

#[test]
fn a_damaged_segment_loses_its_own_records_only() {
    let mut rows = Rows::default();
    for name in 0..3u8 {
        rows.commit(put(record(name, 1, 1, 50), Replaces::Nothing))
            .unwrap();
    }
    let id = rows.index.place(&RecordName([1; 32])).unwrap();
    rows.payloads.get_mut(&id).unwrap()[3] ^= 1;
    for name in 3..9u8 {
        rows.commit(put(record(name, 1, 1, 50), Replaces::Nothing))
            .unwrap();
    }
    assert_eq!(rows.lost, 1);
    let found = rows.load(1);
    assert_eq!(found.len(), 8);
    assert!(!found.contains_key(&[1; 32]));
    for name in 20..22u8 {
        rows.commit(put(record(name, 1, 1, 50), Replaces::Nothing))
            .unwrap();
    }
    // A damaged header is named, and does not hide the others.
    let id = *rows.headers.keys().last().unwrap();
    rows.headers.get_mut(&id).unwrap()[0] ^= 0x80;
    let (index, damaged) = rows.rebuilt();
    assert_eq!(damaged, [id]);
    assert!(!index.segments.is_empty());
    assert!(index.next > id);
}

#[test]
fn a_name_in_two_segments_is_read_from_the_newer() {
    let mut rows = Rows::default();
    rows.commit(put(record(1, 1, 1, 5), Replaces::Nothing))
        .unwrap();
    let old = rows.headers.clone();
    rows.commit(put(record(1, 1, 2, 5), Replaces::Anything))
        .unwrap();
    for order in [[0, 1], [1, 0]] {
        let mut both: Vec<_> = old
            .clone()
            .into_iter()
            .chain(rows.headers.clone())
            .collect();
        both.sort_by_key(|(id, _)| order[*id as usize]);
        let (index, _) = Index::rebuild(both);
        let revision = index.revision(&RecordName([1; 32]));
        assert_eq!(revision, Some(Revision(2)));
    }
}
