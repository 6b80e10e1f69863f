//! Two accounts exchange mail; and everything that can be in the way.

use serde_json::json;

use crate::kit::{Server, message};

fn mail(id: &str) -> String {
    message(
        "Alice <alice@example.org>",
        "bob@example.org",
        "Hello",
        id,
        "",
    )
}

#[tokio::test]
async fn mail_arrives_sealed_and_opens_with_the_recipients_key() {
    let server = Server::start().await;
    let (alice, bob) = (server.account("alice").await, server.account("bob").await);
    let responses = server
        .send_mail(&alice, &["bob@example.org"], &mail("1@x"))
        .await;
    assert_eq!(responses[1][0], "EmailSubmission/set", "{responses:?}");
    let sent = &responses[1][1]["created"]["s"];
    assert_eq!(sent["undoStatus"], "final");
    assert_eq!(
        sent["deliveryStatus"]["bob@example.org"]["delivered"],
        "yes"
    );

    let inbox = server.emails_in(&bob, "inbox").await;
    assert_eq!(inbox.len(), 1);
    assert_eq!(server.open_email(&bob, &inbox[0]).await, mail("1@x"));
    let own = server.emails_in(&alice, "sent").await;
    assert_eq!(server.open_email(&alice, &own[0]).await, mail("1@x"));
    // What JMAP shows of it is the wrapper.
    let query = json!({ "ids": [inbox[0]], "fetchAllBodyValues": true });
    let shown = server.call(&bob, "Email/get", query).await.to_string();
    for marker in ["Hello", "alice", "body of"] {
        assert!(!shown.contains(marker), "{marker} in {shown}");
    }
    // Neither can see the other's.
    let stolen = server
        .call(&alice, "Email/get", json!({ "ids": inbox }))
        .await;
    assert_eq!(stolen["notFound"][0], inbox[0].as_str());
}

#[tokio::test]
async fn submissions_are_forgotten() {
    let server = Server::start().await;
    let (alice, _bob) = (server.account("alice").await, server.account("bob").await);
    let responses = server
        .send_mail(&alice, &["bob@example.org"], &mail("1@x"))
        .await;
    let id = responses[1][1]["created"]["s"]["id"].clone();
    let got = server
        .call(&alice, "EmailSubmission/get", json!({ "ids": [id] }))
        .await;
    assert_eq!((&got["list"], &got["notFound"][0]), (&json!([]), &id));
    let found = server
        .call(&alice, "EmailSubmission/query", json!({}))
        .await;
    assert_eq!(found["ids"], json!([]));
    let since = json!({ "sinceState": got["state"] });
    let changes = server.call(&alice, "EmailSubmission/changes", since).await;
    assert_eq!(changes["created"], json!([]));
    // The bytes are gone from memory, so the same email cannot be sent again.
    let email = server.emails_in(&alice, "sent").await;
    let again = json!({ "create": { "s": { "emailId": email[0] } } });
    let answer = server.call(&alice, "EmailSubmission/set", again).await;
    assert_eq!(answer["notCreated"]["s"]["type"], "invalidEmail");
}

#[tokio::test]
async fn nobody_gets_anything_when_one_recipient_is_unknown() {
    let server = Server::start().await;
    let (alice, bob) = (server.account("alice").await, server.account("bob").await);
    let to = [
        "bob@example.org",
        "nobody@example.org",
        "eve@elsewhere.example",
    ];
    let responses = server.send_mail(&alice, &to, &mail("1@x")).await;
    let error = &responses[1][1]["notCreated"]["s"];
    assert_eq!(error["type"], "invalidRecipients");
    let unknown = json!(["nobody@example.org", "eve@elsewhere.example"]);
    assert_eq!(error["invalidRecipients"], unknown);
    assert!(server.emails_in(&bob, "inbox").await.is_empty());
    // The message is still there and can go to the others.
    let email = server.emails_in(&alice, "sent").await;
    let envelope = json!({ "mailFrom": { "email": "alice@example.org" },
        "rcptTo": [{ "email": "BOB@example.org" }, { "email": "bob@example.org" }] });
    let again = json!({ "create": { "s": { "emailId": email[0], "envelope": envelope } } });
    let answer = server.call(&alice, "EmailSubmission/set", again).await;
    assert!(answer["created"]["s"]["id"].is_string(), "{answer}");
    assert_eq!(server.emails_in(&bob, "inbox").await.len(), 1);
}

