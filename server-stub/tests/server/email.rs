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
    let part = server.download(&alice, parts[1]["blobId"].as_str().unwrap()).await;
    assert!(part.body.starts_with(b"-----BEGIN PGP MESSAGE-----"), "{part:?}");
    assert_eq!(parts[1]["size"], part.body.len());
    // The whole is as large as it says and opens.
    let whole = server.download(&alice, email["blobId"].as_str().unwrap()).await;
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
    assert_eq!(server.call(&alice, "Email/get", get).await["type"], "invalidArguments");
    let all = server.call(&alice, "Email/get", json!({ "ids": null })).await;
    assert_eq!(all["list"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn mail_that_belongs_together_is_one_thread() {
    let (server, alice) = start().await;
    let first = server.import(&alice, "inbox", &mail("1@x", "")).await;
    server.pass_time(1);
    let reply = server.import(&alice, "sent", &mail("2@x", "In-Reply-To: <1@x>\r\n")).await;
    server.pass_time(1);
    let refers = mail("3@x", "References: <0@x> <2@x>\r\n");
    let third = server.import(&alice, "inbox", &refers).await;
    let other = server.import(&alice, "inbox", &mail("9@x", "")).await;
    assert_eq!(first["threadId"], reply["threadId"]);
    assert_eq!(first["threadId"], third["threadId"]);
    assert_ne!(first["threadId"], other["threadId"]);
    // An answer that came before its question.
    server.import(&alice, "inbox", &mail("22@x", "In-Reply-To: <21@x>\r\n")).await;
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
    server.call(&alice, "Email/set", json!({ "destroy": [other["id"]] })).await;
    let changes = server.call(&alice, "Thread/changes", json!({ "sinceState": state })).await;
    assert_eq!(changes["destroyed"], json!([other["threadId"]]));
}

async fn query(server: &Server, person: &Person, arguments: Value) -> Value {
    server.call(person, "Email/query", arguments).await
}

#[tokio::test]
async fn queries_filter_sort_and_page() {
    let (server, alice) = start().await;
    let mut ids = Vec::new();
    for number in 0..5 {
        let text = mail(&format!("{number}@x"), &"X-Pad: y\r\n".repeat(number * 40));
        ids.push(server.import(&alice, "inbox", &text).await["id"].clone());
        server.pass_time(10);
    }
    let inbox = server.mailbox(&alice, "inbox").await;
    let archive = server.mailbox(&alice, "archive").await;
    let update = json!({ "update": {
        ids[1].as_str().unwrap(): { "keywords/$seen": true },
        ids[2].as_str().unwrap(): { "keywords": { "$SEEN": true, "$flagged": true } },
        ids[3].as_str().unwrap(): { "mailboxIds": { &archive: true } },
        ids[4].as_str().unwrap(): { format!("mailboxIds/{archive}"): true },
    } });
    let answer = server.call(&alice, "Email/set", update).await;
    assert_eq!(answer["updated"].as_object().unwrap().len(), 4, "{answer}");
    let all = |answer: &Value| answer["ids"].clone();
    let pick = |places: &[usize]| -> Value {
        places.iter().map(|place| ids[*place].clone()).collect()
    };
    let found = query(&server, &alice, json!({ "calculateTotal": true })).await;
    assert_eq!(all(&found), pick(&[4, 3, 2, 1, 0]));
    assert_eq!((&found["total"], &found["canCalculateChanges"]), (&json!(5), &json!(true)));

    let time = |seconds: i64| {
        let text = mail_parser::DateTime::from_timestamp(server.now() as i64 + seconds);
        text.to_rfc3339()
    };
    let cases = [
        (json!({ "inMailbox": inbox }), vec![4, 2, 1, 0]),
        (json!({ "inMailbox": archive }), vec![4, 3]),
        (json!({ "inMailbox": "b0000000000000001" }), vec![]),
        (json!({ "inMailboxOtherThan": [inbox] }), vec![4, 3]),
        (json!({ "hasKeyword": "$seen" }), vec![2, 1]),
        (json!({ "notKeyword": "$Seen" }), vec![4, 3, 0]),
        (json!({ "hasKeyword": "$seen", "notKeyword": "$flagged" }), vec![1]),
        (json!({ "before": time(-40) }), vec![0]),
        (json!({ "after": time(-40) }), vec![4, 3, 2, 1]),
        (json!({ "minSize": 0, "maxSize": 1 }), vec![]),
        (json!({ "allInThreadHaveKeyword": "$seen" }), vec![2, 1]),
        (json!({ "someInThreadHaveKeyword": "$flagged" }), vec![2]),
        (json!({ "noneInThreadHaveKeyword": "$seen" }), vec![4, 3, 0]),
        (json!({ "operator": "OR", "conditions": [
            { "hasKeyword": "$flagged" }, { "inMailbox": archive }] }), vec![4, 3, 2]),
        (json!({ "operator": "NOT", "conditions": [
            { "hasKeyword": "$flagged" }, { "inMailbox": archive }] }), vec![1, 0]),
        (json!({ "operator": "AND", "conditions": [] }), vec![4, 3, 2, 1, 0]),
    ];
    for (filter, expected) in cases {
        let found = query(&server, &alice, json!({ "filter": filter })).await;
        assert_eq!(all(&found), pick(&expected), "{filter}");
    }
    let sorts = [
        (json!([{ "property": "receivedAt" }]), vec![0, 1, 2, 3, 4]),
        (json!([{ "property": "size", "isAscending": false }]), vec![4, 3, 2, 1, 0]),
        (json!([{ "property": "hasKeyword", "keyword": "$seen", "isAscending": false },
            { "property": "receivedAt" }]), vec![1, 2, 0, 3, 4]),
        (json!([{ "property": "someInThreadHaveKeyword", "keyword": "$flagged",
            "isAscending": false }, { "property": "receivedAt" }]), vec![2, 0, 1, 3, 4]),
    ];
    for (sort, expected) in sorts {
        let found = query(&server, &alice, json!({ "sort": sort })).await;
        assert_eq!(all(&found), pick(&expected), "{sort}");
    }
    let pages = [
        (json!({ "position": 1, "limit": 2 }), vec![3, 2], 1),
        (json!({ "position": -2 }), vec![1, 0], 3),
        (json!({ "position": -20, "limit": 1 }), vec![4], 0),
        (json!({ "position": 20 }), vec![], 20),
        (json!({ "anchor": ids[2], "anchorOffset": -1, "limit": 2 }), vec![3, 2], 1),
        (json!({ "anchor": ids[2], "anchorOffset": -9, "limit": 1 }), vec![4], 0),
        (json!({ "limit": 0 }), vec![], 0),
    ];
    for (page, expected, position) in pages {
        let found = query(&server, &alice, page.clone()).await;
        assert_eq!((all(&found), &found["position"]), (pick(&expected), &json!(position)), "{page}");
    }
    let wrong = [
        (json!({ "filter": { "text": "x" } }), "unsupportedFilter"),
        (json!({ "filter": { "from": "x" } }), "unsupportedFilter"),
        (json!({ "filter": { "colour": "x" } }), "unsupportedFilter"),
        (json!({ "filter": { "minSize": -1 } }), "invalidArguments"),
        (json!({ "filter": { "operator": "XOR", "conditions": [] } }), "invalidArguments"),
        (json!({ "filter": [] }), "invalidArguments"),
        (json!({ "sort": [{ "property": "subject" }] }), "unsupportedSort"),
        (json!({ "sort": [{ "property": "hasKeyword" }] }), "invalidArguments"),
        (json!({ "anchor": "m0000000000000001" }), "anchorNotFound"),
        (json!({ "position": "x" }), "invalidArguments"),
    ];
    for (arguments, kind) in wrong {
        let answer = query(&server, &alice, arguments.clone()).await;
        assert_eq!(answer["type"], kind, "{arguments}");
    }
    let mut deep = json!({ "hasKeyword": "$seen" });
    for _ in 0..30 {
        deep = json!({ "operator": "NOT", "conditions": [deep] });
    }
    assert_eq!(query(&server, &alice, json!({ "filter": deep })).await["type"], "unsupportedFilter");
}

#[tokio::test]
async fn threads_are_collapsed_to_their_first_match() {
    let (server, alice) = start().await;
    let first = server.import(&alice, "inbox", &mail("1@x", "")).await["id"].clone();
    server.pass_time(10);
    let other = server.import(&alice, "inbox", &mail("2@x", "")).await["id"].clone();
    server.pass_time(10);
    let reply = mail("3@x", "In-Reply-To: <1@x>\r\n");
    let reply = server.import(&alice, "inbox", &reply).await["id"].clone();
    let collapse = json!({ "collapseThreads": true, "calculateTotal": true });
    let found = query(&server, &alice, collapse.clone()).await;
    assert_eq!((&found["ids"], &found["total"]), (&json!([reply, other]), &json!(2)));
    // When the newest goes, its thread is shown by the one before.
    let since = json!({ "sinceQueryState": found["queryState"], "collapseThreads": true });
    server.call(&alice, "Email/set", json!({ "destroy": [reply] })).await;
    let changes = server.call(&alice, "Email/queryChanges", since).await;
    let removed = changes["removed"].as_array().unwrap();
    assert!(removed.contains(&reply) && removed.contains(&first));
    assert_eq!(changes["added"], json!([{ "id": first, "index": 1 }]));
    assert_eq!(query(&server, &alice, collapse).await["ids"], json!([other, first]));
}

#[tokio::test]
async fn query_changes_lead_from_old_results_to_new_ones() {
    let (server, alice) = start().await;
    for number in 0..4 {
        server.import(&alice, "inbox", &mail(&format!("{number}@x"), "")).await;
        server.pass_time(10);
    }
    let unseen = json!({ "filter": { "notKeyword": "$seen" } });
    let before = query(&server, &alice, unseen.clone()).await;
    let mut known: Vec<Value> = before["ids"].as_array().unwrap().clone();
    let update = json!({ "update": { known[1].as_str().unwrap(): { "keywords/$seen": true } },
        "destroy": [known[3]] });
    server.call(&alice, "Email/set", update).await;
    server.import(&alice, "inbox", &mail("new@x", "")).await;
    let mut since = unseen.clone();
    since["sinceQueryState"] = before["queryState"].clone();
    since["calculateTotal"] = true.into();
    let changes = server.call(&alice, "Email/queryChanges", since.clone()).await;
    let removed = changes["removed"].as_array().unwrap();
    known.retain(|id| !removed.contains(id));
    for added in changes["added"].as_array().unwrap() {
        let index = usize::try_from(added["index"].as_u64().unwrap()).unwrap();
        known.insert(index, added["id"].clone());
    }
    let after = query(&server, &alice, unseen).await;
    assert_eq!(json!(known), after["ids"]);
    assert_eq!((&changes["total"], &changes["newQueryState"]), (&json!(3), &after["queryState"]));
    since["maxChanges"] = 1.into();
    let answer = server.call(&alice, "Email/queryChanges", since.clone()).await;
    assert_eq!(answer["type"], "tooManyChanges");
    since["sinceQueryState"] = "999999".into();
    let answer = server.call(&alice, "Email/queryChanges", since).await;
    assert_eq!(answer["type"], "cannotCalculateChanges");
}

#[tokio::test]
async fn changes_are_told_page_by_page_without_a_gap() {
    let (server, alice) = start().await;
    let state = server.call(&alice, "Email/get", json!({ "ids": [] })).await["state"].clone();
    let mut ids = Vec::new();
    for number in 0..5 {
        let email = server.import(&alice, "inbox", &mail(&format!("{number}@x"), "")).await;
        ids.push(email["id"].clone());
    }
    let page = |since: Value| json!({ "sinceState": since, "maxChanges": 2 });
    let first = server.call(&alice, "Email/changes", page(state.clone())).await;
    assert_eq!(first["created"], json!([ids[0], ids[1]]));
    assert_eq!(first["hasMoreChanges"], true);
    // Between the pages: one that was told goes, one that was not told changes, one comes and
    // one that was not told goes.
    let patch = json!({ "keywords/$seen": true });
    let set = json!({ "destroy": [ids[0], ids[3]], "update": { ids[2].as_str().unwrap(): patch } });
    server.call(&alice, "Email/set", set).await;
    let mut created: Vec<Value> = first["created"].as_array().unwrap().clone();
    let mut since = first["newState"].clone();
    loop {
        let next = server.call(&alice, "Email/changes", page(since)).await;
        created.extend(next["created"].as_array().unwrap().clone());
        for gone in next["destroyed"].as_array().unwrap() {
            created.retain(|id| id != gone);
        }
        since = next["newState"].clone();
        if next["hasMoreChanges"] == false {
            break;
        }
    }
    assert_eq!(created.len(), 3, "{created:?}");
    for id in [&ids[1], &ids[2], &ids[4]] {
        assert!(created.contains(id));
    }
    let rest = server.call(&alice, "Email/changes", json!({ "sinceState": since })).await;
    assert_eq!((&rest["created"], &rest["updated"]), (&json!([]), &json!([])));
    for wrong in ["nonsense", "-1", "1000000", "5.9"] {
        let answer = server.call(&alice, "Email/changes", json!({ "sinceState": wrong })).await;
        assert_eq!(answer["type"], "cannotCalculateChanges");
    }
    let zero = json!({ "sinceState": state, "maxChanges": 0 });
    assert_eq!(server.call(&alice, "Email/changes", zero).await["type"], "invalidArguments");
}

#[tokio::test]
async fn updates_are_whole_properties_or_paths() {
    let (server, alice) = start().await;
    let id = server.import(&alice, "inbox", &mail("1@x", "")).await["id"].clone();
    let id = id.as_str().unwrap();
    let wrong = [
        (json!({ "mailboxIds": {} }), "invalidProperties"),
        (json!({ "mailboxIds": { "b0000000000000001": true } }), "invalidProperties"),
        (json!({ "mailboxIds/b0000000000000001": true }), "invalidProperties"),
        (json!({ "keywords": { "bad keyword": true } }), "invalidProperties"),
        (json!({ "keywords": { "$seen": false } }), "invalidProperties"),
        (json!({ "keywords/$seen": "yes" }), "invalidProperties"),
        (json!({ "keywords": {}, "keywords/$seen": true }), "invalidPatch"),
        (json!({ "subject": "new" }), "invalidProperties"),
    ];
    for (patch, kind) in wrong {
        let answer = server.call(&alice, "Email/set", json!({ "update": { id: patch } })).await;
        assert_eq!(answer["notUpdated"][id]["type"], kind, "{patch}");
        assert_eq!(answer["oldState"], answer["newState"]);
    }
    let answer = server
        .call(&alice, "Email/set", json!({ "update": { "m0000000000000001": {} }, "destroy": ["x"] }))
        .await;
    assert_eq!(answer["notUpdated"]["m0000000000000001"]["type"], "notFound");
    assert_eq!(answer["notDestroyed"]["x"]["type"], "notFound");
    let old = answer["newState"].clone();
    let good = json!({ "ifInState": old, "update": { id: { "keywords/Work": true } } });
    let answer = server.call(&alice, "Email/set", good.clone()).await;
    assert_eq!(answer["updated"], json!({ id: null }));
    assert_ne!(answer["newState"], old);
    assert_eq!(server.call(&alice, "Email/set", good).await["type"], "stateMismatch");
    let get = json!({ "ids": [id], "properties": ["keywords"] });
    let email = server.call(&alice, "Email/get", get).await;
    assert_eq!(email["list"][0]["keywords"], json!({ "work": true }));
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
    let id = answer["created"]["d"]["id"].as_str().unwrap_or_else(|| panic!("{answer}"));
    let text = server.open_email(&alice, id).await;
    let parsed = mail_parser::MessageParser::new().parse(text.as_bytes()).unwrap();
    assert_eq!(parsed.subject(), Some("Grüße"));
    assert_eq!(parsed.message_id(), Some("my-id@example.org"));
    assert_eq!(parsed.from().unwrap().first().unwrap().name(), Some("Älice"));
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
    let id = answer["created"]["d"]["id"].as_str().unwrap_or_else(|| panic!("{answer}"));
    let text = server.open_email(&alice, id).await;
    assert!(text.contains("X-Part: p") && text.contains("Content-ID: <c1>"), "{text}");
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
        (json!({ "subject": "a\r\nBcc: x@example.org" }), "invalidProperties"),
        (json!({ "header:X-A:asRaw": "a\nB: c" }), "invalidProperties"),
        (json!({ "from": [{ "email": "a@x>\r\nX: y" }] }), "invalidProperties"),
        (json!({ "from": "alice" }), "invalidProperties"),
        (json!({ "header:Content-Type": "text/html" }), "invalidProperties"),
        (json!({ "colour": "blue" }), "invalidProperties"),
        (json!({ "id": "m0000000000000001" }), "invalidProperties"),
        (json!({ "textBody": [{ "partId": "missing" }] }), "invalidProperties"),
        (json!({ "textBody": [{ "partId": "t", "type": "text/html" }] }), "invalidProperties"),
        (json!({ "textBody": [], "bodyValues": {} }), "invalidProperties"),
        (json!({ "attachments": [{ "blobId": "f00000000000000000000000000000000" }] }),
            "blobNotFound"),
        (json!({ "bodyStructure": { "type": "text/plain" } }), "invalidProperties"),
        (json!({ "bodyStructure": { "type": "multipart/mixed", "partId": "t" },
            "bodyValues": { "t": { "value": "x" } } }), "invalidProperties"),
        (json!({ "mailboxIds": {} }), "invalidProperties"),
        (json!({ "receivedAt": "yesterday" }), "invalidProperties"),
    ];
    for (properties, kind) in wrong {
        let mut create = json!({ "mailboxIds": { &drafts: true } });
        for (name, value) in properties.as_object().unwrap() {
            create[name] = value.clone();
        }
        let answer =
            server.call(&alice, "Email/set", json!({ "create": { "d": create } })).await;
        assert_eq!(answer["notCreated"]["d"]["type"], kind, "{properties}");
    }
    let mut deep = json!({ "type": "text/plain", "partId": "t" });
    for _ in 0..40 {
        deep = json!({ "type": "multipart/mixed", "subParts": [deep] });
    }
    let create = json!({ "mailboxIds": { &drafts: true }, "bodyStructure": deep,
        "bodyValues": { "t": { "value": "x" } } });
    let answer = server.call(&alice, "Email/set", json!({ "create": { "d": create } })).await;
    assert_eq!(answer["notCreated"]["d"]["type"], "invalidProperties");
    assert!(server.emails_in(&alice, "drafts").await.is_empty());
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
        (json!({ "blobId": junk, "mailboxIds": boxes }), "invalidEmail"),
        (json!({ "blobId": foreign, "mailboxIds": boxes }), "blobNotFound"),
        (json!({ "blobId": "nonsense", "mailboxIds": boxes }), "blobNotFound"),
        (json!({ "blobId": text, "mailboxIds": {} }), "invalidProperties"),
        (json!({ "blobId": text, "mailboxIds": { "b00000000000000ff": true } }),
            "invalidProperties"),
        (json!({ "blobId": text, "mailboxIds": boxes, "receivedAt": "2026-11-21T10:00:00+01:00" }),
            "invalidProperties"),
        (json!({ "blobId": text, "mailboxIds": boxes, "keywords": { "a b": true } }),
            "invalidProperties"),
    ];
    for (email, kind) in cases {
        let answer = server.call(&alice, "Email/import", json!({ "emails": { "e": email } })).await;
        assert_eq!(answer["notCreated"]["e"]["type"], kind, "{email}");
        assert_eq!(answer["created"], Value::Null);
    }
    let good = json!({ "blobId": text, "mailboxIds": boxes, "receivedAt": "2020-01-02T03:04:05Z" });
    let mismatch = json!({ "ifInState": "x", "emails": { "e": good } });
    let answer = server.call(&alice, "Email/import", mismatch).await;
    assert_eq!(answer["type"], "stateMismatch");
    let answer = server.call(&alice, "Email/import", json!({ "emails": { "e": good } })).await;
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
    let answer = server.call(&alice, "Email/import", json!({ "emails": emails })).await;
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
    assert_eq!(answer["notFound"], json!(["f00000000000000000000000000000000"]));
    let email = &answer["parsed"][&blob];
    assert_eq!(email["subject"], "café");
    assert_eq!(email["from"], json!([{ "name": "Ann", "email": "ann@x.org" }]));
    assert_eq!((&email["hasAttachment"], &email["threadId"]), (&json!(true), &Value::Null));
    let part = email["textBody"][0]["partId"].as_str().unwrap();
    assert_eq!(email["bodyValues"][part]["value"], "line one\nl");
    assert_eq!(email["bodyValues"][part]["isTruncated"], true);
    let file = email["attachments"][0].clone();
    assert_eq!((&file["name"], &file["type"]), (&json!("a.png"), &json!("image/png")));
    let bytes = server.download(&alice, file["blobId"].as_str().unwrap()).await;
    assert_eq!(&bytes.body[..], [0, 1, 2]);
    assert_eq!(bytes.header("content-disposition"), "attachment; filename*=UTF-8''mail.eml");
}

