//! Plain data that frames and pages show. No keys.

use serde::{Deserialize, Serialize};

pub use mail_view::{Person, Protection, SignatureState, Trust, Verdict};

/// The picture a person chose, shown in every frame so that an imitation can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Mark {
    /// Which of the built-in pictures.
    pub picture: u8,
    /// Which of the built-in colours.
    pub colour: u8,
}

/// How many pictures there are to choose from.
pub const MARK_PICTURES: u8 = 24;
/// How many colours there are to choose from.
pub const MARK_COLOURS: u8 = 8;

/// Whether the keys are at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "view.ts"))]
#[serde(rename_all = "camelCase")]
pub enum VaultState {
    /// First run.
    NotSetUp,
    /// A passphrase is needed.
    Locked,
    /// Ready.
    Unlocked,
}

/// A file in a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Attachment {
    /// Its place; used to fetch it.
    pub index: u32,
    /// A safe file name.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
}

/// A message, opened: what a reader frame shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OpenedMessage {
    /// Who wrote it: the protected header field, else what the page shows.
    pub from: Person,
    /// To whom, when the message says so inside.
    pub to: Vec<Person>,
    /// Copies, when the message says so inside.
    pub cc: Vec<Person>,
    /// The subject inside, when there is one.
    pub subject: Option<String>,
    /// When the sender says it was written, Unix seconds.
    pub date: Option<u64>,
    /// Plain text.
    pub text: Option<String>,
    /// Sanitised HTML; shown in the sandboxed message frame only.
    pub html: Option<String>,
    /// The HTML asks for content from the network, which was left out.
    pub has_remote: bool,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// A key that came with it and may be kept.
    pub attached_key: Option<KeyOffer>,
    /// The verdict.
    pub verdict: Verdict,
}

/// A key that somebody sent along. It is kept only when the person says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeyOffer {
    /// Upper-case hexadecimal.
    pub fingerprint: String,
    /// User ids.
    pub user_ids: Vec<String>,
    /// The fingerprint remembered for the same address, if it differs.
    pub replaces: Option<String>,
}

/// Whether mail to an address can be sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum RecipientState {
    /// A usable key is known.
    Ready {
        /// Upper-case hexadecimal.
        fingerprint: String,
        /// How far it is trusted.
        trust: Trust,
        /// Name in the certificate or from signed mail; may be empty.
        name: String,
        /// Where the key came from.
        source: KeySource,
    },
    /// The key differs from the one remembered.
    KeyChanged {
        /// Remembered.
        old: String,
        /// New.
        new: String,
        /// Where the new one came from.
        source: KeySource,
    },
    /// There is a key, but it cannot be used.
    Unusable {
        /// One sentence.
        reason: String,
    },
    /// No key was found.
    NoKey,
    /// It is not an address.
    NotAnAddress,
    /// Looking is still going on or failed; the key may exist.
    Unknown,
}

/// Where a key came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum KeySource {
    /// One's own.
    Own,
    /// Imported by the person.
    Imported,
    /// Attached to mail.
    Mail,
    /// An Autocrypt header field.
    Autocrypt,
    /// Web Key Directory of the address's domain.
    Wkd,
    /// The directory of the person's Letterlock server.
    Directory,
}
