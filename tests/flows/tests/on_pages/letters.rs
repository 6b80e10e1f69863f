//! Two people exchange letters through pages that see nothing of them.

use crypto_core::openpgp::{Certificate, Profile};
use data_encoding::HEXUPPER;
use mail_client::{
    ClientError,
    found::{FoundContent, FoundMessage},
    local_account::FirstKeys,
    people::Reach,
    seal::Letter,
    view::{OutgoingAttachment, Person, Protection, SignatureState, Trust},
};

use crate::world::{
    Loner, MAIN, found_file, found_text, friends, letter, loner, loner_with, open, refused, seal,
    secret,
};

fn file(name: &str, data: &[u8]) -> OutgoingAttachment {
    OutgoingAttachment {
        name: name.into(),
        media_type: "application/pdf".into(),
        data: data.to_vec(),
    }
}

#[tokio::test]
async fn a_plain_letter_is_armor_that_any_program_reads() {
    let (ann, bob) = friends().await;
    let sealed = seal(&ann, &letter(&[&bob.person], "At the mill.\nA.\n")).await;
    assert!(sealed.body.starts_with("-----BEGIN PGP MESSAGE-----"));
    assert_eq!(sealed.outer_subject.as_deref(), Some("Plans"));
    assert!(sealed.files.is_empty());

    let found = found_text(&sealed.body, &ann.person);
    let opened = open(&bob, &found).await.unwrap();
    assert_eq!(opened.text.as_deref(), Some("At the mill.\nA.\n"));
    assert_eq!(opened.from, ann.person);
    assert_eq!(opened.verdict.protection, Protection::Sealed);
    assert!(!opened.verdict.headers_protected);
    let SignatureState::Good { trust, signer, .. } = opened.verdict.signature else {
        panic!("{:?}", opened.verdict.signature);
    };
    assert_eq!(
        (trust, signer.address),
        (Trust::Known, ann.person.address.clone())
    );

    let own = open(&ann, &found).await.unwrap();
    assert!(
        matches!(
            own.verdict.signature,
            SignatureState::Good {
                trust: Trust::Own,
                ..
            }
        ),
        "the writer can read it too"
    );
    let eve = loner(3, "Eve").await;
    assert_eq!(refused(open(&eve, &found).await), ClientError::NoSecretKey);
}

#[tokio::test]
async fn a_hidden_subject_travels_inside() {
    let (ann, bob) = friends().await;
    let mut rich = letter(&[&bob.person], "At the mill.");
    rich.html = Some("<p>At the <b>mill</b>.</p>".into());
    rich.hide_subject = true;
    rich.cc = vec![ann.person.clone()];
    rich.files = vec![file("map.pdf", b"%PDF map")];
    let sealed = seal(&ann, &rich).await;
    assert_eq!(sealed.outer_subject.as_deref(), Some("..."));
    assert_eq!(sealed.files.len(), 1);
    assert_eq!(sealed.files[0].name, "map.pdf.pgp");

    let opened = open(&bob, &found_text(&sealed.body, &ann.person))
        .await
        .unwrap();
    assert_eq!(opened.subject.as_deref(), Some("Plans"));
    assert_eq!(opened.to, std::slice::from_ref(&bob.person));
    assert_eq!(opened.cc, std::slice::from_ref(&ann.person));
    assert_eq!(opened.from, ann.person);
    assert!(opened.verdict.headers_protected && opened.date.is_some());
    assert!(opened.html.unwrap().contains("<b>mill</b>"));
    assert_eq!(opened.text.unwrap().trim_end(), "At the mill.");

    let bytes = &sealed.files[0].data;
    assert!(!bytes.windows(4).any(|w| w == b"%PDF"));
    let opened = open(&bob, &found_file("map.pdf.pgp", bytes, &ann.person))
        .await
        .unwrap();
    assert_eq!(opened.attachments[0].name, "map.pdf");
    assert_eq!(opened.attachments[0].data, b"%PDF map");
    assert!(matches!(
        opened.verdict.signature,
        SignatureState::Good { .. }
    ));
}

