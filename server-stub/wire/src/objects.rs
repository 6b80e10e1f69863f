//! Sealed objects, synchronised like mail: `SealedObject/get`, `/changes` and `/set` under the
//! capability [`CAPABILITY`]. The server sees a name that is a keyed hash, a revision and a
//! padded ciphertext.
//!
//! `SealedObject/set` differs from RFC 8620, section 5.3 in one point: every update and destroy
//! names the revision it replaces, and fails with `revisionMismatch` when another device was
//! faster (compare-and-swap).

use serde::{Deserialize, Serialize};

use crate::Base64Bytes;

/// The capability's URI, in `using` and in the session.
pub const CAPABILITY: &str = "urn:letterlock:jmap:objects";
/// The data type's name in `changes` and push.
pub const TYPE_NAME: &str = "SealedObject";
/// The largest ciphertext of one object, in bytes.
pub const MAX_OBJECT_SIZE: usize = 1024 * 1024;
/// `SetError` type for a lost compare-and-swap; it carries `currentRevision`.
pub const REVISION_MISMATCH: &str = "revisionMismatch";

/// One sealed object as the server keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SealedObject {
    /// The record's name: a keyed hash, base64url; the JMAP id.
    pub id: String,
    /// The revision bound into the ciphertext; the first is 1.
    pub revision: u64,
    /// The sealed bytes.
    pub data: Base64Bytes,
}

/// An update in `SealedObject/set`: the new revision is `replaces + 1`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ObjectUpdate {
    /// The revision this replaces; 0 makes a new object.
    pub replaces: u64,
    /// The new sealed bytes.
    pub data: Base64Bytes,
}

/// Arguments of `SealedObject/set`. Creations are updates that replace revision 0, because the
/// client chooses the ids.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ObjectSet {
    /// The account.
    pub account_id: String,
    /// By id.
    #[serde(default)]
    pub update: std::collections::BTreeMap<String, ObjectUpdate>,
    /// By id, with the revision that is destroyed.
    #[serde(default)]
    pub destroy: std::collections::BTreeMap<String, u64>,
}

/// Answer to [`ObjectSet`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectSetResponse {
    /// The account.
    pub account_id: String,
    /// The state before.
    pub old_state: String,
    /// The state after.
    pub new_state: String,
    /// The new revision of each id that was written.
    #[serde(default)]
    pub updated: std::collections::BTreeMap<String, u64>,
    /// Ids that are gone.
    #[serde(default)]
    pub destroyed: Vec<String>,
    /// Ids that could not be written.
    #[serde(default)]
    pub not_updated: std::collections::BTreeMap<String, ObjectSetError>,
    /// Ids that could not be destroyed.
    #[serde(default)]
    pub not_destroyed: std::collections::BTreeMap<String, ObjectSetError>,
}

/// Why one object could not be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectSetError {
    /// [`REVISION_MISMATCH`], `tooLarge`, `overQuota`, `invalidArguments` or `notFound`.
    #[serde(rename = "type")]
    pub kind: String,
    /// For [`REVISION_MISMATCH`]: the revision the server has; 0 when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_revision: Option<u64>,
}
