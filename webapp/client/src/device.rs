//! What a device remembers in the clear: enough to show the locked page and to turn a
//! passphrase into keys, nothing that helps without it.

use crypto_core::kdf::{KdfParameters, Salt};
use serde::{Deserialize, Serialize};

use crate::error::ClientError;

/// The header beside the sealed objects.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DeviceHeader {
    /// The account's address.
    pub(crate) address: String,
    /// JMAP account id; empty for an account without a server.
    pub(crate) account_id: String,
    /// Salt of Argon2id and SRP.
    pub(crate) salt: Salt,
    /// Memory in KiB, passes, lanes.
    pub(crate) kdf: (u32, u32, u32),
    /// The vault's root key, wrapped under the passphrase.
    pub(crate) wrapped_vault_key: Vec<u8>,
    /// Counts passphrase changes.
    pub(crate) credentials_revision: u64,
}

/// Format octet before the postcard bytes.
const FORMAT: u8 = 1;

impl DeviceHeader {
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, ClientError> {
        postcard::to_extend(self, vec![FORMAT]).map_err(|e| ClientError::Internal(e.to_string()))
    }

    /// `None` when the bytes are damaged or of a later format.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let (&format, rest) = bytes.split_first()?;
        (format == FORMAT).then_some(())?;
        postcard::from_bytes(rest).ok()
    }

    /// The KDF's cost, checked against our bounds: the header could have been altered.
    pub(crate) fn kdf_parameters(&self) -> Result<KdfParameters, ClientError> {
        let (memory_kib, passes, lanes) = self.kdf;
        KdfParameters::new(memory_kib, passes, lanes)
            .map_err(|_| ClientError::ServerNotTrusted("key derivation cost outside our bounds"))
    }
}
