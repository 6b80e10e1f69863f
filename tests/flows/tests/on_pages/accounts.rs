//! A vault on one device: made, locked, opened, forgotten by the process, restored from paper.

use crypto_core::{openpgp::Profile, secret::Secret};
use mail_client::{
    ClientError,
    local_account::{AccountKind, FirstKeys, NewLocalAccount, SessionKey, StretchedPassphrase},
    people::Reach,
    recovery::parse_recovery_code,
    view::{Person, RecipientState, Trust},
};
use testkit::silent;

use crate::world::{
    MAIN, address_of, empty_device, friends, letter, loner, passphrase, refused, seal, secret,
    stretched,
};

#[tokio::test]
async fn an_account_lives_on_one_device_and_asks_nobody() {
    let (_, device) = empty_device(9).await;
    let client = device.open();
    assert_eq!(client.account_kind().await.unwrap(), AccountKind::None);
    assert_eq!(
        client.unlock_stretched(&stretched(7)).await.unwrap_err(),
        ClientError::NoAccount
    );

    let ann = loner(1, "Ann").await;
    let address = address_of("Ann");
    let local = AccountKind::Local {
        address: address.clone(),
    };
    assert_eq!(ann.client.account_kind().await.unwrap(), local);
    assert_eq!(ann.client.me().unwrap().address, address);
    assert_eq!(ann.client.me().unwrap().name, "Ann");
    let keys = ann.client.own_keys().unwrap();
    assert_eq!(keys.len(), 1);
    assert!(keys[0].in_use && !keys[0].revoked && keys[0].problem.is_none());
    assert_eq!(keys[0].algorithms, "Ed25519, ML-KEM-768 + X25519, X25519");
    assert_eq!(keys[0].people[0].address, address);

    ann.client.lock();
    assert!(!ann.client.is_unlocked());
    assert_eq!(ann.client.own_keys().unwrap_err(), ClientError::Locked);
    assert_eq!(
        ann.client
            .unlock_stretched(&stretched(8))
            .await
            .unwrap_err(),
        ClientError::WrongPassphrase
    );

    let again = ann.restarted().await;
    assert_eq!(again.own_keys().unwrap(), keys);
    assert_eq!(again.connect().await.unwrap_err(), ClientError::NoServer);
    let own = again.look_up(&MAIN, &address, Reach::Everywhere).await;
    let RecipientState::Ready { trust, .. } = own.unwrap().state else {
        panic!("one's own key");
    };
    assert_eq!(trust, Trust::Own);
    assert_eq!(ann.server.requests(), 0, "there is no server to ask");
    assert!(ann.device.web.urls().is_empty(), "and no stranger");
}

#[tokio::test]
async fn a_stopped_background_comes_back_without_the_passphrase() {
    let ann = loner(1, "Ann").await;
    ann.client
        .save_draft("gmail:1", b"half a letter")
        .await
        .unwrap();
    ann.client
        .set_sealed_value("settings", b"{\"sign\":true}")
        .await
        .unwrap();
    let kept = *ann.client.hand_out_session_key().unwrap().expose();
    assert_eq!(
        format!("{:?}", ann.client.hand_out_session_key().unwrap()),
        "SessionKey(..)"
    );

    let woken = ann.device.open();
    let key = SessionKey::from_bytes(Secret::new(kept));
    assert_eq!(woken.resume(&key).await.unwrap(), []);
    assert_eq!(woken.own_keys().unwrap().len(), 1);
    assert_eq!(
        woken.draft("gmail:1").await.unwrap().unwrap().as_slice(),
        b"half a letter"
    );
    assert_eq!(
        woken
            .sealed_value("settings")
            .await
            .unwrap()
            .unwrap()
            .as_slice(),
        b"{\"sign\":true}"
    );

    let mut other = kept;
    other[0] ^= 1;
    let wrong = SessionKey::from_bytes(Secret::new(other));
    let stranger = ann.device.open();
    assert_eq!(
        stranger.resume(&wrong).await.unwrap_err(),
        ClientError::WrongPassphrase
    );
    assert!(!stranger.is_unlocked());
}

