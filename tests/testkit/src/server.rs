//! A server in this process, and a transport to it that can lie, lose and fail.

use std::{
    cell::{Cell, RefCell},
    net::SocketAddr,
    rc::Rc,
};

use anyhow::Context as _;
use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{Request, header},
};
use futures::StreamExt as _;
use mail_client::ports::{HttpRequest, HttpResponse, Method, Transport, TransportError};
use serde_json::{Value, json};
use server_stub::{AppState, Config};
use tempfile::TempDir;
use tower::ServiceExt as _;
use wire::{jmap, routes};

use crate::http::feed_events;

/// Where the wire is cut for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// It goes through.
    No,
    /// The server never hears of it.
    Before,
    /// The server does its work, and the answer is lost.
    After,
}

type Cutter = Box<dyn FnMut(&HttpRequest) -> Cut>;
type Tamper = Box<dyn FnMut(&HttpRequest, &mut HttpResponse)>;

/// A real server over a database of its own.
pub struct TestServer {
    data: TempDir,
    router: RefCell<Option<Router>>,
    state: RefCell<Option<AppState>>,
    cutter: RefCell<Option<Cutter>>,
    tamper: RefCell<Option<Tamper>>,
    requests: Cell<usize>,
}

impl TestServer {
    /// Starts a server.
    ///
    /// # Errors
    /// When the database cannot be made.
    pub async fn start() -> anyhow::Result<Rc<Self>> {
        let server = Rc::new(Self {
            data: tempfile::tempdir()?,
            router: RefCell::new(None),
            state: RefCell::new(None),
            cutter: RefCell::new(None),
            tamper: RefCell::new(None),
            requests: Cell::new(0),
        });
        server.restart().await?;
        Ok(server)
    }

    /// Starts it again over the same database: everything in memory is gone.
    ///
    /// # Errors
    /// When the database cannot be opened.
    pub async fn restart(&self) -> anyhow::Result<()> {
        self.router.replace(None);
        let mut config = Config::new(self.data.path(), crate::DOMAIN);
        config.rates = server_stub::Rates::generous();
        let state = AppState::open(config).await?;
        self.router.replace(Some(server_stub::app(state.clone())));
        self.state.replace(Some(state));
        Ok(())
    }

    /// Puts raw bytes into an account's inbox, the way any JMAP client with a mail token can: what
    /// is read there is what an attacker wrote, however it came in.
    ///
    /// # Errors
    /// When the server refuses it.
    pub async fn put_raw(self: &Rc<Self>, address: &str, raw: &[u8]) -> anyhow::Result<()> {
        let state = self.state.borrow().clone().context("running")?;
        let token = state.make_mail_token(address).await?.to_string();
        let wire = InProcess(Rc::clone(self));
        let ask = async |method, path: String, body: Vec<u8>, kind| {
            let response = wire
                .send(HttpRequest {
                    method,
                    path,
                    token: Some(token.clone()),
                    content_type: Some(kind),
                    body,
                })
                .await?;
            anyhow::ensure!(response.status < 300, "status {}", response.status);
            Ok(serde_json::from_slice::<Value>(&response.body)?)
        };
        let json_type = "application/json";
        let session = ask(
            Method::Get,
            routes::JMAP_SESSION.into(),
            Vec::new(),
            json_type,
        )
        .await?;
        let account = session
            .get("primaryAccounts")
            .and_then(|accounts| accounts.get(jmap::MAIL))
            .and_then(Value::as_str)
            .context("account")?
            .to_owned();
        let upload = format!("{}/{account}", routes::JMAP_UPLOAD);
        let blob = ask(Method::Post, upload, raw.to_vec(), "message/rfc822").await?;
        let call = async |call: Value| {
            let using = [jmap::CORE, jmap::MAIL];
            let body = serde_json::to_vec(&json!({"using": using, "methodCalls": [call]}))?;
            ask(Method::Post, routes::JMAP_API.into(), body, json_type).await
        };
        let query =
            json!(["Mailbox/query", {"accountId": account, "filter": {"role": "inbox"}}, "m"]);
        let found = call(query).await?;
        let inbox = found
            .pointer("/methodResponses/0/1/ids/0")
            .and_then(Value::as_str)
            .context("inbox")?;
        let done = call(
            json!(["Email/import", {"accountId": account, "emails": {"m": {
            "blobId": blob.get("blobId"), "mailboxIds": {inbox: true}}}}, "0"]),
        )
        .await?;
        let created = done.pointer("/methodResponses/0/1/created/m");
        anyhow::ensure!(created.is_some_and(|v| !v.is_null()), "not taken: {done}");
        Ok(())
    }

