//! Errors of the client in words that frames and pages have a sentence for.

use ext_protocol::failure::{Failure, FailureKind};
use mail_client::ClientError;

/// A failure of the client.
pub(crate) fn failure(error: ClientError) -> Failure {
    use FailureKind as K;
    let kind = match &error {
        ClientError::NoAccount => K::NotSetUp,
        ClientError::Locked | ClientError::SessionEnded => K::Locked,
        ClientError::WrongPassphrase => K::WrongPassphrase,
        ClientError::LoginFailed => K::LoginFailed,
        ClientError::Damaged | ClientError::CannotOpen(_) => K::Damaged,
        ClientError::NoSecretKey => K::NoKey,
        ClientError::PasswordNeeded => K::PasswordNeeded,
        ClientError::WrongKind(_) => K::WrongKind,
        ClientError::NoKey(_) => K::RecipientWithoutKey,
        ClientError::KeyChanged(_) => K::KeyChanged,
        ClientError::TooLarge => K::TooLarge,
        ClientError::BadAddress => K::NotAnAddress,
        ClientError::NotFound => K::NotFound,
        ClientError::Exists => K::Exists,
        ClientError::AddressTaken => K::AddressTaken,
        ClientError::RegistrationClosed => K::RegistrationClosed,
        ClientError::ServerNotTrusted(_) => K::ServerNotTrusted,
        ClientError::PassphraseChanged => K::PassphraseChanged,
        ClientError::NoServer => K::NotAllowed,
        ClientError::BadInput(_) => K::NotAllowed,
        ClientError::Offline | ClientError::TooManyRequests => K::Offline,
        ClientError::StorageFull => K::StorageFull,
        _ => K::Internal,
    };
    Failure {
        kind,
        detail: error.to_string(),
    }
}

/// A failure of the client where another secret than the vault's passphrase was asked for; which,
/// `wrong` says.
pub(crate) fn failure_of(wrong: FailureKind) -> impl Fn(ClientError) -> Failure {
    move |error| {
        let is_secret = matches!(error, ClientError::WrongPassphrase);
        let mut failure = failure(error);
        if is_secret {
            failure.kind = wrong;
        }
        failure
    }
}

/// A failure with a remark for experts.
pub(crate) fn failed(kind: FailureKind, detail: &str) -> Failure {
    Failure {
        kind,
        detail: detail.to_owned(),
    }
}
