//! Who asks: the bearer token of a request and what it may be used for.

use axum::{
    extract::{FromRef, FromRequestParts},
    http::{header, request::Parts},
};

use crate::{AppState, problem::ApiProblem, store::tokens::Scope, tokens};

/// A request with a token of any scope.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) account: i64,
    pub(crate) address: String,
    pub(crate) scope: Scope,
    /// When the login happened, in seconds since 1970.
    pub(crate) created_at: u64,
    pub(crate) token_hash: [u8; 32],
}

impl Session {
    /// The account's id as clients see it.
    pub(crate) fn account_id(&self) -> String {
        crate::ids::show(crate::ids::Kind::Account, self.account)
    }
}

impl<S> FromRequestParts<S> for Session
where
    S: Send + Sync,
    AppState: FromRef<S>,
{
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiProblem> {
        let state = AppState::from_ref(state);
        let value = parts
            .headers
            .get(header::AUTHORIZATION)
            .ok_or(ApiProblem::unauthorized())?;
        let text = value.to_str().map_err(|_| ApiProblem::unauthorized())?;
        let token = match text.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
            _ => return Err(ApiProblem::unauthorized()),
        };
        let token_hash = tokens::hash(token);
        let owner = state
            .store
            .token_owner(&token_hash, state.now())
            .await?
            .ok_or(ApiProblem::unauthorized())?;
        state.gates.account.pass(&owner.account)?;
        Ok(Self {
            account: owner.account,
            address: owner.address,
            scope: owner.scope,
            created_at: owner.created_at,
            token_hash,
        })
    }
}

/// A request with a token that may do everything.
#[derive(Clone, Debug)]
pub(crate) struct FullSession(pub(crate) Session);

impl<S> FromRequestParts<S> for FullSession
where
    S: Send + Sync,
    AppState: FromRef<S>,
{
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiProblem> {
        let session = Session::from_request_parts(parts, state).await?;
        match session.scope {
            Scope::Full => Ok(Self(session)),
            Scope::MailOnly => Err(ApiProblem::not_allowed()),
        }
    }
}
