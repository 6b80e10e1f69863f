//! Servers that go away, disks that are full or damaged, two tabs, two devices: nothing that was
//! acknowledged is lost, and the person is told.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::{cell::Cell, rc::Rc};

use common::{PASSPHRASE, inbox, letter, mailbox, secret, send, someone};
use mail_client::{
    ClientError,
    view::{MailboxRole, Notice, RecipientState, SendOutcome},
};
use testkit::{Cut, Device, TestServer, silent};
use wire::routes;

#[tokio::test]
async fn a_message_waits_sealed_while_the_server_is_away() {
    let server = TestServer::start().await.unwrap();
    let alice = someone(&server, 1, "Alice").await;
    let bob = someone(&server, 2, "Bob").await;
    // She has written to him before, so that his key is remembered.
    send(&alice.client, &letter(&bob.person, "First", "1")).await;
    server.go_offline();
    let outcome = alice
        .client
        .send(&letter(&bob.person, "Later", "2"), &silent)
        .await
        .unwrap();
    assert_eq!(outcome, SendOutcome::Queued);

    // The tab is closed and the device locked; the message is still there.
    alice.client.lock();
    let again = alice.device.open();
    again.unlock(&secret(PASSPHRASE), &silent).await.unwrap();
    assert_eq!(again.outbox_len().await.unwrap(), 1);
    assert_eq!(
        again.flush_outbox().await.unwrap_err(),
        ClientError::Offline
    );
    server.behave();
    assert_eq!(again.flush_outbox().await.unwrap(), 1);
    assert_eq!(again.outbox_len().await.unwrap(), 0);
    let subjects: Vec<_> = inbox(&bob.client)
        .await
        .into_iter()
        .map(|m| m.subject)
        .collect();
    assert_eq!(subjects.len(), 2);
    assert!(subjects.contains(&"Later".to_owned()));
}

#[tokio::test]
async fn a_guest_on_the_device_does_not_lose_what_waits() {
    let server = TestServer::start().await.unwrap();
    let alice = someone(&server, 1, "Alice").await;
    let bob = someone(&server, 2, "Bob").await;
    send(&alice.client, &letter(&bob.person, "First", "1")).await;
    server.go_offline();
    let outcome = alice
        .client
        .send(&letter(&bob.person, "Waiting", "2"), &silent)
        .await
        .unwrap();
    assert_eq!(outcome, SendOutcome::Queued);
    server.behave();
    let guest = alice.device.open();
    guest
        .log_in(&bob.person.address, &secret(PASSPHRASE), &silent)
        .await
        .unwrap();
    assert_eq!(
        inbox(&guest).await.len(),
        1,
        "Bob sees his mail and nothing of Alice's"
    );
    guest.lock();
    let again = alice.device.open();
    again
        .log_in(&alice.person.address, &secret(PASSPHRASE), &silent)
        .await
        .unwrap();
    assert_eq!(again.flush_outbox().await.unwrap(), 1);
    assert_eq!(inbox(&bob.client).await.len(), 2);
}

#[tokio::test]
async fn a_lost_answer_does_not_send_twice() {
    // Cut at each of the requests of a delivery in turn, after the server did its work.
    for victim in 0..3 {
        let server = TestServer::start().await.unwrap();
        let alice = someone(&server, 1, "Alice").await;
        let bob = someone(&server, 2, "Bob").await;
        send(&alice.client, &letter(&bob.person, "First", "1")).await;
        let seen = Rc::new(Cell::new(0));
        let counter = Rc::clone(&seen);
        server.cut(move |request| {
            let counts = request.path.starts_with(routes::JMAP_API)
                || request.path.starts_with(routes::JMAP_UPLOAD);
            if !counts {
                return Cut::No;
            }
            counter.set(counter.get() + 1);
            match counter.get() - 1 {
                n if n == victim => Cut::After,
                n if n > victim => Cut::Before,
                _ => Cut::No,
            }
        });
        let outcome = alice
            .client
            .send(&letter(&bob.person, "Exactly once", "2"), &silent)
            .await
            .unwrap();
        assert_eq!(outcome, SendOutcome::Queued, "cut at request {victim}");
        server.behave();
        alice.client.flush_outbox().await.unwrap();
        let got = inbox(&bob.client).await;
        let copies = got.iter().filter(|m| m.subject == "Exactly once").count();
        assert_eq!(copies, 1, "cut at request {victim}");
        alice.client.sync(&silent).await.unwrap();
        assert_eq!(
            mailbox(&alice.client, MailboxRole::Sent).len(),
            2,
            "cut at request {victim}"
        );
        assert!(mailbox(&alice.client, MailboxRole::Drafts).is_empty());
        assert!(seen.get() > victim);
    }
}

#[tokio::test]
async fn a_server_that_restarts_is_entered_again_by_itself() {
    let server = TestServer::start().await.unwrap();
    let alice = someone(&server, 1, "Alice").await;
    let bob = someone(&server, 2, "Bob").await;
    send(&bob.client, &letter(&alice.person, "Before", "1")).await;
    server.restart().await.unwrap();
    send(&bob.client, &letter(&alice.person, "After", "2")).await;
    assert_eq!(inbox(&alice.client).await.len(), 2);
}

