//! Runs the store's contract, and what only a browser can do to it, in a real browser.
//!
//! With `?quota` in the address the page first fills the store until the browser refuses; the
//! driver must have set a small quota (at most 100 MB) for the origin.

#![allow(missing_docs, reason = "a program for tests")]

mod shared;

use std::{cell::RefCell, rc::Rc};

use crypto_core::{
    ids::Revision,
    vault::{
        Batch, Collection, ObjectStore, Put, Record, RecordName, Replaces, StoreError,
        contract::{self, Harness, Outcome},
    },
};
use futures::channel::oneshot;
use mail_client::ports::Entropy;
use platform_web::{IndexedDbStore, TabLock, TabNews, Tabs, WebEntropy};
use rand::RngCore;
use serde_json::json;
use wasm_bindgen::JsCast;

type Case = Result<(), String>;

fn main() {
    wasm_bindgen_futures::spawn_local(async {
        shared::progress("contract");
        let mut outcomes = match Database::prepare("contract").await {
            Ok(database) => contract::run(&database).await,
            Err(error) => vec![Outcome {
                name: "open",
                result: Err(error),
            }],
        };
        let mut add = |name, result| outcomes.push(Outcome { name, result });
        shared::progress("browser cases");
        add(
            "damaged_headers_are_counted",
            damaged_headers_are_counted().await,
        );
        add(
            "a_deleted_database_comes_back_empty",
            a_deleted_database_comes_back_empty().await,
        );
        add(
            "many_small_commits_are_packed",
            many_small_commits_are_packed().await,
        );
        add("databases_are_kept_apart", databases_are_kept_apart().await);
        add("one_tab_holds_the_lock", one_tab_holds_the_lock().await);
        add("tabs_hear_each_other", tabs_hear_each_other().await);
        if query().contains("quota") {
            shared::progress("quota");
            add(
                "a_full_disk_loses_nothing",
                a_full_disk_loses_nothing().await,
            );
        }
        let passed = outcomes.iter().all(|outcome| outcome.result.is_ok());
        let list: Vec<_> = outcomes
            .iter()
            .map(
                |outcome| json!({ "case": outcome.name, "failure": outcome.result.as_ref().err() }),
            )
            .collect();
        shared::finish(passed, &json!({ "passed": passed, "cases": list }));
    });
}

