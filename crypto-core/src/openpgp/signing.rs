//! Signing with several keys and in every form: beside the data, around them, in the clear.

use pgp::{armor::BlockType, packet::SignatureType};
use rand::{CryptoRng, RngCore};

use super::{
    SecretCertificate,
    armor::{self, Readers},
    certificate::write_packet,
    cleartext,
    error::{EncryptError, SignError},
    sealing::{Signers, around},
    signature::{Signing, with_crlf},
};
use crate::{bulk::BulkEngine, ids::UnixTime};

/// What is signed, by whom, and how.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SignRequest<'a> {
    /// Everybody who signs.
    pub signers: &'a [&'a SecretCertificate],
    /// The time of the signatures.
    pub now: UnixTime,
    /// It is text: signed with its ends of lines made equal.
    pub text: bool,
    /// True for armor (ASCII), false for binary; cleartext is always ASCII.
    pub armor: bool,
}

impl<'a> SignRequest<'a> {
    /// Binary data, armored signatures.
    pub fn new(signers: &'a [&'a SecretCertificate], now: UnixTime) -> Self {
        Self {
            signers,
            now,
            text: false,
            armor: true,
        }
    }

    fn signers(&self) -> Signers<'a> {
        Signers {
            keys: self.signers,
            recipients: &[],
            kind: if self.text {
                SignatureType::Text
            } else {
                SignatureType::Binary
            },
            now: self.now,
        }
    }
}

/// Detached signatures, and what to write into `micalg` about them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DetachedSignatures {
    /// The signatures, in the order of the signers.
    pub signatures: Vec<u8>,
    /// The name of their hash algorithm as RFC 3156 (section 5) has it, if they share one.
    pub micalg: Option<String>,
}

/// Signs data with every signer.
///
/// # Errors
/// See [`SignError`].
pub async fn sign_all_detached(
    engine: &impl BulkEngine,
    rng: &mut (impl RngCore + CryptoRng),
    data: &[u8],
    request: &SignRequest<'_>,
) -> Result<DetachedSignatures, SignError> {
    let normalised = request.text.then(|| with_crlf(data));
    let data = normalised.as_deref().unwrap_or(data);
    let signings = request.signers().begin(rng)?;
    let readers = readers(&signings);
    let mut names: Vec<String> = signings.iter().map(Signing::hash_name).collect();
    names.dedup();
    let mut bytes = Vec::new();
    for signing in signings {
        write_packet(&signing.finish(engine, data).await?, &mut bytes);
    }
    let micalg = match names.as_slice() {
        [one] => Some(format!("pgp-{}", one.to_ascii_lowercase())),
        _ => None,
    };
    Ok(DetachedSignatures {
        signatures: if request.armor {
            armor::write(&bytes, BlockType::Signature, readers)
        } else {
            bytes
        },
        micalg,
    })
}

/// A message that holds the data and the signatures of every signer.
///
/// # Errors
/// See [`SignError`].
pub async fn sign_inline(
    engine: &impl BulkEngine,
    rng: &mut (impl RngCore + CryptoRng),
    data: &[u8],
    request: &SignRequest<'_>,
) -> Result<Vec<u8>, SignError> {
    let signers = request.signers();
    let readers = readers(&signers.begin(rng)?);
    let (front, tail) = around(engine, rng, data, &signers)
        .await
        .map_err(|error| match error {
            EncryptError::Sign(error) => error,
            other => SignError::Internal(other.to_string()),
        })?;
    let bytes = [&front, data, &tail].concat();
    Ok(if request.armor {
        armor::write(&bytes, BlockType::Message, readers)
    } else {
        bytes
    })
}

/// A text in the clear with the signatures of every signer (RFC 9580, section 7).
///
/// # Errors
/// See [`SignError`]; [`SignError::Text`] if the text holds a lone carriage return.
pub async fn sign_cleartext_all(
    engine: &impl BulkEngine,
    rng: &mut (impl RngCore + CryptoRng),
    text: &str,
    request: &SignRequest<'_>,
) -> Result<String, SignError> {
    let text = cleartext::to_sign(text)?;
    let signers = Signers {
        kind: SignatureType::Text,
        ..request.signers()
    };
    let signings = signers.begin(rng)?;
    let readers = readers(&signings);
    let mut names: Vec<String> = Vec::new();
    for name in signings.iter().map(Signing::hash_name) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let signed = with_crlf(text.as_bytes());
    let mut bytes = Vec::new();
    for signing in signings {
        write_packet(&signing.finish(engine, &signed).await?, &mut bytes);
    }
    Ok(cleartext::frame(&text, &names, &bytes, readers))
}

/// Checksums are left out only if nobody but software of RFC 9580 can verify.
fn readers(signings: &[Signing<'_>]) -> Readers {
    if signings
        .iter()
        .all(|signing| signing.readers() == Readers::Modern)
    {
        Readers::Modern
    } else {
        Readers::All
    }
}