    /// The directory of its database.
    pub fn data(&self) -> &std::path::Path {
        self.data.path()
    }

    /// How many requests reached it.
    pub fn requests(&self) -> usize {
        self.requests.get()
    }

    /// Decides for each request where the wire is cut.
    pub fn cut(&self, cutter: impl FnMut(&HttpRequest) -> Cut + 'static) {
        self.cutter.replace(Some(Box::new(cutter)));
    }

    /// Takes the server off the net.
    pub fn go_offline(&self) {
        self.cut(|_| Cut::Before);
    }

    /// Alters answers on their way.
    pub fn tamper(&self, tamper: impl FnMut(&HttpRequest, &mut HttpResponse) + 'static) {
        self.tamper.replace(Some(Box::new(tamper)));
    }

    /// The wire is whole and honest again.
    pub fn behave(&self) {
        self.cutter.replace(None);
        self.tamper.replace(None);
    }

    async fn handle(
        &self,
        request: &HttpRequest,
    ) -> Result<axum::response::Response, TransportError> {
        let router = self
            .router
            .borrow()
            .clone()
            .ok_or(TransportError::Unreachable)?;
        let mut builder = Request::builder()
            .uri(&request.path)
            .method(match request.method {
                Method::Get => "GET",
                Method::Post => "POST",
            })
            .header(header::HOST, "localhost");
        if let Some(token) = &request.token {
            builder = builder.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(kind) = request.content_type {
            builder = builder.header(header::CONTENT_TYPE, kind);
        }
        let mut http = builder
            .body(Body::from(request.body.clone()))
            .map_err(|_| TransportError::Unreachable)?;
        http.extensions_mut()
            .insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 1))));
        self.requests.set(self.requests.get() + 1);
        router
            .oneshot(http)
            .await
            .map_err(|_| TransportError::Unreachable)
    }
}

/// The transport to a [`TestServer`].
pub struct InProcess(pub Rc<TestServer>);

impl InProcess {
    fn where_cut(&self, request: &HttpRequest) -> Cut {
        self.0
            .cutter
            .borrow_mut()
            .as_mut()
            .map_or(Cut::No, |cutter| cutter(request))
    }
}

impl Transport for InProcess {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let cut = self.where_cut(&request);
        if cut == Cut::Before {
            return Err(TransportError::Unreachable);
        }
        let response = self.0.handle(&request).await?;
        let status = response.status().as_u16();
        let content_type = response
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|v| v.to_str().ok())
            .and_then(|v| v.split(';').next())
            .unwrap_or_default()
            .to_owned();
        let body = axum::body::to_bytes(response.into_body(), 64 << 20)
            .await
            .map_err(|_| TransportError::TooLarge)?
            .to_vec();
        if cut == Cut::After {
            return Err(TransportError::Unreachable);
        }
        let mut response = HttpResponse {
            status,
            content_type,
            body,
        };
        if let Some(tamper) = self.0.tamper.borrow_mut().as_mut() {
            tamper(&request, &mut response);
        }
        Ok(response)
    }

    async fn events(
        &self,
        request: HttpRequest,
        on_event: &mut dyn FnMut(&str) -> bool,
    ) -> Result<(), TransportError> {
        if self.where_cut(&request) != Cut::No {
            return Err(TransportError::Unreachable);
        }
        let response = self.0.handle(&request).await?;
        if !response.status().is_success() {
            return Err(TransportError::Unreachable);
        }
        let mut stream = response.into_body().into_data_stream();
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
