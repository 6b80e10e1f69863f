//! `Mailbox/*`.

use serde_json::{Value, json};

use crate::kit::{Person, Server, message};

async fn start() -> (Server, Person) {
    let server = Server::start().await;
    let alice = server.account("alice").await;
    (server, alice)
}

async fn create(server: &Server, person: &Person, properties: Value) -> Value {
    let answer = server
        .call(
            person,
            "Mailbox/set",
            json!({ "create": { "x": properties } }),
        )
        .await;
    match &answer["created"]["x"] {
        Value::Null => answer["notCreated"]["x"].clone(),
        created => created.clone(),
    }
}

#[tokio::test]
async fn an_account_begins_with_the_usual_mailboxes() {
    let (server, alice) = start().await;
    let all = server
        .call(&alice, "Mailbox/get", json!({ "ids": null }))
        .await;
    let roles: Vec<&str> = all["list"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["role"].as_str().unwrap())
        .collect();
    assert_eq!(
        roles,
        ["inbox", "drafts", "sent", "archive", "junk", "trash"]
    );
    let get = json!({ "ids": ["b0000000000000001"], "properties": ["name"] });
    let none = server.call(&alice, "Mailbox/get", get).await;
    assert_eq!(none["notFound"], json!(["b0000000000000001"]));
    let wrong = server
        .call(&alice, "Mailbox/get", json!({ "properties": ["colour"] }))
        .await;
    assert_eq!(wrong["type"], "invalidArguments");
}