/// One database, opened anew for every handle.
struct Database(&'static str);

impl Database {
    async fn prepare(name: &'static str) -> Result<Self, String> {
        let store = IndexedDbStore::open(name).await.map_err(told)?;
        store.clear().await.map_err(told)?;
        Ok(Self(name))
    }

    async fn try_open(&self) -> Result<IndexedDbStore, String> {
        IndexedDbStore::open(self.0).await.map_err(told)
    }
}

impl Harness for Database {
    type Store = IndexedDbStore;

    #[allow(clippy::expect_used, reason = "prepare() has opened it before")]
    async fn open(&self) -> IndexedDbStore {
        self.try_open().await.expect("it opened before")
    }

    async fn damage(&self, name: &RecordName) -> bool {
        matches!(self.open().await.damage(name, false).await, Ok(true))
    }
}

/// What stands behind `?` in the page's address.
fn query() -> String {
    let window = js_sys::global().dyn_into::<web_sys::Window>().ok();
    window
        .and_then(|window| window.location().search().ok())
        .unwrap_or_default()
}

fn told(error: StoreError) -> String {
    error.to_string()
}

fn ensure(condition: bool, what: &str) -> Case {
    if condition {
        Ok(())
    } else {
        Err(what.to_owned())
    }
}

const COLLECTION: Collection = Collection([7; 16]);

fn put(number: u32, len: usize) -> Put {
    let mut name = [0x5A; 32];
    name.iter_mut()
        .zip(number.to_le_bytes())
        .for_each(|(to, from)| *to = from);
    Put {
        record: Record {
            name: RecordName(name),
            collection: COLLECTION,
            revision: Revision(1),
            bytes: vec![number as u8; len],
        },
        replaces: Replaces::Anything,
    }
}

fn batch(put: Vec<Put>) -> Batch {
    Batch {
        put,
        delete: Vec::new(),
    }
}

async fn damaged_headers_are_counted() -> Case {
    let database = Database::prepare("headers").await?;
    let store = database.try_open().await?;
    store
        .commit(batch((0..150).map(|n| put(n, 100)).collect()))
        .await
        .map_err(told)?;
    let hit = put(0, 0).record.name;
    ensure(
        store.damage(&hit, true).await.map_err(told)?,
        "nothing was damaged",
    )?;
    // One handle reads, the other one writes; both must get over it.
    let other = database.try_open().await?;
    let found = other.load(&COLLECTION).await.map_err(told)?;
    ensure(found.len() == 50, "the other segment must be read")?;
    ensure(other.take_damaged() >= 1, "the damage must be told")?;
    store.commit(batch(vec![put(0, 10)])).await.map_err(told)?;
    let found = other.load(&COLLECTION).await.map_err(told)?;
    ensure(found.len() == 51, "writing must go on")?;
    ensure(other.take_damaged() == 0, "the damage must be told once")
}

async fn a_deleted_database_comes_back_empty() -> Case {
    let database = Database::prepare("deleted").await?;
    let (store, other) = (database.try_open().await?, database.try_open().await?);
    store.commit(batch(vec![put(1, 10)])).await.map_err(told)?;
    ensure(
        other.load(&COLLECTION).await.map_err(told)?.len() == 1,
        "it must be there",
    )?;
    // The person clears the site's data while two tabs have it open. Were the connections not
    // closed on `versionchange`, this would wait forever.
    let deleted = idb::Factory::new().and_then(|factory| factory.delete("deleted"));
    let deleted = deleted.map_err(|error| error.to_string())?;
    deleted.await.map_err(|error| error.to_string())?;
    ensure(
        other.load(&COLLECTION).await.map_err(told)?.is_empty(),
        "it must be gone",
    )?;
    store
        .commit(batch(vec![put(2, 10), put(3, 10)]))
        .await
        .map_err(told)?;
    ensure(
        other.load(&COLLECTION).await.map_err(told)?.len() == 2,
        "writing must go on",
    )?;
    ensure(other.take_damaged() == 0, "nothing was damaged")
}

async fn many_small_commits_are_packed() -> Case {
    let store = Database::prepare("small").await?.try_open().await?;
    for number in 0..120 {
        store
            .commit(batch(vec![put(number, 300)]))
            .await
            .map_err(told)?;
    }
    let segments = store.segments().await.map_err(told)?;
    ensure(segments <= 12, &format!("{segments} segments"))?;
    ensure(
        store.load(&COLLECTION).await.map_err(told)?.len() == 120,
        "all must be there",
    )
}

async fn databases_are_kept_apart() -> Case {
    let one = Database::prepare("https://one.example")
        .await?
        .try_open()
        .await?;
    let two = Database::prepare("https://two.example")
        .await?
        .try_open()
        .await?;
    one.commit(batch(vec![put(1, 10)])).await.map_err(told)?;
    ensure(
        two.load(&COLLECTION).await.map_err(told)?.is_empty(),
        "it must be empty",
    )
}

async fn one_tab_holds_the_lock() -> Case {
    let first = TabLock::try_acquire("test lock").await;
    ensure(first.is_some(), "the lock must be free")?;
    ensure(
        TabLock::try_acquire("test lock").await.is_none(),
        "the lock must be taken",
    )?;
    let waiting = TabLock::acquire("test lock");
    drop(first);
    let second = waiting.await;
    ensure(
        TabLock::try_acquire("test lock").await.is_none(),
        "the lock must be taken again",
    )?;
    drop(second);
    // Released in the browser's own time; waiting for it is the event.
    drop(TabLock::acquire("test lock").await);
    Ok(())
}

async fn tabs_hear_each_other() -> Case {
    let (sender, receiver) = oneshot::channel();
    let sender = Rc::new(RefCell::new(Some(sender)));
    let _ear = Tabs::open("test tabs", move |news| {
        if let Some(sender) = sender.borrow_mut().take() {
            sender.send(news).ok();
        }
    })
    .ok_or("no channel")?;
    let mouth = Tabs::open("test tabs", |_| {}).ok_or("no channel")?;
    mouth.tell(TabNews::LoggedOut);
    let heard = receiver.await.map_err(|_| "the channel closed")?;
    ensure(heard == TabNews::LoggedOut, "another word was heard")
}

async fn a_full_disk_loses_nothing() -> Case {
    const STEP: u32 = 10;
    let store = Database::prepare("quota").await?.try_open().await?;
    let mut rng = WebEntropy.rng();
    let mut written = 0;
    loop {
        // Sealed objects look random, and databases compress what does not.
        let random = |number| {
            let mut put = put(number, 200_000);
            rng.fill_bytes(&mut put.record.bytes);
            put
        };
        let large = (written..written + STEP).map(random).collect();
        match store.commit(batch(large)).await {
            Ok(()) => written += STEP,
            Err(StoreError::Full) => break,
            Err(other) => return Err(format!("told as {other}")),
        }
        ensure(written < 1000, "the quota was never reached")?;
    }
    for handle in [&store, &Database("quota").try_open().await?] {
        let found = handle.load(&COLLECTION).await.map_err(told)?;
        ensure(
            found.len() == written as usize,
            "what was acknowledged must be there",
        )?;
    }
    // Deleting works on a full disk, and makes room.
    let delete = (0..written / 2)
        .map(|number| put(number, 0).record.name)
        .collect();
    let batch_of_deletes = Batch {
        put: Vec::new(),
        delete,
    };
    store.commit(batch_of_deletes).await.map_err(told)?;
    let left = store.load(&COLLECTION).await.map_err(told)?.len();
    ensure(
        left == (written - written / 2) as usize,
        "the others must stay",
    )?;
    store.clear().await.map_err(told)
}
