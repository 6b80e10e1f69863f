//! JMAP (RFC 8620, RFC 8621): session, method calls, blobs, push.

mod blob;
mod context;
mod email;
mod error;
mod events;
mod identity;
mod mailbox;
mod objects;
mod references;
mod session;
mod submission;
mod thread;

use axum::{
    Json, Router,
    extract::{Request, State},
    http::header,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::Value;
use wire::{
    jmap::{Invocation, Request as JmapRequest, Response as JmapResponse},
    objects::CAPABILITY,
    routes,
};

use crate::{
    AppState,
    routes::body,
    session::Session,
    store::{DataType, tokens::Scope},
};

use context::{Context, Outcome, changes, one};
use error::{MethodError, RequestError};

/// About how many bytes of answers one request gets; later calls are then `requestTooLarge`.
const MAX_ANSWER: usize = 48 * 1024 * 1024;

/// The JMAP routes.
pub(crate) fn router() -> Router<AppState> {
    Router::new()
        .route(routes::JMAP_WELL_KNOWN, get(session::get))
        .route(routes::JMAP_SESSION, get(session::get))
        .route(routes::JMAP_API, post(api))
        .route(
            &format!("{}/{{account_id}}", routes::JMAP_UPLOAD),
            post(blob::upload),
        )
        .route(
            &format!("{}/{{account_id}}/", routes::JMAP_UPLOAD),
            post(blob::upload),
        )
        .route(
            &format!(
                "{}/{{account_id}}/{{blob_id}}/{{name}}",
                routes::JMAP_DOWNLOAD
            ),
            get(blob::download),
        )
        .route(routes::JMAP_EVENTS, get(events::stream))
}

/// `POST /jmap/api`.
async fn api(State(state): State<AppState>, session: Session, request: Request) -> Response {
    let Some(_place) = state.gates.jmap_request(session.account) else {
        return RequestError::Limit("maxConcurrentRequests").into_response();
    };
    let (parts, body) = request.into_parts();
    let limit = state.config.limits.jmap_request_size;
    let bytes = match body::read(&parts.headers, body, limit).await {
        Ok(bytes) => bytes,
        Err(problem) if problem.is_too_large() => {
            return RequestError::Limit("maxSizeRequest").into_response();
        }
        Err(problem) => return problem.into_response(),
    };
    let is_json = parts
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.split(';').next())
        .is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case("application/json"));
    if !is_json {
        return RequestError::NotJson.into_response();
    }
    match answer(&state, &session, &bytes).await {
        Ok(response) => Json(response).into_response(),
        Err(error) => error.into_response(),
    }
}

async fn answer(
    state: &AppState,
    session: &Session,
    bytes: &[u8],
) -> Result<JmapResponse, RequestError> {
    let value: Value = serde_json::from_slice(bytes).map_err(|_| RequestError::NotJson)?;
    let request: JmapRequest = serde_json::from_value(value)
        .map_err(|_| RequestError::NotRequest("The JSON is not a JMAP request."))?;
    let known = session::capability_names(session.scope);
    if let Some(unknown) = request
        .using
        .iter()
        .find(|name| !known.contains(&name.as_str()))
    {
        return Err(RequestError::UnknownCapability(unknown.clone()));
    }
    if request.method_calls.len() > state.config.limits.calls_in_request {
        return Err(RequestError::Limit("maxCallsInRequest"));
    }
    let wants_created_ids = request.created_ids.is_some();
    let mut context = Context {
        state,
        session,
        account_id: session.account_id(),
        created: request.created_ids.unwrap_or_default(),
    };
    let mut budget = state.config.limits.jmap_request_size;
    let mut answered = 0usize;
    let mut responses: Vec<Invocation> = Vec::with_capacity(request.method_calls.len());
    for Invocation(name, arguments, id) in request.method_calls {
        let outcome = if answered > MAX_ANSWER {
            Err(MethodError::too_large())
        } else {
            match references::resolve(arguments, &responses, &mut budget) {
                Ok(arguments) => call(&mut context, &request.using, &name, arguments).await,
                Err(error) => Err(error),
            }
        };
        match outcome {
            Ok(answers) => {
                answered += answers
                    .iter()
                    .map(|(_, value)| references::weight(value))
                    .sum::<usize>();
                responses.extend(
                    answers
                        .into_iter()
                        .map(|(name, value)| Invocation(name, value, id.clone())),
                );
            }
            Err(error) => {
                responses.push(Invocation("error".into(), error.into_value(), id));
            }
        }
    }
    Ok(JmapResponse {
        method_responses: responses,
        created_ids: wants_created_ids.then_some(context.created),
        session_state: session::state(session),
    })
}

/// The capability a method needs.
fn capability(method: &str) -> Option<&'static str> {
    let (kind, _) = method.split_once('/')?;
    Some(match kind {
        "Core" => wire::jmap::CORE,
        "Mailbox" | "Email" | "Thread" => wire::jmap::MAIL,
        "Identity" | "EmailSubmission" => wire::jmap::SUBMISSION,
        wire::objects::TYPE_NAME => CAPABILITY,
        _ => return None,
    })
}

async fn call(
    context: &mut Context<'_>,
    using: &[String],
    name: &str,
    arguments: Value,
) -> Outcome {
    let unknown = || MethodError::new("unknownMethod");
    let needed = capability(name).ok_or_else(unknown)?;
    if !using.iter().any(|name| name == needed) {
        return Err(unknown());
    }
    // Said once more where it counts: whatever the capabilities say, a token for mail never
    // touches sealed objects.
    if needed == CAPABILITY && context.session.scope != Scope::Full {
        return Err(MethodError::new("forbidden"));
    }
    match name {
        "Core/echo" => one(name, arguments),
        "Mailbox/get" => mailbox::get(context, arguments).await,
        "Mailbox/changes" => mailbox::changes(context, arguments).await,
        "Mailbox/query" => mailbox::query(context, arguments).await,
        "Mailbox/queryChanges" => mailbox::query_changes(context, arguments).await,
        "Mailbox/set" => mailbox::set(context, arguments).await,
        "Thread/get" => thread::get(context, arguments).await,
        "Thread/changes" => changes(context, DataType::Thread, arguments, |_, _| ()).await,
        "Email/get" => email::get(context, arguments).await,
        "Email/changes" => changes(context, DataType::Email, arguments, |_, _| ()).await,
        "Email/query" => email::query(context, arguments).await,
        "Email/queryChanges" => email::query_changes(context, arguments).await,
        "Email/set" => email::set(context, arguments).await,
        "Email/copy" => email::copy(context, arguments),
        "Email/import" => email::import(context, arguments).await,
        "Email/parse" => email::parse(context, arguments).await,
        "Identity/get" => identity::get(context, arguments).await,
        "Identity/changes" => identity::changes(context, arguments).await,
        "Identity/set" => identity::set(context, arguments).await,
        "EmailSubmission/get" => submission::get(context, arguments),
        "EmailSubmission/changes" => submission::changes(context, arguments),
        "EmailSubmission/query" => submission::query(context, arguments),
        "EmailSubmission/queryChanges" => submission::query_changes(context, arguments),
        "EmailSubmission/set" => submission::set(context, arguments).await,
        "SealedObject/get" => objects::get(context, arguments).await,
        "SealedObject/changes" => {
            changes(context, DataType::SealedObject, arguments, |_, _| ()).await
        }
        "SealedObject/set" => objects::set(context, arguments).await,
        _ => Err(unknown()),
    }
}
