//! JMAP's own errors: of a request, of a method, of one record (RFC 8620, section 3.6).

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};
use wire::problem::CONTENT_TYPE;

use crate::store::StoreError;

/// A whole request that cannot be carried out (RFC 8620, section 3.6.1).
#[derive(Debug)]
pub(crate) enum RequestError {
    UnknownCapability(String),
    NotJson,
    NotRequest(&'static str),
    /// Names the limit, as in the session's capabilities.
    Limit(&'static str),
}

impl IntoResponse for RequestError {
    fn into_response(self) -> Response {
        let (kind, status, detail, limit) = match self {
            Self::UnknownCapability(name) => {
                let detail = format!("This server or this token does not know {name}.");
                ("unknownCapability", StatusCode::BAD_REQUEST, detail, None)
            }
            Self::NotJson => (
                "notJSON",
                StatusCode::BAD_REQUEST,
                "The request is not JSON.".to_owned(),
                None,
            ),
            Self::NotRequest(detail) => (
                "notRequest",
                StatusCode::BAD_REQUEST,
                detail.to_owned(),
                None,
            ),
            Self::Limit(limit) => {
                let status = if limit.starts_with("maxConcurrent") {
                    StatusCode::TOO_MANY_REQUESTS
                } else {
                    StatusCode::PAYLOAD_TOO_LARGE
                };
                let detail = format!("The request is beyond the limit {limit}.");
                ("limit", status, detail, Some(limit))
            }
        };
        let mut body = json!({
            "type": format!("urn:ietf:params:jmap:error:{kind}"),
            "status": status.as_u16(),
            "title": detail,
            "detail": detail,
        });
        if let (Some(limit), Some(body)) = (limit, body.as_object_mut()) {
            body.insert("limit".into(), limit.into());
        }
        let mut response = (
            status,
            [(header::CONTENT_TYPE, CONTENT_TYPE)],
            body.to_string(),
        )
            .into_response();
        if status == StatusCode::TOO_MANY_REQUESTS {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

/// A method that cannot be carried out (RFC 8620, section 3.6.2).
#[derive(Debug)]
pub(crate) struct MethodError {
    kind: &'static str,
    description: Option<String>,
}

impl MethodError {
    pub(crate) const fn new(kind: &'static str) -> Self {
        Self {
            kind,
            description: None,
        }
    }

    pub(crate) fn with(kind: &'static str, description: impl Into<String>) -> Self {
        Self {
            kind,
            description: Some(description.into()),
        }
    }

    pub(crate) fn invalid(description: impl Into<String>) -> Self {
        Self::with("invalidArguments", description)
    }

    pub(crate) const fn cannot_calculate_changes() -> Self {
        Self::new("cannotCalculateChanges")
    }

    pub(crate) const fn too_large() -> Self {
        Self::new("requestTooLarge")
    }

    pub(crate) const fn internal() -> Self {
        Self::new("serverFail")
    }

    pub(crate) fn into_value(self) -> Value {
        match self.description {
            Some(description) => json!({ "type": self.kind, "description": description }),
            None => json!({ "type": self.kind }),
        }
    }
}

impl From<StoreError> for MethodError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::new("serverUnavailable"),
            StoreError::Full => Self::with(
                "serverFail",
                "The server's disk is full. Nothing was stored.",
            ),
            StoreError::Duplicate | StoreError::Database(_) | StoreError::Migration(_) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the store failed");
                Self::internal()
            }
        }
    }
}

/// One record that cannot be written (RFC 8620, section 5.3).
#[derive(Clone, Debug)]
pub(crate) struct SetError(Map<String, Value>);

impl SetError {
    pub(crate) fn new(kind: &str) -> Self {
        let mut map = Map::new();
        map.insert("type".into(), kind.into());
        Self(map)
    }

    pub(crate) fn with(kind: &str, description: impl Into<String>) -> Self {
        Self::new(kind).and("description", description.into())
    }

    pub(crate) fn not_found() -> Self {
        Self::new("notFound")
    }

    /// `invalidProperties`, naming one.
    pub(crate) fn property(name: impl Into<String>, description: impl Into<String>) -> Self {
        Self::with("invalidProperties", description).and("properties", vec![name.into()])
    }

    /// Adds a field.
    pub(crate) fn and(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn into_value(self) -> Value {
        Value::Object(self.0)
    }
}
