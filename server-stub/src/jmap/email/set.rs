//! `Email/set` (RFC 8621, section 4.6).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    build,
    import::{self, Ready},
    place::Place,
};
use crate::{
    ids::{self, Kind},
    jmap::{
        context::{Context, Outcome, Set, SetAnswer, arguments, one, parse_date},
        error::{MethodError, SetError},
    },
    store::{DataType, Write, changes::State, mailboxes::MailboxRow},
    uploads::Key,
};

/// `Email/set`.
pub(crate) async fn set(context: &mut Context<'_>, value: Value) -> Outcome {
    let set: Set = arguments(value)?;
    context.check_account(&set.account_id)?;
    context.check_set(set.len())?;
    let account = context.account();
    let mut answer = SetAnswer::default();
    let waiting = prepare(context, set.create.unwrap_or_default(), &mut answer).await?;

    let mut write = context.state.store.begin().await?;
    let old = State::at(write.state(account, DataType::Email).await?).to_string();
    if set.if_in_state.as_ref().is_some_and(|state| *state != old) {
        return Err(MethodError::new("stateMismatch"));
    }
    let mailboxes = write.mailboxes(account).await?;
    let mut originals = Vec::new();
    for (id, ready, place) in waiting {
        let exists = |mailbox: &i64| mailboxes.iter().any(|row| row.id == *mailbox);
        if !place.mailboxes.iter().all(exists) {
            let why = "there is no such mailbox";
            answer.not_created(&id, SetError::property("mailboxIds", why));
            continue;
        }
        match import::store(context, &mut write, ready, place).await? {
            Ok((row, original)) => {
                originals.extend(original.map(|bytes| (row.id, bytes)));
                context
                    .created
                    .insert(id.clone(), ids::show(Kind::Email, row.id));
                answer.created.insert(id, import::show(&row));
            }
            Err(error) => answer.not_created(&id, error),
        }
    }
    let update = set.update.unwrap_or_default();
    let destroy = set.destroy.unwrap_or_default();
    let forgotten = apply(context, &mut write, update, destroy, &mut answer).await?;
    write.settle().await?;
    let new = State::at(write.state(account, DataType::Email).await?).to_string();
    context.state.commit(write).await?;
    import::keep_originals(context, originals);
    forget_originals(context, forgotten);
    one("Email/set", answer.into_value(&set.account_id, &old, &new))
}

/// Changes and destroys emails within a write; returns those that are gone.
pub(crate) async fn apply(
    context: &Context<'_>,
    write: &mut Write,
    update: BTreeMap<String, Map<String, Value>>,
    destroy: Vec<String>,
    answer: &mut SetAnswer,
) -> Result<Vec<i64>, MethodError> {
    let account = context.account();
    let mailboxes = write.mailboxes(account).await?;
    for (id, patch) in update {
        match update_one(context, write, &mailboxes, &id, &patch).await? {
            Ok(()) => {
                answer.updated.insert(id, Value::Null);
            }
            Err(error) => answer.not_updated(&id, error),
        }
    }
    let mut gone = Vec::new();
    for id in destroy {
        let row = match context.resolve_id(Kind::Email, &id) {
            Some(number) => write.email(account, number).await?,
            None => None,
        };
        match row {
            Some(row) => {
                write.delete_email(account, &row).await?;
                gone.push(row.id);
                answer.destroyed.push(ids::show(Kind::Email, row.id).into());
            }
            None => answer.not_destroyed(&id, SetError::not_found()),
        }
    }
    write.trim_tombstones(account, DataType::Email).await?;
    Ok(gone)
}

/// Forgets messages that can no longer be submitted.
pub(crate) fn forget_originals(context: &Context<'_>, emails: Vec<i64>) {
    for email in emails {
        context
            .state
            .uploads
            .forget(context.account(), &Key::Original(email));
    }
}

type Waiting = Vec<(String, Ready, Place)>;

/// Builds and seals the emails to be made, before the write begins.
async fn prepare(
    context: &Context<'_>,
    create: BTreeMap<String, Map<String, Value>>,
    answer: &mut SetAnswer,
) -> Result<Waiting, MethodError> {
    let mut waiting = Vec::with_capacity(create.len());
    if create.is_empty() {
        return Ok(waiting);
    }
    let mailboxes = context.state.store.mailboxes(context.account()).await?;
    for (id, properties) in create {
        match prepare_one(context, &mailboxes, properties).await? {
            Ok((ready, place)) => waiting.push((id, ready, place)),
            Err(error) => answer.not_created(&id, error),
        }
    }
    Ok(waiting)
}

async fn prepare_one(
    context: &Context<'_>,
    mailboxes: &[MailboxRow],
    mut properties: Map<String, Value>,
) -> Result<Result<(Ready, Place), SetError>, MethodError> {
    let ids = properties.remove("mailboxIds");
    let keywords = properties.remove("keywords");
    let place = match Place::read(context, mailboxes, ids.as_ref(), keywords.as_ref()) {
        Ok(place) => place,
        Err(error) => return Ok(Err(error)),
    };
    let received_at = match properties.remove("receivedAt") {
        None | Some(Value::Null) => context.state.now().cast_signed(),
        Some(value) => match value.as_str().and_then(parse_date) {
            Some(seconds) => seconds,
            None => return Ok(Err(SetError::property("receivedAt", "is not a UTC date"))),
        },
    };
    let message = match build::build(context, properties).await? {
        Ok(message) => message,
        Err(error) => return Ok(Err(error)),
    };
    if message.len() > context.state.config.limits.message_size {
        return Ok(Err(SetError::new("tooLarge")));
    }
    let ready = import::make_ready(context, message.into(), received_at).await?;
    Ok(ready.map(|ready| (ready, place)))
}

async fn update_one(
    context: &Context<'_>,
    write: &mut Write,
    mailboxes: &[MailboxRow],
    id: &str,
    patch: &Map<String, Value>,
) -> Result<Result<(), SetError>, MethodError> {
    let account = context.account();
    let row = match context.resolve_id(Kind::Email, id) {
        Some(number) => write.email(account, number).await?,
        None => None,
    };
    let Some(row) = row else {
        return Ok(Err(SetError::not_found()));
    };
    let mut place = Place {
        mailboxes: row.mailboxes.clone(),
        keywords: row.keywords.clone(),
    };
    if let Err(error) = place.patch(context, mailboxes, patch) {
        return Ok(Err(error));
    }
    if place.mailboxes != row.mailboxes || place.keywords != row.keywords {
        write
            .update_email(account, &row, &place.mailboxes, &place.keywords)
            .await?;
    }
    Ok(Ok(()))
}
