use crypto_core::mime::{Limits, Structure, Warning, inspect, read};
use proptest::prelude::*;

const SIGNED: &str = "Content-Type: text/plain\r\n\r\nPay Bob 5.";
const EVIL: &str = "Pay Mallory 500.";

/// A signed mail whose header says this about itself, with something around its parts.
fn mail(content_type: &str, boundary: &str, around: [&str; 3]) -> String {
    let [before, between, behind] = around;
    format!(
        "From: ann@example.org\r\n{content_type}\r\n\r\n{before}--{boundary}\r\n{SIGNED}\r\n\
         {between}--{boundary}\r\nContent-Type: application/pgp-signature\r\n\r\nsig\r\n\
         --{boundary}--\r\n{behind}"
    )
}

const TYPE: &str =
    "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=\"s\"";

/// What would be shown as signed, if it is taken for a signed mail.
fn shown(raw: &str) -> Option<String> {
    let Ok(Structure::PgpMimeSigned { signed, .. }) = inspect(raw.as_bytes()) else {
        return None;
    };
    let mail = read(&signed, Some(raw.as_bytes()), &Limits::DEFAULT).ok()?;
    let mut all = mail.text.unwrap_or_default();
    all.push_str(&mail.html.unwrap_or_default());
    for file in mail.attachments {
        all.push_str(&String::from_utf8_lossy(&file.data));
    }
    Some(all)
}

#[test]
fn what_stands_around_the_signed_part_is_not_shown() {
    let honest = mail(TYPE, "s", ["", "", ""]);
    assert_eq!(shown(&honest).as_deref(), Some("Pay Bob 5."));
    let evil = format!("{EVIL}\r\n");
    let part = format!("--s\r\nContent-Type: text/plain\r\n\r\n{EVIL}\r\n");
    for around in [
        [evil.as_str(), "", ""],
        ["", "", evil.as_str()],
        [part.as_str(), "", ""],
        ["", part.as_str(), ""],
        ["", "", part.as_str()],
    ] {
        let text = shown(&mail(TYPE, "s", around)).unwrap_or_default();
        assert!(!text.contains(EVIL), "{around:?}");
    }
}

#[test]
fn a_boundary_has_one_meaning() {
    // For each way of naming the boundary: if the mail is signed, Bob is paid.
    for parameter in [
        "boundary=s",
        "boundary=\"s\"",
        "boundary=s; boundary=t",
        "boundary=t; boundary=s",
        "boundary*=us-ascii''s",
        "boundary*0=s",
        "boundary*0=\"\"; boundary*1=s",
        "boundary=\"s \"",
        "boundary=\" s\"",
        "boundary=(t)s",
        "boundary=\"s\\\"\"",
        "BOUNDARY=s",
        "boundary=s;;;",
        "x=\"boundary=t\"; boundary=s",
        "boundary=\"\"",
    ] {
        let header = format!(
            "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; {parameter}"
        );
        let other = format!(
            "--t\r\nContent-Type: text/plain\r\n\r\n{EVIL}\r\n--t\r\n\
             Content-Type: application/pgp-signature\r\n\r\nsig\r\n--t--\r\n"
        );
        for raw in [
            mail(&header, "s", ["", "", ""]),
            mail(&header, "s", ["", "", &other]),
            mail(&header, "s", [&other, "", ""]),
        ] {
            // Which of two boundaries counts is the reader's choice; that it verifies what it
            // shows is not.
            if let Ok(Structure::PgpMimeSigned { signed, .. }) = inspect(raw.as_bytes()) {
                let text = shown(&raw).unwrap();
                let signed = String::from_utf8_lossy(&signed).into_owned();
                assert!(signed.contains(text.trim()), "{parameter}: {text}");
                assert!(
                    !(signed.contains("Bob") && text.contains("Mallory")),
                    "{parameter}"
                );
            }
        }
    }
}

#[test]
fn two_content_types_are_no_signature() {
    // The first says signed, the second says something that is shown as it is; and the reverse.
    let plain = "Content-Type: text/html";
    let evil = format!("<p>{EVIL}</p>\r\n");
    for header in [format!("{TYPE}\r\n{plain}"), format!("{plain}\r\n{TYPE}")] {
        let raw = mail(&header, "s", [&evil, "", ""]);
        if let Some(text) = shown(&raw) {
            assert!(!text.contains(EVIL), "{header}");
        }
        let read = read(raw.as_bytes(), None, &Limits::DEFAULT).unwrap();
        assert!(read.warnings.contains(&Warning::RepeatedField), "{header}");
    }
    // A header that only some readers unfold or decode.
    for header in [
        TYPE.replace("multipart/signed", "multipart/ signed"),
        TYPE.replace("multipart/signed", "multipart/(x)signed"),
        TYPE.replace("multipart/signed", "=?utf-8?q?multipart/signed?="),
        TYPE.replace("Content-Type:", "Content-Type :"),
        TYPE.replace("; ", ";\r\n\t"),
        TYPE.replace("multipart", "MULTIPART"),
    ] {
        let text = shown(&mail(&header, "s", [&evil, "", &evil])).unwrap_or_default();
        assert!(!text.contains(EVIL), "{header}");
    }
}

