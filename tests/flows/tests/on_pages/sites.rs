//! Keyrings of sites: each sees its own.

use crypto_core::openpgp::Profile;
use mail_client::{
    ClientError,
    found::FoundMessage,
    keys::ImportOutcome,
    people::{KeySource, Reach},
    sites::{Ring, SiteKeyring},
    view::{Person, RecipientState, SignatureState},
};

use crate::world::{MAIN, found_text, friends, letter, loner, refused, seal};

fn keyring(origin: &str, name: &str) -> SiteKeyring {
    SiteKeyring {
        origin: origin.into(),
        name: name.into(),
    }
}

#[tokio::test]
async fn sites_see_neither_each_other_nor_the_person() {
    let (ann, bob) = friends().await;
    let carol = loner(3, "Carol").await;
    let (one, two) = (
        keyring("https://mail.one.example", "ann"),
        keyring("https://mail.two.example", "ann"),
    );
    for site in [&one, &two] {
        ann.client.create_site_keyring(site).await.unwrap();
        assert_eq!(
            ann.client.create_site_keyring(site).await.unwrap_err(),
            ClientError::Exists
        );
    }
    let (ring_one, ring_two) = (Ring::Site(one.clone()), Ring::Site(two.clone()));
    let done = ann
        .client
        .import_certificates(
            &ring_one,
            carol.certificate().as_bytes(),
            KeySource::Imported,
        )
        .await
        .unwrap();
    assert_eq!(done[0].outcome, ImportOutcome::New);
    let state = async |ring: &Ring, address: &str| {
        let found = ann.client.look_up(ring, address, Reach::Here).await;
        found.unwrap().state
    };
    let carols = &carol.person.address;
    assert!(matches!(
        state(&ring_one, carols).await,
        RecipientState::Ready { .. }
    ));
    assert_eq!(state(&ring_two, carols).await, RecipientState::NoKey);
    assert_eq!(state(&MAIN, carols).await, RecipientState::NoKey);
    assert_eq!(
        state(&ring_one, &bob.person.address).await,
        RecipientState::NoKey,
        "the person's own contacts"
    );
    assert_eq!(
        state(&ring_one, &ann.person.address).await,
        RecipientState::NoKey,
        "the person's own key"
    );
    assert!(
        !ann.client
            .has_private_key(&ring_one, &ann.fingerprint)
            .unwrap()
    );
    assert_eq!(
        ann.client
            .own_key_for(&ring_one, &ann.person.address)
            .unwrap(),
        None
    );

    let missing = Ring::Site(keyring("https://mail.one.example", "other"));
    assert_eq!(
        ann.client.contacts(&missing).unwrap_err(),
        ClientError::NotFound
    );
    let found = found_text("x", &bob.person);
    assert_eq!(
        refused(ann.client.open_found(&missing, &found).await),
        ClientError::NotFound
    );

    let again = ann.restarted().await;
    assert_eq!(again.site_keyrings().unwrap().len(), 2);
    assert_eq!(again.contacts(&ring_one).unwrap().len(), 1);
    again.remove_site_keyring(&one).await.unwrap();
    assert_eq!(
        again.contacts(&ring_one).unwrap_err(),
        ClientError::NotFound
    );
    assert_eq!(ann.restarted().await.site_keyrings().unwrap().len(), 1);
}

