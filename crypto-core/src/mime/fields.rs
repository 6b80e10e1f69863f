//! Header fields to be written: as they are meant, and as anybody on the way may see them.

use std::borrow::Cow;

use mail_builder::headers::{
    Header, HeaderType,
    address::{Address as BuilderAddress, EmailAddress},
    date::Date,
    message_id::MessageId,
    text::Text,
};

use super::{
    address::Address,
    compose::{BuildError, OutgoingMail},
    names,
};

/// What stands outside instead of the subject (RFC 9788, section 3.2.1).
const HIDDEN_SUBJECT: &str = "[...]";
/// The last second of the year 2999.
const LAST_DATE: u64 = 32_503_679_999;
/// The longest message id that is written, in bytes: its line stays under 998 (RFC 5322, 2.1.1).
const MAX_MESSAGE_ID: usize = 500;
/// References kept: the first, which names the thread, and the newest (RFC 5537, section 3.4.4).
const MAX_REFERENCES: usize = 50;

pub(super) type Fields<'x> = Vec<(Cow<'x, str>, HeaderType<'x>)>;

/// The fields as their sender means them.
pub(super) fn inner(mail: &OutgoingMail) -> Result<Fields<'_>, BuildError> {
    fields(mail, &mail.subject, Address::clone)
}

/// The fields that anybody on the way may see.
pub(super) fn outer(mail: &OutgoingMail) -> Result<Fields<'_>, BuildError> {
    fields(mail, HIDDEN_SUBJECT, Address::bare)
}

fn fields<'x>(
    mail: &'x OutgoingMail,
    subject: &str,
    person: impl Fn(&Address) -> Address,
) -> Result<Fields<'x>, BuildError> {
    if mail.date.0 > LAST_DATE {
        return Err(BuildError::Date);
    }
    let list = |addresses: &[Address]| -> Result<HeaderType<'static>, BuildError> {
        addresses
            .iter()
            .map(|address| address.check().map(|()| written(person(address))))
            .collect::<Result<Vec<_>, _>>()
            .map(|list| BuilderAddress::new_list(list).into())
    };
    let mut fields: Fields<'x> = vec![("From".into(), list(std::slice::from_ref(&mail.from))?)];
    for (name, addresses) in [("To", &mail.to), ("Cc", &mail.cc)] {
        if !addresses.is_empty() {
            fields.push((name.into(), list(addresses)?));
        }
    }
    let subject = names::one_line(subject, names::MAX_SUBJECT);
    if !subject.is_empty() {
        fields.push(("Subject".into(), Text::new(subject).into()));
    }
    fields.push(("Date".into(), Date::from(mail.date.0).into()));
    fields.push(("Message-ID".into(), ids(&[&mail.message_id])?));
    if let Some(id) = &mail.in_reply_to {
        fields.push(("In-Reply-To".into(), ids(&[id])?));
    }
    if let Some((first, rest)) = mail.references.split_first() {
        let newest = rest.len().saturating_sub(MAX_REFERENCES - 1);
        let mut kept = vec![first];
        kept.extend(rest.iter().skip(newest));
        fields.push(("References".into(), ids(&kept)?));
    }
    Ok(fields)
}

fn written(address: Address) -> BuilderAddress<'static> {
    let name = names::one_line(&address.name, names::MAX_NAME);
    BuilderAddress::Address(EmailAddress {
        name: (!name.is_empty()).then(|| name.into()),
        email: address.address.into(),
    })
}

fn ids<'x>(ids: &[&'x String]) -> Result<HeaderType<'x>, BuildError> {
    for id in ids {
        check_id(id)?;
    }
    Ok(MessageId::new_list(ids.iter().map(|id| id.as_str())).into())
}

pub(super) fn check_id(id: &str) -> Result<(), BuildError> {
    let fits = id.len() <= MAX_MESSAGE_ID
        && id
            .bytes()
            .all(|b| b.is_ascii_graphic() && b != b'<' && b != b'>')
        && id.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && !domain.is_empty() && !domain.contains('@')
        });
    fits.then_some(()).ok_or(BuildError::MessageId)
}

/// A field on one line, as `HP-Outer` records it.
pub(super) fn rendered(name: &str, value: &HeaderType<'_>) -> String {
    let mut line = Vec::new();
    value.write_header(&mut line, name.len() + 2);
    let value = String::from_utf8_lossy(&line).replace("\r\n", "");
    format!("{name}: {}", value.trim())
}
