//! `Email/get` and `Email/parse` (RFC 8621, sections 4.2 and 4.9).

use std::sync::Arc;

use axum::body::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    header::HeaderProperty,
    view::{BodyOptions, FROM_MESSAGE, View},
};
use crate::{
    ids::{self, Kind},
    jmap::{
        blob::{self, Blob},
        context::{Context, Outcome, arguments, null_is_default, one, show_date},
        error::MethodError,
    },
    mail::parse,
    store::{DataType, emails::EmailRow},
};

/// Properties the server knows without reading the message.
const KNOWN: [&str; 7] = [
    "id",
    "blobId",
    "threadId",
    "mailboxIds",
    "keywords",
    "size",
    "receivedAt",
];
/// Properties of the message that are shown unless others are asked for.
const DEFAULTS: [&str; 17] = [
    "messageId",
    "inReplyTo",
    "references",
    "sender",
    "from",
    "to",
    "cc",
    "bcc",
    "replyTo",
    "subject",
    "sentAt",
    "hasAttachment",
    "preview",
    "bodyValues",
    "textBody",
    "htmlBody",
    "attachments",
];
/// The most message bytes read for one answer; a client that asks for more asks in parts.
const MAX_READ: usize = 96 * 1024 * 1024;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EmailGet {
    account_id: String,
    #[serde(default)]
    ids: Option<Vec<String>>,
    #[serde(default)]
    properties: Option<Vec<String>>,
    #[serde(default)]
    body_properties: Option<Vec<String>>,
    #[serde(default, deserialize_with = "null_is_default")]
    fetch_text_body_values: bool,
    #[serde(
        default,
        rename = "fetchHTMLBodyValues",
        deserialize_with = "null_is_default"
    )]
    fetch_html_body_values: bool,
    #[serde(default, deserialize_with = "null_is_default")]
    fetch_all_body_values: bool,
    #[serde(default, deserialize_with = "null_is_default")]
    max_body_value_bytes: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EmailParse {
    account_id: String,
    blob_ids: Vec<String>,
    #[serde(default)]
    properties: Option<Vec<String>>,
    #[serde(default)]
    body_properties: Option<Vec<String>>,
    #[serde(default, deserialize_with = "null_is_default")]
    fetch_text_body_values: bool,
    #[serde(
        default,
        rename = "fetchHTMLBodyValues",
        deserialize_with = "null_is_default"
    )]
    fetch_html_body_values: bool,
    #[serde(default, deserialize_with = "null_is_default")]
    fetch_all_body_values: bool,
    #[serde(default, deserialize_with = "null_is_default")]
    max_body_value_bytes: usize,
}

fn check(properties: &[String]) -> Result<(), MethodError> {
    let known = |name: &String| {
        KNOWN.contains(&name.as_str())
            || FROM_MESSAGE.contains(&name.as_str())
            || HeaderProperty::parse(name).is_some()
    };
    match properties.iter().find(|name| !known(name)) {
        Some(name) => Err(MethodError::invalid(format!("unknown property {name}"))),
        None => Ok(()),
    }
}

/// `Email/get`.
pub(crate) async fn get(context: &Context<'_>, value: Value) -> Outcome {
    let get: EmailGet = arguments(value)?;
    context.check_account(&get.account_id)?;
    let properties = get.properties.unwrap_or_else(|| {
        KNOWN
            .iter()
            .chain(&DEFAULTS)
            .map(|name| (*name).to_owned())
            .collect()
    });
    check(&properties)?;
    let options = BodyOptions {
        properties: BodyOptions::check(get.body_properties)?,
        text: get.fetch_text_body_values,
        html: get.fetch_html_body_values,
        all: get.fetch_all_body_values,
        max: get.max_body_value_bytes,
    };
    let store = &context.state.store;
    let account = context.account();
    let state = context.state_of(DataType::Email).await?;
    let wanted = match get.ids {
        Some(ids) => ids,
        None => {
            let limit = context.state.config.limits.objects_in_get as i64 + 1;
            let all = store.all_emails(account, limit).await?;
            all.into_iter()
                .map(|id| ids::show(Kind::Email, id))
                .collect()
        }
    };
    context.check_get(wanted.len())?;
    let numbers: Vec<i64> = wanted
        .iter()
        .filter_map(|id| ids::parse(Kind::Email, id))
        .collect();
    let rows = store.emails(account, &numbers).await?;
    let reads_message = properties
        .iter()
        .any(|name| !KNOWN.contains(&name.as_str()));
    let total: usize = rows
        .values()
        .map(|row| usize::try_from(row.size).unwrap_or(usize::MAX))
        .sum();
    if reads_message && total > MAX_READ {
        return Err(MethodError::too_large());
    }
    let wanted_view = Arc::new((properties.clone(), options));
    let (mut list, mut not_found) = (Vec::new(), Vec::new());
    let mut seen = std::collections::BTreeSet::new();
    for id in wanted {
        if !seen.insert(id.clone()) {
            continue;
        }
        let row = ids::parse(Kind::Email, &id).and_then(|number| rows.get(&number));
        let raw = match row {
            Some(row) if reads_message => store.sealed_message(account, row.id).await?,
            Some(_) => Some(Vec::new()),
            None => None,
        };
        let (Some(row), Some(raw)) = (row, raw) else {
            not_found.push(id);
            continue;
        };
        let mut email = known(row);
        email.retain(|name, _| name == "id" || properties.contains(name));
        if reads_message {
            let shown = show(raw.into(), Blob::Sealed(row.id), Arc::clone(&wanted_view)).await?;
            email.extend(shown.unwrap_or_default());
        }
        list.push(Value::Object(email));
    }
    one(
        "Email/get",
        json!({
            "accountId": get.account_id, "state": state, "list": list, "notFound": not_found,
        }),
    )
}

