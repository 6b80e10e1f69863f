//! Making an account.
//!
//! # Security
//!
//! This is the one place that tells a stranger whether an address is in use: two people cannot
//! have the same one. It is bounded by a rate limit for each peer, and everything else about the
//! request is checked first, so that the answer costs a whole well-formed registration.

use std::collections::BTreeSet;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use wire::{
    auth::{MAX_INITIAL_OBJECTS, RegisterRequest, RegisterResponse},
    objects::MAX_OBJECT_SIZE,
    problem::kinds,
};

use super::{body::ApiJson, credentials, wkd};
use crate::{
    AppState, addresses,
    gates::Peer,
    ids,
    problem::{ApiProblem, ApiResult},
    store::{
        StoreError,
        accounts::CertificateEntry,
        objects::{self, ObjectRow},
    },
};

/// `POST /api/v1/accounts`.
pub(crate) async fn register(
    State(state): State<AppState>,
    peer: Peer,
    ApiJson(request): ApiJson<RegisterRequest>,
) -> ApiResult<Response> {
    state.gates.register_peer.pass(&peer)?;
    if !state.config.registration_open {
        return Err(ApiProblem::new(
            kinds::REGISTRATION_CLOSED,
            StatusCode::FORBIDDEN,
            "This server does not let strangers make accounts.",
        ));
    }
    let address =
        addresses::own(&request.address, &state.config.domains).ok_or(ApiProblem::bad_address())?;
    credentials::check(&request.credentials)?;
    let now = state.config.clock.now();
    let certificate = credentials::certificate(request.certificate.0, address.clone(), now).await?;
    if certificate.revoked {
        return Err(ApiProblem::bad_certificate("The certificate is revoked."));
    }
    let mut names = BTreeSet::new();
    let objects_fit = request.initial_objects.len() <= MAX_INITIAL_OBJECTS
        && request.initial_objects.iter().all(|object| {
            object.revision == 1
                && objects::is_name(&object.id)
                && names.insert(object.id.as_str())
                && (1..=MAX_OBJECT_SIZE).contains(&object.data.0.len())
        });
    if !objects_fit {
        return Err(ApiProblem::bad_request(
            "The first sealed objects are not well formed.",
        ));
    }
    let entry = CertificateEntry {
        certificate: &certificate.bytes,
        fingerprint: &certificate.fingerprint,
        published: request.publish,
    };
    let mut write = state.store.begin().await?;
    let hash = wkd::hash_of(&address);
    let inserted = write
        .insert_account(&address, &request.credentials, &entry, &hash, now.0)
        .await;
    let account = match inserted {
        Ok(account) => account,
        Err(StoreError::Duplicate) => {
            return Err(ApiProblem::new(
                kinds::ADDRESS_TAKEN,
                StatusCode::CONFLICT,
                "Somebody has this address already. Choose another one.",
            ));
        }
        Err(error) => return Err(error.into()),
    };
    // With the account or not at all: an account without its private key could never be entered.
    for object in request.initial_objects {
        let row = ObjectRow {
            name: object.id,
            revision: 1,
            data: object.data.0,
        };
        write.put_object(account, &row, None).await?;
    }
    state.commit(write).await?;
    tracing::info!("an account was made");
    let account_id = ids::show(ids::Kind::Account, account);
    Ok((StatusCode::CREATED, Json(RegisterResponse { account_id })).into_response())
}
