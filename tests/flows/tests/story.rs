//! Two people, one server: the whole story without a browser.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use common::{PASSPHRASE, file, inbox, letter, mailbox, secret, send, someone};
use crypto_core::{
    bulk::NativeEngine,
    mime::{Address, OutgoingMail, build_encrypted, build_payload},
    openpgp::{EncryptRequest, Profile, UserId, encrypt, generate},
};
use mail_client::{
    ClientError,
    ports::Clock as _,
    view::{MailboxRole, Protection, RecipientState, SignatureState, Trust},
};
use rand::SeedableRng as _;
use rand_chacha::ChaCha20Rng;
use testkit::{Device, TestServer, silent};

#[tokio::test]
async fn two_people_read_each_others_mail() {
    let server = TestServer::start().await.unwrap();
    let alice = someone(&server, 1, "Alice").await;
    let bob = someone(&server, 2, "Bob").await;

    let state = alice.client.recipient(&bob.person.address).await.unwrap();
    let RecipientState::Ready { trust, name, .. } = state else {
        panic!("Bob's key is not found: {state:?}");
    };
    assert_eq!(
        (trust, name.as_str()),
        (Trust::New, ""),
        "his name is not published"
    );

    let mut first = letter(&bob.person, "Grüße & plans", "Meet me at the mill.\nA.\n");
    let bytes: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    first.attachments.push(file("map of the mill.bin", &bytes));
    send(&alice.client, &first).await;

    let received = inbox(&bob.client).await;
    assert_eq!(received.len(), 1);
    let line = &received[0];
    assert_eq!(line.subject, "Grüße & plans");
    assert_eq!(line.from, alice.person);
    assert_eq!(line.preview, "Meet me at the mill. A.");
    assert!(line.has_attachments && !line.seen);

    let message = bob.client.read(&line.id).await.unwrap();
    assert_eq!(
        message.text.as_deref().map(str::trim_end),
        Some("Meet me at the mill.\nA.")
    );
    assert_eq!(message.summary.verdict.protection, Protection::Sealed);
    assert!(message.summary.verdict.headers_protected);
    match &message.summary.verdict.signature {
        SignatureState::Good { signer, trust, .. } => {
            assert_eq!(signer, &alice.person);
            assert_eq!(*trust, Trust::New, "the first message of this key");
        }
        other => panic!("{other:?}"),
    }
    let attachment = bob.client.attachment(&line.id, 0).await.unwrap();
    assert_eq!(attachment.name, "map of the mill.bin");
    assert_eq!(attachment.data, bytes);

    bob.client
        .set_flags(&line.id, Some(true), Some(true))
        .await
        .unwrap();
    let mut answer = letter(&alice.person, "Re: Grüße & plans", "> Meet me\nYes.\n");
    answer.in_reply_to = Some(line.id.clone());
    send(&bob.client, &answer).await;

    let back = inbox(&alice.client).await;
    assert_eq!(back.len(), 1);
    assert_eq!(back[0].preview, "Yes.");
    let sent = mailbox(&alice.client, MailboxRole::Sent);
    assert_eq!(sent.len(), 1);
    assert_eq!(
        sent[0].thread_id, back[0].thread_id,
        "an answer joins its thread"
    );
    assert!(matches!(
        sent[0].verdict.signature,
        SignatureState::Good {
            trust: Trust::Own,
            ..
        }
    ));
    let RecipientState::Ready { name, .. } =
        alice.client.recipient(&bob.person.address).await.unwrap()
    else {
        panic!("Bob's key is gone");
    };
    assert_eq!(name, "Bob Example", "his signed letter brought his name");
    let marked = inbox(&bob.client).await;
    assert!(marked[0].seen && marked[0].flagged && marked[0].answered);
    assert_eq!(
        bob.client
            .recipient(&alice.person.address)
            .await
            .unwrap()
            .trust(),
        Some(Trust::Known)
    );
}

/// Reads the trust out of a state.
trait TrustOf {
    fn trust(&self) -> Option<Trust>;
}

impl TrustOf for RecipientState {
    fn trust(&self) -> Option<Trust> {
        match self {
            RecipientState::Ready { trust, .. } => Some(*trust),
            _ => None,
        }
    }
}