#[tokio::test]
async fn a_site_opens_with_its_own_keys_only() {
    let (ann, bob) = friends().await;
    let site = keyring("https://mail.example", "ann");
    ann.client.create_site_keyring(&site).await.unwrap();
    let ring = Ring::Site(site.clone());
    // The page got hold of a letter that was sent to the person elsewhere.
    let stolen = seal(&bob, &letter(&[&ann.person], "not for this page")).await;
    let found = found_text(&stolen.body, &bob.person);
    assert_eq!(
        refused(ann.client.open_found(&ring, &found).await),
        ClientError::NoSecretKey
    );
    assert_eq!(
        refused(ann.client.seal_armored_draft(&ring, b"x").await),
        ClientError::NoSecretKey
    );

    let me = Person {
        name: "Ann".into(),
        address: "ann@mail.example".into(),
    };
    let people = std::slice::from_ref(&me);
    let before = ann.client.own_keys().unwrap().len();
    drop(ann.client.new_key_for(&ring, people, Profile::Compatible));
    assert_eq!(ann.client.own_keys().unwrap().len(), before);
    let key = ann
        .client
        .new_key_for(&ring, people, Profile::Compatible)
        .unwrap();
    let armored = key.armored_certificate();
    let print = ann.client.keep_new_key(key).await.unwrap();
    assert!(
        ann.client
            .has_private_key(&ring, &print.to_lowercase())
            .unwrap()
    );
    bob.client
        .import_certificates(&MAIN, armored.as_bytes(), KeySource::Imported)
        .await
        .unwrap();
    let sent = seal(&bob, &letter(&[&me], "for this page")).await;
    let opened = ann
        .client
        .open_found(&ring, &found_text(&sent.body, &bob.person))
        .await
        .unwrap();
    assert_eq!(opened.text.as_deref(), Some("for this page"));
    assert!(
        matches!(
            opened.verdict.signature,
            SignatureState::UnknownSigner { .. }
        ),
        "the person's contacts are not the site's"
    );
    assert_eq!(
        refused(ann.client.open_found(&ring, &found).await),
        ClientError::NoSecretKey
    );
    let listed = ann.client.own_keys().unwrap();
    let made = listed.iter().find(|key| key.fingerprint == print).unwrap();
    assert_eq!(made.site.as_deref(), Some("https://mail.example"));
    assert!(!made.in_use);

    let draft = ann.client.seal_armored_draft(&ring, b"half").await.unwrap();
    assert!(ann.client.open_armored_draft(&ring, &draft).await.is_ok());
    let other = keyring("https://other.example", "ann");
    ann.client.create_site_keyring(&other).await.unwrap();
    assert_eq!(
        refused(
            ann.client
                .open_armored_draft(&Ring::Site(other.clone()), &draft)
                .await
        ),
        ClientError::Damaged
    );
    // Not even with the same key.
    let Ring::Site(site) = &ring else {
        panic!("a site's ring");
    };
    for one in [site, &other] {
        ann.client.lend_key(one, &ann.fingerprint).await.unwrap();
    }
    let other = Ring::Site(other);
    let draft = ann
        .client
        .seal_armored_draft(&other, b"half")
        .await
        .unwrap();
    assert!(ann.client.open_armored_draft(&other, &draft).await.is_ok());
    for one in [ring, Ring::Main] {
        assert_eq!(
            refused(ann.client.open_armored_draft(&one, &draft).await),
            ClientError::Damaged
        );
    }
}

#[tokio::test]
async fn a_key_is_lent_and_taken_back() {
    let (ann, bob) = friends().await;
    let site = keyring("https://mail.example", "ann");
    ann.client.create_site_keyring(&site).await.unwrap();
    let ring = Ring::Site(site.clone());
    let sealed = seal(&bob, &letter(&[&ann.person], "hello")).await;
    let found: FoundMessage<'_> = found_text(&sealed.body, &bob.person);
    ann.client.lend_key(&site, &ann.fingerprint).await.unwrap();
    assert!(ann.client.open_found(&ring, &found).await.is_ok());
    let own = ann.client.own_key_for(&ring, &ann.person.address).unwrap();
    assert_eq!(own.unwrap().0, ann.fingerprint);
    ann.client
        .take_key_back(&site, &ann.fingerprint)
        .await
        .unwrap();
    assert_eq!(
        refused(ann.client.open_found(&ring, &found).await),
        ClientError::NoSecretKey
    );
    assert_eq!(
        ann.client
            .lend_key(&site, &bob.fingerprint)
            .await
            .unwrap_err(),
        ClientError::NotFound
    );
}

#[tokio::test]
async fn names_that_could_pass_for_another_site_are_refused() {
    let ann = loner(1, "Ann").await;
    for (origin, name) in [
        ("https://a.example", ""),
        ("", "x"),
        ("https://a.example\nx", "y"),
        ("https://a.example", "x\ny"),
        ("https://a.example", &"x".repeat(151)),
    ] {
        let refusal = ann.client.create_site_keyring(&keyring(origin, name)).await;
        assert!(
            matches!(refusal.unwrap_err(), ClientError::BadInput(_)),
            "{origin:?} {name:?}"
        );
    }
    // Names of JavaScript's own mean nothing here.
    let odd = keyring("https://a.example", "__proto__");
    ann.client.create_site_keyring(&odd).await.unwrap();
    assert_eq!(ann.client.site_keyrings().unwrap()[0].keyring, odd);
}
