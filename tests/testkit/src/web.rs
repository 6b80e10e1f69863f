//! Strangers' servers, all of them on this machine: real HTTP over loopback.

use std::{
    cell::{Cell, RefCell},
    convert::Infallible,
    net::SocketAddr,
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::Request,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use futures::StreamExt as _;
use mail_client::ports::{HttpResponse, TransportError, WebFetch, WebLimits};
use tokio::sync::Notify;

/// What a stranger's server does with a request.
pub enum Stranger {
    /// Answers with these bytes.
    Has(Vec<u8>),
    /// Has nothing there.
    HasNot,
    /// Sends without end, and without saying how much.
    Endless,
    /// Sends its head and then nothing more.
    Stalls,
    /// Never answers.
    Silent,
    /// Sends the client elsewhere.
    MovedTo(String),
}

type Decide = dyn Fn(&str, &str) -> Stranger + Send + Sync;

/// A server that plays every host of the world. Dropping it stops it.
pub struct Strangers {
    address: SocketAddr,
    asked: Arc<Notify>,
    task: tokio::task::JoinHandle<()>,
}

impl Strangers {
    /// Starts it; `decide` is given the host and the path with its query.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(
        decide: impl Fn(&str, &str) -> Stranger + Send + Sync + 'static,
    ) -> anyhow::Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let asked = Arc::new(Notify::new());
        let (told, decide) = (
            Arc::clone(&asked),
            Arc::<Decide>::from(Box::new(decide) as Box<Decide>),
        );
        let router = Router::new().fallback(move |request: Request| {
            let (told, decide) = (Arc::clone(&told), Arc::clone(&decide));
            async move {
                let host = request.headers().get(header::HOST);
                let host = host.and_then(|h| h.to_str().ok()).unwrap_or_default();
                let path = request.uri().path_and_query();
                let path = path.map_or("", |p| p.as_str());
                let answer = decide(host, path);
                told.notify_one();
                respond(answer).await
            }
        });
        let task = tokio::spawn(async move {
            let _stopped = axum::serve(listener, router).await;
        });
        Ok(Self {
            address,
            asked,
            task,
        })
    }

    /// Waits until it was asked something.
    pub async fn asked(&self) {
        self.asked.notified().await;
    }
}

impl Drop for Strangers {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn respond(answer: Stranger) -> Response {
    match answer {
        Stranger::Has(bytes) => bytes.into_response(),
        Stranger::HasNot => StatusCode::NOT_FOUND.into_response(),
        Stranger::Endless => {
            let piece = Bytes::from_static(&[0x99; 4096]);
            let pieces = futures::stream::repeat(Ok::<_, Infallible>(piece));
            Body::from_stream(pieces).into_response()
        }
        Stranger::Stalls => {
            let first = futures::stream::iter([Ok::<_, Infallible>(Bytes::from_static(&[0x99]))]);
            Body::from_stream(first.chain(futures::stream::pending())).into_response()
        }
        Stranger::Silent => std::future::pending().await,
        Stranger::MovedTo(place) => {
            (StatusCode::FOUND, [(header::LOCATION, place)]).into_response()
        }
    }
}

/// `GET` from [`Strangers`], whatever host an https URL names; every URL asked for is noted.
#[derive(Clone, Default)]
pub struct LocalWeb(Rc<Asked>);

#[derive(Default)]
struct Asked {
    server: Cell<Option<SocketAddr>>,
    urls: RefCell<Vec<String>>,
}

impl LocalWeb {
    /// From now on these servers answer; before, none does.
    pub fn meet(&self, strangers: &Strangers) {
        self.0.server.set(Some(strangers.address));
    }

    /// Every URL that was asked for, in order.
    pub fn urls(&self) -> Vec<String> {
        self.0.urls.borrow().clone()
    }

    async fn fetch(&self, url: &str, limit: usize) -> Result<HttpResponse, TransportError> {
        let lost = |_| TransportError::Unreachable;
        let server = self.0.server.get().ok_or(TransportError::Unreachable)?;
        let rest = url
            .strip_prefix("https://")
            .ok_or(TransportError::Unreachable)?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(lost)?;
        let request = client
            .get(format!("http://{server}/{path}"))
            .header("host", host);
        let response = request.send().await.map_err(lost)?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        let mut pieces = response.bytes_stream();
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(lost)?;
            if piece.len() > limit - body.len() {
                return Err(TransportError::TooLarge);
            }
            body.extend_from_slice(&piece);
        }
        Ok(HttpResponse {
            status,
            content_type: String::new(),
            body,
        })
    }
}

impl WebFetch for LocalWeb {
    async fn get(&self, url: &str, limits: WebLimits) -> Result<HttpResponse, TransportError> {
        self.0.urls.borrow_mut().push(url.to_owned());
        let time = Duration::from_secs(limits.seconds.into());
        tokio::time::timeout(time, self.fetch(url, limits.bytes))
            .await
            .unwrap_or(Err(TransportError::TimedOut))
    }
}
