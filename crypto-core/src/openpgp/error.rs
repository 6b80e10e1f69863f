//! One error type an operation; none holds a secret or a plaintext.

use super::types::CertificateStatus;
use crate::{bulk::BulkError, ids::Fingerprint};

/// Why a certificate or a private key was not taken in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// A private key where only a public certificate belongs. It must not be stored or sent on.
    #[error("this is a private key, not a public certificate")]
    SecretKeyGiven,
    /// A public certificate where a private key was expected.
    #[error("this is a public certificate, not a private key")]
    PublicKeyGiven,
    /// More than one certificate where exactly one was expected.
    #[error("there is more than one certificate in it")]
    SeveralCertificates,
    /// Larger than any certificate needs to be.
    #[error("it is too large to be a certificate")]
    TooLarge,
    /// Not OpenPGP, or damaged.
    #[error("it is not an OpenPGP certificate or it is damaged: {0}")]
    Malformed(String),
    /// A version or algorithm that is not supported.
    #[error("it uses something that is not supported: {0}")]
    Unsupported(String),
    /// The private part does not belong to the public part: the file was altered.
    #[error("its private part does not fit its public part")]
    Altered,
}

/// Why a locked private key stayed locked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnlockError {
    /// The passphrase is wrong, or the locked key was damaged; the two cannot be told apart.
    #[error("the passphrase is wrong or the key is damaged")]
    WrongPassphrase,
    /// The private part does not belong to the public part: the key was altered.
    #[error("the private part does not fit the public part")]
    Altered,
    /// Unlocking would need more memory or time than allowed.
    #[error("unlocking this key would need too much memory or time")]
    LimitExceeded,
    /// A way of locking that is not supported.
    #[error("the key is locked in a way that is not supported: {0}")]
    Unsupported(String),
    /// The secret is not in the file: it is on a card or was left out.
    #[error("the private part is not in this file")]
    SecretMissing,
}

/// Why a private key was not written locked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// It is locked already, with another passphrase.
    #[error("the key is locked; unlock it first")]
    Locked,
    /// An empty passphrase protects nothing.
    #[error("the passphrase is empty")]
    EmptyPassphrase,
    /// The key cannot be written.
    #[error("the key cannot be written: {0}")]
    Internal(String),
}

/// Why two versions of a certificate were not merged, or a revocation was not applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// The two have different primary keys.
    #[error("these are certificates of different keys")]
    DifferentKeys,
    /// The revocation was not made by this key, or is damaged.
    #[error("this is not a valid revocation of this key")]
    NotARevocation,
    /// What was given is not a certificate or a revocation.
    #[error(transparent)]
    Import(#[from] ImportError),
}

/// Why no key was generated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GenerateError {
    /// At least one User ID is needed.
    #[error("a key needs at least one name and address")]
    NoUserId,
    /// A User ID that cannot be written so that it is read back the same.
    #[error("this name and address cannot be written into a key: {0}")]
    BadUserId(String),
    /// The time does not fit into 32 bits.
    #[error("the time is out of range")]
    TimeOutOfRange,
    /// The library failed.
    #[error("the key could not be made: {0}")]
    Internal(String),
}

/// Why a certificate cannot be encrypted to, or cannot sign.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateProblem {
    /// The certificate as a whole is not in force.
    #[error("the certificate is not in force: {0:?}")]
    NotInForce(CertificateStatus),
    /// It has no key for this purpose that is in force and strong enough.
    #[error("the certificate has no usable key for this")]
    NoSuitableKey,
    /// It has a key for this purpose, of a kind that is not supported.
    #[error("the certificate's key for this is of a kind that is not supported")]
    UnsupportedKey,
}

/// A recipient that cannot be encrypted to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecipientProblem {
    /// The recipient's certificate.
    pub fingerprint: Fingerprint,
    /// What is wrong with it.
    pub problem: CertificateProblem,
}

