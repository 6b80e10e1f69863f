//! A submission before it is carried out: who may send what to whom, and the sealed copies.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    addresses,
    ids::{self, Kind},
    jmap::{
        context::{Context, show_date},
        error::{MethodError, SetError},
        identity,
    },
    mail::{
        deliver::{self, Copies, DeliverError},
        outgoing,
    },
    uploads::Key,
};

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
        self.parameters
            .as_ref()
            .is_some_and(|parameters| !parameters.is_empty())
    }
}

/// What a client is told when a message cannot be delivered.
pub(super) fn refusal(error: DeliverError) -> Result<SetError, MethodError> {
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
pub(super) struct Prepared {
    pub(super) email: i64,
    thread: i64,
    send_at: u64,
    recipients: Vec<String>,
    pub(super) copies: Copies,
}

impl Prepared {
    pub(super) fn show(self, id: &str) -> Value {
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
            "identityId": identity::ID,
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
pub(super) async fn prepare(
    context: &Context<'_>,
    properties: Value,
) -> Result<Result<Prepared, SetError>, MethodError> {
    let submission: Submission = match serde_json::from_value(properties) {
        Ok(submission) => submission,
        Err(error) => return Ok(Err(SetError::with("invalidProperties", error.to_string()))),
    };
    if submission
        .identity_id
        .as_deref()
        .is_some_and(|id| id != identity::ID)
    {
        return Ok(Err(SetError::property(
            "identityId",
            "there is no such identity",
        )));
    }
    if context
        .state
        .gates
        .submission
        .pass(&context.account())
        .is_err()
    {
        return Ok(Err(SetError::with(
            "rateLimit",
            "Too many messages; wait a little.",
        )));
    }
    let email_id = context
        .resolve(&submission.email_id)
        .unwrap_or_default()
        .to_owned();
    let email = ids::parse(Kind::Email, &email_id);
    let row = match email {
        Some(email) => context
            .state
            .store
            .emails(context.account(), &[email])
            .await?
            .remove(&email),
        None => None,
    };
    let Some(row) = row else {
        return Ok(Err(SetError::property("emailId", "there is no such email")));
    };
    let key = Key::Original(row.id);
    let original = context
        .state
        .uploads
        .get(context.account(), &key, context.state.now());
    let Some(message) = original else {
        let why = "The server keeps only the sealed form of this email and cannot send it. \
            Send within an hour of the upload, or upload it again.";
        return Ok(Err(
            SetError::with("invalidEmail", why).and("properties", ["emailId"].as_slice())
        ));
    };
    let Some(way) = outgoing::read(&message) else {
        return Ok(Err(
            SetError::new("invalidEmail").and("properties", ["from"].as_slice())
        ));
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
        return Err(SetError::with(
            "forbiddenFrom",
            "From must be the account's own address.",
        ));
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
                return Err(SetError::property(
                    "envelope",
                    "parameters are not supported",
                ));
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
    let description: Vec<String> = refused
        .iter()
        .map(|(address, why)| format!("{address} {why}"))
        .collect();
    let list: Vec<String> = refused.into_iter().map(|(address, _)| address).collect();
    SetError::with("invalidRecipients", description.join("; ")).and("invalidRecipients", list)
}
