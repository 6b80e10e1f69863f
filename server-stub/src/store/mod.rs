//! Everything at rest, in SQLite; one file a table group.
//!
//! One connection writes, several read (write-ahead log). Every change of a JMAP record takes
//! the next `modseq` of its account, in the same transaction, so states survive restarts and
//! `/changes` can be answered exactly.
//!
//! # Security
//!
//! `secure_delete` overwrites what is deleted, temporary tables stay in memory, and nothing that
//! tells who wrote to whom is ever handed to this module.

pub(crate) mod accounts;
pub(crate) mod changes;
pub(crate) mod emails;
pub(crate) mod mailboxes;
pub(crate) mod objects;
pub(crate) mod queries;
pub(crate) mod threads;
pub(crate) mod tokens;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::Duration,
};

use sqlx::{
    Sqlite, SqlitePool, Transaction,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

/// The JMAP data types that have a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum DataType {
    Mailbox = 1,
    Thread = 2,
    Email = 3,
    Identity = 4,
    SealedObject = 5,
    /// Changes only when mail arrives (RFC 8621, section 1.5).
    EmailDelivery = 6,
}

impl DataType {
    pub(crate) const ALL: [Self; 6] = [
        Self::Mailbox,
        Self::Thread,
        Self::Email,
        Self::Identity,
        Self::SealedObject,
        Self::EmailDelivery,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Mailbox => "Mailbox",
            Self::Thread => "Thread",
            Self::Email => "Email",
            Self::Identity => "Identity",
            Self::SealedObject => wire::objects::TYPE_NAME,
            Self::EmailDelivery => "EmailDelivery",
        }
    }

    fn number(self) -> i64 {
        self as i64
    }
}

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// The disk is full, or the database's own limit is reached.
    #[error("the disk is full")]
    Full,
    /// Another writer took too long.
    #[error("the database is busy")]
    Busy,
    /// The row exists already.
    #[error("a record with this name exists")]
    Duplicate,
    /// Anything else; the text may go to the log, never to a client.
    #[error("the database failed")]
    Database(#[source] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the database's schema could not be brought up to date")]
    Migration(#[from] sqlx::migrate::MigrateError),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => Self::Busy,
            sqlx::Error::Database(inner) if inner.is_unique_violation() => Self::Duplicate,
            // Extended result codes carry the primary code in their low byte.
            sqlx::Error::Database(inner) => {
                let code = inner.code().and_then(|code| code.parse::<u32>().ok());
                match code.map(|code| code & 0xff) {
                    Some(5 | 6) => Self::Busy,
                    Some(13) => Self::Full,
                    _ => Self::Database(error),
                }
            }
            _ => Self::Database(error),
        }
    }
}

pub(crate) type Result<T> = std::result::Result<T, StoreError>;

/// The database.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    read: SqlitePool,
    write: SqlitePool,
}

impl Store {
    /// Opens the database and brings its schema up to date.
    pub(crate) async fn open(path: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            .pragma("secure_delete", "ON")
            .pragma("temp_store", "MEMORY")
            .pragma("cache_size", "-16000")
            .pragma("journal_size_limit", "67108864");
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(20))
            .connect_with(options.clone())
            .await?;
        sqlx::migrate!("./migrations").run(&write).await?;
        let read = SqlitePoolOptions::new()
            .max_connections(6)
            .acquire_timeout(Duration::from_secs(20))
            .connect_with(options)
            .await?;
        Ok(Self { read, write })
    }

    /// Starts a write; nothing of it is seen before [`Write::commit`].
    pub(crate) async fn begin(&self) -> Result<Write> {
        Ok(Write {
            tx: self.write.begin_with("BEGIN IMMEDIATE").await?,
            changes: BTreeMap::new(),
        })
    }

    /// Waits until all connections are closed, which empties the write-ahead log.
    pub(crate) async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }
}

/// What a write changed, for push: account, and the new state of each type.
pub(crate) type Committed = Vec<(i64, Vec<(DataType, i64)>)>;

/// A write transaction.
pub(crate) struct Write {
    tx: Transaction<'static, Sqlite>,
    changes: BTreeMap<i64, AccountChanges>,
}

#[derive(Default)]
struct AccountChanges {
    modseq: i64,
    kinds: BTreeMap<DataType, i64>,
    /// Mailboxes whose counts changed.
    mailboxes: BTreeSet<i64>,
    /// Threads that gained or lost an email.
    threads: BTreeSet<i64>,
}

impl Write {
    /// The modseq for the change of one record; every record changed gets its own, so that a
    /// page of `/changes` can end between any two.
    pub(crate) async fn next_modseq(&mut self, account: i64, kind: DataType) -> Result<i64> {
        let changes = self.account_changes(account).await?;
        changes.modseq += 1;
        changes.kinds.insert(kind, changes.modseq);
        Ok(changes.modseq)
    }

