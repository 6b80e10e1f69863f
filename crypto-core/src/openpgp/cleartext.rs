//! Signed text that can be read without any software (RFC 9580, section 7).
//!
//! The attacker adds lines that look signed: as armor headers, before the text, behind the
//! signature, or by characters that pass for a line's end. So the framing is read strictly: the
//! message begins with its first line and ends with its last, only `Hash` headers stand between,
//! and what is returned is the very text that was hashed.

use pgp::{armor::BlockType, packet::SignatureType};
use rand::{CryptoRng, RngCore};

use super::{
    Certificate, SecretCertificate, SignatureVerdict,
    armor::{self, Readers},
    certificate::write_packet,
    detached::verify_packets,
    error::{SignError, VerifyError},
    signature::{self, Signing, with_crlf},
};
use crate::{bulk::BulkEngine, ids::UnixTime};

const BEGIN: &str = "-----BEGIN PGP SIGNED MESSAGE-----";
const BEGIN_SIGNATURE: &str = "-----BEGIN PGP SIGNATURE-----";
const END_SIGNATURE: &str = "-----END PGP SIGNATURE-----";

/// A signed text, read and judged.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignedText {
    /// Exactly what was signed: lines end with LF, without white space at their ends, and the
    /// last line has no end.
    pub text: String,
    /// One verdict a signature, at least one.
    pub signatures: Vec<SignatureVerdict>,
}

impl SignedText {
    /// The verdict to show.
    pub fn signature(&self) -> SignatureVerdict {
        signature::best(&self.signatures)
    }
}

/// Signs text with the cleartext framework.
///
/// White space at the ends of lines is not signed, and an end of line at the end of the text
/// neither: [`SignedText::text`] shows what is.
///
/// # Errors
/// [`SignError::Text`] if the text holds a lone carriage return, which readers disagree about.
pub async fn sign_cleartext(
    engine: &impl BulkEngine,
    rng: &mut (impl RngCore + CryptoRng),
    text: &str,
    signer: &SecretCertificate,
    now: UnixTime,
) -> Result<String, SignError> {
    let text = to_sign(text)?;
    let signing = Signing::begin(rng, signer, SignatureType::Text, now, &[])?;
    let hash = signing.hash_name();
    let readers = signing.readers();
    let mut bytes = Vec::new();
    let signed = with_crlf(text.as_bytes());
    write_packet(&signing.finish(engine, &signed).await?, &mut bytes);
    Ok(frame(&text, &[hash], &bytes, readers))
}

/// What of a text is signed, with LF at the ends of lines.
pub(super) fn to_sign(text: &str) -> Result<String, SignError> {
    let text = text.replace("\r\n", "\n");
    if text.contains('\r') {
        return Err(SignError::Text("it holds carriage returns"));
    }
    Ok(trim_lines(text.strip_suffix('\n').unwrap_or(&text)))
}

/// Puts a text, as [`to_sign`] left it, and its signature packets together.
pub(super) fn frame(text: &str, hashes: &[String], signatures: &[u8], readers: Readers) -> String {
    let mut message = format!("{BEGIN}\nHash: {}\n\n", hashes.join(","));
    for line in text.split('\n') {
        if line.starts_with('-') || line.starts_with("From ") {
            message.push_str("- ");
        }
        message.push_str(line);
        message.push('\n');
    }
    message.push_str(&armor::write_text(
        signatures,
        BlockType::Signature,
        readers,
    ));
    message
}

/// Reads and judges a text with cleartext signatures.
///
/// # Security
/// Only `Hash` armor headers are accepted, nothing may stand before or after but white space,
/// and the text returned is exactly what was hashed.
///
/// # Errors
/// See [`VerifyError`].
pub async fn verify_cleartext(
    engine: &impl BulkEngine,
    message: &str,
    verifiers: &[&Certificate],
    now: UnixTime,
) -> Result<SignedText, VerifyError> {
    let framed = Framed::read(message)?;
    let dearmored = armor::read(framed.signature.as_bytes()).map_err(VerifyError::Malformed)?;
    let signed = with_crlf(framed.text.as_bytes());
    let signatures = verify_packets(engine, &signed, &dearmored.bytes, verifiers, now).await?;
    Ok(SignedText {
        text: framed.text,
        signatures,
    })
}

