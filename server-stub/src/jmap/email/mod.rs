//! Emails (RFC 8621, section 4). What is shown beyond ids, mailboxes, keywords, size and date
//! comes from the sealed message's outer fields: the server can read no more.

mod build;
mod filter;
mod get;
mod header;
mod import;
mod place;
mod query;
mod set;
mod view;

use serde_json::Value;

use super::{
    context::{Context, Outcome},
    error::MethodError,
};

pub(super) use get::{get, parse};
pub(super) use import::import;
pub(super) use query::{query, query_changes};
pub(super) use set::{apply, forget_originals, set};

/// What emails can be sorted by.
pub(super) const SORT_OPTIONS: [&str; 5] = [
    "receivedAt",
    "size",
    "hasKeyword",
    "allInThreadHaveKeyword",
    "someInThreadHaveKeyword",
];

/// `Email/copy`: a token opens one account, so there is no other to copy from.
pub(super) fn copy(context: &Context<'_>, value: Value) -> Outcome {
    let account = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or("");
    context.check_account(account("accountId"))?;
    if account("fromAccountId") == account("accountId") {
        return Err(MethodError::invalid(
            "fromAccountId must be another account",
        ));
    }
    Err(MethodError::new("fromAccountNotFound"))
}