#[tokio::test]
async fn files_go_inside_where_a_page_takes_none() {
    let (ann, bob) = friends().await;
    let mut mail = letter(&[&bob.person], "see the map");
    mail.files = vec![file("map.pdf", b"one"), file("map.pdf", b"two")];
    mail.files_apart = false;
    let sealed = seal(&ann, &mail).await;
    assert!(sealed.files.is_empty());
    let opened = open(&bob, &found_text(&sealed.body, &ann.person))
        .await
        .unwrap();
    assert_eq!(opened.attachments.len(), 2);
    assert_eq!(opened.attachments[1].data, b"two");
    assert_eq!(opened.text.unwrap().trim_end(), "see the map");

    mail.files_apart = true;
    let names: Vec<String> = seal(&ann, &mail)
        .await
        .files
        .into_iter()
        .map(|f| f.name)
        .collect();
    assert_eq!(names, ["map.pdf.pgp", "map (2).pdf.pgp"]);
}

#[tokio::test]
async fn a_signed_letter_stays_readable() {
    let (ann, bob) = friends().await;
    let mut mail = letter(&[&bob.person], "- a list\nFrom here on\r\nthe end");
    mail.encrypt = false;
    mail.hide_subject = true;
    let sealed = seal(&ann, &mail).await;
    assert!(
        sealed
            .body
            .starts_with("-----BEGIN PGP SIGNED MESSAGE-----")
    );
    assert_eq!(
        sealed.outer_subject.as_deref(),
        Some("Plans"),
        "nothing to hide it in"
    );
    let shown = format!("> quoted above\n\n{}\n-- \nsent from a page", sealed.body);
    let opened = open(&bob, &found_text(&shown, &ann.person)).await.unwrap();
    assert_eq!(
        opened.text.as_deref(),
        Some("- a list\nFrom here on\nthe end")
    );
    assert_eq!(opened.verdict.protection, Protection::SignedOnly);
    assert!(matches!(
        opened.verdict.signature,
        SignatureState::Good { .. }
    ));
    // A page that shows spaces in its own way, and a text that was signed with such.
    let spaced = shown.replace("a list", "a\u{A0}list");
    let opened = open(&bob, &found_text(&spaced, &ann.person)).await.unwrap();
    assert!(matches!(
        opened.verdict.signature,
        SignatureState::Good { .. }
    ));
    mail.text = "50\u{A0}€".into();
    let sealed = seal(&ann, &mail).await;
    let opened = open(&bob, &found_text(&sealed.body, &ann.person))
        .await
        .unwrap();
    assert_eq!(opened.text.as_deref(), Some("50\u{A0}€"));
    assert!(matches!(
        opened.verdict.signature,
        SignatureState::Good { .. }
    ));
    let altered = shown.replace("a list", "a lust");
    let opened = open(&bob, &found_text(&altered, &ann.person))
        .await
        .unwrap();
    assert!(matches!(
        opened.verdict.signature,
        SignatureState::Bad { .. }
    ));
}

#[tokio::test]
async fn letters_that_cannot_be_meant_are_refused() {
    let (ann, bob) = friends().await;
    let good = || letter(&[&bob.person], "hello");
    let try_it =
        async |mail: Letter| refused(ann.client.seal_letter(&MAIN, &mail, Reach::Here).await);
    let plain = Letter {
        sign: false,
        encrypt: false,
        ..good()
    };
    assert!(matches!(try_it(plain).await, ClientError::BadInput(_)));
    let open_file = Letter {
        encrypt: false,
        files: vec![file("a", b"b")],
        ..good()
    };
    assert!(matches!(try_it(open_file).await, ClientError::BadInput(_)));
    let nobody = Letter {
        to: Vec::new(),
        ..good()
    };
    assert!(matches!(try_it(nobody).await, ClientError::BadInput(_)));
    let stranger = Person {
        name: String::new(),
        address: "carol@example.org".into(),
    };
    let unknown = Letter {
        bcc: vec![stranger.clone()],
        ..good()
    };
    assert_eq!(
        try_it(unknown).await,
        ClientError::NoKey(vec![stranger.address.clone()])
    );
    let typo = Letter {
        cc: vec![Person {
            name: String::new(),
            address: "carol at example".into(),
        }],
        password: Some(secret("told on the phone")),
        ..good()
    };
    assert!(matches!(try_it(typo).await, ClientError::NoKey(_)));
}

