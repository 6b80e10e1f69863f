//! Whose key is whose: first use, changes, and files that lie.

use crypto_core::openpgp::{Profile, UserId, generate};
use mail_client::{
    ClientError,
    keys::ImportOutcome,
    people::{KeySource, Reach},
    ports::Clock as _,
    view::{Person, RecipientState, SignatureState, Trust},
};
use rand::SeedableRng as _;
use rand_chacha::ChaCha20Rng;

use crate::world::{Loner, MAIN, found_text, friends, letter, loner, open, refused, seal, secret};

async fn state(who: &Loner, address: &str) -> RecipientState {
    let found = who.client.look_up(&MAIN, address, Reach::Here).await;
    found.unwrap().state
}

#[tokio::test]
async fn a_changed_key_is_offered_and_mail_waits() {
    let (ann, bob) = friends().await;
    let other_bob = loner(9, "Bob").await;
    let done = ann.meets(&other_bob).await;
    assert_eq!(done[0].outcome, ImportOutcome::Offered);
    let changed = RecipientState::KeyChanged {
        old: bob.fingerprint.clone(),
        new: other_bob.fingerprint.clone(),
    };
    assert_eq!(state(&ann, &bob.person.address).await, changed);
    let mail = letter(&[&bob.person], "to whom?");
    for encrypt_to in ["to", "bcc"] {
        let mut mail = mail.clone();
        if encrypt_to == "bcc" {
            mail.bcc = std::mem::take(&mut mail.to);
        }
        assert_eq!(
            refused(ann.client.seal_letter(&MAIN, &mail, Reach::Here).await),
            ClientError::KeyChanged(bob.person.address.clone())
        );
    }
    let contact = ann.client.contact(&MAIN, "Bob@Example.org ").unwrap();
    assert_eq!(contact.fingerprint, bob.fingerprint);
    assert_eq!(contact.trust, Trust::Changed);
    assert_eq!(
        contact.offered,
        Some((other_bob.fingerprint.clone(), KeySource::Imported))
    );
    // What the other one signs is said to be by another key, not to be Bob's.
    other_bob.meets(&ann).await;
    let sealed = seal(&other_bob, &letter(&[&ann.person], "it is me")).await;
    let opened = open(&ann, &found_text(&sealed.body, &bob.person))
        .await
        .unwrap();
    assert!(matches!(
        opened.verdict.signature,
        SignatureState::Good {
            trust: Trust::Changed,
            ..
        }
    ));

    let address = &bob.person.address;
    assert_eq!(
        ann.client
            .accept_key_in(&MAIN, address, &bob.fingerprint)
            .await
            .unwrap_err(),
        ClientError::Conflict
    );
    ann.client
        .accept_key_in(&MAIN, address, &other_bob.fingerprint)
        .await
        .unwrap();
    let sealed = seal(&ann, &mail).await;
    let found = found_text(&sealed.body, &ann.person);
    assert!(open(&other_bob, &found).await.is_ok());
    assert_eq!(refused(open(&bob, &found).await), ClientError::NoSecretKey);
    let again = ann.restarted().await;
    let contact = again.contact(&MAIN, address).unwrap();
    assert_eq!(contact.fingerprint, other_bob.fingerprint);
}

#[tokio::test]
async fn a_declined_key_is_not_offered_again() {
    let (ann, bob) = friends().await;
    let other_bob = loner(9, "Bob").await;
    ann.meets(&other_bob).await;
    let address = &bob.person.address;
    ann.client
        .decline_key(&MAIN, address, &other_bob.fingerprint)
        .await
        .unwrap();
    assert!(matches!(
        state(&ann, address).await,
        RecipientState::Ready { .. }
    ));
    let again = ann
        .client
        .import_certificates(&MAIN, other_bob.certificate().as_bytes(), KeySource::Mail)
        .await
        .unwrap();
    assert_eq!(again[0].outcome, ImportOutcome::Unchanged);
    ann.meets(&other_bob).await;
    assert!(
        matches!(
            state(&ann, address).await,
            RecipientState::KeyChanged { .. }
        ),
        "except by the person's own hand"
    );
}

