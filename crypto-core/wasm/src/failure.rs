//! Errors, as JavaScript sees them: an `Error` with the operation's `name`, the variant's `code`,
//! and `details` where a variant has any.
//!
//! The TypeScript layer turns them into classes. Codes are part of the interface, so they are
//! written out here instead of being derived from the names of variants.

use std::fmt::Display;

use crypto_core::openpgp::{ArmorError, CertificateProblem, ImportError, MergeError, VerifyError};
#[cfg(feature = "full")]
use crypto_core::openpgp::{
    DecryptError, EncryptError, GenerateError, LockError, SignError, UnlockError,
};
use js_sys::{Error, Reflect};
use serde::Serialize;
use wasm_bindgen::JsValue;

#[cfg(feature = "full")]
use crate::shapes;

/// Something that has a name and a code in JavaScript.
pub(crate) trait Failure: Display {
    /// The class of the error.
    const NAME: &'static str;
    /// Which of the class's cases it is.
    fn code(&self) -> &'static str;
    /// What else the case says.
    fn details(&self) -> JsValue {
        JsValue::UNDEFINED
    }
}

/// Makes the JavaScript error.
pub(crate) fn thrown<F: Failure>(failure: F) -> JsValue {
    let error = Error::new(&failure.to_string());
    error.set_name(F::NAME);
    // Setting properties of a fresh object cannot fail.
    let _ = Reflect::set(&error, &"code".into(), &failure.code().into());
    let _ = Reflect::set(&error, &"details".into(), &failure.details());
    error.into()
}

/// Turns what can be serialised into a JavaScript value.
pub(crate) fn value(of: &impl Serialize) -> JsValue {
    // Plain data: text, numbers, lists.
    serde_wasm_bindgen::to_value(of).unwrap_or(JsValue::UNDEFINED)
}

impl Failure for ImportError {
    const NAME: &'static str = "ImportError";

    fn code(&self) -> &'static str {
        match self {
            Self::SecretKeyGiven => "SecretKeyGiven",
            Self::PublicKeyGiven => "PublicKeyGiven",
            Self::SeveralCertificates => "SeveralCertificates",
            Self::TooLarge => "TooLarge",
            Self::Malformed(_) => "Malformed",
            Self::Unsupported(_) => "Unsupported",
            Self::Altered => "Altered",
            _ => "Other",
        }
    }
}

impl Failure for MergeError {
    const NAME: &'static str = "MergeError";

    fn code(&self) -> &'static str {
        match self {
            Self::DifferentKeys => "DifferentKeys",
            Self::NotARevocation => "NotARevocation",
            Self::Import(_) => "Malformed",
            _ => "Other",
        }
    }
}

impl Failure for VerifyError {
    const NAME: &'static str = "VerifyError";

    fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "Malformed",
            Self::TooMany => "TooMany",
            Self::Bulk(_) => "Platform",
            _ => "Other",
        }
    }
}

impl Failure for ArmorError {
    const NAME: &'static str = "ArmorError";

    fn code(&self) -> &'static str {
        "Malformed"
    }
}

/// The code of what keeps a certificate from being used.
pub(crate) fn problem_code(problem: &CertificateProblem) -> &'static str {
    match problem {
        CertificateProblem::NotInForce(_) => "NotInForce",
        CertificateProblem::NoSuitableKey => "NoSuitableKey",
        _ => "Other",
    }
}

#[cfg(feature = "full")]
impl Failure for GenerateError {
    const NAME: &'static str = "GenerateError";

    fn code(&self) -> &'static str {
        match self {
            Self::NoUserId => "NoUserId",
            Self::BadUserId(_) => "BadUserId",
            Self::TimeOutOfRange => "TimeOutOfRange",
            _ => "Other",
        }
    }
}

#[cfg(feature = "full")]
impl Failure for UnlockError {
    const NAME: &'static str = "UnlockError";

    fn code(&self) -> &'static str {
        match self {
            Self::WrongPassphrase => "WrongPassphrase",
            Self::Altered => "Altered",
            Self::LimitExceeded => "LimitExceeded",
            Self::Unsupported(_) => "Unsupported",
            Self::SecretMissing => "SecretMissing",
            _ => "Other",
        }
    }
}

#[cfg(feature = "full")]
impl Failure for LockError {
    const NAME: &'static str = "LockError";

    fn code(&self) -> &'static str {
        match self {
            Self::Locked => "Locked",
            Self::EmptyPassphrase => "EmptyPassphrase",
            _ => "Other",
        }
    }
}

#[cfg(feature = "full")]
impl Failure for SignError {
    const NAME: &'static str = "SignError";

    fn code(&self) -> &'static str {
        match self {
            Self::Locked => "Locked",
            Self::Certificate(problem) => problem_code(problem),
            Self::Text(_) => "Text",
            Self::TimeOutOfRange => "TimeOutOfRange",
            Self::Bulk(_) => "Platform",
            _ => "Other",
        }
    }
}

#[cfg(feature = "full")]
impl Failure for EncryptError {
    const NAME: &'static str = "EncryptError";

    fn code(&self) -> &'static str {
        match self {
            Self::NoRecipient => "NoRecipient",
            Self::Recipients(_) => "Recipients",
            Self::Sign(_) => "Sign",
            Self::Bulk(_) => "Platform",
            _ => "Other",
        }
    }

    fn details(&self) -> JsValue {
        match self {
            Self::Recipients(problems) => value(&shapes::recipient_problems(problems)),
            Self::Sign(error) => value(&shapes::Cause {
                code: error.code(),
                message: error.to_string(),
            }),
            _ => JsValue::UNDEFINED,
        }
    }
}

#[cfg(feature = "full")]
impl Failure for DecryptError {
    const NAME: &'static str = "DecryptError";

    fn code(&self) -> &'static str {
        match self {
            Self::NotForUs { .. } => "NotForUs",
            Self::WrongPassword => "WrongPassword",
            Self::Locked(_) => "Locked",
            Self::Damaged => "Damaged",
            Self::NoIntegrity => "NoIntegrity",
            Self::NotEncrypted => "NotEncrypted",
            Self::Malformed(_) => "Malformed",
            Self::Unsupported(_) => "Unsupported",
            Self::LimitExceeded(_) => "LimitExceeded",
            Self::Platform => "Platform",
            Self::NeedsTwoPasses => "NeedsTwoPasses",
            _ => "Other",
        }
    }

    fn details(&self) -> JsValue {
        match self {
            Self::NotForUs {
                recipients,
                password,
            } => value(&shapes::NotForUs {
                recipients,
                password: *password,
            }),
            Self::Locked(print) => value(&shapes::Locked {
                fingerprint: print.as_hex(),
            }),
            Self::LimitExceeded(limit) => value(&shapes::Exceeded {
                limit: shapes::limit(*limit),
            }),
            _ => JsValue::UNDEFINED,
        }
    }
}
