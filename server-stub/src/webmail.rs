//! The static webmail, precompressed and with strict header fields.

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Method, Response as HttpResponse, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use tower::ServiceExt;
use tower_http::services::ServeDir;

use crate::{AppState, headers, problem::ApiProblem};

/// Paths that belong to programs; nothing of the webmail is ever served there.
const API_PREFIXES: [&str; 4] = ["/api/", "/jmap/", "/pks/", "/.well-known/"];

/// Everything no route took: a file of the webmail, or its one page for its own paths.
pub(crate) async fn site(State(state): State<AppState>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    if API_PREFIXES.iter().any(|prefix| path.starts_with(prefix)) {
        return ApiProblem::not_found().into_response();
    }
    let Some(folder) = &state.config.webmail else {
        return ApiProblem::not_found().into_response();
    };
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return ApiProblem::method_not_allowed().into_response();
    }
    let is_page = !path.rsplit('/').next().unwrap_or("").contains('.');
    let request = if is_page { to_index(request) } else { request };
    let files = ServeDir::new(folder)
        .append_index_html_on_directories(false)
        .precompressed_br();
    let response = match files.oneshot(request).await {
        Ok(response) => response.map(Body::new),
        Err(never) => match never {},
    };
    if response.status() == StatusCode::NOT_FOUND {
        return ApiProblem::not_found().into_response();
    }
    with_headers(response, &path)
}

/// The webmail decides itself what a path without a dot means.
fn to_index(request: Request) -> Request {
    let (mut parts, body) = request.into_parts();
    parts.uri = Uri::from_static("/index.html");
    Request::from_parts(parts, body)
}

fn with_headers(mut response: HttpResponse<Body>, path: &str) -> Response {
    let headers = response.headers_mut();
    let csp = match path {
        "/message.html" => headers::MESSAGE_CSP,
        "/message-remote.html" => headers::REMOTE_MESSAGE_CSP,
        _ => headers::PAGE_CSP,
    };
    // Names under assets carry a hash of their content.
    let cache = if path.starts_with("/assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(csp),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}
