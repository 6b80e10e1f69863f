//! Method calls with a token that is renewed when it ends.

use serde::de::DeserializeOwned;
use serde_json::Value;
use wire::{
    jmap::{CORE, Invocation, MAIL, Request, Response, SUBMISSION, UploadResponse},
    objects, routes,
};

use crate::{
    error::ClientError,
    http, login,
    ports::{HttpRequest, HttpResponse, Method, Platform, Transport},
    session::Session,
};

/// The answers to one request, found by call id.
pub(crate) struct Answers(Vec<Invocation>);

impl Answers {
    /// The arguments of the answer to a call, if it is the expected one.
    ///
    /// # Errors
    /// A JMAP method error becomes [`ClientError::Protocol`] with its type.
    pub(crate) fn take<T: DeserializeOwned>(
        &mut self,
        call_id: &str,
        name: &str,
    ) -> Result<T, ClientError> {
        let found = self
            .0
            .iter_mut()
            .find(|i| i.2 == call_id && (i.0 == name || i.0 == "error"))
            .ok_or_else(|| ClientError::Protocol(format!("no answer to {name}")))?;
        if found.0 == "error" {
            let kind = found.1.get("type").and_then(Value::as_str).unwrap_or("?");
            return Err(method_error(name, kind));
        }
        serde_json::from_value(found.1.take())
            .map_err(|e| ClientError::Protocol(format!("{name}: {e}")))
    }
}

/// The error type the flows look at: the server has forgotten where we were.
pub(crate) const CANNOT_CALCULATE_CHANGES: &str = "cannotCalculateChanges";

fn method_error(name: &str, kind: &str) -> ClientError {
    match kind {
        "requestTooLarge" | "tooLarge" => ClientError::TooLarge,
        "stateMismatch" => ClientError::Conflict,
        "serverUnavailable" => ClientError::Offline,
        _ => ClientError::Protocol(format!("{name}: {kind}")),
    }
}

/// True when the error says that changes must be read anew from the start.
pub(crate) fn must_start_over(error: &ClientError) -> bool {
    matches!(error, ClientError::Protocol(why) if why.ends_with(CANNOT_CALCULATE_CHANGES))
}

/// Calls methods.
pub(crate) async fn call(
    platform: &impl Platform,
    session: &Session,
    calls: Vec<(&str, Value, &str)>,
) -> Result<Answers, ClientError> {
    let request = Request {
        using: [CORE, MAIL, SUBMISSION, objects::CAPABILITY]
            .map(str::to_owned)
            .to_vec(),
        method_calls: calls
            .into_iter()
            .map(|(name, arguments, id)| Invocation(name.into(), arguments, id.into()))
            .collect(),
        created_ids: None,
    };
    let body = serde_json::to_vec(&request).map_err(|e| ClientError::Internal(e.to_string()))?;
    let response = authorized(
        platform,
        session,
        HttpRequest {
            method: Method::Post,
            path: routes::JMAP_API.to_owned(),
            token: None,
            content_type: Some("application/json"),
            body,
        },
    )
    .await?;
    let response: Response = serde_json::from_slice(&response.body)
        .map_err(|e| ClientError::Protocol(format!("JMAP response: {e}")))?;
    Ok(Answers(response.method_responses))
}

/// Stores bytes on the server for a moment.
pub(crate) async fn upload(
    platform: &impl Platform,
    session: &Session,
    content_type: &'static str,
    body: Vec<u8>,
) -> Result<String, ClientError> {
    let response = authorized(
        platform,
        session,
        HttpRequest {
            method: Method::Post,
            path: format!("{}/{}", routes::JMAP_UPLOAD, session.account_id()),
            token: None,
            content_type: Some(content_type),
            body,
        },
    )
    .await?;
    serde_json::from_slice::<UploadResponse>(&response.body)
        .map(|u| u.blob_id)
        .map_err(|e| ClientError::Protocol(format!("upload: {e}")))
}

/// Fetches a blob.
pub(crate) async fn download(
    platform: &impl Platform,
    session: &Session,
    blob_id: &str,
) -> Result<Vec<u8>, ClientError> {
    // Ids are of the URL-safe alphabet (RFC 8620, section 1.2); anything else is not put in a path.
    let safe = |id: &str| {
        !id.is_empty()
            && id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    let account = session.account_id();
    if !safe(blob_id) || !safe(&account) {
        return Err(ClientError::Protocol(
            "an id with forbidden characters".into(),
        ));
    }
    let response = authorized(
        platform,
        session,
        HttpRequest {
            method: Method::Get,
            path: format!("{}/{account}/{blob_id}/message.eml", routes::JMAP_DOWNLOAD),
            token: None,
            content_type: None,
            body: Vec::new(),
        },
    )
    .await?;
    Ok(response.body)
}

/// Sends with the session's token; logs in first when there is none, and once more when the
/// server no longer knows it.
pub(crate) async fn authorized(
    platform: &impl Platform,
    session: &Session,
    request: HttpRequest,
) -> Result<HttpResponse, ClientError> {
    if session.is_local() {
        return Err(ClientError::NoServer);
    }
    let mut renewed = false;
    loop {
        let token = match current_token(session) {
            Some(token) => token,
            None => {
                renewed = true;
                connect(platform, session).await?
            }
        };
        let mut attempt = request.clone();
        attempt.token = Some(token);
        let response = platform.transport().send(attempt).await?;
        if response.status == 401 && !renewed {
            session.token.borrow_mut().take();
            continue;
        }
        return http::checked(response);
    }
}

/// The token, if there is one.
pub(crate) fn current_token(session: &Session) -> Option<String> {
    session.token.borrow().as_deref().cloned()
}

/// Logs in again with what is held in memory.
///
/// # Errors
/// [`ClientError::PassphraseChanged`] when the server names another salt or cost than this
/// device knows: another device changed the passphrase, or the server lies. Either way nothing
/// is derived anew without the person.
pub(crate) async fn connect(
    platform: &impl Platform,
    session: &Session,
) -> Result<String, ClientError> {
    if session.closed.get() {
        return Err(ClientError::Locked);
    }
    if session.is_local() {
        return Err(ClientError::NoServer);
    }
    let (address, salt, kdf) = {
        let header = session.header.borrow();
        (
            header.address.clone(),
            header.salt,
            header.kdf_parameters()?,
        )
    };
    let challenge = login::start(platform, &address).await?;
    if challenge.salt != salt || challenge.kdf != kdf {
        return Err(ClientError::PassphraseChanged);
    }
    let secret = session.login_secret.borrow().clone();
    let grant = match login::finish(platform, &address, &secret, challenge).await {
        // The same salt and yet no: the verifier was replaced under the old salt.
        Err(ClientError::LoginFailed) => return Err(ClientError::PassphraseChanged),
        other => other?,
    };
    if session.closed.get() {
        return Err(ClientError::Locked);
    }
    session.token.replace(Some(grant.token.clone().into()));
    Ok(grant.token)
}
