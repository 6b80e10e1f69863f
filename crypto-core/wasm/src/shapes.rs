//! Plain data on its way to JavaScript. The TypeScript layer makes dates of seconds.

use crypto_core::openpgp::{
    BadSignature, CertificateProblem, CertificateStatus, EncryptionFeatures, SignatureVerdict,
    UserId,
};
#[cfg(feature = "full")]
use crypto_core::{
    bulk::{AeadMode, Cipher},
    ids::Fingerprint,
    openpgp::{ExceededLimit, Opened, Protection, ProtectionMode, RecipientProblem, StreamOpened},
};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::failure::problem_code;

/// A User ID.
#[derive(Serialize)]
pub(crate) struct Person {
    name: String,
    address: String,
}

impl From<UserId> for Person {
    fn from(id: UserId) -> Self {
        Self {
            name: id.name,
            address: id.address,
        }
    }
}

/// [`CertificateStatus`].
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub(crate) enum Status {
    Usable,
    Expired { at: u64 },
    Revoked { reason: String },
    NotYetValid { from: u64 },
    Unusable { reason: String },
}

impl From<CertificateStatus> for Status {
    fn from(status: CertificateStatus) -> Self {
        match status {
            CertificateStatus::Usable => Self::Usable,
            CertificateStatus::Expired(at) => Self::Expired { at: at.0 },
            CertificateStatus::Revoked(reason) => Self::Revoked { reason },
            CertificateStatus::NotYetValid(from) => Self::NotYetValid { from: from.0 },
            CertificateStatus::Unusable(reason) => Self::Unusable { reason },
        }
    }
}

/// Whether messages can be encrypted to a certificate.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub(crate) enum Encryption {
    #[serde(rename_all = "camelCase")]
    Possible {
        seipd_v2: bool,
        gcm: bool,
        post_quantum: bool,
    },
    Impossible {
        code: &'static str,
        reason: String,
    },
}

impl From<Result<EncryptionFeatures, CertificateProblem>> for Encryption {
    fn from(checked: Result<EncryptionFeatures, CertificateProblem>) -> Self {
        match checked {
            Ok(features) => Self::Possible {
                seipd_v2: features.seipd_v2,
                gcm: features.gcm,
                post_quantum: features.post_quantum,
            },
            Err(problem) => Self::Impossible {
                code: problem_code(&problem),
                reason: problem.to_string(),
            },
        }
    }
}

/// [`SignatureVerdict`].
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub(crate) enum Verdict {
    Unsigned,
    Good { signer: String, at: u64 },
    UnknownSigner { issuer: String },
    Bad { code: &'static str, reason: String },
}

impl From<&SignatureVerdict> for Verdict {
    fn from(verdict: &SignatureVerdict) -> Self {
        match verdict {
            SignatureVerdict::Unsigned => Self::Unsigned,
            SignatureVerdict::Good { signer, at } => Self::Good {
                signer: signer.as_hex().to_owned(),
                at: at.0,
            },
            SignatureVerdict::UnknownSigner { issuer } => Self::UnknownSigner {
                issuer: issuer.clone(),
            },
            SignatureVerdict::Bad(bad) => Self::Bad {
                code: bad_code(*bad),
                reason: bad.to_string(),
            },
        }
    }
}

fn bad_code(bad: BadSignature) -> &'static str {
    match bad {
        BadSignature::Mismatch => "Mismatch",
        BadSignature::Expired => "Expired",
        BadSignature::FromTheFuture => "FromTheFuture",
        BadSignature::KeyNotInForce => "KeyNotInForce",
        BadSignature::KeyRevoked => "KeyRevoked",
        BadSignature::NotASigningKey => "NotASigningKey",
        BadSignature::WeakAlgorithm => "WeakAlgorithm",
        BadSignature::ForSomebodyElse => "ForSomebodyElse",
        BadSignature::Malformed => "Malformed",
        _ => "Other",
    }
}

/// The verdict to show, and one for each signature.
#[derive(Serialize)]
pub(crate) struct Verdicts {
    signature: Verdict,
    signatures: Vec<Verdict>,
}

impl Verdicts {
    pub(crate) fn of(signatures: &[SignatureVerdict]) -> Self {
        Self {
            signature: (&SignatureVerdict::best(signatures)).into(),
            signatures: signatures.iter().map(Verdict::from).collect(),
        }
    }
}

/// What opening a message told beside its content.
#[cfg(feature = "full")]
#[derive(Serialize)]
pub(crate) struct Told<'a> {
    signature: Verdict,
    signatures: Vec<Verdict>,
    protection: Shield,
    recipient: Option<&'a str>,
}

