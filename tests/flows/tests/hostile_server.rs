//! A server that lies. Whatever it says, it gets neither passphrase nor key, and the person is
//! told that it cannot be trusted.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::{cell::RefCell, rc::Rc};

use common::{PASSPHRASE, inbox, letter, secret, send, someone};
use mail_client::{
    ClientError,
    ports::{HttpRequest, HttpResponse},
    view::{Notice, RecipientState},
};
use serde_json::{Value, json};
use testkit::{Device, TestServer, silent};
use wire::{Base64Bytes, routes};

/// What a lying server does to an answer.
type Lie = Box<dyn FnMut(&mut Value)>;
/// What it does to a list of sealed objects.
type Twist = fn(&mut Vec<Value>);

/// Alters the JSON answer to one path.
fn altering(
    path: &'static str,
    mut alter: impl FnMut(&mut Value) + 'static,
) -> impl FnMut(&HttpRequest, &mut HttpResponse) {
    move |request, response| {
        if request.path == path {
            let mut value: Value = serde_json::from_slice(&response.body).expect("JSON");
            alter(&mut value);
            response.body = serde_json::to_vec(&value).expect("JSON");
        }
    }
}

fn bytes(data: &[u8]) -> Value {
    serde_json::to_value(Base64Bytes(data.to_vec())).expect("bytes")
}

#[tokio::test]
async fn a_lying_challenge_is_refused_before_it_can_help() {
    let server = TestServer::start().await.unwrap();
    let alice = someone(&server, 1, "Alice").await;
    let lies: Vec<(&str, Lie)> = vec![
        (
            "cost lowered",
            Box::new(|v| v["kdf"]["memoryKib"] = json!(8)),
        ),
        (
            "passes lowered",
            Box::new(|v| v["kdf"]["passes"] = json!(0)),
        ),
        (
            "cost exploded",
            Box::new(|v| v["kdf"]["memoryKib"] = json!(1u32 << 30)),
        ),
        (
            "passes exploded",
            Box::new(|v| v["kdf"]["passes"] = json!(1_000_000)),
        ),
        (
            "lanes exploded",
            Box::new(|v| v["kdf"]["lanes"] = json!(255)),
        ),
        ("B = 0", Box::new(|v| v["bPub"] = bytes(&[0; 384]))),
        ("B above N", Box::new(|v| v["bPub"] = bytes(&[0xff; 384]))),
        ("B of 300 bytes", Box::new(|v| v["bPub"] = bytes(&[7; 300]))),
        (
            "B of 4000 bytes",
            Box::new(|v| v["bPub"] = bytes(&[7; 4000])),
        ),
        ("no B", Box::new(|v| v["bPub"] = bytes(&[]))),
        ("short salt", Box::new(|v| v["salt"] = bytes(&[1; 8]))),
    ];
    for (lie, alter) in lies {
        server.tamper(altering(routes::LOGIN_START, alter));
        let client = Device::new(&server, 5).open();
        let error = client
            .log_in(&alice.person.address, &secret(PASSPHRASE), &silent)
            .await
            .unwrap_err();
        assert!(
            matches!(error, ClientError::ServerNotTrusted(_)),
            "{lie}: {error:?}"
        );
        assert_eq!(client.me().unwrap_err(), ClientError::Locked, "{lie}");
    }
}

#[tokio::test]
async fn a_server_without_proof_is_not_believed() {
    let server = TestServer::start().await.unwrap();
    let alice = someone(&server, 1, "Alice").await;
    let lies: Vec<(&str, Lie)> = vec![
        ("wrong M2", Box::new(|v| v["serverProof"] = bytes(&[9; 32]))),
        ("missing M2", Box::new(|v| v["serverProof"] = bytes(&[]))),
        (
            "altered grant",
            Box::new(|v| v["sealedGrant"] = bytes(&[9; 200])),
        ),
    ];
    for (lie, alter) in lies {
        server.tamper(altering(routes::LOGIN_FINISH, alter));
        let client = Device::new(&server, 5).open();
        let error = client
            .log_in(&alice.person.address, &secret(PASSPHRASE), &silent)
            .await
            .unwrap_err();
        assert!(
            matches!(error, ClientError::ServerNotTrusted(_)),
            "{lie}: {error:?}"
        );
        assert_eq!(client.stored_address().await.unwrap(), None, "{lie}");
    }
}

