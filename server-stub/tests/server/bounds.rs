//! Too large, too many, too slow, not what was meant: each has an answer, and never a panic.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::{Method, StatusCode},
};
use futures::stream;
use serde_json::{Value, json};
use server_stub::Rate;
use wire::{problem::kinds, routes};

use crate::kit::{Server, message, request};

#[tokio::test]
async fn malformed_bodies_are_told_as_such() {
    let server = Server::start().await;
    let post = |path: &'static str, body: &str| {
        let body = Body::from(body.to_owned());
        server.send(request(
            Method::POST,
            path,
            None,
            Some("application/json"),
            body,
        ))
    };
    for path in [routes::REGISTER, routes::LOGIN_START, routes::LOGIN_FINISH] {
        let deep = "[".repeat(500_000);
        for body in ["", "{", "null", "[]", "{\"unknown\":1}", "\u{0}", &deep] {
            post(path, body).await.is_problem(kinds::BAD_REQUEST, 400);
        }
        let large = format!("\"{}\"", "x".repeat(2 << 20));
        post(path, &large).await.is_problem(kinds::TOO_LARGE, 413);
    }
    for address in [
        "",
        "no at",
        "a@b@c",
        "a b@example.org",
        "a\u{7}@example.org",
    ] {
        let answer = server.login_start(address).await;
        answer.is_problem(kinds::BAD_REQUEST, 400);
    }
    let long = format!("{}@example.org", "a".repeat(300));
    server
        .login_start(&long)
        .await
        .is_problem(kinds::BAD_REQUEST, 400);
}

#[tokio::test]
async fn a_body_that_says_nothing_of_its_length_is_bounded_all_the_same() {
    let server = Server::start_with(|config| config.limits.message_size = 1000).await;
    let alice = server.account("alice").await;
    let pieces = stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[7; 600])));
    let path = format!("{}/{}", routes::JMAP_UPLOAD, alice.account);
    let body = Body::from_stream(pieces);
    let answer = server
        .send(request(Method::POST, &path, Some(&alice.token), None, body))
        .await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let problem: Value = answer.json();
    assert_eq!(problem["limit"], "maxSizeUpload");
}

#[tokio::test]
async fn a_body_that_stalls_is_given_up() {
    let pause = Duration::from_millis(50);
    let server = Server::start_with(|config| config.limits.body_pause = pause).await;
    let body = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
    let post = request(
        Method::POST,
        routes::LOGIN_START,
        None,
        Some("application/json"),
        body,
    );
    server.send(post).await.is_problem(kinds::TIMED_OUT, 408);
}

#[tokio::test]
async fn unknown_paths_and_methods_have_answers() {
    let server = Server::start().await;
    for path in [
        "/api/v1/nothing",
        "/jmap/nothing",
        "/pks/nothing",
        "/.well-known/nothing",
        "/",
    ] {
        server
            .get(path, None)
            .await
            .is_problem(kinds::NOT_FOUND, 404);
    }
    server
        .get(routes::REGISTER, None)
        .await
        .is_problem(kinds::BAD_REQUEST, 405);
    let delete = request(
        Method::DELETE,
        routes::SERVER_INFO,
        None,
        None,
        Body::empty(),
    );
    server
        .send(delete)
        .await
        .is_problem(kinds::BAD_REQUEST, 405);
}

