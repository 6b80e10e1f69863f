//! HTTP over the browser's `fetch`.
//!
//! No cookies, no referrer, no cache, no redirects: the server is the one the person named, and
//! the token goes to nobody else. Answers are read as a stream, so that an endless one stops at
//! the limit and not at the end of memory.

use std::{cell::Cell, rc::Rc};

use gloo::timers::callback::Timeout;
use js_sys::{Promise, Reflect, Uint8Array};
use mail_client::ports::{HttpRequest, HttpResponse, Method, Transport, TransportError};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, Headers, ReadableStreamDefaultReader, ReferrerPolicy, Request, RequestCache,
    RequestCredentials, RequestInit, RequestMode, RequestRedirect, Response, Window,
    WorkerGlobalScope,
};

use crate::sse::Decoder;

/// The largest answer, in bytes.
const MAX_ANSWER: usize = 64 * 1024 * 1024;
/// The longest time a whole exchange may take, in milliseconds.
const TIMEOUT_MS: u32 = 60_000;
/// The longest silence of an event stream, in milliseconds. Servers send a ping more often
/// (RFC 8620, section 7.3: the client names the interval).
const SILENCE_MS: u32 = 330_000;

/// `fetch` to one server.
#[derive(Clone, Debug)]
pub struct FetchTransport {
    base: String,
}

impl FetchTransport {
    /// Talks to the server at this origin, such as `https://mail.example.org`; empty means the
    /// origin the page came from.
    #[must_use]
    pub fn new(origin: &str) -> Self {
        Self {
            base: origin.trim_end_matches('/').to_owned(),
        }
    }

    /// The full address of a path. A path that could name another host is none.
    fn url(&self, path: &str) -> Option<String> {
        let is_local = path.starts_with('/')
            && !path.starts_with("//")
            && !path.contains(['\\', '\n', '\r', '\t']);
        is_local.then(|| format!("{}{path}", self.base))
    }

    fn request(
        &self,
        request: &HttpRequest,
        accept: Option<&str>,
        controller: &AbortController,
    ) -> Option<Request> {
        let headers = Headers::new().ok()?;
        if let Some(token) = &request.token {
            headers
                .set("Authorization", &format!("Bearer {token}"))
                .ok()?;
        }
        if let Some(media_type) = request.content_type {
            headers.set("Content-Type", media_type).ok()?;
        }
        if let Some(accept) = accept {
            headers.set("Accept", accept).ok()?;
        }
        let init = RequestInit::new();
        init.set_method(match request.method {
            Method::Get => "GET",
            Method::Post => "POST",
        });
        if request.method == Method::Post {
            init.set_body(&Uint8Array::from(request.body.as_slice()));
        }
        init.set_headers(&headers);
        init.set_mode(RequestMode::Cors);
        init.set_credentials(RequestCredentials::Omit);
        init.set_cache(RequestCache::NoStore);
        init.set_redirect(RequestRedirect::Error);
        init.set_referrer_policy(ReferrerPolicy::NoReferrer);
        init.set_signal(Some(&controller.signal()));
        Request::new_with_str_and_init(&self.url(&request.path)?, &init).ok()
    }
}