#[tokio::test]
async fn a_swapped_salt_does_not_make_a_device_derive_anew() {
    let server = TestServer::start().await.unwrap();
    let alice = someone(&server, 1, "Alice").await;
    alice.client.lock();
    let again = alice.device.open();
    again.unlock(&secret(PASSPHRASE), &silent).await.unwrap();
    server.tamper(altering(routes::LOGIN_START, |v| {
        v["salt"] = bytes(&[3; 16])
    }));
    assert_eq!(
        again.connect().await.unwrap_err(),
        ClientError::PassphraseChanged
    );
    // A first log-in with a swapped salt fails like a wrong passphrase: the proof does not fit.
    let client = Device::new(&server, 5).open();
    assert_eq!(
        client
            .log_in(&alice.person.address, &secret(PASSPHRASE), &silent)
            .await
            .unwrap_err(),
        ClientError::LoginFailed
    );
}

#[tokio::test]
async fn sealed_objects_that_are_swapped_or_altered_are_refused() {
    let server = TestServer::start().await.unwrap();
    let alice = someone(&server, 1, "Alice").await;
    let bob = someone(&server, 2, "Bob").await;
    send(&alice.client, &letter(&bob.person, "Hello", "1")).await;
    alice.client.sync(&silent).await.unwrap();

    let lies: Vec<(&str, Twist)> = vec![
        ("altered", |list| {
            for object in list {
                object["data"] = bytes(&[5; 256]);
            }
        }),
        ("another revision", |list| {
            for object in list {
                object["revision"] = json!(object["revision"].as_u64().unwrap_or(1) + 7);
            }
        }),
        // None opens in the place of another.
        ("swapped", |list| {
            let mut data: Vec<Value> = list.iter().map(|object| object["data"].clone()).collect();
            assert!(data.len() > 1, "there is something to swap");
            data.rotate_left(1);
            for (object, data) in list.iter_mut().zip(data) {
                object["data"] = data;
            }
        }),
    ];
    for (lie, alter) in lies {
        server.tamper(altering(routes::JMAP_API, move |v| {
            for answer in calls(v, "SealedObject/get") {
                if let Some(list) = answer["list"].as_array_mut() {
                    alter(list);
                }
            }
        }));
        let error = Device::new(&server, 6)
            .open()
            .log_in(&alice.person.address, &secret(PASSPHRASE), &silent)
            .await
            .unwrap_err();
        assert!(
            matches!(error, ClientError::ServerNotTrusted(_)),
            "{lie}: {error:?}"
        );
    }
}

/// Looks into the answers to JMAP calls of one method.
fn calls<'a>(value: &'a mut Value, method: &'a str) -> impl Iterator<Item = &'a mut Value> {
    value["methodResponses"]
        .as_array_mut()
        .into_iter()
        .flatten()
        .filter(move |call| call[0] == method)
        .map(|call| &mut call[1])
}

#[tokio::test]
async fn an_older_object_does_not_replace_a_newer_one() {
    let server = TestServer::start().await.unwrap();
    let alice = someone(&server, 1, "Alice").await;
    let bob = someone(&server, 2, "Bob").await;
    // She writes to Bob, whose name she does not know yet; his answer brings it.
    send(&alice.client, &letter(&bob.person, "Hello", "1")).await;
    alice.client.sync(&silent).await.unwrap();

    // A second device, and a server that remembers what it handed out.
    let kept = Rc::new(RefCell::new(Vec::<Value>::new()));
    let keeper = Rc::clone(&kept);
    server.tamper(altering(routes::JMAP_API, move |v| {
        for answer in calls(v, "SealedObject/get") {
            keeper
                .borrow_mut()
                .extend(answer["list"].as_array().into_iter().flatten().cloned());
        }
    }));
    let second = Device::new(&server, 9).open();
    second
        .log_in(&alice.person.address, &secret(PASSPHRASE), &silent)
        .await
        .unwrap();
    server.behave();
    send(&bob.client, &letter(&alice.person, "Back", "2")).await;
    alice.client.sync(&silent).await.unwrap();
    alice.client.sync(&silent).await.unwrap();
    second.sync(&silent).await.unwrap();
    let name = async || match second.recipient(&bob.person.address).await.unwrap() {
        RecipientState::Ready { name, .. } => name,
        other => panic!("{other:?}"),
    };
    assert_eq!(name().await, "Bob Example");

    // Now it plays back the old versions as if they were news.
    let old = kept.borrow().clone();
    assert!(old.len() >= 3, "key, settings and contact: {}", old.len());
    let ids: Vec<Value> = old.iter().map(|object| object["id"].clone()).collect();
    server.tamper(altering(routes::JMAP_API, move |v| {
        for answer in calls(v, "SealedObject/changes") {
            answer["updated"] = json!(ids);
            answer["newState"] = json!("later");
        }
        for answer in calls(v, "SealedObject/get") {
            answer["list"] = json!(old);
        }
    }));
    let report = second.sync(&silent).await.unwrap();
    assert!(
        report
            .notices
            .iter()
            .any(|n| matches!(n, Notice::StorageDamaged { objects: 1 })),
        "{report:?}"
    );
    server.behave();
    assert_eq!(name().await, "Bob Example");
}

