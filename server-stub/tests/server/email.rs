//! `Email/*` and `Thread/*`.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::kit::{Person, Server, message};

fn mail(id: &str, more: &str) -> String {
    message("alice@example.org", "bob@example.org", "s", id, more)
}

async fn start() -> (Server, Person) {
    let server = Server::start().await;
    let alice = server.account("alice").await;
    (server, alice)
}

#[tokio::test]
async fn the_wrapper_is_shown_in_every_property() {
    let (server, alice) = start().await;
    let created = server.import(&alice, "inbox", &mail("1@x", "")).await;
    let get = json!({
        "ids": [created["id"], "m00000000000000ff", "nonsense"],
        "properties": ["id", "blobId", "threadId", "mailboxIds", "keywords", "size", "receivedAt",
            "messageId", "inReplyTo", "references", "sender", "from", "to", "cc", "bcc", "replyTo",
            "subject", "sentAt", "headers", "bodyStructure", "bodyValues", "textBody", "htmlBody",
            "attachments", "hasAttachment", "preview", "header:Content-Type:asRaw",
            "header:From:asGroupedAddresses", "header:Received:all"],
        "bodyProperties": ["partId", "blobId", "size", "name", "type", "charset", "disposition",
            "cid", "language", "location", "headers", "subParts", "header:Content-Type"],
        "fetchAllBodyValues": true, "fetchTextBodyValues": true, "fetchHTMLBodyValues": true,
        "maxBodyValueBytes": 20,
    });
    let answer = server.call(&alice, "Email/get", get).await;
    assert_eq!(answer["notFound"], json!(["m00000000000000ff", "nonsense"]));
    let email = &answer["list"][0];
    assert_eq!(email["subject"], "...");
    assert_eq!(email["hasAttachment"], false);
    assert_eq!(email["keywords"], json!({}));
    assert_eq!(email["to"], Value::Null);
    assert_eq!(email["from"][0]["email"], "sealed@letterlock.invalid");
    assert_eq!(email["bodyStructure"]["type"], "multipart/encrypted");
    let parts = email["bodyStructure"]["subParts"].as_array().unwrap();
    assert_eq!(parts.len(), 2);
    assert_eq!(parts[0]["type"], "application/pgp-encrypted");
    assert_eq!(email["header:Received:all"], json!([]));
    // The encrypted part can be downloaded on its own.
    let part = server
        .download(&alice, parts[1]["blobId"].as_str().unwrap())
        .await;
    assert!(
        part.body.starts_with(b"-----BEGIN PGP MESSAGE-----"),
        "{part:?}"
    );
    assert_eq!(parts[1]["size"], part.body.len());
    // The whole is as large as it says and opens.
    let whole = server
        .download(&alice, email["blobId"].as_str().unwrap())
        .await;
    assert_eq!(email["size"], whole.body.len());
    assert_eq!(alice.open(&whole.body), mail("1@x", ""));
}

