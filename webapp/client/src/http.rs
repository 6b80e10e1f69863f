//! JSON over the transport, and the server's problems as our errors.

use serde::{Serialize, de::DeserializeOwned};
use wire::problem::{Problem, kinds};

use crate::{
    error::ClientError,
    ports::{HttpRequest, HttpResponse, Method, Transport},
};

/// `GET`s JSON without a token.
pub(crate) async fn get_json<R: DeserializeOwned>(
    transport: &impl Transport,
    path: &str,
    token: Option<&str>,
) -> Result<R, ClientError> {
    let response = transport
        .send(HttpRequest {
            method: Method::Get,
            path: path.to_owned(),
            token: token.map(str::to_owned),
            content_type: None,
            body: Vec::new(),
        })
        .await?;
    parse(&checked(response)?)
}

/// `POST`s JSON and reads JSON.
pub(crate) async fn post_json<R: DeserializeOwned>(
    transport: &impl Transport,
    path: &str,
    token: Option<&str>,
    body: &impl Serialize,
) -> Result<R, ClientError> {
    parse(&post(transport, path, token, body).await?)
}

/// `POST`s JSON; the answer's body does not matter.
pub(crate) async fn post_unit(
    transport: &impl Transport,
    path: &str,
    token: Option<&str>,
    body: &impl Serialize,
) -> Result<(), ClientError> {
    post(transport, path, token, body).await.map(drop)
}

async fn post(
    transport: &impl Transport,
    path: &str,
    token: Option<&str>,
    body: &impl Serialize,
) -> Result<HttpResponse, ClientError> {
    let body = serde_json::to_vec(body).map_err(|e| ClientError::Internal(e.to_string()))?;
    let response = transport
        .send(HttpRequest {
            method: Method::Post,
            path: path.to_owned(),
            token: token.map(str::to_owned),
            content_type: Some("application/json"),
            body,
        })
        .await?;
    checked(response)
}

/// Turns any status but 2xx into an error.
pub(crate) fn checked(response: HttpResponse) -> Result<HttpResponse, ClientError> {
    if (200..300).contains(&response.status) {
        return Ok(response);
    }
    let problem = serde_json::from_slice::<Problem>(&response.body).ok();
    Err(problem_error(response.status, problem.as_ref()))
}

fn problem_error(status: u16, problem: Option<&Problem>) -> ClientError {
    let is = |kind| problem.is_some_and(|p| p.is(kind));
    if is(kinds::LOGIN_FAILED) {
        ClientError::LoginFailed
    } else if is(kinds::ADDRESS_TAKEN) {
        ClientError::AddressTaken
    } else if is(kinds::BAD_ADDRESS) {
        ClientError::BadAddress
    } else if is(kinds::REGISTRATION_CLOSED) {
        ClientError::RegistrationClosed
    } else if is(kinds::CONFLICT) {
        ClientError::Conflict
    } else if is(kinds::LOGIN_AGAIN) {
        ClientError::SessionEnded
    } else {
        match status {
            401 | 403 => ClientError::SessionEnded,
            404 => ClientError::NotFound,
            413 => ClientError::TooLarge,
            429 => ClientError::TooManyRequests,
            // A proxy in front of a server that is away.
            502..=504 => ClientError::Offline,
            _ => ClientError::Protocol(format!(
                "status {status}{}",
                problem
                    .map(|p| format!(", {}", p.title))
                    .unwrap_or_default()
            )),
        }
    }
}

fn parse<R: DeserializeOwned>(response: &HttpResponse) -> Result<R, ClientError> {
    serde_json::from_slice(&response.body).map_err(|e| {
        ClientError::Protocol(format!("JSON, line {} column {}", e.line(), e.column()))
    })
}