#[tokio::test]
async fn mailboxes_are_made_moved_and_destroyed() {
    let (server, alice) = start().await;
    let calls = json!([["Mailbox/set", { "accountId": alice.account, "create": {
        "child": { "name": "Child", "parentId": "#parent" },
        "parent": { "name": "Parent", "sortOrder": 7, "isSubscribed": true } } }, "0"]]);
    let answer = server.jmap(&alice, calls).await[0][1].clone();
    let parent = answer["created"]["parent"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let child = answer["created"]["child"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let state = answer["newState"].clone();

    let cases = [
        (
            json!({ "parentId": child }),
            parent.as_str(),
            "invalidProperties",
        ),
        (
            json!({ "parentId": parent }),
            parent.as_str(),
            "invalidProperties",
        ),
        (json!({ "name": "" }), child.as_str(), "invalidProperties"),
        (
            json!({ "name": "a\u{7}" }),
            child.as_str(),
            "invalidProperties",
        ),
        (
            json!({ "name": "x".repeat(256) }),
            child.as_str(),
            "invalidProperties",
        ),
        (
            json!({ "name": "Inbox", "parentId": null }),
            child.as_str(),
            "invalidProperties",
        ),
        (
            json!({ "role": "inbox" }),
            child.as_str(),
            "invalidProperties",
        ),
        (
            json!({ "role": "trash" }),
            child.as_str(),
            "invalidProperties",
        ),
        (
            json!({ "role": "king" }),
            child.as_str(),
            "invalidProperties",
        ),
        (
            json!({ "sortOrder": -1 }),
            child.as_str(),
            "invalidProperties",
        ),
        (
            json!({ "totalEmails": 3 }),
            child.as_str(),
            "invalidProperties",
        ),
        (json!({ "name": "x" }), "b0000000000000001", "notFound"),
    ];
    for (patch, id, kind) in cases {
        let answer = server
            .call(&alice, "Mailbox/set", json!({ "update": { id: patch } }))
            .await;
        assert_eq!(answer["notUpdated"][id]["type"], kind, "{patch}");
    }
    let update = json!({ "update": { &child: { "name": "Kid", "role": "flagged" } } });
    let answer = server.call(&alice, "Mailbox/set", update).await;
    assert_eq!(answer["updated"], json!({ &child: null }));
    let changes = server
        .call(&alice, "Mailbox/changes", json!({ "sinceState": state }))
        .await;
    assert_eq!(
        (&changes["updated"], &changes["updatedProperties"]),
        (&json!([child]), &Value::Null)
    );

    let inbox = server.mailbox(&alice, "inbox").await;
    let destroy = json!({ "destroy": [parent, inbox, "b0000000000000001", child] });
    let answer = server.call(&alice, "Mailbox/set", destroy).await;
    assert_eq!(answer["notDestroyed"][&parent]["type"], "mailboxHasChild");
    assert_eq!(answer["notDestroyed"][&inbox]["type"], "forbidden");
    assert_eq!(
        answer["notDestroyed"]["b0000000000000001"]["type"],
        "notFound"
    );
    assert_eq!(answer["destroyed"], json!([child]));
    let changes = server
        .call(&alice, "Mailbox/changes", json!({ "sinceState": state }))
        .await;
    assert_eq!(changes["destroyed"], json!([child]));
    let mismatch = json!({ "ifInState": "x", "create": {} });
    assert_eq!(
        server.call(&alice, "Mailbox/set", mismatch).await["type"],
        "stateMismatch"
    );
}

#[tokio::test]
async fn a_mailbox_with_mail_is_destroyed_only_on_demand() {
    let (server, alice) = start().await;
    let one = create(&server, &alice, json!({ "name": "One" })).await["id"].clone();
    let archive = server.mailbox(&alice, "archive").await;
    let mut ids = Vec::new();
    for id in ["1@x", "2@x"] {
        let text = message("a@x", "b@x", "s", id, "");
        let email = server.import(&alice, "archive", &text).await["id"].clone();
        ids.push(email.as_str().unwrap().to_owned());
    }
    let update = json!({ "update": {
        &ids[0]: { "mailboxIds": { one.as_str().unwrap(): true } },
        &ids[1]: { format!("mailboxIds/{}", one.as_str().unwrap()): true } } });
    server.call(&alice, "Email/set", update).await;
    let answer = server
        .call(&alice, "Mailbox/set", json!({ "destroy": [one] }))
        .await;
    assert_eq!(
        answer["notDestroyed"][one.as_str().unwrap()]["type"],
        "mailboxHasEmail"
    );
    let destroy = json!({ "destroy": [one], "onDestroyRemoveEmails": true });
    let answer = server.call(&alice, "Mailbox/set", destroy).await;
    assert_eq!(answer["destroyed"], json!([one]));
    let get = json!({ "ids": ids, "properties": ["mailboxIds"] });
    let emails = server.call(&alice, "Email/get", get).await;
    assert_eq!(emails["notFound"], json!([ids[0]]));
    assert_eq!(emails["list"][0]["mailboxIds"], json!({ archive: true }));
}

#[tokio::test]
async fn counts_follow_the_mail_and_their_changes_are_told_as_such() {
    let (server, alice) = start().await;
    let first = server
        .import(&alice, "inbox", &message("a@x", "b@x", "s", "1@x", ""))
        .await;
    let reply = message("a@x", "b@x", "s", "2@x", "In-Reply-To: <1@x>\r\n");
    server.import(&alice, "inbox", &reply).await;
    let counts = async |role: &str| {
        let all = server.call(&alice, "Mailbox/get", json!({})).await;
        let list = all["list"].as_array().unwrap().clone();
        let one = list
            .into_iter()
            .find(|mailbox| mailbox["role"] == role)
            .unwrap();
        let names = [
            "totalEmails",
            "unreadEmails",
            "totalThreads",
            "unreadThreads",
        ];
        (
            names.map(|name| one[name].as_i64().unwrap()),
            all["state"].clone(),
        )
    };
    let (before, state) = counts("inbox").await;
    assert_eq!(before, [2, 2, 1, 1]);
    let id = first["id"].as_str().unwrap();
    let patch = json!({ "update": { id: { "keywords/$seen": true } } });
    server.call(&alice, "Email/set", patch).await;
    assert_eq!(counts("inbox").await.0, [2, 1, 1, 1]);
    let changes = server
        .call(&alice, "Mailbox/changes", json!({ "sinceState": state }))
        .await;
    assert_eq!(
        changes["updated"],
        json!([server.mailbox(&alice, "inbox").await])
    );
    assert_eq!(changes["updatedProperties"].as_array().unwrap().len(), 4);
    let trash = server.mailbox(&alice, "trash").await;
    let patch = json!({ "update": { id: { "mailboxIds": { trash: true } } } });
    server.call(&alice, "Email/set", patch).await;
    assert_eq!(counts("inbox").await.0, [1, 1, 1, 1]);
    assert_eq!(counts("trash").await.0, [1, 0, 1, 1]);
    let all = server.emails_in(&alice, "inbox").await;
    server
        .call(&alice, "Email/set", json!({ "destroy": all }))
        .await;
    assert_eq!(counts("inbox").await.0, [0, 0, 0, 0]);
}

#[tokio::test]
async fn mailboxes_are_queried() {
    let (server, alice) = start().await;
    let parent = create(&server, &alice, json!({ "name": "Zoo" })).await["id"].clone();
    let child = create(
        &server,
        &alice,
        json!({ "name": "Ant", "parentId": parent }),
    )
    .await;
    let child = child["id"].clone();
    let ask = async |arguments: Value| server.call(&alice, "Mailbox/query", arguments).await;
    let found = ask(json!({ "filter": { "role": "inbox" } })).await;
    assert_eq!(found["ids"], json!([server.mailbox(&alice, "inbox").await]));
    let found = ask(
        json!({ "filter": { "hasAnyRole": false }, "calculateTotal": true,
        "sort": [{ "property": "name" }] }),
    )
    .await;
    assert_eq!(
        (&found["ids"], &found["total"]),
        (&json!([child, parent]), &json!(2))
    );
    let found = ask(
        json!({ "filter": { "hasAnyRole": false }, "sortAsTree": true,
        "sort": [{ "property": "name" }] }),
    )
    .await;
    assert_eq!(found["ids"], json!([parent, child]));
    let found = ask(json!({ "filter": { "parentId": parent } })).await;
    assert_eq!(found["ids"], json!([child]));
    let found = ask(json!({ "filter": { "operator": "OR", "conditions": [
        { "name": "zo" }, { "role": "trash" }] }, "limit": 1, "position": 1 }))
    .await;
    assert_eq!(found["ids"].as_array().unwrap().len(), 1);
    let found = ask(json!({ "filter": { "name": "ant" }, "filterAsTree": true })).await;
    assert_eq!(found["ids"], json!([]));
    for (arguments, kind) in [
        (json!({ "filter": { "colour": 1 } }), "unsupportedFilter"),
        (
            json!({ "sort": [{ "property": "colour" }] }),
            "unsupportedSort",
        ),
        (json!({ "anchor": "x" }), "anchorNotFound"),
    ] {
        assert_eq!(ask(arguments).await["type"], kind);
    }
    let since = json!({ "sinceQueryState": found["queryState"] });
    let answer = server.call(&alice, "Mailbox/queryChanges", since).await;
    assert_eq!(answer["type"], "cannotCalculateChanges");
}

#[tokio::test]
async fn mailboxes_lie_only_so_deep_and_are_only_so_many() {
    let server = Server::start_with(|config| config.limits.mailboxes = 20).await;
    let alice = server.account("alice").await;
    let mut parent = Value::Null;
    for level in 1..=10 {
        let new = create(&server, &alice, json!({ "name": "x", "parentId": parent })).await;
        assert!(new["id"].is_string(), "{level}: {new}");
        parent = new["id"].clone();
    }
    let deep = create(&server, &alice, json!({ "name": "x", "parentId": parent })).await;
    assert_eq!(deep["type"], "invalidProperties");
    for number in 0..4 {
        create(&server, &alice, json!({ "name": format!("{number}") })).await;
    }
    let many = create(&server, &alice, json!({ "name": "more" })).await;
    assert_eq!(many["type"], "overQuota");
}
