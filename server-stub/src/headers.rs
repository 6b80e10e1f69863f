//! Header fields that keep browsers from doing more than they should.

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::Response,
};

/// What the webmail's own pages may do.
pub(crate) const PAGE_CSP: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; \
    frame-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types letterlock";
/// What a frame that shows a message may do: nothing is loaded, nothing runs.
pub(crate) const MESSAGE_CSP: &str = "default-src 'none'; img-src data: blob:; \
    style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'";
/// The same after the person asked for the pictures of one message.
pub(crate) const REMOTE_MESSAGE_CSP: &str = "default-src 'none'; \
    img-src https: http: data: blob:; style-src 'unsafe-inline'; form-action 'none'; \
    base-uri 'none'; frame-ancestors 'self'";
/// What an answer of the API may do when it is opened as a page: nothing.
const API_CSP: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

fn set_if_missing(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers
        .entry(name)
        .or_insert(HeaderValue::from_static(value));
}

/// Header fields of every answer.
pub(crate) fn set_everywhere(headers: &mut HeaderMap) {
    set_if_missing(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set_if_missing(headers, header::REFERRER_POLICY, "no-referrer");
    set_if_missing(headers, header::CONTENT_SECURITY_POLICY, API_CSP);
    set_if_missing(headers, OPENER_POLICY, "same-origin");
    set_if_missing(headers, RESOURCE_POLICY, "same-origin");
    set_if_missing(
        headers,
        PERMISSIONS_POLICY,
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
         magnetometer=(), microphone=(), midi=(), payment=(), publickey-credentials-get=(), \
         serial=(), usb=()",
    );
    set_if_missing(headers, header::CACHE_CONTROL, "no-store");
}

/// Sets the header fields of every answer.
pub(crate) async fn everywhere(mut response: Response) -> Response {
    set_everywhere(response.headers_mut());
    response
}

/// Sets the header fields of the API: other origins may read it, nothing may keep it.
pub(crate) async fn api(mut response: Response) -> Response {
    let headers = response.headers_mut();
    set_if_missing(headers, RESOURCE_POLICY, "cross-origin");
    set_if_missing(headers, header::CACHE_CONTROL, "no-store");
    response
}
