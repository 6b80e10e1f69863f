//! Server-sent events.

use std::time::Duration;

use axum::{
    body::{Body, BodyDataStream},
    http::{Method, StatusCode},
};
use futures::StreamExt;
use serde_json::{Value, json};
use tower::ServiceExt;
use wire::{Base64Bytes, routes};

use crate::kit::{Person, Server, message, request};

/// Far longer than anything takes: only a hanging test meets it.
const PATIENCE: Duration = Duration::from_secs(30);

struct Events(BodyDataStream, String);

impl Events {
    async fn open(server: &Server, person: &Person, query: &str, last: Option<&str>) -> Self {
        let path = format!("{}?{query}", routes::JMAP_EVENTS);
        let mut request = request(Method::GET, &path, Some(&person.token), None, Body::empty());
        if let Some(last) = last {
            request
                .headers_mut()
                .insert("last-event-id", last.parse().unwrap());
        }
        let response = server.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self(response.into_body().into_data_stream(), String::new())
    }

    /// The next event: its name, its id and its data; `None` at the end of the stream.
    async fn next(&mut self) -> Option<(String, String, Value)> {
        loop {
            if let Some((event, rest)) = self.1.split_once("\n\n") {
                let field = |name: &str| {
                    let line = event.lines().find_map(|line| line.strip_prefix(name));
                    line.map_or("", |line| line.trim_start_matches(':').trim())
                        .to_owned()
                };
                let data = serde_json::from_str(&field("data")).unwrap();
                let found = (field("event"), field("id"), data);
                self.1 = rest.to_owned();
                return Some(found);
            }
            let piece = tokio::time::timeout(PATIENCE, self.0.next())
                .await
                .expect("an event");
            self.1
                .push_str(std::str::from_utf8(&piece?.unwrap()).unwrap());
        }
    }
}

fn mail(id: &str) -> String {
    message("alice@example.org", "bob@example.org", "s", id, "")
}

#[tokio::test]
async fn arriving_mail_is_told_at_once() {
    let server = Server::start().await;
    let (alice, bob) = (server.account("alice").await, server.account("bob").await);
    let mut events = Events::open(&server, &bob, "types=*&closeafter=no&ping=0", None).await;
    server
        .send_mail(&alice, &["bob@example.org"], &mail("1@x"))
        .await;
    let (name, id, data) = events.next().await.unwrap();
    assert_eq!(
        (name.as_str(), &data["@type"]),
        ("state", &json!("StateChange"))
    );
    let changed = &data["changed"][&bob.account];
    for kind in ["Email", "Mailbox", "Thread", "EmailDelivery"] {
        assert!(changed[kind].is_string(), "{kind}: {data}");
    }
    let get = server.call(&bob, "Email/get", json!({ "ids": [] })).await;
    assert_eq!(changed["Email"], get["state"]);
    assert!(id.parse::<u64>().is_ok());
    // Nothing of alice's sending is told to bob, nor the other way round.
    assert!(data["changed"].as_object().unwrap().len() == 1);
}

#[tokio::test]
async fn what_was_missed_is_told_on_the_next_connection() {
    let server = Server::start().await;
    let alice = server.account("alice").await;
    let mut events = Events::open(&server, &alice, "types=Email", None).await;
    server.import(&alice, "inbox", &mail("1@x")).await;
    let (_, id, first) = events.next().await.unwrap();
    drop(events);
    server.import(&alice, "inbox", &mail("2@x")).await;
    let mut events = Events::open(&server, &alice, "types=Email", Some(&id)).await;
    let (_, _, second) = events.next().await.unwrap();
    let state = |data: &Value| data["changed"][&alice.account]["Email"].clone();
    assert_ne!(state(&first), state(&second));
    assert_eq!(
        second["changed"][&alice.account].as_object().unwrap().len(),
        1
    );
}

#[tokio::test]
async fn a_stream_can_be_asked_to_close_after_a_change() {
    let server = Server::start().await;
    let alice = server.account("alice").await;
    let mut events = Events::open(&server, &alice, "types=*&closeafter=state", None).await;
    server.import(&alice, "inbox", &mail("1@x")).await;
    assert!(events.next().await.is_some());
    assert!(events.next().await.is_none());
    let path = format!("{}?closeafter=never", routes::JMAP_EVENTS);
    server
        .get(&path, Some(&alice.token))
        .await
        .is_problem("bad-request", 400);
    server
        .get(routes::JMAP_EVENTS, None)
        .await
        .is_problem("unauthorized", 401);
}

#[tokio::test]
async fn pings_come_and_say_how_often() {
    let server = Server::start().await;
    let alice = server.account("alice").await;
    let mut events = Events::open(&server, &alice, "ping=1", None).await;
    let (name, _, data) = events.next().await.unwrap();
    assert_eq!((name.as_str(), data), ("ping", json!({ "interval": 5 })));
}

#[tokio::test]
async fn streams_end_with_their_session_and_with_the_server() {
    let server = Server::start().await;
    let alice = server.account("alice").await;
    let mut other = Person::make("alice", server.now());
    other.token = server
        .try_log_in(&alice.address, &alice.login_secret)
        .await
        .unwrap()
        .token;
    let mut ends = Events::open(&server, &other, "types=*", None).await;
    let mut stays = Events::open(&server, &alice, "types=*", None).await;
    server
        .post(routes::LOGOUT, Some(&other.token), &json!({}))
        .await;
    assert!(ends.next().await.is_none());
    server.import(&alice, "inbox", &mail("1@x")).await;
    assert!(stays.next().await.is_some());
    server.state.close().await;
    assert!(stays.next().await.is_none());
}

#[tokio::test]
async fn a_token_for_mail_hears_nothing_of_sealed_objects() {
    let server = Server::start().await;
    let alice = server.account("alice").await;
    let mut tool = Person::make("alice", server.now());
    tool.token = server
        .state
        .make_mail_token("alice@example.org")
        .await
        .unwrap()
        .to_string();
    let mut limited = Events::open(&server, &tool, "types=*", None).await;
    let mut full = Events::open(&server, &alice, "types=*", None).await;
    let update = json!({ "update": { "a": { "replaces": 0,
        "data": Base64Bytes(b"x".to_vec()) } } });
    server.call(&alice, "SealedObject/set", update).await;
    server.import(&alice, "inbox", &mail("1@x")).await;
    let (_, _, data) = full.next().await.unwrap();
    assert!(data["changed"][&alice.account]["SealedObject"].is_string());
    let (_, _, data) = limited.next().await.unwrap();
    assert!(data["changed"][&alice.account]["Email"].is_string());
    assert!(
        data["changed"][&alice.account]
            .get("SealedObject")
            .is_none()
    );
}

#[tokio::test]
async fn an_account_has_only_so_many_streams() {
    let server = Server::start_with(|config| config.limits.push_streams = 1).await;
    let alice = server.account("alice").await;
    let first = Events::open(&server, &alice, "types=*", None).await;
    let second = server.get(routes::JMAP_EVENTS, Some(&alice.token)).await;
    assert_eq!(second.status, StatusCode::TOO_MANY_REQUESTS);
    drop(first);
    Events::open(&server, &alice, "types=*", None).await;
}
