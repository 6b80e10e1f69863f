//! Stored messages: sealed bytes, and the little the server needs for sorting.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::SqliteConnection;

use super::{DataType, Result, Store, Write};
use crate::ids::{self, Kind};

/// What the server knows about an email.
#[derive(Clone, Debug)]
pub(crate) struct EmailRow {
    pub(crate) id: i64,
    pub(crate) thread: i64,
    pub(crate) received_at: i64,
    pub(crate) size: i64,
    pub(crate) created_modseq: i64,
    pub(crate) mailboxes: BTreeSet<i64>,
    pub(crate) keywords: BTreeSet<String>,
}

/// A message to be stored, sealed already.
pub(crate) struct NewEmail<'a> {
    pub(crate) sealed: &'a [u8],
    pub(crate) received_at: i64,
    pub(crate) mailboxes: BTreeSet<i64>,
    pub(crate) keywords: BTreeSet<String>,
    /// Keyed hashes of the message's own id and of those it refers to.
    pub(crate) references: &'a [[u8; 32]],
    /// Keyed hash of what the account itself handed in.
    pub(crate) import_hash: Option<[u8; 32]>,
    /// True when it came from outside, not from the account itself.
    pub(crate) delivered: bool,
}

async fn load(
    connection: &mut SqliteConnection,
    account: i64,
    id: i64,
) -> Result<Option<EmailRow>> {
    let row: Option<(i64, i64, i64, i64)> = sqlx::query_as(
        "SELECT thread_id, received_at, size, created_modseq FROM emails
         WHERE id = ? AND account_id = ?",
    )
    .bind(id)
    .bind(account)
    .fetch_optional(&mut *connection)
    .await?;
    let Some((thread, received_at, size, created_modseq)) = row else {
        return Ok(None);
    };
    let mailboxes: Vec<i64> =
        sqlx::query_scalar("SELECT mailbox_id FROM email_mailboxes WHERE email_id = ?")
            .bind(id)
            .fetch_all(&mut *connection)
            .await?;
    let keywords: Vec<String> =
        sqlx::query_scalar("SELECT keyword FROM email_keywords WHERE email_id = ?")
            .bind(id)
            .fetch_all(&mut *connection)
            .await?;
    Ok(Some(EmailRow {
        id,
        thread,
        received_at,
        size,
        created_modseq,
        mailboxes: mailboxes.into_iter().collect(),
        keywords: keywords.into_iter().collect(),
    }))
}

async fn imported(
    connection: &mut SqliteConnection,
    account: i64,
    hash: &[u8; 32],
) -> Result<Option<i64>> {
    let id = sqlx::query_scalar(
        "SELECT id FROM emails WHERE account_id = ? AND import_hash = ? LIMIT 1",
    )
    .bind(account)
    .bind(hash.as_slice())
    .fetch_optional(connection)
    .await?;
    Ok(id)
}

impl Store {
    /// The emails among these ids that exist.
    pub(crate) async fn emails(
        &self,
        account: i64,
        ids: &[i64],
    ) -> Result<BTreeMap<i64, EmailRow>> {
        let mut connection = self.read.acquire().await?;
        let mut found = BTreeMap::new();
        for id in ids {
            if let Some(row) = load(&mut connection, account, *id).await? {
                found.insert(*id, row);
            }
        }
        Ok(found)
    }

    /// The newest emails of an account, at most `limit`.
    pub(crate) async fn all_emails(&self, account: i64, limit: i64) -> Result<Vec<i64>> {
        let ids = sqlx::query_scalar(
            "SELECT id FROM emails WHERE account_id = ? ORDER BY received_at DESC, id LIMIT ?",
        )
        .bind(account)
        .bind(limit)
        .fetch_all(&self.read)
        .await?;
        Ok(ids)
    }

    /// The email made from the same bytes before, if it is still there.
    pub(crate) async fn imported_before(
        &self,
        account: i64,
        hash: &[u8; 32],
    ) -> Result<Option<i64>> {
        let mut connection = self.read.acquire().await?;
        imported(&mut connection, account, hash).await
    }

    /// The sealed bytes of an email.
    pub(crate) async fn sealed_message(&self, account: i64, id: i64) -> Result<Option<Vec<u8>>> {
        let message = sqlx::query_scalar(
            "SELECT message FROM sealed_messages JOIN emails ON emails.id = email_id
             WHERE email_id = ? AND account_id = ?",
        )
        .bind(id)
        .bind(account)
        .fetch_optional(&self.read)
        .await?;
        Ok(message)
    }
}

impl Write {
    /// One email as this write sees it.
    pub(crate) async fn email(&mut self, account: i64, id: i64) -> Result<Option<EmailRow>> {
        load(&mut self.tx, account, id).await
    }

    /// The email made from the same bytes before, if it is still there.
    pub(crate) async fn imported_before(
        &mut self,
        account: i64,
        hash: &[u8; 32],
    ) -> Result<Option<i64>> {
        imported(&mut self.tx, account, hash).await
    }

