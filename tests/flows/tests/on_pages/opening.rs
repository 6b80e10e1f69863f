//! What is found in pages: quoted, clipped, taken apart by the page, attached, altered.

use crypto_core::{
    bulk::NativeEngine,
    mime::{self, Address, OutgoingMail, OutgoingPart},
    openpgp::{Certificate, EncryptRequest, SecretCertificate, encrypt, micalg, sign_detached},
};
use mail_client::{
    ClientError,
    found::{FoundContent, FoundMessage},
    people::KeySource,
    ports::Clock as _,
    view::{Person, Protection, SignatureState},
};
use rand::SeedableRng as _;
use rand_chacha::ChaCha20Rng;

use crate::world::{
    Loner, MAIN, found_file, found_text, friends, letter, loner, open, refused, seal, secret,
};

/// Somebody's key outside of any client, for messages that ours would not write.
fn key_of(who: &Loner) -> SecretCertificate {
    let lock = secret("x");
    let armored = who
        .client
        .export_private_key(&who.fingerprint, &lock)
        .unwrap();
    let locked = SecretCertificate::parse(armored.as_bytes()).unwrap();
    locked.unlock(&lock, &Default::default()).unwrap()
}

fn certificate(who: &Loner) -> Certificate {
    Certificate::parse(who.certificate().as_bytes()).unwrap()
}

async fn sealed(from: &Loner, to: &Loner, payload: &[u8], armor: bool) -> Vec<u8> {
    let request = EncryptRequest {
        recipients: &[&certificate(to)],
        passwords: &[],
        signer: Some(&key_of(from)),
        now: from.device.clock.now(),
        armor,
    };
    let mut rng = ChaCha20Rng::seed_from_u64(5);
    encrypt(&NativeEngine, &mut rng, payload, &request)
        .await
        .unwrap()
}

fn mail(from: &Loner, to: &Loner) -> OutgoingMail {
    OutgoingMail {
        from: Address::new(&from.person.name, &from.person.address),
        to: vec![Address::new(&to.person.name, &to.person.address)],
        subject: "Inside".into(),
        date: from.device.clock.now(),
        message_id: "m@example.org".into(),
        text: "the text\n".into(),
        ..OutgoingMail::default()
    }
}

#[tokio::test]
async fn armor_is_found_wherever_a_page_puts_it() {
    let (ann, bob) = friends().await;
    let sealed = seal(&ann, &letter(&[&bob.person], "found")).await.body;
    let quoted: String = sealed.lines().map(|line| format!("> {line}\n")).collect();
    let spaces = sealed.replace("\n\n", "\n\u{A0}\n").replace('\n', "\r\n");
    for text in [
        format!("Hello Bob,\n\n{sealed}\n-- \nAnn"),
        format!("On Monday, Ann wrote:\n{quoted}"),
        spaces,
        sealed.clone(),
    ] {
        let opened = open(&bob, &found_text(&text, &ann.person)).await;
        assert_eq!(opened.unwrap().text.as_deref(), Some("found"), "{text}");
    }
    // Clipped by the page: nothing is shown of what is left.
    let clipped = &sealed[..sealed.len() / 2];
    for text in [
        clipped.to_owned(),
        format!("{clipped}\n-----END PGP MESSAGE-----"),
    ] {
        let error = refused(open(&bob, &found_text(&text, &ann.person)).await);
        assert!(
            matches!(error, ClientError::Damaged | ClientError::WrongKind(_)),
            "{error:?}"
        );
    }
    assert!(matches!(
        refused(open(&bob, &found_text("no armor here", &ann.person)).await),
        ClientError::WrongKind(_)
    ));
}

#[tokio::test]
async fn one_flipped_character_shows_nothing() {
    let (ann, bob) = friends().await;
    let body = seal(&ann, &letter(&[&bob.person], "found")).await.body;
    let middle = body.len() - 120;
    let mut altered = body.into_bytes();
    altered[middle] = if altered[middle] == b'A' { b'B' } else { b'A' };
    let text = String::from_utf8(altered).unwrap();
    assert_eq!(
        refused(open(&bob, &found_text(&text, &ann.person)).await),
        ClientError::Damaged
    );
}

