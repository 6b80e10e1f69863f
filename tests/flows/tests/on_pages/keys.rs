//! One's own keys: further ones, brought ones, ended ones.

use crypto_core::{
    ids::UnixTime,
    openpgp::{Certificate, CertificateStatus, Profile, SecretCertificate},
};
use mail_client::{
    ClientError,
    keys::{ImportOutcome, RevocationReason},
    local_account::{FirstKeys, NewLocalAccount},
    people::{KeySource, Reach},
    view::{Person, RecipientState, SignatureState},
};
use testkit::silent;

use crate::world::{
    MAIN, empty_device, found_text, friends, letter, loner, open, passphrase, refused, seal, secret,
};

#[tokio::test]
async fn a_further_key_is_made_used_and_ended() {
    let (ann, bob) = friends().await;
    let now = ann.device.clock.clone();
    let end = mail_client::ports::Clock::now(&now).0 + 86_400;
    let second = ann
        .client
        .generate_key(&ann.person, Profile::Modern, Some(end))
        .await
        .unwrap();
    let keys = ann.client.own_keys().unwrap();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0].fingerprint, ann.fingerprint, "not in use by itself");
    assert_eq!(keys[1].expires_at, Some(end));
    assert_eq!(keys[1].people[0].name, "Ann");
    ann.client.use_key(&second).await.unwrap();
    assert_eq!(ann.client.own_keys().unwrap()[0].fingerprint, second);
    let again = ann.restarted().await;
    assert_eq!(
        again.own_keys().unwrap()[0].fingerprint,
        second,
        "remembered"
    );

    let exported = ann.client.export_certificate(&second).unwrap();
    let certificate = Certificate::parse(exported.as_bytes()).unwrap();
    assert_eq!(certificate.expires(), Some(UnixTime(end)));
    let sealed = seal(&ann, &letter(&[&bob.person], "signed by the new one")).await;
    let opened = open(&bob, &found_text(&sealed.body, &ann.person))
        .await
        .unwrap();
    assert!(matches!(
        opened.verdict.signature,
        SignatureState::UnknownSigner { .. }
    ));

    ann.device.clock.advance(86_401);
    bob.device.clock.advance(86_401);
    let keys = ann.client.own_keys().unwrap();
    let old = keys.iter().find(|k| k.fingerprint == second).unwrap();
    assert_eq!(old.problem.as_deref(), Some("The key has expired."));
    let refusal = ann.client.use_key(&second).await.unwrap_err();
    assert!(matches!(refusal, ClientError::BadInput(_)), "{refusal:?}");
    let past = ann
        .client
        .generate_key(&ann.person, Profile::Modern, Some(end))
        .await;
    assert!(matches!(past.unwrap_err(), ClientError::BadInput(_)));
    // The one that is in force signs, whatever was chosen once.
    let sealed = seal(&ann, &letter(&[&bob.person], "signed by the old one")).await;
    let opened = open(&bob, &found_text(&sealed.body, &ann.person))
        .await
        .unwrap();
    assert!(matches!(
        opened.verdict.signature,
        SignatureState::Good { .. }
    ));
}

#[tokio::test]
async fn every_profile_makes_keys_that_work() {
    for (seed, profile, algorithms) in [
        (
            1,
            Profile::Compatible,
            "Ed25519, ML-KEM-768 + X25519, X25519",
        ),
        (2, Profile::Modern, "Ed25519, X25519"),
        (3, Profile::PostQuantum, "Ed25519, ML-KEM-768 + X25519"),
    ] {
        let ann = crate::world::loner_with(seed, "Ann", FirstKeys::Make(profile)).await;
        assert_eq!(ann.client.own_keys().unwrap()[0].algorithms, algorithms);
        let sealed = seal(&ann, &letter(&[&ann.person], "to myself")).await;
        let opened = open(&ann, &found_text(&sealed.body, &ann.person))
            .await
            .unwrap();
        assert_eq!(opened.text.as_deref(), Some("to myself"));
    }
}

#[tokio::test]
async fn a_withdrawn_key_reads_and_signs_no_more() {
    let (ann, bob) = friends().await;
    let before = seal(&bob, &letter(&[&ann.person], "written before")).await;
    let second = ann
        .client
        .generate_key(&ann.person, Profile::Compatible, None)
        .await
        .unwrap();
    let revoked = ann
        .client
        .revoke_key(&ann.fingerprint, RevocationReason::Compromised)
        .await
        .unwrap();
    let certificate = Certificate::parse(revoked.as_bytes()).unwrap();
    assert_eq!(
        certificate.status(mail_client::ports::Clock::now(&ann.device.clock)),
        CertificateStatus::Revoked("Somebody else may have this key".into())
    );
    let keys = ann.client.own_keys().unwrap();
    assert_eq!(keys[0].fingerprint, second, "the other one is in use now");
    assert!(keys[1].revoked && keys[1].problem.is_some());
    let opened = open(&ann, &found_text(&before.body, &bob.person))
        .await
        .unwrap();
    assert_eq!(opened.text.as_deref(), Some("written before"));
    let again = ann.restarted().await;
    assert!(again.own_keys().unwrap()[1].revoked);

    let done = bob
        .client
        .import_certificates(&MAIN, revoked.as_bytes(), KeySource::Mail)
        .await
        .unwrap();
    assert_eq!(done[0].outcome, ImportOutcome::Revoked);
    let state = bob
        .client
        .look_up(&MAIN, &ann.person.address, Reach::Here)
        .await
        .unwrap()
        .state;
    assert_eq!(
        state,
        RecipientState::Unusable {
            reason: "The key was withdrawn by its owner.".into()
        }
    );
    // An older copy without the withdrawal does not bring the key back.
    bob.client
        .import_certificates(&MAIN, ann.certificate().as_bytes(), KeySource::Imported)
        .await
        .unwrap();
    let refusal = bob
        .client
        .seal_letter(&MAIN, &letter(&[&ann.person], "x"), Reach::Here)
        .await;
    assert!(matches!(refused(refusal), ClientError::NoKey(_)));
}