    /// Stores a sealed message.
    pub(crate) async fn insert_email(
        &mut self,
        account: i64,
        new: NewEmail<'_>,
    ) -> Result<EmailRow> {
        let id = ids::make();
        let size = i64::try_from(new.sealed.len()).unwrap_or(i64::MAX);
        let thread = self.thread_for(account, new.references).await?;
        let modseq = self.next_modseq(account, DataType::Email).await?;
        sqlx::query(
            "INSERT INTO emails (id, account_id, thread_id, received_at, size, created_modseq,
                modseq, import_hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7)",
        )
        .bind(id)
        .bind(account)
        .bind(thread)
        .bind(new.received_at)
        .bind(size)
        .bind(modseq)
        .bind(new.import_hash.map(Vec::from))
        .execute(&mut *self.tx)
        .await?;
        sqlx::query("INSERT INTO sealed_messages (email_id, message) VALUES (?, ?)")
            .bind(id)
            .bind(new.sealed)
            .execute(&mut *self.tx)
            .await?;
        for mailbox in &new.mailboxes {
            self.insert_into_mailbox(account, id, *mailbox).await?;
        }
        for keyword in &new.keywords {
            self.insert_keyword(id, keyword).await?;
        }
        self.touch_mailboxes_of_thread(account, thread).await?;
        if new.delivered {
            self.next_modseq(account, DataType::EmailDelivery).await?;
        }
        self.add_usage(account, size, 0).await?;
        Ok(EmailRow {
            id,
            thread,
            received_at: new.received_at,
            size,
            created_modseq: modseq,
            mailboxes: new.mailboxes,
            keywords: new.keywords,
        })
    }

    /// Writes other mailboxes and keywords.
    pub(crate) async fn update_email(
        &mut self,
        account: i64,
        row: &EmailRow,
        mailboxes: &BTreeSet<i64>,
        keywords: &BTreeSet<String>,
    ) -> Result<()> {
        for mailbox in row.mailboxes.difference(mailboxes) {
            sqlx::query("DELETE FROM email_mailboxes WHERE email_id = ? AND mailbox_id = ?")
                .bind(row.id)
                .bind(mailbox)
                .execute(&mut *self.tx)
                .await?;
        }
        for mailbox in mailboxes.difference(&row.mailboxes) {
            self.insert_into_mailbox(account, row.id, *mailbox).await?;
        }
        for keyword in row.keywords.difference(keywords) {
            sqlx::query("DELETE FROM email_keywords WHERE email_id = ? AND keyword = ?")
                .bind(row.id)
                .bind(keyword)
                .execute(&mut *self.tx)
                .await?;
        }
        for keyword in keywords.difference(&row.keywords) {
            self.insert_keyword(row.id, keyword).await?;
        }
        let unread = |keywords: &BTreeSet<String>| {
            !keywords.contains("$seen") && !keywords.contains("$draft")
        };
        if row.mailboxes != *mailboxes || unread(&row.keywords) != unread(keywords) {
            self.touch_mailboxes_of_thread(account, row.thread).await?;
            for mailbox in &row.mailboxes {
                self.touch_mailbox(account, *mailbox).await?;
            }
        }
        let modseq = self.next_modseq(account, DataType::Email).await?;
        sqlx::query("UPDATE emails SET modseq = ? WHERE id = ?")
            .bind(modseq)
            .bind(row.id)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Destroys an email.
    pub(crate) async fn delete_email(&mut self, account: i64, row: &EmailRow) -> Result<()> {
        self.touch_mailboxes_of_thread(account, row.thread).await?;
        sqlx::query("DELETE FROM emails WHERE id = ? AND account_id = ?")
            .bind(row.id)
            .bind(account)
            .execute(&mut *self.tx)
            .await?;
        self.touch_thread(account, row.thread).await?;
        self.add_usage(account, -row.size, 0).await?;
        let record = ids::show(Kind::Email, row.id);
        self.bury(
            account,
            DataType::Email,
            &record,
            row.created_modseq,
            Some(row.thread),
        )
        .await
    }

    async fn insert_into_mailbox(&mut self, account: i64, email: i64, mailbox: i64) -> Result<()> {
        sqlx::query("INSERT INTO email_mailboxes (email_id, mailbox_id) VALUES (?, ?)")
            .bind(email)
            .bind(mailbox)
            .execute(&mut *self.tx)
            .await?;
        self.touch_mailbox(account, mailbox).await
    }

    /// Unread threads are counted in every mailbox a thread is in.
    async fn touch_mailboxes_of_thread(&mut self, account: i64, thread: i64) -> Result<()> {
        let touched: Vec<i64> = sqlx::query_scalar(
            "SELECT DISTINCT mailbox_id FROM email_mailboxes
             JOIN emails ON emails.id = email_id WHERE thread_id = ?",
        )
        .bind(thread)
        .fetch_all(&mut *self.tx)
        .await?;
        for mailbox in touched {
            self.touch_mailbox(account, mailbox).await?;
        }
        Ok(())
    }

    async fn insert_keyword(&mut self, email: i64, keyword: &str) -> Result<()> {
        sqlx::query("INSERT INTO email_keywords (email_id, keyword) VALUES (?, ?)")
            .bind(email)
            .bind(keyword)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }
}