#[tokio::test]
async fn parts_that_a_page_shows_as_attachments_are_messages() {
    let (ann, bob) = friends().await;
    let mut outgoing = mail(&ann, &bob);
    outgoing.html = Some("<p>the <img src=\"cid:x\"> text</p>".into());
    outgoing.attachments = vec![OutgoingPart {
        name: "map.png".into(),
        media_type: "image/png".into(),
        data: vec![1, 2, 3],
    }];
    let payload = mime::build_payload(&outgoing).unwrap();
    let armored = sealed(&ann, &bob, &payload, true).await;
    for name in [
        "encrypted.asc",
        "noname",
        "ATT00001.bin",
        "OpenPGP encrypted message.asc",
    ] {
        let opened = open(&bob, &found_file(name, &armored, &ann.person))
            .await
            .unwrap();
        assert_eq!(opened.subject.as_deref(), Some("Inside"), "{name}");
        assert_eq!(opened.text.as_deref(), Some("the text\n"));
        assert_eq!(opened.attachments[0].data, [1, 2, 3]);
        assert_eq!(opened.from, ann.person);
        assert!(opened.verdict.headers_protected);
    }
    // The page may have the whole message, too.
    let raw = mime::build_encrypted(&outgoing, &armored).unwrap();
    let whole = FoundMessage {
        content: FoundContent::Raw(&raw),
        sender: ann.person.clone(),
        message_id: "",
        password: None,
    };
    let opened = open(&bob, &whole).await.unwrap();
    assert_eq!(opened.subject.as_deref(), Some("Inside"));
    let opened = open(&bob, &found_file("message.eml", &raw, &ann.person))
        .await
        .unwrap();
    assert_eq!(opened.subject.as_deref(), Some("Inside"));
}

#[tokio::test]
async fn signed_parts_are_verified_and_shown_as_signed() {
    let (ann, bob) = friends().await;
    let outgoing = mail(&ann, &bob);
    let payload = mime::payload_to_sign(&outgoing).unwrap();
    let key = key_of(&ann);
    let mut rng = ChaCha20Rng::seed_from_u64(6);
    let now = ann.device.clock.now();
    let signature = sign_detached(&NativeEngine, &mut rng, &payload, &key, now, true)
        .await
        .unwrap();
    let detached = |signed| FoundMessage {
        content: FoundContent::Detached {
            signed,
            signature: &signature,
        },
        sender: ann.person.clone(),
        message_id: "",
        password: None,
    };
    let opened = open(&bob, &detached(&payload)).await.unwrap();
    assert_eq!(opened.verdict.protection, Protection::SignedOnly);
    assert!(matches!(
        opened.verdict.signature,
        SignatureState::Good { .. }
    ));
    assert_eq!(opened.text.as_deref(), Some("the text\n"));
    let altered = String::from_utf8(payload.clone())
        .unwrap()
        .replace("the text", "the test");
    let opened = open(&bob, &detached(altered.as_bytes())).await.unwrap();
    assert!(matches!(
        opened.verdict.signature,
        SignatureState::Bad { .. }
    ));
    assert!(!opened.verdict.headers_protected);

    // Signed first, then encrypted as a whole, as some programs do.
    let name = micalg(&signature).unwrap();
    let inner = mime::build_signed(&outgoing, &payload, &signature, &name).unwrap();
    let request = EncryptRequest {
        recipients: &[&certificate(&bob)],
        passwords: &[],
        signer: None,
        now,
        armor: true,
    };
    let armored = encrypt(&NativeEngine, &mut rng, &inner, &request)
        .await
        .unwrap();
    let opened = open(&bob, &found_file("encrypted.asc", &armored, &ann.person))
        .await
        .unwrap();
    assert!(matches!(
        opened.verdict.signature,
        SignatureState::Good { .. }
    ));
    assert_eq!(opened.verdict.protection, Protection::Sealed);
    assert_eq!(opened.subject.as_deref(), Some("Inside"));
}

