//! What `crypto-core` says, in the draft's words.

use crypto_core::openpgp::{
    CertificateProblem, CertifyError, DecryptError, EncryptError, ImportError, LockError,
    RecipientProblem, SignError, UnlockError, VerifyError,
};
use sop::errors::Error;

use crate::Sop;

/// Answers of the draft that [`sop::errors::Error`] has no name for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Precise {
    /// `KEY_CANNOT_CERTIFY`: a key that was to certify cannot.
    KeyCannotCertify,
    /// `NO_HARDWARE_KEY_FOUND`: the private part is on a device, which is not at hand.
    NoHardwareKeyFound,
}

impl Sop {
    /// An error that the trait cannot name, and the closest one that it can.
    pub(crate) fn precise(&self, precise: Precise) -> Error {
        self.precise.set(Some(precise));
        match precise {
            Precise::KeyCannotCertify => Error::KeyCannotSign,
            Precise::NoHardwareKeyFound => Error::KeyCannotSign,
        }
    }

    pub(crate) fn certify_error(&self, error: CertifyError) -> Error {
        match error {
            CertifyError::Locked => Error::KeyIsProtected,
            CertifyError::CannotCertify(_) => self.precise(Precise::KeyCannotCertify),
            CertifyError::NoSuchUserId => Error::CertUseridNoMatch,
            _ => Error::UnspecifiedFailure,
        }
    }
}

pub(crate) fn import(error: ImportError) -> Error {
    match error {
        ImportError::Unsupported(_) => Error::UnsupportedAsymmetricAlgo,
        _ => Error::BadData,
    }
}

pub(crate) fn unlock(error: UnlockError) -> Error {
    match error {
        UnlockError::Altered => Error::BadData,
        _ => Error::KeyIsProtected,
    }
}

pub(crate) fn lock(error: LockError) -> Error {
    match error {
        LockError::Locked => Error::KeyIsProtected,
        LockError::EmptyPassphrase => Error::PasswordNotHumanReadable,
        _ => Error::UnspecifiedFailure,
    }
}

pub(crate) fn sign(error: SignError) -> Error {
    match error {
        SignError::Locked => Error::KeyIsProtected,
        SignError::Certificate(_) => Error::KeyCannotSign,
        SignError::Text(_) => Error::ExpectedText,
        _ => Error::UnspecifiedFailure,
    }
}

pub(crate) fn encrypt(error: EncryptError) -> Error {
    match error {
        EncryptError::NoRecipient => Error::MissingArg,
        EncryptError::Recipients(problems) => {
            let unsupported =
                |problem: &RecipientProblem| problem.problem == CertificateProblem::UnsupportedKey;
            if problems.iter().all(unsupported) {
                Error::UnsupportedAsymmetricAlgo
            } else {
                Error::CertCannotEncrypt
            }
        }
        EncryptError::Sign(error) => sign(error),
        _ => Error::UnspecifiedFailure,
    }
}

pub(crate) fn verify(error: VerifyError) -> Error {
    match error {
        VerifyError::Malformed(_) => Error::BadData,
        VerifyError::TooMany => Error::NoSignature,
        _ => Error::UnspecifiedFailure,
    }
}

/// One answer for everything that tells nothing about the content; a message that is none is
/// said to be none.
pub(crate) fn decrypt(error: DecryptError) -> Error {
    match error {
        DecryptError::Locked(_) => Error::KeyIsProtected,
        DecryptError::NotEncrypted | DecryptError::Malformed(_) => Error::BadData,
        _ => Error::CannotDecrypt,
    }
}
