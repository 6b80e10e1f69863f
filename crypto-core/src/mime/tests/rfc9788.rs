//! Payloads as the appendices of RFC 9788 print them.

use super::*;

/// Appendix C.3.1.2: baseline policy, as it looks once decrypted.
const BASELINE: &str = "\
MIME-Version: 1.0
Content-Transfer-Encoding: 7bit
Subject: smime-signed-enc-hp-baseline
Message-ID: <smime-signed-enc-hp-baseline@example>
From: Alice <alice@smime.example>
To: Bob <bob@smime.example>
Date: Sat, 20 Feb 2021 10:09:02 -0500
User-Agent: Sample MUA Version 1.0
HP-Outer: Subject: [...]
HP-Outer: Message-ID: <smime-signed-enc-hp-baseline@example>
HP-Outer: From: Alice <alice@smime.example>
HP-Outer: To: Bob <bob@smime.example>
HP-Outer: Date: Sat, 20 Feb 2021 10:09:02 -0500
HP-Outer: User-Agent: Sample MUA Version 1.0
Content-Type: text/plain; charset=\"utf-8\"; hp=\"cipher\"

This is the
smime-signed-enc-hp-baseline
message.
";

/// Appendix E.1: a legacy display element in text.
const LEGACY_TEXT: &str = "\
Date: Fri, 21 Jan 2022 20:40:48 -0500
From: Alice <alice@example.net>
To: Bob <bob@example.net>
Subject: Dinner plans
Message-ID: <text-plain-legacy-display@lhp.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=\"us-ascii\"; hp-legacy-display=\"1\";
 hp=\"cipher\"
HP-Outer: Date: Fri, 21 Jan 2022 20:40:48 -0500
HP-Outer: From: Alice <alice@example.net>
HP-Outer: To: Bob <bob@example.net>
HP-Outer: Subject: [...]
HP-Outer: Message-ID: <text-plain-legacy-display@lhp.example>

Subject: Dinner plans

Let's meet at Rama's Roti Shop at 8pm and go to the park
from there.
";

/// Appendix E.2: the same in HTML.
const LEGACY_HTML: &str = "\
Date: Fri, 21 Jan 2022 20:40:48 -0500
From: Alice <alice@example.net>
To: Bob <bob@example.net>
Subject: Dinner plans
Message-ID: <text-html-legacy-display@lhp.example>
MIME-Version: 1.0
Content-Type: text/html; charset=\"us-ascii\"; hp-legacy-display=\"1\";
 hp=\"cipher\"
HP-Outer: Date: Fri, 21 Jan 2022 20:40:48 -0500
HP-Outer: From: Alice <alice@example.net>
HP-Outer: To: Bob <bob@example.net>
HP-Outer: Subject: [...]
HP-Outer: Message-ID: <text-html-legacy-display@lhp.example>

<html><head><title></title></head><body>
<div class=\"header-protection-legacy-display\">
<pre>Subject: Dinner plans</pre>
</div>
<p>
Let's meet at Rama's Roti Shop at 8pm and go to the park
from there.
</p>
</body>
</html>
";

const ENVELOPE: &str = "From: Alice <alice@smime.example>\r\nSubject: [...]\r\n\r\n";

fn read_with(payload: &str, outer: &str) -> ReadMail {
    read(payload.as_bytes(), Some(outer.as_bytes()), &Limits::DEFAULT).unwrap()
}

#[test]
fn the_baseline_payload_is_read() {
    let mail = read_with(BASELINE, ENVELOPE);
    assert_eq!(mail.header_protection, HeaderProtection::Cipher);
    assert!(mail.headers_protected);
    assert_eq!(mail.subject, "smime-signed-enc-hp-baseline");
    assert_eq!(
        mail.from,
        vec![Address::new("Alice", "alice@smime.example")]
    );
    assert_eq!(mail.to, vec![Address::new("Bob", "bob@smime.example")]);
    assert_eq!(mail.date, Some(UnixTime(1_613_833_742)));
    assert_eq!(
        mail.message_id.as_deref(),
        Some("smime-signed-enc-hp-baseline@example")
    );
    assert_eq!(
        mail.text.as_deref(),
        Some("This is the\nsmime-signed-enc-hp-baseline\nmessage.\n")
    );
    assert_eq!(mail.warnings, vec![]);
}

