//! What the methods of one request share, and the arguments many of them have in common.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use super::error::{MethodError, SetError};
use crate::{
    AppState,
    ids::{self, Kind},
    session::Session,
    store::{
        DataType,
        changes::{Changes, Record, State},
    },
};

/// The responses of a method: name and arguments. Nearly always one.
pub(crate) type Responses = Vec<(String, Value)>;
/// What a method gives back.
pub(crate) type Outcome = Result<Responses, MethodError>;

/// The most records in an answer to `/changes`.
const MAX_CHANGES: usize = 5000;

/// One request's account and its creation ids so far.
pub(crate) struct Context<'a> {
    pub(crate) state: &'a AppState,
    pub(crate) session: &'a Session,
    pub(crate) account_id: String,
    pub(crate) created: BTreeMap<String, String>,
}

impl Context<'_> {
    /// The account's number.
    pub(crate) fn account(&self) -> i64 {
        self.session.account
    }

    /// Refuses every account but the token's own, whether it exists or not.
    pub(crate) fn check_account(&self, account_id: &str) -> Result<(), MethodError> {
        if account_id == self.account_id {
            Ok(())
        } else {
            Err(MethodError::new("accountNotFound"))
        }
    }

    /// An id, or what a creation id of this request stands for (RFC 8620, section 5.3).
    pub(crate) fn resolve<'b>(&'b self, id: &'b str) -> Option<&'b str> {
        match id.strip_prefix('#') {
            Some(creation_id) => self.created.get(creation_id).map(String::as_str),
            None => Some(id),
        }
    }

    /// The number behind an id or creation id.
    pub(crate) fn resolve_id(&self, kind: Kind, id: &str) -> Option<i64> {
        ids::parse(kind, self.resolve(id)?)
    }

    /// The current state of a type, as text.
    pub(crate) async fn state_of(&self, kind: DataType) -> Result<String, MethodError> {
        Ok(State::at(self.state.store.state(self.account(), kind).await?).to_string())
    }

    /// Refuses more ids than one `/get` takes.
    pub(crate) fn check_get(&self, count: usize) -> Result<(), MethodError> {
        if count > self.state.config.limits.objects_in_get {
            Err(MethodError::too_large())
        } else {
            Ok(())
        }
    }

    /// Refuses more records than one `/set` takes.
    pub(crate) fn check_set(&self, count: usize) -> Result<(), MethodError> {
        if count > self.state.config.limits.objects_in_set {
            Err(MethodError::too_large())
        } else {
            Ok(())
        }
    }
}

/// Reads a method's arguments.
pub(crate) fn arguments<T: DeserializeOwned>(value: Value) -> Result<T, MethodError> {
    serde_json::from_value(value).map_err(|error| MethodError::invalid(error.to_string()))
}

/// Reads an argument that has a default; many tools send null for it.
pub(crate) fn null_is_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
    D: Deserializer<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// One response.
pub(crate) fn one(name: &str, value: Value) -> Outcome {
    Ok(vec![(name.to_owned(), value)])
}

/// Arguments of `/get` (RFC 8620, section 5.1).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Get {
    pub(crate) account_id: String,
    #[serde(default)]
    pub(crate) ids: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) properties: Option<Vec<String>>,
}

/// Arguments of `/changes` (RFC 8620, section 5.2).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct GetChanges {
    account_id: String,
    since_state: String,
    #[serde(default)]
    max_changes: Option<usize>,
}

/// Arguments of `/set` (RFC 8620, section 5.3), without those special to a type.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Set {
    pub(crate) account_id: String,
    #[serde(default)]
    pub(crate) if_in_state: Option<String>,
    #[serde(default)]
    pub(crate) create: Option<BTreeMap<String, Map<String, Value>>>,
    #[serde(default)]
    pub(crate) update: Option<BTreeMap<String, Map<String, Value>>>,
    #[serde(default)]
    pub(crate) destroy: Option<Vec<String>>,
}

impl Set {
    /// How many records it names.
    pub(crate) fn len(&self) -> usize {
        self.create.as_ref().map_or(0, BTreeMap::len)
            + self.update.as_ref().map_or(0, BTreeMap::len)
            + self.destroy.as_ref().map_or(0, Vec::len)
    }
}

/// What a `/set` did; fields that stay empty are null in the answer.
#[derive(Default)]
pub(crate) struct SetAnswer {
    pub(crate) created: Map<String, Value>,
    pub(crate) updated: Map<String, Value>,
    pub(crate) destroyed: Vec<Value>,
    not_created: Map<String, Value>,
    not_updated: Map<String, Value>,
    not_destroyed: Map<String, Value>,
}

