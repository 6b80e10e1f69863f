//! Building mail: the payload that gets signed and encrypted, and what goes around it.

use base64::engine::{Engine, general_purpose::STANDARD as BASE64};
use mail_builder::{
    headers::{HeaderType, content_type::ContentType, raw::Raw},
    mime::{BodyPart, MimePart},
};
use thiserror::Error;

use super::{
    address::Address,
    body::{canonical, canonical_text},
    fields::{self, Fields},
    headers::is_token,
    names,
};
use crate::ids::UnixTime;

/// A message to be built.
#[derive(Clone, Default)]
pub struct OutgoingMail {
    /// Who writes.
    pub from: Address,
    /// To whom.
    pub to: Vec<Address>,
    /// Copies.
    pub cc: Vec<Address>,
    /// The subject; line ends and other control characters become spaces.
    pub subject: String,
    /// When it was written; in the years 1970 to 2999.
    pub date: UnixTime,
    /// Without angle brackets; see [`make_message_id`].
    pub message_id: String,
    /// The message this one answers, without angle brackets.
    pub in_reply_to: Option<String>,
    /// The thread so far, oldest first, without angle brackets; the first and the newest 49 are
    /// written.
    pub references: Vec<String>,
    /// The text; any line ends.
    pub text: String,
    /// The same as HTML, if there is any.
    pub html: Option<String>,
    /// Files.
    pub attachments: Vec<OutgoingPart>,
}

impl std::fmt::Debug for OutgoingMail {
    /// Sizes only: everything else is somebody's letter.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "OutgoingMail({} bytes of text, {} files)",
            self.text.len(),
            self.attachments.len()
        )
    }
}

/// A file to be sent.
#[derive(Clone, Default)]
pub struct OutgoingPart {
    /// Its name; made safe with [`super::safe_file_name`].
    pub name: String,
    /// `type/subtype`. What is not made of tokens, and what must not be base64 (`message/*`,
    /// `multipart/*`; RFC 2046, section 5.2.1), goes out as `application/octet-stream`.
    pub media_type: String,
    /// The bytes.
    pub data: Vec<u8>,
}

impl std::fmt::Debug for OutgoingPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OutgoingPart({} bytes)", self.data.len())
    }
}

/// Why a message cannot be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BuildError {
    /// An address that is not one, holds control characters, or is longer than 254 bytes.
    #[error("an address is not valid")]
    Address,
    /// A message id without `@`, with other than printable ASCII, or longer than 500 bytes.
    #[error("a message id is not valid")]
    MessageId,
    /// A date after the year 2999.
    #[error("the date is not valid")]
    Date,
    /// What should be ASCII armor is something else.
    #[error("this is not OpenPGP ASCII armor of the expected kind")]
    Armor,
    /// What should name the hash of a signature (RFC 3156, section 5) is not a token.
    #[error("the name of the hash is not valid")]
    Micalg,
}

/// What happens to the payload next, which RFC 9788 records in it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Intent {
    /// It will be encrypted: outer fields differ and are written down.
    Cipher,
    /// It will be signed only: outer fields are the same.
    Clear,
}

/// Builds the MIME entity that is to be signed and encrypted.
///
/// The true header fields are inside (`hp="cipher"`, RFC 9788), with an `HP-Outer` field for each
/// that [`build_encrypted`] shows outside; `protected-headers="v1"` stands beside it for programs
/// that know only the draft before the standard. No legacy display element is written: it would
/// put the subject into the text for programs that know neither.
///
/// # Errors
///
/// [`BuildError::Address`], [`BuildError::MessageId`], [`BuildError::Date`].
pub fn build_payload(mail: &OutgoingMail) -> Result<Vec<u8>, BuildError> {
    payload(mail, Intent::Cipher)
}

/// Builds the MIME entity that is to be signed and sent readable, to be passed to
/// [`build_signed`] byte for byte (`hp="clear"`, RFC 9788).
///
/// It is 7-bit clean, has canonical line ends, no space before them and no line that mail
/// programs would alter (RFC 3156, section 5).
///
/// # Errors
///
/// As [`build_payload`].
pub fn payload_to_sign(mail: &OutgoingMail) -> Result<Vec<u8>, BuildError> {
    payload(mail, Intent::Clear)
}

