//! Sealed objects.

use serde_json::{Value, json};
use wire::{Base64Bytes, objects::SealedObject, problem::kinds, routes};

use crate::kit::{Person, Server};

async fn start() -> (Server, Person) {
    let server = Server::start().await;
    let alice = server.account("alice").await;
    (server, alice)
}

fn put(replaces: u64, data: &[u8]) -> Value {
    json!({ "replaces": replaces, "data": Base64Bytes(data.to_vec()) })
}

async fn set(server: &Server, person: &Person, update: Value, destroy: Value) -> Value {
    let arguments = json!({ "update": update, "destroy": destroy });
    server.call(person, "SealedObject/set", arguments).await
}

#[tokio::test]
async fn objects_are_written_read_and_destroyed() {
    let (server, alice) = start().await;
    let first = set(
        &server,
        &alice,
        json!({ "a": put(0, b"one"), "b": put(0, b"two") }),
        json!({}),
    );
    let first = first.await;
    assert_eq!(first["updated"], json!({ "a": 1, "b": 1 }));
    let second = set(
        &server,
        &alice,
        json!({ "a": put(1, b"more") }),
        json!({ "b": 1 }),
    )
    .await;
    assert_eq!(second["updated"], json!({ "a": 2 }));
    assert_eq!(second["destroyed"], json!(["b"]));
    assert_eq!(second["oldState"], first["newState"]);
    let got = server
        .call(
            &alice,
            "SealedObject/get",
            json!({ "ids": ["a", "b", "a"] }),
        )
        .await;
    let data = json!(Base64Bytes(b"more".to_vec()));
    assert_eq!(
        got["list"],
        json!([{ "id": "a", "revision": 2, "data": data }])
    );
    assert_eq!(got["notFound"], json!(["b"]));
    let got = json!({ "ids": null, "properties": ["revision"] });
    let got = server.call(&alice, "SealedObject/get", got).await;
    assert_eq!(got["list"], json!([{ "id": "a", "revision": 2 }]));
    let since = json!({ "sinceState": first["newState"] });
    let changes = server.call(&alice, "SealedObject/changes", since).await;
    assert_eq!(
        (
            &changes["created"],
            &changes["updated"],
            &changes["destroyed"]
        ),
        (&json!([]), &json!(["a"]), &json!(["b"]))
    );
    let since = json!({ "sinceState": first["oldState"] });
    let changes = server.call(&alice, "SealedObject/changes", since).await;
    assert_eq!(
        (&changes["created"], &changes["destroyed"]),
        (&json!(["a"]), &json!([]))
    );
}

#[tokio::test]
async fn the_slower_device_is_told_the_revision_it_must_read_first() {
    let (server, alice) = start().await;
    set(&server, &alice, json!({ "a": put(0, b"one") }), json!({})).await;
    for replaces in [0, 2, 7] {
        let answer = set(
            &server,
            &alice,
            json!({ "a": put(replaces, b"x") }),
            json!({}),
        )
        .await;
        let error = json!({ "type": "revisionMismatch", "currentRevision": 1 });
        assert_eq!(answer["notUpdated"]["a"], error, "{replaces}");
        assert_eq!(answer["oldState"], answer["newState"]);
    }
    let answer = set(
        &server,
        &alice,
        json!({ "new": put(3, b"x") }),
        json!({ "a": 9 }),
    )
    .await;
    let none = json!({ "type": "revisionMismatch", "currentRevision": 0 });
    assert_eq!(answer["notUpdated"]["new"], none);
    assert_eq!(answer["notDestroyed"]["a"]["currentRevision"], 1);
    let answer = set(&server, &alice, json!({}), json!({ "none": 1 })).await;
    assert_eq!(answer["notDestroyed"]["none"]["type"], "notFound");
}

#[tokio::test]
async fn two_devices_at_once_one_wins() {
    let (server, alice) = start().await;
    let write = |data: &'static [u8]| set(&server, &alice, json!({ "a": put(0, data) }), json!({}));
    let (one, two) = futures::join!(write(b"one"), write(b"two"));
    let won = |answer: &Value| answer["updated"]["a"] == 1;
    assert!(won(&one) != won(&two), "{one} {two}");
}

