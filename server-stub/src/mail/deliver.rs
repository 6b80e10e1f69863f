//! Delivery between the accounts of this server.
//!
//! The envelope lives as long as the call. Either every recipient gets the message, durably, or
//! nobody does and the sender is told who is in the way: all copies are sealed first and then
//! stored in one transaction, the same in which the sender's own copy moves. So whoever did not
//! hear the answer can see from there whether the message went out.

use std::collections::BTreeSet;

use axum::body::Bytes;

use super::{
    references,
    seal::{self, SealError},
};
use crate::{
    AppState,
    store::{StoreError, Write, accounts::CertificateRow, emails::NewEmail},
};

/// Why a message was not delivered to anybody.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DeliverError {
    /// These have no account here, no certificate that can be encrypted to, or no room.
    #[error("some recipients cannot be delivered to")]
    Recipients(Vec<(String, &'static str)>),
    /// All copies together are too large; so many recipients would do.
    #[error("the message is too large for so many recipients")]
    TooLarge(usize),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The fault is ours.
    #[error("sealing failed")]
    Internal,
}

/// The most bytes of all copies of one message together.
const MAX_TOGETHER: usize = 256 * 1024 * 1024;

const UNKNOWN: &str = "has no account on this server; mail to other servers is not offered yet";
const NO_KEY: &str = "has no certificate that can be encrypted to";
const NO_ROOM: &str = "has no room left";

/// Copies of a message, sealed to their owners, on their way into the store.
pub(crate) struct Copies {
    message: Bytes,
    sealed: Vec<(CertificateRow, Vec<u8>)>,
    received_at: i64,
}

/// Seals a message to each of its recipients.
///
/// # Errors
///
/// See [`DeliverError`].
pub(crate) async fn seal_copies(
    state: &AppState,
    message: Bytes,
    recipients: &[String],
) -> Result<Copies, DeliverError> {
    let accounts = find(state, recipients).await?;
    if message.len().saturating_mul(accounts.len()) > MAX_TOGETHER {
        return Err(DeliverError::TooLarge(MAX_TOGETHER / message.len().max(1)));
    }
    let _room = state.gates.work_room(message.len() * accounts.len()).await;
    let received = state.config.clock.now();
    let sealing = accounts
        .iter()
        .map(|row| seal::seal(state, row.certificate.clone(), message.clone(), received));
    let results = futures::future::join_all(sealing).await;
    let mut sealed = Vec::with_capacity(accounts.len());
    let mut refused = Vec::new();
    for (row, result) in accounts.into_iter().zip(results) {
        match result {
            Ok(bytes) => sealed.push((row, bytes)),
            Err(SealError::Certificate) => refused.push((row.address, NO_KEY)),
            Err(SealError::Internal) => return Err(DeliverError::Internal),
        }
    }
    if !refused.is_empty() {
        return Err(DeliverError::Recipients(refused));
    }
    Ok(Copies {
        message,
        sealed,
        received_at: received.0.cast_signed(),
    })
}

/// Puts every copy into its owner's inbox, or none of them.
///
/// # Errors
///
/// See [`DeliverError`]; for [`DeliverError::Recipients`] the write is unchanged and may go on.
pub(crate) async fn store(
    state: &AppState,
    write: &mut Write,
    copies: &Copies,
) -> Result<(), DeliverError> {
    let quota = state.config.limits.mail_quota;
    let mut full = Vec::new();
    for (row, bytes) in &copies.sealed {
        let used = write.usage(row.account).await?.mail;
        if used.saturating_add(bytes.len() as u64) > quota {
            full.push((row.address.clone(), NO_ROOM));
        }
    }
    if !full.is_empty() {
        return Err(DeliverError::Recipients(full));
    }
    for (row, bytes) in &copies.sealed {
        let mailboxes = write.mailboxes(row.account).await?;
        let inbox = mailboxes
            .iter()
            .find(|mailbox| mailbox.role.as_deref() == Some("inbox"))
            .ok_or(DeliverError::Internal)?
            .id;
        let references = references::references(&state.secret, row.account, &copies.message);
        let new = NewEmail {
            sealed: bytes,
            received_at: copies.received_at,
            mailboxes: BTreeSet::from([inbox]),
            keywords: BTreeSet::new(),
            references: &references,
            import_hash: None,
            delivered: true,
        };
        write.insert_email(row.account, new).await?;
    }
    Ok(())
}

async fn find(
    state: &AppState,
    recipients: &[String],
) -> Result<Vec<CertificateRow>, DeliverError> {
    let mut accounts: Vec<CertificateRow> = Vec::with_capacity(recipients.len());
    let mut unknown = Vec::new();
    for address in recipients {
        match state.store.certificate_of(address).await? {
            Some(row) if accounts.iter().any(|known| known.account == row.account) => {}
            Some(row) => accounts.push(row),
            None => unknown.push((address.clone(), UNKNOWN)),
        }
    }
    if unknown.is_empty() {
        Ok(accounts)
    } else {
        Err(DeliverError::Recipients(unknown))
    }
}
