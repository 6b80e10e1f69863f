//! `Mailbox/set` (RFC 8621, section 2.5).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{MAX_DEPTH, MAX_NAME, query::parents};
use crate::{
    ids::{self, Kind},
    jmap::{
        context::{Context, Outcome, SetAnswer, arguments, null_is_default, one},
        error::{MethodError, SetError},
    },
    store::{
        DataType, Write,
        changes::State,
        mailboxes::{MailboxRow, NewMailbox},
    },
};

/// The roles a mailbox may have (IANA's IMAP Mailbox Name Attributes, as JMAP spells them).
const ROLES: [&str; 8] = [
    "all",
    "archive",
    "drafts",
    "flagged",
    "important",
    "junk",
    "sent",
    "trash",
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MailboxSet {
    account_id: String,
    #[serde(default)]
    if_in_state: Option<String>,
    #[serde(default)]
    create: Option<BTreeMap<String, Map<String, Value>>>,
    #[serde(default)]
    update: Option<BTreeMap<String, Map<String, Value>>>,
    #[serde(default)]
    destroy: Option<Vec<String>>,
    #[serde(default, deserialize_with = "null_is_default")]
    on_destroy_remove_emails: bool,
}

/// `Mailbox/set`.
pub(crate) async fn set(context: &mut Context<'_>, value: Value) -> Outcome {
    let set: MailboxSet = arguments(value)?;
    context.check_account(&set.account_id)?;
    let create = set.create.unwrap_or_default();
    let update = set.update.unwrap_or_default();
    let destroy = set.destroy.unwrap_or_default();
    context.check_set(create.len() + update.len() + destroy.len())?;
    let account = context.account();
    let mut write = context.state.store.begin().await?;
    let old = State::at(write.state(account, DataType::Mailbox).await?).to_string();
    if set.if_in_state.as_ref().is_some_and(|state| *state != old) {
        return Err(MethodError::new("stateMismatch"));
    }
    let mut answer = SetAnswer::default();
    for (creation_id, properties) in in_order(create) {
        match create_one(context, &mut write, &properties).await? {
            Ok((id, created)) => {
                context.created.insert(creation_id.clone(), id);
                answer.created.insert(creation_id, created);
            }
            Err(error) => answer.not_created(&creation_id, error),
        }
    }
    for (id, patch) in update {
        match update_one(context, &mut write, &id, &patch).await? {
            Ok(()) => {
                answer.updated.insert(id, Value::Null);
            }
            Err(error) => answer.not_updated(&id, error),
        }
    }
    for id in destroy {
        let remove = set.on_destroy_remove_emails;
        match destroy_one(context, &mut write, &id, remove).await? {
            Ok(()) => answer.destroyed.push(id.into()),
            Err(error) => answer.not_destroyed(&id, error),
        }
    }
    write.settle().await?;
    let new = State::at(write.state(account, DataType::Mailbox).await?).to_string();
    context.state.commit(write).await?;
    one(
        "Mailbox/set",
        answer.into_value(&set.account_id, &old, &new),
    )
}

/// Parents that are made in the same call come before their children.
fn in_order(mut create: BTreeMap<String, Map<String, Value>>) -> Vec<(String, Map<String, Value>)> {
    let mut ordered = Vec::with_capacity(create.len());
    while !create.is_empty() {
        let waits = |properties: &Map<String, Value>| {
            let parent = properties.get("parentId").and_then(Value::as_str);
            parent
                .and_then(|id| id.strip_prefix('#'))
                .is_some_and(|id| create.contains_key(id))
        };
        let next = create.iter().find(|(_, properties)| !waits(properties));
        // When all wait for each other, none can be made: the first then fails and frees others.
        let next = next.or(create.iter().next()).map(|(id, _)| id.clone());
        let Some(entry) = next.and_then(|id| create.remove_entry(&id)) else {
            break;
        };
        ordered.push(entry);
    }
    ordered
}

fn blank() -> NewMailbox {
    NewMailbox {
        name: String::new(),
        parent: None,
        role: None,
        sort_order: 0,
        subscribed: false,
    }
}

async fn create_one(
    context: &Context<'_>,
    write: &mut Write,
    properties: &Map<String, Value>,
) -> Result<Result<(String, Value), SetError>, MethodError> {
    let account = context.account();
    let all = write.mailboxes(account).await?;
    if all.len() >= context.state.config.limits.mailboxes {
        return Ok(Err(SetError::with(
            "overQuota",
            "There are too many mailboxes.",
        )));
    }
    let mut new = blank();
    let checked = apply(context, &all, None, &mut new, properties)
        .and_then(|()| check_place(&all, None, &new));
    if let Err(error) = checked {
        return Ok(Err(error));
    }
    let id = ids::show(Kind::Mailbox, write.insert_mailbox(account, &new).await?);
    let rights = json!({
        "mayReadItems": true, "mayAddItems": true, "mayRemoveItems": true, "maySetSeen": true,
        "maySetKeywords": true, "mayCreateChild": true, "mayRename": true, "mayDelete": true,
        "maySubmit": true,
    });
    let created = json!({
        "id": id, "sortOrder": new.sort_order, "isSubscribed": new.subscribed, "myRights": rights,
        "totalEmails": 0, "unreadEmails": 0, "totalThreads": 0, "unreadThreads": 0,
    });
    Ok(Ok((id, created)))
}

async fn update_one(
    context: &Context<'_>,
    write: &mut Write,
    id: &str,
    patch: &Map<String, Value>,
) -> Result<Result<(), SetError>, MethodError> {
    let account = context.account();
    let all = write.mailboxes(account).await?;
    let number = context.resolve_id(Kind::Mailbox, id);
    let Some(row) = all.iter().find(|row| Some(row.id) == number) else {
        return Ok(Err(SetError::not_found()));
    };
    let mut new = NewMailbox {
        name: row.name.clone(),
        parent: row.parent_id,
        role: row.role.clone(),
        sort_order: row.sort_order,
        subscribed: row.subscribed,
    };
    let checked = apply(context, &all, Some(row), &mut new, patch)
        .and_then(|()| check_place(&all, Some(row), &new));
    if let Err(error) = checked {
        return Ok(Err(error));
    }
    write.update_mailbox(account, row.id, &new).await?;
    Ok(Ok(()))
}

/// Writes the properties that were given over those of a mailbox.
fn apply(
    context: &Context<'_>,
    all: &[MailboxRow],
    row: Option<&MailboxRow>,
    new: &mut NewMailbox,
    properties: &Map<String, Value>,
) -> Result<(), SetError> {
    for (name, value) in properties {
        match (name.as_str(), value) {
            ("name", Value::String(text)) => new.name.clone_from(text),
            ("parentId", Value::Null) => new.parent = None,
            ("parentId", Value::String(id)) => {
                let parent = context.resolve_id(Kind::Mailbox, id);
                let parent = parent.filter(|id| all.iter().any(|row| row.id == *id));
                new.parent = Some(
                    parent.ok_or_else(|| SetError::property(name, "there is no such mailbox"))?,
                );
            }
            ("role", Value::Null) if row.is_some_and(is_inbox) => {
                return Err(SetError::property(name, "the inbox stays the inbox"));
            }
            ("role", Value::Null) => new.role = None,
            ("role", Value::String(role)) => {
                let same = row.is_some_and(|row| row.role.as_ref() == Some(role));
                if !same && (!ROLES.contains(&role.as_str()) || row.is_some_and(is_inbox)) {
                    return Err(SetError::property(name, "this role cannot be given"));
                }
                new.role = Some(role.clone());
            }
            ("sortOrder", Value::Number(number)) => {
                let order = number
                    .as_i64()
                    .filter(|order| (0..=0x7fff_ffff).contains(order));
                new.sort_order =
                    order.ok_or_else(|| SetError::property(name, "must be from 0 to 2^31-1"))?;
            }
            ("isSubscribed", Value::Bool(subscribed)) => new.subscribed = *subscribed,
            _ => return Err(SetError::property(name, "cannot be set to this")),
        }
    }
    Ok(())
}

fn is_inbox(row: &MailboxRow) -> bool {
    row.role.as_deref() == Some("inbox")
}

/// Looks whether a mailbox may be called this and lie there.
fn check_place(
    all: &[MailboxRow],
    row: Option<&MailboxRow>,
    new: &NewMailbox,
) -> Result<(), SetError> {
    let good_name = (1..=MAX_NAME).contains(&new.name.len())
        && new.name.trim() == new.name
        && !new.name.chars().any(char::is_control);
    if !good_name {
        return Err(SetError::property(
            "name",
            "must be 1 to 255 bytes of printable text",
        ));
    }
    let own = row.map(|row| row.id);
    let others = || all.iter().filter(|row| Some(row.id) != own);
    if others().any(|row| row.parent_id == new.parent && row.name == new.name) {
        return Err(SetError::property(
            "name",
            "there is one of this name already",
        ));
    }
    if new.role.is_some() && others().any(|row| row.role == new.role) {
        return Err(SetError::property("role", "another mailbox has this role"));
    }
    let parent = new
        .parent
        .and_then(|id| all.iter().find(|row| row.id == id));
    if let Some(parent) = parent {
        let line = parents(all, parent);
        if Some(parent.id) == own || line.iter().any(|row| Some(row.id) == own) {
            return Err(SetError::property(
                "parentId",
                "a mailbox cannot lie in itself",
            ));
        }
        let below = row.map_or(0, |row| height(all, row));
        if line.len() + 2 + below > MAX_DEPTH {
            return Err(SetError::property("parentId", "this is too deep"));
        }
    }
    Ok(())
}

/// How many levels lie below a mailbox.
fn height(all: &[MailboxRow], row: &MailboxRow) -> usize {
    let own = parents(all, row).len();
    all.iter()
        .filter_map(|other| {
            let line = parents(all, other);
            line.iter()
                .any(|parent| parent.id == row.id)
                .then(|| line.len().saturating_sub(own))
        })
        .max()
        .unwrap_or(0)
}

async fn destroy_one(
    context: &Context<'_>,
    write: &mut Write,
    id: &str,
    remove_emails: bool,
) -> Result<Result<(), SetError>, MethodError> {
    let account = context.account();
    let all = write.mailboxes(account).await?;
    let number = context.resolve_id(Kind::Mailbox, id);
    let Some(row) = all.iter().find(|row| Some(row.id) == number) else {
        return Ok(Err(SetError::not_found()));
    };
    if is_inbox(row) {
        return Ok(Err(SetError::with(
            "forbidden",
            "The inbox cannot be destroyed.",
        )));
    }
    if all.iter().any(|other| other.parent_id == Some(row.id)) {
        return Ok(Err(SetError::new("mailboxHasChild")));
    }
    let emails = write.emails_in_mailbox(row.id).await?;
    if !emails.is_empty() && !remove_emails {
        return Ok(Err(SetError::new("mailboxHasEmail")));
    }
    for email in emails {
        let Some(email) = write.email(account, email).await? else {
            continue;
        };
        let mut rest = email.mailboxes.clone();
        rest.remove(&row.id);
        if rest.is_empty() {
            write.delete_email(account, &email).await?;
        } else {
            write
                .update_email(account, &email, &rest, &email.keywords)
                .await?;
        }
    }
    write.delete_mailbox(account, row).await?;
    Ok(Ok(()))
}
