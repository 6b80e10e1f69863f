//! Sealed objects: a name, a revision, and bytes the server cannot read.

use super::{DataType, Result, Store, Write};

/// The longest name, in bytes.
const MAX_NAME: usize = 255;

/// True for what can name a sealed object: base64url, as a JMAP id (RFC 8620, section 1.2).
pub(crate) fn is_name(text: &str) -> bool {
    (1..=MAX_NAME).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// A sealed object as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct ObjectRow {
    pub(crate) name: String,
    pub(crate) revision: u64,
    pub(crate) data: Vec<u8>,
}

/// Where an object stands, without its bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ObjectHead {
    pub(crate) revision: u64,
    pub(crate) size: u64,
    created_modseq: i64,
}

impl Store {
    /// The objects with these names that exist; `None` when they hold more than `max` bytes.
    pub(crate) async fn objects(
        &self,
        account: i64,
        names: &[String],
        max: usize,
    ) -> Result<Option<Vec<ObjectRow>>> {
        let mut connection = self.read.acquire().await?;
        let mut found = Vec::with_capacity(names.len());
        let mut size = 0usize;
        for name in names {
            let row: Option<(i64, Vec<u8>)> = sqlx::query_as(
                "SELECT revision, data FROM sealed_objects WHERE account_id = ? AND name = ?",
            )
            .bind(account)
            .bind(name)
            .fetch_optional(&mut *connection)
            .await?;
            if let Some((revision, data)) = row {
                size = size.saturating_add(data.len());
                if size > max {
                    return Ok(None);
                }
                let revision = revision.cast_unsigned();
                found.push(ObjectRow {
                    name: name.clone(),
                    revision,
                    data,
                });
            }
        }
        Ok(Some(found))
    }

    /// The names of all objects, at most `limit`.
    pub(crate) async fn object_names(&self, account: i64, limit: i64) -> Result<Vec<String>> {
        let names =
            sqlx::query_scalar("SELECT name FROM sealed_objects WHERE account_id = ? LIMIT ?")
                .bind(account)
                .bind(limit)
                .fetch_all(&self.read)
                .await?;
        Ok(names)
    }
}

impl Write {
    /// Where an object stands; `None` when there is none of this name.
    pub(crate) async fn object_head(
        &mut self,
        account: i64,
        name: &str,
    ) -> Result<Option<ObjectHead>> {
        let row: Option<(i64, i64, i64)> = sqlx::query_as(
            "SELECT revision, length(data), created_modseq FROM sealed_objects
             WHERE account_id = ? AND name = ?",
        )
        .bind(account)
        .bind(name)
        .fetch_optional(&mut *self.tx)
        .await?;
        Ok(row.map(|(revision, size, created_modseq)| ObjectHead {
            revision: revision.cast_unsigned(),
            size: size.cast_unsigned(),
            created_modseq,
        }))
    }

    /// Writes the next revision of an object, after [`Self::object_head`] was compared.
    pub(crate) async fn put_object(
        &mut self,
        account: i64,
        row: &ObjectRow,
        before: Option<ObjectHead>,
    ) -> Result<()> {
        let modseq = self.next_modseq(account, DataType::SealedObject).await?;
        sqlx::query(
            "INSERT INTO sealed_objects (account_id, name, revision, data, created_modseq, modseq)
             VALUES (?1, ?2, ?3, ?4, ?5, ?5)
             ON CONFLICT (account_id, name) DO UPDATE SET
                revision = excluded.revision, data = excluded.data, modseq = excluded.modseq",
        )
        .bind(account)
        .bind(&row.name)
        .bind(row.revision.cast_signed())
        .bind(&row.data)
        .bind(modseq)
        .execute(&mut *self.tx)
        .await?;
        let size = i64::try_from(row.data.len()).unwrap_or(i64::MAX);
        let grown = size - before.unwrap_or_default().size.cast_signed();
        self.add_usage(account, 0, grown).await
    }

    /// Destroys an object, after [`Self::object_head`] was compared.
    pub(crate) async fn delete_object(
        &mut self,
        account: i64,
        name: &str,
        head: ObjectHead,
    ) -> Result<()> {
        sqlx::query("DELETE FROM sealed_objects WHERE account_id = ? AND name = ?")
            .bind(account)
            .bind(name)
            .execute(&mut *self.tx)
            .await?;
        self.add_usage(account, 0, -head.size.cast_signed()).await?;
        self.bury(
            account,
            DataType::SealedObject,
            name,
            head.created_modseq,
            None,
        )
        .await
    }
}