    /// The counts of this mailbox change with this write.
    async fn touch_mailbox(&mut self, account: i64, mailbox: i64) -> Result<()> {
        self.account_changes(account)
            .await?
            .mailboxes
            .insert(mailbox);
        Ok(())
    }

    /// The emails of this thread change with this write.
    async fn touch_thread(&mut self, account: i64, thread: i64) -> Result<()> {
        self.account_changes(account).await?.threads.insert(thread);
        Ok(())
    }

    async fn account_changes(&mut self, account: i64) -> Result<&mut AccountChanges> {
        use std::collections::btree_map::Entry;
        match self.changes.entry(account) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let modseq = sqlx::query_scalar("SELECT modseq FROM accounts WHERE id = ?")
                    .bind(account)
                    .fetch_optional(&mut *self.tx)
                    .await?;
                Ok(entry.insert(AccountChanges {
                    modseq: modseq.unwrap_or(0),
                    ..AccountChanges::default()
                }))
            }
        }
    }

    /// The state of a type as this write sees it, its own changes included.
    pub(crate) async fn state(&mut self, account: i64, kind: DataType) -> Result<i64> {
        if let Some(modseq) = self.changes.get(&account).and_then(|c| c.kinds.get(&kind)) {
            return Ok(*modseq);
        }
        let modseq =
            sqlx::query_scalar("SELECT modseq FROM states WHERE account_id = ? AND kind = ?")
                .bind(account)
                .bind(kind.number())
                .fetch_optional(&mut *self.tx)
                .await?;
        Ok(modseq.unwrap_or(0))
    }

    /// Gives touched mailboxes and threads their modseq, so that [`Self::state`] is final.
    pub(crate) async fn settle(&mut self) -> Result<()> {
        let accounts: Vec<i64> = self.changes.keys().copied().collect();
        for account in accounts {
            let Some(changes) = self.changes.get_mut(&account) else {
                continue;
            };
            let mailboxes = std::mem::take(&mut changes.mailboxes);
            let threads = std::mem::take(&mut changes.threads);
            for mailbox in mailboxes {
                let modseq = self.next_modseq(account, DataType::Mailbox).await?;
                sqlx::query("UPDATE mailboxes SET modseq = ? WHERE id = ?")
                    .bind(modseq)
                    .bind(mailbox)
                    .execute(&mut *self.tx)
                    .await?;
            }
            for thread in threads {
                self.settle_thread(account, thread).await?;
            }
        }
        Ok(())
    }

    /// Makes everything durable and tells what changed.
    pub(crate) async fn commit(mut self) -> Result<Committed> {
        self.settle().await?;
        let mut committed = Vec::new();
        for (account, changes) in std::mem::take(&mut self.changes) {
            sqlx::query("UPDATE accounts SET modseq = ? WHERE id = ?")
                .bind(changes.modseq)
                .bind(account)
                .execute(&mut *self.tx)
                .await?;
            for (kind, modseq) in &changes.kinds {
                sqlx::query(
                    "INSERT INTO states (account_id, kind, modseq) VALUES (?, ?, ?)
                     ON CONFLICT (account_id, kind) DO UPDATE SET modseq = excluded.modseq",
                )
                .bind(account)
                .bind(kind.number())
                .bind(modseq)
                .execute(&mut *self.tx)
                .await?;
            }
            if !changes.kinds.is_empty() {
                committed.push((account, changes.kinds.into_iter().collect()));
            }
        }
        self.tx.commit().await?;
        Ok(committed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn add(store: &Store, name: &str) -> Result<Committed> {
        let mut write = store.begin().await?;
        let row = objects::ObjectRow {
            name: name.to_owned(),
            revision: 1,
            data: vec![7; 100_000],
        };
        write.put_object(1, &row, None).await?;
        write.commit().await
    }

    #[tokio::test]
    async fn a_full_disk_is_told_as_such_and_loses_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("test.db")).await.unwrap();
        sqlx::query(
            "INSERT INTO accounts VALUES
             (1, 'a', 0, x'', 0, 0, 0, 0, x'', x'', 1, x'', '', '', 0, '', 0, 0, 0, 0)",
        )
        .execute(&store.write)
        .await
        .unwrap();
        add(&store, "kept").await.unwrap();
        let pages: i64 = sqlx::query_scalar("PRAGMA page_count")
            .fetch_one(&store.write)
            .await
            .unwrap();
        let limit = format!("PRAGMA max_page_count = {}", pages + 5);
        sqlx::query(sqlx::AssertSqlSafe(limit))
            .execute(&store.write)
            .await
            .unwrap();
        let full = add(&store, "too much").await;
        assert!(matches!(full, Err(StoreError::Full)), "{full:?}");
        let names = store.object_names(1, 10).await.unwrap();
        assert_eq!(names, ["kept"]);
        assert_eq!(store.state(1, DataType::SealedObject).await.unwrap(), 1);
    }
}
