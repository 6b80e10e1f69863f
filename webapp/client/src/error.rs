//! What can go wrong, by what the person can do about it.

use crypto_core::vault::StoreError;

use crate::ports::TransportError;

/// Why a flow stopped. No variant carries a secret or a plaintext.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// Address and passphrase do not fit, as the server says.
    #[error("address and passphrase do not fit")]
    LoginFailed,
    /// The passphrase does not open what is stored on this device.
    #[error("the passphrase does not open this device's store")]
    WrongPassphrase,
    /// The server sent values outside our bounds or could not prove that it knows the account.
    #[error("the server cannot be trusted: {0}")]
    ServerNotTrusted(&'static str),
    /// The passphrase was changed on another device.
    #[error("the passphrase was changed on another device")]
    PassphraseChanged,
    /// The address is in use.
    #[error("the address is in use")]
    AddressTaken,
    /// The address is not one this server gives out.
    #[error("not an address of this server")]
    BadAddress,
    /// The server makes no new accounts.
    #[error("registration is closed")]
    RegistrationClosed,
    /// The server cannot be reached.
    #[error("the server cannot be reached")]
    Offline,
    /// Too many requests in a short time.
    #[error("too many requests; wait a little")]
    TooManyRequests,
    /// The session has ended on the server.
    #[error("the session has ended")]
    SessionEnded,
    /// Nothing is unlocked.
    #[error("locked")]
    Locked,
    /// Nothing is stored on this device.
    #[error("no account on this device")]
    NoAccount,
    /// The account on this device has no server.
    #[error("this account has no server")]
    NoServer,
    /// It is there already.
    #[error("it is there already")]
    Exists,
    /// A message is sealed to keys that are not at hand.
    #[error("it was sealed to other keys")]
    NoSecretKey,
    /// A password or passphrase is needed to open it.
    #[error("a password is needed")]
    PasswordNeeded,
    /// It was changed or is damaged, or nothing protects it against changes: nothing of it is
    /// shown.
    #[error("it was changed or is damaged")]
    Damaged,
    /// It is not what was asked for, such as a private key where a certificate belongs.
    #[error("{0}")]
    WrongKind(&'static str),
    /// A message cannot be opened.
    #[error("{0}")]
    CannotOpen(String),
    /// There is no such message, mailbox or attachment (any more).
    #[error("it is not there any more")]
    NotFound,
    /// Recipients without a usable key.
    #[error("no usable key for {}", .0.join(", "))]
    NoKey(Vec<String>),
    /// The key of this recipient differs from the one remembered.
    #[error("the key of {0} has changed")]
    KeyChanged(String),
    /// Larger than the server takes.
    #[error("too large")]
    TooLarge,
    /// The device has no room left.
    #[error("the device's store is full")]
    StorageFull,
    /// Another device or tab was faster.
    #[error("changed elsewhere at the same time")]
    Conflict,
    /// The device's store does not work.
    #[error("the device's store does not work: {0}")]
    Store(String),
    /// What was typed cannot be used, such as a recipient list without recipients.
    #[error("{0}")]
    BadInput(String),
    /// The server answered something that is not in the protocol.
    #[error("the server's answer makes no sense: {0}")]
    Protocol(String),
    /// A fault of ours.
    #[error("internal fault: {0}")]
    Internal(String),
}

impl From<TransportError> for ClientError {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::Unreachable | TransportError::TimedOut => Self::Offline,
            TransportError::TooLarge => Self::TooLarge,
        }
    }
}

impl From<StoreError> for ClientError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => Self::StorageFull,
            StoreError::Conflict => Self::Conflict,
            StoreError::Unavailable(why) => Self::Store(why),
        }
    }
}
