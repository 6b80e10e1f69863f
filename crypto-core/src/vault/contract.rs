//! What every [`ObjectStore`] must do, as a suite that any implementation can run.
//!
//! It runs natively on [`super::MemoryStore`] and in browsers on IndexedDB. It panics nowhere:
//! each case answers what went wrong, and [`run`] answers for all of them.

use super::{Batch, Collection, ObjectStore, Put, Record, RecordName, Replaces, StoreError};
use crate::ids::Revision;

/// How the suite reaches the store under test.
#[allow(async_fn_in_trait)] // never Send, as the port itself
pub trait Harness {
    /// The implementation.
    type Store: ObjectStore;

    /// Another handle on the one place all handles share: a second tab, or the same one after a
    /// restart. [`run`] clears the place between cases.
    async fn open(&self) -> Self::Store;

    /// Damages the stored bytes behind the store's back so that the record of this name cannot
    /// be read any more, and perhaps its neighbours. False when this cannot be done.
    async fn damage(&self, name: &RecordName) -> bool;
}

/// How one case went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The case.
    pub name: &'static str,
    /// What went wrong, or `Ok`.
    pub result: Result<(), String>,
}

macro_rules! ensure {
    ($condition:expr) => {
        if !$condition {
            return Err(format!(
                "not so: {} ({}:{})",
                stringify!($condition),
                file!(),
                line!()
            ));
        }
    };
}

macro_rules! ensure_eq {
    ($left:expr, $right:expr) => {
        if $left != $right {
            return Err(format!(
                "not equal: {} and {} ({}:{})",
                stringify!($left),
                stringify!($right),
                file!(),
                line!()
            ));
        }
    };
}

/// Runs every case on a fresh place each.
pub async fn run<H: Harness>(harness: &H) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    macro_rules! case {
        ($name:ident) => {{
            let result = match harness.open().await.clear().await {
                Ok(()) => $name(harness).await,
                Err(error) => Err(format!("clear: {error}")),
            };
            outcomes.push(Outcome {
                name: stringify!($name),
                result,
            });
        }};
    }
    case!(an_empty_store_holds_nothing);
    case!(what_was_committed_is_found);
    case!(a_second_handle_sees_it_all);
    case!(handles_see_what_others_commit);
    case!(a_batch_happens_together_or_not_at_all);
    case!(a_stale_revision_is_refused);
    case!(two_handles_cannot_both_win);
    case!(deleting_removes_and_absent_names_are_no_error);
    case!(collections_are_kept_apart);
    case!(many_objects_survive_rewriting_and_deleting);
    case!(large_objects_are_kept);
    case!(the_header_is_kept_beside_the_objects);
    case!(clearing_removes_everything);
    case!(damage_is_counted_once_and_hides_nothing_else);
    outcomes
}

type Case = Result<(), String>;

const MAIL: Collection = Collection([1; 16]);
const KEYS: Collection = Collection([2; 16]);

fn name(number: u32) -> RecordName {
    let mut bytes = [0xA5; 32];
    // Spread like a hash, so that stores that sort by name are exercised.
    let spread = number.wrapping_mul(2_654_435_761).to_be_bytes();
    bytes
        .iter_mut()
        .zip(spread.into_iter().chain(number.to_be_bytes()))
        .for_each(|(to, from)| *to = from);
    RecordName(bytes)
}

fn record(number: u32, revision: u64, len: usize) -> Record {
    let fill = number.wrapping_mul(31).wrapping_add(revision as u32) as u8;
    Record {
        name: name(number),
        collection: MAIL,
        revision: Revision(revision),
        bytes: vec![fill; len],
    }
}

fn put(record: Record, replaces: Replaces) -> Batch {
    Batch {
        put: vec![Put { record, replaces }],
        delete: Vec::new(),
    }
}

fn put_all(records: impl IntoIterator<Item = Record>) -> Batch {
    Batch {
        put: records
            .into_iter()
            .map(|record| Put {
                record,
                replaces: Replaces::Anything,
            })
            .collect(),
        delete: Vec::new(),
    }
}

fn delete(names: impl IntoIterator<Item = RecordName>) -> Batch {
    Batch {
        put: Vec::new(),
        delete: names.into_iter().collect(),
    }
}

fn told(error: StoreError) -> String {
    error.to_string()
}

async fn commit(store: &impl ObjectStore, batch: Batch) -> Case {
    store.commit(batch).await.map_err(told)
}

async fn sorted(store: &impl ObjectStore, collection: &Collection) -> Result<Vec<Record>, String> {
    let mut records = store.load(collection).await.map_err(told)?;
    records.sort_by_key(|record| record.name);
    Ok(records)
}

