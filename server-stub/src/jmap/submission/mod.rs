//! Sending (RFC 8621, section 7).
//!
//! A submission is carried out while it is made and forgotten at once: its envelope would tell
//! who wrote to whom. So nothing is ever listed here, and what happened stands in the answer to
//! `EmailSubmission/set`. Delivery and the changes of `onSuccessUpdateEmail` are one write:
//! a client that did not hear the answer sees from its own copy's mailbox whether it was sent.

mod prepare;
mod set;

use serde_json::{Value, json};

use super::{
    context::{Context, Outcome},
    error::MethodError,
    one,
};

pub(super) use set::set;

/// The state of a type that keeps nothing.
const STATE: &str = "0";

fn account_of(value: &Value) -> &str {
    value.get("accountId").and_then(Value::as_str).unwrap_or("")
}

/// `EmailSubmission/get`: nothing is kept.
pub(super) fn get(context: &Context<'_>, value: Value) -> Outcome {
    context.check_account(account_of(&value))?;
    let ids = value
        .get("ids")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    context.check_get(ids.len())?;
    let account = account_of(&value);
    one(
        "EmailSubmission/get",
        json!({ "accountId": account, "state": STATE, "list": [], "notFound": ids }),
    )
}

/// `EmailSubmission/changes`: nothing changes.
pub(super) fn changes(context: &Context<'_>, value: Value) -> Outcome {
    context.check_account(account_of(&value))?;
    if value.get("sinceState").and_then(Value::as_str) != Some(STATE) {
        return Err(MethodError::cannot_calculate_changes());
    }
    one(
        "EmailSubmission/changes",
        json!({
            "accountId": account_of(&value), "oldState": STATE, "newState": STATE,
            "hasMoreChanges": false, "created": [], "updated": [], "destroyed": [],
        }),
    )
}

/// `EmailSubmission/query`: nothing is found.
pub(super) fn query(context: &Context<'_>, value: Value) -> Outcome {
    context.check_account(account_of(&value))?;
    if value.get("anchor").is_some_and(|anchor| !anchor.is_null()) {
        return Err(MethodError::new("anchorNotFound"));
    }
    one(
        "EmailSubmission/query",
        json!({
            "accountId": account_of(&value), "queryState": STATE, "canCalculateChanges": true,
            "position": 0, "ids": [], "total": 0,
        }),
    )
}

/// `EmailSubmission/queryChanges`: nothing changes.
pub(super) fn query_changes(context: &Context<'_>, value: Value) -> Outcome {
    context.check_account(account_of(&value))?;
    if value.get("sinceQueryState").and_then(Value::as_str) != Some(STATE) {
        return Err(MethodError::cannot_calculate_changes());
    }
    one(
        "EmailSubmission/queryChanges",
        json!({
            "accountId": account_of(&value), "oldQueryState": STATE, "newQueryState": STATE,
            "removed": [], "added": [], "total": 0,
        }),
    )
}
