//! Sending (RFC 8621, section 7).
//!
//! A submission is carried out while it is made and forgotten at once: its envelope would tell
//! who wrote to whom. So nothing is ever listed here, and what happened stands in the answer to
//! `EmailSubmission/set`. Delivery and the changes of `onSuccessUpdateEmail` are one write:
//! a client that did not hear the answer sees from its own copy's mailbox whether it was sent.

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
        deliver::{self, Copies, DeliverError},
        outgoing,
    },
    store::{DataType, changes::State},
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
    on_success_update_email: Option<BTreeMap<String, Map<String, Value>>>,
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
    let mut ready = Vec::new();
    for (creation_id, properties) in create {
        match prepare(context, properties).await? {
            Ok(submission) => ready.push((creation_id, submission)),
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
    let hooks = Hooks {
        update: set.on_success_update_email.unwrap_or_default(),
        destroy: set.on_success_destroy_email.unwrap_or_default(),
    };
    let more = send(context, ready, hooks, &mut answer).await?;
    let mut responses: Responses = vec![(
        "EmailSubmission/set".into(),
        answer.into_value(&set.account_id, STATE, STATE),
    )];
    responses.extend(more.map(|value| ("Email/set".to_owned(), value)));
    Ok(responses)
}

/// What is to happen to emails that were sent, by submission.
struct Hooks {
    update: BTreeMap<String, Map<String, Value>>,
    destroy: Vec<String>,
}

/// Delivers and carries out the hooks, in one write; returns the answer of the implied
/// `Email/set`, if there is one.
async fn send(
    context: &mut Context<'_>,
    ready: Vec<(String, Prepared)>,
    hooks: Hooks,
    answer: &mut SetAnswer,
) -> Result<Option<Value>, MethodError> {
    if ready.is_empty() {
        return Ok(None);
    }
    let account = context.account();
    let mut write = context.state.store.begin().await?;
    // Emails that were sent, by the id and by the creation id of their submission.
    let mut sent: BTreeMap<String, String> = BTreeMap::new();
    let mut emails = Vec::new();
    for (creation_id, submission) in ready {
        match deliver::store(context.state, &mut write, &submission.copies).await {
            Ok(()) => {}
            Err(error) => {
                answer.not_created(&creation_id, refusal(error)?);
                continue;
            }
        }
        let id = ids::make_name();
        let email = ids::show(Kind::Email, submission.email);
        emails.push(submission.email);
        sent.insert(id.clone(), email.clone());
        sent.insert(format!("#{creation_id}"), email);
        context.created.insert(creation_id.clone(), id.clone());
        answer.created.insert(creation_id, submission.show(&id));
    }
    let mut update = BTreeMap::new();
    for (id, patch) in hooks.update {
        if let Some(email) = sent.get(&id) {
            update.insert(email.clone(), patch);
        }
    }
    let destroy: Vec<String> =
        hooks.destroy.iter().filter_map(|id| sent.get(id)).cloned().collect();
    let mut more = None;
    if !update.is_empty() || !destroy.is_empty() {
        let old = State::at(write.state(account, DataType::Email).await?).to_string();
        let mut changes = SetAnswer::default();
        email::apply(context, &mut write, update, destroy, &mut changes).await?;
        write.settle().await?;
        let new = State::at(write.state(account, DataType::Email).await?).to_string();
        more = Some(changes.into_value(&context.account_id, &old, &new));
    }
    context.state.commit(write).await?;
    email::forget_originals(context, emails);
    Ok(more)
}

/// What a client is told when a message cannot be delivered.
fn refusal(error: DeliverError) -> Result<SetError, MethodError> {
    match error {
        DeliverError::Recipients(refused) => Ok(invalid_recipients(refused)),
        DeliverError::TooLarge(max) => {
            Ok(SetError::new("tooManyRecipients").and("maxRecipients", max))
        }
        DeliverError::Store(error) => Err(error.into()),
        DeliverError::Internal => Err(MethodError::internal()),
    }
}

/// A submission that was checked and whose copies are sealed.
struct Prepared {
    email: i64,
    thread: i64,
    send_at: u64,
    recipients: Vec<String>,
    copies: Copies,
}

impl Prepared {
    fn show(self, id: &str) -> Value {
        let status: Map<String, Value> = self
            .recipients
            .into_iter()
            .map(|address| {
                let status = json!({
                    "smtpReply": "250 2.1.5 delivered",
                    "delivered": "yes",
                    "displayed": "unknown",
                });
                (address, status)
            })
            .collect();
        json!({
            "id": id,
            "identityId": super::identity::ID,
            "threadId": ids::show(Kind::Thread, self.thread),
            "sendAt": show_date(self.send_at.cast_signed()),
            "undoStatus": "final",
            "deliveryStatus": status,
            "dsnBlobIds": [],
            "mdnBlobIds": [],
        })
    }
}

/// Checks a submission and seals its copies.
async fn prepare(
    context: &Context<'_>,
    properties: Value,
) -> Result<Result<Prepared, SetError>, MethodError> {
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
    match deliver::seal_copies(context.state, message, &recipients).await {
        Ok(copies) => Ok(Ok(Prepared {
            email: row.id,
            thread: row.thread,
            send_at: context.state.now(),
            recipients,
            copies,
        })),
        Err(error) => Ok(Err(refusal(error)?)),
    }
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