/// Wraps an encrypted payload into a message (RFC 3156, section 4).
///
/// Outside stands what delivery needs: addresses without names, the date, message ids, and
/// `[...]` for a subject (`hcp_shy` of RFC 9788, section 3.2.2).
///
/// # Errors
///
/// As [`build_payload`], and [`BuildError::Armor`] unless `armored_ciphertext` is an armored
/// OpenPGP message.
pub fn build_encrypted(
    mail: &OutgoingMail,
    armored_ciphertext: &[u8],
) -> Result<Vec<u8>, BuildError> {
    encrypted(fields::outer(mail)?, armored_ciphertext)
}

/// Wraps a payload of [`payload_to_sign`] and its detached signature (RFC 3156, section 5).
///
/// `micalg` names the hash of the signature, such as `pgp-sha512`.
///
/// # Errors
///
/// As [`build_payload`], [`BuildError::Armor`] unless `armored_signature` is an armored detached
/// signature, and [`BuildError::Micalg`].
pub fn build_signed(
    mail: &OutgoingMail,
    payload: &[u8],
    armored_signature: &[u8],
    micalg: &str,
) -> Result<Vec<u8>, BuildError> {
    let armor = armor(armored_signature, "-----BEGIN PGP SIGNATURE-----")?;
    if !is_token(micalg) {
        return Err(BuildError::Micalg);
    }
    let mut all = fields::inner(mail)?;
    all.push(("MIME-Version".into(), Raw::new("1.0").into()));
    let content_type = ContentType::new("multipart/signed")
        .attribute("boundary", free_boundary('s', &[payload]))
        .attribute("micalg", micalg.to_ascii_lowercase())
        .attribute("protocol", "application/pgp-signature");
    all.push(("Content-Type".into(), content_type.into()));
    let signature = MimePart::new(
        ContentType::new("application/pgp-signature").attribute("name", "signature.asc"),
        armor,
    )
    .transfer_encoding("7bit");
    Ok(write(MimePart {
        headers: all,
        contents: vec![MimePart::raw(payload), signature].into(),
    }))
}

/// A message id from 16 random bytes and the domain of the sender.
///
/// # Errors
///
/// [`BuildError::MessageId`] when the domain is not one.
pub fn make_message_id(random: &[u8; 16], domain: &str) -> Result<String, BuildError> {
    let id = format!("{}@{domain}", crate::hex::lower(random));
    fields::check_id(&id)?;
    Ok(id)
}

/// `multipart/encrypted` around armor, with these fields first.
pub(super) fn encrypted(
    mut fields: Fields<'_>,
    armored_ciphertext: &[u8],
) -> Result<Vec<u8>, BuildError> {
    let armor = armor(armored_ciphertext, "-----BEGIN PGP MESSAGE-----")?;
    fields.push(("MIME-Version".into(), Raw::new("1.0").into()));
    let content_type = ContentType::new("multipart/encrypted")
        .attribute("boundary", boundary('e', 0))
        .attribute("protocol", "application/pgp-encrypted");
    fields.push(("Content-Type".into(), content_type.into()));
    let version = MimePart::new("application/pgp-encrypted", &b"Version: 1\r\n"[..])
        .transfer_encoding("7bit");
    let ciphertext = MimePart::new(
        ContentType::new("application/octet-stream").attribute("name", "encrypted.asc"),
        armor,
    )
    .transfer_encoding("7bit")
    .header(
        "Content-Disposition",
        ContentType::new("inline").attribute("filename", "encrypted.asc"),
    );
    Ok(write(MimePart {
        headers: fields,
        contents: vec![version, ciphertext].into(),
    }))
}

fn payload(mail: &OutgoingMail, intent: Intent) -> Result<Vec<u8>, BuildError> {
    let mut all = fields::inner(mail)?;
    if intent == Intent::Cipher {
        for (name, value) in fields::outer(mail)? {
            all.push((
                "HP-Outer".into(),
                Raw::new(fields::rendered(&name, &value)).into(),
            ));
        }
    }
    Ok(finish(mail, intent, all))
}

/// The entity with these fields first.
pub(super) fn finish<'x>(mail: &'x OutgoingMail, intent: Intent, mut all: Fields<'x>) -> Vec<u8> {
    all.push(("MIME-Version".into(), Raw::new("1.0").into()));

    let mut root = body(mail, intent);
    for (name, value) in &mut root.headers {
        if name == "Content-Type"
            && let HeaderType::ContentType(content_type) = value
        {
            let hp = match intent {
                Intent::Cipher => "cipher",
                Intent::Clear => "clear",
            };
            content_type.attributes.extend([
                ("hp".into(), hp.into()),
                ("protected-headers".into(), "v1".into()),
            ]);
        }
    }
    all.append(&mut root.headers);
    root.headers = all;
    write(root)
}

