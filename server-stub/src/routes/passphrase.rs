//! Changing the passphrase: a new verifier and a rewrapped vault key, at once or not at all.

use axum::{extract::State, http::StatusCode};
use wire::{auth::ChangePassphraseRequest, problem::kinds};

use super::{body::ApiJson, credentials};
use crate::{
    AppState,
    problem::{ApiProblem, ApiResult},
    session::FullSession,
};

/// How old a login may be, in seconds.
const MAX_AGE: u64 = 5 * 60;

/// `POST /api/v1/passphrase`.
pub(crate) async fn change(
    State(state): State<AppState>,
    FullSession(session): FullSession,
    ApiJson(request): ApiJson<ChangePassphraseRequest>,
) -> ApiResult<StatusCode> {
    if state.now().saturating_sub(session.created_at) > MAX_AGE {
        return Err(ApiProblem::new(
            kinds::LOGIN_AGAIN,
            StatusCode::FORBIDDEN,
            "This login is more than five minutes old. Log in again to change the passphrase.",
        ));
    }
    credentials::check(&request.credentials)?;
    let mut write = state.store.begin().await?;
    let replaced = write
        .replace_credentials(
            session.account,
            request.credentials_revision,
            &request.credentials,
        )
        .await?;
    if !replaced {
        return Err(ApiProblem::new(
            kinds::CONFLICT,
            StatusCode::CONFLICT,
            "The passphrase was changed elsewhere in the meantime. Log in again.",
        ));
    }
    write
        .delete_other_tokens(session.account, &session.token_hash)
        .await?;
    state.commit(write).await?;
    state.push.sessions_ended(session.account);
    tracing::info!("a passphrase was changed");
    Ok(StatusCode::NO_CONTENT)
}
