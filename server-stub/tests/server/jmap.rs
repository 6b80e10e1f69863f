//! The protocol itself: session, requests, errors, references between calls.

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use serde_json::{Value, json};

use crate::kit::{Server, USING, message, request};

#[tokio::test]
async fn the_session_says_what_can_be_done_and_where() {
    let server = Server::start().await;
    let alice = server.account("alice").await;
    for path in ["/.well-known/jmap", "/jmap/session"] {
        let answer = server.get(path, Some(&alice.token)).await;
        let session: Value = answer.json();
        for capability in USING {
            assert!(
                session["capabilities"][capability].is_object(),
                "{capability}"
            );
        }
        let core = &session["capabilities"]["urn:ietf:params:jmap:core"];
        for limit in [
            "maxSizeUpload",
            "maxSizeRequest",
            "maxCallsInRequest",
            "maxObjectsInGet",
        ] {
            assert!(core[limit].as_u64().unwrap() > 0, "{limit}");
        }
        let account = &session["accounts"][&alice.account];
        assert_eq!(
            (&account["isPersonal"], &account["isReadOnly"]),
            (&json!(true), &json!(false))
        );
        let mail = &account["accountCapabilities"]["urn:ietf:params:jmap:mail"];
        assert!(
            mail["emailQuerySortOptions"]
                .as_array()
                .unwrap()
                .contains(&json!("receivedAt"))
        );
        for (url, words) in [
            (
                "downloadUrl",
                vec!["{accountId}", "{blobId}", "{name}", "{type}"],
            ),
            ("uploadUrl", vec!["{accountId}"]),
            ("eventSourceUrl", vec!["{types}", "{closeafter}", "{ping}"]),
            ("apiUrl", vec!["/jmap/api"]),
        ] {
            for word in words {
                assert!(
                    session[url].as_str().unwrap().contains(word),
                    "{url} {word}"
                );
            }
        }
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn urls_are_absolute_when_somebody_says_where_the_server_is() {
    let server = Server::start().await;
    let alice = server.account("alice").await;
    let api_url = async |server: &Server, token: &str, host: &str| {
        let mut request = request(
            Method::GET,
            "/jmap/session",
            Some(token),
            None,
            Body::empty(),
        );
        request.headers_mut().insert("host", host.parse().unwrap());
        let session: Value = server.send(request).await.json();
        session["apiUrl"].as_str().unwrap().to_owned()
    };
    let url = api_url(&server, &alice.token, "mail.example.org:8080").await;
    assert_eq!(url, "http://mail.example.org:8080/jmap/api");
    assert_eq!(
        api_url(&server, &alice.token, "not a host/").await,
        "/jmap/api"
    );
    let server = Server::start_with(|config| {
        config.public_url = Some("https://mail.example.org/".into());
    })
    .await;
    let alice = server.account("alice").await;
    let url = api_url(&server, &alice.token, "evil.example").await;
    assert_eq!(url, "https://mail.example.org/jmap/api");
    let server = Server::start_with(|config| config.behind_proxy = true).await;
    let alice = server.account("alice").await;
    let url = api_url(&server, &alice.token, "mail.example.org").await;
    assert_eq!(url, "https://mail.example.org/jmap/api");
}

async fn request_error(server: &Server, token: &str, body: &str, kind: &str) -> Value {
    let body = Body::from(body.to_owned());
    let request = request(
        Method::POST,
        "/jmap/api",
        Some(token),
        Some("application/json"),
        body,
    );
    let answer = server.send(request).await;
    let problem: Value = answer.json();
    assert_eq!(
        problem["type"],
        format!("urn:ietf:params:jmap:error:{kind}")
    );
    assert_eq!(problem["status"], answer.status.as_u16());
    assert_eq!(answer.header("content-type"), "application/problem+json");
    problem
}

#[tokio::test]
async fn requests_that_are_none_get_a_problem() {
    let server = Server::start().await;
    let alice = server.account("alice").await;
    let token = &alice.token;
    for body in ["", "{", "\u{0}", "nonsense", "[1,2"] {
        request_error(&server, token, body, "notJSON").await;
    }
    let wrong = [
        "[]",
        "1",
        "{}",
        r#"{"using":[],"methodCalls":{}}"#,
        r#"{"using":"x","methodCalls":[]}"#,
        r#"{"using":[],"methodCalls":[["Core/echo",{}]]}"#,
        r#"{"using":[],"methodCalls":[[1,{},"c"]]}"#,
    ];
    for body in wrong {
        request_error(&server, token, body, "notRequest").await;
    }
    let unknown = r#"{"using":["urn:example:none"],"methodCalls":[]}"#;
    request_error(&server, token, unknown, "unknownCapability").await;
    let calls = vec![json!(["Core/echo", {}, "c"]); 33];
    let many = json!({ "using": USING, "methodCalls": calls }).to_string();
    let problem = request_error(&server, token, &many, "limit").await;
    assert_eq!(problem["limit"], "maxCallsInRequest");
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    request_error(&server, token, &deep, "notJSON").await;
    // The right bytes under the wrong media type.
    let body = Body::from(r#"{"using":[],"methodCalls":[]}"#);
    let wrong = request(
        Method::POST,
        "/jmap/api",
        Some(token),
        Some("text/plain"),
        body,
    );
    let answer = server.send(wrong).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    server
        .get("/jmap/api", Some(token))
        .await
        .is_problem("bad-request", 405);
}

#[tokio::test]
async fn methods_that_fail_do_not_stop_those_after_them() {
    let server = Server::start().await;
    let alice = server.account("alice").await;
    let other = "u0000000000000001";
    let calls = json!([
        ["Nothing/get", {}, "0"],
        ["Core/nothing", {}, "1"],
        ["Email/get", { "accountId": other, "ids": [] }, "2"],
        ["Email/get", { "accountId": alice.account, "ids": [], "colour": 1 }, "3"],
        ["Email/get", { "accountId": alice.account, "ids": "x" }, "4"],
        ["Email/get", { "ids": [] }, "5"],
        ["Email/get", [], "6"],
        ["VacationResponse/get", { "accountId": alice.account }, "7"],
        ["SearchSnippet/get", { "accountId": alice.account }, "8"],
        ["Core/echo", { "hello": [1, null] }, "9"],
    ]);
    let responses = server.jmap(&alice, calls).await;
    let kinds: Vec<&str> = responses
        .iter()
        .map(|one| one[1]["type"].as_str().unwrap_or(""))
        .collect();
    let expected = [
        "unknownMethod",
        "unknownMethod",
        "accountNotFound",
        "invalidArguments",
        "invalidArguments",
        "invalidArguments",
        "invalidArguments",
        "unknownMethod",
        "unknownMethod",
        "",
    ];
    assert_eq!(kinds, expected);
    assert_eq!(
        responses[9],
        json!(["Core/echo", { "hello": [1, null] }, "9"])
    );
    // A method whose capability was not asked for is unknown.
    let body = json!({ "using": ["urn:ietf:params:jmap:core"],
        "methodCalls": [["Email/get", { "accountId": alice.account, "ids": [] }, "0"]] });
    let answer: Value = server.jmap_raw(&alice.token, body).await.json();
    assert_eq!(answer["methodResponses"][0][1]["type"], "unknownMethod");
}

#[tokio::test]
async fn calls_use_the_results_of_earlier_ones() {
    let server = Server::start().await;
    let alice = server.account("alice").await;
    for id in ["1@x", "2@x"] {
        server
            .import(&alice, "inbox", &message("a@x", "b@x", "s", id, ""))
            .await;
    }
    let account = &alice.account;
    let calls = json!([
        ["Email/query", { "accountId": account }, "q"],
        ["Email/get", { "accountId": account, "properties": ["threadId"],
            "#ids": { "resultOf": "q", "name": "Email/query", "path": "/ids" } }, "e"],
        ["Thread/get", { "accountId": account,
            "#ids": { "resultOf": "e", "name": "Email/get", "path": "/list/*/threadId" } }, "t"],
        ["Email/get", { "accountId": account, "ids": [],
            "#ids": { "resultOf": "q", "name": "Email/query", "path": "/ids" } }, "x"],
        ["Email/get", { "accountId": account,
            "#ids": { "resultOf": "q", "name": "Email/query", "path": "/nothing" } }, "y"],
        ["Email/get", { "accountId": account, "#ids": "q" }, "z"],
    ]);
    let responses = server.jmap(&alice, calls).await;
    assert_eq!(responses[2][1]["list"].as_array().unwrap().len(), 2);
    let kinds: Vec<&str> = responses[3..]
        .iter()
        .map(|one| one[1]["type"].as_str().unwrap())
        .collect();
    let reference = "invalidResultReference";
    assert_eq!(kinds, ["invalidArguments", reference, reference]);
}

#[tokio::test]
async fn references_cannot_be_used_to_fill_the_memory() {
    let server = Server::start().await;
    let alice = server.account("alice").await;
    let mut calls = vec![json!(["Core/echo", { "a": "x".repeat(1000) }, "0"])];
    for number in 1..32 {
        let of = (number - 1).to_string();
        let all = json!({ "resultOf": of, "name": "Core/echo", "path": "" });
        calls.push(json!(["Core/echo", { "#a": all, "#b": all }, number.to_string()]));
    }
    let body = json!({ "using": USING, "methodCalls": calls });
    let answer = server.jmap_raw(&alice.token, body).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body.len() < 64 << 20, "{} bytes", answer.body.len());
    let value: Value = answer.json();
    let kinds: Vec<&Value> = value["methodResponses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one[1]["type"])
        .collect();
    assert!(kinds.contains(&&json!("requestTooLarge")));
}

#[tokio::test]
async fn creation_ids_live_as_long_as_the_client_hands_them_on() {
    let server = Server::start().await;
    let alice = server.account("alice").await;
    let body = json!({ "using": USING, "createdIds": {}, "methodCalls": [
        ["Mailbox/set", { "accountId": alice.account,
            "create": { "m": { "name": "New" } } }, "0"]] });
    let answer: Value = server.jmap_raw(&alice.token, body).await.json();
    let id = answer["methodResponses"][0][1]["created"]["m"]["id"].clone();
    assert_eq!(answer["createdIds"], json!({ "m": id }));
    let body = json!({ "using": USING, "createdIds": { "m": id }, "methodCalls": [
        ["Mailbox/set", { "accountId": alice.account,
            "create": { "c": { "name": "Child", "parentId": "#m" } } }, "0"]] });
    let answer: Value = server.jmap_raw(&alice.token, body).await.json();
    assert!(
        answer["methodResponses"][0][1]["created"]["c"]["id"].is_string(),
        "{answer}"
    );
    let answer = server.call(&alice, "Core/echo", json!({})).await;
    assert_eq!(answer, json!({ "accountId": alice.account }));
}

#[tokio::test]
async fn more_than_the_limits_is_refused() {
    let server = Server::start_with(|config| {
        config.limits.objects_in_get = 2;
        config.limits.objects_in_set = 2;
        config.limits.jmap_request_size = 5000;
        config.limits.message_size = 1000;
    })
    .await;
    let alice = server.account("alice").await;
    let three = json!({ "ids": ["a", "b", "c"] });
    for method in [
        "Email/get",
        "Thread/get",
        "Mailbox/get",
        "Identity/get",
        "SealedObject/get",
    ] {
        let answer = server.call(&alice, method, three.clone()).await;
        assert_eq!(answer["type"], "requestTooLarge", "{method}");
    }
    for method in ["Email/set", "Mailbox/set", "Identity/set"] {
        let answer = server
            .call(&alice, method, json!({ "destroy": ["a", "b", "c"] }))
            .await;
        assert_eq!(answer["type"], "requestTooLarge", "{method}");
    }
    let big =
        json!({ "using": USING, "methodCalls": [["Core/echo", { "x": "y".repeat(5000) }, "0"]] });
    let problem = request_error(&server, &alice.token, &big.to_string(), "limit").await;
    assert_eq!(problem["limit"], "maxSizeRequest");
    let path = format!("/jmap/upload/{}", alice.account);
    let upload = request(
        Method::POST,
        &path,
        Some(&alice.token),
        None,
        vec![0; 1001].into(),
    );
    let answer = server.send(upload).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let problem: Value = answer.json();
    assert_eq!(problem["limit"], "maxSizeUpload");
    let other = request(
        Method::POST,
        "/jmap/upload/u1",
        Some(&alice.token),
        None,
        Body::empty(),
    );
    server.send(other).await.is_problem("not-found", 404);
}

#[tokio::test]
async fn the_identity_can_only_be_renamed() {
    let server = Server::start().await;
    let alice = server.account("alice").await;
    let all = server
        .call(&alice, "Identity/get", json!({ "ids": null }))
        .await;
    let identity = &all["list"][0];
    assert_eq!(
        (&identity["email"], &identity["name"]),
        (&json!(alice.address), &json!(""))
    );
    let id = identity["id"].as_str().unwrap();
    let set = json!({ "update": { id: { "name": "Ann" }, "x": { "name": "y" } },
        "create": { "n": { "email": "x@example.org" } }, "destroy": [id, "x"] });
    let answer = server.call(&alice, "Identity/set", set).await;
    assert_eq!(answer["updated"], json!({ id: null }));
    assert_eq!(answer["notUpdated"]["x"]["type"], "notFound");
    assert_eq!(answer["notCreated"]["n"]["type"], "forbidden");
    assert_eq!(answer["notDestroyed"][id]["type"], "forbidden");
    let wrong = json!({ "update": { id: { "email": "x@example.org" } } });
    let answer = server.call(&alice, "Identity/set", wrong).await;
    assert_eq!(answer["notUpdated"][id]["type"], "invalidProperties");
    let since = json!({ "sinceState": all["state"] });
    let changes = server.call(&alice, "Identity/changes", since).await;
    assert_eq!(changes["updated"], json!([id]));
    let get = json!({ "ids": [id, "other"], "properties": ["name"] });
    let got = server.call(&alice, "Identity/get", get).await;
    assert_eq!(got["list"], json!([{ "id": id, "name": "Ann" }]));
    assert_eq!(got["notFound"], json!(["other"]));
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let server = Server::start().await;
    let alice = server.account("alice").await;
    let email = server
        .import(&alice, "inbox", &message("a@x", "b@x", "s", "1@x", ""))
        .await;
    let before = server
        .call(&alice, "Email/get", json!({ "ids": [email["id"]] }))
        .await;
    let server = server.restart().await;
    // The session survives, too.
    let after = server
        .call(&alice, "Email/get", json!({ "ids": [email["id"]] }))
        .await;
    assert_eq!(before, after);
    let since = json!({ "sinceState": before["state"] });
    let changes = server.call(&alice, "Email/changes", since).await;
    assert_eq!(changes["newState"], before["state"]);
    let alice = server.log_in(alice).await;
    assert_eq!(server.emails_in(&alice, "inbox").await.len(), 1);
}