#[tokio::test]
async fn the_passphrase_typed_is_the_passphrase_stretched_elsewhere() {
    let (_, device) = empty_device(3).await;
    let client = device.open();
    let parameters = client.new_parameters();
    let typed = secret("orchard lantern seven pebbles");
    let key =
        crypto_core::kdf::derive_stretched_key(&typed, &parameters.salt, &parameters.kdf).unwrap();
    let new = NewLocalAccount {
        address: "ann@example.org",
        name: "",
        keys: FirstKeys::Make(Profile::Modern),
    };
    client
        .create_local(new, StretchedPassphrase { parameters, key }, &silent)
        .await
        .unwrap();
    let again = device.open();
    assert_eq!(again.unlock_parameters().await.unwrap(), parameters);
    again.unlock(&typed, &silent).await.unwrap();
    let next = secret("another lantern eight pebbles");
    assert_eq!(
        again
            .change_passphrase(&next, &typed, &silent)
            .await
            .unwrap_err(),
        ClientError::WrongPassphrase
    );
    again
        .change_passphrase(&typed, &next, &silent)
        .await
        .unwrap();
    let later = device.open();
    assert_eq!(
        later.unlock(&typed, &silent).await.unwrap_err(),
        ClientError::WrongPassphrase
    );
    later.unlock(&next, &silent).await.unwrap();
    assert_ne!(later.unlock_parameters().await.unwrap(), parameters);
}

#[tokio::test]
async fn a_new_passphrase_changes_nothing_else() {
    let ann = loner(1, "Ann").await;
    let keys = ann.client.own_keys().unwrap();
    let wrong = ann
        .client
        .change_passphrase_stretched(&stretched(1), passphrase(&ann.client, 9))
        .await;
    assert_eq!(wrong.unwrap_err(), ClientError::WrongPassphrase);
    ann.client
        .change_passphrase_stretched(&stretched(7), passphrase(&ann.client, 9))
        .await
        .unwrap();
    ann.client.check_passphrase(&stretched(9)).await.unwrap();
    assert_eq!(
        ann.client
            .check_passphrase(&stretched(7))
            .await
            .unwrap_err(),
        ClientError::WrongPassphrase
    );
    let again = ann.device.open();
    again.unlock_stretched(&stretched(9)).await.unwrap();
    assert_eq!(again.own_keys().unwrap(), keys);
}

#[tokio::test]
async fn a_vault_is_not_written_over() {
    let ann = loner(1, "Ann").await;
    let new = NewLocalAccount {
        address: "eve@example.org",
        name: "",
        keys: FirstKeys::Make(Profile::Compatible),
    };
    let client = ann.device.open();
    assert_eq!(
        client
            .create_local(new, passphrase(&client, 1), &silent)
            .await
            .unwrap_err(),
        ClientError::Exists
    );
    let password = secret("orchard lantern seven pebbles");
    assert_eq!(
        client
            .log_in("ann@letterlock.test", &password, &silent)
            .await
            .unwrap_err(),
        ClientError::Exists
    );
    ann.restarted().await;
    let (_, device) = empty_device(4).await;
    let client = device.open();
    let new = NewLocalAccount {
        address: "nobody",
        name: "",
        keys: FirstKeys::Make(Profile::Compatible),
    };
    assert_eq!(
        client
            .create_local(new, passphrase(&client, 1), &silent)
            .await
            .unwrap_err(),
        ClientError::BadAddress
    );
    assert_eq!(client.account_kind().await.unwrap(), AccountKind::None);
}

