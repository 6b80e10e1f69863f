//! An entity that travels encrypted inside somebody else's message, such as the body of a mail
//! that a web page sends.

use std::borrow::Cow;

use mail_builder::headers::{HeaderType, raw::Raw, text::Text};

use super::{
    compose::{BuildError, Intent, OutgoingMail, finish},
    fields::{self, Fields},
    make_message_id,
};

/// Builds a MIME entity to be encrypted into the body of a message that somebody else makes.
///
/// As [`super::build_payload`], but without a Message-ID: the program that sends gives one. The
/// fields that are recorded as seen outside (`HP-Outer`, RFC 9788, section 2.2) are those known to
/// be there: addresses without names, and `outer_subject` unless it is empty.
///
/// # Errors
///
/// As [`super::build_payload`].
pub fn build_fragment(mail: &OutgoingMail, outer_subject: &str) -> Result<Vec<u8>, BuildError> {
    // The fields are written as a whole, so there must be an id while they are.
    let mut with_id = mail.clone();
    with_id.message_id = make_message_id(&[0; 16], "invalid")?;
    let mut all: Fields<'_> = own(fields::inner(&with_id)?, &["Message-ID"]);
    let mut outer = own(fields::outer(&with_id)?, &["Message-ID", "Date", "Subject"]);
    if !outer_subject.is_empty() {
        let subject = Text::new(outer_subject.to_owned());
        outer.push(("Subject".into(), subject.into()));
    }
    for (name, value) in outer {
        let line = fields::rendered(&name, &value);
        all.push(("HP-Outer".into(), Raw::new(line).into()));
    }
    Ok(finish(mail, Intent::Cipher, all))
}

fn own<'x>(
    fields: Vec<(Cow<'x, str>, HeaderType<'x>)>,
    without: &[&str],
) -> Vec<(Cow<'x, str>, HeaderType<'x>)> {
    fields
        .into_iter()
        .filter(|(name, _)| !without.contains(&name.as_ref()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::build_fragment;
    use crate::{
        ids::UnixTime,
        mime::{Address, HeaderProtection, Limits, OutgoingMail, read},
    };

    #[test]
    fn it_carries_the_true_fields_and_no_message_id() {
        let mail = OutgoingMail {
            from: Address::new("Alice", "alice@example.org"),
            to: vec![Address::new("Bob", "bob@example.net")],
            subject: "Dinner".into(),
            date: UnixTime(1_700_000_000),
            text: "At eight?\n".into(),
            html: Some("<p>At eight?</p>".into()),
            ..OutgoingMail::default()
        };
        let entity = build_fragment(&mail, "...").unwrap();
        let text = String::from_utf8_lossy(&entity);
        assert!(!text.to_ascii_lowercase().contains("message-id"));
        assert!(text.contains("HP-Outer: Subject: ..."));
        let read = read(&entity, Some(b"Subject: ...\r\n\r\n"), &Limits::DEFAULT).unwrap();
        assert_eq!(read.header_protection, HeaderProtection::Cipher);
        assert_eq!(read.subject, "Dinner");
        assert_eq!(read.from[0].name, "Alice");
        assert_eq!(read.text.as_deref(), Some("At eight?\n"));
        assert_eq!(
            read.html.as_deref().map(str::trim_end),
            Some("<p>At eight?</p>")
        );
    }
}
