//! Errors of the plain HTTP routes, as `application/problem+json` (RFC 9457).
//!
//! JMAP methods answer with JMAP's own errors instead (RFC 8620, section 3.6).

use serde::{Deserialize, Serialize};

/// The media type of a [`Problem`].
pub const CONTENT_TYPE: &str = "application/problem+json";

/// What went wrong, in a form a program can act on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The kind, as a URN: `urn:letterlock:problem:` and the kebab-case kind.
    #[serde(rename = "type")]
    pub kind: String,
    /// The HTTP status.
    pub status: u16,
    /// One sentence for people; says what to do.
    pub title: String,
}

/// Prefix of [`Problem::kind`].
pub const KIND_PREFIX: &str = "urn:letterlock:problem:";

/// The kinds this server uses, without their prefix.
pub mod kinds {
    /// The request is not of the expected form.
    pub const BAD_REQUEST: &str = "bad-request";
    /// The address is not one this server gives out, or not well formed.
    pub const BAD_ADDRESS: &str = "bad-address";
    /// The address is in use.
    pub const ADDRESS_TAKEN: &str = "address-taken";
    /// The certificate is unusable, for another address, or holds secret parts.
    pub const BAD_CERTIFICATE: &str = "bad-certificate";
    /// Address and passphrase do not fit. Said for unknown addresses as well.
    pub const LOGIN_FAILED: &str = "login-failed";
    /// The bearer token is missing, unknown, expired or not allowed to do this.
    pub const UNAUTHORIZED: &str = "unauthorized";
    /// The session is too old for this; log in again.
    pub const LOGIN_AGAIN: &str = "login-again";
    /// Somebody else changed this first.
    pub const CONFLICT: &str = "conflict";
    /// Too many requests; see `Retry-After`.
    pub const TOO_MANY_REQUESTS: &str = "too-many-requests";
    /// The body is larger than the server takes.
    pub const TOO_LARGE: &str = "too-large";
    /// There is nothing under this path.
    pub const NOT_FOUND: &str = "not-found";
    /// The server has no room left; nothing was stored.
    pub const STORAGE_FULL: &str = "storage-full";
    /// The server is busy or shutting down; try again after `Retry-After`.
    pub const UNAVAILABLE: &str = "unavailable";
    /// The request took too long to arrive or to answer.
    pub const TIMED_OUT: &str = "timed-out";
    /// This server does not let strangers make accounts.
    pub const REGISTRATION_CLOSED: &str = "registration-closed";
    /// The fault is the server's.
    pub const INTERNAL: &str = "internal";
}

impl Problem {
    /// Makes a problem from one of [`kinds`].
    pub fn new(kind: &str, status: u16, title: impl Into<String>) -> Self {
        Self {
            kind: format!("{KIND_PREFIX}{kind}"),
            status,
            title: title.into(),
        }
    }

    /// True when this is the problem of that kind (one of [`kinds`]).
    pub fn is(&self, kind: &str) -> bool {
        self.kind.strip_prefix(KIND_PREFIX) == Some(kind)
    }
}
