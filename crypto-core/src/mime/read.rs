//! Reading a message that was decrypted, verified or came as it is.

use std::collections::HashSet;

use mail_parser::HeaderName;

use super::{
    address::Address,
    entity::{Entity, Limits, ReadError},
    headers::Headers,
    walk::Walk,
};
use crate::ids::UnixTime;

/// A message, read.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct ReadMail {
    /// Who wrote it, as the message says; several are possible and are then a [`Warning`].
    pub from: Vec<Address>,
    /// Who sent it for the writers.
    pub sender: Option<Address>,
    /// Where answers go, if not to From.
    pub reply_to: Vec<Address>,
    /// To whom.
    pub to: Vec<Address>,
    /// Copies.
    pub cc: Vec<Address>,
    /// One clean line; empty when there is none.
    pub subject: String,
    /// When it was written, as the message says.
    pub date: Option<UnixTime>,
    /// Without angle brackets.
    pub message_id: Option<String>,
    /// Without angle brackets.
    pub in_reply_to: Vec<String>,
    /// Without angle brackets, oldest first.
    pub references: Vec<String>,
    /// True when all of the above was inside the encryption or signature. False means that
    /// anybody on the way may have written it.
    pub headers_protected: bool,
    /// By which scheme.
    pub header_protection: HeaderProtection,
    /// From as it stands outside, when header fields are protected; see
    /// [`Warning::OuterFromDiffers`].
    pub outer_from: Vec<Address>,
    /// The text; made from the HTML where there is nothing else. `None` when there is neither.
    pub text: Option<String>,
    /// The HTML **as it was sent: it must be sanitised**. `None` also when a part of the message
    /// exists as text only, since showing the HTML would hide that part.
    pub html: Option<String>,
    /// Files, in their order.
    pub attachments: Vec<Attachment>,
    /// What the reader should be told or careful about.
    pub warnings: Vec<Warning>,
}

impl std::fmt::Debug for ReadMail {
    /// Sizes only: everything else is somebody's letter.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "ReadMail({} files, {:?}, {:?})",
            self.attachments.len(),
            self.header_protection,
            self.warnings
        )
    }
}

/// A file in a message.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attachment {
    /// Safe to save under; see [`super::safe_file_name`].
    pub name: String,
    /// `type/subtype` in lower case, as the sender claims.
    pub media_type: String,
    /// The bytes, transfer encoding undone.
    pub data: Vec<u8>,
    /// What HTML calls it (`cid:`), without angle brackets.
    pub content_id: Option<String>,
    /// True when it belongs into the text (a picture in HTML) rather than beside it.
    pub is_inline: bool,
}

impl std::fmt::Debug for Attachment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Attachment({} bytes)", self.data.len())
    }
}

/// By which scheme header fields were protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeaderProtection {
    /// They were not.
    #[default]
    None,
    /// `protected-headers="v1"`, the draft before RFC 9788.
    Legacy,
    /// RFC 9788, `hp="clear"`: the sender hid nothing outside.
    Clear,
    /// RFC 9788, `hp="cipher"`: the sender hid some outside.
    Cipher,
}

/// Something about a message that is odd, and that attacks make use of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// From names nobody.
    NoFrom,
    /// From names several people: a signature can be good for one of them only.
    SeveralFrom,
    /// A field that may stand once stands several times; the first one counts (all addresses of
    /// From, To and Cc do).
    RepeatedField,
    /// Something in an address field is not an address.
    BadAddress,
    /// A display name looks like another address; see [`Address::is_misleading`].
    MisleadingName,
    /// The protected From and the one outside name different addresses. If the signature does not
    /// vouch for the protected one, it may be forged (RFC 9788, section 4.4).
    OuterFromDiffers,
    /// A multipart ends early: the message was cut off.
    Truncated,
    /// The transfer encoding of a part is damaged; it is given as it stood.
    DamagedPart,
}

