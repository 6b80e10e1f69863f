//! `EmailSubmission/set` (RFC 8621, section 7.5).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    STATE,
    prepare::{Prepared, prepare, refusal},
};
use crate::{
    ids::{self, Kind},
    jmap::{
        context::{Context, Outcome, Responses, SetAnswer, arguments},
        email,
        error::{MethodError, SetError},
    },
    mail::deliver,
    store::{DataType, changes::State},
};

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

/// `EmailSubmission/set`: sends, then changes emails as `onSuccess...` says.
pub(crate) async fn set(context: &mut Context<'_>, value: Value) -> Outcome {
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
    let destroy: Vec<String> = hooks
        .destroy
        .iter()
        .filter_map(|id| sent.get(id))
        .cloned()
        .collect();
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
