//! What a message is, before anything of it is opened.

use std::borrow::Cow;

use super::{
    body,
    entity::{Entity, Limits, ReadError, split_multipart},
    headers::Headers,
};

const BEGIN_MESSAGE: &str = "-----BEGIN PGP MESSAGE-----";
const END_MESSAGE: &str = "-----END PGP MESSAGE-----";
const BEGIN_CLEARTEXT: &str = "-----BEGIN PGP SIGNED MESSAGE-----";
const END_SIGNATURE: &str = "-----END PGP SIGNATURE-----";

/// How the root of a message is protected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Structure<'a> {
    /// `multipart/encrypted` (RFC 3156, section 4). Decrypt `ciphertext`, then look at what
    /// comes out: it may be signed once more on the inside ([`inspect`] again, at most twice),
    /// and [`super::read`] shows it.
    PgpMimeEncrypted {
        /// Armored or binary.
        ciphertext: Cow<'a, [u8]>,
    },
    /// `multipart/signed` (RFC 3156, section 5). If the signature is good, `signed` and nothing
    /// else is what [`super::read`] shows.
    PgpMimeSigned {
        /// Exactly the signed bytes, header fields of the part included, with canonical line
        /// ends.
        signed: Cow<'a, [u8]>,
        /// The detached signature, armored or binary.
        signature: Cow<'a, [u8]>,
    },
    /// Armor in the text of the root (no PGP/MIME). What comes out is plain UTF-8 text.
    InlineEncrypted {
        /// Armored.
        ciphertext: Vec<u8>,
        /// Text outside the armor; it is not protected and must not be joined with what is.
        has_other_text: bool,
    },
    /// A cleartext signature in the text of the root (RFC 9580, section 7).
    InlineSigned {
        /// The whole framework, from its first to its last line.
        message: Vec<u8>,
        /// Text outside the framework; it is not signed.
        has_other_text: bool,
    },
    /// Nothing of OpenPGP at the root; parts deeper in the tree stay files.
    Plain,
}

/// Decides what a message is, by its root alone.
///
/// A `multipart/signed` that is not OpenPGP's, or does not have exactly the two parts of RFC 3156,
/// is [`Structure::Plain`]: it is shown, as unsigned. A broken `multipart/encrypted` is an error,
/// since nothing in it can be shown.
///
/// # Errors
///
/// [`ReadError::TooLarge`], [`ReadError::HeaderTooLarge`], [`ReadError::TooManyParts`],
/// [`ReadError::NotMail`], [`ReadError::MalformedEncrypted`].
pub fn inspect(raw: &[u8]) -> Result<Structure<'_>, ReadError> {
    let limits = Limits::DEFAULT;
    if raw.len() > limits.total_bytes {
        return Err(ReadError::TooLarge(limits.total_bytes));
    }
    let root = Entity::split(raw, limits.header_bytes)?;
    let headers = root.headers();
    if headers.is_empty() {
        return Err(ReadError::NotMail);
    }
    match headers.media_type().as_str() {
        "multipart/encrypted" if protocol(&headers, "application/pgp-encrypted") => {
            encrypted(&root, &headers, &limits)
        }
        "multipart/signed" if protocol(&headers, "application/pgp-signature") => {
            signed(&root, &headers, &limits)
        }
        "text/plain" => {
            let (bytes, _) = body::decode(&headers, root.body);
            Ok(inline(&body::text(&headers, &bytes)))
        }
        _ => Ok(Structure::Plain),
    }
}

/// The parameter is required; a missing one is forgiven, as the parts are checked anyway.
fn protocol(headers: &Headers, expected: &str) -> bool {
    headers
        .parameter("protocol")
        .is_none_or(|protocol| protocol.trim().eq_ignore_ascii_case(expected))
}

/// The two parts of a root that has exactly two.
fn two_parts<'a>(
    root: &Entity<'a>,
    headers: &Headers,
    limits: &Limits,
) -> Result<Option<[&'a [u8]; 2]>, ReadError> {
    let Some(boundary) = headers.boundary() else {
        return Ok(None);
    };
    let split = split_multipart(root.body, boundary, limits.parts)?;
    Ok(split.parts.try_into().ok())
}

fn encrypted<'a>(
    root: &Entity<'a>,
    headers: &Headers,
    limits: &Limits,
) -> Result<Structure<'a>, ReadError> {
    let Some([control, data]) = two_parts(root, headers, limits)? else {
        return Err(ReadError::MalformedEncrypted);
    };
    let control = Entity::split(control, limits.part_header_bytes)?;
    let data = Entity::split(data, limits.part_header_bytes)?;
    if control.headers().media_type() != "application/pgp-encrypted" {
        return Err(ReadError::MalformedEncrypted);
    }
    let (ciphertext, is_damaged) = body::decode(&data.headers(), data.body);
    if is_damaged || ciphertext.trim_ascii().is_empty() {
        return Err(ReadError::MalformedEncrypted);
    }
    Ok(Structure::PgpMimeEncrypted { ciphertext })
}

fn signed<'a>(
    root: &Entity<'a>,
    headers: &Headers,
    limits: &Limits,
) -> Result<Structure<'a>, ReadError> {
    let Some([signed, signature]) = two_parts(root, headers, limits)? else {
        return Ok(Structure::Plain);
    };
    let signature = Entity::split(signature, limits.part_header_bytes)?;
    let signature_headers = signature.headers();
    if signature_headers.media_type() != "application/pgp-signature" {
        return Ok(Structure::Plain);
    }
    let (signature, _) = body::decode(&signature_headers, signature.body);
    Ok(Structure::PgpMimeSigned {
        signed: body::canonical(signed),
        signature,
    })
}

/// Looks for armor that starts and ends on lines of its own; the first one counts.
fn inline(text: &str) -> Structure<'static> {
    let encrypted = block(text, BEGIN_MESSAGE, END_MESSAGE);
    let signed = block(text, BEGIN_CLEARTEXT, END_SIGNATURE);
    match (encrypted, signed) {
        // An encrypted block inside a signed text belongs to that text.
        (Some(encrypted), signed) if signed.as_ref().is_none_or(|s| encrypted.start < s.start) => {
            Structure::InlineEncrypted {
                ciphertext: encrypted.text.into_bytes(),
                has_other_text: encrypted.has_other_text,
            }
        }
        (_, Some(signed)) => Structure::InlineSigned {
            message: signed.text.into_bytes(),
            has_other_text: signed.has_other_text,
        },
        _ => Structure::Plain,
    }
}

struct Block {
    start: usize,
    text: String,
    has_other_text: bool,
}

fn block(text: &str, begin: &str, end: &str) -> Option<Block> {
    let mut offset = 0;
    let mut start = None;
    for line in text.split_inclusive('\n') {
        let line_start = offset;
        offset += line.len();
        match start {
            None if line.trim_end() == begin => start = Some(line_start),
            Some(start) if line.trim_end() == end => {
                let is_blank = |range: Option<&str>| range.is_none_or(|s| s.trim().is_empty());
                return Some(Block {
                    start,
                    text: text.get(start..offset)?.to_owned(),
                    has_other_text: !is_blank(text.get(..start)) || !is_blank(text.get(offset..)),
                });
            }
            _ => {}
        }
    }
    None
}
