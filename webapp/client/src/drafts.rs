//! Drafts, sealed on this device, and small sealed values of a platform's own.

use crypto_core::{
    ids::ObjectId,
    vault::{Batch, Namespace, ObjectStore},
};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{client::Client, error::ClientError, local, ports::Platform, session::Session};

/// The longest key of a draft or a value, in bytes.
const MAX_KEY: usize = 256;
/// The largest draft, in bytes.
const MAX_DRAFT: usize = 32 << 20;
/// The largest value, in bytes.
const MAX_VALUE: usize = 1 << 20;
/// Prefix of the ids of values in [`Namespace::State`].
const VALUE_PREFIX: &str = "value:";

#[derive(Serialize, Deserialize)]
struct StoredDraft {
    saved_at: u64,
    content: Wiped,
}

/// Bytes that are wiped when they are dropped.
#[derive(Serialize, Deserialize)]
struct Wiped(#[serde(with = "serde_bytes")] Vec<u8>);

impl Drop for Wiped {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

/// A draft in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftInfo {
    /// Its key.
    pub key: String,
    /// Unix seconds.
    pub saved_at: u64,
    /// Bytes.
    pub size: u64,
}

impl<P: Platform> Client<P> {
    /// Keeps a draft under a key of the caller's (at most 256 bytes); one that is there is
    /// replaced.
    ///
    /// # Errors
    /// [`ClientError::StorageFull`], [`ClientError::TooLarge`] above 32 MiB.
    pub async fn save_draft(&self, key: &str, content: &[u8]) -> Result<(), ClientError> {
        let session = self.open_session()?;
        if key.len() > MAX_KEY || content.len() > MAX_DRAFT {
            return Err(ClientError::TooLarge);
        }
        let draft = StoredDraft {
            saved_at: self.now().0,
            content: Wiped(content.to_vec()),
        };
        self.put(&session, Namespace::Draft, key, &draft).await
    }

    /// A draft.
    ///
    /// # Errors
    /// [`ClientError::Locked`], store errors.
    pub async fn draft(&self, key: &str) -> Result<Option<Zeroizing<Vec<u8>>>, ClientError> {
        let session = self.open_session()?;
        let found: Option<StoredDraft> =
            local::get(&self.platform, &session, Namespace::Draft, key).await?;
        Ok(found.map(|mut draft| Zeroizing::new(std::mem::take(&mut draft.content.0))))
    }

    /// All drafts, the newest first.
    ///
    /// # Errors
    /// [`ClientError::Locked`], store errors.
    pub async fn drafts(&self) -> Result<Vec<DraftInfo>, ClientError> {
        let session = self.open_session()?;
        let loaded = local::load::<StoredDraft>(&self.platform, &session, Namespace::Draft).await?;
        let mut drafts: Vec<DraftInfo> = loaded
            .objects
            .into_iter()
            .map(|(id, _, draft)| DraftInfo {
                key: id.0,
                saved_at: draft.saved_at,
                size: draft.content.0.len() as u64,
            })
            .collect();
        drafts.sort_by_key(|draft| std::cmp::Reverse(draft.saved_at));
        Ok(drafts)
    }

    /// Removes a draft; that there is none is no error.
    ///
    /// # Errors
    /// [`ClientError::Locked`], store errors.
    pub async fn delete_draft(&self, key: &str) -> Result<(), ClientError> {
        let session = self.open_session()?;
        let mut batch = Batch::default();
        local::remove_cached(&session, &mut batch, Namespace::Draft, key);
        Ok(self.platform.store().commit(batch).await?)
    }

    /// Removes drafts older than so many seconds; answers how many.
    ///
    /// # Errors
    /// [`ClientError::Locked`], store errors.
    pub async fn expire_drafts(&self, older_than: u64) -> Result<usize, ClientError> {
        let session = self.open_session()?;
        let now = self.now().0;
        let mut batch = Batch::default();
        for draft in self.drafts().await? {
            if now.saturating_sub(draft.saved_at) > older_than {
                local::remove_cached(&session, &mut batch, Namespace::Draft, &draft.key);
            }
        }
        let expired = batch.delete.len();
        self.platform.store().commit(batch).await?;
        Ok(expired)
    }

    /// A small value of the platform's own (settings and the like), sealed on this device and not
    /// synchronised.
    ///
    /// # Errors
    /// [`ClientError::Locked`], store errors.
    pub async fn sealed_value(&self, key: &str) -> Result<Option<Zeroizing<Vec<u8>>>, ClientError> {
        let session = self.open_session()?;
        let id = format!("{VALUE_PREFIX}{key}");
        let found: Option<Wiped> =
            local::get(&self.platform, &session, Namespace::State, &id).await?;
        Ok(found.map(|mut value| Zeroizing::new(std::mem::take(&mut value.0))))
    }

    /// Keeps such a value; empty removes it.
    ///
    /// # Errors
    /// [`ClientError::StorageFull`], [`ClientError::TooLarge`] above 1 MiB.
    pub async fn set_sealed_value(&self, key: &str, value: &[u8]) -> Result<(), ClientError> {
        let session = self.open_session()?;
        if key.len() > MAX_KEY || value.len() > MAX_VALUE {
            return Err(ClientError::TooLarge);
        }
        let id = format!("{VALUE_PREFIX}{key}");
        if value.is_empty() {
            let mut batch = Batch::default();
            local::remove_cached(&session, &mut batch, Namespace::State, &id);
            return Ok(self.platform.store().commit(batch).await?);
        }
        let value = Wiped(value.to_vec());
        self.put(&session, Namespace::State, &id, &value).await
    }

    async fn put(
        &self,
        session: &Session,
        namespace: Namespace,
        id: &str,
        value: &impl Serialize,
    ) -> Result<(), ClientError> {
        let mut batch = Batch::default();
        local::put_cached(&self.platform, session, &mut batch, namespace, id, value)?;
        Ok(self.platform.store().commit(batch).await?)
    }

    /// Values are brought along when a local account meets a server's.
    pub(crate) async fn bring_values(
        &self,
        from: &Session,
        to: &Session,
    ) -> Result<(), ClientError> {
        for record in self.records_of(from, Namespace::State).await? {
            let Ok(opened) = from.vault.open_record(&record) else {
                continue;
            };
            let ObjectId(id) = &opened.id;
            if let Ok(value) = postcard::from_bytes::<Wiped>(&opened.plaintext)
                && id.starts_with(VALUE_PREFIX)
            {
                self.put(to, Namespace::State, id, &value).await?;
            }
        }
        Ok(())
    }
}
