//! Certificates of other accounts of the same server.

use serde::{Deserialize, Serialize};

use crate::Base64Bytes;

/// At most this many addresses in one [`LookupRequest`].
pub const MAX_LOOKUP: usize = 100;

/// `POST` [`crate::routes::DIRECTORY_LOOKUP`]. The addresses travel in the body so that they
/// do not end in logs of URLs.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LookupRequest {
    /// At most [`MAX_LOOKUP`] addresses.
    pub addresses: Vec<String>,
}

/// Answer to [`LookupRequest`]; addresses without an account are left out.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LookupResponse {
    /// What was found.
    pub entries: Vec<DirectoryEntry>,
}

/// One account's certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DirectoryEntry {
    /// The address as it was asked for.
    pub address: String,
    /// The certificate, binary.
    pub certificate: Base64Bytes,
}

/// `POST` [`crate::routes::DIRECTORY_PUBLISH`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PublishRequest {
    /// The account's certificate, binary, without secret parts.
    pub certificate: Base64Bytes,
    /// True to show it to everybody by WKD and HKP, false to show it to accounts of this server
    /// only; left out, that stays as it is.
    #[serde(default)]
    pub publish: Option<bool>,
}

/// Answer to `GET` [`crate::routes::DIRECTORY_OWN`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnEntry {
    /// Fingerprint of the certificate that incoming mail is sealed to, upper-case hexadecimal.
    pub fingerprint: String,
    /// True when everybody finds it by WKD and HKP.
    pub published: bool,
}
