//! The whole web, as far as the browsers of these tests know it: every name leads here.
//!
//! One listener speaks TLS with a certificate made on the spot, one speaks plainly. Every request
//! is written down with its host, path and body, so that a test can tell what left the browser.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

const LARGEST_BODY: usize = 256 << 20;

/// A request that some page, frame, worker or extension made.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `GET`, `POST`, ...
    pub method: String,
    /// Host without port
    pub host: String,
    /// Path without query
    pub path: String,
    /// Query without `?`
    pub query: String,
    /// What was sent
    pub body: Vec<u8>,
    /// It came over TLS
    pub tls: bool,
}

impl Asked {
    /// A parameter of the query, decoded.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<String> {
        self.query.split('&').find_map(|pair| {
            let (key, value) = pair.split_once('=')?;
            (key == name).then(|| percent_decoded(value))
        })
    }
}

/// What a site says.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// HTTP status; 0 for 200
    pub status: u16,
    /// Header fields
    pub headers: Vec<(&'static str, String)>,
    /// The body
    pub body: Vec<u8>,
}

impl Said {
    /// A body of this media type.
    #[must_use]
    pub fn body(media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status: 200,
            headers: vec![("content-type", media_type.to_owned())],
            body: body.into(),
        }
    }

    /// JSON.
    #[must_use]
    pub fn json(value: &serde_json::Value) -> Self {
        Self::body("application/json", value.to_string())
    }

    /// Nothing here.
    #[must_use]
    pub fn not_found() -> Self {
        Self {
            status: 404,
            ..Self::default()
        }
    }

    /// One more header field.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// What stands at a name.
pub trait Site: Send + Sync {
    /// Answers a request.
    fn answer(&self, asked: &Asked) -> Said;
}

impl<F: Fn(&Asked) -> Said + Send + Sync> Site for F {
    fn answer(&self, asked: &Asked) -> Said {
        self(asked)
    }
}

#[derive(Default)]
struct State {
    sites: Mutex<BTreeMap<String, Arc<dyn Site>>>,
    asked: Mutex<Vec<Asked>>,
    greeted: Mutex<Vec<String>>,
}

/// The listeners.
pub struct Web {
    state: Arc<State>,
    /// Where port 443 of every name leads
    pub tls: SocketAddr,
    /// Where port 80 of every name leads
    pub plain: SocketAddr,
}

impl std::fmt::Debug for Web {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Web({}, {})", self.tls, self.plain)
    }
}

impl Web {
    /// Begins to listen on free ports.
    ///
    /// # Errors
    ///
    /// When no port or certificate can be had.
    pub async fn start() -> Result<Self> {
        let state = Arc::new(State::default());
        let tls = TcpListener::bind("127.0.0.1:0").await?;
        let plain = TcpListener::bind("127.0.0.1:0").await?;
        let web = Self {
            state: Arc::clone(&state),
            tls: tls.local_addr()?,
            plain: plain.local_addr()?,
        };
        let acceptor = acceptor()?;
        tokio::spawn(async move {
            while let Ok((connection, _)) = plain.accept().await {
                tokio::spawn(serve(Arc::clone(&state), connection, false));
            }
        });
        let state = Arc::clone(&web.state);
        tokio::spawn(async move {
            while let Ok((connection, _)) = tls.accept().await {
                let (acceptor, state) = (acceptor.clone(), Arc::clone(&state));
                tokio::spawn(async move {
                    // Browsers open connections that they never use.
                    if let Ok(connection) = acceptor.accept(connection).await {
                        let name = connection.get_ref().1.server_name();
                        lock(&state.greeted).push(name.unwrap_or_default().to_owned());
                        serve(state, connection, true).await;
                    }
                });
            }
        });
        Ok(web)
    }

    /// Puts a site at a name.
    pub fn put(&self, host: &str, site: impl Site + 'static) {
        lock(&self.state.sites).insert(host.to_owned(), Arc::new(site));
    }

    /// All requests so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        lock(&self.state.asked).clone()
    }

    /// The names that browsers opened TLS connections for, whether they asked for something or
    /// not: a preconnection tells as much as a request.
    #[must_use]
    pub fn greeted(&self) -> Vec<String> {
        lock(&self.state.greeted).clone()
    }

    /// How many requests there were so far; a mark for [`Web::since`].
    #[must_use]
    pub fn mark(&self) -> usize {
        lock(&self.state.asked).len()
    }

    /// Requests after a mark.
    #[must_use]
    pub fn since(&self, mark: usize) -> Vec<Asked> {
        lock(&self.state.asked)
            .get(mark..)
            .unwrap_or_default()
            .to_vec()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn acceptor() -> Result<TlsAcceptor> {
    let names = [
        "mail.google.com",
        "outlook.live.com",
        "mail.yahoo.com",
        "*.example.org",
        "*.test",
        "localhost",
    ]
    .map(str::to_owned);
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names.to_vec())?;
    let key = PrivateKeyDer::try_from(signing_key.serialize_der())
        .map_err(|problem| anyhow::anyhow!("{problem}"))?;
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .context("the certificate made for the tests")?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

async fn serve<C>(state: Arc<State>, connection: C, tls: bool)
where
    C: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let state = Arc::clone(&state);
        async move { answer(&state, request, tls).await }
    });
    // Whoever hangs up in the middle has been counted all the same.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(connection), service)
        .await;
}

async fn answer(
    state: &State,
    request: hyper::Request<Incoming>,
    tls: bool,
) -> Result<hyper::Response<Full<Bytes>>> {
    let host = request
        .headers()
        .get("host")
        .and_then(|host| host.to_str().ok())
        .and_then(|host| host.split(':').next())
        .unwrap_or_default()
        .to_owned();
    let asked = Asked {
        method: request.method().to_string(),
        host,
        path: percent_decoded(request.uri().path()),
        query: request.uri().query().unwrap_or_default().to_owned(),
        body: Limited::new(request.into_body(), LARGEST_BODY)
            .collect()
            .await
            .map_err(|problem| anyhow::anyhow!("{problem}"))?
            .to_bytes()
            .to_vec(),
        tls,
    };
    lock(&state.asked).push(asked.clone());
    let site = lock(&state.sites).get(&asked.host).cloned();
    let said = site.map_or_else(Said::not_found, |site| site.answer(&asked));
    let mut response = hyper::Response::builder()
        .status(if said.status == 0 { 200 } else { said.status })
        .header("cache-control", "no-store");
    for (name, value) in said.headers {
        response = response.header(name, value);
    }
    Ok(response.body(Full::new(Bytes::from(said.body)))?)
}

/// `%40` and `+` of an address, as text.
#[must_use]
pub fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits: Vec<u8> = rest.by_ref().take(2).collect();
            let upper = digits.to_ascii_uppercase();
            bytes.extend(data_encoding::HEXUPPER.decode(&upper).unwrap_or(digits));
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
