//! The rows of the list of known attacks that are about the form of mail.

use super::*;

const PGP_PART: &str = "--e\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\
    --e\r\nContent-Type: application/octet-stream\r\n\r\n\
    -----BEGIN PGP MESSAGE-----\r\n\r\nAAAA\r\n-----END PGP MESSAGE-----\r\n--e--\r\n";

fn structure(raw: &str) -> Structure<'_> {
    inspect(raw.as_bytes()).unwrap()
}

#[test]
fn an_encrypted_part_deep_in_the_tree_is_a_file() {
    // EFAIL: HTML that opens a tag before the encrypted part and closes it after.
    let raw = format!(
        "Content-Type: multipart/mixed; boundary=m\r\n\r\n\
         --m\r\nContent-Type: text/html\r\n\r\n<img src=\"http://example.com/\r\n\
         --m\r\nContent-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=e\r\n\r\n{PGP_PART}\
         --m\r\nContent-Type: text/html\r\n\r\n\">\r\n--m--\r\n"
    );
    assert_eq!(structure(&raw), Structure::Plain);
    let mail = read_alone(&raw);
    assert!(!mail.html.unwrap().contains("PGP MESSAGE"));
    let files: Vec<_> = mail
        .attachments
        .iter()
        .map(|file| &*file.media_type)
        .collect();
    assert_eq!(
        files,
        ["application/pgp-encrypted", "application/octet-stream"]
    );
}

#[test]
fn a_signed_part_that_is_not_the_root_is_not_signed() {
    let raw = "Content-Type: multipart/mixed; boundary=m\n\n\
        --m\nContent-Type: text/plain\n\nPay Mallory.\n\
        --m\nContent-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=s\n\n\
        --s\n\nPay Bob.\n--s\nContent-Type: application/pgp-signature\n\nsig\n--s--\n--m--\n";
    assert_eq!(structure(raw), Structure::Plain);
}

#[test]
fn signed_and_encrypted_roots_have_exactly_their_parts() {
    let signed = |parts: &str| {
        format!(
            "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=s\r\n\r\n{parts}"
        )
    };
    let good = signed(
        "--s\r\n\r\nPay Bob.\r\n--s\r\nContent-Type: application/pgp-signature\r\n\r\nsig\r\n--s--\r\nepilogue\r\n",
    );
    match structure(&good) {
        Structure::PgpMimeSigned { signed, signature } => {
            assert_eq!(signed.as_ref(), b"\r\nPay Bob.");
            assert_eq!(signature.as_ref(), b"sig");
            // What is shown is what was signed: neither epilogue nor anything else.
            let mail = read(&signed, Some(good.as_bytes()), &Limits::DEFAULT).unwrap();
            assert_eq!(mail.text.as_deref(), Some("Pay Bob."));
        }
        other => panic!("{other:?}"),
    }
    for bad in [
        "--s\n\nPay Mallory.\n--s\n\nPay Bob.\n--s\nContent-Type: application/pgp-signature\n\nsig\n--s--\n",
        "--s\n\nPay Bob.\n--s\nContent-Type: text/plain\n\nsig\n--s--\n",
        "--s\n\nPay Bob.\n--s--\n",
        "",
    ] {
        assert_eq!(structure(&signed(bad)), Structure::Plain, "{bad}");
    }

    let encrypted = |parts: &str| {
        format!(
            "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=e\r\n\r\n{parts}"
        )
    };
    assert!(matches!(
        structure(&encrypted(PGP_PART)),
        Structure::PgpMimeEncrypted { .. }
    ));
    for bad in [
        PGP_PART.replace("application/pgp-encrypted", "text/plain"),
        PGP_PART.replace("--e--", "--e\r\n\r\nmore\r\n--e--"),
        "--e--".to_owned(),
        String::new(),
    ] {
        assert_eq!(
            inspect(encrypted(&bad).as_bytes()),
            Err(ReadError::MalformedEncrypted),
            "{bad}"
        );
    }
    // Another protocol is not ours to judge.
    let smime = good.replace(
        "application/pgp-signature\";",
        "application/pkcs7-signature\";",
    );
    assert_eq!(structure(&smime), Structure::Plain);
}

