//! Sealing a message to its owner, headers and all.

use axum::body::Bytes;
use crypto_core::{
    bulk::NativeEngine,
    ids::UnixTime,
    mime,
    openpgp::{self, Certificate, EncryptRequest},
};
use rand::rngs::OsRng;
use zeroize::Zeroizing;

use crate::AppState;

/// Why a message cannot be stored for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SealError {
    /// The owner's certificate cannot be encrypted to: expired, revoked or without a key for it.
    #[error("the certificate cannot be encrypted to")]
    Certificate,
    /// The fault is ours.
    #[error("sealing failed")]
    Internal,
}

/// Wraps a message to the owner of a certificate; the result tells only when it was received.
///
/// # Errors
///
/// See [`SealError`].
pub(crate) async fn seal(
    state: &AppState,
    certificate: Vec<u8>,
    message: Bytes,
    received: UnixTime,
) -> Result<Vec<u8>, SealError> {
    let place = state
        .sealers
        .clone()
        .acquire_owned()
        .await
        .map_err(|_| SealError::Internal)?;
    let now = state.config.clock.now();
    let work = move || {
        let _place = place;
        seal_now(&certificate, &message, received, now)
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| SealError::Internal)?
}

fn seal_now(
    certificate: &[u8],
    message: &[u8],
    received: UnixTime,
    now: UnixTime,
) -> Result<Vec<u8>, SealError> {
    let certificate = Certificate::parse(certificate).map_err(|_| SealError::Certificate)?;
    let payload = Zeroizing::new(mime::sealed_payload(message));
    let request = EncryptRequest {
        recipients: &[&certificate],
        passwords: &[],
        signer: None,
        now,
        armor: true,
    };
    // The native engine never waits, so this thread is not held by anything but the work.
    let mut rng = OsRng;
    let sealing = openpgp::encrypt(&NativeEngine, &mut rng, &payload, &request);
    let ciphertext = futures::executor::block_on(sealing).map_err(|error| match error {
        openpgp::EncryptError::Recipients(_) => SealError::Certificate,
        other => {
            tracing::error!(error = &other as &dyn std::error::Error, "sealing failed");
            SealError::Internal
        }
    })?;
    mime::wrap_sealed(&ciphertext, received).map_err(|_| SealError::Internal)
}