/// Why a message was not encrypted. Nothing was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncryptError {
    /// Neither recipient nor password was given.
    #[error("no recipient was given")]
    NoRecipient,
    /// These recipients cannot be encrypted to.
    #[error("{} of the recipients cannot be encrypted to", .0.len())]
    Recipients(Vec<RecipientProblem>),
    /// The message cannot be signed.
    #[error("the message cannot be signed")]
    Sign(#[from] SignError),
    /// The engine failed.
    #[error("encryption failed")]
    Bulk(#[from] BulkError),
    /// The library failed.
    #[error("the message could not be written: {0}")]
    Internal(String),
}

/// Why nothing was signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The signing key is locked.
    #[error("the signing key is locked")]
    Locked,
    /// The signer's certificate cannot sign now.
    #[error(transparent)]
    Certificate(#[from] CertificateProblem),
    /// The text cannot be signed in this form.
    #[error("this text cannot be signed in the clear: {0}")]
    Text(&'static str),
    /// The time does not fit into 32 bits.
    #[error("the time is out of range")]
    TimeOutOfRange,
    /// The engine failed.
    #[error("hashing failed")]
    Bulk(#[from] BulkError),
    /// The library failed.
    #[error("the signature could not be made: {0}")]
    Internal(String),
}

/// Which of the [`super::Limits`] a message exceeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExceededLimit {
    /// Size after decompression.
    Decompressed,
    /// Compression ratio.
    CompressionRatio,
    /// Layers of compression.
    Nesting,
    /// Memory or passes of Argon2.
    PasswordDerivation,
    /// Number of session-key packets.
    SessionKeys,
    /// Number of signatures.
    Signatures,
}

/// Why a message was not decrypted. No byte of it was released.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecryptError {
    /// It is encrypted to other keys than those at hand.
    #[error("the message is encrypted to other keys")]
    NotForUs {
        /// Whom it is encrypted to, in hexadecimal: fingerprints or key IDs. Empty if it does
        /// not say.
        recipients: Vec<String>,
        /// It can also be opened with a password.
        password: bool,
    },
    /// No password given opens it.
    #[error("the password is wrong")]
    WrongPassword,
    /// The key it is encrypted to is at hand, but locked.
    #[error("the key for this message is locked")]
    Locked(Fingerprint),
    /// It was changed or damaged on its way, or the sender made it with a fault. One answer for
    /// all causes, so that nothing can be learnt by trying.
    #[error("the message was changed or damaged")]
    Damaged,
    /// It carries no protection against changes, so its content must not be shown.
    #[error("the message has no protection against changes")]
    NoIntegrity,
    /// It is SEIPDv1, which can be released only after all of it has been checked, and this source
    /// was to be read once: read it with `StreamChecker` and then again.
    #[error("the message can be checked only as a whole: its source must be read twice")]
    NeedsTwoPasses,
    /// It is not encrypted.
    #[error("the message is not encrypted")]
    NotEncrypted,
    /// It is not an OpenPGP message.
    #[error("this is not an OpenPGP message: {0}")]
    Malformed(String),
    /// A version or algorithm that is not supported.
    #[error("the message uses something that is not supported: {0}")]
    Unsupported(String),
    /// It asks for more than allowed.
    #[error("the message asks for too much: {0:?}")]
    LimitExceeded(ExceededLimit),
    /// The engine failed.
    #[error("decryption failed for a reason of the platform")]
    Platform,
}

/// Why a signature could not be looked at. A signature that is wrong is no error but a
/// [`super::SignatureVerdict`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// Not a signature, or not a signed text.
    #[error("this is not an OpenPGP signature: {0}")]
    Malformed(String),
    /// More signatures than allowed.
    #[error("there are too many signatures")]
    TooMany,
    /// The engine failed.
    #[error("hashing failed")]
    Bulk(#[from] BulkError),
}

/// Why User IDs were not certified, or a certificate not renewed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertifyError {
    /// The primary key is locked.
    #[error("the primary key is locked")]
    Locked,
    /// The primary key cannot vouch for anything now.
    #[error("the primary key cannot certify")]
    CannotCertify(CertificateProblem),
    /// The certificate has no such User ID that is in force.
    #[error("the certificate has no such User ID")]
    NoSuchUserId,
    /// The time does not fit into 32 bits.
    #[error("the time is out of range")]
    TimeOutOfRange,
    /// The library failed.
    #[error("the signature could not be made: {0}")]
    Internal(String),
}