#[tokio::test]
async fn what_is_too_large_or_no_name_is_refused() {
    let server = Server::start_with(|config| config.limits.object_quota = 3_000_000).await;
    let alice = server.account("alice").await;
    let large = vec![7; 1024 * 1024];
    let over = [large.as_slice(), &[7]].concat();
    let answer = set(
        &server,
        &alice,
        json!({ "a": put(0, &over), "b": put(0, b""), "c d": put(0, b"x"), "": put(0, b"x"),
            "x".repeat(256): put(0, b"x"), "good": put(0, b"x") }),
        json!({}),
    )
    .await;
    assert_eq!(answer["updated"], json!({ "good": 1 }));
    assert_eq!(answer["notUpdated"]["a"]["type"], "tooLarge");
    for name in ["b", "c d", ""] {
        assert_eq!(
            answer["notUpdated"][name]["type"], "invalidArguments",
            "{name}"
        );
    }
    let two = json!({ "l1": put(0, &large), "l2": put(0, &large) });
    assert_eq!(
        set(&server, &alice, two, json!({})).await["updated"],
        json!({ "l1": 1, "l2": 1 })
    );
    let answer = set(&server, &alice, json!({ "l3": put(0, &large) }), json!({})).await;
    assert_eq!(answer["notUpdated"]["l3"]["type"], "overQuota");
    // A full account can still shrink and make room.
    let answer = set(
        &server,
        &alice,
        json!({ "l1": put(1, b"small") }),
        json!({ "l2": 1 }),
    )
    .await;
    assert_eq!(answer["updated"], json!({ "l1": 2 }));
    let answer = set(&server, &alice, json!({ "l3": put(0, &large) }), json!({})).await;
    assert_eq!(answer["updated"], json!({ "l3": 1 }));
    for wrong in [
        json!({ "update": { "a": { "replaces": -1, "data": "" } } }),
        json!({ "update": { "a": { "replaces": 0, "data": "not base64!" } } }),
        json!({ "update": { "a": { "replaces": 0 } } }),
        json!({ "create": {} }),
    ] {
        let answer = server.call(&alice, "SealedObject/set", wrong.clone()).await;
        assert_eq!(answer["type"], "invalidArguments", "{wrong}");
    }
}

#[tokio::test]
async fn objects_belong_to_their_account() {
    let (server, alice) = start().await;
    let bob = server.account("bob").await;
    set(&server, &alice, json!({ "a": put(0, b"alice") }), json!({})).await;
    set(&server, &bob, json!({ "a": put(0, b"bob") }), json!({})).await;
    let got = server
        .call(&bob, "SealedObject/get", json!({ "ids": ["a"] }))
        .await;
    assert_eq!(got["list"][0]["data"], json!(Base64Bytes(b"bob".to_vec())));
    let calls = json!([["SealedObject/get", { "accountId": alice.account, "ids": ["a"] }, "0"]]);
    assert_eq!(
        server.jmap(&bob, calls).await[0][1]["type"],
        "accountNotFound"
    );
}

#[tokio::test]
async fn the_first_objects_come_with_the_account_or_not_at_all() {
    let server = Server::start().await;
    let object = |id: &str, revision, data: &[u8]| SealedObject {
        id: id.to_owned(),
        revision,
        data: Base64Bytes(data.to_vec()),
    };
    let person = Person::make("alice", server.now());
    let mut request = person.registration();
    let wrong = [
        vec![object("a", 2, b"x")],
        vec![object("a", 1, b"")],
        vec![object("a b", 1, b"x")],
        vec![object("a", 1, b"x"), object("a", 1, b"y")],
        vec![object("a", 1, &vec![0; 1024 * 1024 + 1])],
        (0..17)
            .map(|number| object(&number.to_string(), 1, b"x"))
            .collect(),
    ];
    for objects in wrong {
        request.initial_objects = objects;
        let answer = server.post(routes::REGISTER, None, &request).await;
        assert!(answer.status.is_client_error(), "{answer:?}");
        let login = server
            .try_log_in(&person.address, &person.login_secret)
            .await;
        login.err().unwrap().is_problem(kinds::LOGIN_FAILED, 403);
    }
    request.initial_objects = vec![object("key", 1, b"sealed"), object("settings", 1, b"more")];
    let answer = server.post(routes::REGISTER, None, &request).await;
    assert_eq!(answer.status.as_u16(), 201, "{answer:?}");
    let alice = server.log_in(person).await;
    let got = server
        .call(&alice, "SealedObject/get", json!({ "ids": ["key"] }))
        .await;
    assert_eq!(
        got["list"][0]["data"],
        json!(Base64Bytes(b"sealed".to_vec()))
    );
    let changes = json!({ "sinceState": "0" });
    let changes = server.call(&alice, "SealedObject/changes", changes).await;
    assert_eq!(changes["created"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn objects_survive_a_restart() {
    let (server, alice) = start().await;
    let before = set(&server, &alice, json!({ "a": put(0, b"one") }), json!({})).await;
    let server = server.restart().await;
    let after = set(&server, &alice, json!({ "a": put(1, b"two") }), json!({})).await;
    assert_eq!(
        (&after["updated"], &after["oldState"]),
        (&json!({ "a": 2 }), &before["newState"])
    );
}
