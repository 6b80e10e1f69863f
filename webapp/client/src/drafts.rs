//! Drafts, sealed on this device, and small sealed values of a platform's own.

use crate::{client::Client, error::ClientError, ports::Platform};

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

@@CUT@@
impl<P: Platform> Client<P> {
    /// Keeps a draft under a key of the caller's (at most 256 bytes); one that is there is
    /// replaced.
    ///
    /// # Errors
    /// [`ClientError::StorageFull`], [`ClientError::TooLarge`] above 32 MiB.
    pub async fn save_draft(&self, key: &str, content: &[u8]) -> Result<(), ClientError> {
        let _ = (key, content);
        todo!()
    }

    /// A draft.
    ///
    /// # Errors
    /// [`ClientError::Locked`], store errors.
    pub async fn draft(&self, key: &str) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>, ClientError> {
        let _ = key;
        todo!()
    }

    /// All drafts, the newest first.
    ///
    /// # Errors
    /// [`ClientError::Locked`], store errors.
    pub async fn drafts(&self) -> Result<Vec<DraftInfo>, ClientError> {
        todo!()
    }

    /// Removes a draft; that there is none is no error.
    ///
    /// # Errors
    /// [`ClientError::Locked`], store errors.
    pub async fn delete_draft(&self, key: &str) -> Result<(), ClientError> {
        let _ = key;
        todo!()
    }

    /// Removes drafts older than so many seconds; answers how many.
    ///
    /// # Errors
    /// [`ClientError::Locked`], store errors.
    pub async fn expire_drafts(&self, older_than: u64) -> Result<usize, ClientError> {
        let _ = older_than;
        todo!()
    }

    /// A small value of the platform's own (settings and the like), sealed on this device and not
    /// synchronised.
    ///
    /// # Errors
    /// [`ClientError::Locked`], store errors.
    pub async fn sealed_value(&self, key: &str) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>, ClientError> {
        let _ = key;
        todo!()
    }

    /// Keeps such a value; empty removes it.
    ///
    /// # Errors
    /// [`ClientError::StorageFull`], [`ClientError::TooLarge`] above 1 MiB.
    pub async fn set_sealed_value(&self, key: &str, value: &[u8]) -> Result<(), ClientError> {
        let _ = (key, value);
        todo!()
    }
}
