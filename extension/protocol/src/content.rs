//! Content scripts: they find ciphertext and compose windows in a page, and place our frames.
//!
//! # Security
//! A content script lives beside the page's code. It never gets plaintext, and what it says about
//! the page (sender, recipients) is the page's claim, not a fact.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    api,
    provider::{Provider, SelfTest},
    transfer::Part,
    view::{Person, VaultState},
};

/// Names a frame that was placed in this page; unguessable, but no secret: it opens nothing.
pub type FrameId = String;

/// What a content script asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    test,
    derive(ts_rs::TS),
    ts(export_to = "content.ts", rename = "ContentRequest")
)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Request {
    /// First message. Answered by [`Answer::Welcome`].
    Hello,
    /// A frame that shows a message. Answered by [`Answer::Frame`].
    OpenReader {
        /// What was found.
        source: Source,
        /// Who sent it, as the page shows it.
        sender: Person,
        /// The page's own id of the message, for remembering; may be empty.
        message_id: String,
        /// Made up by the content script: the same for all that the page shows as one message, and
        /// for nothing else. Empty: it stands alone.
        #[serde(default)]
        message: String,
    },
    /// A frame to write in. Answered by [`Answer::Frame`].
    OpenEditor(EditorOpening),
    /// The recipients in the page changed, or its name for the letter.
    Recipients {
        /// The editor.
        frame: FrameId,
        /// Who.
        recipients: Recipients,
        /// What names the letter now, as in [`EditorOpening::draft_key`]; may be empty.
        draft_key: String,
    },
    /// The frame's element is gone from the page.
    Closed {
        /// The frame.
        frame: FrameId,
    },
    /// A piece of a file that a [`Source`] or [`Request::Fetched`] names.
    Part(Part),
    /// Answers [`Event::Fetch`]: the file came as parts, or could not be had (`None`).
    Fetched {
        /// The frame that asked.
        frame: FrameId,
        /// Number of the attachment in [`Source::Attachments`].
        attachment: u32,
        /// Number of the file in [`Part::file`].
        file: Option<u32>,
    },
    /// Answers [`Event::Insert`]: what could not be put into the page, by role; empty if all was.
    Inserted {
        /// The editor.
        frame: FrameId,
        /// Roles such as `body`, `subject`, `files`.
        failed: Vec<String>,
    },
    /// An Autocrypt header field that the page shows.
    Autocrypt {
        /// The value.
        header: String,
        /// From, as the page shows it.
        from: String,
        /// Date, Unix seconds.
        date: u64,
    },
    /// What the self-test of the selectors found.
    SelfTest(SelfTest),
    /// The page looks like one that would use the client API, or tried to, and is not approved:
    /// the person is told by the toolbar icon, never in the page.
    AsksApi,
    /// A call of the client API by the page; only on sites where it was approved.
    Api {
        /// The call.
        call: api::Call,
    },
}

/// What was found in the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "content.ts"))]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Source {
    /// Armored text in the message's body: encrypted or cleartext-signed.
    Inline {
        /// The armor, as text.
        armored: String,
    },
    /// Attachments that look encrypted; fetched when they are needed.
    Attachments {
        /// In the page's order.
        attachments: Vec<PageAttachment>,
    },
}

/// An attachment as the page lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "content.ts"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PageAttachment {
    /// File name, as the page shows it; may be empty.
    pub name: String,
    /// Media type, if the page tells.
    pub media_type: String,
    /// Bytes, if the page tells.
    pub size: Option<u64>,
}

/// The recipients as the page shows them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "content.ts"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Recipients {
    /// To.
    pub to: Vec<Person>,
    /// Cc.
    pub cc: Vec<Person>,
    /// Bcc.
    pub bcc: Vec<Person>,
}

/// What an editor begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "content.ts"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EditorOpening {
    /// Who writes, as the page shows it; may be empty.
    pub from: String,
    /// To whom.
    pub recipients: Recipients,
    /// Subject in the page.
    pub subject: String,
    /// Text that stood in the page's own box already.
    pub typed: String,
    /// Names the letter so that its draft is found again; may be empty.
    pub draft_key: String,
    /// The reader whose message is answered or forwarded.
    pub quote: Option<FrameId>,
    /// The page can take encrypted files as attachments.
    pub takes_files: bool,
}

/// What a content script is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    test,
    derive(ts_rs::TS),
    ts(export_to = "content.ts", rename = "ContentAnswer")
)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Answer {
    /// To [`Request::Hello`].
    Welcome {
        /// How to understand this page; `None`: this site is not switched on.
        provider: Option<Provider>,
        /// The page may use the client API.
        api: bool,
        /// Texts for what the content script shows in the page, by key.
        strings: BTreeMap<String, String>,
        /// Whether the keys are at hand.
        vault: VaultState,
    },
    /// To [`Request::OpenReader`] and [`Request::OpenEditor`].
    Frame {
        /// The frame's id.
        frame: FrameId,
        /// Address for the iframe, with its one-time token in the fragment.
        url: String,
    },
    /// Done.
    Done,
    /// To [`Request::Api`].
    Api {
        /// What the page gets.
        result: api::Return,
    },
}

/// What a content script is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    test,
    derive(ts_rs::TS),
    ts(export_to = "content.ts", rename = "ContentEvent")
)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Event {
    /// The frame wants another height.
    Height {
        /// The frame.
        frame: FrameId,
        /// CSS pixels, one of few.
        pixels: u32,
    },
    /// The frame is done: take it away.
    Close {
        /// The frame.
        frame: FrameId,
    },
    /// Put the sealed message into the page's compose window. Files follow as
    /// [`Event::Part`] before this event.
    Insert {
        /// The editor.
        frame: FrameId,
        /// Armored message; or plain text, if the person chose so in so many words.
        body: String,
        /// The subject to set, if it changes.
        subject: Option<String>,
        /// Files to attach.
        files: Vec<OutgoingFile>,
    },
    /// A piece of a file that [`Event::Insert`] names.
    Part(Part),
    /// Fetch an attachment with the page's own means.
    Fetch {
        /// The frame that asks.
        frame: FrameId,
        /// Number in [`Source::Attachments`].
        attachment: u32,
    },
    /// The person answers or forwards what a reader shows: open the page's own compose window,
    /// then an editor with `quote`.
    Answer {
        /// The reader.
        frame: FrameId,
        /// How.
        kind: AnswerKind,
    },
    /// The keys came or went.
    Vault {
        /// Now.
        state: VaultState,
    },
    /// This site was switched off: remove everything.
    SwitchedOff,
    /// For the client API: something a page's container waits for.
    Api {
        /// What.
        notice: api::Notice,
    },
}

/// A file for the page's compose window: ciphertext only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "content.ts"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OutgoingFile {
    /// Name to attach it under.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// Number in [`Part::file`].
    pub file: u32,
}

/// Kinds of answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "content.ts"))]
#[serde(rename_all = "camelCase")]
pub enum AnswerKind {
    /// To the sender.
    Reply,
    /// To everybody.
    ReplyAll,
    /// To somebody else.
    Forward,
}