#[tokio::test]
async fn whoever_has_no_key_gets_a_password() {
    let (ann, bob) = friends().await;
    let carol = loner(3, "Carol").await;
    let mut mail = letter(&[&bob.person, &carol.person], "for both");
    mail.password = Some(secret("told on the phone"));
    mail.files = vec![file("a.txt", b"a file")];
    let sealed = seal(&ann, &mail).await;
    let found = found_text(&sealed.body, &ann.person);
    assert_eq!(open(&bob, &found).await.unwrap().text.unwrap(), "for both");

    assert_eq!(
        refused(open(&carol, &found).await),
        ClientError::PasswordNeeded
    );
    let (right, wrong) = (secret("told on the phone"), secret("guessed"));
    let with = |password| FoundMessage {
        password: Some(password),
        ..found.clone()
    };
    assert_eq!(
        refused(open(&carol, &with(&wrong)).await),
        ClientError::WrongPassphrase
    );
    let opened = open(&carol, &with(&right)).await.unwrap();
    assert_eq!(opened.text.as_deref(), Some("for both"));
    assert!(opened.by_password);
    let data = carol
        .client
        .decrypt_file(&MAIN, "a.txt.pgp", &sealed.files[0].data, Some(&right))
        .await
        .unwrap();
    assert_eq!(
        (data.file.name.as_str(), data.file.data.as_slice()),
        ("a.txt", &b"a file"[..])
    );
}

#[tokio::test]
async fn blind_copies_are_named_nowhere() {
    for profile in [Profile::Compatible, Profile::Modern] {
        let made = |seed, name| loner_with(seed, name, FirstKeys::Make(profile));
        let (ann, bob) = (made(1, "Ann").await, made(2, "Bob").await);
        let carol = made(3, "Carol").await;
        for (one, other) in [(&ann, &bob), (&ann, &carol), (&bob, &ann), (&carol, &ann)] {
            one.meets(other).await;
        }
        let mut mail = letter(&[&bob.person], "about Carol's birthday");
        mail.bcc = vec![carol.person.clone()];
        mail.hide_subject = true;
        let sealed = seal(&ann, &mail).await;

        // None of Carol's keys is named: neither by fingerprint nor, in version 4, by key id.
        let raw = dearmored(&sealed.body);
        let names = |who: &Loner| {
            let armored = who.certificate();
            let certificate = Certificate::parse(armored.as_bytes()).unwrap();
            certificate.fingerprints().iter().any(|print| {
                let bytes = HEXUPPER.decode(print.as_hex().as_bytes()).unwrap();
                contains(&raw, &bytes) || (bytes.len() == 20 && contains(&raw, &bytes[12..]))
            })
        };
        assert!(names(&bob) && names(&ann), "the others are");
        assert!(!names(&carol), "{profile:?}");

        for reader in [&bob, &carol] {
            let found = found_text(&sealed.body, &ann.person);
            let opened = open(reader, &found).await.unwrap();
            assert_eq!(opened.text.unwrap().trim_end(), "about Carol's birthday");
            assert!(opened.cc.is_empty() && opened.to == std::slice::from_ref(&bob.person));
            assert!(
                matches!(opened.verdict.signature, SignatureState::Good { .. }),
                "{}: {:?}",
                reader.person.name,
                opened.verdict.signature
            );
        }
        let eve = loner(4, "Eve").await;
        assert_eq!(
            refused(open(&eve, &found_text(&sealed.body, &ann.person)).await),
            ClientError::NoSecretKey
        );
    }
}

