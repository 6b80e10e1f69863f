//! Messages that the server builds from the properties of `Email/set`.

use serde_json::json;

use crate::kit::{Person, Server};

async fn start() -> (Server, Person) {
    let server = Server::start().await;
    let alice = server.account("alice").await;
    (server, alice)
}

#[tokio::test]
async fn a_draft_is_built_from_its_properties() {
    let (server, alice) = start().await;
    let drafts = server.mailbox(&alice, "drafts").await;
    let attachment = server.upload(&alice, &b"\x00\x01binary"[..]).await;
    let create = json!({ "create": { "d": {
        "mailboxIds": { &drafts: true }, "keywords": { "$draft": true },
        "from": [{ "name": "Älice", "email": "alice@example.org" }],
        "to": [{ "name": null, "email": "bob@example.org" }],
        "subject": "Grüße", "messageId": ["my-id@example.org"], "inReplyTo": ["other@x"],
        "sentAt": "2026-11-21T10:00:00Z",
        "header:X-Thing:asText": "thing", "header:List-Post:asURLs": ["mailto:l@x"],
        "bodyValues": { "t": { "value": "plain text" }, "h": { "value": "<p>html</p>" } },
        "textBody": [{ "partId": "t", "type": "text/plain" }],
        "htmlBody": [{ "partId": "h", "type": "text/html" }],
        "attachments": [{ "blobId": attachment, "type": "application/x-thing",
            "name": "thing.bin", "disposition": "attachment" }],
    } } });
    let answer = server.call(&alice, "Email/set", create).await;
    let id = answer["created"]["d"]["id"]
        .as_str()
        .unwrap_or_else(|| panic!("{answer}"));
    let text = server.open_email(&alice, id).await;
    let parsed = mail_parser::MessageParser::new()
        .parse(text.as_bytes())
        .unwrap();
    assert_eq!(parsed.subject(), Some("Grüße"));
    assert_eq!(parsed.message_id(), Some("my-id@example.org"));
    assert_eq!(
        parsed.from().unwrap().first().unwrap().name(),
        Some("Älice")
    );
    assert_eq!(parsed.body_text(0).unwrap().trim(), "plain text");
    assert_eq!(parsed.body_html(0).unwrap().trim(), "<p>html</p>");
    let file = parsed.attachment(0).unwrap();
    assert_eq!(file.contents(), b"\x00\x01binary");
    assert!(text.contains("X-Thing: thing") && text.contains("thing.bin"));

    let structure = json!({ "create": { "d": {
        "mailboxIds": { &drafts: true },
        "bodyValues": { "a": { "value": "one" }, "b": { "value": "two" } },
        "bodyStructure": { "type": "multipart/mixed", "subParts": [
            { "partId": "a", "type": "text/plain", "header:X-Part:asText": "p" },
            { "partId": "b", "type": "text/plain", "cid": "c1", "disposition": "inline" } ] },
    } } });
    let answer = server.call(&alice, "Email/set", structure).await;
    let id = answer["created"]["d"]["id"]
        .as_str()
        .unwrap_or_else(|| panic!("{answer}"));
    let text = server.open_email(&alice, id).await;
    assert!(
        text.contains("X-Part: p") && text.contains("Content-ID: <c1>"),
        "{text}"
    );
    assert!(text.contains("Message-ID: <") && text.contains("@example.org>"));
    // Drafts can be sent while the server still has them in memory.
    let bob = server.account("bob").await;
    let create = json!({ "create": { "d": { "mailboxIds": { &drafts: true },
        "from": [{ "email": "alice@example.org" }], "to": [{ "email": "bob@example.org" }],
        "bodyValues": { "t": { "value": "hi" } }, "textBody": [{ "partId": "t" }] } } });
    let id = server.call(&alice, "Email/set", create).await["created"]["d"]["id"].clone();
    let submission = json!({ "create": { "s": { "emailId": id } } });
    let answer = server.call(&alice, "EmailSubmission/set", submission).await;
    assert!(answer["created"]["s"].is_object(), "{answer}");
    assert_eq!(server.emails_in(&bob, "inbox").await.len(), 1);
}

#[tokio::test]
async fn a_draft_that_makes_no_sense_is_refused() {
    let (server, alice) = start().await;
    let drafts = server.mailbox(&alice, "drafts").await;
    let wrong = [
        (
            json!({ "subject": "a\r\nBcc: x@example.org" }),
            "invalidProperties",
        ),
        (
            json!({ "header:X-A:asRaw": "a\nB: c" }),
            "invalidProperties",
        ),
        (
            json!({ "from": [{ "email": "a@x>\r\nX: y" }] }),
            "invalidProperties",
        ),
        (json!({ "from": "alice" }), "invalidProperties"),
        (
            json!({ "header:Content-Type": "text/html" }),
            "invalidProperties",
        ),
        (json!({ "colour": "blue" }), "invalidProperties"),
        (json!({ "id": "m0000000000000001" }), "invalidProperties"),
        (
            json!({ "textBody": [{ "partId": "missing" }] }),
            "invalidProperties",
        ),
        (
            json!({ "textBody": [{ "partId": "t", "type": "text/html" }] }),
            "invalidProperties",
        ),
        (
            json!({ "textBody": [], "bodyValues": {} }),
            "invalidProperties",
        ),
        (
            json!({ "attachments": [{ "blobId": "f00000000000000000000000000000000" }] }),
            "blobNotFound",
        ),
        (
            json!({ "bodyStructure": { "type": "text/plain" } }),
            "invalidProperties",
        ),
        (
            json!({ "bodyStructure": { "type": "multipart/mixed", "partId": "t" },
            "bodyValues": { "t": { "value": "x" } } }),
            "invalidProperties",
        ),
        (json!({ "mailboxIds": {} }), "invalidProperties"),
        (json!({ "receivedAt": "yesterday" }), "invalidProperties"),
    ];
    for (properties, kind) in wrong {
        let mut create = json!({ "mailboxIds": { &drafts: true } });
        for (name, value) in properties.as_object().unwrap() {
            create[name] = value.clone();
        }
        let answer = server
            .call(&alice, "Email/set", json!({ "create": { "d": create } }))
            .await;
        assert_eq!(answer["notCreated"]["d"]["type"], kind, "{properties}");
    }
    let mut deep = json!({ "type": "text/plain", "partId": "t" });
    for _ in 0..40 {
        deep = json!({ "type": "multipart/mixed", "subParts": [deep] });
    }
    let create = json!({ "mailboxIds": { &drafts: true }, "bodyStructure": deep,
        "bodyValues": { "t": { "value": "x" } } });
    let answer = server
        .call(&alice, "Email/set", json!({ "create": { "d": create } }))
        .await;
    assert_eq!(answer["notCreated"]["d"]["type"], "invalidProperties");
    assert!(server.emails_in(&alice, "drafts").await.is_empty());
}
