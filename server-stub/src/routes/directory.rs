//! Certificates of accounts, for other accounts of this server.

use axum::{Json, extract::State, http::StatusCode};
use wire::{
    Base64Bytes,
    directory::{
        DirectoryEntry, LookupRequest, LookupResponse, MAX_LOOKUP, OwnEntry, PublishRequest,
    },
    problem::kinds,
};

use super::{body::ApiJson, credentials};
use crate::{
    AppState, addresses,
    problem::{ApiProblem, ApiResult},
    session::FullSession,
};

/// `POST /api/v1/directory/lookup`.
pub(crate) async fn lookup(
    State(state): State<AppState>,
    FullSession(session): FullSession,
    ApiJson(request): ApiJson<LookupRequest>,
) -> ApiResult<Json<LookupResponse>> {
    state.gates.lookup_account.pass(&session.account)?;
    if request.addresses.len() > MAX_LOOKUP {
        return Err(ApiProblem::bad_request(
            "Ask for at most 100 addresses at once.",
        ));
    }
    let mut entries = Vec::new();
    for address in request.addresses {
        let Some(normal) = addresses::normal(&address) else {
            continue;
        };
        if let Some(row) = state.store.certificate_of(&normal).await? {
            entries.push(DirectoryEntry {
                address,
                certificate: Base64Bytes(row.certificate),
            });
        }
    }
    Ok(Json(LookupResponse { entries }))
}

/// `POST /api/v1/directory/publish`.
pub(crate) async fn publish(
    State(state): State<AppState>,
    FullSession(session): FullSession,
    ApiJson(request): ApiJson<PublishRequest>,
) -> ApiResult<StatusCode> {
    let now = state.config.clock.now();
    let certificate =
        credentials::certificate(request.certificate.0, session.address.clone(), now).await?;
    if certificate.revoked {
        // A revocation is taken only for the certificate that is already there.
        let current = state.store.certificate_of(&session.address).await?;
        let current = current.ok_or(ApiProblem::unauthorized())?.certificate;
        let known = crypto_core::openpgp::Certificate::parse(&current)
            .is_ok_and(|known| known.fingerprint().as_hex() == certificate.fingerprint);
        if !known {
            return Err(ApiProblem::new(
                kinds::BAD_CERTIFICATE,
                StatusCode::UNPROCESSABLE_ENTITY,
                "The certificate is revoked and is not the account's current one.",
            ));
        }
    }
    let mut write = state.store.begin().await?;
    let (bytes, fingerprint) = (&certificate.bytes, &certificate.fingerprint);
    write
        .replace_certificate(session.account, bytes, fingerprint, request.publish)
        .await?;
    state.commit(write).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/v1/directory/own`.
pub(crate) async fn own(
    State(state): State<AppState>,
    FullSession(session): FullSession,
) -> ApiResult<Json<OwnEntry>> {
    let entry = state.store.own_entry(session.account).await?;
    entry.map(Json).ok_or_else(ApiProblem::unauthorized)
}
