//! `Mailbox/query` (RFC 8621, section 2.3). There are few mailboxes, so everything happens in
//! memory and `/queryChanges` says that it cannot be calculated: asking again is as cheap.

use std::cmp::Ordering;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    ids::{self, Kind},
    jmap::{
        context::{Context, Outcome, arguments, null_is_default, one},
        error::MethodError,
    },
    store::{DataType, mailboxes::MailboxRow},
};

/// How deep filters may lie in each other.
const MAX_FILTER_DEPTH: usize = 10;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Query {
    account_id: String,
    #[serde(default)]
    filter: Option<Value>,
    #[serde(default)]
    sort: Option<Vec<Comparator>>,
    #[serde(default, deserialize_with = "null_is_default")]
    position: i64,
    #[serde(default)]
    anchor: Option<String>,
    #[serde(default, deserialize_with = "null_is_default")]
    anchor_offset: i64,
    #[serde(default)]
    limit: Option<usize>,
    #[serde(default, deserialize_with = "null_is_default")]
    calculate_total: bool,
    #[serde(default, deserialize_with = "null_is_default")]
    sort_as_tree: bool,
    #[serde(default, deserialize_with = "null_is_default")]
    filter_as_tree: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Comparator {
    property: String,
    #[serde(default = "yes")]
    is_ascending: bool,
}

fn yes() -> bool {
    true
}

/// `Mailbox/query`.
pub(crate) async fn query(context: &Context<'_>, value: Value) -> Outcome {
    let query: Query = arguments(value)?;
    context.check_account(&query.account_id)?;
    let state = context.state_of(DataType::Mailbox).await?;
    let all = context.state.store.mailboxes(context.account()).await?;
    let mut matching = Vec::new();
    for row in &all {
        let fits = |row: &MailboxRow| match &query.filter {
            Some(filter) => matches(filter, row, 0),
            None => Ok(true),
        };
        let mut keep = fits(row)?;
        if query.filter_as_tree {
            for parent in parents(&all, row) {
                keep &= fits(parent)?;
            }
        }
        if keep {
            matching.push(row);
        }
    }
    let sort = query.sort.unwrap_or_default();
    for comparator in &sort {
        if !matches!(
            comparator.property.as_str(),
            "name" | "sortOrder" | "parentId"
        ) {
            return Err(MethodError::new("unsupportedSort"));
        }
    }
    matching.sort_by(|a, b| compare(&sort, a, b));
    if query.sort_as_tree {
        let order: Vec<i64> = matching.iter().map(|row| row.id).collect();
        matching.sort_by_key(|row| path(&all, row, &order));
    }
    let ids: Vec<String> = matching
        .iter()
        .map(|row| ids::show(Kind::Mailbox, row.id))
        .collect();
    let total = ids.len();
    let position = match &query.anchor {
        Some(anchor) => {
            let found = ids.iter().position(|id| id == anchor);
            let found = found.ok_or(MethodError::new("anchorNotFound"))?;
            i64::try_from(found)
                .unwrap_or(i64::MAX)
                .saturating_add(query.anchor_offset)
                .max(0)
        }
        None if query.position < 0 => query
            .position
            .saturating_add(i64::try_from(total).unwrap_or(i64::MAX))
            .max(0),
        None => query.position,
    };
    let skip = usize::try_from(position).unwrap_or(usize::MAX);
    let page: Vec<String> = ids
        .into_iter()
        .skip(skip)
        .take(query.limit.unwrap_or(usize::MAX))
        .collect();
    let mut answer = json!({
        "accountId": query.account_id,
        "queryState": state,
        "canCalculateChanges": false,
        "position": position,
        "ids": page,
    });
    if let (true, Some(answer)) = (query.calculate_total, answer.as_object_mut()) {
        answer.insert("total".into(), total.into());
    }
    one("Mailbox/query", answer)
}

/// `Mailbox/queryChanges`.
pub(crate) async fn query_changes(context: &Context<'_>, value: Value) -> Outcome {
    let account_id = value.get("accountId").and_then(Value::as_str).unwrap_or("");
    context.check_account(account_id)?;
    Err(MethodError::cannot_calculate_changes())
}

fn matches(filter: &Value, row: &MailboxRow, depth: usize) -> Result<bool, MethodError> {
    let unsupported = || MethodError::new("unsupportedFilter");
    let fields = filter.as_object().ok_or_else(unsupported)?;
    if depth > MAX_FILTER_DEPTH {
        return Err(unsupported());
    }
    if let Some(operator) = fields.get("operator") {
        let conditions = fields.get("conditions").and_then(Value::as_array);
        let results = conditions
            .ok_or_else(unsupported)?
            .iter()
            .map(|condition| matches(condition, row, depth + 1))
            .collect::<Result<Vec<bool>, MethodError>>()?;
        return match operator.as_str() {
            Some("AND") => Ok(results.iter().all(|fits| *fits)),
            Some("OR") => Ok(results.iter().any(|fits| *fits)),
            Some("NOT") => Ok(!results.iter().any(|fits| *fits)),
            _ => Err(unsupported()),
        };
    }
    let mut fits = true;
    for (name, value) in fields {
        fits &= match (name.as_str(), value) {
            ("parentId", Value::Null) => row.parent_id.is_none(),
            ("parentId", Value::String(id)) => {
                row.parent_id.is_some() && row.parent_id == ids::parse(Kind::Mailbox, id)
            }
            ("name", Value::String(name)) => row.name.to_lowercase().contains(&name.to_lowercase()),
            ("role", Value::Null) => row.role.is_none(),
            ("role", Value::String(role)) => row.role.as_ref() == Some(role),
            ("hasAnyRole", Value::Bool(wanted)) => row.role.is_some() == *wanted,
            ("isSubscribed", Value::Bool(wanted)) => row.subscribed == *wanted,
            _ => return Err(unsupported()),
        };
    }
    Ok(fits)
}

fn compare(sort: &[Comparator], a: &MailboxRow, b: &MailboxRow) -> Ordering {
    for comparator in sort {
        let order = match comparator.property.as_str() {
            "name" => a.name.cmp(&b.name),
            "sortOrder" => a.sort_order.cmp(&b.sort_order),
            _ => a.parent_id.cmp(&b.parent_id),
        };
        let order = if comparator.is_ascending {
            order
        } else {
            order.reverse()
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

/// The mailboxes a mailbox lies in, nearest first.
pub(super) fn parents<'a>(all: &'a [MailboxRow], row: &MailboxRow) -> Vec<&'a MailboxRow> {
    let mut found = Vec::new();
    let mut next = row.parent_id;
    while let Some(parent) = next.and_then(|id| all.iter().find(|row| row.id == id)) {
        // There are no circles, but a damaged database must not hang the server.
        if found.len() > super::MAX_DEPTH {
            break;
        }
        found.push(parent);
        next = parent.parent_id;
    }
    found
}

/// Where a mailbox stands when children follow their parents: the places of its line.
fn path(all: &[MailboxRow], row: &MailboxRow, order: &[i64]) -> Vec<usize> {
    let place = |id: i64| {
        order
            .iter()
            .position(|other| *other == id)
            .unwrap_or(usize::MAX)
    };
    let mut path: Vec<usize> = parents(all, row)
        .iter()
        .rev()
        .map(|row| place(row.id))
        .collect();
    path.push(place(row.id));
    path
}
