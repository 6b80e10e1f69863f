//! Why a request was not done. Pages translate the kind; `detail` stands under "Details".

use serde::{Deserialize, Serialize};

/// A request that was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "failure.ts"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Failure {
    /// What kind.
    pub kind: FailureKind,
    /// For experts, in English, without secrets or plaintext; may be empty.
    pub detail: String,
}

/// The kinds of failure, each with its own sentence in the pages' texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "failure.ts"))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum FailureKind {
    /// There is no vault yet: first run.
    NotSetUp,
    /// The vault is locked.
    Locked,
    /// The passphrase is wrong.
    WrongPassphrase,
    /// The code of a recovery sheet is wrong, or of another sheet.
    WrongRecoveryCode,
    /// The password of a message or file is wrong.
    WrongPassword,
    /// The passphrase that locks a key in a file is wrong.
    WrongKeyPassphrase,
    /// The message, file or key is damaged or was changed; nothing of it is shown.
    Damaged,
    /// No key of this person opens the message.
    NoKey,
    /// The message needs a password.
    PasswordNeeded,
    /// What was given is not what was asked for (a private key where a public one belongs, ...).
    WrongKind,
    /// Recipients lack a usable key; the frame shows which.
    RecipientWithoutKey,
    /// A recipient's key differs from the remembered one; the person has to decide.
    KeyChanged,
    /// Another key of this person is known: this one is laid beside it and not used.
    KeyOffered,
    /// It is larger than the limit in `detail`.
    TooLarge,
    /// Not an address.
    NotAnAddress,
    /// The thing asked for is gone.
    NotFound,
    /// A key or name is there already.
    Exists,
    /// The network did not answer.
    Offline,
    /// No Letterlock server answers at this address.
    NoServerThere,
    /// The server could not prove that it knows the account, or sent values outside our bounds.
    ServerNotTrusted,
    /// Address and passphrase do not fit, as the server says.
    LoginFailed,
    /// The server takes no new accounts.
    RegistrationClosed,
    /// Somebody has this address on the server.
    AddressTaken,
    /// The account's passphrase was changed on another device.
    PassphraseChanged,
    /// The browser gives no more room.
    StorageFull,
    /// The person said no, or closed the window.
    Cancelled,
    /// The peer may not ask this.
    NotAllowed,
    /// The browser did something nobody expected.
    Internal,
}

impl Failure {
    /// A failure without details.
    pub fn new(kind: FailureKind) -> Self {
        Self {
            kind,
            detail: String::new(),
        }
    }
}
