//! Our frames inside somebody's page: the reader, the editor and the key frames of the client
//! API. They are of the extension's origin; the page cannot look into them, but it can move,
//! cover or remove them, so nothing irreversible happens without a trusted and visible click.

use serde::{Deserialize, Serialize};

use crate::{
    content::{AnswerKind, Recipients},
    transfer::Part,
    view::{Mark, OpenedMessage, Person, RecipientState, VaultState},
};

/// What a frame asks.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Request {
    /// First message; the token works once, after a broken connection `session` is used instead.
    Hello {
        /// From the fragment of the frame's address, or the session from [`Answer::Ready`].
        token: String,
        /// Origin of the document around the frame, where the browser tells the frame.
        #[serde(default)]
        parent: Option<String>,
    },
    /// The height of what the frame holds, CSS pixels.
    Height {
        /// Pixels.
        pixels: u32,
    },
    /// Opens the window in which the passphrase is typed. Never in a frame.
    Unlock,
    /// Reader: open the message. Answered by [`Answer::Opened`].
    Open {
        /// Fetch what the HTML wants from the network.
        remote: bool,
        /// A password for a message sealed with one.
        password: Option<String>,
    },
    /// Reader: a file of the message. It comes as [`Event::Part`]s; then [`Answer::File`].
    Attachment {
        /// [`crate::view::Attachment::index`].
        index: u32,
    },
    /// Reader: answer or forward.
    Answer {
        /// How.
        kind: AnswerKind,
    },
    /// Reader: keep the key that came with this message for its signer.
    ImportKey,
    /// Editor: can mail to these be sealed? Answered by [`Answer::Recipients`], in order.
    Recipients {
        /// Addresses.
        addresses: Vec<String>,
    },
    /// Use the changed key from now on.
    AcceptKey {
        /// Whose.
        address: String,
        /// The new fingerprint that was shown.
        fingerprint: String,
    },
    /// Editor: keep the draft, sealed.
    SaveDraft(Draft),
    /// Editor: a piece of a file that is attached.
    Part(Part),
    /// Editor: seal and put into the page.
    Encrypt(Outgoing),
    /// Editor: put this text unsealed into the page, after the person chose it in so many words.
    InsertPlain {
        /// The text.
        text: String,
        /// The subject; an empty one leaves the page's own.
        subject: String,
    },
    /// Editor: throw the draft away and close.
    Discard,
    /// Client API: make the key pair the container asked for.
    Generate {
        /// Name.
        name: String,
    },
    /// Client API: the person confirmed what this container shows.
    Confirm,
    /// The person declined or closed it.
    Cancel,
}

/// What a frame is for.
#[allow(
    clippy::large_enum_variant,
    reason = "one a frame, sent once; a box would be one allocation more"
)]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Role {
    /// Shows a message.
    Reader {
        /// Who sent it, as the page shows it.
        sender: Person,
        /// Names of encrypted attachments, if it is about such.
        attachments: Vec<String>,
        /// It can be answered from here (the page lets us).
        can_answer: bool,
    },
    /// Writes one.
    Editor {
        /// Who writes.
        from: Person,
        /// To whom.
        recipients: Recipients,
        /// Draft kept from before, quoted text or what was typed in the page.
        draft: Draft,
        /// Text stood in the page's own box: its provider may have saved it.
        was_typed: bool,
        /// It forwards a message of which some files could not be taken along.
        left_behind: bool,
        /// Files can be attached.
        takes_files: bool,
        /// The page sends when it is told (client API): there is no Encrypt button here.
        page_encrypts: bool,
    },
    /// Client API: makes a key pair.
    Generator {
        /// For whom.
        people: Vec<Person>,
    },
    /// Client API: asks the person whether to take in a key.
    ConfirmImport {
        /// User ids of the key.
        user_ids: Vec<String>,
        /// Fingerprint.
        fingerprint: String,
        /// It replaces a remembered one.
        replaces: Option<String>,
        /// The site that asks.
        origin: String,
    },
    /// Client API: makes a recovery sheet.
    Backup,
    /// Client API: takes keys back from a recovery sheet.
    Restore,
}

/// A letter being written.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Draft {
    /// The true subject.
    pub subject: String,
    /// Hide the subject from the provider.
    pub hide_subject: bool,
    /// Plain text; the text of `html` when that is there.
    pub text: String,
    /// Rich text, if that is on.
    pub html: Option<String>,
    /// Sign.
    pub sign: bool,
    /// Encrypt.
    pub encrypt: bool,
    /// Files: those sent as parts.
    pub files: Vec<AttachedFile>,
}

/// A file attached in the editor.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AttachedFile {
    /// Number in [`Part::file`].
    pub file: u32,
    /// Name.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
}

/// A letter to be sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Outgoing {
    /// What was written.
    pub draft: Draft,
    /// Addresses it is sealed to; those in the page, or fewer if the person took some out.
    pub recipients: Recipients,
    /// A password for recipients without a key, told to them in another way.
    pub password: Option<String>,
}

/// What a frame is answered.
#[allow(
    clippy::large_enum_variant,
    reason = "the large one is said once a frame; a box would be one allocation more"
)]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Answer {
    /// To [`Request::Hello`].
    Ready {
        /// For the next connection.
        session: String,
        /// What the frame is for. `None` for an editor or reader while locked.
        role: Role,
        /// The picture the person chose.
        mark: Mark,
        /// Whether the keys are at hand.
        vault: VaultState,
        /// BCP 47, the person's choice; empty for the browser's.
        language: String,
    },
    /// To [`Request::Open`].
    Opened(Box<OpenedMessage>),
    /// To [`Request::Recipients`].
    Recipients {
        /// In the order asked.
        states: Vec<RecipientState>,
    },
    /// To [`Request::Attachment`]: all parts have been sent under this number.
    File {
        /// Number in [`Part::file`].
        file: u32,
        /// Safe name.
        name: String,
        /// Media type, never one that a browser would run.
        media_type: String,
    },
    /// Done.
    Done,
}

/// What a frame is told.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Event {
    /// A piece of a file.
    Part(Part),
    /// The recipients in the page changed.
    Recipients(Recipients),
    /// The keys came or went.
    Vault {
        /// Now.
        state: VaultState,
    },
    /// Long work: 0 to 100, with what is happening.
    Progress {
        /// Per cent.
        percent: u8,
        /// What.
        step: Step,
    },
    /// The page could not take something; roles such as `body`, `subject`, `files`.
    NotInserted {
        /// Roles.
        failed: Vec<String>,
        /// The armored message, to copy by hand.
        body: String,
    },
    /// Client API: the page asks the editor for its content now: answer with
    /// [`Request::Encrypt`], or [`Request::Cancel`]. An editor that the person has not touched
    /// asks the person first: a page must not get a quoted letter sealed to itself.
    PageWantsContent {
        /// To whom it will be sealed.
        recipients: Vec<String>,
        /// For a draft of the page's, sealed to oneself.
        draft: bool,
    },
}

/// Steps of long work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// Fetching from the page or the network.
    Fetching,
    /// Encrypting.
    Sealing,
    /// Decrypting.
    Opening,
    /// Putting it into the page.
    Inserting,
}
