//! A server in a temporary directory, and a client that speaks plain HTTP to it.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use crypto_core::{
    bulk::NativeEngine,
    ids::UnixTime,
    mime,
    openpgp::{self, DecryptRequest, GeneratedKey, Limits as OpenLimits, Profile, UserId},
    secret::Secret,
    srp::{ClientHandshake, Group, make_verifier},
};
use rand::{RngCore, rngs::OsRng};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use server_stub::{AppState, Clock, Config, Rates, app};
use tempfile::TempDir;
use tower::ServiceExt;
use wire::{
    Base64Bytes,
    auth::{
        Credentials, KdfParameters, LoginFinishRequest, LoginFinishResponse, LoginGrant,
        LoginStartRequest, LoginStartResponse, RegisterRequest, SrpGroup,
    },
    problem::Problem,
    routes,
};

/// The capabilities most requests use.
pub(crate) const USING: [&str; 4] = [
    "urn:ietf:params:jmap:core",
    "urn:ietf:params:jmap:mail",
    "urn:ietf:params:jmap:submission",
    "urn:letterlock:jmap:objects",
];

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Looks that this is a problem of a kind, with the right media type and status.
    pub(crate) fn is_problem(&self, kind: &str, status: u16) {
        let problem: Problem = self.json();
        assert!(problem.is(kind), "{problem:?}");
        assert_eq!((problem.status, self.status.as_u16()), (status, status));
        assert_eq!(self.header("content-type"), wire::problem::CONTENT_TYPE);
    }
}