async fn one(store: &impl ObjectStore, number: u32) -> Result<Option<Record>, String> {
    let mut found = store.get(&[name(number)]).await.map_err(told)?;
    if found.len() != 1 {
        return Err("get must answer once a name".to_owned());
    }
    Ok(found.pop().flatten())
}

async fn an_empty_store_holds_nothing<H: Harness>(harness: &H) -> Case {
    let store = harness.open().await;
    ensure!(store.load(&MAIL).await.map_err(told)?.is_empty());
    ensure_eq!(one(&store, 1).await?, None);
    ensure!(store.get(&[]).await.map_err(told)?.is_empty());
    ensure_eq!(store.header().await.map_err(told)?, None);
    ensure_eq!(store.take_damaged(), 0);
    commit(&store, Batch::default()).await
}

async fn what_was_committed_is_found<H: Harness>(harness: &H) -> Case {
    let store = harness.open().await;
    let (first, second) = (record(1, 1, 300), record(2, 1, 0));
    commit(&store, put_all([first.clone(), second.clone()])).await?;
    let found = store
        .get(&[name(2), name(3), name(1), name(2)])
        .await
        .map_err(told)?;
    let wanted = [Some(second.clone()), None, Some(first), Some(second)];
    ensure_eq!(found, wanted);
    ensure_eq!(sorted(&store, &MAIL).await?.len(), 2);
    Ok(())
}

async fn a_second_handle_sees_it_all<H: Harness>(harness: &H) -> Case {
    let records: Vec<_> = (0..250).map(|number| record(number, 1, 100)).collect();
    commit(&harness.open().await, put_all(records.clone())).await?;
    let again = harness.open().await;
    let mut wanted = records;
    wanted.sort_by_key(|record| record.name);
    ensure_eq!(sorted(&again, &MAIL).await?, wanted);
    Ok(())
}

async fn handles_see_what_others_commit<H: Harness>(harness: &H) -> Case {
    let (ours, theirs) = (harness.open().await, harness.open().await);
    ensure!(sorted(&ours, &MAIL).await?.is_empty());
    commit(&theirs, put_all([record(1, 1, 64)])).await?;
    ensure_eq!(one(&ours, 1).await?, Some(record(1, 1, 64)));
    commit(&theirs, put_all([record(1, 2, 64), record(2, 1, 64)])).await?;
    ensure_eq!(one(&ours, 1).await?, Some(record(1, 2, 64)));
    ensure_eq!(sorted(&ours, &MAIL).await?.len(), 2);
    commit(&theirs, delete([name(1)])).await?;
    ensure_eq!(one(&ours, 1).await?, None);
    Ok(())
}

async fn a_batch_happens_together_or_not_at_all<H: Harness>(harness: &H) -> Case {
    let store = harness.open().await;
    commit(&store, put_all([record(1, 1, 64), record(2, 1, 64)])).await?;
    let batch = Batch {
        put: vec![
            Put {
                record: record(1, 2, 64),
                replaces: Replaces::Revision(Revision(1)),
            },
            Put {
                record: record(3, 1, 64),
                replaces: Replaces::Nothing,
            },
            Put {
                record: record(2, 9, 64),
                replaces: Replaces::Nothing,
            },
        ],
        delete: vec![name(2)],
    };
    ensure_eq!(store.commit(batch).await, Err(StoreError::Conflict));
    for handle in [store, harness.open().await] {
        ensure_eq!(one(&handle, 1).await?, Some(record(1, 1, 64)));
        ensure_eq!(one(&handle, 2).await?, Some(record(2, 1, 64)));
        ensure_eq!(one(&handle, 3).await?, None);
    }
    Ok(())
}

async fn a_stale_revision_is_refused<H: Harness>(harness: &H) -> Case {
    let store = harness.open().await;
    let at = |revision| Replaces::Revision(Revision(revision));
    let conflict = Err(StoreError::Conflict);
    ensure_eq!(store.commit(put(record(1, 2, 9), at(1))).await, conflict);
    commit(&store, put(record(1, 1, 9), Replaces::Nothing)).await?;
    ensure_eq!(
        store.commit(put(record(1, 1, 9), Replaces::Nothing)).await,
        conflict
    );
    ensure_eq!(store.commit(put(record(1, 3, 9), at(2))).await, conflict);
    commit(&store, put(record(1, 2, 9), at(1))).await?;
    ensure_eq!(store.commit(put(record(1, 2, 9), at(1))).await, conflict);
    ensure_eq!(one(&store, 1).await?, Some(record(1, 2, 9)));
    Ok(())
}

