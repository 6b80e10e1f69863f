//! `GET` from strangers' servers over the browser's `fetch`: no cookies, no referrer, no cache.
//!
//! A redirect is followed, because directories move; an answer that came from anywhere but an
//! https address is none. In an extension the package's own content security policy
//! (`connect-src`) stops other schemes before they are asked.

use mail_client::ports::{HttpResponse, TransportError, WebFetch, WebLimits};
use web_sys::{
    ReferrerPolicy, Request, RequestCache, RequestCredentials, RequestInit, RequestMode,
    RequestRedirect,
};

use crate::fetch::{Chunks, Guard, append, fetch};

/// `fetch` to any https server.
#[derive(Clone, Copy, Debug, Default)]
pub struct FetchWeb;

impl WebFetch for FetchWeb {
    async fn get(&self, url: &str, limits: WebLimits) -> Result<HttpResponse, TransportError> {
        if !is_https(url) {
            return Err(TransportError::Unreachable);
        }
        let guard = Guard::new()?;
        let init = RequestInit::new();
        init.set_method("GET");
        init.set_mode(RequestMode::Cors);
        init.set_credentials(RequestCredentials::Omit);
        init.set_cache(RequestCache::NoStore);
        init.set_redirect(RequestRedirect::Follow);
        init.set_referrer_policy(ReferrerPolicy::NoReferrer);
        init.set_signal(Some(&guard.controller.signal()));
        let request =
            Request::new_with_str_and_init(url, &init).map_err(|_| TransportError::Unreachable)?;
        guard.limit(limits.seconds.saturating_mul(1000));
        let response = guard.watch(fetch(&request)).await?;
        if !is_https(&response.url()) {
            return Err(TransportError::Unreachable);
        }
        let headers = response.headers();
        let header = |name| headers.get(name).ok().flatten().unwrap_or_default();
        if header("Content-Length").parse::<usize>().unwrap_or(0) > limits.bytes {
            return Err(TransportError::TooLarge);
        }
        let media_type = header("Content-Type");
        let content_type = media_type.split(';').next().unwrap_or("").trim();
        let mut body = Vec::new();
        let mut chunks = Chunks::of(&response);
        while let Some(chunk) = guard.watch(chunks.next()).await? {
            if chunk.length() as usize > limits.bytes.saturating_sub(body.len()) {
                return Err(TransportError::TooLarge);
            }
            append(&mut body, &chunk);
        }
        Ok(HttpResponse {
            status: response.status(),
            content_type: content_type.to_ascii_lowercase(),
            body,
        })
    }
}

fn is_https(url: &str) -> bool {
    url.get(..8)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"))
}

#[cfg(test)]
mod tests {
    use super::is_https;

    #[test]
    fn only_https_is_asked() {
        for url in ["https://example.org/", "HTTPS://example.org/"] {
            assert!(is_https(url), "{url}");
        }
        for url in [
            "http://example.org/",
            "//example.org",
            "file:///",
            "https:/x",
            "",
        ] {
            assert!(!is_https(url), "{url}");
        }
    }
}
