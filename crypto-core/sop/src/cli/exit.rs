//! The draft's failure modes and their numbers.

use std::fmt;

use letterlock_sop::Precise;
use sop::errors::{Error, ParseError};

/// Defines the codes with their numbers and names once.
macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $number:literal, $name:literal;)*) => {
        /// A failure mode of the draft.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Code {
            $($(#[$doc])* $variant,)*
        }

        impl Code {
            /// The exit code.
            pub(crate) fn number(self) -> u8 {
                match self {
                    $(Self::$variant => $number,)*
                }
            }

            /// The name in the draft.
            fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

codes! {
    /// Anything without a code of its own.
    UnspecifiedFailure = 1, "UNSPECIFIED_FAILURE";
    /// No signature that counts.
    NoSignature = 3, "NO_SIGNATURE";
    /// A kind of key that is not supported.
    UnsupportedAsymmetricAlgo = 13, "UNSUPPORTED_ASYMMETRIC_ALGO";
    /// Expired, revoked, or not for encryption.
    CertCannotEncrypt = 17, "CERT_CANNOT_ENCRYPT";
    /// Something that is needed was not given.
    MissingArg = 19, "MISSING_ARG";
    /// Half of what verifying needs was given.
    IncompleteVerification = 23, "INCOMPLETE_VERIFICATION";
    /// Nothing at hand opens it.
    CannotDecrypt = 29, "CANNOT_DECRYPT";
    /// Not text that people can type.
    PasswordNotHumanReadable = 31, "PASSWORD_NOT_HUMAN_READABLE";
    /// An option that is not known here.
    UnsupportedOption = 37, "UNSUPPORTED_OPTION";
    /// Not what was expected.
    BadData = 41, "BAD_DATA";
    /// Not UTF-8.
    ExpectedText = 53, "EXPECTED_TEXT";
    /// A file to be written exists.
    OutputExists = 59, "OUTPUT_EXISTS";
    /// A file to be read does not exist.
    MissingInput = 61, "MISSING_INPUT";
    /// A key stayed locked.
    KeyIsProtected = 67, "KEY_IS_PROTECTED";
    /// A verb that is not known here.
    UnsupportedSubcommand = 69, "UNSUPPORTED_SUBCOMMAND";
    /// `@SOMETHING:` that is not known here.
    UnsupportedSpecialPrefix = 71, "UNSUPPORTED_SPECIAL_PREFIX";
    /// A file has the name of a special designator.
    AmbiguousInput = 73, "AMBIGUOUS_INPUT";
    /// Expired, revoked, or not for signing.
    KeyCannotSign = 79, "KEY_CANNOT_SIGN";
    /// Options that contradict each other.
    IncompatibleOptions = 83, "INCOMPATIBLE_OPTIONS";
    /// No such profile, or the verb has none.
    UnsupportedProfile = 89, "UNSUPPORTED_PROFILE";
    /// The private part is on a device, which is not at hand.
    NoHardwareKeyFound = 97, "NO_HARDWARE_KEY_FOUND";
    /// The primary key is too weak or revoked.
    PrimaryKeyBad = 103, "PRIMARY_KEY_BAD";
    /// No such User ID, or nobody vouches for it.
    CertUseridNoMatch = 107, "CERT_USERID_NO_MATCH";
    /// Expired, revoked, or not for certifying.
    KeyCannotCertify = 109, "KEY_CANNOT_CERTIFY";
}

/// Why nothing was done.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: Code,
    message: String,
}

impl Failure {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, message }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.name(), self.message)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let code = match error {
            Error::NoSignature => Code::NoSignature,
            Error::UnsupportedAsymmetricAlgo => Code::UnsupportedAsymmetricAlgo,
            Error::CertCannotEncrypt => Code::CertCannotEncrypt,
            Error::KeyCannotSign => Code::KeyCannotSign,
            Error::MissingArg => Code::MissingArg,
            Error::IncompleteVerification => Code::IncompleteVerification,
            Error::CannotDecrypt => Code::CannotDecrypt,
            Error::PasswordNotHumanReadable => Code::PasswordNotHumanReadable,
            Error::UnsupportedOption => Code::UnsupportedOption,
            Error::BadData => Code::BadData,
            Error::ExpectedText => Code::ExpectedText,
            Error::OutputExists => Code::OutputExists,
            Error::MissingInput => Code::MissingInput,
            Error::KeyIsProtected => Code::KeyIsProtected,
            Error::AmbiguousInput => Code::AmbiguousInput,
            Error::IncompatibleOptions => Code::IncompatibleOptions,
            Error::NotImplemented => Code::UnsupportedSubcommand,
            Error::UnsupportedProfile => Code::UnsupportedProfile,
            Error::PrimaryKeyBad => Code::PrimaryKeyBad,
            Error::CertUseridNoMatch => Code::CertUseridNoMatch,
            Error::UnspecifiedFailure | Error::IoError(_) => Code::UnspecifiedFailure,
        };
        Self::new(code, error.to_string())
    }
}

impl From<Precise> for Failure {
    fn from(precise: Precise) -> Self {
        match precise {
            Precise::KeyCannotCertify => Self::new(
                Code::KeyCannotCertify,
                "a key that was given cannot certify",
            ),
            Precise::NoHardwareKeyFound => Self::new(
                Code::NoHardwareKeyFound,
                "the private part of a key is not in its file",
            ),
            _ => Self::new(Code::UnspecifiedFailure, "it failed"),
        }
    }
}

impl From<ParseError> for Failure {
    fn from(error: ParseError) -> Self {
        Self::new(Code::BadData, error.to_string())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new(Code::UnspecifiedFailure, error.to_string())
    }
}