async fn two_handles_cannot_both_win<H: Harness>(harness: &H) -> Case {
    let (ours, theirs) = (harness.open().await, harness.open().await);
    commit(&ours, put_all((0..120).map(|number| record(number, 1, 64)))).await?;
    let at_one = Replaces::Revision(Revision(1));
    // Both have read revision 1; they now write at the same time.
    let (first, second) = join(
        ours.commit(put(record(1, 2, 64), at_one)),
        theirs.commit(put(record(1, 3, 64), at_one)),
    )
    .await;
    ensure!(first.is_ok() != second.is_ok());
    let winner = if first.is_ok() { 2 } else { 3 };
    for handle in [&ours, &theirs, &harness.open().await] {
        ensure_eq!(one(handle, 1).await?, Some(record(1, winner, 64)));
        ensure_eq!(sorted(handle, &MAIL).await?.len(), 120);
    }
    // Writes to different objects do not disturb each other, whoever looked last.
    let (first, second) = join(
        ours.commit(put(record(2, 2, 64), at_one)),
        theirs.commit(put(record(3, 2, 64), at_one)),
    )
    .await;
    ensure!(first.is_ok() && second.is_ok());
    for handle in [&ours, &theirs, &harness.open().await] {
        ensure_eq!(one(handle, 2).await?, Some(record(2, 2, 64)));
        ensure_eq!(one(handle, 3).await?, Some(record(3, 2, 64)));
        ensure_eq!(sorted(handle, &MAIL).await?.len(), 120);
    }
    Ok(())
}

async fn deleting_removes_and_absent_names_are_no_error<H: Harness>(harness: &H) -> Case {
    let store = harness.open().await;
    commit(&store, put_all([record(1, 1, 9), record(2, 1, 9)])).await?;
    commit(&store, delete([name(1), name(77)])).await?;
    ensure_eq!(one(&store, 1).await?, None);
    ensure_eq!(one(&store, 2).await?, Some(record(2, 1, 9)));
    ensure_eq!(sorted(&store, &MAIL).await?.len(), 1);
    // A name that is put and deleted in one batch is gone.
    let mut both = put_all([record(3, 1, 9)]);
    both.delete.push(name(3));
    commit(&store, both).await?;
    ensure_eq!(one(&harness.open().await, 3).await?, None);
    Ok(())
}

async fn collections_are_kept_apart<H: Harness>(harness: &H) -> Case {
    let store = harness.open().await;
    let mut key = record(2, 1, 9);
    key.collection = KEYS;
    commit(&store, put_all([record(1, 1, 9), key.clone()])).await?;
    ensure_eq!(sorted(&store, &MAIL).await?, [record(1, 1, 9)]);
    ensure_eq!(sorted(&store, &KEYS).await?, [key.clone()]);
    const EMPTY: Collection = Collection([9; 16]);
    ensure!(sorted(&store, &EMPTY).await?.is_empty());
    let at_once = [KEYS, EMPTY, MAIL];
    let wanted = [vec![key.clone()], vec![], vec![record(1, 1, 9)]];
    for handle in [&store, &harness.open().await] {
        ensure_eq!(handle.load_all(&at_once).await.map_err(told)?, wanted);
    }
    // What another has changed since.
    let changed = [record(1, 2, 9), record(3, 1, 9)];
    commit(&harness.open().await, put_all(changed.clone())).await?;
    let mut found = store.load_all(&at_once).await.map_err(told)?;
    for records in &mut found {
        records.sort_by_key(|record| record.revision);
    }
    let [one, two] = changed;
    ensure_eq!(found, [vec![key], vec![], vec![two, one]]);
    Ok(())
}

async fn many_objects_survive_rewriting_and_deleting<H: Harness>(harness: &H) -> Case {
    let store = harness.open().await;
    let all: Vec<_> = (0..1000).map(|number| record(number, 1, 200)).collect();
    commit(&store, put_all(all)).await?;
    // Rewrite every third, delete every seventh, ten at a time: segments fill with dead records.
    for round in 0..20 {
        let numbers = || (round * 50)..(round * 50 + 50);
        let rewritten = numbers().filter(|n| n % 3 == 0).map(|n| record(n, 2, 220));
        let mut batch = put_all(rewritten);
        batch.delete = numbers().filter(|n| n % 7 == 0).map(name).collect();
        commit(&store, batch).await?;
    }
    let mut wanted: Vec<_> = (0..1000u32)
        .filter(|n| n % 7 != 0)
        .map(|n| match n % 3 {
            0 => record(n, 2, 220),
            _ => record(n, 1, 200),
        })
        .collect();
    wanted.sort_by_key(|record| record.name);
    for handle in [store, harness.open().await] {
        ensure_eq!(sorted(&handle, &MAIL).await?, wanted);
        ensure_eq!(one(&handle, 7).await?, None);
        ensure_eq!(one(&handle, 9).await?, Some(record(9, 2, 220)));
    }
    Ok(())
}

