//! Request bodies, bounded.

use std::error::Error;

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{FromRef, FromRequest, Request},
    http::{HeaderMap, header},
};
use serde::de::DeserializeOwned;

use crate::{AppState, problem::ApiProblem};

/// Reads a whole body of at most `limit` bytes.
pub(crate) async fn read(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<Bytes, ApiProblem> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(ApiProblem::too_large());
    }
    to_bytes(body, limit).await.map_err(|error| why(&error))
}

fn why(error: &(dyn Error + 'static)) -> ApiProblem {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<http_body_util::LengthLimitError>() {
            return ApiProblem::too_large();
        }
        if error.is::<tower_http::timeout::TimeoutError>() {
            return ApiProblem::timed_out();
        }
        cause = error.source();
    }
    ApiProblem::bad_request("The request broke off.")
}

/// A JSON body of the plain HTTP routes.
pub(crate) struct ApiJson<T>(pub(crate) T);

impl<T, S> FromRequest<S> for ApiJson<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
    AppState: FromRef<S>,
{
    type Rejection = ApiProblem;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiProblem> {
        let limit = AppState::from_ref(state).config.limits.api_request_size;
        let (parts, body) = request.into_parts();
        let bytes = read(&parts.headers, body, limit).await?;
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|_| ApiProblem::bad_request("The request is not of the expected form."))
    }
}