#[tokio::test]
async fn every_answer_is_harmless_as_a_page_and_the_api_is_open_to_other_origins() {
    let server = Server::start().await;
    for path in [
        "/api/v1/server",
        "/api/v1/nothing",
        "/jmap/session",
        "/nothing.html",
    ] {
        let answer = server.get(path, None).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert!(
            answer
                .header("content-security-policy")
                .contains("default-src 'none'"),
            "{path}"
        );
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
    let mut preflight = request(Method::OPTIONS, routes::JMAP_API, None, None, Body::empty());
    let headers = preflight.headers_mut();
    headers.insert("origin", "https://mail.example.net".parse().unwrap());
    headers.insert("access-control-request-method", "POST".parse().unwrap());
    headers.insert(
        "access-control-request-headers",
        "authorization,content-type".parse().unwrap(),
    );
    let answer = server.send(preflight).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert!(
        answer
            .header("access-control-allow-headers")
            .contains("authorization")
    );
    let answer = server.get(routes::SERVER_INFO, None).await;
    assert_eq!(
        answer.header("cross-origin-resource-policy"),
        "cross-origin"
    );
}

#[tokio::test]
async fn a_busy_account_and_a_busy_server_say_so() {
    let rate = Rate::new(2, Duration::from_secs(600));
    let server = Server::start_with(|config| config.rates.requests_per_account = rate).await;
    let alice = server.account("alice").await;
    for _ in 0..2 {
        let answer = server.get(routes::JMAP_SESSION, Some(&alice.token)).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    let answer = server.get(routes::JMAP_SESSION, Some(&alice.token)).await;
    answer.is_problem(kinds::TOO_MANY_REQUESTS, 429);

    let server = Server::start_with(|config| config.limits.concurrent_requests = 0).await;
    let alice = server.account("alice").await;
    let answer = server
        .jmap_raw(&alice.token, json!({ "using": [], "methodCalls": [] }))
        .await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    let problem: Value = answer.json();
    assert_eq!(problem["limit"], "maxConcurrentRequests");

    let server = Server::start_with(|config| config.limits.requests_in_flight = 0).await;
    let answer = server.get(routes::SERVER_INFO, None).await;
    answer.is_problem(kinds::UNAVAILABLE, 503);
    assert_eq!(answer.header("retry-after"), "2");

    let server = Server::start_with(|config| config.limits.uploads_total = 0).await;
    let alice = server.account("alice").await;
    let path = format!("{}/{}", routes::JMAP_UPLOAD, alice.account);
    let upload = request(
        Method::POST,
        &path,
        Some(&alice.token),
        None,
        Body::from("x"),
    );
    server
        .send(upload)
        .await
        .is_problem(kinds::UNAVAILABLE, 503);
}

#[tokio::test]
async fn logins_that_are_never_finished_make_room_for_others() {
    let server = Server::start_with(|config| config.limits.handshakes = 3).await;
    let alice = server.account("alice").await;
    for number in 0..10 {
        server
            .login_start(&format!("nobody{number}@example.org"))
            .await;
    }
    assert!(
        server
            .try_log_in(&alice.address, &alice.login_secret)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_closed_database_is_told_as_busy() {
    let server = Server::start().await;
    let alice = server.account("alice").await;
    server.state.close().await;
    let answer = server.get(routes::JMAP_SESSION, Some(&alice.token)).await;
    answer.is_problem(kinds::UNAVAILABLE, 503);
}

#[tokio::test]
async fn messages_nested_without_end_do_not_overflow_the_stack() {
    let server = Server::start().await;
    let alice = server.account("alice").await;
    let nested = "Content-Type: message/rfc822\r\n\r\n".repeat(50_000);
    let blob = server.upload(&alice, nested.clone()).await;
    let answer = server
        .call(&alice, "Email/parse", json!({ "blobIds": [blob] }))
        .await;
    assert_eq!(answer["notParsable"], json!([blob]));
    let part = server.download(&alice, &format!("{blob}-0")).await;
    part.is_problem(kinds::NOT_FOUND, 404);
    let small = "Content-Type: message/rfc822\r\n\r\n".repeat(1000);
    let blob = server.upload(&alice, small).await;
    let arguments = json!({ "blobIds": [blob], "properties": ["bodyStructure", "preview"] });
    let answer = server.call(&alice, "Email/parse", arguments).await;
    assert!(answer["parsed"][&blob].is_object());
    // Stored, it is sealed as it is and nobody looks into it.
    let text = format!("From: alice@example.org\r\n{nested}");
    server.import(&alice, "inbox", &text).await;
    let emails = server.emails_in(&alice, "inbox").await;
    let get = json!({ "ids": emails, "properties": ["bodyStructure"] });
    assert!(server.call(&alice, "Email/get", get).await["list"][0].is_object());
}

#[tokio::test]
async fn headers_without_end_are_not_read() {
    let server = Server::start().await;
    let alice = server.account("alice").await;
    let sections: String = (0..40_000).map(|n| format!(";a*{n}*=b")).collect();
    let text = format!("From: alice@example.org\r\nContent-Type: text/plain{sections}\r\n\r\nx");
    let blob = server.upload(&alice, text).await;
    let inbox = server.mailbox(&alice, "inbox").await;
    let emails = json!({ "e": { "blobId": blob, "mailboxIds": { inbox: true } } });
    let answer = server
        .call(&alice, "Email/import", json!({ "emails": emails }))
        .await;
    assert_eq!(answer["notCreated"]["e"]["type"], "invalidEmail");
}

#[tokio::test]
async fn one_upload_cannot_be_multiplied() {
    let server = Server::start_with(|config| config.limits.message_size = 100_000).await;
    let alice = server.account("alice").await;
    let inbox = server.mailbox(&alice, "inbox").await;
    let blob = server.upload(
        &alice,
        message("a@x", "b@x", "s", "1@x", &"X: y\r\n".repeat(9000)),
    );
    let blob = blob.await;
    let parts = vec![json!({ "blobId": blob, "type": "application/x" }); 5];
    let create = json!({ "d": { "mailboxIds": { &inbox: true },
        "bodyStructure": { "type": "multipart/mixed", "subParts": parts } } });
    let answer = server
        .call(&alice, "Email/set", json!({ "create": create }))
        .await;
    assert_eq!(answer["notCreated"]["d"]["type"], "tooLarge");
    let emails: serde_json::Map<String, Value> = (0..5)
        .map(|n| {
            (
                n.to_string(),
                json!({ "blobId": blob, "mailboxIds": { &inbox: true } }),
            )
        })
        .collect();
    let answer = server
        .call(&alice, "Email/import", json!({ "emails": emails }))
        .await;
    assert_eq!(answer["type"], "requestTooLarge");
    assert!(server.emails_in(&alice, "inbox").await.is_empty());
}

#[tokio::test]
async fn uploads_make_room_for_newer_ones_of_the_same_account() {
    let server = Server::start_with(|config| config.limits.uploads_per_account = 1500).await;
    let alice = server.account("alice").await;
    let first = server.upload(&alice, vec![1; 1000]).await;
    let second = server.upload(&alice, vec![2; 1000]).await;
    server
        .download(&alice, &first)
        .await
        .is_problem(kinds::NOT_FOUND, 404);
    assert_eq!(
        server.download(&alice, &second).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn an_account_that_is_full_says_so() {
    let server = Server::start_with(|config| config.limits.mail_quota = 100).await;
    let alice = server.account("alice").await;
    let blob = server
        .upload(&alice, message("a@x", "b@x", "s", "1@x", ""))
        .await;
    let inbox = server.mailbox(&alice, "inbox").await;
    let emails = json!({ "e": { "blobId": blob, "mailboxIds": { inbox: true } } });
    let answer = server
        .call(&alice, "Email/import", json!({ "emails": emails }))
        .await;
    assert_eq!(answer["notCreated"]["e"]["type"], "overQuota");
}
