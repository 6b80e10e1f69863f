//! A text for each kind of failure: what happened, what is safe, what to do.

use super::i18n::t;
use crate::protocol::{Failure, FailureKind};

/// The sentences for a person.
pub(crate) fn sentence(kind: FailureKind) -> String {
    match kind {
        FailureKind::LoginFailed => t!("failure-login"),
        FailureKind::WrongPassphrase => t!("failure-passphrase"),
        FailureKind::ServerNotTrusted => t!("failure-server"),
        FailureKind::AddressTaken => t!("failure-taken"),
        FailureKind::BadAddress => t!("failure-address"),
        FailureKind::RegistrationClosed => t!("failure-closed"),
        FailureKind::Offline => t!("failure-offline"),
        FailureKind::TooManyRequests => t!("failure-too-many"),
        FailureKind::LoggedOut => t!("failure-logged-out"),
        FailureKind::Locked => t!("failure-locked"),
        FailureKind::CannotOpen => t!("failure-cannot-open"),
        FailureKind::NoKey => t!("failure-no-key"),
        FailureKind::KeyChanged => t!("failure-key-changed"),
        FailureKind::TooLarge => t!("failure-too-large"),
        FailureKind::StorageFull => t!("failure-storage"),
        FailureKind::Conflict => t!("failure-conflict"),
        FailureKind::Internal => t!("failure-internal"),
    }
}

/// A stable name for tests and for Details.
pub(crate) fn name(kind: FailureKind) -> String {
    format!("{kind:?}")
}

/// What stands under Details.
pub(crate) fn details(failure: &Failure) -> String {
    if failure.details.is_empty() {
        name(failure.kind)
    } else {
        format!("{}: {}", name(failure.kind), failure.details)
    }
}

/// The failure of a worker that does not answer as it should.
pub(crate) fn unexpected(details: &str) -> Failure {
    Failure {
        kind: FailureKind::Internal,
        details: details.to_owned(),
    }
}
