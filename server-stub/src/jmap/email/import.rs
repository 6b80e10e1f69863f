//! `Email/import` (RFC 8621, section 4.8), and storing a message in general.

use std::collections::BTreeMap;

use axum::body::Bytes;
use crypto_core::ids::UnixTime;
use serde::Deserialize;
use serde_json::{Value, json};

use super::place::Place;
use crate::{
    ids::{self, Kind},
    jmap::{
        blob::{self, Blob},
        context::{Context, Outcome, SetAnswer, arguments, one, parse_date},
        error::{MethodError, SetError},
    },
    mail::{
        parse, references,
        seal::{self, SealError},
    },
    store::{
        DataType, Write,
        changes::State,
        emails::{EmailRow, NewEmail},
        mailboxes::MailboxRow,
    },
    uploads::Key,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Import {
    account_id: String,
    #[serde(default)]
    if_in_state: Option<String>,
    emails: BTreeMap<String, EmailImport>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EmailImport {
    blob_id: String,
    mailbox_ids: Value,
    #[serde(default)]
    keywords: Value,
    #[serde(default)]
    received_at: Option<String>,
}

/// A message that is sealed and waits to be stored.
pub(super) struct Ready {
    sealed: Vec<u8>,
    references: Vec<[u8; 32]>,
    received_at: i64,
    /// The message itself, for a submission that may follow; `None` when it is sealed already.
    original: Option<Bytes>,
    /// Keyed hash of `original`.
    import_hash: Option<[u8; 32]>,
}

/// Seals a message to the account's own certificate.
pub(super) async fn make_ready(
    context: &Context<'_>,
    message: Bytes,
    received_at: i64,
) -> Result<Result<Ready, SetError>, MethodError> {
    let account = context.account();
    let row = context
        .state
        .store
        .certificate_of(&context.session.address)
        .await?;
    let row = row.ok_or(MethodError::internal())?;
    let received = UnixTime(u64::try_from(received_at).unwrap_or(0));
    match seal::seal(context.state, row.certificate, message.clone(), received).await {
        Ok(sealed) => Ok(Ok(Ready {
            sealed,
            references: references::references(&context.state.secret, account, &message),
            received_at,
            import_hash: Some(context.state.secret.import_hash(account, &message)),
            original: Some(message),
        })),
        Err(SealError::Certificate) => Ok(Err(SetError::with(
            "forbidden",
            "The account's certificate cannot be encrypted to now; publish a usable one.",
        ))),
        Err(SealError::Internal) => Err(MethodError::internal()),
    }
}

/// Stores a sealed message and remembers the original for a submission, in memory.
pub(super) async fn store(
    context: &Context<'_>,
    write: &mut Write,
    ready: Ready,
    place: Place,
) -> Result<Result<(EmailRow, Option<Bytes>), SetError>, MethodError> {
    let account = context.account();
    let used = write.usage(account).await?.mail;
    let size = ready.sealed.len() as u64;
    if used.saturating_add(size) > context.state.config.limits.mail_quota {
        return Ok(Err(SetError::with(
            "overQuota",
            "The account has no room left.",
        )));
    }
    let new = NewEmail {
        sealed: &ready.sealed,
        received_at: ready.received_at,
        mailboxes: place.mailboxes,
        keywords: place.keywords,
        references: &ready.references,
        import_hash: ready.import_hash,
        delivered: false,
    };
    Ok(Ok((
        write.insert_email(account, new).await?,
        ready.original,
    )))
}

/// What a client is told about a stored message.
pub(super) fn show(row: &EmailRow) -> Value {
    json!({
        "id": ids::show(Kind::Email, row.id),
        "blobId": Blob::Sealed(row.id).show(),
        "threadId": ids::show(Kind::Thread, row.thread),
        "size": row.size,
    })
}

/// Keeps originals until they are submitted, an hour at most.
pub(super) fn keep_originals(context: &Context<'_>, originals: Vec<(i64, Bytes)>) {
    for (email, original) in originals {
        let key = Key::Original(email);
        context
            .state
            .uploads
            .insert(context.account(), key, original, context.state.now());
    }
}

/// `Email/import`.
pub(crate) async fn import(context: &mut Context<'_>, value: Value) -> Outcome {
    let import: Import = arguments(value)?;
    context.check_account(&import.account_id)?;
    context.check_set(import.emails.len())?;
    let account = context.account();
    // Checked early to save work, and again inside the write, where it counts.
    let mailboxes = context.state.store.mailboxes(account).await?;
    let mut answer = SetAnswer::default();
    let mut waiting = Vec::new();
    // All sealed copies of one call are in memory together.
    let mut room = context.state.config.limits.message_size.saturating_mul(2);
    for (id, email) in import.emails {
        let blob = Blob::parse(&email.blob_id);
        let bytes = match &blob {
            Some(blob) => blob::fetch(context.state, context.account(), blob).await?,
            None => None,
        };
        let (Some(blob), Some(bytes)) = (blob, bytes) else {
            let missing = vec![email.blob_id];
            answer.not_created(&id, SetError::new("blobNotFound").and("notFound", missing));
            continue;
        };
        room = room
            .checked_sub(bytes.len())
            .ok_or(MethodError::too_large())?;
        let _room = context.state.gates.work_room(bytes.len()).await;
        match prepare(context, &mailboxes, &email, blob, bytes).await? {
            Ok((ready, place)) => waiting.push((id, ready, place)),
            Err(error) => answer.not_created(&id, error),
        }
    }
    let mut write = context.state.store.begin().await?;
    let old = State::at(write.state(account, DataType::Email).await?).to_string();
    if import
        .if_in_state
        .as_ref()
        .is_some_and(|state| *state != old)
    {
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
        if let Some(hash) = &ready.import_hash
            && let Some(existing) = write.imported_before(account, hash).await?
        {
            // A client that lost our answer asks again: it is told which email it made, and can
            // still submit it.
            originals.extend(ready.original.map(|bytes| (existing, bytes)));
            answer.not_created(&id, already_exists(existing));
            continue;
        }
        match store(context, &mut write, ready, place).await? {
            Ok((row, original)) => {
                originals.extend(original.map(|bytes| (row.id, bytes)));
                context
                    .created
                    .insert(id.clone(), ids::show(Kind::Email, row.id));
                answer.created.insert(id, show(&row));
            }
            Err(error) => answer.not_created(&id, error),
        }
    }
    write.settle().await?;
    let new = State::at(write.state(account, DataType::Email).await?).to_string();
    context.state.commit(write).await?;
    keep_originals(context, originals);
    let mut value = answer.into_value(&import.account_id, &old, &new);
    if let Some(map) = value.as_object_mut() {
        map.retain(|name, _| {
            matches!(
                name.as_str(),
                "accountId" | "oldState" | "newState" | "created" | "notCreated"
            )
        });
    }
    one("Email/import", value)
}

async fn prepare(
    context: &Context<'_>,
    mailboxes: &[MailboxRow],
    email: &EmailImport,
    blob: Blob,
    bytes: Bytes,
) -> Result<Result<(Ready, Place), SetError>, MethodError> {
    let keywords = Some(&email.keywords);
    let place = match Place::read(context, mailboxes, Some(&email.mailbox_ids), keywords) {
        Ok(place) => place,
        Err(error) => return Ok(Err(error)),
    };
    let received_at = match &email.received_at {
        None => context.state.now().cast_signed(),
        Some(text) => match parse_date(text) {
            Some(seconds) => seconds,
            None => return Ok(Err(SetError::property("receivedAt", "is not a UTC date"))),
        },
    };
    if let Blob::Sealed(_) = blob {
        // A copy of a stored message is sealed already; once more would hide it from clients.
        let ready = Ready {
            sealed: bytes.to_vec(),
            references: Vec::new(),
            received_at,
            original: None,
            import_hash: None,
        };
        return Ok(Ok((ready, place)));
    }
    if !is_message(&bytes) {
        return Ok(Err(SetError::with(
            "invalidEmail",
            "This is not a message.",
        )));
    }
    let hash = context.state.secret.import_hash(context.account(), &bytes);
    if let Some(existing) = context
        .state
        .store
        .imported_before(context.account(), &hash)
        .await?
    {
        keep_originals(context, vec![(existing, bytes)]);
        return Ok(Err(already_exists(existing)));
    }
    let ready = make_ready(context, bytes, received_at).await?;
    Ok(ready.map(|ready| (ready, place)))
}

/// The same bytes were imported before, perhaps by a request whose answer was lost.
fn already_exists(email: i64) -> SetError {
    SetError::new("alreadyExists").and("existingId", ids::show(Kind::Email, email))
}

/// A message has header fields, and one of those that every message has (RFC 5322, section 3.6).
fn is_message(bytes: &[u8]) -> bool {
    parse::header(bytes).is_some_and(|message| {
        message.from().is_some() || message.date().is_some() || message.message_id().is_some()
    })
}