#[tokio::test]
async fn a_sheet_of_paper_brings_the_keys_to_an_empty_device() {
    let (ann, bob) = friends().await;
    let second = ann
        .client
        .generate_key(&ann.person, Profile::Modern, None)
        .await
        .unwrap();
    let sheet = ann.client.make_recovery_sheet().await.unwrap();
    assert_eq!(sheet.fingerprint, ann.fingerprint);
    assert_eq!(sheet.code.len(), 8);
    assert!(ann.client.own_keys().unwrap().iter().all(|k| k.backed_up));
    let sealed = seal(&bob, &letter(&[&ann.person], "found again")).await;

    let (_, device) = empty_device(5).await;
    let client = device.open();
    let numbered: Vec<String> = sheet
        .code
        .iter()
        .enumerate()
        .map(|(i, group)| format!("{}. {}", i + 1, group.to_uppercase()))
        .collect();
    let restore = async |code: &str| {
        let code = secret(code);
        let new = NewLocalAccount {
            address: "",
            name: "Ann",
            keys: FirstKeys::Restore {
                code: &code,
                backup: sheet.backup.as_bytes(),
            },
        };
        client
            .create_local(new, passphrase(&client, 3), &silent)
            .await
    };
    let mut mistyped = sheet.code.clone();
    mistyped.swap(0, 7);
    assert_eq!(
        restore(&mistyped.join(" ")).await.unwrap_err(),
        ClientError::WrongPassphrase
    );
    let other = ann.client.make_recovery_sheet().await.unwrap().code;
    assert!(parse_recovery_code(&other.join("-")).is_some());
    assert_eq!(
        restore(&other.join("-")).await.unwrap_err(),
        ClientError::WrongPassphrase,
        "a good code of another sheet"
    );
    assert_eq!(
        restore(&numbered.join("\n")).await.unwrap(),
        ann.fingerprint
    );
    assert_eq!(client.me().unwrap().address, ann.person.address);
    let keys = client.own_keys().unwrap();
    assert_eq!(keys.len(), 2);
    assert!(keys.iter().any(|key| key.fingerprint == second));

    let nobody = Person::default();
    let found = crate::world::found_text(&sealed.body, &nobody);
    let opened = client.open_found(&MAIN, &found).await.unwrap();
    assert_eq!(opened.text.as_deref(), Some("found again"));
}

#[tokio::test]
async fn a_sheet_is_refused_when_it_is_something_else() {
    let (ann, bob) = friends().await;
    let sheet = ann.client.make_recovery_sheet().await.unwrap();
    let code = secret(&sheet.code.join("-"));
    let letter = seal(&bob, &letter(&[&ann.person], "no sheet")).await;
    for (backup, error) in [
        (
            letter.body,
            ClientError::WrongKind("this is not a recovery backup"),
        ),
        (sheet.backup.replace(['A', 'B'], "C"), ClientError::Damaged),
    ] {
        let result = bob.client.restore_keys(&code, backup.as_bytes()).await;
        let got = refused(result);
        assert!(
            got == error || got == ClientError::WrongPassphrase,
            "{got:?} instead of {error:?}"
        );
    }
    let done = bob
        .client
        .restore_keys(&code, sheet.backup.as_bytes())
        .await
        .unwrap();
    assert!(done[0].private && done[0].fingerprint == ann.fingerprint);
    let in_use = bob.client.own_keys().unwrap();
    assert_eq!(in_use[0].fingerprint, bob.fingerprint, "Bob's stays in use");
}

#[tokio::test]
async fn drafts_come_and_go() {
    let ann = loner(1, "Ann").await;
    ann.client.save_draft("a", b"first").await.unwrap();
    ann.device.clock.advance(100);
    ann.client.save_draft("b", b"second!").await.unwrap();
    ann.client.save_draft("a", b"first, better").await.unwrap();
    let listed: Vec<(String, u64)> = ann
        .client
        .drafts()
        .await
        .unwrap()
        .into_iter()
        .map(|d| (d.key, d.size))
        .collect();
    assert_eq!(listed.len(), 2);
    assert!(listed.contains(&("a".into(), 13)) && listed.contains(&("b".into(), 7)));
    ann.client.delete_draft("b").await.unwrap();
    assert!(ann.client.draft("b").await.unwrap().is_none());
    ann.device.clock.advance(86_400);
    assert_eq!(ann.client.expire_drafts(90_000).await.unwrap(), 0);
    assert_eq!(ann.client.expire_drafts(86_000).await.unwrap(), 1);
    assert!(ann.client.drafts().await.unwrap().is_empty());
    assert_eq!(
        ann.client
            .save_draft("big", &vec![0; (32 << 20) + 1])
            .await
            .unwrap_err(),
        ClientError::TooLarge
    );
    // Nothing on the disk can be read without the vault.
    ann.client
        .save_draft("c", b"the secret meeting place")
        .await
        .unwrap();
    assert!(
        ann.device
            .store
            .records()
            .iter()
            .all(|record| { !record.bytes.windows(14).any(|w| w == b"secret meeting") })
    );
}