#[tokio::test]
async fn an_old_copy_of_a_certificate_takes_nothing_away() {
    let (ann, bob) = friends().await;
    let old = ann.certificate();
    let revoked = ann
        .client
        .revoke_key(&ann.fingerprint, RevocationReason::Retired)
        .await
        .unwrap();
    assert_ne!(old, revoked);
    let import = async |armored: &str| {
        bob.client
            .import_certificates(&MAIN, armored.as_bytes(), KeySource::Imported)
            .await
            .unwrap()[0]
            .outcome
    };
    assert_eq!(import(&revoked).await, ImportOutcome::Revoked);
    assert_eq!(import(&revoked).await, ImportOutcome::Unchanged);
    assert_eq!(import(&old).await, ImportOutcome::Unchanged);
    let contact = bob.client.contact(&MAIN, &ann.person.address).unwrap();
    assert!(contact.problem.is_some(), "the withdrawal stays");
}

#[tokio::test]
async fn a_private_key_leaves_locked_and_comes_back() {
    let (ann, bob) = friends().await;
    let lock = secret("paper clip");
    assert!(matches!(
        refused(ann.client.export_private_key(&ann.fingerprint, &secret(""))),
        ClientError::BadInput(_)
    ));
    let exported = ann
        .client
        .export_private_key(&ann.fingerprint, &lock)
        .unwrap();
    assert!(
        SecretCertificate::parse(exported.as_bytes())
            .unwrap()
            .is_locked()
    );

    let (_, device) = empty_device(5).await;
    let client = device.open();
    let bring = async |passphrase_of_key| {
        let new = NewLocalAccount {
            address: "",
            name: "Ann",
            keys: FirstKeys::Bring {
                file: exported.as_bytes(),
                passphrase: passphrase_of_key,
            },
        };
        client
            .create_local(new, passphrase(&client, 1), &silent)
            .await
    };
    let wrong = secret("paper clap");
    assert_eq!(bring(None).await.unwrap_err(), ClientError::PasswordNeeded);
    assert_eq!(
        bring(Some(&wrong)).await.unwrap_err(),
        ClientError::WrongPassphrase
    );
    assert_eq!(bring(Some(&lock)).await.unwrap(), ann.fingerprint);
    assert_eq!(client.me().unwrap().address, ann.person.address);
    let sealed = seal(&bob, &letter(&[&ann.person], "still you?")).await;
    let nobody = Person::default();
    let opened = client
        .open_found(&MAIN, &found_text(&sealed.body, &nobody))
        .await
        .unwrap();
    assert_eq!(opened.text.as_deref(), Some("still you?"));
}

#[tokio::test]
async fn the_key_in_use_is_not_deleted() {
    let ann = loner(1, "Ann").await;
    let refusal = ann.client.delete_key(&ann.fingerprint).await;
    assert!(matches!(refusal.unwrap_err(), ClientError::BadInput(_)));
    let second = ann
        .client
        .generate_key(&ann.person, Profile::Compatible, None)
        .await
        .unwrap();
    ann.client.use_key(&second).await.unwrap();
    ann.client.delete_key(&ann.fingerprint).await.unwrap();
    assert_eq!(ann.client.own_keys().unwrap().len(), 1);
    assert_eq!(ann.restarted().await.own_keys().unwrap().len(), 1);
    assert_eq!(
        ann.client.delete_key(&ann.fingerprint).await.unwrap_err(),
        ClientError::NotFound
    );
}

#[tokio::test]
async fn a_preview_takes_nothing_in() {
    let (ann, bob) = friends().await;
    let carol = loner(3, "Carol").await;
    let lock = secret("paper clip");
    let private = carol
        .client
        .export_private_key(&carol.fingerprint, &lock)
        .unwrap();
    let both = format!("Carol's keys:\n{}\n{private}", carol.certificate());
    let previews = ann.client.preview_key_file(&MAIN, both.as_bytes()).unwrap();
    assert_eq!(previews.len(), 1, "both parts of one pair");
    assert!(previews[0].private && previews[0].locked && !previews[0].known);
    assert!(ann.client.contact(&MAIN, &carol.person.address).is_err());

    let known = ann
        .client
        .preview_key_file(&MAIN, bob.certificate().as_bytes())
        .unwrap();
    assert!(known[0].known && !known[0].private && known[0].problem.is_none());
    assert_eq!(known[0].user_ids, ["bob@example.org"]);
    let impostor = loner(4, "Bob").await;
    let other = ann
        .client
        .preview_key_file(&MAIN, impostor.certificate().as_bytes())
        .unwrap();
    assert_eq!(other[0].replaces.as_deref(), Some(bob.fingerprint.as_str()));
    assert!(matches!(
        refused(ann.client.preview_key_file(&MAIN, b"hello")),
        ClientError::WrongKind(_)
    ));
}
