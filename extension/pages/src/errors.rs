//! A text for each kind of failure: what happened, what is safe, what to do.

use crate::i18n::t;
use ext_protocol::failure::{Failure, FailureKind};

/// The sentences for a person.
pub(crate) fn sentence(kind: FailureKind) -> String {
    match kind {
        FailureKind::NotSetUp => t!("failure-not-set-up"),
        FailureKind::Locked => t!("failure-locked"),
        FailureKind::WrongPassphrase => t!("failure-passphrase"),
        FailureKind::WrongRecoveryCode => t!("failure-recovery-code"),
        FailureKind::WrongPassword => t!("failure-password"),
        FailureKind::WrongKeyPassphrase => t!("failure-key-passphrase"),
        FailureKind::Damaged => t!("failure-damaged"),
        FailureKind::NoKey => t!("failure-no-key"),
        FailureKind::PasswordNeeded => t!("failure-password-needed"),
        FailureKind::WrongKind => t!("failure-wrong-kind"),
        FailureKind::RecipientWithoutKey => t!("failure-recipient"),
        FailureKind::KeyOffered => t!("failure-key-offered"),
        FailureKind::KeyChanged => t!("failure-key-changed"),
        FailureKind::TooLarge => t!("failure-too-large"),
        FailureKind::NotAnAddress => t!("failure-address"),
        FailureKind::NotFound => t!("failure-not-found"),
        FailureKind::Exists => t!("failure-exists"),
        FailureKind::Offline => t!("failure-offline"),
        FailureKind::NoServerThere => t!("failure-no-server"),
        FailureKind::ServerNotTrusted => t!("failure-server"),
        FailureKind::LoginFailed => t!("failure-login"),
        FailureKind::RegistrationClosed => t!("failure-closed"),
        FailureKind::AddressTaken => t!("failure-taken"),
        FailureKind::PassphraseChanged => t!("failure-passphrase-changed"),
        FailureKind::StorageFull => t!("failure-storage"),
        FailureKind::Cancelled => t!("failure-cancelled"),
        FailureKind::NotAllowed => t!("failure-not-allowed"),
        _ => t!("failure-internal"),
    }
}

/// A stable name for tests and for Details.
pub(crate) fn name(kind: FailureKind) -> String {
    format!("{kind:?}")
}

/// What stands under Details.
pub(crate) fn details(failure: &Failure) -> String {
    if failure.detail.is_empty() {
        name(failure.kind)
    } else {
        format!("{}: {}", name(failure.kind), failure.detail)
    }
}

/// The failure of a background that does not answer as it should.
pub(crate) fn unexpected(detail: &str) -> Failure {
    Failure {
        kind: FailureKind::Internal,
        detail: detail.to_owned(),
    }
}
