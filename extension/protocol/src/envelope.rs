//! Requests and answers with numbers, and events without.

use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// Name of the port a content script opens.
pub const CONTENT_PORT: &str = "content";
/// Name of the port a frame of ours inside somebody's page opens.
pub const FRAME_PORT: &str = "frame";
/// Name of the port a page of the extension opens.
pub const PAGE_PORT: &str = "page";
/// Name of the port the webmail page of the extension opens. What is said on it is the webmail's
/// own protocol (`webapp::protocol`), not one of this crate's.
pub const WEBMAIL_PORT: &str = "webmail";

/// A request with its number; exactly one [`Reply::Answer`] or [`Reply::Failed`] carries the same.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "envelope.ts"))]
#[serde(deny_unknown_fields)]
pub struct Call<R> {
    /// Chosen by the caller, unique while the port lives.
    pub id: u32,
    /// What is asked.
    pub request: R,
}

/// What the background says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "envelope.ts"))]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
pub enum Reply<A, E> {
    /// The request was done.
    Answer {
        /// The request's number.
        id: u32,
        /// The answer.
        answer: A,
    },
    /// The request was not done.
    Failed {
        /// The request's number.
        id: u32,
        /// Why.
        failure: Failure,
    },
    /// Something happened.
    Event {
        /// What.
        event: E,
    },
}
