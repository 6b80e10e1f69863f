//! A local account meets a server later, and nothing is lost.

use crypto_core::{kdf::StretchedKey, openpgp::Profile};
use mail_client::{
    ClientError, NewAccount,
    link::NewServerAccount,
    local_account::{
        AccountKind, FirstKeys, NewLocalAccount, StretchedPassphrase, UnlockParameters,
    },
    people::Reach,
    sites::{Ring, SiteKeyring},
    view::{Outgoing, Person, RecipientState, SendOutcome},
};
use testkit::{Device, TestServer, silent};

use crate::world::{MAIN, TestClient, found_text, letter, loner, secret};

const PASSPHRASE: &str = "orchard lantern seven pebbles";

/// A local account with a passphrase that was really stretched, as linking needs it.
async fn local(device: &Device, address: &str) -> (TestClient, String) {
    let client = device.open();
    let parameters = client.new_parameters();
    let key = stretch(PASSPHRASE, &parameters);
    let new = NewLocalAccount {
        address,
        name: "Ann",
        keys: FirstKeys::Make(Profile::Compatible),
    };
    let print = client
        .create_local(new, StretchedPassphrase { parameters, key }, &silent)
        .await
        .unwrap();
    (client, print)
}

fn stretch(text: &str, by: &UnlockParameters) -> StretchedKey {
    crypto_core::kdf::derive_stretched_key(&secret(text), &by.salt, &by.kdf).unwrap()
}

/// A passphrase, stretched as this device's account is opened.
async fn present(client: &TestClient, text: &str) -> StretchedPassphrase {
    let parameters = client.unlock_parameters().await.unwrap();
    let key = stretch(text, &parameters);
    StretchedPassphrase { parameters, key }
}

fn wanted(address: &str) -> NewServerAccount<'_> {
    NewServerAccount {
        address,
        publish: false,
        profile: Profile::Compatible,
    }
}

fn account<'a>(
    address: &'a str,
    passphrase: &'a crypto_core::secret::Passphrase,
) -> NewAccount<'a> {
    NewAccount {
        address,
        name: "Ann",
        passphrase,
        publish: false,
        profile: Profile::Compatible,
    }
}

#[tokio::test]
async fn signing_up_takes_everything_along() {
    let server = TestServer::start().await.unwrap();
    let device = Device::new(&server, 1);
    let (client, old) = local(&device, "ann@example.org").await;
    let bob = loner(2, "Bob").await;
    client
        .import_certificates(
            &MAIN,
            bob.certificate().as_bytes(),
            mail_client::people::KeySource::Imported,
        )
        .await
        .unwrap();
    client.save_draft("d", b"half").await.unwrap();
    let typed = secret(PASSPHRASE);
    let wrong = present(&client, "something else").await;
    assert_eq!(
        client
            .link_by_sign_up(wanted("ann@letterlock.test"), wrong, &silent)
            .await
            .unwrap_err(),
        ClientError::WrongPassphrase
    );
    let right = present(&client, PASSPHRASE).await;
    client
        .link_by_sign_up(wanted("ann@letterlock.test"), right, &silent)
        .await
        .unwrap();
    assert_eq!(
        client.account_kind().await.unwrap(),
        AccountKind::OnServer {
            address: "ann@letterlock.test".into()
        }
    );
    assert_eq!(client.own_keys().unwrap().len(), 2, "the old one stays");
    assert_eq!(
        client.draft("d").await.unwrap().unwrap().as_slice(),
        b"half"
    );
    let again = present(&client, PASSPHRASE).await;
    assert_eq!(
        client
            .link_by_sign_up(wanted("ann2@letterlock.test"), again, &silent)
            .await
            .unwrap_err(),
        ClientError::Exists
    );

    // Another device, and the webmail on it, has all of it.
    let elsewhere = Device::new(&server, 3).open();
    elsewhere
        .log_in("ann@letterlock.test", &typed, &silent)
        .await
        .unwrap();
    let keys = elsewhere.own_keys().unwrap();
    assert!(keys.iter().any(|key| key.fingerprint == old));
    assert_eq!(elsewhere.contacts(&MAIN).unwrap().len(), 1);
    let sealed = bob_writes(&bob, &client, &old).await;
    let nobody = Person::default();
    let opened = elsewhere
        .open_found(&MAIN, &found_text(&sealed, &nobody))
        .await
        .unwrap();
    assert_eq!(opened.text.as_deref(), Some("to the old key"));
    let outgoing = Outgoing {
        to: vec![elsewhere.me().unwrap()],
        subject: "hello".into(),
        text: "me".into(),
        ..Outgoing::default()
    };
    assert_eq!(
        elsewhere.send(&outgoing, &silent).await.unwrap(),
        SendOutcome::Sent
    );

    // Another passphrase, stretched elsewhere, is the server's as well.
    let old = stretch(PASSPHRASE, &client.unlock_parameters().await.unwrap());
    let parameters = client.new_parameters();
    let new = StretchedPassphrase {
        parameters,
        key: stretch("another lantern", &parameters),
    };
    client.change_passphrase_stretched(&old, new).await.unwrap();
    let typed = secret("another lantern");
    let third = Device::new(&server, 5).open();
    third
        .log_in("ann@letterlock.test", &typed, &silent)
        .await
        .unwrap();
    let present = stretch("another lantern", &parameters);
    let next = StretchedPassphrase {
        parameters,
        key: stretch("a third one", &parameters),
    };
    third
        .change_passphrase(&typed, &secret("a third one"), &silent)
        .await
        .unwrap();
    assert_eq!(
        client
            .change_passphrase_stretched(&present, next)
            .await
            .unwrap_err(),
        ClientError::PassphraseChanged
    );

    // And this one opens without a network.
    server.go_offline();
    let again = device.open();
    again.unlock(&typed, &silent).await.unwrap();
    assert_eq!(again.contacts(&MAIN).unwrap().len(), 1);
}