#[tokio::test]
async fn copies_between_accounts_do_not_exist() {
    let (server, alice) = start().await;
    let copy = json!({ "fromAccountId": "u0000000000000001", "create": {} });
    let answer = server.call(&alice, "Email/copy", copy).await;
    assert_eq!(answer["type"], "fromAccountNotFound");
    let copy = json!({ "fromAccountId": alice.account, "create": {} });
    assert_eq!(server.call(&alice, "Email/copy", copy).await["type"], "invalidArguments");
}

#[tokio::test]
async fn blobs_belong_to_their_account() {
    let (server, alice) = start().await;
    let bob = server.account("bob").await;
    let email = server.import(&alice, "inbox", &mail("1@x", "")).await;
    let upload = server.upload(&alice, mail("2@x", "").into_bytes()).await;
    for blob in [email["blobId"].as_str().unwrap(), &upload] {
        assert_eq!(server.download(&alice, blob).await.status, StatusCode::OK);
        server.download(&bob, blob).await.is_problem("not-found", 404);
        let path = format!("/jmap/download/{}/{blob}/x", alice.account);
        server.get(&path, Some(&bob.token)).await.is_problem("not-found", 404);
        server.get(&path, None).await.is_problem("unauthorized", 401);
    }
    // An hour later the upload is gone, the stored message is not.
    server.pass_time(3601);
    server.download(&alice, &upload).await.is_problem("not-found", 404);
    let stored = server.download(&alice, email["blobId"].as_str().unwrap()).await;
    assert_eq!(stored.status, StatusCode::OK);
}