impl Transport for FetchTransport {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let guard = Guard::new()?;
        let prepared = self.request(&request, None, &guard.controller);
        // The body has been handed over; a large one need not be held twice.
        drop(request);
        let prepared = prepared.ok_or(TransportError::Unreachable)?;
        guard.limit(TIMEOUT_MS);
        let response = guard.watch(fetch(&prepared)).await?;
        let headers = response.headers();
        let header = |name| headers.get(name).ok().flatten().unwrap_or_default();
        let announced = header("Content-Length").parse::<usize>().unwrap_or(0);
        if announced > MAX_ANSWER {
            return Err(TransportError::TooLarge);
        }
        let media_type = header("Content-Type");
        let content_type = media_type.split(';').next().unwrap_or("").trim();
        let mut body = Vec::new();
        let mut chunks = Chunks::of(&response);
        while let Some(chunk) = guard.watch(chunks.next()).await? {
            if chunk.length() as usize > MAX_ANSWER - body.len() {
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

    async fn events(
        &self,
        request: HttpRequest,
        on_event: &mut dyn FnMut(&str) -> bool,
    ) -> Result<(), TransportError> {
        let guard = Guard::new()?;
        let prepared = self
            .request(&request, Some("text/event-stream"), &guard.controller)
            .ok_or(TransportError::Unreachable)?;
        guard.limit(TIMEOUT_MS);
        let response = guard.watch(fetch(&prepared)).await?;
        if response.status() != 200 {
            return Err(TransportError::Unreachable);
        }
        let mut chunks = Chunks::of(&response);
        let (mut decoder, mut bytes) = (Decoder::default(), Vec::new());
        loop {
            guard.limit(SILENCE_MS);
            let Some(chunk) = guard.watch(chunks.next()).await? else {
                return Ok(());
            };
            bytes.clear();
            append(&mut bytes, &chunk);
            match decoder.feed(&bytes, on_event) {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(_) => return Err(TransportError::TooLarge),
            }
        }
    }
}

/// Aborts the exchange when its time is over, and when it is dropped unfinished.
pub(crate) struct Guard {
    pub(crate) controller: AbortController,
    timed_out: Rc<Cell<bool>>,
    timer: Cell<Option<Timeout>>,
}

impl Guard {
    pub(crate) fn new() -> Result<Self, TransportError> {
        Ok(Self {
            controller: AbortController::new().map_err(|_| TransportError::Unreachable)?,
            timed_out: Rc::default(),
            timer: Cell::new(None),
        })
    }

    /// Starts the clock anew.
    pub(crate) fn limit(&self, milliseconds: u32) {
        let (controller, timed_out) = (self.controller.clone(), self.timed_out.clone());
        let timer = Timeout::new(milliseconds, move || {
            timed_out.set(true);
            controller.abort();
        });
        // The old timer is cancelled by being dropped.
        self.timer.set(Some(timer));
    }

    pub(crate) async fn watch<T>(
        &self,
        step: impl Future<Output = Option<T>>,
    ) -> Result<T, TransportError> {
        step.await.ok_or(if self.timed_out.get() {
            TransportError::TimedOut
        } else {
            TransportError::Unreachable
        })
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // No effect on an exchange that has ended.
        self.controller.abort();
    }
}

pub(crate) async fn fetch(request: &Request) -> Option<Response> {
    let global = js_sys::global();
    let promise: Promise = match global.dyn_ref::<WorkerGlobalScope>() {
        Some(worker) => worker.fetch_with_request(request),
        None => global.dyn_ref::<Window>()?.fetch_with_request(request),
    };
    JsFuture::from(promise).await.ok()?.dyn_into().ok()
}

/// The body of an answer, piece by piece.
pub(crate) struct Chunks(Option<ReadableStreamDefaultReader>);

impl Chunks {
    pub(crate) fn of(response: &Response) -> Self {
        // An answer without a body has no stream.
        Self(
            response
                .body()
                .map(|body| body.get_reader().unchecked_into()),
        )
    }

    /// The outer `None` is a failure, the inner one the end.
    pub(crate) async fn next(&mut self) -> Option<Option<Uint8Array>> {
        let Some(reader) = &self.0 else {
            return Some(None);
        };
        let step: JsValue = JsFuture::from(reader.read()).await.ok()?;
        let field = |name: &str| Reflect::get(&step, &name.into()).ok();
        if field("done")?.is_truthy() {
            return Some(None);
        }
        field("value")?.dyn_into().ok().map(Some)
    }
}

pub(crate) fn append(bytes: &mut Vec<u8>, chunk: &Uint8Array) {
    let start = bytes.len();
    bytes.resize(start + chunk.length() as usize, 0);
    if let Some(free) = bytes.get_mut(start..) {
        chunk.copy_to(free);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_cannot_name_another_host() {
        for base in ["", "https://mail.example.org", "https://mail.example.org/"] {
            let transport = FetchTransport::new(base);
            for path in [
                "//evil.example",
                "/\\evil.example",
                "https://evil.example",
                "",
                "x",
                "/\t/evil",
            ] {
                assert_eq!(transport.url(path), None, "{path}");
            }
            let url = transport.url("/jmap?a=b").unwrap();
            assert_eq!(url, format!("{}/jmap?a=b", base.trim_end_matches('/')));
        }
    }
}