#[tokio::test]
async fn a_page_that_builds_the_message_gets_an_entity() {
    let (ann, bob) = friends().await;
    let mut mail = letter(&[&bob.person], "plain words");
    mail.as_mime = true;
    let sealed = seal(&ann, &mail).await;
    assert_eq!(sealed.outer_subject.as_deref(), Some("Plans"));
    let raw = format!(
        "From: ann@example.org\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b\r\n\r\n\
         --b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\
         --b\r\nContent-Type: application/octet-stream\r\n\r\n{}\r\n--b--\r\n",
        sealed.body.replace('\n', "\r\n")
    );
    let found = FoundMessage {
        content: FoundContent::Raw(raw.as_bytes()),
        sender: ann.person.clone(),
        message_id: "",
        password: None,
    };
    let opened = open(&bob, &found).await.unwrap();
    assert_eq!(opened.subject.as_deref(), Some("Plans"));
    assert_eq!(opened.text.unwrap().trim_end(), "plain words");
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn dearmored(armor: &str) -> Vec<u8> {
    let data: String = armor
        .lines()
        .filter(|line| !line.starts_with('-') && !line.starts_with('='))
        .collect();
    data_encoding::BASE64.decode(data.as_bytes()).unwrap()
}

#[tokio::test]
async fn files_are_sealed_on_their_own() {
    let (ann, bob) = friends().await;
    let files = [file("a.txt", b"one"), file("../b.txt", b"two")];
    let to = [bob.person.address.clone()];
    let sealed = ann
        .client
        .encrypt_files(&MAIN, &files, &to, None, true, Reach::Here)
        .await
        .unwrap();
    assert_eq!(sealed[1].name, "b.txt.pgp");
    let opened = bob
        .client
        .decrypt_file(&MAIN, &sealed[1].name, &sealed[1].data, None)
        .await
        .unwrap();
    assert_eq!(opened.file.data, b"two");
    let SignatureState::Good { signer, trust, .. } = opened.verdict.signature else {
        panic!("{:?}", opened.verdict.signature);
    };
    assert_eq!(
        (signer.address, trust),
        (ann.person.address.clone(), Trust::Known)
    );

    let password = secret("told on the phone");
    let sealed = ann
        .client
        .encrypt_files(&MAIN, &files[..1], &[], Some(&password), false, Reach::Here)
        .await
        .unwrap();
    assert_eq!(
        refused(
            bob.client
                .decrypt_file(&MAIN, "a.txt.pgp", &sealed[0].data, None)
                .await
        ),
        ClientError::PasswordNeeded
    );
    let mut cut = sealed[0].data.clone();
    cut.truncate(cut.len() - 5);
    assert_eq!(
        refused(
            ann.client
                .decrypt_file(&MAIN, "a.txt.pgp", &cut, Some(&password))
                .await
        ),
        ClientError::Damaged
    );
}

#[tokio::test]
async fn a_draft_is_opened_only_when_it_is_one() {
    let (ann, bob) = friends().await;
    let draft = ann
        .client
        .seal_armored_draft(&MAIN, b"{\"text\":\"half\"}")
        .await
        .unwrap();
    let opened = ann.client.open_armored_draft(&MAIN, &draft).await.unwrap();
    assert_eq!(opened.as_slice(), b"{\"text\":\"half\"}");

    // What a page may have got hold of: mail to Ann, and what Ann herself once sent.
    let received = seal(
        &bob,
        &letter(&[&ann.person], "letterlock-draft/2\0null\0secret"),
    )
    .await;
    let sent = seal(
        &ann,
        &letter(&[&bob.person], "letterlock-draft/2\0null\0secret"),
    )
    .await;
    for armored in [received.body, sent.body, String::new(), "hello".to_owned()] {
        assert_eq!(
            refused(ann.client.open_armored_draft(&MAIN, &armored).await),
            ClientError::Damaged
        );
    }
    assert_eq!(
        refused(bob.client.open_armored_draft(&MAIN, &draft).await),
        ClientError::Damaged,
        "somebody else's"
    );
    let found = FoundMessage {
        content: FoundContent::Text(&draft),
        sender: ann.person.clone(),
        message_id: "",
        password: None,
    };
    assert!(
        open(&ann, &found).await.is_ok(),
        "it is an ordinary message"
    );
}
