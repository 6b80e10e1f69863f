//! What a user interface shows: plain data without keys, made by the flows and safe to send
//! from the worker to the page.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

pub use mail_view::{Person, Protection, SignatureState, Trust, Verdict};

/// A line of the message list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageSummary {
    /// JMAP email id.
    pub id: String,
    /// JMAP thread id.
    pub thread_id: String,
    /// Mailboxes it is in.
    pub mailbox_ids: Vec<String>,
    /// Who wrote it.
    pub from: Person,
    /// To whom.
    pub to: Vec<Person>,
    /// The subject as the sender wrote it; empty when there is none.
    pub subject: String,
    /// The first words, at most 140 characters, one line.
    pub preview: String,
    /// When the server received it, Unix seconds.
    pub received_at: u64,
    /// Read.
    pub seen: bool,
    /// Starred.
    pub flagged: bool,
    /// Answered.
    pub answered: bool,
    /// It carries files.
    pub has_attachments: bool,
    /// The verdict.
    pub verdict: Verdict,
    /// Why it could not be opened, one sentence for people; the rest is then empty.
    pub problem: Option<String>,
}

/// A file in a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachmentInfo {
    /// Its place in the message; used to fetch it.
    pub index: usize,
    /// A safe file name: no path, no control or direction characters.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
}

/// A message, opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageView {
    /// The line of the list.
    pub summary: MessageSummary,
    /// Copies.
    pub cc: Vec<Person>,
    /// Where answers go, if not to From.
    pub reply_to: Vec<Person>,
    /// When the sender says it was written, Unix seconds.
    pub date: Option<u64>,
    /// Plain text, if there is any.
    pub text: Option<String>,
    /// HTML as it was sent: **not yet sanitised**. The worker cleans it before it leaves.
    pub html: Option<String>,
    /// Pictures that belong into the HTML, as `data:` URLs by Content-ID; for the cleaning of the
    /// HTML only, so they are not sent on.
    #[serde(skip)]
    pub inline_pictures: HashMap<String, String>,
    /// Files.
    pub attachments: Vec<AttachmentInfo>,
    /// RFC 5322 Message-ID without angle brackets, for answers.
    pub message_id: String,
    /// RFC 5322 References without angle brackets, oldest first.
    pub references: Vec<String>,
}

/// What a mailbox is for (RFC 8621, section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MailboxRole {
    /// New mail.
    Inbox,
    /// What was sent.
    Sent,
    /// Unfinished.
    Drafts,
    /// Put away.
    Archive,
    /// Thrown away.
    Trash,
    /// Unwanted.
    Junk,
    /// Anything else.
    Other,
}

/// A mailbox with its counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailboxView {
    /// JMAP mailbox id.
    pub id: String,
    /// Its name, for [`MailboxRole::Other`].
    pub name: String,
    /// Its role.
    pub role: MailboxRole,
    /// Messages.
    pub total: u64,
    /// Unread messages.
    pub unread: u64,
}

/// Whether mail to an address can be sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecipientState {
    /// A usable key is known.
    Ready {
        /// Fingerprint, upper-case hexadecimal.
        fingerprint: String,
        /// How far it is trusted.
        trust: Trust,
        /// The name in the certificate; may be empty.
        name: String,
    },
    /// The key differs from the one remembered; sending waits for a decision.
    KeyChanged {
        /// The remembered fingerprint.
        old: String,
        /// The new fingerprint.
        new: String,
    },
    /// There is a key, but it cannot be used.
    Unusable {
        /// One sentence.
        reason: String,
    },
    /// Nobody knows a key for this address.
    NoKey,
    /// It is not an address.
    NotAnAddress,
    /// The server could not be asked.
    Unknown,
}

/// A file to be sent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutgoingAttachment {
    /// File name.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// The bytes.
    #[serde(with = "serde_bytes")]
    pub data: Vec<u8>,
}

impl std::fmt::Debug for OutgoingAttachment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OutgoingAttachment({} bytes)", self.data.len())
    }
}

/// A message to be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outgoing {
    /// To.
    pub to: Vec<Person>,
    /// Cc.
    pub cc: Vec<Person>,
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// Files.
    pub attachments: Vec<OutgoingAttachment>,
    /// The email id this answers.
    pub in_reply_to: Option<String>,
}

/// What became of a message that was handed over for sending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SendOutcome {
    /// The server has delivered it.
    Sent,
    /// The server could not be reached: it lies sealed in the outbox and goes out by itself.
    Queued,
}

/// What the person is told about the connection and the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Notice {
    /// The server answers again.
    Online,
    /// The server cannot be reached; what is stored can be read.
    Offline,
    /// The browser gives no more room; new mail is shown but not kept.
    StorageFull,
    /// Damaged pieces of the local store were set aside; they will be fetched again.
    StorageDamaged {
        /// How many objects.
        objects: usize,
    },
    /// Another device changed the passphrase; log in again.
    PassphraseChanged,
    /// The session ended on the server; log in again.
    SessionEnded,
}

/// The steps of long work, told as they begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Step {
    /// Argon2id.
    StretchingPassphrase,
    /// OpenPGP keys.
    MakingKeys,
    /// Making or changing the account on the server.
    Registering,
    /// SRP.
    LoggingIn,
    /// Opening the vault.
    OpeningVault,
    /// Fetching and opening mail: how many of how many.
    Synchronising {
        /// Done.
        done: u32,
        /// Of.
        of: u32,
    },
    /// Encrypting a message.
    Sealing,
    /// Sending it.
    Sending,
}
