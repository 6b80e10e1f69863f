//! A transport over a real socket, for programs that talk to a running server.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crypto_core::{bulk::NativeEngine, ids::UnixTime, vault::MemoryStore};
use futures::StreamExt as _;
use mail_client::ports::{
    Clock, Entropy, HttpRequest, HttpResponse, Method, NoWeb, Platform, Transport, TransportError,
};

/// HTTP to a server address such as `http://127.0.0.1:8080`.
pub struct HttpTransport {
    base: String,
    client: reqwest::Client,
}

impl HttpTransport {
    /// A transport to this address.
    pub fn new(base: &str) -> Self {
        Self {
            base: base.trim_end_matches('/').to_owned(),
            client: reqwest::Client::new(),
        }
    }

    async fn request(&self, request: HttpRequest) -> Result<reqwest::Response, TransportError> {
        let url = format!("{}{}", self.base, request.path);
        let mut builder = match request.method {
            Method::Get => self.client.get(url),
            Method::Post => self.client.post(url).body(request.body),
        };
        if let Some(token) = request.token {
            builder = builder.bearer_auth(token);
        }
        if let Some(kind) = request.content_type {
            builder = builder.header("content-type", kind);
        }
        builder.send().await.map_err(|e| {
            if e.is_timeout() {
                TransportError::TimedOut
            } else {
                TransportError::Unreachable
            }
        })
    }
}

impl Transport for HttpTransport {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let work = async {
            let response = self.request(request).await?;
            let status = response.status().as_u16();
            let content_type = response
                .headers()
                .get("content-type")
                .and_then(|v| v.to_str().ok())
                .and_then(|v| v.split(';').next())
                .unwrap_or_default()
                .to_owned();
            let body = response
                .bytes()
                .await
                .map_err(|_| TransportError::Unreachable)?
                .to_vec();
            Ok(HttpResponse {
                status,
                content_type,
                body,
            })
        };
        tokio::time::timeout(Duration::from_secs(60), work)
            .await
            .unwrap_or(Err(TransportError::TimedOut))
    }

    async fn events(
        &self,
        request: HttpRequest,
        on_event: &mut dyn FnMut(&str) -> bool,
    ) -> Result<(), TransportError> {
        let mut stream = self.request(request).await?.bytes_stream();
        let mut text = String::new();
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|_| TransportError::Unreachable)?;
            if !feed_events(&mut text, &chunk, on_event) {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// Takes a piece of an event stream and calls `on_event` with each whole `data:` line; false when
/// it has heard enough. Our server writes one line an event.
pub(crate) fn feed_events(
    text: &mut String,
    piece: &[u8],
    on_event: &mut dyn FnMut(&str) -> bool,
) -> bool {
    text.push_str(&String::from_utf8_lossy(piece));
    while let Some(end) = text.find('\n') {
        let line: String = text.drain(..=end).collect();
        if let Some(data) = line.trim_end().strip_prefix("data:")
            && !on_event(data.trim_start())
        {
            return false;
        }
    }
    true
}

/// The system's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UnixTime {
        UnixTime(
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |d| d.as_secs()),
        )
    }
}

/// The system's randomness.
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    type Rng = rand::rngs::ThreadRng;

    fn rng(&self) -> Self::Rng {
        rand::thread_rng()
    }
}

/// A client's ports over a socket, forgetting everything at the end.
pub struct HttpPlatform {
    transport: HttpTransport,
    store: MemoryStore,
    engine: NativeEngine,
}

impl HttpPlatform {
    /// Ports to a server.
    pub fn new(base: &str) -> Self {
        Self {
            transport: HttpTransport::new(base),
            store: MemoryStore::default(),
            engine: NativeEngine,
        }
    }
}

impl Platform for HttpPlatform {
    type Transport = HttpTransport;
    type Web = NoWeb;
    type Store = MemoryStore;
    type Engine = NativeEngine;
    type Clock = SystemClock;
    type Entropy = SystemEntropy;

    fn transport(&self) -> &HttpTransport {
        &self.transport
    }
    fn web(&self) -> &NoWeb {
        &NoWeb
    }
    fn store(&self) -> &MemoryStore {
        &self.store
    }
    fn engine(&self) -> &NativeEngine {
        &self.engine
    }
    fn clock(&self) -> &SystemClock {
        &SystemClock
    }
    fn entropy(&self) -> &SystemEntropy {
        &SystemEntropy
    }
}
