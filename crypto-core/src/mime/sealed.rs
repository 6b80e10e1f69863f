//! How the server keeps mail: every message is wrapped once more, to its owner.
//!
//! The wrapper is a PGP/MIME message of its own. Its payload is `message/rfc822` with the whole
//! original message, header fields and all, so that nothing at rest tells who wrote to whom; its
//! outer fields are the same for every message but for the date of receipt. It is not signed: the
//! server vouches for nothing. [`unwrap_sealed`] gives back exactly the bytes that came in.
//!
//! A sender can send a message that looks like a wrapper; it arrives inside a real one. So a
//! client unwraps exactly once, at the outermost level, what its server calls a stored message.

use mail_builder::headers::{date::Date, raw::Raw};

use super::{
    compose::{self, BuildError},
    entity::{Entity, Limits, ReadError},
};
use crate::ids::UnixTime;

/// The sender of every wrapper; `.invalid` can never be delivered to (RFC 2606).
const SEALED_FROM: &str = "<sealed@letterlock.invalid>";
/// The subject of every wrapper.
const SEALED_SUBJECT: &str = "...";
const PAYLOAD_HEADER: &[u8] =
    b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: binary\r\n\r\n";

/// The entity to encrypt to the owner: `message/rfc822` around the raw message, byte for byte.
pub fn sealed_payload(raw: &[u8]) -> Vec<u8> {
    [PAYLOAD_HEADER, raw].concat()
}

/// The stored message around an encrypted [`sealed_payload`].
///
/// # Errors
///
/// [`BuildError::Armor`], [`BuildError::Date`].
pub fn wrap_sealed(armored_ciphertext: &[u8], received: UnixTime) -> Result<Vec<u8>, BuildError> {
    let date = i64::try_from(received.0).map_err(|_| BuildError::Date)?;
    let fields = vec![
        ("From".into(), Raw::new(SEALED_FROM).into()),
        ("Date".into(), Date::new(date).into()),
        ("Subject".into(), Raw::new(SEALED_SUBJECT).into()),
    ];
    compose::encrypted(fields, armored_ciphertext)
}

/// True when the outer fields are those of a wrapper. Anybody can write such fields: what the
/// server stores is wrapped whether this says so or not.
pub fn is_sealed(raw: &[u8]) -> bool {
    Entity::split(raw, Limits::DEFAULT.header_bytes).is_ok_and(|entity| {
        let headers = entity.headers();
        let (from, _) = headers.addresses(&mail_parser::HeaderName::From, 2);
        headers.media_type() == "multipart/encrypted"
            && headers.subject() == SEALED_SUBJECT
            && matches!(from.as_slice(), [only] if format!("<{}>", only.address) == SEALED_FROM)
    })
}

/// The original message inside a decrypted wrapper.
///
/// # Errors
///
/// [`ReadError::NotSealed`] when the payload is anything but an unencoded `message/rfc822`.
pub fn unwrap_sealed(payload: &[u8]) -> Result<&[u8], ReadError> {
    let entity = Entity::split(payload, Limits::DEFAULT.part_header_bytes)
        .map_err(|_| ReadError::NotSealed)?;
    let headers = entity.headers();
    let is_raw = matches!(
        headers.transfer_encoding().as_str(),
        "7bit" | "8bit" | "binary"
    );
    if headers.media_type() == "message/rfc822" && is_raw && !entity.body.is_empty() {
        Ok(entity.body)
    } else {
        Err(ReadError::NotSealed)
    }
}
