use super::*;
use proptest::{collection::vec, prelude::*};

#[test]
fn an_encrypted_message_hides_what_it_can() {
    let mail = letter();
    let message = build_encrypted(&mail, ARMOR).unwrap();
    let text = string(&message);
    assert!(text.is_ascii());
    for word in ["Freitag", "Pl=C3", "Alice", "Exämple", "Bob", "bis"] {
        assert!(!text.contains(word), "{word} is outside:\n{text}");
    }
    let header = header_of(&message);
    for line in [
        "From: <alice@example.org>",
        "To: <bob@example.net>",
        "Cc: <carol@example.com>",
        "Subject: [...]",
        "Date: Tue, 14 Nov 2023 22:13:20 +0000",
        "Message-ID: <0123@example.org>",
        "In-Reply-To: <parent@example.net>",
        "References: <root@example.net> <parent@example.net>",
        "MIME-Version: 1.0",
    ] {
        assert!(header.lines().any(|l| l == line), "{line} in\n{header}");
    }
    assert!(
        header.contains("protocol=\"application/pgp-encrypted\""),
        "{header}"
    );

    match inspect(&message).unwrap() {
        Structure::PgpMimeEncrypted { ciphertext } => {
            assert_eq!(
                string(&ciphertext),
                string(ARMOR.trim_ascii()).replace('\n', "\r\n")
            );
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_payload_carries_the_true_fields_and_records_the_outer_ones() {
    let mail = letter();
    let payload = build_payload(&mail).unwrap();
    let message = build_encrypted(&mail, ARMOR).unwrap();
    let inner = header_of(&payload);
    let outer = header_of(&message);
    assert!(inner.contains("hp=\"cipher\""), "{inner}");
    let mut recorded: Vec<_> = inner
        .lines()
        .filter_map(|line| line.strip_prefix("HP-Outer: "))
        .collect();
    let mut shown: Vec<_> = outer
        .lines()
        .filter(|line| !line.starts_with("MIME-Version") && !line.starts_with("Content-"))
        .collect();
    recorded.sort_unstable();
    shown.sort_unstable();
    assert_eq!(recorded, shown);

    let read = read(&payload, Some(&message), &Limits::DEFAULT).unwrap();
    assert!(read.headers_protected);
    assert_eq!(read.header_protection, HeaderProtection::Cipher);
    assert_eq!(read.from, vec![mail.from]);
    assert_eq!(read.to, mail.to);
    assert_eq!(read.cc, mail.cc);
    assert_eq!(read.subject, mail.subject);
    assert_eq!(read.date, Some(mail.date));
    assert_eq!(read.message_id, Some(mail.message_id));
    assert_eq!(read.in_reply_to, Vec::from_iter(mail.in_reply_to));
    assert_eq!(read.references, mail.references);
    assert_eq!(read.text, Some(mail.text));
    assert_eq!(read.html, None);
    assert_eq!(read.warnings, vec![]);
}

#[test]
fn text_html_and_files_come_back() {
    let mut mail = letter();
    mail.html = Some("<p>Hallo <b>Bob</b> – 👋</p>\n".into());
    mail.attachments = vec![
        OutgoingPart {
            name: "Überblick, endgültig (3).pdf".into(),
            media_type: "application/PDF".into(),
            data: (0..=255).collect(),
        },
        OutgoingPart {
            name: "../notes.txt".into(),
            media_type: "text/plain".into(),
            data: b"line\nline\r\n".to_vec(),
        },
        OutgoingPart {
            name: String::new(),
            media_type: "message/rfc822".into(),
            data: Vec::new(),
        },
    ];
    let payload = build_payload(&mail).unwrap();
    let read = read(&payload, Some(OUTER), &Limits::DEFAULT).unwrap();
    assert_eq!(read.text, Some(mail.text));
    assert_eq!(read.html, mail.html);
    let files: Vec<_> = read
        .attachments
        .iter()
        .map(|file| {
            (
                file.name.as_str(),
                file.media_type.as_str(),
                file.data.len(),
            )
        })
        .collect();
    assert_eq!(
        files,
        [
            ("Überblick, endgültig (3).pdf", "application/pdf", 256),
            ("notes.txt", "text/plain", 11),
            ("attachment", "application/octet-stream", 0),
        ]
    );
    assert_eq!(read.attachments[0].data, mail.attachments[0].data);
    assert_eq!(read.attachments[1].data, mail.attachments[1].data);
}

#[test]
fn a_signed_message_gives_back_the_signed_bytes() {
    let mut mail = letter();
    mail.text = "From the start\nFrom here on  \n-- \nAlice\n".into();
    mail.attachments = vec![OutgoingPart {
        name: "a.bin".into(),
        media_type: "application/x-a".into(),
        data: vec![0; 300],
    }];
    let payload = payload_to_sign(&mail).unwrap();
    let message = build_signed(&mail, &payload, SIGNATURE, "PGP-SHA512").unwrap();
    assert!(
        header_of(&message).contains("micalg=\"pgp-sha512\""),
        "{}",
        header_of(&message)
    );
    match inspect(&message).unwrap() {
        Structure::PgpMimeSigned { signed, signature } => {
            assert_eq!(string(&signed), string(&payload));
            assert_eq!(
                string(&signature).trim(),
                string(SIGNATURE).trim().replace('\n', "\r\n")
            );
            let read = read(&signed, Some(&message), &Limits::DEFAULT).unwrap();
            assert_eq!(read.header_protection, HeaderProtection::Clear);
            assert_eq!(read.subject, mail.subject);
            assert_eq!(read.text, Some(mail.text.clone()));
            assert_eq!(read.attachments.len(), 1);
            assert_eq!(read.warnings, vec![]);
        }
        other => panic!("{other:?}"),
    }
    // A store that keeps bare line feeds changes nothing about what was signed.
    let stored = string(&message).replace("\r\n", "\n");
    match inspect(stored.as_bytes()).unwrap() {
        Structure::PgpMimeSigned { signed, .. } => assert_eq!(string(&signed), string(&payload)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn header_injection_is_refused_or_neutralised() {
    let refused = |change: fn(&mut OutgoingMail)| {
        let mut mail = letter();
        change(&mut mail);
        let results = [
            build_payload(&mail).err(),
            payload_to_sign(&mail).err(),
            build_encrypted(&mail, ARMOR).err(),
        ];
        assert!(results.iter().all(Option::is_some), "{results:?}");
    };
    refused(|mail| mail.to[0].address = "bob@example.net\r\nBcc: eve@example.com".into());
    refused(|mail| mail.from.address = "alice@example.org>, <eve@example.com".into());
    refused(|mail| mail.cc[0].address = "carol\0@example.com".into());
    refused(|mail| mail.message_id = "x@y>\r\nBcc: eve@example.com".into());
    refused(|mail| mail.in_reply_to = Some("x y@z".into()));
    refused(|mail| mail.references.push("\n@x".into()));
    refused(|mail| mail.date = UnixTime(u64::MAX));

    let mut mail = letter();
    mail.subject = "a\r\nBcc: eve@example.com\r\n\r\nbody\0".into();
    mail.from.name = "Alice\"\r\nBcc: eve@example.com".into();
    mail.attachments = vec![OutgoingPart {
        name: "x\"\r\nContent-Type: text/html\r\n\r\n<script>".into(),
        media_type: "text/plain\r\nX-Evil: 1".into(),
        data: b"data".to_vec(),
    }];
    let payload = build_payload(&mail).unwrap();
    let text = string(&payload);
    for line in text.lines() {
        assert!(
            !line.starts_with("Bcc") && !line.starts_with("X-Evil"),
            "{text}"
        );
        assert!(!line.starts_with("Content-Type: text/html"), "{text}");
    }
    let read = read(&payload, Some(OUTER), &Limits::DEFAULT).unwrap();
    assert_eq!(read.subject, "a Bcc: eve@example.com body");
    assert_eq!(read.from[0].name, "Alice\" Bcc: eve@example.com");
    assert_eq!(read.attachments[0].media_type, "application/octet-stream");
    assert_eq!(read.attachments[0].data, b"data");
}

#[test]
fn a_text_cannot_end_its_own_part() {
    let mut mail = letter();
    mail.text = "--=_m0_=--\n--=_m0_=\nContent-Type: text/html\n\n<p>x</p>\n--=_m1_=\n".into();
    mail.attachments = vec![OutgoingPart::default()];
    let payload = build_payload(&mail).unwrap();
    let read = read(&payload, Some(OUTER), &Limits::DEFAULT).unwrap();
    assert_eq!(read.text, Some(mail.text));
    assert_eq!(read.attachments.len(), 1);
}

#[test]
fn only_armor_of_the_right_kind_is_wrapped() {
    let mail = letter();
    assert_eq!(
        build_encrypted(&mail, SIGNATURE).err(),
        Some(BuildError::Armor)
    );
    assert_eq!(
        build_encrypted(&mail, b"plain text").err(),
        Some(BuildError::Armor)
    );
    assert_eq!(
        build_signed(&mail, b"X: y\r\n", ARMOR, "pgp-sha256").err(),
        Some(BuildError::Armor)
    );
    assert_eq!(
        build_signed(&mail, b"X: y\r\n", SIGNATURE, "a; b=c").err(),
        Some(BuildError::Micalg)
    );
}

#[test]
fn message_ids_are_made_from_the_callers_randomness() {
    let id = make_message_id(&[0xAB; 16], "example.org").unwrap();
    assert_eq!(id, "abababababababababababababababab@example.org");
    for bad in ["", "a b", "x\r\ny", "a@b", "<x>"] {
        assert_eq!(
            make_message_id(&[0; 16], bad),
            Err(BuildError::MessageId),
            "{bad:?}"
        );
    }
}

#[test]
fn long_threads_keep_their_root_and_their_newest() {
    let mut mail = letter();
    mail.references = (0..300).map(|n| format!("{n}@example.org")).collect();
    let payload = build_payload(&mail).unwrap();
    let read = read(&payload, Some(OUTER), &Limits::DEFAULT).unwrap();
    assert_eq!(read.references.len(), 50);
    assert_eq!(read.references[0], "0@example.org");
    assert_eq!(read.references[1], "251@example.org");
    assert_eq!(read.references[49], "299@example.org");
}

#[test]
fn debug_shows_no_letter() {
    let mut mail = letter();
    mail.attachments = vec![OutgoingPart {
        name: "secret.txt".into(),
        ..Default::default()
    }];
    let payload = build_payload(&mail).unwrap();
    let read = read(&payload, Some(OUTER), &Limits::DEFAULT).unwrap();
    let shown = format!(
        "{mail:?} {:?} {read:?} {:?}",
        mail.attachments, read.attachments
    );
    for word in ["Freitag", "alice", "secret"] {
        assert!(!shown.contains(word), "{shown}");
    }
}

/// What survives a trip through mail: lines end in `\n`, NUL becomes a mark.
fn as_read(text: &str) -> String {
    let text = text
        .replace("\r\n", "\n")
        .replace('\r', "\n")
        .replace('\0', "\u{FFFD}");
    text.strip_prefix('\u{FEFF}').unwrap_or(&text).to_owned()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_text_and_file_comes_back(
        text in "(\\PC|[\r\n\t -=_]|--=_m0_=){0,200}",
        html in proptest::option::of("(\\PC|[\r\n<>]){0,80}"),
        files in vec((any::<String>(), vec(any::<u8>(), 0..200)), 0..3),
    ) {
        let mut mail = letter();
        mail.text = text;
        mail.html = html;
        mail.attachments = files
            .into_iter()
            .map(|(name, data)| OutgoingPart { name, media_type: "image/png".into(), data })
            .collect();
        let payload = build_payload(&mail).unwrap();
        let read = read(&payload, Some(OUTER), &Limits::DEFAULT).unwrap();
        prop_assert_eq!(read.text, Some(as_read(&mail.text)));
        prop_assert_eq!(read.html, mail.html.as_deref().map(as_read));
        prop_assert_eq!(read.attachments.len(), mail.attachments.len());
        for (got, sent) in read.attachments.iter().zip(&mail.attachments) {
            prop_assert_eq!(&got.data, &sent.data);
            prop_assert_eq!(&got.name, &safe_file_name(&sent.name));
        }
        prop_assert_eq!(read.warnings, vec![Warning::OuterFromDiffers]);
    }

    #[test]
    fn names_and_subjects_come_back_on_one_line(
        subject in "\\PC{0,120}",
        name in "\\PC{0,60}",
    ) {
        // Encoded words typed by hand are decoded by every reader of mail.
        prop_assume!(!subject.contains("=?") && !name.contains("=?"));
        let mut mail = letter();
        mail.subject = subject;
        mail.to[0].name = name;
        let payload = build_payload(&mail).unwrap();
        let read = read(&payload, Some(OUTER), &Limits::DEFAULT).unwrap();
        prop_assert_eq!(read.subject, names::one_line(&mail.subject, names::MAX_SUBJECT));
        prop_assert_eq!(&read.to[0].name, &names::one_line(&mail.to[0].name, names::MAX_NAME));
        prop_assert_eq!(&read.to[0].address, &mail.to[0].address);
    }

    #[test]
    fn what_is_signed_survives_transport(
        text in "(\\PC|[\r\n\t =.]|From |-- ){0,300}",
        subject in "\\PC{0,100}",
    ) {
        let mut mail = letter();
        mail.text = text;
        mail.subject = subject;
        let payload = payload_to_sign(&mail).unwrap();
        prop_assert!(payload.is_ascii() && !payload.contains(&0));
        let payload_text = string(&payload);
        for line in payload_text.split("\r\n") {
            prop_assert!(!line.contains(['\r', '\n']) && line.len() <= 998);
            prop_assert!(!line.ends_with([' ', '\t']), "{:?}", line);
            prop_assert!(!line.starts_with("From "));
        }
        let message = build_signed(&mail, &payload, SIGNATURE, "pgp-sha512").unwrap();
        match inspect(&message).unwrap() {
            Structure::PgpMimeSigned { signed, .. } => prop_assert_eq!(signed.as_ref(), &payload[..]),
            other => prop_assert!(false, "{:?}", other),
        }
    }
}
