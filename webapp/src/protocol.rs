//! What the page and the worker say to each other.
//!
//! The page asks, the worker answers each request once and tells events on its own. The enums
//! are closed; a message that is none of them is dropped. Nothing here holds a key. Secrets
//! (passphrases) go from the page to the worker only.
//!
//! Messages travel as postcard's bytes ([`encode`], [`decode`]): both ends come from one build. In
//! the extension the background is at the other end, by a line that carries text, so there they
//! travel in base64.

use mail_client::view::{
    MailboxView, MessageSummary, MessageView, Notice, Outgoing, Person, RecipientState, SendOutcome,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

/// A message as bytes; `None` for what cannot be written, which none of these is.
#[must_use]
pub fn encode<T: Serialize>(message: &T) -> Option<Zeroizing<Vec<u8>>> {
    postcard::to_stdvec(message).map(Zeroizing::new).ok()
}

/// A message from bytes; `None` when it is none of the closed enum, or more than one.
#[must_use]
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let (message, rest) = postcard::take_from_bytes(bytes).ok()?;
    rest.is_empty().then_some(message)
}

/// A request with its number; the answer carries the same.
#[derive(Serialize, Deserialize)]
pub struct Numbered<T> {
    /// Chosen by the page.
    pub number: u32,
    /// The request or the answer.
    pub body: T,
}

/// What the page asks. `Debug` is not derived: some variants hold passphrases.
#[derive(Serialize, Deserialize)]
pub enum Request {
    /// First message: where the server is (empty: the page's own origin), what is stored here.
    /// Answered by [`Answer::Started`], or by [`Answer::Entered`] where the account is open already.
    Start {
        /// Origin such as `https://mail.example.org`; empty for the page's own.
        server: String,
    },
    /// The domains the server gives out addresses in.
    ServerInfo,
    /// Makes an account and enters it. Progress comes as [`Event::Progress`].
    SignUp {
        /// The whole address.
        address: String,
        /// The display name; may be empty.
        name: String,
        /// The passphrase.
        passphrase: String,
        /// Publish the certificate to everybody (WKD, HKP).
        publish: bool,
    },
    /// Enters an account from this device for the first time, or after log-out.
    LogIn {
        /// The whole address.
        address: String,
        /// The passphrase.
        passphrase: String,
    },
    /// Opens what is stored on this device; works without the server.
    Unlock {
        /// The passphrase.
        passphrase: String,
    },
    /// Forgets all keys; what is stored stays sealed.
    Lock,
    /// Ends the session and removes everything from this device.
    LogOut,
    /// Replaces the passphrase.
    ChangePassphrase {
        /// The old one.
        old: String,
        /// The new one.
        new: String,
    },
    /// The mailboxes with their counts.
    Mailboxes,
    /// The messages of a mailbox, newest first.
    Messages {
        /// JMAP mailbox id.
        mailbox_id: String,
    },
    /// Opens a message and marks it read.
    Open {
        /// JMAP email id.
        id: String,
    },
    /// The bytes of an attachment; answered by [`Answer::Bytes`].
    Attachment {
        /// JMAP email id.
        id: String,
        /// See `AttachmentInfo::index`.
        index: usize,
    },
    /// Marks read or unread, starred or not.
    SetFlags {
        /// JMAP email id.
        id: String,
        /// Read; `None` leaves it.
        seen: Option<bool>,
        /// Starred; `None` leaves it.
        flagged: Option<bool>,
    },
    /// Moves a message.
    Move {
        /// JMAP email id.
        id: String,
        /// JMAP mailbox id.
        to: String,
    },
    /// Whether mail to an address can be sealed.
    Recipient {
        /// The address as typed.
        address: String,
    },
    /// Accepts a changed key after the person was told.
    AcceptKey {
        /// The address.
        address: String,
        /// The new fingerprint that was shown.
        fingerprint: String,
    },
    /// Sends a message, or keeps it sealed until the server answers.
    Send(Outgoing),
    /// Asks the server for news now.
    Refresh,
    /// One's own certificate, armored, to give away.
    OwnCertificate,
    /// How long a passphrase would resist, for the strength line.
    Strength {
        /// What was typed.
        passphrase: String,
        /// Words a guesser would try first: address and name.
        known: Vec<String>,
    },
}

