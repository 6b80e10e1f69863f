//! The parts of JMAP (RFC 8620, RFC 8621) that both sides use.
//!
//! Arguments of method calls stay JSON values here: JMAP lets a client ask for any subset of
//! properties, and the server must echo exactly that subset.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// JMAP core (RFC 8620, section 2).
pub const CORE: &str = "urn:ietf:params:jmap:core";
/// JMAP mail (RFC 8621, section 1.3.1).
pub const MAIL: &str = "urn:ietf:params:jmap:mail";
/// JMAP submission (RFC 8621, section 1.3.2).
pub const SUBMISSION: &str = "urn:ietf:params:jmap:submission";

/// A method call or a response: name, arguments, call id (RFC 8620, section 3.2).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Invocation(pub String, pub Value, pub String);

/// A request (RFC 8620, section 3.3).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// The capabilities the calls need.
    pub using: Vec<String>,
    /// The calls, carried out in order.
    pub method_calls: Vec<Invocation>,
    /// Creation ids of earlier requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_ids: Option<BTreeMap<String, String>>,
}

/// A response (RFC 8620, section 3.4).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    /// The answers, in order.
    pub method_responses: Vec<Invocation>,
    /// Creation ids, if the request named any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_ids: Option<BTreeMap<String, String>>,
    /// Changes when the session resource does.
    pub session_state: String,
}

/// The session resource (RFC 8620, section 2).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// What the server can do.
    pub capabilities: BTreeMap<String, Value>,
    /// The accounts the token opens.
    pub accounts: BTreeMap<String, Account>,
    /// The account to use for a capability.
    pub primary_accounts: BTreeMap<String, String>,
    /// The account's address.
    pub username: String,
    /// Where method calls go.
    pub api_url: String,
    /// URI template of downloads.
    pub download_url: String,
    /// URI template of uploads.
    pub upload_url: String,
    /// URI template of push.
    pub event_source_url: String,
    /// Changes when this resource does.
    pub state: String,
}

/// An account in the session resource.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// A name for people.
    pub name: String,
    /// True for the token's own account.
    pub is_personal: bool,
    /// True when nothing can be changed.
    pub is_read_only: bool,
    /// What can be done in this account.
    pub account_capabilities: BTreeMap<String, Value>,
}

/// Answer to an upload (RFC 8620, section 6.1).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UploadResponse {
    /// The account.
    pub account_id: String,
    /// Names the bytes.
    pub blob_id: String,
    /// The media type that was sent.
    #[serde(rename = "type")]
    pub media_type: String,
    /// Bytes.
    pub size: u64,
}

/// A push message (RFC 8620, section 7.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateChange {
    /// Always `StateChange`.
    #[serde(rename = "@type")]
    pub kind: String,
    /// The new state of each changed type, by account.
    pub changed: BTreeMap<String, BTreeMap<String, String>>,
}