#[tokio::test]
async fn contacts_are_forgotten_for_good() {
    let (ann, bob) = friends().await;
    assert_eq!(ann.client.contacts(&MAIN).unwrap().len(), 1);
    ann.client
        .delete_contact(&MAIN, &bob.person.address)
        .await
        .unwrap();
    assert_eq!(ann.client.contacts(&MAIN).unwrap(), []);
    assert_eq!(
        state(&ann, &bob.person.address).await,
        RecipientState::NoKey
    );
    let again = ann.restarted().await;
    assert_eq!(again.contacts(&MAIN).unwrap(), []);
    assert_eq!(
        ann.client
            .delete_contact(&MAIN, &bob.person.address)
            .await
            .unwrap_err(),
        ClientError::NotFound
    );
    assert_eq!(ann.meets(&bob).await[0].outcome, ImportOutcome::New);
    assert_eq!(ann.restarted().await.contacts(&MAIN).unwrap().len(), 1);
}

#[tokio::test]
async fn a_private_key_is_no_contact() {
    let (ann, bob) = friends().await;
    let carol = loner(3, "Carol").await;
    let lock = secret("paper clip");
    let private = carol
        .client
        .export_private_key(&carol.fingerprint, &lock)
        .unwrap();
    let relabelled = private.replace("PRIVATE KEY BLOCK", "PUBLIC KEY BLOCK");
    let hidden_behind = format!("{}\n{relabelled}", bob.certificate());
    for file in [private.clone(), relabelled, hidden_behind] {
        let result = ann
            .client
            .import_certificates(&MAIN, file.as_bytes(), KeySource::Mail)
            .await;
        assert!(matches!(refused(result), ClientError::WrongKind(_)));
    }
    assert!(ann.client.contact(&MAIN, &carol.person.address).is_err());
    assert_eq!(ann.client.own_keys().unwrap().len(), 1);
    let dearmored = secret_bytes(&private);
    let result = ann
        .client
        .import_certificates(&MAIN, &dearmored, KeySource::Imported)
        .await;
    assert!(matches!(refused(result), ClientError::WrongKind(_)));
}

fn secret_bytes(armor: &str) -> Vec<u8> {
    crypto_core::openpgp::SecretCertificate::parse(armor.as_bytes())
        .unwrap()
        .to_bytes()
        .to_vec()
}

#[tokio::test]
async fn files_that_are_no_certificates_are_refused() {
    let ann = loner(1, "Ann").await;
    let mut rng = ChaCha20Rng::seed_from_u64(5);
    let now = ann.device.clock.now();
    let crowd = crowd_of_addresses(now);
    let preview = ann.client.preview_key_file(&MAIN, &crowd).unwrap();
    assert!(preview[0].problem.is_some());
    let nameless = generate(
        Profile::Compatible,
        &[UserId::new("No Address", "")],
        now,
        &mut rng,
    );
    let nameless = nameless.unwrap().secret.certificate().to_bytes();
    let mut cut = crowd.clone();
    cut.truncate(cut.len() / 2);
    for (what, file) in [
        ("too many addresses", crowd),
        ("no address", nameless),
        ("cut off", cut),
        ("text", b"hello".to_vec()),
        ("nothing", Vec::new()),
        ("too large", vec![0x99; 10 << 20]),
    ] {
        let result = ann
            .client
            .import_certificates(&MAIN, &file, KeySource::Imported)
            .await;
        assert!(result.is_err(), "{what}");
    }
    // One bad key among good ones: none is taken.
    let bob = loner(2, "Bob").await;
    let crowd = crypto_core::openpgp::Certificate::parse(&crowd_of_addresses(now)).unwrap();
    let mixed = format!("{}\n{}", bob.certificate(), crowd.to_armor());
    let result = ann
        .client
        .import_certificates(&MAIN, mixed.as_bytes(), KeySource::Imported)
        .await;
    assert!(matches!(refused(result), ClientError::WrongKind(_)));
    assert_eq!(ann.client.contacts(&MAIN).unwrap(), []);
}

/// A key that names more addresses than anybody has.
fn crowd_of_addresses(now: crypto_core::ids::UnixTime) -> Vec<u8> {
    let mut rng = ChaCha20Rng::seed_from_u64(7);
    let many: Vec<UserId> = (0..40)
        .map(|i| UserId::new("", format!("p{i}@example.org")))
        .collect();
    let crowd = generate(Profile::Compatible, &many, now, &mut rng).unwrap();
    crowd.secret.certificate().to_bytes()
}