#[tokio::test]
async fn only_what_was_asked_for_comes_back() {
    let (server, alice) = start().await;
    let id = server.import(&alice, "inbox", &mail("1@x", "")).await["id"].clone();
    let get = json!({ "ids": [id, id], "properties": ["size"] });
    let answer = server.call(&alice, "Email/get", get).await;
    let list = answer["list"].as_array().unwrap();
    assert_eq!(list.len(), 1);
    let names: Vec<&String> = list[0].as_object().unwrap().keys().collect();
    assert_eq!(names, ["id", "size"]);
    for wrong in ["colour", "header:From:asDate", "header:"] {
        let get = json!({ "ids": [], "properties": [wrong] });
        let answer = server.call(&alice, "Email/get", get).await;
        assert_eq!(answer["type"], "invalidArguments", "{wrong}");
    }
    let get = json!({ "ids": [], "bodyProperties": ["colour"] });
    assert_eq!(
        server.call(&alice, "Email/get", get).await["type"],
        "invalidArguments"
    );
    let all = server
        .call(&alice, "Email/get", json!({ "ids": null }))
        .await;
    assert_eq!(all["list"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn mail_that_belongs_together_is_one_thread() {
    let (server, alice) = start().await;
    let first = server.import(&alice, "inbox", &mail("1@x", "")).await;
    server.pass_time(1);
    let reply = server
        .import(&alice, "sent", &mail("2@x", "In-Reply-To: <1@x>\r\n"))
        .await;
    server.pass_time(1);
    let refers = mail("3@x", "References: <0@x> <2@x>\r\n");
    let third = server.import(&alice, "inbox", &refers).await;
    let other = server.import(&alice, "inbox", &mail("9@x", "")).await;
    assert_eq!(first["threadId"], reply["threadId"]);
    assert_eq!(first["threadId"], third["threadId"]);
    assert_ne!(first["threadId"], other["threadId"]);
    // An answer that came before its question.
    server
        .import(&alice, "inbox", &mail("22@x", "In-Reply-To: <21@x>\r\n"))
        .await;
    let late = server.import(&alice, "inbox", &mail("21@x", "")).await;
    let get = json!({ "ids": [first["threadId"], late["threadId"], "t0000000000000001"] });
    let threads = server.call(&alice, "Thread/get", get).await;
    assert_eq!(
        threads["list"][0]["emailIds"],
        json!([first["id"], reply["id"], third["id"]])
    );
    assert_eq!(threads["list"][1]["emailIds"].as_array().unwrap().len(), 2);
    assert_eq!(threads["notFound"], json!(["t0000000000000001"]));
    // A thread that loses its last email is gone.
    let state = threads["state"].clone();
    server
        .call(&alice, "Email/set", json!({ "destroy": [other["id"]] }))
        .await;
    let changes = server
        .call(&alice, "Thread/changes", json!({ "sinceState": state }))
        .await;
    assert_eq!(changes["destroyed"], json!([other["threadId"]]));
}

#[tokio::test]
async fn updates_are_whole_properties_or_paths() {
    let (server, alice) = start().await;
    let id = server.import(&alice, "inbox", &mail("1@x", "")).await["id"].clone();
    let id = id.as_str().unwrap();
    let wrong = [
        (json!({ "mailboxIds": {} }), "invalidProperties"),
        (
            json!({ "mailboxIds": { "b0000000000000001": true } }),
            "invalidProperties",
        ),
        (
            json!({ "mailboxIds/b0000000000000001": true }),
            "invalidProperties",
        ),
        (
            json!({ "keywords": { "bad keyword": true } }),
            "invalidProperties",
        ),
        (
            json!({ "keywords": { "$seen": false } }),
            "invalidProperties",
        ),
        (json!({ "keywords/$seen": "yes" }), "invalidProperties"),
        (
            json!({ "keywords": {}, "keywords/$seen": true }),
            "invalidPatch",
        ),
        (json!({ "subject": "new" }), "invalidProperties"),
    ];
    for (patch, kind) in wrong {
        let answer = server
            .call(&alice, "Email/set", json!({ "update": { id: patch } }))
            .await;
        assert_eq!(answer["notUpdated"][id]["type"], kind, "{patch}");
        assert_eq!(answer["oldState"], answer["newState"]);
    }
    let answer = server
        .call(
            &alice,
            "Email/set",
            json!({ "update": { "m0000000000000001": {} }, "destroy": ["x"] }),
        )
        .await;
    assert_eq!(
        answer["notUpdated"]["m0000000000000001"]["type"],
        "notFound"
    );
    assert_eq!(answer["notDestroyed"]["x"]["type"], "notFound");
    let old = answer["newState"].clone();
    let good = json!({ "ifInState": old, "update": { id: { "keywords/Work": true } } });
    let answer = server.call(&alice, "Email/set", good.clone()).await;
    assert_eq!(answer["updated"], json!({ id: null }));
    assert_ne!(answer["newState"], old);
    assert_eq!(
        server.call(&alice, "Email/set", good).await["type"],
        "stateMismatch"
    );
    let get = json!({ "ids": [id], "properties": ["keywords"] });
    let email = server.call(&alice, "Email/get", get).await;
    assert_eq!(email["list"][0]["keywords"], json!({ "work": true }));
}

#[tokio::test]
async fn imports_that_make_no_sense_are_refused() {
    let (server, alice) = start().await;
    let bob = server.account("bob").await;
    let inbox = server.mailbox(&alice, "inbox").await;
    let text = server.upload(&alice, mail("1@x", "").into_bytes()).await;
    let junk = server.upload(&alice, &b"\x00\x01\x02"[..]).await;
    let foreign = server.upload(&bob, mail("1@x", "").into_bytes()).await;
    let boxes = json!({ &inbox: true });
    let cases = [
        (
            json!({ "blobId": junk, "mailboxIds": boxes }),
            "invalidEmail",
        ),
        (
            json!({ "blobId": foreign, "mailboxIds": boxes }),
            "blobNotFound",
        ),
        (
            json!({ "blobId": "nonsense", "mailboxIds": boxes }),
            "blobNotFound",
        ),
        (
            json!({ "blobId": text, "mailboxIds": {} }),
            "invalidProperties",
        ),
        (
            json!({ "blobId": text, "mailboxIds": { "b00000000000000ff": true } }),
            "invalidProperties",
        ),
        (
            json!({ "blobId": text, "mailboxIds": boxes, "receivedAt": "2026-11-21T10:00:00+01:00" }),
            "invalidProperties",
        ),
        (
            json!({ "blobId": text, "mailboxIds": boxes, "keywords": { "a b": true } }),
            "invalidProperties",
        ),
    ];
    for (email, kind) in cases {
        let answer = server
            .call(&alice, "Email/import", json!({ "emails": { "e": email } }))
            .await;
        assert_eq!(answer["notCreated"]["e"]["type"], kind, "{email}");
        assert_eq!(answer["created"], Value::Null);
    }
    let good = json!({ "blobId": text, "mailboxIds": boxes, "receivedAt": "2020-01-02T03:04:05Z" });
    let mismatch = json!({ "ifInState": "x", "emails": { "e": good } });
    let answer = server.call(&alice, "Email/import", mismatch).await;
    assert_eq!(answer["type"], "stateMismatch");
    let answer = server
        .call(&alice, "Email/import", json!({ "emails": { "e": good } }))
        .await;
    let get = json!({ "ids": [answer["created"]["e"]["id"]], "properties": ["receivedAt"] });
    let email = server.call(&alice, "Email/get", get).await;
    assert_eq!(email["list"][0]["receivedAt"], "2020-01-02T03:04:05Z");
}

#[tokio::test]
async fn a_stored_message_can_be_copied_without_being_wrapped_twice() {
    let (server, alice) = start().await;
    let email = server.import(&alice, "inbox", &mail("1@x", "")).await;
    let archive = server.mailbox(&alice, "archive").await;
    let emails = json!({ "e": { "blobId": email["blobId"], "mailboxIds": { archive: true } } });
    let answer = server
        .call(&alice, "Email/import", json!({ "emails": emails }))
        .await;
    let id = answer["created"]["e"]["id"].as_str().unwrap();
    assert_eq!(server.open_email(&alice, id).await, mail("1@x", ""));
}

#[tokio::test]
async fn uploads_are_parsed_in_memory() {
    let (server, alice) = start().await;
    let text = "From: Ann <ann@x.org>\r\nSubject: =?utf-8?q?caf=C3=A9?=\r\nMessage-ID: <9@x>\r\n\
        Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n\
        line one\r\nline two\r\n--b\r\nContent-Type: image/png\r\n\
        Content-Disposition: attachment; filename=a.png\r\nContent-Transfer-Encoding: base64\r\n\
        \r\nAAEC\r\n--b--\r\n";
    let blob = server.upload(&alice, text.as_bytes()).await;
    let parse = json!({ "blobIds": [blob, "f00000000000000000000000000000000"],
        "fetchTextBodyValues": true, "maxBodyValueBytes": 10,
        "properties": ["subject", "from", "messageId", "hasAttachment", "preview", "bodyValues",
            "textBody", "attachments", "threadId", "blobId"] });
    let answer = server.call(&alice, "Email/parse", parse).await;
    assert_eq!(
        answer["notFound"],
        json!(["f00000000000000000000000000000000"])
    );
    let email = &answer["parsed"][&blob];
    assert_eq!(email["subject"], "café");
    assert_eq!(
        email["from"],
        json!([{ "name": "Ann", "email": "ann@x.org" }])
    );
    assert_eq!(
        (&email["hasAttachment"], &email["threadId"]),
        (&json!(true), &Value::Null)
    );
    let part = email["textBody"][0]["partId"].as_str().unwrap();
    assert_eq!(email["bodyValues"][part]["value"], "line one\nl");
    assert_eq!(email["bodyValues"][part]["isTruncated"], true);
    let file = email["attachments"][0].clone();
    assert_eq!(
        (&file["name"], &file["type"]),
        (&json!("a.png"), &json!("image/png"))
    );
    let bytes = server
        .download(&alice, file["blobId"].as_str().unwrap())
        .await;
    assert_eq!(&bytes.body[..], [0, 1, 2]);
    assert_eq!(
        bytes.header("content-disposition"),
        "attachment; filename*=UTF-8''mail.eml"
    );
}

#[tokio::test]
async fn copies_between_accounts_do_not_exist() {
    let (server, alice) = start().await;
    let copy = json!({ "fromAccountId": "u0000000000000001", "create": {} });
    let answer = server.call(&alice, "Email/copy", copy).await;
    assert_eq!(answer["type"], "fromAccountNotFound");
    let copy = json!({ "fromAccountId": alice.account, "create": {} });
    assert_eq!(
        server.call(&alice, "Email/copy", copy).await["type"],
        "invalidArguments"
    );
}

#[tokio::test]
async fn blobs_belong_to_their_account() {
    let (server, alice) = start().await;
    let bob = server.account("bob").await;
    let email = server.import(&alice, "inbox", &mail("1@x", "")).await;
    let upload = server.upload(&alice, mail("2@x", "").into_bytes()).await;
    for blob in [email["blobId"].as_str().unwrap(), &upload] {
        assert_eq!(server.download(&alice, blob).await.status, StatusCode::OK);
        server
            .download(&bob, blob)
            .await
            .is_problem("not-found", 404);
        let path = format!("/jmap/download/{}/{blob}/x", alice.account);
        server
            .get(&path, Some(&bob.token))
            .await
            .is_problem("not-found", 404);
        server
            .get(&path, None)
            .await
            .is_problem("unauthorized", 401);
    }
    // An hour later the upload is gone, the stored message is not.
    server.pass_time(3601);
    server
        .download(&alice, &upload)
        .await
        .is_problem("not-found", 404);
    let stored = server
        .download(&alice, email["blobId"].as_str().unwrap())
        .await;
    assert_eq!(stored.status, StatusCode::OK);
}
