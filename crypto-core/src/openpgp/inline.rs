//! Messages that are signed but not encrypted (`gpg --sign`).

use pgp::{armor::BlockType, types::Tag};
use zeroize::Zeroizing;

use super::{
    BadSignature, Certificate, DecryptError, Limits, SignatureVerdict, VerifyError, armor, message,
    packets::PacketWalk,
    signature::{self, Judge},
};
use crate::{bulk::BulkEngine, ids::UnixTime};

/// A signed message, read and judged.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignedMessage {
    /// The content, which is exactly what the verdicts are about.
    pub data: Vec<u8>,
    /// One verdict a signature; none if nobody signed it.
    pub signatures: Vec<SignatureVerdict>,
}

impl SignedMessage {
    /// The verdict to show.
    pub fn signature(&self) -> SignatureVerdict {
        signature::best(&self.signatures)
    }
}

/// Reads and judges a message that is signed but not encrypted, armored or binary.
///
/// # Errors
/// See [`VerifyError`]; an encrypted message is one.
pub async fn verify_inline(
    engine: &impl BulkEngine,
    message: &[u8],
    verifiers: &[&Certificate],
    limits: &Limits,
    now: UnixTime,
) -> Result<SignedMessage, VerifyError> {
    let malformed = |why: &str| VerifyError::Malformed(why.to_owned());
    let dearmored = armor::read(message).map_err(VerifyError::Malformed)?;
    if !matches!(
        dearmored.kind,
        None | Some(BlockType::Message | BlockType::File)
    ) {
        return Err(malformed("it is something else"));
    }
    let encrypted = PacketWalk::new(&dearmored.bytes).flatten().any(|packet| {
        matches!(
            packet.tag(),
            Tag::SymEncryptedProtectedData | Tag::SymEncryptedData | Tag::GnupgAeadData
        )
    });
    if encrypted {
        return Err(malformed("it is encrypted"));
    }
    let packets = Zeroizing::new(dearmored.bytes.into_owned());
    let mut content = message::read(packets, limits).map_err(|error| match error {
        DecryptError::LimitExceeded(super::ExceededLimit::Signatures) => VerifyError::TooMany,
        other => VerifyError::Malformed(other.to_string()),
    })?;
    let judge = Judge {
        verifiers,
        now,
        recipient: None,
    };
    let mut signatures = Vec::with_capacity(content.signatures.len());
    for signature in &content.signatures {
        signatures.push(match signature {
            Some(signature) => judge.verdict(engine, signature, &content.data).await?,
            None => SignatureVerdict::Bad(BadSignature::Malformed),
        });
    }
    Ok(SignedMessage {
        data: std::mem::take(&mut *content.data),
        signatures,
    })
}