async fn bob_writes(bob: &crate::world::Loner, ann: &TestClient, print: &str) -> String {
    let certificate = ann.export_certificate(print).unwrap();
    bob.client
        .import_certificates(
            &MAIN,
            certificate.as_bytes(),
            mail_client::people::KeySource::Imported,
        )
        .await
        .unwrap();
    let ann = Person {
        name: String::new(),
        address: "ann@example.org".into(),
    };
    let mail = letter(&[&ann], "to the old key");
    let sealed = bob.client.seal_letter(&MAIN, &mail, Reach::Here).await;
    sealed.unwrap().body
}

#[tokio::test]
async fn logging_in_brings_both_accounts_together() {
    let server = TestServer::start().await.unwrap();
    let typed = secret(PASSPHRASE);
    // The account on the server knows Bob by one key, the device by another.
    let first = Device::new(&server, 1).open();
    first
        .sign_up(account("ann@letterlock.test", &typed), &silent)
        .await
        .unwrap();
    let (bob, other_bob, carol) = (
        loner(2, "Bob").await,
        loner(9, "Bob").await,
        loner(3, "Carol").await,
    );
    let import = async |client: &TestClient, who: &crate::world::Loner| {
        let source = mail_client::people::KeySource::Imported;
        client
            .import_certificates(&MAIN, who.certificate().as_bytes(), source)
            .await
            .unwrap();
    };
    import(&first, &bob).await;

    let device = Device::new(&server, 4);
    let (client, local_key) = local(&device, "ann@example.org").await;
    import(&client, &other_bob).await;
    import(&client, &carol).await;
    let site = SiteKeyring {
        origin: "https://mail.example".into(),
        name: "ann".into(),
    };
    client.create_site_keyring(&site).await.unwrap();
    client.lend_key(&site, &local_key).await.unwrap();
    client.save_draft("d", b"half").await.unwrap();
    client.set_sealed_value("v", b"value").await.unwrap();

    let link = async |passphrase: &str| {
        let begun = client.begin_log_in("ann@letterlock.test").await.unwrap();
        let key = stretch(passphrase, &begun.parameters());
        client.link_by_log_in(begun, &key, &silent).await
    };
    assert_eq!(
        link("something else").await.unwrap_err(),
        ClientError::LoginFailed
    );
    assert_eq!(client.own_keys().unwrap().len(), 1, "as it was");
    link(PASSPHRASE).await.unwrap();
    let keys = client.own_keys().unwrap();
    assert_eq!(keys.len(), 2);
    assert_ne!(keys[0].fingerprint, local_key, "the account's is in use");
    let contact = client.contact(&MAIN, "bob@example.org").unwrap();
    assert_eq!(contact.fingerprint, bob.fingerprint);
    assert_eq!(contact.offered.unwrap().0, other_bob.fingerprint);
    assert!(client.contact(&MAIN, "carol@example.org").is_ok());
    assert!(
        client
            .has_private_key(&Ring::Site(site), &local_key)
            .unwrap()
    );
    assert_eq!(
        client.draft("d").await.unwrap().unwrap().as_slice(),
        b"half"
    );
    assert_eq!(
        client.sealed_value("v").await.unwrap().unwrap().as_slice(),
        b"value"
    );

    // The first device learns of it.
    first.sync(&silent).await.unwrap();
    assert!(first.contact(&MAIN, "carol@example.org").is_ok());
    let found = first.look_up(&MAIN, "carol@example.org", Reach::Here).await;
    assert!(matches!(found.unwrap().state, RecipientState::Ready { .. }));
    assert_eq!(first.own_keys().unwrap().len(), 2);

    let again = device.open();
    again.unlock(&typed, &silent).await.unwrap();
    assert_eq!(again.own_keys().unwrap().len(), 2);
    assert_eq!(again.drafts().await.unwrap().len(), 1);
}

