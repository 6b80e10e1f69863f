//! `Email/query`, `/queryChanges` and `/changes`.

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
    let pick =
        |places: &[usize]| -> Value { places.iter().map(|place| ids[*place].clone()).collect() };
    let found = query(&server, &alice, json!({ "calculateTotal": true })).await;
    assert_eq!(all(&found), pick(&[4, 3, 2, 1, 0]));
    assert_eq!(
        (&found["total"], &found["canCalculateChanges"]),
        (&json!(5), &json!(true))
    );

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
        (
            json!({ "hasKeyword": "$seen", "notKeyword": "$flagged" }),
            vec![1],
        ),
        (json!({ "before": time(-40) }), vec![0]),
        (json!({ "after": time(-40) }), vec![4, 3, 2, 1]),
        (json!({ "minSize": 0, "maxSize": 1 }), vec![]),
        (json!({ "allInThreadHaveKeyword": "$seen" }), vec![2, 1]),
        (json!({ "someInThreadHaveKeyword": "$flagged" }), vec![2]),
        (json!({ "noneInThreadHaveKeyword": "$seen" }), vec![4, 3, 0]),
        (
            json!({ "operator": "OR", "conditions": [
            { "hasKeyword": "$flagged" }, { "inMailbox": archive }] }),
            vec![4, 3, 2],
        ),
        (
            json!({ "operator": "NOT", "conditions": [
            { "hasKeyword": "$flagged" }, { "inMailbox": archive }] }),
            vec![1, 0],
        ),
        (
            json!({ "operator": "AND", "conditions": [] }),
            vec![4, 3, 2, 1, 0],
        ),
    ];
    for (filter, expected) in cases {
        let found = query(&server, &alice, json!({ "filter": filter })).await;
        assert_eq!(all(&found), pick(&expected), "{filter}");
    }
    let sorts = [
        (json!([{ "property": "receivedAt" }]), vec![0, 1, 2, 3, 4]),
        (
            json!([{ "property": "size", "isAscending": false }]),
            vec![4, 3, 2, 1, 0],
        ),
        (
            json!([{ "property": "hasKeyword", "keyword": "$seen", "isAscending": false },
            { "property": "receivedAt" }]),
            vec![1, 2, 0, 3, 4],
        ),
        (
            json!([{ "property": "someInThreadHaveKeyword", "keyword": "$flagged",
            "isAscending": false }, { "property": "receivedAt" }]),
            vec![2, 0, 1, 3, 4],
        ),
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
        (
            json!({ "anchor": ids[2], "anchorOffset": -1, "limit": 2 }),
            vec![3, 2],
            1,
        ),
        (
            json!({ "anchor": ids[2], "anchorOffset": -9, "limit": 1 }),
            vec![4],
            0,
        ),
        (json!({ "limit": 0 }), vec![], 0),
        (
            json!({ "position": null, "limit": 1, "anchor": null, "calculateTotal": null,
                "filter": null, "collapseThreads": null }),
            vec![4],
            0,
        ),
    ];
    for (page, expected, position) in pages {
        let found = query(&server, &alice, page.clone()).await;
        assert_eq!(
            (all(&found), &found["position"]),
            (pick(&expected), &json!(position)),
            "{page}"
        );
    }
    let wrong = [
        (json!({ "filter": { "text": "x" } }), "unsupportedFilter"),
        (json!({ "filter": { "from": "x" } }), "unsupportedFilter"),
        (json!({ "filter": { "colour": "x" } }), "unsupportedFilter"),
        (json!({ "filter": { "minSize": -1 } }), "invalidArguments"),
        (
            json!({ "filter": { "operator": "XOR", "conditions": [] } }),
            "invalidArguments",
        ),
        (json!({ "filter": [] }), "invalidArguments"),
        (
            json!({ "sort": [{ "property": "subject" }] }),
            "unsupportedSort",
        ),
        (
            json!({ "sort": [{ "property": "hasKeyword" }] }),
            "invalidArguments",
        ),
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
    assert_eq!(
        query(&server, &alice, json!({ "filter": deep })).await["type"],
        "unsupportedFilter"
    );
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
    assert_eq!(
        (&found["ids"], &found["total"]),
        (&json!([reply, other]), &json!(2))
    );
    // When the newest goes, its thread is shown by the one before.
    let since = json!({ "sinceQueryState": found["queryState"], "collapseThreads": true });
    server
        .call(&alice, "Email/set", json!({ "destroy": [reply] }))
        .await;
    let changes = server.call(&alice, "Email/queryChanges", since).await;
    let removed = changes["removed"].as_array().unwrap();
    assert!(removed.contains(&reply) && removed.contains(&first));
    assert_eq!(changes["added"], json!([{ "id": first, "index": 1 }]));
    assert_eq!(
        query(&server, &alice, collapse).await["ids"],
        json!([other, first])
    );
}

