//! Login by SRP-6a in two steps, and its end.
//!
//! # Security
//!
//! An address that nobody has takes the same way as any other: a salt and a verifier that are
//! the same every time, the same work, the same answers, and the same problem at the end. What
//! a stranger can still see: an account whose owner chose other costs than the usual ones shows
//! those costs.

use axum::{Json, extract::State, http::StatusCode};
use crypto_core::srp::{ServerHandshake, fake_verifier};
use rand::rngs::OsRng;
use wire::{
    Base64Bytes,
    auth::{
        Credentials, LoginFinishRequest, LoginFinishResponse, LoginGrant, LoginStartRequest,
        LoginStartResponse, SrpGroup,
    },
};
use zeroize::Zeroizing;

use super::{body::ApiJson, credentials};
use crate::{
    AppState, addresses,
    gates::Peer,
    handshakes::{Known, Pending},
    ids,
    problem::{ApiProblem, ApiResult},
    session::Session,
    store::tokens::Scope,
    tokens,
};

/// `POST /api/v1/login/start`.
pub(crate) async fn start(
    State(state): State<AppState>,
    peer: Peer,
    ApiJson(request): ApiJson<LoginStartRequest>,
) -> ApiResult<Json<LoginStartResponse>> {
    let address = addresses::normal(&request.address)
        .ok_or(ApiProblem::bad_request("This is not an address."))?;
    state.gates.login_peer.pass(&peer)?;
    state.gates.login_total()?;
    state
        .gates
        .login_address
        .pass(&state.secret.address_key(&address))?;

    let row = state.store.login_row(&address).await?;
    let fake = Credentials {
        salt: Base64Bytes(state.secret.fake_salt(&address).to_vec()),
        kdf: credentials::DEFAULT_KDF,
        group: SrpGroup::Rfc5054Bits3072,
        verifier: Base64Bytes(fake_verifier(
            credentials::group(SrpGroup::Rfc5054Bits3072),
            &state.secret.fake_seed(&address),
        )),
        wrapped_vault_key: Base64Bytes::default(),
    };
    let (chosen, known) = match row {
        Some(row) => {
            let known = Known {
                account: row.account,
                address: row.address,
                wrapped_vault_key: row.credentials.wrapped_vault_key.0.clone(),
                revision: row.revision,
            };
            (row.credentials, Some(known))
        }
        None => (fake, None),
    };
    let group = credentials::group(chosen.group);
    let verifier = Zeroizing::new(chosen.verifier.0);
    let started =
        tokio::task::spawn_blocking(move || ServerHandshake::start(group, &verifier, &mut OsRng));
    let (handshake, b_pub) = started
        .await
        .map_err(|_| ApiProblem::internal())?
        .map_err(|_| ApiProblem::internal())?;
    let pending = Pending {
        handshake,
        identity: address,
        salt: chosen.salt.0.clone(),
        account: known,
    };
    let login_id = state.handshakes.insert(pending, state.now());
    Ok(Json(LoginStartResponse {
        login_id,
        salt: chosen.salt,
        kdf: chosen.kdf,
        group: chosen.group,
        b_pub: Base64Bytes(b_pub),
    }))
}

/// `POST /api/v1/login/finish`.
pub(crate) async fn finish(
    State(state): State<AppState>,
    peer: Peer,
    ApiJson(request): ApiJson<LoginFinishRequest>,
) -> ApiResult<Json<LoginFinishResponse>> {
    state.gates.login_peer.pass(&peer)?;
    let now = state.now();
    let pending = state
        .handshakes
        .take(&request.login_id, now)
        .ok_or(ApiProblem::login_failed())?;
    let Pending {
        handshake,
        identity,
        salt,
        account,
    } = pending;
    let checked = tokio::task::spawn_blocking(move || {
        handshake.check(&identity, &salt, &request.a_pub.0, &request.client_proof.0)
    });
    let checked = checked.await.map_err(|_| ApiProblem::internal())?;
    let ((server_proof, srp), known) = match (checked, account) {
        (Ok(proved), Some(known)) => (proved, known),
        _ => return Err(ApiProblem::login_failed()),
    };

    let (token, hash) = tokens::make();
    let lifetime = state.config.session_seconds;
    let mut write = state.store.begin().await?;
    // A passphrase changed between the two steps ends this login as it ends all sessions.
    if write.credentials_revision(known.account).await? != Some(known.revision) {
        return Err(ApiProblem::login_failed());
    }
    let expires = now.saturating_add(lifetime);
    write
        .insert_token(known.account, &hash, Scope::Full, now, expires)
        .await?;
    state.commit(write).await?;

    let grant = LoginGrant {
        token: token.to_string(),
        expires_in: lifetime,
        account_id: ids::show(ids::Kind::Account, known.account),
        address: known.address,
        wrapped_vault_key: Base64Bytes(known.wrapped_vault_key),
        credentials_revision: known.revision,
    };
    let json = Zeroizing::new(serde_json::to_vec(&grant).map_err(|_| ApiProblem::internal())?);
    let sealed_grant = srp.seal_grant(&json, &mut OsRng);
    Ok(Json(LoginFinishResponse {
        server_proof: Base64Bytes(server_proof),
        sealed_grant: Base64Bytes(sealed_grant),
    }))
}

/// `POST /api/v1/logout`.
pub(crate) async fn logout(
    State(state): State<AppState>,
    session: Session,
) -> ApiResult<StatusCode> {
    let mut write = state.store.begin().await?;
    write.delete_token(&session.token_hash).await?;
    state.commit(write).await?;
    state.push.sessions_ended(session.account);
    Ok(StatusCode::NO_CONTENT)
}