#[tokio::test]
async fn only_ones_own_address_sends() {
    let server = Server::start().await;
    let alice = server.account("alice").await;
    server.account("bob").await;
    let foreign = message("bob@example.org", "alice@example.org", "x", "1@x", "");
    let responses = server
        .send_mail(&alice, &["bob@example.org"], &foreign)
        .await;
    assert_eq!(responses[1][1]["notCreated"]["s"]["type"], "forbiddenFrom");
    let two = message("alice@example.org, bob@example.org", "a@x", "x", "2@x", "");
    let responses = server.send_mail(&alice, &["bob@example.org"], &two).await;
    assert_eq!(responses[1][1]["notCreated"]["s"]["type"], "forbiddenFrom");
    let responses = server.send_mail(&alice, &[], &mail("3@x")).await;
    assert_eq!(responses[1][1]["notCreated"]["s"]["type"], "noRecipients");
    let responses = server
        .send_mail(&alice, &["not an address"], &mail("4@x"))
        .await;
    assert_eq!(
        responses[1][1]["notCreated"]["s"]["type"],
        "invalidRecipients"
    );

    let blob = server.upload(&alice, mail("5@x").into_bytes()).await;
    let drafts = server.mailbox(&alice, "drafts").await;
    let emails = json!({ "m": { "blobId": blob, "mailboxIds": { drafts: true } } });
    let email = server
        .call(&alice, "Email/import", json!({ "emails": emails }))
        .await;
    let email = &email["created"]["m"]["id"];
    let envelope = json!({ "mailFrom": { "email": "bob@example.org" },
        "rcptTo": [{ "email": "bob@example.org" }] });
    let submission = json!({ "create": { "s": { "emailId": email, "envelope": envelope } } });
    let answer = server.call(&alice, "EmailSubmission/set", submission).await;
    assert_eq!(answer["notCreated"]["s"]["type"], "forbiddenMailFrom");
    for (property, value) in [("emailId", "m0000000000000001"), ("identityId", "other")] {
        let mut create = json!({ "emailId": email });
        create[property] = value.into();
        let answer = server
            .call(
                &alice,
                "EmailSubmission/set",
                json!({ "create": { "s": create } }),
            )
            .await;
        assert_eq!(answer["notCreated"]["s"]["type"], "invalidProperties");
    }
}

#[tokio::test]
async fn the_envelope_can_come_from_the_header_and_bcc_is_cut() {
    let server = Server::start().await;
    let alice = server.account("alice").await;
    let (bob, carol) = (server.account("bob").await, server.account("carol").await);
    let text = message(
        "alice@example.org",
        "bob@example.org",
        "x",
        "1@x",
        "Bcc: carol@example.org\r\n",
    );
    let blob = server.upload(&alice, text.into_bytes()).await;
    let drafts = server.mailbox(&alice, "drafts").await;
    let sent = server.mailbox(&alice, "sent").await;
    let patch = json!({ format!("mailboxIds/{drafts}"): null, format!("mailboxIds/{sent}"): true,
        "keywords/$draft": null });
    let calls = json!([
        ["Email/import", { "accountId": alice.account, "emails": { "m": { "blobId": blob,
            "mailboxIds": { drafts: true }, "keywords": { "$draft": true, "$seen": true } } } },
            "0"],
        ["EmailSubmission/set", { "accountId": alice.account,
            "create": { "s": { "identityId": "main", "emailId": "#m" } },
            "onSuccessUpdateEmail": { "#s": patch } }, "1"],
    ]);
    let responses = server.jmap(&alice, calls).await;
    assert_eq!(
        (&responses[2][0], &responses[2][2]),
        (&json!("Email/set"), &json!("1"))
    );
    assert_eq!(server.emails_in(&alice, "drafts").await.len(), 0);
    assert_eq!(server.emails_in(&alice, "sent").await.len(), 1);
    for person in [&bob, &carol] {
        let inbox = server.emails_in(person, "inbox").await;
        let text = server.open_email(person, &inbox[0]).await;
        assert!(!text.contains("Bcc") && !text.contains("carol"), "{text}");
    }
}

#[tokio::test]
async fn on_success_hooks_do_nothing_without_success() {
    let server = Server::start().await;
    let alice = server.account("alice").await;
    let email = server.import(&alice, "drafts", &mail("1@x")).await["id"].clone();
    let set = json!({ "create": { "s": { "emailId": email } },
        "onSuccessDestroyEmail": ["#s"],
        "onSuccessUpdateEmail": { "#s": { "keywords/$seen": true } } });
    // bob has no account.
    let mut arguments = set.clone();
    arguments["accountId"] = alice.account.clone().into();
    let responses = server
        .jmap(&alice, json!([["EmailSubmission/set", arguments, "0"]]))
        .await;
    assert_eq!(responses.len(), 1);
    assert_eq!(
        responses[0][1]["notCreated"]["s"]["type"],
        "invalidRecipients"
    );
    assert_eq!(server.emails_in(&alice, "drafts").await.len(), 1);
    server.account("bob").await;
    server.call(&alice, "EmailSubmission/set", set).await;
    assert_eq!(server.emails_in(&alice, "drafts").await.len(), 0);
}