/// What the worker answers.
#[derive(Serialize, Deserialize)]
pub enum Answer {
    /// To [`Request::Start`].
    Started(Stored),
    /// To [`Request::ServerInfo`].
    ServerInfo {
        /// Domains, the usual one first.
        domains: Vec<String>,
        /// True when anybody may make an account.
        registration_open: bool,
    },
    /// To [`Request::SignUp`], [`Request::LogIn`] and [`Request::Unlock`].
    Entered {
        /// The account.
        me: Person,
        /// Fingerprint of one's own certificate.
        fingerprint: String,
    },
    /// To [`Request::Mailboxes`].
    Mailboxes(Vec<MailboxView>),
    /// To [`Request::Messages`].
    Messages(Vec<MessageSummary>),
    /// To [`Request::Open`]. `html` is sanitised and can only be shown in the message frame.
    Message(Box<OpenedMessage>),
    /// To [`Request::Attachment`].
    Bytes {
        /// A safe file name.
        name: String,
        /// Media type; shown only as a download.
        media_type: String,
        /// The bytes.
        #[serde(with = "serde_bytes")]
        data: Vec<u8>,
    },
    /// To [`Request::Recipient`].
    Recipient(RecipientState),
    /// To [`Request::Send`].
    Sent(SendOutcome),
    /// To [`Request::OwnCertificate`].
    Certificate {
        /// ASCII armor.
        armored: String,
        /// Upper-case hexadecimal.
        fingerprint: String,
    },
    /// To [`Request::Strength`].
    Strength(Strength),
    /// Done, nothing to tell.
    Done,
    /// It could not be done.
    Failed(Failure),
}

/// What is stored on this device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stored {
    /// Nothing: show the welcome page.
    Nothing,
    /// Keys without a server, in the extension: there is no mail here before there is an account.
    NoServer {
        /// The person's address.
        address: String,
    },
    /// An account, locked.
    Locked {
        /// Its address.
        address: String,
    },
}

/// A message with its HTML cleaned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenedMessage {
    /// The message; its `html` is sanitised.
    pub view: MessageView,
    /// True when the HTML names remote pictures that are not loaded.
    pub has_remote_content: bool,
}

/// How long a passphrase would resist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strength {
    /// 0 (at once) to 4 (centuries).
    pub score: u8,
    /// Seconds an attacker with the server's database and 1,000 graphics cards would need on
    /// average, in view of Argon2id's cost; saturates.
    pub seconds: u64,
}

/// Why something could not be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The kind; the page has a text for each.
    pub kind: FailureKind,
    /// What stands under Details; no secrets.
    pub details: String,
}

/// The kinds of failure the page has words for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FailureKind {
    /// Address and passphrase do not fit.
    LoginFailed,
    /// The passphrase does not open what is stored here.
    WrongPassphrase,
    /// The server could not prove that it knows the account, or sent values outside our bounds.
    ServerNotTrusted,
    /// The address is in use.
    AddressTaken,
    /// The address is not one this server gives out.
    BadAddress,
    /// Registration is closed.
    RegistrationClosed,
    /// The server cannot be reached.
    Offline,
    /// Too many tries.
    TooManyRequests,
    /// The session has ended; unlock again.
    LoggedOut,
    /// The account is locked.
    Locked,
    /// A message cannot be opened: damaged, changed, or not to us.
    CannotOpen,
    /// A recipient has no usable key.
    NoKey,
    /// A recipient's key has changed and was not accepted.
    KeyChanged,
    /// The message is larger than the server takes.
    TooLarge,
    /// The browser gives no more room.
    StorageFull,
    /// Another device or tab was faster; look again.
    Conflict,
    /// A fault of ours or the server's.
    Internal,
}

/// What the worker tells on its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// Long work: which step of how many; the page has a text for each step.
    Progress {
        /// What is being done.
        step: ProgressStep,
        /// How many parts are done.
        done: u32,
        /// Of how many; 0 when unknown.
        of: u32,
    },
    /// Mail came or changed: ask again for mailboxes and messages.
    MailChanged,
    /// Messages waiting to be sent.
    Outbox {
        /// How many.
        waiting: usize,
    },
    /// Something about the connection or the store.
    Notice(Notice),
    /// Locked, by request, by another tab or because the worker decided so.
    Locked,
    /// Another tab logged out.
    LoggedOut,
}

/// The steps of long work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ProgressStep {
    /// Argon2id.
    StretchingPassphrase,
    /// OpenPGP keys.
    MakingKeys,
    /// Talking to the server.
    Registering,
    /// SRP.
    LoggingIn,
    /// Opening the vault.
    OpeningVault,
    /// Fetching and opening mail.
    Synchronising,
    /// Encrypting a message.
    Sealing,
    /// Sending it.
    Sending,
}

/// Everything the worker sends.
#[derive(Serialize, Deserialize)]
pub enum FromWorker {
    /// The worker runs and waits for [`Request::Start`].
    Ready,
    /// To the request of that number.
    Answer(Numbered<Answer>),
    /// On its own.
    Event(Event),
}