impl SetAnswer {
    pub(crate) fn not_created(&mut self, id: &str, error: SetError) {
        self.not_created.insert(id.to_owned(), error.into_value());
    }

    pub(crate) fn not_updated(&mut self, id: &str, error: SetError) {
        self.not_updated.insert(id.to_owned(), error.into_value());
    }

    pub(crate) fn not_destroyed(&mut self, id: &str, error: SetError) {
        self.not_destroyed.insert(id.to_owned(), error.into_value());
    }

    /// The answer's arguments.
    pub(crate) fn into_value(self, account_id: &str, old: &str, new: &str) -> Value {
        let map = |map: Map<String, Value>| {
            if map.is_empty() {
                Value::Null
            } else {
                Value::Object(map)
            }
        };
        let list = |list: Vec<Value>| {
            if list.is_empty() {
                Value::Null
            } else {
                Value::Array(list)
            }
        };
        json!({
            "accountId": account_id,
            "oldState": old,
            "newState": new,
            "created": map(self.created),
            "updated": map(self.updated),
            "destroyed": list(self.destroyed),
            "notCreated": map(self.not_created),
            "notUpdated": map(self.not_updated),
            "notDestroyed": map(self.not_destroyed),
        })
    }
}

/// Keeps the properties asked for; `id` is always among them.
pub(crate) fn pick(mut object: Map<String, Value>, properties: Option<&[String]>) -> Value {
    if let Some(wanted) = properties {
        object.retain(|name, _| name == "id" || wanted.contains(name));
    }
    Value::Object(object)
}

/// Refuses properties that a type does not have.
pub(crate) fn check_properties(
    properties: Option<&[String]>,
    known: &[&str],
) -> Result<(), MethodError> {
    match properties
        .unwrap_or_default()
        .iter()
        .find(|name| !known.contains(&name.as_str()))
    {
        Some(name) => Err(MethodError::invalid(format!("unknown property {name}"))),
        None => Ok(()),
    }
}

/// `/changes` of any type that keeps records; `more` adds what is special to it.
pub(crate) async fn changes(
    context: &Context<'_>,
    kind: DataType,
    value: Value,
    more: impl FnOnce(&Changes, &mut Map<String, Value>),
) -> Outcome {
    let arguments: GetChanges = arguments(value)?;
    context.check_account(&arguments.account_id)?;
    if arguments.max_changes == Some(0) {
        return Err(MethodError::invalid("maxChanges must be greater than 0"));
    }
    let max = arguments
        .max_changes
        .unwrap_or(MAX_CHANGES)
        .min(MAX_CHANGES);
    let since: State = arguments
        .since_state
        .parse()
        .map_err(|()| MethodError::cannot_calculate_changes())?;
    let changes = context
        .state
        .store
        .changes(context.account(), kind, since, max)
        .await?
        .ok_or(MethodError::cannot_calculate_changes())?;
    let show = |records: &[Record]| -> Vec<Value> {
        records
            .iter()
            .map(|record| show_record(kind, record).into())
            .collect()
    };
    let mut answer = Map::new();
    answer.insert("accountId".into(), arguments.account_id.into());
    answer.insert("oldState".into(), arguments.since_state.into());
    answer.insert("newState".into(), changes.new_state.to_string().into());
    answer.insert("hasMoreChanges".into(), changes.has_more.into());
    answer.insert("created".into(), show(&changes.created).into());
    answer.insert("updated".into(), show(&changes.updated).into());
    answer.insert("destroyed".into(), changes.destroyed.clone().into());
    more(&changes, &mut answer);
    one(&format!("{}/changes", kind.name()), Value::Object(answer))
}

fn show_record(kind: DataType, record: &Record) -> String {
    match (kind, record) {
        (_, Record::Name(name)) => name.clone(),
        (DataType::Mailbox, Record::Number(id)) => ids::show(Kind::Mailbox, *id),
        (DataType::Thread, Record::Number(id)) => ids::show(Kind::Thread, *id),
        (_, Record::Number(id)) => ids::show(Kind::Email, *id),
    }
}

/// Seconds since 1970 as JMAP's `UTCDate`.
pub(crate) fn show_date(seconds: i64) -> String {
    mail_parser::DateTime::from_timestamp(seconds).to_rfc3339()
}

/// Reads JMAP's `UTCDate` (RFC 8620, section 1.4).
pub(crate) fn parse_date(text: &str) -> Option<i64> {
    let date = mail_parser::DateTime::parse_rfc3339(text)?;
    (text.ends_with('Z') && date.is_valid()).then(|| date.to_timestamp())
}