#[tokio::test]
async fn a_directory_that_changes_a_key_is_told_on() {
    let server = TestServer::start().await.unwrap();
    let alice = someone(&server, 1, "Alice").await;
    let bob = someone(&server, 2, "Bob").await;
    let mallory = someone(&server, 3, "Mallory").await;
    send(&alice.client, &letter(&bob.person, "First use", "1")).await;
    alice.client.lock();
    let again = alice.device.open();
    again.unlock(&secret(PASSPHRASE), &silent).await.unwrap();

    // A key that does not name the address is no key for it.
    let (armored, _) = mallory.client.own_certificate().unwrap();
    let foreign = crypto_core::openpgp::Certificate::parse(armored.as_bytes()).unwrap();
    let foreign = foreign.to_bytes();
    server.tamper(altering(routes::DIRECTORY_LOOKUP, move |v| {
        for entry in v["entries"].as_array_mut().into_iter().flatten() {
            entry["certificate"] = bytes(&foreign);
        }
    }));
    let state = again.recipient(&bob.person.address).await.unwrap();
    assert!(
        matches!(state, RecipientState::Ready { .. }),
        "the remembered key is used: {state:?}"
    );

    // One that claims it is told, and nothing is sent before somebody decided.
    let mut rng = <rand_chacha::ChaCha20Rng as rand::SeedableRng>::seed_from_u64(77);
    let now = mail_client::ports::Clock::now(&alice.device.clock);
    let fake = crypto_core::openpgp::generate(
        crypto_core::openpgp::Profile::Compatible,
        &[crypto_core::openpgp::UserId::new(
            "Bob Example",
            &bob.person.address,
        )],
        now,
        &mut rng,
    )
    .unwrap()
    .secret
    .certificate();
    let (fake_bytes, fake_print) = (fake.to_bytes(), fake.fingerprint().as_hex().to_owned());
    server.tamper(altering(routes::DIRECTORY_LOOKUP, move |v| {
        for entry in v["entries"].as_array_mut().into_iter().flatten() {
            entry["certificate"] = bytes(&fake_bytes);
        }
    }));
    alice.device.clock.advance(3600);
    let state = again.recipient(&bob.person.address).await.unwrap();
    let RecipientState::KeyChanged { new, .. } = state else {
        panic!("{state:?}");
    };
    assert_eq!(new, fake_print);
    assert_eq!(
        again
            .send(&letter(&bob.person, "Not yet", "2"), &silent)
            .await
            .unwrap_err(),
        ClientError::KeyChanged(bob.person.address.clone())
    );
    assert_eq!(inbox(&bob.client).await.len(), 1);
    server.behave();
    assert_eq!(
        again
            .accept_key(&bob.person.address, "0000")
            .await
            .unwrap_err(),
        ClientError::Conflict,
        "only the key that was shown can be accepted"
    );
}

#[tokio::test]
async fn garbage_is_an_error_and_nothing_else() {
    let server = TestServer::start().await.unwrap();
    let alice = someone(&server, 1, "Alice").await;
    for body in [
        &b""[..],
        b"{}",
        b"[]",
        b"<html>",
        b"{\"methodResponses\":[]}",
        &[0xff; 100],
    ] {
        let body = body.to_vec();
        server.tamper(move |_, response| response.body = body.clone());
        let error = alice.client.sync(&silent).await.unwrap_err();
        assert!(
            matches!(
                error,
                ClientError::Protocol(_) | ClientError::ServerNotTrusted(_)
            ),
            "{error:?}"
        );
    }
    server.behave();
    alice.client.sync(&silent).await.unwrap();
}