/// The text and the armored signature of a message.
pub(super) struct Framed<'a> {
    pub(super) text: String,
    pub(super) signature: &'a str,
}

impl<'a> Framed<'a> {
    pub(super) fn read(message: &'a str) -> Result<Self, VerifyError> {
        let malformed = |why: &str| VerifyError::Malformed(why.to_owned());
        let message = message.trim_matches([' ', '\t', '\r', '\n']);
        let mut rest = message;
        let mut next = || {
            let (line, after) = match rest.split_once('\n') {
                Some((line, after)) => (line, Some(after)),
                None => (rest, None),
            };
            after.map(|after| {
                rest = after;
                (without_end(line), after)
            })
        };
        let missing = || malformed("it is cut off");
        if next().ok_or_else(missing)?.0 != BEGIN {
            return Err(malformed("it does not begin as a signed text"));
        }
        loop {
            let (line, _) = next().ok_or_else(missing)?;
            if line.is_empty() {
                break;
            }
            if !is_hash_header(line) {
                return Err(malformed("it has a header that is not allowed"));
            }
        }
        let mut lines: Vec<&str> = Vec::new();
        let signature = loop {
            let (line, after) = next().ok_or_else(missing)?;
            if line == BEGIN_SIGNATURE {
                let start = message.len() - after.len();
                // The line itself belongs to the armor; CR or not, it is ASCII of known length.
                let line_start = message
                    .get(..start)
                    .and_then(|before| before.rfind(BEGIN_SIGNATURE))
                    .ok_or_else(missing)?;
                break message.get(line_start..).ok_or_else(missing)?;
            }
            let line = match line.strip_prefix("- ") {
                Some(escaped) => escaped,
                // A line that begins with a dash must be escaped: it may be another framing.
                None if line.starts_with('-') => {
                    return Err(malformed("it has an unescaped dash"));
                }
                None => line,
            };
            if line.contains('\r') {
                return Err(malformed("it holds carriage returns"));
            }
            lines.push(trim_end(line));
        };
        if !signature.ends_with(END_SIGNATURE) || signature.matches("-----END ").count() != 1 {
            return Err(malformed("something follows its signature"));
        }
        Ok(Self {
            text: lines.join("\n"),
            signature,
        })
    }
}

/// A line without its CR, if it ends with CRLF.
fn without_end(line: &str) -> &str {
    line.strip_suffix('\r').unwrap_or(line)
}

/// White space as RFC 9580 (section 7.1) means it: no more than space and tab.
fn trim_end(line: &str) -> &str {
    line.trim_end_matches([' ', '\t'])
}

fn trim_lines(text: &str) -> String {
    text.split('\n')
        .map(trim_end)
        .collect::<Vec<_>>()
        .join("\n")
}

/// `Hash: SHA256,SHA512`, nothing else: names of letters, digits and dashes.
fn is_hash_header(line: &str) -> bool {
    line.strip_prefix("Hash: ").is_some_and(|names| {
        names.split(',').all(|name| {
            let name = name.trim_matches(' ');
            !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hash_headers_are_let_through() {
        for good in ["Hash: SHA256", "Hash: SHA256, SHA512", "Hash: SHA3-512"] {
            assert!(is_hash_header(good), "{good}");
        }
        for bad in [
            "Hash:",
            "Hash: ",
            "Hash: SHA256 you won",
            "hash: SHA256",
            "Hash: SHA256\u{2028}evil",
            "Hash: SHA256\u{b}evil",
            "Comment: x",
            " Hash: SHA256",
        ] {
            assert!(!is_hash_header(bad), "{bad}");
        }
    }
}