/// Reads a message.
///
/// `payload` is what was decrypted or what the signature covers, and `outer` the message it came
/// in, for its header fields. For a message that is neither, `payload` is the raw message and
/// `outer` is `None`: nothing in it can then claim to be protected.
///
/// # Errors
///
/// [`ReadError::TooLarge`], [`ReadError::HeaderTooLarge`], [`ReadError::TooDeep`],
/// [`ReadError::TooManyParts`]: nothing is shown in part.
///
/// # Security
///
/// Whether the signature is good, and for which address, is not known here. HTML is returned as it
/// was sent.
pub fn read(payload: &[u8], outer: Option<&[u8]>, limits: &Limits) -> Result<ReadMail, ReadError> {
    if payload.len() > limits.total_bytes {
        return Err(ReadError::TooLarge(limits.total_bytes));
    }
    let root = Entity::split(payload, limits.header_bytes)?;
    let headers = root.headers();
    let outer_headers = match outer {
        Some(raw) => Some(Entity::split(raw, limits.header_bytes)?.headers()),
        None => None,
    };

    let mut mail = match outer_headers {
        None => fields(&headers, limits),
        Some(outer) => match header_protection(&headers) {
            HeaderProtection::None => fields(&outer, limits),
            scheme => {
                let mut mail = fields(&headers, limits);
                mail.headers_protected = true;
                mail.header_protection = scheme;
                mail.outer_from = outer.addresses(&HeaderName::From, limits.addresses).0;
                if !mail.outer_from.is_empty() && !same_people(&mail.outer_from, &mail.from) {
                    mail.warnings.push(Warning::OuterFromDiffers);
                }
                mail
            }
        },
    };

    let mut walk = Walk::new(limits, mail.header_protection == HeaderProtection::Cipher);
    (mail.text, mail.html) = walk.body(&root, &headers)?;
    mail.attachments = walk.attachments;
    mail.warnings.append(&mut walk.warnings);
    let mut seen = HashSet::new();
    mail.warnings
        .retain(|warning| seen.insert(std::mem::discriminant(warning)));
    Ok(mail)
}

/// Reads the header fields of a message as it came, and nothing of its body: who claims to have
/// written it, before anything is opened. None of it is protected.
///
/// # Errors
///
/// [`ReadError::HeaderTooLarge`].
pub fn read_header(raw: &[u8], limits: &Limits) -> Result<ReadMail, ReadError> {
    let headers = Entity::split(raw, limits.header_bytes)?.headers();
    Ok(fields(&headers, limits))
}

fn header_protection(headers: &Headers) -> HeaderProtection {
    match headers
        .parameter("hp")
        .map(str::to_ascii_lowercase)
        .as_deref()
    {
        Some("cipher") => HeaderProtection::Cipher,
        Some("clear") => HeaderProtection::Clear,
        _ if headers.parameter("protected-headers") == Some("v1") => HeaderProtection::Legacy,
        _ => HeaderProtection::None,
    }
}

fn same_people(a: &[Address], b: &[Address]) -> bool {
    let addresses = |list: &[Address]| -> HashSet<String> {
        list.iter()
            .map(|person| person.address.to_lowercase())
            .collect()
    };
    addresses(a) == addresses(b)
}

fn fields(headers: &Headers, limits: &Limits) -> ReadMail {
    let mut warnings = Vec::new();
    let mut people = |name: HeaderName<'static>| {
        let (list, has_bad) = headers.addresses(&name, limits.addresses);
        if has_bad {
            warnings.push(Warning::BadAddress);
        }
        if list.iter().any(Address::is_misleading) {
            warnings.push(Warning::MisleadingName);
        }
        list
    };
    let mut mail = ReadMail {
        from: people(HeaderName::From),
        sender: people(HeaderName::Sender).into_iter().next(),
        reply_to: people(HeaderName::ReplyTo),
        to: people(HeaderName::To),
        cc: people(HeaderName::Cc),
        subject: headers.subject(),
        date: headers.date(),
        message_id: headers.ids(&HeaderName::MessageId).into_iter().next(),
        in_reply_to: headers.ids(&HeaderName::InReplyTo),
        references: headers.ids(&HeaderName::References),
        ..ReadMail::default()
    };
    match mail.from.len() {
        0 => warnings.push(Warning::NoFrom),
        1 => {}
        _ => warnings.push(Warning::SeveralFrom),
    }
    let once = [
        HeaderName::From,
        HeaderName::Sender,
        HeaderName::ReplyTo,
        HeaderName::To,
        HeaderName::Cc,
        HeaderName::Subject,
        HeaderName::Date,
        HeaderName::MessageId,
        HeaderName::ContentType,
    ];
    if once.iter().any(|name| headers.count(name) > 1) {
        warnings.push(Warning::RepeatedField);
    }
    mail.warnings = warnings;
    mail
}