fn known(row: &EmailRow) -> Map<String, Value> {
    let mailboxes: Map<String, Value> = row
        .mailboxes
        .iter()
        .map(|id| (ids::show(Kind::Mailbox, *id), true.into()))
        .collect();
    let keywords: Map<String, Value> = row
        .keywords
        .iter()
        .map(|keyword| (keyword.clone(), true.into()))
        .collect();
    let mut email = Map::new();
    email.insert("id".into(), ids::show(Kind::Email, row.id).into());
    email.insert("blobId".into(), Blob::Sealed(row.id).show().into());
    email.insert(
        "threadId".into(),
        ids::show(Kind::Thread, row.thread).into(),
    );
    email.insert("mailboxIds".into(), mailboxes.into());
    email.insert("keywords".into(), keywords.into());
    email.insert("size".into(), row.size.into());
    email.insert("receivedAt".into(), show_date(row.received_at).into());
    email
}

type Wanted = Arc<(Vec<String>, BodyOptions)>;

/// The properties that come from the message; `None` when it is not one, or one that others
/// wrote and that is too large to be taken apart.
async fn show(
    raw: Bytes,
    blob: Blob,
    wanted: Wanted,
) -> Result<Option<Map<String, Value>>, MethodError> {
    let work = move || {
        let (properties, options) = wanted.as_ref();
        let message = parse::whole(&raw, matches!(blob, Blob::Sealed(_)))?;
        let view = View::new(&message, &raw, blob, options);
        let names = properties
            .iter()
            .filter(|name| !KNOWN.contains(&name.as_str()));
        Some(
            names
                .map(|name| (name.clone(), view.property(name)))
                .collect(),
        )
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| MethodError::internal())
}

/// `Email/parse`.
pub(crate) async fn parse(context: &Context<'_>, value: Value) -> Outcome {
    let parse: EmailParse = arguments(value)?;
    context.check_account(&parse.account_id)?;
    context.check_get(parse.blob_ids.len())?;
    let properties = parse
        .properties
        .unwrap_or_else(|| DEFAULTS.iter().map(|name| (*name).to_owned()).collect());
    check(&properties)?;
    let options = BodyOptions {
        properties: BodyOptions::check(parse.body_properties)?,
        text: parse.fetch_text_body_values,
        html: parse.fetch_html_body_values,
        all: parse.fetch_all_body_values,
        max: parse.max_body_value_bytes,
    };
    let wanted_view = Arc::new((properties.clone(), options));
    let mut parsed = Map::new();
    let (mut not_parsable, mut not_found) = (Vec::new(), Vec::new());
    let mut total = 0usize;
    for id in parse.blob_ids {
        let blob = context.resolve(&id).and_then(Blob::parse);
        let bytes = match &blob {
            Some(blob) => blob::fetch(context.state, context.account(), blob).await?,
            None => None,
        };
        let (Some(blob), Some(bytes)) = (blob, bytes) else {
            not_found.push(id);
            continue;
        };
        total = total.saturating_add(bytes.len());
        if total > MAX_READ {
            return Err(MethodError::too_large());
        }
        let mut email = Map::new();
        for name in properties
            .iter()
            .filter(|name| KNOWN.contains(&name.as_str()))
        {
            let value = match name.as_str() {
                "blobId" => id.clone().into(),
                "size" => bytes.len().into(),
                _ => Value::Null,
            };
            email.insert(name.clone(), value);
        }
        // Parts of parts have no blob ids of their own, so only whole blobs are looked into.
        let shown = match blob {
            Blob::Part(..) => None,
            whole => show(bytes, whole, Arc::clone(&wanted_view)).await?,
        };
        match shown {
            Some(shown) => {
                email.extend(shown);
                parsed.insert(id, Value::Object(email));
            }
            None => not_parsable.push(id),
        }
    }
    let none_or = |list: Vec<String>| {
        if list.is_empty() {
            Value::Null
        } else {
            json!(list)
        }
    };
    one(
        "Email/parse",
        json!({
            "accountId": parse.account_id,
            "parsed": if parsed.is_empty() { Value::Null } else { Value::Object(parsed) },
            "notParsable": none_or(not_parsable),
            "notFound": none_or(not_found),
        }),
    )
}