#[tokio::test]
async fn a_second_device_finds_everything() {
    let server = TestServer::start().await.unwrap();
    let alice = someone(&server, 1, "Alice").await;
    let bob = someone(&server, 2, "Bob").await;
    send(
        &bob.client,
        &letter(&alice.person, "On both devices", "Here."),
    )
    .await;
    send(
        &alice.client,
        &letter(&bob.person, "Sent from the first", "There."),
    )
    .await;
    inbox(&alice.client).await;

    let second = Device::new(&server, 9);
    let client = second.open();
    client
        .log_in(" ALICE@letterlock.test ", &secret(PASSPHRASE), &silent)
        .await
        .unwrap();
    assert_eq!(client.me().unwrap(), alice.person);
    assert_eq!(
        client.own_certificate().unwrap(),
        alice.client.own_certificate().unwrap()
    );
    assert_eq!(inbox(&client).await[0].subject, "On both devices");
    assert_eq!(
        mailbox(&client, MailboxRole::Sent)[0].subject,
        "Sent from the first"
    );
    // Whom she wrote to is remembered there as well.
    let state = client.recipient(&bob.person.address).await.unwrap();
    assert_eq!(state.trust(), Some(Trust::Known));
}

#[tokio::test]
async fn a_locked_device_opens_without_the_server_and_only_with_the_passphrase() {
    let server = TestServer::start().await.unwrap();
    let alice = someone(&server, 1, "Alice").await;
    let bob = someone(&server, 2, "Bob").await;
    send(
        &bob.client,
        &letter(&alice.person, "Kept here", "Readable offline."),
    )
    .await;
    let id = inbox(&alice.client).await[0].id.clone();

    alice.client.lock();
    assert_eq!(alice.client.me().unwrap_err(), ClientError::Locked);
    assert_eq!(
        alice.client.read(&id).await.unwrap_err(),
        ClientError::Locked
    );

    server.go_offline();
    let again = alice.device.open();
    assert_eq!(
        again.stored_address().await.unwrap().as_deref(),
        Some("alice@letterlock.test")
    );
    assert_eq!(
        again.unlock(&secret("wrong"), &silent).await.unwrap_err(),
        ClientError::WrongPassphrase
    );
    again.unlock(&secret(PASSPHRASE), &silent).await.unwrap();
    assert_eq!(mailbox(&again, MailboxRole::Inbox)[0].subject, "Kept here");
    let message = again.read(&id).await.unwrap();
    assert_eq!(
        message.text.as_deref().map(str::trim_end),
        Some("Readable offline.")
    );
    assert_eq!(again.connect().await.unwrap_err(), ClientError::Offline);

    server.behave();
    again.connect().await.unwrap();
    again.log_out().await.unwrap();
    assert_eq!(again.stored_address().await.unwrap(), None);
}

#[tokio::test]
async fn a_new_passphrase_replaces_the_old_one_everywhere() {
    let server = TestServer::start().await.unwrap();
    let alice = someone(&server, 1, "Alice").await;
    let bob = someone(&server, 2, "Bob").await;
    send(
        &bob.client,
        &letter(&alice.person, "Before the change", "Still readable."),
    )
    .await;
    let other = Device::new(&server, 7);
    let elsewhere = other.open();
    elsewhere
        .log_in(&alice.person.address, &secret(PASSPHRASE), &silent)
        .await
        .unwrap();

    let new = secret("a quite different set of words");
    assert_eq!(
        alice
            .client
            .change_passphrase(&secret("not the old one"), &new, &silent)
            .await
            .unwrap_err(),
        ClientError::WrongPassphrase
    );
    alice
        .client
        .change_passphrase(&secret(PASSPHRASE), &new, &silent)
        .await
        .unwrap();
    assert_eq!(inbox(&alice.client).await.len(), 1);

    // The other device is told, and loses nothing.
    assert_eq!(
        elsewhere.sync(&silent).await.unwrap_err(),
        ClientError::PassphraseChanged
    );
    let fresh = other.open();
    assert_eq!(
        fresh
            .log_in(&alice.person.address, &secret(PASSPHRASE), &silent)
            .await
            .unwrap_err(),
        ClientError::LoginFailed
    );
    fresh
        .log_in(&alice.person.address, &new, &silent)
        .await
        .unwrap();
    assert_eq!(inbox(&fresh).await[0].subject, "Before the change");
    fresh.lock();
    let fresh = other.open();
    fresh.unlock(&new, &silent).await.unwrap();
    assert_eq!(
        fresh
            .unlock(&secret(PASSPHRASE), &silent)
            .await
            .unwrap_err(),
        ClientError::WrongPassphrase
    );
}