/// Text, the same as HTML, files: as few levels as the message needs.
fn body(mail: &OutgoingMail, intent: Intent) -> MimePart<'_> {
    let text = canonical_text(&mail.text).replace('\0', "\u{FFFD}");
    let html = mail
        .html
        .as_ref()
        .map(|html| canonical_text(html).replace('\0', "\u{FFFD}"));
    let searched = [
        text.as_bytes(),
        html.as_deref().unwrap_or_default().as_bytes(),
    ];
    let (inner, outer) = (free_boundary('a', &searched), free_boundary('m', &searched));

    let mut root = text_part("text/plain", text, intent);
    if let Some(html) = html {
        root = MimePart::new(
            ContentType::new("multipart/alternative").attribute("boundary", inner),
            vec![root, text_part("text/html", html, intent)],
        );
    }
    if !mail.attachments.is_empty() {
        let mut parts = vec![root];
        parts.extend(mail.attachments.iter().map(file_part));
        root = MimePart::new(
            ContentType::new("multipart/mixed").attribute("boundary", outer),
            parts,
        );
    }
    root
}

/// So many bytes stand in a line of base64.
const LINE_BYTES: usize = 57;

fn text_part(media_type: &'static str, text: String, intent: Intent) -> MimePart<'static> {
    // Mail stores write ">From " for lines that begin so, which would break a signature; and a
    // soft line break of quoted-printable can make a beginning of any place in a line.
    let is_altered = text.contains("From ");
    if intent == Intent::Clear && is_altered {
        let encoded = base64_lines(text.as_bytes());
        return MimePart::new(
            ContentType::new(media_type).attribute("charset", "utf-8"),
            encoded,
        )
        .transfer_encoding("base64");
    }
    MimePart::new(media_type, text)
}

/// Base64 in lines of 76 characters (RFC 2045, section 6.8).
fn base64_lines(data: &[u8]) -> Vec<u8> {
    let lines = data.len().div_ceil(LINE_BYTES);
    let mut out = Vec::with_capacity(lines * (LINE_BYTES / 3 * 4 + 2));
    for line in data.chunks(LINE_BYTES) {
        let start = out.len();
        out.resize(start + line.len().div_ceil(3) * 4, 0);
        let place = out.get_mut(start..).unwrap_or_default();
        // The place is as long as the digits are.
        let written = BASE64.encode_slice(line, place);
        debug_assert!(written.is_ok());
        out.extend_from_slice(b"\r\n");
    }
    out
}

fn file_part(part: &OutgoingPart) -> MimePart<'_> {
    let media_type = match part.media_type.split_once('/') {
        Some((kind, subtype))
            if is_token(kind)
                && is_token(subtype)
                && !kind.eq_ignore_ascii_case("message")
                && !kind.eq_ignore_ascii_case("multipart") =>
        {
            part.media_type.to_ascii_lowercase()
        }
        _ => "application/octet-stream".to_owned(),
    };
    // Bytes, even of text, arrive as they were: line ends of files are not ours to change.
    let encoded = base64_lines(&part.data);
    MimePart::new(media_type, encoded)
        .transfer_encoding("base64")
        .attachment(names::safe_file_name(&part.name))
}

fn write(part: MimePart<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(part.size() + 4096);
    part.write_part(&mut out);
    out
}

/// Armor with the right first line, 7-bit, canonical line ends, one at its end.
fn armor<'a>(bytes: &'a [u8], begin: &str) -> Result<BodyPart<'a>, BuildError> {
    let trimmed = bytes.trim_ascii();
    if !trimmed.starts_with(begin.as_bytes()) || !trimmed.is_ascii() || trimmed.contains(&0) {
        return Err(BuildError::Armor);
    }
    Ok(BodyPart::Binary(canonical(trimmed)))
}

/// `=_` occurs neither in base64 nor in quoted-printable (RFC 2045, section 6.7); the ending
/// keeps one boundary from being the beginning of another.
fn boundary(level: char, number: usize) -> String {
    format!("=_{level}{number}_=")
}

/// The first boundary of a level that starts no line of the contents, so that it cannot be met
/// by accident or by a text that was made to.
fn free_boundary(level: char, contents: &[&[u8]]) -> String {
    let starts_a_line = |delimiter: &str| {
        contents.iter().any(|content| {
            content
                .split(|b| *b == b'\n')
                .any(|line| line.starts_with(delimiter.as_bytes()))
        })
    };
    let mut number = 0;
    loop {
        let candidate = boundary(level, number);
        if !starts_a_line(&format!("--{candidate}")) {
            return candidate;
        }
        number += 1;
    }
}
