//! Bytes in messages that can only carry JSON.

use serde::{Deserialize, Serialize};

/// The most bytes (before base64) that one part carries: 3 MiB.
pub const PART_BYTES: usize = 3 * 1024 * 1024;

/// Base64 (RFC 4648, section 4, padded).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "transfer.ts"))]
#[serde(transparent)]
pub struct Base64(pub String);

impl std::fmt::Debug for Base64 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Base64({} characters)", self.0.len())
    }
}

/// A piece of a longer file. Parts of one `file` come in order; `last` ends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "transfer.ts"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Part {
    /// Number of the file, chosen by who sends it, unique while the port lives.
    pub file: u32,
    /// The bytes, at most [`PART_BYTES`].
    pub data: Base64,
    /// No more follow.
    pub last: bool,
}