#[cfg(feature = "full")]
impl<'a> From<&'a Opened> for Told<'a> {
    fn from(opened: &'a Opened) -> Self {
        Self {
            signature: (&opened.signature).into(),
            signatures: opened.signatures.iter().map(Verdict::from).collect(),
            protection: opened.protection.into(),
            recipient: opened.recipient.as_ref().map(Fingerprint::as_hex),
        }
    }
}

#[cfg(feature = "full")]
impl<'a> From<&'a StreamOpened> for Told<'a> {
    fn from(opened: &'a StreamOpened) -> Self {
        Self {
            signature: (&opened.signature).into(),
            signatures: opened.signatures.iter().map(Verdict::from).collect(),
            protection: opened.protection.into(),
            recipient: opened.recipient.as_ref().map(Fingerprint::as_hex),
        }
    }
}

/// [`Protection`].
#[cfg(feature = "full")]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shield {
    container: &'static str,
    cipher: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    aead: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chunk_length: Option<usize>,
}

#[cfg(feature = "full")]
impl From<Protection> for Shield {
    fn from(protection: Protection) -> Self {
        let cipher = match protection.cipher {
            Cipher::Aes128 => "AES-128",
            Cipher::Aes192 => "AES-192",
            Cipher::Aes256 => "AES-256",
        };
        let (container, aead, chunk_length) = match protection.mode {
            ProtectionMode::Aead { mode, chunk_len } => {
                let mode = match mode {
                    AeadMode::Eax => "EAX",
                    AeadMode::Ocb => "OCB",
                    AeadMode::Gcm => "GCM",
                };
                ("SEIPDv2", Some(mode), Some(chunk_len))
            }
            _ => ("SEIPDv1", None, None),
        };
        Self {
            container,
            cipher,
            aead,
            chunk_length,
        }
    }
}

/// The error inside an error.
#[cfg(feature = "full")]
#[derive(Serialize)]
pub(crate) struct Cause {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

/// Why some recipients cannot be encrypted to.
#[cfg(feature = "full")]
#[derive(Serialize)]
pub(crate) struct Recipients {
    recipients: Vec<Unreachable>,
}

#[cfg(feature = "full")]
#[derive(Serialize)]
struct Unreachable {
    fingerprint: String,
    code: &'static str,
    reason: String,
}

#[cfg(feature = "full")]
pub(crate) fn recipient_problems(problems: &[RecipientProblem]) -> Recipients {
    let recipients = problems
        .iter()
        .map(|one| Unreachable {
            fingerprint: one.fingerprint.as_hex().to_owned(),
            code: problem_code(&one.problem),
            reason: one.problem.to_string(),
        })
        .collect();
    Recipients { recipients }
}

/// Whom a message is for, if not for us.
#[cfg(feature = "full")]
#[derive(Serialize)]
pub(crate) struct NotForUs<'a> {
    pub(crate) recipients: &'a [String],
    pub(crate) password: bool,
}

/// Which key is locked.
#[cfg(feature = "full")]
#[derive(Serialize)]
pub(crate) struct Locked<'a> {
    pub(crate) fingerprint: &'a str,
}

/// Which limit a message exceeds.
#[cfg(feature = "full")]
#[derive(Serialize)]
pub(crate) struct Exceeded {
    pub(crate) limit: &'static str,
}

#[cfg(feature = "full")]
pub(crate) fn limit(limit: ExceededLimit) -> &'static str {
    match limit {
        ExceededLimit::Decompressed => "decompressed",
        ExceededLimit::CompressionRatio => "compressionRatio",
        ExceededLimit::Nesting => "nesting",
        ExceededLimit::PasswordDerivation => "passwordDerivation",
        ExceededLimit::SessionKeys => "sessionKeys",
        ExceededLimit::Signatures => "signatures",
        _ => "other",
    }
}

/// Bytes, and what is told about them.
#[wasm_bindgen]
pub struct Content {
    pub(crate) data: js_sys::Uint8Array,
    pub(crate) told: wasm_bindgen::JsValue,
}

#[wasm_bindgen]
impl Content {
    /// The bytes, in JavaScript's memory.
    #[wasm_bindgen(getter)]
    pub fn data(&self) -> js_sys::Uint8Array {
        self.data.clone()
    }

    /// Verdicts and the like.
    #[wasm_bindgen(getter)]
    pub fn told(&self) -> wasm_bindgen::JsValue {
        self.told.clone()
    }
}
