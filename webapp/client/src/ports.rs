//! What the client asks of the world; each platform brings its own.
//!
//! None of the futures is `Send`: browsers have one thread, and natively the client runs on a
//! single-threaded executor.

use crypto_core::ids::UnixTime;

/// An HTTP method the client uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET
    Get,
    /// POST
    Post,
}

/// A request to the server.
#[derive(Clone)]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// A path that begins with `/`, relative to the server's address.
    pub path: String,
    /// Bearer token; a secret.
    pub token: Option<String>,
    /// Media type of the body.
    pub content_type: Option<&'static str>,
    /// The body.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Neither token, body nor query: a log of this must tell nothing.
        write!(
            f,
            "HttpRequest({:?} {})",
            self.method,
            self.path.split('?').next().unwrap_or("")
        )
    }
}

/// What came back.
#[derive(Clone)]
pub struct HttpResponse {
    /// The status.
    pub status: u16,
    /// Media type, without parameters.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

/// Why no answer came back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No connection, or it broke.
    #[error("the server cannot be reached")]
    Unreachable,
    /// The answer was larger than the client takes.
    #[error("the server's answer is too large")]
    TooLarge,
    /// The request took longer than its limit.
    #[error("the server did not answer in time")]
    TimedOut,
}

/// HTTP to one server.
#[allow(async_fn_in_trait)] // never Send, see the module
pub trait Transport {
    /// Sends a request and reads the whole answer (at most 64 MiB, at most 60 s).
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError>;

    /// Opens server-sent events and calls `on_event` with each `data:` payload. Ends when the
    /// connection does or when `on_event` returns false.
    async fn events(
        &self,
        request: HttpRequest,
        on_event: &mut dyn FnMut(&str) -> bool,
    ) -> Result<(), TransportError>;
}

/// How much of a stranger's server is borne.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebLimits {
    /// The largest answer, in bytes.
    pub bytes: usize,
    /// The longest time for the whole exchange, in seconds.
    pub seconds: u32,
}

/// `GET` from servers that are not the account's own, such as a Web Key Directory.
///
/// Neither cookies nor other credentials nor a referrer are sent, nothing is kept in a cache, and
/// an answer that came by way of another scheme than https is none.
#[allow(async_fn_in_trait)] // never Send, see the module
pub trait WebFetch {
    /// Fetches an `https:` URL. Any status is an answer.
    async fn get(&self, url: &str, limits: WebLimits) -> Result<HttpResponse, TransportError>;
}

/// No servers but the account's own.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoWeb;

impl WebFetch for NoWeb {
    async fn get(&self, _: &str, _: WebLimits) -> Result<HttpResponse, TransportError> {
        Err(TransportError::Unreachable)
    }
}

/// The time of day.
pub trait Clock {
    /// Seconds since 1970.
    fn now(&self) -> UnixTime;
}

/// Bytes nobody can guess.
pub trait Entropy {
    /// A generator seeded by the platform.
    type Rng: rand::RngCore + rand::CryptoRng;
    /// Makes one.
    fn rng(&self) -> Self::Rng;
}

/// Everything a platform brings, as one type parameter.
pub trait Platform {
    /// HTTP.
    type Transport: Transport;
    /// HTTP to strangers' servers; [`NoWeb`] where none is asked.
    type Web: WebFetch;
    /// Sealed objects on this device.
    type Store: crypto_core::vault::ObjectStore;
    /// Bulk encryption.
    type Engine: crypto_core::bulk::BulkEngine;
    /// Time.
    type Clock: Clock;
    /// Randomness.
    type Entropy: Entropy;

    /// HTTP.
    fn transport(&self) -> &Self::Transport;
    /// HTTP to strangers' servers.
    fn web(&self) -> &Self::Web;
    /// The device's store.
    fn store(&self) -> &Self::Store;
    /// Bulk encryption.
    fn engine(&self) -> &Self::Engine;
    /// Time.
    fn clock(&self) -> &Self::Clock;
    /// Randomness.
    fn entropy(&self) -> &Self::Entropy;
}
