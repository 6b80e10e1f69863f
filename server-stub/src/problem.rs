//! Errors of HTTP routes as `application/problem+json` (RFC 9457).

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use wire::problem::{CONTENT_TYPE, Problem, kinds};

use crate::store::StoreError;

/// A problem on its way to the client.
#[derive(Debug)]
pub(crate) struct ApiProblem {
    kind: &'static str,
    status: StatusCode,
    title: &'static str,
    retry_after: Option<u64>,
}

/// What a handler gives back.
pub(crate) type ApiResult<T> = Result<T, ApiProblem>;

impl ApiProblem {
    pub(crate) const fn new(kind: &'static str, status: StatusCode, title: &'static str) -> Self {
        Self {
            kind,
            status,
            title,
            retry_after: None,
        }
    }

    pub(crate) const fn bad_request(title: &'static str) -> Self {
        Self::new(kinds::BAD_REQUEST, StatusCode::BAD_REQUEST, title)
    }

    pub(crate) const fn bad_address() -> Self {
        Self::new(
            kinds::BAD_ADDRESS,
            StatusCode::UNPROCESSABLE_ENTITY,
            "This server does not give out such an address. Use letters, digits, dots, hyphens \
             and underscores, and one of the server's domains.",
        )
    }

    pub(crate) const fn bad_certificate(title: &'static str) -> Self {
        Self::new(
            kinds::BAD_CERTIFICATE,
            StatusCode::UNPROCESSABLE_ENTITY,
            title,
        )
    }

    pub(crate) const fn unauthorized() -> Self {
        Self::new(
            kinds::UNAUTHORIZED,
            StatusCode::UNAUTHORIZED,
            "The session is unknown or has ended. Log in again.",
        )
    }

    pub(crate) const fn not_allowed() -> Self {
        Self::new(
            kinds::UNAUTHORIZED,
            StatusCode::FORBIDDEN,
            "This token may not be used for that.",
        )
    }

    pub(crate) const fn login_failed() -> Self {
        Self::new(
            kinds::LOGIN_FAILED,
            StatusCode::FORBIDDEN,
            "Address and passphrase do not fit.",
        )
    }

    pub(crate) const fn too_many_requests(seconds: u64) -> Self {
        Self {
            kind: kinds::TOO_MANY_REQUESTS,
            status: StatusCode::TOO_MANY_REQUESTS,
            title: "Too many requests. Wait a little and try again.",
            retry_after: Some(seconds),
        }
    }

    pub(crate) const fn too_large() -> Self {
        Self::new(
            kinds::TOO_LARGE,
            StatusCode::PAYLOAD_TOO_LARGE,
            "This is larger than the server takes.",
        )
    }

    pub(crate) fn is_too_large(&self) -> bool {
        self.status == StatusCode::PAYLOAD_TOO_LARGE
    }

    pub(crate) const fn timed_out() -> Self {
        Self::new(
            kinds::TIMED_OUT,
            StatusCode::REQUEST_TIMEOUT,
            "The request took too long. Try again.",
        )
    }

    pub(crate) const fn not_found() -> Self {
        Self::new(
            kinds::NOT_FOUND,
            StatusCode::NOT_FOUND,
            "There is nothing here.",
        )
    }

    pub(crate) const fn method_not_allowed() -> Self {
        Self::new(
            kinds::BAD_REQUEST,
            StatusCode::METHOD_NOT_ALLOWED,
            "This path does not know this method.",
        )
    }

    pub(crate) const fn unavailable() -> Self {
        Self {
            kind: kinds::UNAVAILABLE,
            status: StatusCode::SERVICE_UNAVAILABLE,
            title: "The server is busy. Try again in a moment.",
            retry_after: Some(2),
        }
    }

    pub(crate) const fn internal() -> Self {
        Self::new(
            kinds::INTERNAL,
            StatusCode::INTERNAL_SERVER_ERROR,
            "Something went wrong on the server. Nothing was lost on your side; try again.",
        )
    }
}

impl From<StoreError> for ApiProblem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => Self::new(
                kinds::STORAGE_FULL,
                StatusCode::INSUFFICIENT_STORAGE,
                "The server's disk is full. Nothing was stored.",
            ),
            StoreError::Busy => Self::unavailable(),
            StoreError::Duplicate | StoreError::Database(_) | StoreError::Migration(_) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the store failed");
                Self::internal()
            }
        }
    }
}

impl IntoResponse for ApiProblem {
    fn into_response(self) -> Response {
        let problem = Problem::new(self.kind, self.status.as_u16(), self.title);
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response =
            (self.status, [(header::CONTENT_TYPE, CONTENT_TYPE)], body).into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