/// A server whose clock stands until it is moved.
pub(crate) struct Server {
    pub(crate) folder: TempDir,
    pub(crate) state: AppState,
    pub(crate) router: Router,
    time: Arc<AtomicU64>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| ()).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap();
        let time = Arc::new(AtomicU64::new(now.as_secs()));
        Self::open(tempfile::tempdir().unwrap(), time, change).await
    }

    async fn open(folder: TempDir, time: Arc<AtomicU64>, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::new(folder.path(), "example.org");
        config.rates = Rates::generous();
        let hand = Arc::clone(&time);
        config.clock = Clock::new(move || UnixTime(hand.load(Ordering::SeqCst)));
        change(&mut config);
        let state = AppState::open(config).await.unwrap();
        Self {
            folder,
            router: app(state.clone()),
            state,
            time,
        }
    }

    /// Ends the server and starts it again on the same data.
    pub(crate) async fn restart(self) -> Self {
        let Self {
            folder,
            state,
            router,
            time,
        } = self;
        drop(router);
        state.close().await;
        drop(state);
        Self::open(folder, time, |_| ()).await
    }

    pub(crate) fn now(&self) -> u64 {
        self.time.load(Ordering::SeqCst)
    }

    pub(crate) fn pass_time(&self, seconds: u64) {
        self.time.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    pub(crate) async fn get(&self, path: &str, token: Option<&str>) -> Answer {
        self.send(request(Method::GET, path, token, None, Body::empty()))
            .await
    }

    pub(crate) async fn post(
        &self,
        path: &str,
        token: Option<&str>,
        body: &impl Serialize,
    ) -> Answer {
        let body = Body::from(serde_json::to_vec(body).unwrap());
        self.send(request(
            Method::POST,
            path,
            token,
            Some("application/json"),
            body,
        ))
        .await
    }

    /// Makes an account and logs in.
    pub(crate) async fn account(&self, name: &str) -> Person {
        let person = Person::make(name, self.now());
        let answer = self
            .post(routes::REGISTER, None, &person.registration())
            .await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        self.log_in(person).await
    }

    /// Logs in and keeps the token.
    pub(crate) async fn log_in(&self, mut person: Person) -> Person {
        let grant = self
            .try_log_in(&person.address, &person.login_secret)
            .await
            .unwrap();
        person.token = grant.token;
        person.account = grant.account_id;
        person.revision = grant.credentials_revision;
        person
    }

    pub(crate) async fn login_start(&self, address: &str) -> Answer {
        let request = LoginStartRequest {
            address: address.to_owned(),
        };
        self.post(routes::LOGIN_START, None, &request).await
    }

    /// A whole login; the answer of the step that failed otherwise.
    pub(crate) async fn try_log_in(
        &self,
        address: &str,
        secret: &[u8; 32],
    ) -> Result<LoginGrant, Answer> {
        let answer = self.login_start(address).await;
        if answer.status != StatusCode::OK {
            return Err(answer);
        }
        let start: LoginStartResponse = answer.json();
        let (client, a_pub) = ClientHandshake::start(Group::Bits3072, &mut OsRng);
        let secret = Secret::new(*secret);
        let proof = client
            .answer(address, &secret, &start.salt.0, &start.b_pub.0)
            .unwrap();
        let request = LoginFinishRequest {
            login_id: start.login_id,
            a_pub: Base64Bytes(a_pub),
            client_proof: Base64Bytes(proof.proof().to_vec()),
        };
        let answer = self.post(routes::LOGIN_FINISH, None, &request).await;
        if answer.status != StatusCode::OK {
            return Err(answer);
        }
        let finish: LoginFinishResponse = answer.json();
        let session = proof.verify_server(&finish.server_proof.0).unwrap();
        let grant = session.open_grant(&finish.sealed_grant.0).unwrap();
        Ok(serde_json::from_slice(&grant).unwrap())
    }

    /// Method calls as raw JSON; the method responses.
    pub(crate) async fn jmap(&self, person: &Person, calls: Value) -> Vec<Value> {
        let answer = self.jmap_raw(
            &person.token,
            json!({ "using": USING, "methodCalls": calls }),
        );
        let answer = answer.await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        let value: Value = answer.json();
        value["methodResponses"].as_array().unwrap().clone()
    }

    pub(crate) async fn jmap_raw(&self, token: &str, body: Value) -> Answer {
        self.post(routes::JMAP_API, Some(token), &body).await
    }

    /// One method call with the account filled in; its arguments, or the error.
    pub(crate) async fn call(&self, person: &Person, name: &str, mut arguments: Value) -> Value {
        arguments["accountId"] = person.account.clone().into();
        let responses = self.jmap(person, json!([[name, arguments, "c"]])).await;
        responses[0][1].clone()
    }

    pub(crate) async fn upload(&self, person: &Person, bytes: impl Into<Bytes>) -> String {
        let path = format!("{}/{}", routes::JMAP_UPLOAD, person.account);
        let body = Body::from(bytes.into());
        let kind = Some("message/rfc822");
        let answer = self
            .send(request(
                Method::POST,
                &path,
                Some(&person.token),
                kind,
                body,
            ))
            .await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        let value: Value = answer.json();
        value["blobId"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn download(&self, person: &Person, blob: &str) -> Answer {
        let path = format!(
            "{}/{}/{blob}/mail.eml",
            routes::JMAP_DOWNLOAD,
            person.account
        );
        self.get(&path, Some(&person.token)).await
    }

    /// The id of the mailbox with a role.
    pub(crate) async fn mailbox(&self, person: &Person, role: &str) -> String {
        let all = self.call(person, "Mailbox/get", json!({})).await;
        let list = all["list"].as_array().unwrap();
        let found = list.iter().find(|mailbox| mailbox["role"] == role).unwrap();
        found["id"].as_str().unwrap().to_owned()
    }

    /// Stores a message in a mailbox; what `Email/import` says of it.
    pub(crate) async fn import(&self, person: &Person, role: &str, message: &str) -> Value {
        let blob = self.upload(person, message.as_bytes().to_vec()).await;
        let mailbox = self.mailbox(person, role).await;
        let emails = json!({ "e": { "blobId": blob, "mailboxIds": { mailbox: true } } });
        let answer = self
            .call(person, "Email/import", json!({ "emails": emails }))
            .await;
        assert!(answer["created"]["e"]["id"].is_string(), "{answer}");
        answer["created"]["e"].clone()
    }

    /// Imports a message and sends it in one request; the responses.
    pub(crate) async fn send_mail(
        &self,
        person: &Person,
        to: &[&str],
        message: &str,
    ) -> Vec<Value> {
        let blob = self.upload(person, message.as_bytes().to_vec()).await;
        let sent = self.mailbox(person, "sent").await;
        let rcpt: Vec<Value> = to
            .iter()
            .map(|address| json!({ "email": address }))
            .collect();
        let calls = json!([
            ["Email/import", { "accountId": person.account, "emails": { "m": {
                "blobId": blob, "mailboxIds": { sent: true }, "keywords": { "$seen": true } } } },
                "0"],
            ["EmailSubmission/set", { "accountId": person.account, "create": { "s": {
                "identityId": "main", "emailId": "#m",
                "envelope": { "mailFrom": { "email": person.address }, "rcptTo": rcpt } } } },
                "1"],
        ]);
        self.jmap(person, calls).await
    }

    /// The emails in a mailbox, newest first.
    pub(crate) async fn emails_in(&self, person: &Person, role: &str) -> Vec<String> {
        let mailbox = self.mailbox(person, role).await;
        let query = json!({ "filter": { "inMailbox": mailbox } });
        let answer = self.call(person, "Email/query", query).await;
        let ids = answer["ids"].as_array().unwrap();
        ids.iter()
            .map(|id| id.as_str().unwrap().to_owned())
            .collect()
    }

    /// Downloads a stored message and opens it as its owner does.
    pub(crate) async fn open_email(&self, person: &Person, id: &str) -> String {
        let query = json!({ "ids": [id], "properties": ["blobId"] });
        let answer = self.call(person, "Email/get", query).await;
        let blob = answer["list"][0]["blobId"].as_str().unwrap().to_owned();
        let sealed = self.download(person, &blob).await;
        assert_eq!(sealed.status, StatusCode::OK);
        person.open(&sealed.body)
    }
}

pub(crate) fn request(
    method: Method,
    path: &str,
    token: Option<&str>,
    kind: Option<&str>,
    body: Body,
) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    if let Some(kind) = kind {
        request = request.header(header::CONTENT_TYPE, kind);
    }
    request.body(body).unwrap()
}

/// Somebody with an account.
pub(crate) struct Person {
    pub(crate) address: String,
    pub(crate) login_secret: [u8; 32],
    pub(crate) salt: [u8; 16],
    pub(crate) key: GeneratedKey,
    pub(crate) token: String,
    pub(crate) account: String,
    pub(crate) revision: u64,
    now: u64,
}

impl Person {
    pub(crate) fn make(name: &str, now: u64) -> Self {
        let address = format!("{name}@example.org");
        let mut login_secret = [0; 32];
        OsRng.fill_bytes(&mut login_secret);
        let mut salt = [0; 16];
        OsRng.fill_bytes(&mut salt);
        let user_id = UserId {
            name: String::new(),
            address: address.clone(),
        };
        let created = UnixTime(now - 60);
        let key = openpgp::generate(Profile::Compatible, &[user_id], created, &mut OsRng).unwrap();
        Self {
            address,
            login_secret,
            salt,
            key,
            token: String::new(),
            account: String::new(),
            revision: 0,
            now,
        }
    }

    pub(crate) fn credentials(&self) -> Credentials {
        let secret = Secret::new(self.login_secret);
        let verifier = make_verifier(Group::Bits3072, &self.address, &secret, &self.salt);
        Credentials {
            salt: Base64Bytes(self.salt.to_vec()),
            kdf: KdfParameters {
                memory_kib: 65536,
                passes: 3,
                lanes: 1,
            },
            group: SrpGroup::Rfc5054Bits3072,
            verifier: Base64Bytes(verifier),
            wrapped_vault_key: Base64Bytes(vec![7; 72]),
        }
    }

    pub(crate) fn registration(&self) -> RegisterRequest {
        RegisterRequest {
            address: self.address.clone(),
            credentials: self.credentials(),
            certificate: Base64Bytes(self.certificate()),
            publish: true,
            initial_objects: Vec::new(),
        }
    }

    pub(crate) fn certificate(&self) -> Vec<u8> {
        self.key.secret.certificate().to_bytes()
    }

    /// Opens a wrapped message with this person's key.
    pub(crate) fn open(&self, stored: &[u8]) -> String {
        let mime::Structure::PgpMimeEncrypted { ciphertext, .. } = mime::inspect(stored).unwrap()
        else {
            panic!("a stored message is PGP/MIME")
        };
        let request = DecryptRequest {
            keys: &[&self.key.secret],
            passwords: &[],
            verifiers: &[],
            limits: &OpenLimits::default(),
            now: UnixTime(self.now + 3600),
        };
        let opened =
            futures::executor::block_on(openpgp::decrypt(&NativeEngine, &ciphertext, &request));
        let plaintext = opened.unwrap().plaintext;
        String::from_utf8(mime::unwrap_sealed(&plaintext).unwrap().to_vec()).unwrap()
    }
}

/// A small plain message.
pub(crate) fn message(from: &str, to: &str, subject: &str, id: &str, more: &str) -> String {
    format!(
        "From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{id}>\r\n\
         Date: Sat, 21 Nov 2026 01:02:03 +0000\r\n{more}MIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\nbody of {id}\r\n"
    )
}
