//! Sending (RFC 8621, section 7).
//!
//! A submission is carried out while it is made and forgotten at once: its envelope would tell
//! who wrote to whom. So nothing is ever listed here, and what happened stands in the answer to
//! `EmailSubmission/set`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    context::{Context, Outcome, Responses, SetAnswer, arguments, show_date},
    email,
    error::{MethodError, SetError},
    one,
};
use crate::{
    addresses,
    ids::{self, Kind},
    mail::{
        deliver::{self, DeliverError},
        outgoing,
    },
    uploads::Key,
};

/// The state of a type that keeps nothing.
const STATE: &str = "0";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SubmissionSet {
    account_id: String,
    #[serde(default)]
    if_in_state: Option<String>,
    #[serde(default)]
    create: Option<BTreeMap<String, Value>>,
    #[serde(default)]
    update: Option<BTreeMap<String, Value>>,
    #[serde(default)]
    destroy: Option<Vec<String>>,
    #[serde(default)]
    on_success_update_email: Option<BTreeMap<String, Value>>,
    #[serde(default)]
    on_success_destroy_email: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Submission {
    #[serde(default)]
    identity_id: Option<String>,
    email_id: String,
    #[serde(default)]
    envelope: Option<Envelope>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Envelope {
    mail_from: Party,
    rcpt_to: Vec<Party>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Party {
    email: String,
    #[serde(default)]
    parameters: Option<BTreeMap<String, Value>>,
}

impl Party {
    fn has_parameters(&self) -> bool {
        self.parameters.as_ref().is_some_and(|parameters| !parameters.is_empty())
    }
}

fn account_of(value: &Value) -> &str {
    value.get("accountId").and_then(Value::as_str).unwrap_or("")
}

/// `EmailSubmission/get`: nothing is kept.
pub(super) fn get(context: &Context<'_>, value: Value) -> Outcome {
    context.check_account(account_of(&value))?;
    let ids = value.get("ids").and_then(Value::as_array).cloned().unwrap_or_default();
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

/// `EmailSubmission/set`: sends, then changes emails as `onSuccess...` says.
pub(super) async fn set(context: &mut Context<'_>, value: Value) -> Outcome {
    let set: SubmissionSet = arguments(value)?;
    context.check_account(&set.account_id)?;
    let create = set.create.unwrap_or_default();
    context.check_set(create.len())?;
    if set.if_in_state.as_ref().is_some_and(|state| state != STATE) {
        return Err(MethodError::new("stateMismatch"));
    }
    let mut answer = SetAnswer::default();
    // Submissions that were made, with their emails, by id and by creation id.
    let mut sent: BTreeMap<String, String> = BTreeMap::new();
    for (creation_id, properties) in create {
        match submit(context, properties).await? {
            Ok((email_id, created)) => {
                if let Some(id) = created.get("id").and_then(Value::as_str) {
                    sent.insert(id.to_owned(), email_id.clone());
                    context.created.insert(creation_id.clone(), id.to_owned());
                }
                sent.insert(format!("#{creation_id}"), email_id);
                answer.created.insert(creation_id, created);
            }
            Err(error) => answer.not_created(&creation_id, error),
        }
    }
    for id in set.update.unwrap_or_default().into_keys() {
        let why = "Submissions are carried out at once and forgotten.";
        answer.not_updated(&id, SetError::with("notFound", why));
    }
    for id in set.destroy.unwrap_or_default() {
        answer.not_destroyed(&id, SetError::not_found());
    }
    let mut responses: Responses = vec![(
        "EmailSubmission/set".into(),
        answer.into_value(&set.account_id, STATE, STATE),
    )];
    let mut update = Map::new();
    for (id, patch) in set.on_success_update_email.unwrap_or_default() {
        if let Some(email) = sent.get(&id) {
            update.insert(email.clone(), patch);
        }
    }
    let destroy: Vec<&String> = set
        .on_success_destroy_email
        .iter()
        .flatten()
        .filter_map(|id| sent.get(id))
        .collect();
    if !update.is_empty() || !destroy.is_empty() {
        let arguments =
            json!({ "accountId": set.account_id, "update": update, "destroy": destroy });
        match email::set(context, arguments).await {
            Ok(more) => responses.extend(more),
            Err(error) => responses.push(("error".into(), error.into_value())),
        }
    }
    Ok(responses)
}

type Sent = (String, Value);

async fn submit(
    context: &Context<'_>,
    properties: Value,
) -> Result<Result<Sent, SetError>, MethodError> {
    let submission: Submission = match serde_json::from_value(properties) {
        Ok(submission) => submission,
        Err(error) => return Ok(Err(SetError::with("invalidProperties", error.to_string()))),
    };
    if submission.identity_id.as_deref().is_some_and(|id| id != super::identity::ID) {
        return Ok(Err(SetError::property("identityId", "there is no such identity")));
    }
    if context.state.gates.submission.pass(&context.account()).is_err() {
        return Ok(Err(SetError::with("rateLimit", "Too many messages; wait a little.")));
    }
    let email_id = context.resolve(&submission.email_id).unwrap_or_default().to_owned();
    let email = ids::parse(Kind::Email, &email_id);
    let row = match email {
        Some(email) => {
            context.state.store.emails(context.account(), &[email]).await?.remove(&email)
        }
        None => None,
    };
    let Some(row) = row else {
        return Ok(Err(SetError::property("emailId", "there is no such email")));
    };
    let key = Key::Original(row.id);
    let original = context.state.uploads.get(context.account(), &key, context.state.now());
    let Some(message) = original else {
        let why = "The server keeps only the sealed form of this email and cannot send it. \
            Send within an hour of the upload, or upload it again.";
        return Ok(Err(SetError::with("invalidEmail", why).and("properties", ["emailId"].as_slice())));
    };
    let Some(way) = outgoing::read(&message) else {
        return Ok(Err(SetError::new("invalidEmail").and("properties", ["from"].as_slice())));
    };
    let recipients = match check(context, &way, submission.envelope) {
        Ok(recipients) => recipients,
        Err(error) => return Ok(Err(error)),
    };
    let message = way.without_bcc.map_or(message, Into::into);
    match deliver::deliver(context.state, &message, &recipients).await {
        Ok(()) => {}
        Err(DeliverError::Recipients(refused)) => return Ok(Err(invalid_recipients(refused))),
        Err(DeliverError::Store(error)) => return Err(error.into()),
        Err(DeliverError::Internal) => return Err(MethodError::internal()),
    }
    context.state.uploads.forget(context.account(), &key);
    let status: Map<String, Value> = recipients
        .into_iter()
        .map(|address| {
            let status = json!({
                "smtpReply": "250 2.1.5 delivered", "delivered": "yes", "displayed": "unknown",
            });
            (address, status)
        })
        .collect();
    let created = json!({
        "id": ids::make_name(),
        "identityId": super::identity::ID,
        "threadId": ids::show(Kind::Thread, row.thread),
        "sendAt": show_date(context.state.now().cast_signed()),
        "undoStatus": "final",
        "deliveryStatus": status,
        "dsnBlobIds": [],
        "mdnBlobIds": [],
    });
    Ok(Ok((email_id, created)))
}

/// Checks sender and recipients; returns the recipients.
fn check(
    context: &Context<'_>,
    way: &outgoing::Way,
    envelope: Option<Envelope>,
) -> Result<Vec<String>, SetError> {
    let own = &context.session.address;
    let own_from = !way.from.is_empty() && way.from.iter().all(|address| address == own);
    if !own_from {
        return Err(SetError::with("forbiddenFrom", "From must be the account's own address."));
    }
    let recipients = match envelope {
        None => way.recipients.clone(),
        Some(envelope) => {
            if addresses::normal(&envelope.mail_from.email).as_ref() != Some(own) {
                let why = "The envelope's sender must be the account's own address.";
                return Err(SetError::with("forbiddenMailFrom", why));
            }
            let parties = || envelope.rcpt_to.iter().chain([&envelope.mail_from]);
            if parties().any(Party::has_parameters) {
                return Err(SetError::property("envelope", "parameters are not supported"));
            }
            let normal = |party: &Party| {
                let invalid = || (party.email.clone(), "is not an address");
                addresses::normal(&party.email).ok_or_else(invalid)
            };
            let list: Result<Vec<String>, _> = envelope.rcpt_to.iter().map(normal).collect();
            list.map_err(|refused| invalid_recipients(vec![refused]))?
        }
    };
    let mut unique: Vec<String> = Vec::with_capacity(recipients.len());
    for address in recipients {
        if !unique.contains(&address) {
            unique.push(address);
        }
    }
    let max = context.state.config.limits.recipients;
    match unique.len() {
        0 => Err(SetError::new("noRecipients")),
        count if count > max => Err(SetError::new("tooManyRecipients").and("maxRecipients", max)),
        _ => Ok(unique),
    }
}

fn invalid_recipients(refused: Vec<(String, &'static str)>) -> SetError {
    let description: Vec<String> =
        refused.iter().map(|(address, why)| format!("{address} {why}")).collect();
    let list: Vec<String> = refused.into_iter().map(|(address, _)| address).collect();
    SetError::with("invalidRecipients", description.join("; ")).and("invalidRecipients", list)
}