#[test]
fn a_boundary_that_begins_like_another_is_not_the_other() {
    let raw = "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=\"b\"\r\n\r\n\
        --b\r\nContent-Type: multipart/mixed; boundary=\"b1\"\r\n\r\n--b1\r\n\r\none\r\n--b1--\r\n\
        --b\r\nContent-Type: application/pgp-signature\r\n\r\nsig\r\n--b--\r\n";
    match structure(raw) {
        Structure::PgpMimeSigned { signed, .. } => {
            assert!(string(&signed).ends_with("--b1\r\n\r\none\r\n--b1--"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn inline_armor_is_found_in_the_root_text_only() {
    let armor = "-----BEGIN PGP MESSAGE-----\n\nAAAA\n-----END PGP MESSAGE-----\n";
    match structure(&format!("Subject: x\n\n{armor}")) {
        Structure::InlineEncrypted {
            ciphertext,
            has_other_text,
        } => {
            assert_eq!(string(&ciphertext), armor);
            assert!(!has_other_text);
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(
        structure(&format!("Subject: x\n\nHello,\n{armor}bye")),
        Structure::InlineEncrypted {
            has_other_text: true,
            ..
        }
    ));
    // base64 around it, as some servers do
    let encoded = data_encoding::BASE64_MIME.encode(armor.as_bytes());
    assert!(matches!(
        structure(&format!(
            "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n{encoded}"
        )),
        Structure::InlineEncrypted { .. }
    ));
    for plain in [
        format!("Subject: x\n\n> {}", armor.replace('\n', "\n> ")),
        format!("Subject: x\n\n{}", armor.replace("-----END", "END")),
        format!("Content-Type: text/html\n\n{armor}"),
        format!("Content-Type: multipart/mixed; boundary=b\n\n--b\n\n{armor}\n--b--\n"),
    ] {
        assert_eq!(structure(&plain), Structure::Plain, "{plain}");
    }
}

#[test]
fn a_cleartext_signature_is_cut_out_whole() {
    let framework = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nPay Bob.\n\
        -----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n";
    match structure(&format!("Subject: x\n\nPay Mallory.\n{framework}")) {
        Structure::InlineSigned {
            message,
            has_other_text,
        } => {
            assert_eq!(string(&message), framework);
            assert!(has_other_text);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn from_is_what_it_is() {
    let from = |value: &str| read_alone(&format!("From: {value}\r\n\r\n"));

    let mail = from("\"bob@example.net\" <mallory@example.org>");
    assert_eq!(
        mail.from,
        vec![Address::new("bob@example.net", "mallory@example.org")]
    );
    assert_eq!(mail.warnings, vec![Warning::MisleadingName]);

    let mail = from("bob@example.net, mallory@example.org");
    assert_eq!(mail.from.len(), 2);
    assert_eq!(mail.warnings, vec![Warning::SeveralFrom]);

    let mail = from("(bob@example.net) mallory@example.org");
    assert_eq!(mail.from[0].address, "mallory@example.org");
    assert_eq!(mail.warnings, vec![Warning::MisleadingName]);

    let mail = from("=?utf-8?q?bob=40example.net?= <mallory@example.org>");
    assert_eq!(mail.from[0].address, "mallory@example.org");
    assert_eq!(mail.warnings, vec![Warning::MisleadingName]);

    // Two addresses run into one, null bytes, line ends hidden in encoded words, nothing at all.
    for value in [
        "bob@example.net <mallory@example.org>",
        "bob@example.net\0@mallory.example",
        "<bob@example.net\0.mallory.example>",
        "bob",
    ] {
        let mail = from(value);
        assert!(
            mail.warnings.contains(&Warning::BadAddress)
                || mail.warnings.contains(&Warning::MisleadingName),
            "{value:?}: {:?} {:?}",
            mail.from,
            mail.warnings
        );
        assert!(
            mail.from.iter().all(|p| p.address != "bob@example.net"),
            "{:?}",
            mail.from
        );
    }
    let mail = from("=?utf-8?q?Bob=0D=0ABcc:_eve?= <bob@example.net>");
    assert_eq!(mail.from[0].name, "Bob Bcc: eve");

    assert_eq!(
        read_alone("Subject: x\r\n\r\n").warnings,
        vec![Warning::NoFrom]
    );
    let mail = read_alone(
        "From: a@example.org\r\nFrom: b@example.org\r\nSubject: 1\r\nSubject: 2\r\n\r\n",
    );
    assert_eq!(mail.subject, "1");
    assert_eq!(mail.from.len(), 2);
    assert_eq!(
        mail.warnings,
        vec![Warning::SeveralFrom, Warning::RepeatedField]
    );
}

#[test]
fn subjects_are_one_line_in_one_direction() {
    let mail = read_alone("From: a@b\r\nSubject: =?utf-8?b?4oCudHhlVA0KWA==?=\r\n\r\n");
    assert_eq!(mail.subject, "txeT X");
}

#[test]
fn html_is_shown_only_when_it_hides_nothing() {
    let part = |kind: &str, text: &str| format!("--m\r\nContent-Type: {kind}\r\n\r\n{text}\r\n");
    let mixed = |parts: &str| {
        read_inside(&format!(
            "Content-Type: multipart/mixed; boundary=m\r\n\r\n{parts}--m--\r\n"
        ))
    };
    let mail = mixed(&format!(
        "{}{}",
        part("text/plain", "one"),
        part("text/html", "<p>two</p>")
    ));
    assert_eq!(mail.html, None);
    let text = mail.text.unwrap();
    assert!(
        text.contains("one") && text.contains("two") && !text.contains("<p>"),
        "{text}"
    );

    let mail = mixed(&format!(
        "{}{}",
        part("text/html", "<p>1</p>"),
        part("text/html", "<p>2</p>")
    ));
    assert_eq!(mail.html.as_deref(), Some("<p>1</p>\n<p>2</p>"));
}

#[test]
fn alternatives_and_related_parts_are_chosen() {
    let mail = read_inside(
        "Content-Type: multipart/mixed; boundary=m\n\n--m\n\
         Content-Type: multipart/alternative; boundary=a\n\n\
         --a\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nGr=FC=DFe\n\
         --a\nContent-Type: multipart/related; boundary=r\n\n\
         --r\nContent-Type: text/html\n\n<img src=\"cid:pic@x\">\n\
         --r\nContent-Type: image/png\nContent-ID: <pic@x>\nContent-Transfer-Encoding: base64\n\niVBORw==\n--r--\n\
         --a\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\n--a--\n\
         --m\nContent-Type: text/plain; name=notes.txt\n\nnotes\n\
         --m\nContent-Type: message/rfc822\n\nSubject: inner\n\nhello\n--m--\n",
    );
    assert_eq!(mail.text.as_deref(), Some("Grüße"));
    assert_eq!(mail.html.as_deref(), Some("<img src=\"cid:pic@x\">"));
    let files: Vec<_> = mail
        .attachments
        .iter()
        .map(|file| {
            (
                &*file.name,
                &*file.media_type,
                file.content_id.as_deref(),
                file.is_inline,
            )
        })
        .collect();
    assert_eq!(
        files,
        [
            ("image.png", "image/png", Some("pic@x"), true),
            ("invitation.ics", "text/calendar", None, false),
            ("notes.txt", "text/plain", None, false),
            ("message.eml", "message/rfc822", None, false),
        ]
    );
    assert_eq!(mail.attachments[3].data, b"Subject: inner\n\nhello");
}

#[test]
fn file_names_are_safe_however_they_are_written() {
    for (header, name) in [
        ("attachment; filename=\"../../.ssh/config\"", "config"),
        ("attachment; filename*=utf-8''%E2%80%AEgpj.exe", "gpj.exe"),
        (
            "attachment; filename*0=\"a/\"; filename*1=\"b.txt\"",
            "b.txt",
        ),
        (
            "attachment; filename=\"=?utf-8?q?C=3A=5Cx=5Cevil=2Eexe?=\"",
            "evil.exe",
        ),
        ("attachment; filename=\"NUL.txt\"", "_NUL.txt"),
        ("attachment", "document.pdf"),
    ] {
        let mail = read_inside(&format!(
            "Content-Type: application/pdf\r\nContent-Disposition: {header}\r\n\r\nx"
        ));
        assert_eq!(mail.attachments[0].name, name, "{header}");
    }
}

#[test]
fn cut_and_damaged_messages_say_so() {
    let mail = read_inside("Content-Type: multipart/mixed; boundary=m\n\n--m\n\nhalf a sent");
    assert_eq!(mail.text.as_deref(), Some("half a sent"));
    assert!(mail.warnings.contains(&Warning::Truncated));
    let mail = read_inside("Content-Transfer-Encoding: base64\n\n*** not base64 ***");
    assert!(mail.warnings.contains(&Warning::DamagedPart));
    assert_eq!(inspect(b"").err(), Some(ReadError::NotMail));
}