#[test]
fn legacy_display_elements_are_not_shown() {
    let text = "Let's meet at Rama's Roti Shop at 8pm and go to the park\nfrom there.\n";
    let mail = read_with(LEGACY_TEXT, ENVELOPE);
    assert_eq!(mail.subject, "Dinner plans");
    assert_eq!(mail.text.as_deref(), Some(text));

    let mail = read_with(LEGACY_HTML, ENVELOPE);
    let html = mail.html.unwrap();
    assert!(!html.contains("Dinner plans"), "{html}");
    assert!(html.contains("Roti Shop"), "{html}");
    assert!(!mail.text.unwrap().contains("Dinner plans"));
}

#[test]
fn legacy_display_means_nothing_without_encryption() {
    // hp="clear", the older scheme, and mail that came as it is.
    for changed in [
        LEGACY_TEXT.replace("hp=\"cipher\"", "hp=\"clear\""),
        LEGACY_TEXT.replace("hp=\"cipher\"", "protected-headers=\"v1\""),
    ] {
        let mail = read_with(&changed, ENVELOPE);
        assert!(mail.text.unwrap().starts_with("Subject: Dinner plans"));
    }
    assert!(
        read_alone(LEGACY_TEXT)
            .text
            .unwrap()
            .starts_with("Subject: Dinner plans")
    );
}

#[test]
fn fields_are_protected_only_inside_and_only_where_it_says_so() {
    // The same bytes, not decrypted: the parameter is a claim of whoever wrote them.
    let mail = read_alone(BASELINE);
    assert!(!mail.headers_protected);
    assert_eq!(mail.header_protection, HeaderProtection::None);

    // Decrypted, without the parameter: the outer fields count, and as unprotected.
    let plain = BASELINE.replace("; hp=\"cipher\"", "");
    let mail = read_with(&plain, "From: outer@example.org\r\nSubject: outer\r\n\r\n");
    assert!(!mail.headers_protected);
    assert_eq!(mail.subject, "outer");
    assert_eq!(mail.from[0].address, "outer@example.org");
    assert_eq!(mail.message_id, None);
}

#[test]
fn outer_fields_never_join_protected_ones() {
    // A copy of an old message with one more Cc outside: whoever answers all must not seal the
    // answer to the newcomer (RFC 9788, section 6.2).
    let outer = "From: <alice@smime.example>\r\nCc: <mallory@example.com>\r\n\
                 In-Reply-To: <other@example.com>\r\nReply-To: <mallory@example.com>\r\n\r\n";
    let mail = read_with(BASELINE, outer);
    assert_eq!(mail.cc, vec![]);
    assert_eq!(mail.reply_to, vec![]);
    assert_eq!(mail.in_reply_to, Vec::<String>::new());
}

#[test]
fn a_different_from_outside_is_reported() {
    let mail = read_with(BASELINE, "From: <mallory@example.com>\r\n\r\n");
    assert_eq!(mail.from[0].address, "alice@smime.example");
    assert_eq!(mail.outer_from[0].address, "mallory@example.com");
    assert_eq!(mail.warnings, vec![Warning::OuterFromDiffers]);
    let mail = read_with(BASELINE, "From: <ALICE@smime.example>\r\n\r\n");
    assert_eq!(mail.warnings, vec![]);
}

#[test]
fn the_draft_before_the_standard_is_read() {
    let payload = "Subject: The figures\nFrom: Alice <alice@example.net>\n\
        Content-Type: multipart/mixed; boundary=b; protected-headers=\"v1\"\n\n\
        --b\nContent-Type: text/plain\n\nThe quiet part.\n--b--\n";
    let mail = read_with(payload, "From: <alice@example.net>\r\nSubject: ...\r\n\r\n");
    assert_eq!(mail.header_protection, HeaderProtection::Legacy);
    assert!(mail.headers_protected);
    assert_eq!(mail.subject, "The figures");
    assert_eq!(mail.text.as_deref(), Some("The quiet part."));
}

#[test]
fn header_fields_alone_are_read_without_the_body() {
    let raw = "From: alice@example.org\r\nContent-Type: multipart/mixed; boundary=b; hp=\"cipher\"\r\n\r\n--b";
    let mail = read_header(raw.as_bytes(), &Limits::DEFAULT).unwrap();
    assert_eq!(mail.from[0].address, "alice@example.org");
    assert!(!mail.headers_protected);
    assert_eq!((mail.text, mail.warnings), (None, vec![]));
}