#[tokio::test]
async fn a_key_that_claims_two_addresses_takes_over_none() {
    let (ann, bob) = friends().await;
    let mut rng = ChaCha20Rng::seed_from_u64(6);
    let ids = [
        UserId::new("Mallory", "mallory@example.org"),
        UserId::new("Bob", &bob.person.address),
    ];
    let mallory = generate(Profile::Compatible, &ids, ann.device.clock.now(), &mut rng).unwrap();
    let done = ann
        .client
        .import_certificates(
            &MAIN,
            &mallory.secret.certificate().to_bytes(),
            KeySource::Mail,
        )
        .await
        .unwrap();
    assert_eq!(done[0].outcome, ImportOutcome::Offered);
    let contact = ann.client.contact(&MAIN, &bob.person.address).unwrap();
    assert_eq!(contact.fingerprint, bob.fingerprint);
}

#[tokio::test]
async fn a_known_key_that_grew_an_address_is_not_known() {
    let ann = loner(1, "Ann").await;
    let bob = UserId::new("Bob", "bob@example.org");
    let carol = UserId::new("Carol", "carol@example.org");
    let now = ann.device.clock.now();
    let with = |ids: &[UserId]| {
        let mut rng = ChaCha20Rng::seed_from_u64(6);
        let made = generate(Profile::Compatible, ids, now, &mut rng).unwrap();
        made.secret.certificate().to_bytes()
    };
    let (small, grown) = (with(std::slice::from_ref(&bob)), with(&[bob, carol]));
    let known = |file: &[u8]| ann.client.preview_key_file(&MAIN, file).unwrap()[0].clone();
    ann.client
        .import_certificates(&MAIN, &small, KeySource::Imported)
        .await
        .unwrap();
    assert!(known(&small).known);
    assert_eq!(known(&small).fingerprint, known(&grown).fingerprint);
    assert!(!known(&grown).known);

    // A letter speaks for its sender alone.
    let of = async |address| {
        let client = &ann.client;
        let taken = client.import_certificate_of(&MAIN, address, &grown, KeySource::Mail);
        taken.await
    };
    assert!(matches!(
        refused(of("dora@example.org").await),
        ClientError::WrongKind(_)
    ));
    assert_eq!(of("bob@example.org").await.unwrap(), ImportOutcome::Updated);
    assert_eq!(ann.client.contacts(&MAIN).unwrap().len(), 1);
    assert!(!known(&grown).known);
}

#[tokio::test]
async fn the_sender_a_page_shows_must_be_the_signer() {
    let (ann, bob) = friends().await;
    let carol = loner(3, "Carol").await;
    carol.meets(&ann).await;
    ann.meets(&carol).await;
    let sealed = seal(&carol, &letter(&[&ann.person], "pay me")).await;
    let opened = open(&ann, &found_text(&sealed.body, &bob.person))
        .await
        .unwrap();
    let SignatureState::OtherSigner { signer, .. } = opened.verdict.signature else {
        panic!("{:?}", opened.verdict.signature);
    };
    assert_eq!(signer.address, carol.person.address);
    assert_eq!(
        opened.from, bob.person,
        "what the page says stays what it says"
    );

    // The inner From is Bob's, the signature Carol's, the page says nothing or Carol.
    let mut forged = letter(&[&ann.person], "pay me");
    forged.hide_subject = true;
    forged.from = bob.person.address.clone();
    let sealed = seal(&carol, &forged).await;
    let opened = open(&ann, &found_text(&sealed.body, &carol.person))
        .await
        .unwrap();
    assert_eq!(opened.from, carol.person);
    assert!(matches!(
        opened.verdict.signature,
        SignatureState::Good { .. }
    ));
    let opened = open(&ann, &found_text(&sealed.body, &Person::default()))
        .await
        .unwrap();
    assert!(matches!(
        opened.verdict.signature,
        SignatureState::OtherSigner { .. }
    ));
}