#[tokio::test]
async fn query_changes_lead_from_old_results_to_new_ones() {
    let (server, alice) = start().await;
    for number in 0..4 {
        server
            .import(&alice, "inbox", &mail(&format!("{number}@x"), ""))
            .await;
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
    let changes = server
        .call(&alice, "Email/queryChanges", since.clone())
        .await;
    let removed = changes["removed"].as_array().unwrap();
    known.retain(|id| !removed.contains(id));
    for added in changes["added"].as_array().unwrap() {
        let index = usize::try_from(added["index"].as_u64().unwrap()).unwrap();
        known.insert(index, added["id"].clone());
    }
    let after = query(&server, &alice, unseen).await;
    assert_eq!(json!(known), after["ids"]);
    assert_eq!(
        (&changes["total"], &changes["newQueryState"]),
        (&json!(3), &after["queryState"])
    );
    since["maxChanges"] = 1.into();
    let answer = server
        .call(&alice, "Email/queryChanges", since.clone())
        .await;
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
        let email = server
            .import(&alice, "inbox", &mail(&format!("{number}@x"), ""))
            .await;
        ids.push(email["id"].clone());
    }
    // The first one changes before anybody asked: it is told late, but as created.
    let seen = json!({ "update": { ids[0].as_str().unwrap(): { "keywords/$flagged": true } } });
    server.call(&alice, "Email/set", seen).await;
    let page = |since: Value| json!({ "sinceState": since, "maxChanges": 2 });
    let first = server
        .call(&alice, "Email/changes", page(state.clone()))
        .await;
    assert_eq!(first["created"], json!([ids[1], ids[2]]));
    assert_eq!(first["hasMoreChanges"], true);
    // Between the pages: one that was told goes, one that was not told changes, and one that was
    // not told goes.
    let patch = json!({ "keywords/$seen": true });
    let set = json!({ "destroy": [ids[1], ids[3]],
        "update": { ids[4].as_str().unwrap(): patch } });
    server.call(&alice, "Email/set", set).await;
    let mut created: Vec<Value> = first["created"].as_array().unwrap().clone();
    let mut since = first["newState"].clone();
    loop {
        let next = server.call(&alice, "Email/changes", page(since)).await;
        // Nothing is told as changed that was never told as created.
        for updated in next["updated"].as_array().unwrap() {
            assert!(created.contains(updated), "{next}");
        }
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
    for id in [&ids[0], &ids[2], &ids[4]] {
        assert!(created.contains(id));
    }
    let rest = server
        .call(&alice, "Email/changes", json!({ "sinceState": since }))
        .await;
    assert_eq!(
        (&rest["created"], &rest["updated"]),
        (&json!([]), &json!([]))
    );
    for wrong in ["nonsense", "-1", "1000000", "5.9"] {
        let answer = server
            .call(&alice, "Email/changes", json!({ "sinceState": wrong }))
            .await;
        assert_eq!(answer["type"], "cannotCalculateChanges");
    }
    let zero = json!({ "sinceState": state, "maxChanges": 0 });
    assert_eq!(
        server.call(&alice, "Email/changes", zero).await["type"],
        "invalidArguments"
    );
}
