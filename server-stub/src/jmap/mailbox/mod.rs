//! Mailboxes (RFC 8621, section 2).

mod query;
mod set;

use serde_json::{Map, Value, json};

use super::context::{self, Context, Get, Outcome, arguments, check_properties, one, pick};
use crate::{
    ids::{self, Kind},
    store::{
        DataType,
        mailboxes::{Counts, MailboxRow},
    },
};

pub(super) use query::{query, query_changes};
pub(super) use set::set;

/// How deep mailboxes may lie in each other.
pub(super) const MAX_DEPTH: usize = 10;
/// The longest name, in bytes.
pub(super) const MAX_NAME: usize = 255;

const COUNTS: [&str; 4] = [
    "totalEmails",
    "unreadEmails",
    "totalThreads",
    "unreadThreads",
];
const PROPERTIES: [&str; 11] = [
    "id",
    "name",
    "parentId",
    "role",
    "sortOrder",
    "totalEmails",
    "unreadEmails",
    "totalThreads",
    "unreadThreads",
    "myRights",
    "isSubscribed",
];

/// `Mailbox/get`.
pub(super) async fn get(context: &Context<'_>, value: Value) -> Outcome {
    let Get {
        account_id,
        ids,
        properties,
    } = arguments(value)?;
    context.check_account(&account_id)?;
    check_properties(properties.as_deref(), &PROPERTIES)?;
    context.check_get(ids.as_ref().map_or(0, Vec::len))?;
    let store = &context.state.store;
    let state = context.state_of(DataType::Mailbox).await?;
    let rows = store.mailboxes(context.account()).await?;
    // Counting is the costly part: left out when nobody asked.
    let wants_counts = properties
        .as_ref()
        .is_none_or(|wanted| wanted.iter().any(|name| COUNTS.contains(&name.as_str())));
    let counts = if wants_counts {
        store.mailbox_counts(context.account()).await?
    } else {
        Default::default()
    };
    let mut list = Vec::new();
    for row in &rows {
        let id = ids::show(Kind::Mailbox, row.id);
        if ids.as_ref().is_none_or(|ids| ids.contains(&id)) {
            let counts = counts.get(&row.id).copied().unwrap_or_default();
            list.push(pick(show(id, row, counts), properties.as_deref()));
        }
    }
    let not_found: Vec<String> = ids
        .unwrap_or_default()
        .into_iter()
        .filter(|id| {
            !rows
                .iter()
                .any(|row| ids::show(Kind::Mailbox, row.id) == *id)
        })
        .collect();
    one(
        "Mailbox/get",
        json!({ "accountId": account_id, "state": state, "list": list, "notFound": not_found }),
    )
}

fn show(id: String, row: &MailboxRow, counts: Counts) -> Map<String, Value> {
    let mailbox = json!({
        "id": id,
        "name": row.name,
        "parentId": row.parent_id.map(|parent| ids::show(Kind::Mailbox, parent)),
        "role": row.role,
        "sortOrder": row.sort_order,
        "totalEmails": counts.total_emails,
        "unreadEmails": counts.unread_emails,
        "totalThreads": counts.total_threads,
        "unreadThreads": counts.unread_threads,
        "myRights": {
            "mayReadItems": true,
            "mayAddItems": true,
            "mayRemoveItems": true,
            "maySetSeen": true,
            "maySetKeywords": true,
            "mayCreateChild": true,
            "mayRename": true,
            "mayDelete": row.role.as_deref() != Some("inbox"),
            "maySubmit": true,
        },
        "isSubscribed": row.subscribed,
    });
    match mailbox {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// `Mailbox/changes`.
pub(super) async fn changes(context: &Context<'_>, value: Value) -> Outcome {
    context::changes(context, DataType::Mailbox, value, |changes, answer| {
        let only_counts = changes.only_counts && !changes.updated.is_empty();
        let updated = if only_counts {
            json!(COUNTS)
        } else {
            Value::Null
        };
        answer.insert("updatedProperties".into(), updated);
    })
    .await
}