async fn large_objects_are_kept<H: Harness>(harness: &H) -> Case {
    let store = harness.open().await;
    let large = record(1, 1, 5 * 1024 * 1024);
    commit(&store, put_all([large.clone(), record(2, 1, 10)])).await?;
    ensure_eq!(one(&harness.open().await, 1).await?, Some(large));
    ensure_eq!(one(&store, 2).await?, Some(record(2, 1, 10)));
    Ok(())
}

async fn the_header_is_kept_beside_the_objects<H: Harness>(harness: &H) -> Case {
    let store = harness.open().await;
    store.set_header(b"one").await.map_err(told)?;
    commit(&store, put_all([record(1, 1, 9)])).await?;
    store.set_header(b"two").await.map_err(told)?;
    let again = harness.open().await;
    ensure_eq!(again.header().await.map_err(told)?, Some(b"two".to_vec()));
    ensure_eq!(one(&again, 1).await?, Some(record(1, 1, 9)));
    ensure_eq!(sorted(&again, &MAIL).await?.len(), 1);
    Ok(())
}

async fn clearing_removes_everything<H: Harness>(harness: &H) -> Case {
    let (store, other) = (harness.open().await, harness.open().await);
    store.set_header(b"one").await.map_err(told)?;
    commit(&store, put_all((0..150).map(|number| record(number, 1, 9)))).await?;
    ensure_eq!(sorted(&other, &MAIL).await?.len(), 150);
    store.clear().await.map_err(told)?;
    for handle in [&store, &other, &harness.open().await] {
        ensure!(sorted(handle, &MAIL).await?.is_empty());
        ensure_eq!(one(handle, 1).await?, None);
        ensure_eq!(handle.header().await.map_err(told)?, None);
    }
    // It is a store like any other afterwards, for a handle that saw the old days too.
    commit(&other, put(record(1, 1, 9), Replaces::Nothing)).await?;
    ensure_eq!(one(&store, 1).await?, Some(record(1, 1, 9)));
    Ok(())
}

async fn damage_is_counted_once_and_hides_nothing_else<H: Harness>(harness: &H) -> Case {
    let store = harness.open().await;
    // Two commits that are far too large to share a segment.
    let large: Vec<_> = (0..40).map(|number| record(number, 1, 60_000)).collect();
    commit(&store, put_all(large)).await?;
    let small: Vec<_> = (40..240).map(|number| record(number, 1, 400)).collect();
    commit(&store, put_all(small)).await?;
    if !harness.damage(&name(3)).await {
        return Ok(());
    }
    let again = harness.open().await;
    let found = sorted(&again, &MAIL).await?;
    let lost = again.take_damaged();
    ensure!(lost >= 1);
    ensure_eq!(again.take_damaged(), 0);
    ensure_eq!(found.len() + lost, 240);
    ensure!(found.iter().any(|record| record.name == name(239)));
    ensure_eq!(one(&again, 3).await?, None);
    // What was lost can be fetched again from the server and written.
    commit(&again, put(record(3, 1, 60_000), Replaces::Nothing)).await?;
    let last = harness.open().await;
    ensure_eq!(one(&last, 3).await?, Some(record(3, 1, 60_000)));
    ensure_eq!(sorted(&last, &MAIL).await?.len(), found.len() + 1);
    ensure_eq!(last.take_damaged(), 0);
    Ok(())
}

/// Polls two futures until both are done; written out because the core has no executor.
async fn join<A, B>(first: impl Future<Output = A>, second: impl Future<Output = B>) -> (A, B) {
    let (mut first, mut second) = (std::pin::pin!(first), std::pin::pin!(second));
    let (mut a, mut b) = (None, None);
    std::future::poll_fn(move |context| {
        use std::task::Poll;
        if a.is_none()
            && let Poll::Ready(value) = first.as_mut().poll(context)
        {
            a = Some(value);
        }
        if b.is_none()
            && let Poll::Ready(value) = second.as_mut().poll(context)
        {
            b = Some(value);
        }
        match (a.take(), b.take()) {
            (Some(left), Some(right)) => Poll::Ready((left, right)),
            (left, right) => {
                (a, b) = (left, right);
                Poll::Pending
            }
        }
    })
    .await
}