#[tokio::test]
async fn mistakes_at_the_door_are_told_apart() {
    let server = TestServer::start().await.unwrap();
    let alice = someone(&server, 1, "Alice").await;
    let client = Device::new(&server, 5).open();
    let known = client
        .log_in(&alice.person.address, &secret("wrong"), &silent)
        .await
        .unwrap_err();
    let unknown = client
        .log_in("nobody@letterlock.test", &secret("wrong"), &silent)
        .await
        .unwrap_err();
    assert_eq!(known, ClientError::LoginFailed);
    assert_eq!(
        unknown, known,
        "an unknown address looks like a wrong passphrase"
    );
    for (address, expected) in [
        ("alice@letterlock.test", ClientError::AddressTaken),
        ("alice@elsewhere.test", ClientError::BadAddress),
        ("not an address", ClientError::BadAddress),
    ] {
        assert_eq!(
            common::sign_up(&client, address, "X").await.unwrap_err(),
            expected,
            "{address}"
        );
    }
    assert_eq!(client.stored_address().await.unwrap(), None);
}

#[tokio::test]
async fn a_private_key_is_imported_with_its_own_passphrase_only() {
    let server = TestServer::start().await.unwrap();
    let alice = someone(&server, 1, "Alice").await;
    let mut rng = ChaCha20Rng::seed_from_u64(4);
    let now = alice.device.clock.now();
    let id = UserId::new("Alice, before", "alice@before.test");
    let old = generate(Profile::Compatible, &[id], now, &mut rng)
        .unwrap()
        .secret;
    let locked = old
        .export_locked(&secret("its own passphrase"), &mut rng)
        .unwrap();
    for (passphrase, expected) in [
        (None, "locked"),
        (Some(secret("a foreign one")), "could not be unlocked"),
    ] {
        let error = alice
            .client
            .import_key(locked.as_bytes(), passphrase.as_ref())
            .await
            .unwrap_err();
        let ClientError::BadInput(sentence) = error else {
            panic!("{error:?}");
        };
        assert!(sentence.contains(expected), "{sentence}");
    }
    let public = old.certificate().to_armor();
    assert!(matches!(
        alice.client.import_key(public.as_bytes(), None).await,
        Err(ClientError::BadInput(_))
    ));
    let fingerprint = alice
        .client
        .import_key(locked.as_bytes(), Some(&secret("its own passphrase")))
        .await
        .unwrap();
    assert_eq!(fingerprint, old.fingerprint().as_hex());

    // What was sealed to the old key opens on every device, and the new key still signs.
    let payload = build_payload(&OutgoingMail {
        from: Address::new("", "friend@before.test"),
        to: vec![Address::new("", "alice@before.test")],
        subject: "From before".into(),
        date: now,
        message_id: "before@before.test".into(),
        text: "Old but readable.\n".into(),
        ..OutgoingMail::default()
    })
    .unwrap();
    let request = EncryptRequest {
        recipients: &[&old.certificate()],
        passwords: &[],
        signer: None,
        now,
        armor: true,
    };
    let sealed = encrypt(&NativeEngine, &mut rng, &payload, &request)
        .await
        .unwrap();
    let outer = OutgoingMail {
        from: Address::new("", "friend@before.test"),
        to: vec![Address::new("", "alice@before.test")],
        date: now,
        message_id: "before@before.test".into(),
        ..OutgoingMail::default()
    };
    let raw = build_encrypted(&outer, &sealed).unwrap();
    server.put_raw(&alice.person.address, &raw).await.unwrap();
    let second = Device::new(&server, 6).open();
    second
        .log_in(&alice.person.address, &secret(PASSPHRASE), &silent)
        .await
        .unwrap();
    assert_eq!(inbox(&second).await[0].preview, "Old but readable.");
    assert_eq!(
        second.own_certificate().unwrap(),
        alice.client.own_certificate().unwrap()
    );
}