#[tokio::test]
async fn html_is_handed_on_as_it_was_sent_and_text_stays_text() {
    let (ann, bob) = friends().await;
    let plain = "<script>alert(1)</script>\n<img src=http://evil.example/x>";
    let sealed = seal(&ann, &letter(&[&bob.person], plain)).await;
    let opened = open(&bob, &found_text(&sealed.body, &ann.person))
        .await
        .unwrap();
    assert_eq!((opened.text.as_deref(), opened.html), (Some(plain), None));
}

#[tokio::test]
async fn attached_keys_are_offered_and_taken_by_hand() {
    let (ann, bob) = (loner(1, "Ann").await, loner(2, "Bob").await);
    bob.meets(&ann).await;
    let mut outgoing = mail(&bob, &ann);
    outgoing.attachments = vec![OutgoingPart {
        name: "OpenPGP_key.asc".into(),
        media_type: "application/pgp-keys".into(),
        data: bob.certificate().into_bytes(),
    }];
    let payload = mime::build_payload(&outgoing).unwrap();
    let armored = sealed(&bob, &ann, &payload, true).await;
    let found = found_file("encrypted.asc", &armored, &bob.person);
    let opened = open(&ann, &found).await.unwrap();
    let issuer = match &opened.verdict.signature {
        SignatureState::UnknownSigner { issuer } => issuer.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(issuer, bob.fingerprint);
    assert_eq!(opened.from, bob.person, "as the page says");
    assert_eq!(opened.keys.len(), 1);
    assert!(opened.keys[0].is_signer && !opened.keys[0].preview.known);
    assert_eq!(ann.client.contacts(&MAIN).unwrap(), [], "nothing was taken");
    ann.client
        .import_certificates(&MAIN, &opened.keys[0].certificate, KeySource::Mail)
        .await
        .unwrap();
    let mut opened = open(&ann, &found).await.unwrap();
    assert!(matches!(
        opened.verdict.signature,
        SignatureState::Good { .. }
    ));
    assert!(opened.keys[0].preview.known);
    ann.client.keep_keys_of_sender(&MAIN, &mut opened).unwrap();
    assert!(opened.keys.is_empty(), "nothing new");

    // A key alone, in the text or as a file.
    let text = format!("my key:\n{}", bob.certificate());
    let opened = open(&ann, &found_text(&text, &bob.person)).await.unwrap();
    assert_eq!(opened.keys[0].preview.fingerprint, bob.fingerprint);
    let carol = loner(3, "Carol").await;
    let mut opened = open(&carol, &found_text(&text, &ann.person)).await.unwrap();
    let keep = |opened: &mut _| carol.client.keep_keys_of_sender(&MAIN, opened).unwrap();
    keep(&mut opened);
    assert!(opened.keys.is_empty(), "not the sender's");
    let mut opened = open(&carol, &found_text(&text, &bob.person)).await.unwrap();
    keep(&mut opened);
    assert_eq!(opened.keys.len(), 1);
    let binary = certificate(&bob).to_bytes();
    let opened = open(&ann, &found_file("key.gpg", &binary, &bob.person))
        .await
        .unwrap();
    assert_eq!(opened.keys.len(), 1);
    let private = key_of(&bob).to_bytes();
    assert!(matches!(
        refused(open(&ann, &found_file("key.gpg", &private, &bob.person)).await),
        ClientError::WrongKind(_)
    ));
}

#[tokio::test]
async fn a_file_gets_its_name_back_and_nothing_worse() {
    let (ann, bob) = friends().await;
    let data = sealed(&ann, &bob, &[0xDE, 0xAD, 0, 1], false).await;
    let nobody = Person::default();
    for (name, plain) in [
        ("report.pdf.pgp", "report.pdf"),
        ("../../etc/passwd.gpg", "passwd"),
        ("evil\u{202E}fdp.exe.pgp", "evilfdp.exe"),
    ] {
        let opened = open(&bob, &found_file(name, &data, &nobody)).await.unwrap();
        assert_eq!(opened.attachments[0].name, plain);
        assert_eq!(opened.attachments[0].data, [0xDE, 0xAD, 0, 1]);
        assert_eq!(opened.text, None);
        let SignatureState::Good { signer, .. } = opened.verdict.signature else {
            panic!("{:?}", opened.verdict.signature);
        };
        assert_eq!(signer.address, ann.person.address);
    }
}