#[tokio::test]
async fn an_import_whose_answer_was_lost_is_found_again_and_can_still_be_sent() {
    let server = Server::start().await;
    let (alice, bob) = (server.account("alice").await, server.account("bob").await);
    let first = server.import(&alice, "drafts", &mail("1@x")).await["id"].clone();
    // Everything in memory is gone, as after a crash.
    let server = server.restart().await;
    let alice = server.log_in(alice).await;
    let blob = server.upload(&alice, mail("1@x").into_bytes()).await;
    let drafts = server.mailbox(&alice, "drafts").await;
    let emails = json!({ "m": { "blobId": blob, "mailboxIds": { drafts: true } } });
    let answer = server
        .call(&alice, "Email/import", json!({ "emails": emails }))
        .await;
    assert_eq!(answer["notCreated"]["m"]["type"], "alreadyExists");
    assert_eq!(answer["notCreated"]["m"]["existingId"], first);
    let submission = json!({ "create": { "s": { "emailId": first } } });
    let answer = server.call(&alice, "EmailSubmission/set", submission).await;
    assert!(answer["created"]["s"]["id"].is_string(), "{answer}");
    let bob = server.log_in(bob).await;
    assert_eq!(server.emails_in(&bob, "inbox").await.len(), 1);
}

#[tokio::test]
async fn a_recipient_whose_key_expired_or_whose_room_is_full_is_named() {
    let server = Server::start_with(|config| config.limits.mail_quota = 24_000).await;
    let (alice, bob) = (server.account("alice").await, server.account("bob").await);
    let big = format!("{}{}", mail("1@x"), "x".repeat(10_000));
    server
        .import(&bob, "archive", &message("b@x", "b@x", "y", "0@x", ""))
        .await;
    let mut answers = Vec::new();
    for id in ["1@x", "2@x"] {
        let text = big.replace("1@x", id);
        answers.push(server.send_mail(&alice, &["bob@example.org"], &text).await);
        // Only bob's room counts here.
        let sent = server.emails_in(&alice, "sent").await;
        server
            .call(&alice, "Email/set", json!({ "destroy": sent }))
            .await;
    }
    let full = &answers[1][1][1]["notCreated"]["s"];
    assert_eq!(full["type"], "invalidRecipients", "{answers:?}");
    assert!(full["description"].as_str().unwrap().contains("no room"));
    assert_eq!(server.emails_in(&bob, "inbox").await.len(), 1);
}

#[tokio::test]
async fn nothing_can_be_undone_or_updated() {
    let server = Server::start().await;
    let alice = server.account("alice").await;
    let set = json!({ "update": { "x": { "undoStatus": "canceled" } }, "destroy": ["y"] });
    let answer = server.call(&alice, "EmailSubmission/set", set).await;
    assert_eq!(answer["notUpdated"]["x"]["type"], "notFound");
    assert_eq!(answer["notDestroyed"]["y"]["type"], "notFound");
}

#[tokio::test]
async fn too_many_messages_are_slowed_down() {
    let hour = std::time::Duration::from_secs(3600);
    let server = Server::start_with(|config| {
        config.rates.submissions_per_account = server_stub::Rate::new(1, hour);
    })
    .await;
    let alice = server.account("alice").await;
    server.account("bob").await;
    server
        .send_mail(&alice, &["bob@example.org"], &mail("1@x"))
        .await;
    let responses = server
        .send_mail(&alice, &["bob@example.org"], &mail("2@x"))
        .await;
    assert_eq!(responses[1][1]["notCreated"]["s"]["type"], "rateLimit");
}

#[tokio::test]
async fn a_message_is_not_sealed_for_too_many_at_once() {
    let server = Server::start_with(|config| config.limits.recipients = 2).await;
    server.account("carol").await;
    let alice = server.account("alice").await;
    let to = ["a@example.org", "b@example.org", "c@example.org"];
    let responses = server.send_mail(&alice, &to, &mail("1@x")).await;
    let error = &responses[1][1]["notCreated"]["s"];
    assert_eq!(
        (&error["type"], &error["maxRecipients"]),
        (&json!("tooManyRecipients"), &json!(2))
    );
}