#[tokio::test]
async fn leaving_a_server_keeps_everything_and_another_can_be_met() {
    let server = TestServer::start().await.unwrap();
    let device = Device::new(&server, 1);
    let (client, _) = local(&device, "ann@letterlock.test").await;
    assert_eq!(client.unlink().await.unwrap_err(), ClientError::NoServer);
    let bob = loner(2, "Bob").await;
    let source = mail_client::people::KeySource::Imported;
    client
        .import_certificates(&MAIN, bob.certificate().as_bytes(), source)
        .await
        .unwrap();
    client.save_draft("d", b"half").await.unwrap();
    let right = present(&client, PASSPHRASE).await;
    client
        .link_by_sign_up(wanted("ann@letterlock.test"), right, &silent)
        .await
        .unwrap();
    let outgoing = Outgoing {
        to: vec![client.me().unwrap()],
        subject: "hello".into(),
        text: "me".into(),
        ..Outgoing::default()
    };
    server.go_offline();
    let sent = client.send(&outgoing, &silent).await.unwrap();
    assert_eq!(sent, SendOutcome::Queued);
    assert!(matches!(
        client.unlink().await.unwrap_err(),
        ClientError::BadInput(_)
    ));
    server.behave();
    client.flush_outbox().await.unwrap();
    client.sync(&silent).await.unwrap();
    client.unlink().await.unwrap();

    let kind = client.account_kind().await.unwrap();
    let address = "ann@letterlock.test".to_owned();
    assert_eq!(kind, AccountKind::Local { address });
    assert_eq!(
        client.sync_objects().await.unwrap_err(),
        ClientError::NoServer
    );
    let again = device.open();
    again.unlock(&secret(PASSPHRASE), &silent).await.unwrap();
    assert_eq!(again.contacts(&MAIN).unwrap().len(), 1);
    assert_eq!(again.own_keys().unwrap().len(), 1);
    assert_eq!(again.drafts().await.unwrap().len(), 1);

    // A server that never heard of any of it gets all of it.
    let other = TestServer::start().await.unwrap();
    let mut moved = Device::new(&other, 5);
    moved.store = device.store.clone();
    let client = moved.open();
    client.unlock(&secret(PASSPHRASE), &silent).await.unwrap();
    let right = present(&client, PASSPHRASE).await;
    client
        .link_by_sign_up(wanted("ann@letterlock.test"), right, &silent)
        .await
        .unwrap();
    let elsewhere = Device::new(&other, 6).open();
    elsewhere
        .log_in("ann@letterlock.test", &secret(PASSPHRASE), &silent)
        .await
        .unwrap();
    assert_eq!(elsewhere.contacts(&MAIN).unwrap().len(), 1);
    assert_eq!(elsewhere.own_keys().unwrap().len(), 1);
}

#[tokio::test]
async fn the_directory_follows_the_key_in_use() {
    let server = TestServer::start().await.unwrap();
    let device = Device::new(&server, 1);
    let (client, first) = local(&device, "ann@letterlock.test").await;
    let right = present(&client, PASSPHRASE).await;
    client
        .link_by_sign_up(wanted("ann@letterlock.test"), right, &silent)
        .await
        .unwrap();
    let state = async || {
        let found = client.published().await.unwrap();
        (found.fingerprint, found.to_everybody)
    };
    assert_eq!(state().await, (first.clone(), false));
    client.publish_key(&first, true).await.unwrap();
    assert_eq!(state().await, (first.clone(), true));

    let me = client.me().unwrap();
    let second = client
        .generate_key(&me, Profile::Compatible, None)
        .await
        .unwrap();
    assert!(matches!(
        client.publish_key(&second, true).await.unwrap_err(),
        ClientError::BadInput(_)
    ));
    client.use_key(&second).await.unwrap();
    assert_eq!(state().await, (second.clone(), true), "found as before");

    // Withdrawn while the server is away: the other key takes over, and the server hears of it.
    server.go_offline();
    let reason = mail_client::keys::RevocationReason::Compromised;
    client.revoke_key(&second, reason).await.unwrap();
    server.behave();
    assert_eq!(state().await.0, second);
    client.sync_objects().await.unwrap();
    assert_eq!(state().await, (first, true));
}
