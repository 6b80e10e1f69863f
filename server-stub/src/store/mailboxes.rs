//! Mailboxes and their counts (RFC 8621, section 2).

use std::collections::HashMap;

use sqlx::{FromRow, SqliteConnection};

use super::{DataType, Result, Store, Write};
use crate::ids::{self, Kind};

/// A mailbox as it is kept.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct MailboxRow {
    pub(crate) id: i64,
    pub(crate) parent_id: Option<i64>,
    pub(crate) name: String,
    pub(crate) role: Option<String>,
    pub(crate) sort_order: i64,
    pub(crate) subscribed: bool,
    pub(crate) created_modseq: i64,
}

/// How much is in a mailbox.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) total_emails: i64,
    pub(crate) unread_emails: i64,
    pub(crate) total_threads: i64,
    pub(crate) unread_threads: i64,
}

/// A mailbox to be made.
pub(crate) struct NewMailbox {
    pub(crate) name: String,
    pub(crate) parent: Option<i64>,
    pub(crate) role: Option<String>,
    pub(crate) sort_order: i64,
    pub(crate) subscribed: bool,
}

async fn list(connection: &mut SqliteConnection, account: i64) -> Result<Vec<MailboxRow>> {
    let rows = sqlx::query_as(
        "SELECT id, parent_id, name, role, sort_order, subscribed, created_modseq
         FROM mailboxes WHERE account_id = ? ORDER BY sort_order, name",
    )
    .bind(account)
    .fetch_all(connection)
    .await?;
    Ok(rows)
}

impl Store {
    /// All mailboxes of an account, in their order.
    pub(crate) async fn mailboxes(&self, account: i64) -> Result<Vec<MailboxRow>> {
        let mut connection = self.read.acquire().await?;
        list(&mut connection, account).await
    }

    /// The counts of all mailboxes of an account. A thread is unread in a mailbox when it has an
    /// email there and an unread email anywhere but in the trash; drafts count as read
    /// (RFC 8621, section 2).
    pub(crate) async fn mailbox_counts(&self, account: i64) -> Result<HashMap<i64, Counts>> {
        let rows: Vec<(i64, i64, i64, i64, i64)> = sqlx::query_as(
            "WITH unread AS (
                 SELECT emails.id, emails.thread_id FROM emails
                 WHERE emails.account_id = ?1 AND NOT EXISTS (
                     SELECT 1 FROM email_keywords WHERE email_id = emails.id
                     AND keyword IN ('$seen', '$draft'))
             ), unread_threads AS (
                 SELECT DISTINCT thread_id FROM unread WHERE EXISTS (
                     SELECT 1 FROM email_mailboxes
                     JOIN mailboxes ON mailboxes.id = email_mailboxes.mailbox_id
                     WHERE email_mailboxes.email_id = unread.id
                     AND mailboxes.role IS NOT 'trash')
             )
             SELECT email_mailboxes.mailbox_id,
                    count(*),
                    count(unread.id),
                    count(DISTINCT emails.thread_id),
                    count(DISTINCT CASE WHEN emails.thread_id IN unread_threads
                          OR (mailboxes.role IS 'trash' AND unread.id IS NOT NULL)
                          THEN emails.thread_id END)
             FROM email_mailboxes
             JOIN mailboxes ON mailboxes.id = email_mailboxes.mailbox_id
             JOIN emails ON emails.id = email_mailboxes.email_id
             LEFT JOIN unread ON unread.id = emails.id
             WHERE mailboxes.account_id = ?1
             GROUP BY email_mailboxes.mailbox_id",
        )
        .bind(account)
        .fetch_all(&self.read)
        .await?;
        Ok(rows
            .into_iter()
            .map(
                |(id, total_emails, unread_emails, total_threads, unread_threads)| {
                    (
                        id,
                        Counts {
                            total_emails,
                            unread_emails,
                            total_threads,
                            unread_threads,
                        },
                    )
                },
            )
            .collect())
    }
}

impl Write {
    /// All mailboxes as this write sees them.
    pub(crate) async fn mailboxes(&mut self, account: i64) -> Result<Vec<MailboxRow>> {
        list(&mut self.tx, account).await
    }

    /// Makes a mailbox and returns its id.
    ///
    /// # Errors
    ///
    /// [`super::StoreError::Duplicate`] when its place or its role is taken.
    pub(crate) async fn insert_mailbox(&mut self, account: i64, new: &NewMailbox) -> Result<i64> {
        let id = ids::make();
        let modseq = self.next_modseq(account, DataType::Mailbox).await?;
        sqlx::query(
            "INSERT INTO mailboxes (id, account_id, parent_id, name, role, sort_order, subscribed,
                created_modseq, properties_modseq, modseq)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?8)",
        )
        .bind(id)
        .bind(account)
        .bind(new.parent)
        .bind(&new.name)
        .bind(&new.role)
        .bind(new.sort_order)
        .bind(new.subscribed)
        .bind(modseq)
        .execute(&mut *self.tx)
        .await?;
        Ok(id)
    }

    /// Writes the properties of a mailbox.
    ///
    /// # Errors
    ///
    /// [`super::StoreError::Duplicate`] when its new place or role is taken.
    pub(crate) async fn update_mailbox(
        &mut self,
        account: i64,
        id: i64,
        new: &NewMailbox,
    ) -> Result<()> {
        let modseq = self.next_modseq(account, DataType::Mailbox).await?;
        sqlx::query(
            "UPDATE mailboxes SET parent_id = ?, name = ?, role = ?, sort_order = ?,
                subscribed = ?, properties_modseq = ?6, modseq = ?6 WHERE id = ?7",
        )
        .bind(new.parent)
        .bind(&new.name)
        .bind(&new.role)
        .bind(new.sort_order)
        .bind(new.subscribed)
        .bind(modseq)
        .bind(id)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Removes an empty mailbox.
    pub(crate) async fn delete_mailbox(&mut self, account: i64, row: &MailboxRow) -> Result<()> {
        sqlx::query("DELETE FROM mailboxes WHERE id = ? AND account_id = ?")
            .bind(row.id)
            .bind(account)
            .execute(&mut *self.tx)
            .await?;
        let record = ids::show(Kind::Mailbox, row.id);
        self.bury(
            account,
            DataType::Mailbox,
            &record,
            row.created_modseq,
            None,
        )
        .await
    }

    /// The emails that are in a mailbox.
    pub(crate) async fn emails_in_mailbox(&mut self, mailbox: i64) -> Result<Vec<i64>> {
        let ids = sqlx::query_scalar("SELECT email_id FROM email_mailboxes WHERE mailbox_id = ?")
            .bind(mailbox)
            .fetch_all(&mut *self.tx)
            .await?;
        Ok(ids)
    }
}
