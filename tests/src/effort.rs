//! How much a person has to do: counted where the commands leave for the browser, so that no
//! script can forget a click.

use std::collections::BTreeSet;
use std::future::Future;
use std::ops::Sub;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use hyper::body::Bytes;
use hyper::{Method, Request, Response};
use serde_json::Value;
use thirtyfour::error::WebDriverResult;
use thirtyfour::session::http::{Body, HttpClient};

/// Clicks and fields so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effort {
    /// Presses of the mouse, and keys that were pressed outside of a field
    pub clicks: u32,
    /// Elements that something was typed into, or a file was put into
    pub fields: u32,
}

impl Sub for Effort {
    type Output = Self;

    /// What was done since an earlier count.
    fn sub(self, earlier: Self) -> Self {
        Self {
            clicks: self.clicks.saturating_sub(earlier.clicks),
            fields: self.fields.saturating_sub(earlier.fields),
        }
    }
}

/// Counts. Clones share the count.
#[derive(Clone, Debug, Default)]
pub struct Counter(Arc<Mutex<Counted>>);

#[derive(Debug, Default)]
struct Counted {
    clicks: u32,
    fields: BTreeSet<String>,
}

impl Counter {
    /// All that was done so far.
    #[must_use]
    pub fn effort(&self) -> Effort {
        let counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Effort {
            clicks: counted.clicks,
            fields: u32::try_from(counted.fields.len()).unwrap_or(u32::MAX),
        }
    }

    /// A command that the browser has carried out.
    fn note(&self, method: &Method, path: &str, body: Option<&Value>) {
        if method != Method::POST {
            return;
        }
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut parts = path.rsplit('/');
        match (parts.next(), parts.next(), parts.next()) {
            (Some("click"), _, Some("element")) => counted.clicks += 1,
            // A field that is emptied first, or corrected, is one field.
            (Some("value"), Some(element), Some("element")) => {
                counted.fields.insert(element.to_owned());
            }
            (Some("actions"), ..) => counted.clicks += body.map_or(0, presses),
            _ => {}
        }
    }
}

/// Presses of mouse and keys in a chain of actions.
fn presses(body: &Value) -> u32 {
    let sources = body.get("actions").and_then(Value::as_array);
    let presses = sources
        .into_iter()
        .flatten()
        .filter_map(|source| source.get("actions")?.as_array())
        .flatten()
        .filter(|action| {
            let kind = action.get("type").and_then(Value::as_str);
            matches!(kind, Some("pointerDown" | "keyDown"))
        });
    u32::try_from(presses.count()).unwrap_or(u32::MAX)
}

/// A driver's client that counts what it is told to do.
#[derive(Clone, Debug)]
pub(crate) struct CountingClient {
    pub(crate) inner: reqwest::Client,
    pub(crate) counter: Counter,
}

type Sending<'a> = Pin<Box<dyn Future<Output = WebDriverResult<Response<Bytes>>> + Send + 'a>>;
type Making<'a> = Pin<Box<dyn Future<Output = Arc<dyn HttpClient>> + Send + 'a>>;

impl HttpClient for CountingClient {
    fn send<'a, 'b, 'c>(&'a self, request: Request<Body<'b>>) -> Sending<'c>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        Box::pin(async move {
            let method = request.method().clone();
            let path = request.uri().path().to_owned();
            let body = match request.body() {
                Body::Json(body) => Some((*body).clone()),
                Body::Empty => None,
            };
            let response = HttpClient::send(&self.inner, request).await?;
            // A click that the browser refused, because something lay over it, is tried again.
            if response.status().is_success() {
                self.counter.note(&method, &path, body.as_ref());
            }
            Ok(response)
        })
    }

    fn new<'a, 'c>(&'a self) -> Making<'c>
    where
        'a: 'c,
        Self: 'c,
    {
        Box::pin(async move { Arc::new(self.clone()) as Arc<dyn HttpClient> })
    }
}

#[cfg(test)]
mod tests {
    use hyper::Method;
    use serde_json::json;

    use super::{Counter, Effort};

    #[test]
    fn clicks_and_fields_are_counted_and_looks_are_not() {
        let counter = Counter::default();
        let post = |path: &str| counter.note(&Method::POST, path, None);
        post("/session/s/element/a/click");
        post("/session/s/element/b/value");
        post("/session/s/element/b/value");
        post("/session/s/element/c/value");
        post("/session/s/element");
        post("/session/s/execute/sync");
        post("/session/s/url");
        counter.note(&Method::GET, "/session/s/element/a/property/value", None);
        let first = counter.effort();
        assert_eq!(
            first,
            Effort {
                clicks: 1,
                fields: 2
            }
        );
        let chain = json!({ "actions": [
            { "type": "pointer", "actions": [
                { "type": "pointerMove" }, { "type": "pointerDown" }, { "type": "pointerUp" },
            ] },
            { "type": "key", "actions": [
                { "type": "pause" }, { "type": "keyDown" }, { "type": "keyUp" },
            ] },
        ] });
        counter.note(&Method::POST, "/session/s/actions", Some(&chain));
        let since = counter.effort() - first;
        assert_eq!(
            since,
            Effort {
                clicks: 2,
                fields: 0
            }
        );
    }
}