#[test]
fn layers_are_not_mixed() {
    // An encrypted mail inside a signed one, inside a mixed one: each deeper one is a file.
    let armor = "-----BEGIN PGP MESSAGE-----\r\n\r\nAAAA\r\n-----END PGP MESSAGE-----\r\n";
    let encrypted = format!(
        "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=e\r\n\r\n\
         --e\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\
         --e\r\nContent-Type: application/octet-stream\r\n\r\n{armor}--e--\r\n"
    );
    assert!(matches!(
        inspect(encrypted.as_bytes()),
        Ok(Structure::PgpMimeEncrypted { .. })
    ));
    for outer in ["mixed", "alternative", "related", "report", "digest", "x"] {
        let html = "--m\r\nContent-Type: text/html\r\n\r\n<img src=\"http://x.example/?\r\n";
        let raw = format!(
            "Content-Type: multipart/{outer}; boundary=m\r\n\r\n{html}--m\r\n{encrypted}\r\n{html}--m--\r\n"
        );
        assert_eq!(
            inspect(raw.as_bytes()).unwrap(),
            Structure::Plain,
            "{outer}"
        );
        let mail = read(raw.as_bytes(), None, &Limits::DEFAULT).unwrap();
        for text in [mail.text, mail.html].into_iter().flatten() {
            assert!(!text.contains("PGP MESSAGE"), "{outer}");
        }
    }
    let forwarded = format!("Content-Type: message/rfc822\r\n\r\n{encrypted}");
    assert_eq!(inspect(forwarded.as_bytes()).unwrap(), Structure::Plain);
}

#[test]
fn protection_is_claimed_from_inside_only() {
    // `hp` outside, or on a part that is not the root, protects nothing.
    let inner = "Content-Type: text/plain\r\nSubject: inner\r\n\r\nx";
    let outer = "From: ann@example.org\r\nSubject: outer\r\nContent-Type: text/plain; hp=\"cipher\"\r\n\r\nx";
    let mail = read(inner.as_bytes(), Some(outer.as_bytes()), &Limits::DEFAULT).unwrap();
    assert!(!mail.headers_protected);
    assert_eq!(mail.subject, "outer");
    let deep = "Content-Type: multipart/mixed; boundary=m\r\nSubject: inner\r\n\r\n\
        --m\r\nContent-Type: text/plain; hp=\"cipher\"\r\nSubject: deep\r\n\r\nx\r\n--m--\r\n";
    let mail = read(deep.as_bytes(), Some(outer.as_bytes()), &Limits::DEFAULT).unwrap();
    assert!(!mail.headers_protected);
    assert_eq!(mail.subject, "outer");
    // Said inside: everything comes from inside, even what is missing there.
    let said = "Content-Type: text/plain; hp=\"cipher\"\r\nFrom: bob@example.org\r\n\r\nx";
    let mail = read(said.as_bytes(), Some(outer.as_bytes()), &Limits::DEFAULT).unwrap();
    assert!(mail.headers_protected);
    assert_eq!(mail.subject, "");
    assert_eq!(mail.from[0].address, "bob@example.org");
    assert!(mail.warnings.contains(&Warning::OuterFromDiffers));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_shown_as_signed_was_signed(
        place in any::<prop::sample::Index>(),
        taken in 0usize..3,
        put in prop_oneof![
            Just("\r\n--s\r\n\r\nPay Mallory 500.\r\n"), Just("\r\n"), Just("--s--\r\n"), Just("--s"),
            Just("Pay Mallory 500."), Just("Content-Type: text/html\r\n"), Just("\r\n\r\n"), Just("\n"),
            Just("; boundary=t"), Just("\r"), Just(" "),
        ],
    ) {
        let honest = mail(TYPE, "s", ["", "", ""]);
        let at = place.index(honest.len());
        let mut changed = honest[..at].to_owned();
        changed.push_str(put);
        changed.push_str(honest.get(at + taken..).unwrap_or_default());
        if let Ok(Structure::PgpMimeSigned { signed, .. }) = inspect(changed.as_bytes()) {
            let whole: Vec<u8> = changed.bytes().filter(|byte| *byte != b'\r').collect();
            let part: Vec<u8> = signed.iter().copied().filter(|byte| *byte != b'\r').collect();
            let within = part.is_empty() || whole.windows(part.len()).any(|window| window == part);
            prop_assert!(within);
            let text = shown(&changed).unwrap_or_default();
            let evil = text.contains(EVIL) && !String::from_utf8_lossy(&signed).contains(EVIL);
            prop_assert!(!evil);
        }
    }
}