#[tokio::test]
async fn autocrypt_brings_keys_and_never_replaces_one() {
    let (ann, bob) = (loner(1, "Ann").await, loner(2, "Bob").await);
    let address = &bob.person.address;
    let header = bob
        .client
        .autocrypt_header(&MAIN, address)
        .unwrap()
        .unwrap();
    assert!(header.starts_with("addr=bob@example.org; prefer-encrypt=mutual; keydata="));
    assert_eq!(
        bob.client.autocrypt_header(&MAIN, "x@example.org").unwrap(),
        None
    );
    let other_bob = loner(9, "Bob").await;
    let other = other_bob
        .client
        .autocrypt_header(&MAIN, address)
        .unwrap()
        .unwrap();
    let process = async |value: &str, from: &str, date: u64| {
        ann.client.process_autocrypt(&MAIN, value, from, date).await
    };
    assert_eq!(
        process(&header, "BOB@example.org", 1000).await.unwrap(),
        ImportOutcome::New
    );
    for (value, from) in [
        (header.as_str(), "eve@example.org"),
        ("addr=bob@example.org", address.as_str()),
    ] {
        let refusal = process(value, from, 2000).await;
        assert!(matches!(refusal.unwrap_err(), ClientError::BadInput(_)));
    }
    let found = ann
        .client
        .look_up(&MAIN, address, Reach::Here)
        .await
        .unwrap();
    assert_eq!(found.source, Some(KeySource::Autocrypt));
    let RecipientState::Ready {
        trust, fingerprint, ..
    } = found.state
    else {
        panic!("{:?}", found.state);
    };
    assert_eq!((trust, fingerprint), (Trust::New, bob.fingerprint.clone()));
    assert_eq!(
        ann.client.contacts(&MAIN).unwrap(),
        [],
        "looking is not using"
    );

    // Older news do not count; newer ones do, as long as the key was never used.
    assert_eq!(
        process(&other, address, 500).await.unwrap(),
        ImportOutcome::Unchanged
    );
    assert_eq!(
        process(&other, address, 2000).await.unwrap(),
        ImportOutcome::Updated
    );
    assert_eq!(
        process(&header, address, 3000).await.unwrap(),
        ImportOutcome::Updated
    );
    seal(&ann, &letter(&[&bob.person], "hello")).await;
    let contact = ann.client.contact(&MAIN, address).unwrap();
    assert_eq!(
        (contact.fingerprint, contact.source),
        (bob.fingerprint.clone(), KeySource::Autocrypt)
    );
    assert_eq!(
        process(&other, address, 4000).await.unwrap(),
        ImportOutcome::Offered
    );
    assert!(
        matches!(state(&ann, address).await, RecipientState::Ready { .. }),
        "anybody on the way could stop mail otherwise"
    );
    let contact = ann.client.contact(&MAIN, address).unwrap();
    assert_eq!(
        contact.offered,
        Some((other_bob.fingerprint.clone(), KeySource::Autocrypt))
    );
}

#[tokio::test]
async fn a_key_seen_in_mail_is_remembered_once_it_signed() {
    let (ann, bob) = (loner(1, "Ann").await, loner(2, "Bob").await);
    bob.meets(&ann).await;
    let header = bob
        .client
        .autocrypt_header(&MAIN, &bob.person.address)
        .unwrap()
        .unwrap();
    ann.client
        .process_autocrypt(&MAIN, &header, &bob.person.address, 1000)
        .await
        .unwrap();
    let mut mail = letter(&[&ann.person], "first");
    mail.hide_subject = true;
    let sealed = seal(&bob, &mail).await;
    let trust = async |message_id| {
        let mut found = found_text(&sealed.body, &bob.person);
        found.message_id = message_id;
        match open(&ann, &found).await.unwrap().verdict.signature {
            SignatureState::Good { trust, signer, .. } => (trust, signer.name),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(trust("first").await, (Trust::New, "Bob".into()));
    assert_eq!(trust("first").await.0, Trust::New, "the same message again");
    assert_eq!(trust("second").await.0, Trust::Known);
    assert_eq!(
        ann.client
            .contact(&MAIN, &bob.person.address)
            .unwrap()
            .person,
        bob.person,
        "his signed letter brought his name"
    );
}
