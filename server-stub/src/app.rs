//! The router: routes, and around them what bounds and protects every one of them.

use std::{any::Any, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderName, Method, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use tower_http::{
    catch_panic::CatchPanicLayer,
    cors::{Any as AnyOrigin, CorsLayer},
    timeout::{DeadlineBody, TimeoutBody},
};
use wire::routes::JMAP_UPLOAD;

use crate::{AppState, headers, jmap, problem::ApiProblem, routes, webmail};

/// The whole server as one router; the same for tests and for a listening server.
///
/// Requests that come over a network carry their peer as an extension (`ConnectInfo`), which
/// [`serve`](crate::serve) adds; all others count as one peer.
pub fn app(state: AppState) -> Router {
    // No cookies are used, only bearer tokens, so any origin may ask: a webmail on another host
    // may point at this server.
    let cors = CorsLayer::new()
        .allow_origin(AnyOrigin)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::ACCEPT,
            HeaderName::from_static("last-event-id"),
        ])
        .expose_headers([header::RETRY_AFTER])
        .max_age(Duration::from_secs(3600));
    Router::new()
        .merge(routes::router())
        .merge(routes::directories())
        .merge(jmap::router())
        .method_not_allowed_fallback(method_not_allowed)
        .layer(middleware::map_response(headers::api))
        .layer(cors)
        .fallback(webmail::site)
        .layer(middleware::from_fn_with_state(state.clone(), bounds))
        .layer(middleware::map_response(headers::everywhere))
        .layer(CatchPanicLayer::custom(panicked))
        .with_state(state)
}

async fn method_not_allowed() -> ApiProblem {
    ApiProblem::method_not_allowed()
}

/// Bounds the requests in work, their time, and the time and pauses of their bodies.
async fn bounds(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let _place = match state.gates.enter() {
        Ok(place) => place,
        Err(problem) => return problem.into_response(),
    };
    let limits = &state.config.limits;
    let time = if request.uri().path().starts_with(JMAP_UPLOAD) {
        limits.body_time + limits.request_time
    } else {
        limits.request_time
    };
    let request = request.map(|body| {
        let body = TimeoutBody::new(limits.body_pause, body);
        Body::new(DeadlineBody::new(limits.body_time, body))
    });
    match tokio::time::timeout(time, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiProblem::timed_out().into_response(),
    }
}

/// The last net: nothing in this crate is meant to panic.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    tracing::error!("a request panicked");
    let mut response = ApiProblem::internal().into_response();
    headers::set_everywhere(response.headers_mut());
    response
}
