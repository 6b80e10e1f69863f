//! The account's one identity (RFC 8621, section 6).
//!
//! A name that is set here is kept readable, since standard tools write it into messages. The
//! webmail keeps its person's name among the sealed settings and never sets this one.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    context::{Context, Get, Outcome, Set, SetAnswer, arguments, check_properties, one, pick},
    error::{MethodError, SetError},
};
use crate::store::{DataType, changes::State};

const PROPERTIES: [&str; 8] = [
    "id",
    "name",
    "email",
    "replyTo",
    "bcc",
    "textSignature",
    "htmlSignature",
    "mayDelete",
];
const MAX_NAME: usize = 255;

/// The identity's id: there is only one, so it is a constant.
pub(super) const ID: &str = "main";

/// `Identity/get`.
pub(crate) async fn get(context: &Context<'_>, value: Value) -> Outcome {
    let Get {
        account_id,
        ids,
        properties,
    } = arguments(value)?;
    context.check_account(&account_id)?;
    check_properties(properties.as_deref(), &PROPERTIES)?;
    context.check_get(ids.as_ref().map_or(0, Vec::len))?;
    let state = context.state_of(DataType::Identity).await?;
    let row = context.state.store.identity(context.account()).await?;
    let wanted = ids.as_ref().is_none_or(|ids| ids.iter().any(|id| id == ID));
    let mut list = Vec::new();
    if wanted
        && let Value::Object(identity) = json!({
            "id": ID,
            "name": row.name,
            "email": context.session.address,
            "replyTo": null,
            "bcc": null,
            "textSignature": "",
            "htmlSignature": "",
            "mayDelete": false,
        })
    {
        list.push(pick(identity, properties.as_deref()));
    }
    let not_found: Vec<String> = ids
        .unwrap_or_default()
        .into_iter()
        .filter(|id| id != ID)
        .collect();
    one(
        "Identity/get",
        json!({ "accountId": account_id, "state": state, "list": list, "notFound": not_found }),
    )
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Since {
    account_id: String,
    since_state: String,
    #[serde(default)]
    max_changes: Option<usize>,
}

/// `Identity/changes`.
pub(crate) async fn changes(context: &Context<'_>, value: Value) -> Outcome {
    let Since {
        account_id,
        since_state,
        max_changes,
    } = arguments(value)?;
    context.check_account(&account_id)?;
    if max_changes == Some(0) {
        return Err(MethodError::invalid("maxChanges must be greater than 0"));
    }
    let since: State = since_state
        .parse()
        .map_err(|()| MethodError::cannot_calculate_changes())?;
    let current = context
        .state
        .store
        .state(context.account(), DataType::Identity)
        .await?;
    if since.position > current {
        return Err(MethodError::cannot_calculate_changes());
    }
    let row = context.state.store.identity(context.account()).await?;
    let changed = row.modseq > since.position;
    // The identity is as old as the account: only the state 0 is older than it.
    let (created, updated): (&[&str], &[&str]) = match (changed, since.position) {
        (false, _) => (&[], &[]),
        (true, 0) => (&[ID], &[]),
        (true, _) => (&[], &[ID]),
    };
    one(
        "Identity/changes",
        json!({
            "accountId": account_id,
            "oldState": since_state,
            "newState": State::at(current).to_string(),
            "hasMoreChanges": false,
            "created": created,
            "updated": updated,
            "destroyed": [],
        }),
    )
}

/// `Identity/set`: only the name can change.
pub(crate) async fn set(context: &Context<'_>, value: Value) -> Outcome {
    let set: Set = arguments(value)?;
    context.check_account(&set.account_id)?;
    context.check_set(set.len())?;
    let account = context.account();
    let mut write = context.state.store.begin().await?;
    let old = State::at(write.state(account, DataType::Identity).await?).to_string();
    if set.if_in_state.as_ref().is_some_and(|state| *state != old) {
        return Err(MethodError::new("stateMismatch"));
    }
    let mut answer = SetAnswer::default();
    for id in set.create.unwrap_or_default().into_keys() {
        let why = "An account has one identity.";
        answer.not_created(&id, SetError::with("forbidden", why));
    }
    for (id, patch) in set.update.unwrap_or_default() {
        if id != ID {
            answer.not_updated(&id, SetError::not_found());
            continue;
        }
        match new_name(&patch) {
            Ok(name) => {
                write.set_identity_name(account, name).await?;
                answer.updated.insert(id, Value::Null);
            }
            Err(error) => answer.not_updated(&id, error),
        }
    }
    for id in set.destroy.unwrap_or_default() {
        let error = if id == ID {
            SetError::new("forbidden")
        } else {
            SetError::not_found()
        };
        answer.not_destroyed(&id, error);
    }
    let new = State::at(write.state(account, DataType::Identity).await?).to_string();
    context.state.commit(write).await?;
    one(
        "Identity/set",
        answer.into_value(&set.account_id, &old, &new),
    )
}

fn new_name(patch: &Map<String, Value>) -> Result<&str, SetError> {
    if let Some(other) = patch.keys().find(|name| *name != "name") {
        return Err(SetError::property(other, "only the name can be set"));
    }
    let name = patch.get("name").and_then(Value::as_str);
    name.filter(|name| name.len() <= MAX_NAME && !name.chars().any(char::is_control))
        .ok_or_else(|| SetError::property("name", "must be a short text"))
}
