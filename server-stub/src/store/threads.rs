//! Threads, found by keyed hashes of Message-IDs (RFC 8621, section 3).

use std::collections::HashMap;

use super::{DataType, Result, Store, Write};
use crate::ids::{self, Kind};

impl Store {
    /// The emails of each thread that exists, oldest first.
    pub(crate) async fn thread_emails(
        &self,
        account: i64,
        threads: &[i64],
    ) -> Result<HashMap<i64, Vec<i64>>> {
        let mut found = HashMap::with_capacity(threads.len());
        let mut connection = self.read.acquire().await?;
        for thread in threads {
            let emails: Vec<i64> = sqlx::query_scalar(
                "SELECT id FROM emails WHERE thread_id = ? AND account_id = ?
                 ORDER BY received_at, id",
            )
            .bind(thread)
            .bind(account)
            .fetch_all(&mut *connection)
            .await?;
            if !emails.is_empty() {
                found.insert(*thread, emails);
            }
        }
        Ok(found)
    }

    /// The ids of all threads of an account, at most `limit`.
    pub(crate) async fn all_threads(&self, account: i64, limit: i64) -> Result<Vec<i64>> {
        let ids = sqlx::query_scalar("SELECT id FROM threads WHERE account_id = ? LIMIT ?")
            .bind(account)
            .bind(limit)
            .fetch_all(&self.read)
            .await?;
        Ok(ids)
    }
}

impl Write {
    /// The thread that one of these references belongs to, or a new one; all references belong
    /// to it from now on.
    pub(super) async fn thread_for(
        &mut self,
        account: i64,
        references: &[[u8; 32]],
    ) -> Result<i64> {
        let mut thread = None;
        for reference in references {
            thread = sqlx::query_scalar(
                "SELECT thread_id FROM thread_references WHERE account_id = ? AND reference = ?",
            )
            .bind(account)
            .bind(reference.as_slice())
            .fetch_optional(&mut *self.tx)
            .await?;
            if thread.is_some() {
                break;
            }
        }
        let thread = match thread {
            Some(thread) => thread,
            None => {
                let thread = ids::make();
                let modseq = self.next_modseq(account, DataType::Thread).await?;
                sqlx::query(
                    "INSERT INTO threads (id, account_id, created_modseq, modseq)
                     VALUES (?1, ?2, ?3, ?3)",
                )
                .bind(thread)
                .bind(account)
                .bind(modseq)
                .execute(&mut *self.tx)
                .await?;
                thread
            }
        };
        for reference in references {
            sqlx::query(
                "INSERT INTO thread_references (account_id, reference, thread_id) VALUES (?, ?, ?)
                 ON CONFLICT DO NOTHING",
            )
            .bind(account)
            .bind(reference.as_slice())
            .bind(thread)
            .execute(&mut *self.tx)
            .await?;
        }
        self.touch_thread(account, thread).await?;
        Ok(thread)
    }

    /// Gives a touched thread its modseq, or removes it when no email is left in it.
    pub(super) async fn settle_thread(&mut self, account: i64, thread: i64) -> Result<()> {
        let row: Option<(i64, bool)> = sqlx::query_as(
            "SELECT created_modseq, EXISTS (SELECT 1 FROM emails WHERE thread_id = threads.id)
             FROM threads WHERE id = ?",
        )
        .bind(thread)
        .fetch_optional(&mut *self.tx)
        .await?;
        match row {
            None => {}
            Some((_, true)) => {
                let modseq = self.next_modseq(account, DataType::Thread).await?;
                sqlx::query("UPDATE threads SET modseq = ? WHERE id = ?")
                    .bind(modseq)
                    .bind(thread)
                    .execute(&mut *self.tx)
                    .await?;
            }
            Some((created, false)) => {
                sqlx::query("DELETE FROM threads WHERE id = ?")
                    .bind(thread)
                    .execute(&mut *self.tx)
                    .await?;
                let record = ids::show(Kind::Thread, thread);
                self.bury(account, DataType::Thread, &record, created, None)
                    .await?;
            }
        }
        Ok(())
    }
}