#[tokio::test]
async fn a_full_disk_is_told_and_mail_is_still_read_and_sent() {
    let server = TestServer::start().await.unwrap();
    let alice = someone(&server, 1, "Alice").await;
    let bob = someone(&server, 2, "Bob").await;
    send(&bob.client, &letter(&alice.person, "No room for this", "1")).await;
    alice.device.store.set_quota(Some(0));
    let report = alice.client.sync(&silent).await.unwrap();
    assert!(report.notices.contains(&Notice::StorageFull), "{report:?}");
    let line = mailbox(&alice.client, MailboxRole::Inbox)[0].clone();
    assert_eq!(line.subject, "No room for this");
    assert_eq!(
        alice
            .client
            .read(&line.id)
            .await
            .unwrap()
            .text
            .as_deref()
            .map(str::trim_end),
        Some("1")
    );
    send(
        &alice.client,
        &letter(&bob.person, "Sent all the same", "2"),
    )
    .await;
    assert_eq!(inbox(&bob.client).await[0].subject, "Sent all the same");
    // With room again, the next visit fetches what was not kept.
    alice.device.store.set_quota(None);
    let again = alice.device.open();
    again.unlock(&secret(PASSPHRASE), &silent).await.unwrap();
    assert_eq!(inbox(&again).await.len(), 1);
}

#[tokio::test]
async fn a_damaged_store_is_told_and_mended_from_the_server() {
    let server = TestServer::start().await.unwrap();
    let alice = someone(&server, 1, "Alice").await;
    let bob = someone(&server, 2, "Bob").await;
    send(&bob.client, &letter(&alice.person, "Will be damaged", "1")).await;
    inbox(&alice.client).await;
    alice.client.lock();
    let damaged = alice.device.damage_disk();
    assert!(damaged > 3, "there was something to damage");
    let again = alice.device.open();
    let notices = again.unlock(&secret(PASSPHRASE), &silent).await.unwrap();
    assert!(
        notices
            .iter()
            .any(|n| matches!(n, Notice::StorageDamaged { objects } if *objects > 0)),
        "{notices:?}"
    );
    let back = inbox(&again).await;
    assert_eq!(back[0].subject, "Will be damaged");
    assert_eq!(
        again.own_certificate().unwrap().1.len(),
        40,
        "the private key came back from the server"
    );
}

#[tokio::test]
async fn two_tabs_do_not_undo_each_other() {
    let server = TestServer::start().await.unwrap();
    let alice = someone(&server, 1, "Alice").await;
    let bob = someone(&server, 2, "Bob").await;
    let carol = someone(&server, 3, "Carol").await;
    let tab = alice.device.open();
    tab.unlock(&secret(PASSPHRASE), &silent).await.unwrap();
    tab.connect().await.unwrap();
    // Each tab remembers somebody while it cannot tell the server.
    alice.client.recipient(&bob.person.address).await.unwrap();
    tab.recipient(&carol.person.address).await.unwrap();
    send(&alice.client, &letter(&bob.person, "From one tab", "1")).await;
    send(&tab, &letter(&carol.person, "From the other", "2")).await;
    alice.client.sync(&silent).await.unwrap();
    tab.sync(&silent).await.unwrap();
    for client in [&alice.client, &tab] {
        client.sync(&silent).await.unwrap();
        assert_eq!(mailbox(client, MailboxRole::Sent).len(), 2);
    }
    let second = Device::new(&server, 8).open();
    second
        .log_in(&alice.person.address, &secret(PASSPHRASE), &silent)
        .await
        .unwrap();
    for who in [&bob, &carol] {
        let state = second.recipient(&who.person.address).await.unwrap();
        assert!(
            matches!(
                state,
                RecipientState::Ready {
                    trust: mail_client::view::Trust::Known,
                    ..
                }
            ),
            "{state:?}"
        );
    }
}

#[tokio::test]
async fn two_devices_that_write_at_once_lose_neither() {
    let server = TestServer::start().await.unwrap();
    let alice = someone(&server, 1, "Alice").await;
    let bob = someone(&server, 2, "Bob").await;
    let second = Device::new(&server, 4);
    let there = second.open();
    there
        .log_in(&alice.person.address, &secret(PASSPHRASE), &silent)
        .await
        .unwrap();
    // Both learn of Bob at the same time: the same object, twice the first revision.
    send(&alice.client, &letter(&bob.person, "From here", "1")).await;
    second.clock.advance(60);
    send(&there, &letter(&bob.person, "From there", "2")).await;
    alice.client.sync(&silent).await.unwrap();
    there.sync(&silent).await.unwrap();
    alice.client.sync(&silent).await.unwrap();
    for client in [&alice.client, &there] {
        let state = client.recipient(&bob.person.address).await.unwrap();
        assert!(matches!(state, RecipientState::Ready { .. }), "{state:?}");
        assert_eq!(mailbox(client, MailboxRole::Sent).len(), 2);
    }
}
