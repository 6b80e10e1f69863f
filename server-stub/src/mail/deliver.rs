//! Delivery between the accounts of this server.
//!
//! The envelope lives as long as the call. Either every recipient gets the message, durably, or
//! nobody does and the sender is told who is in the way: all copies are sealed first and then
//! stored in one transaction.

use std::collections::BTreeSet;

use axum::body::Bytes;

use super::{
    references,
    seal::{self, SealError},
};
use crate::{
    AppState,
    store::{StoreError, accounts::CertificateRow, emails::NewEmail},
};

/// Why a message was not delivered to anybody.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DeliverError {
    /// These have no account here, no certificate that can be encrypted to, or no room.
    #[error("some recipients cannot be delivered to")]
    Recipients(Vec<(String, &'static str)>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The fault is ours.
    #[error("sealing failed")]
    Internal,
}

const UNKNOWN: &str = "has no account on this server; mail to other servers is not offered yet";
const NO_KEY: &str = "has no certificate that can be encrypted to";
const NO_ROOM: &str = "has no room left";

/// Delivers a message to accounts of this server.
///
/// # Errors
///
/// See [`DeliverError`]; nothing was delivered then.
pub(crate) async fn deliver(
    state: &AppState,
    message: &Bytes,
    recipients: &[String],
) -> Result<(), DeliverError> {
    let accounts = find(state, recipients).await?;
    let received = state.config.clock.now();
    let sealing = accounts.iter().map(|row| {
        seal::seal(state, row.certificate.clone(), message.clone(), received)
    });
    let results = futures::future::join_all(sealing).await;
    let mut sealed = Vec::with_capacity(accounts.len());
    let mut refused = Vec::new();
    for (row, result) in accounts.iter().zip(results) {
        match result {
            Ok(bytes) => sealed.push((row, bytes)),
            Err(SealError::Certificate) => refused.push((row.address.clone(), NO_KEY)),
            Err(SealError::Internal) => return Err(DeliverError::Internal),
        }
    }
    if !refused.is_empty() {
        return Err(DeliverError::Recipients(refused));
    }
    store(state, message, &sealed, received.0.cast_signed()).await
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
    if unknown.is_empty() { Ok(accounts) } else { Err(DeliverError::Recipients(unknown)) }
}

async fn store(
    state: &AppState,
    message: &[u8],
    sealed: &[(&CertificateRow, Vec<u8>)],
    received_at: i64,
) -> Result<(), DeliverError> {
    let mut write = state.store.begin().await?;
    let mut full = Vec::new();
    for (row, bytes) in sealed {
        let used = write.usage(row.account).await?.mail;
        if used.saturating_add(bytes.len() as u64) > state.config.limits.mail_quota {
            full.push((row.address.clone(), NO_ROOM));
            continue;
        }
        let mailboxes = write.mailboxes(row.account).await?;
        let inbox = mailboxes
            .iter()
            .find(|mailbox| mailbox.role.as_deref() == Some("inbox"))
            .ok_or(DeliverError::Internal)?
            .id;
        let references = references::references(&state.secret, row.account, message);
        let new = NewEmail {
            sealed: bytes,
            received_at,
            mailboxes: BTreeSet::from([inbox]),
            keywords: BTreeSet::new(),
            references: &references,
            delivered: true,
        };
        write.insert_email(row.account, new).await?;
    }
    if !full.is_empty() {
        // Dropping the write undoes it.
        return Err(DeliverError::Recipients(full));
    }
    state.commit(write).await?;
    Ok(())
}
