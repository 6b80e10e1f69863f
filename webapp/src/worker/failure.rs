//! Errors of the client as failures the page has words for.

use mail_client::ClientError;

use crate::protocol::{Failure, FailureKind};

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        use FailureKind as K;
        let kind = match &error {
            ClientError::LoginFailed => K::LoginFailed,
            ClientError::WrongPassphrase => K::WrongPassphrase,
            ClientError::ServerNotTrusted(_) => K::ServerNotTrusted,
            ClientError::PassphraseChanged | ClientError::SessionEnded => K::LoggedOut,
            ClientError::AddressTaken => K::AddressTaken,
            ClientError::BadAddress => K::BadAddress,
            ClientError::RegistrationClosed => K::RegistrationClosed,
            ClientError::Offline => K::Offline,
            ClientError::TooManyRequests => K::TooManyRequests,
            ClientError::Locked | ClientError::NoAccount => K::Locked,
            ClientError::CannotOpen(_)
            | ClientError::NotFound
            | ClientError::NoSecretKey
            | ClientError::PasswordNeeded
            | ClientError::Damaged
            | ClientError::WrongKind(_) => K::CannotOpen,
            ClientError::NoKey(_) => K::NoKey,
            ClientError::KeyChanged(_) => K::KeyChanged,
            ClientError::TooLarge => K::TooLarge,
            ClientError::StorageFull => K::StorageFull,
            ClientError::Conflict => K::Conflict,
            ClientError::NoServer => K::Offline,
            ClientError::Exists => K::Conflict,
            ClientError::Store(_)
            | ClientError::BadInput(_)
            | ClientError::Protocol(_)
            | ClientError::Internal(_) => K::Internal,
        };
        Self {
            kind,
            details: error.to_string(),
        }
    }
}
