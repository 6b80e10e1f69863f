//! What the page knows. One store, changed only by [`Action`]s; asking the worker is the
//! business of `actor`.

mod draft;
mod reduce;

pub(crate) use draft::{Draft, DraftFile, DraftKind, Field, Phase as DraftPhase, Recipient};

use crate::protocol::{Event, Failure, OpenedMessage, ProgressStep};
use mail_client::view::{MailboxView, MessageSummary, Notice, Person};
use std::collections::BTreeMap;
use std::rc::Rc;
use yew::functional::UseReducerHandle;

/// Handle to the store, by context.
pub(crate) type Store = UseReducerHandle<State>;

/// Where the person stands with the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The worker has not answered yet.
    Starting,
    /// It cannot be reached; the text stands under Details.
    Broken(String),
    /// In the extension: keys, and no account on a server.
    NoServer { address: String },
    /// No account on this device.
    Nothing,
    /// An account, locked.
    Locked { address: String },
    /// An account, open.
    Entered { me: Person, fingerprint: String },
}

/// The message in the reader.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reading {
    Nothing,
    Loading(String),
    Open(Rc<OpenedMessage>),
    Failed(String, Failure),
}

/// How far long work has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) step: ProgressStep,
    pub(crate) done: u32,
    pub(crate) of: u32,
}

/// A short message at the foot of the page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Toast {
    pub(crate) id: u32,
    pub(crate) text: String,
    pub(crate) details: String,
    pub(crate) is_error: bool,
    /// What Undo does.
    pub(crate) undo: Option<Undo>,
}

/// A step that can be taken back: the message and the mailbox it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Undo {
    pub(crate) id: String,
    pub(crate) back_to: String,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Theme {
    System,
    Light,
    Dark,
}

/// Choices kept in the browser; none is a secret.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Preferences {
    pub(crate) theme: Theme,
    /// Minutes without input until the page locks; 0 is never.
    pub(crate) idle_minutes: f64,
}

/// Everything.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct State {
    pub(crate) phase: Phase,
    /// The page belongs to the extension.
    pub(crate) in_extension: bool,
    pub(crate) mailboxes: Rc<Vec<MailboxView>>,
    /// By JMAP mailbox id.
    pub(crate) lists: BTreeMap<String, Rc<Vec<MessageSummary>>>,
    pub(crate) reading: Reading,
    pub(crate) draft: Option<Rc<Draft>>,
    pub(crate) progress: Option<Progress>,
    pub(crate) offline: bool,
    pub(crate) notices: Vec<Notice>,
    pub(crate) outbox: usize,
    pub(crate) toasts: Vec<Toast>,
    /// The last thing said to screen readers.
    pub(crate) announced: String,
    pub(crate) preferences: Preferences,
    next_toast: u32,
}

/// Every change there is.
pub(crate) enum Action {
    Broken(String),
    /// Keys, passphrase and clock are the extension's business.
    InExtension,
    Stored(crate::protocol::Stored),
    Entered {
        me: Person,
        fingerprint: String,
    },
    LeftDevice,
    Worker(Event),
    Mailboxes(Vec<MailboxView>),
    Messages(String, Vec<MessageSummary>),
    Reading(Reading),
    /// The worker answered; kept only while that message is still wanted.
    Opened(String, Reading),
    Flags {
        id: String,
        seen: Option<bool>,
        flagged: Option<bool>,
    },
    Moved {
        id: String,
        to: String,
    },
    CloseNotice(usize),
    Toast {
        text: String,
        details: String,
        is_error: bool,
        undo: Option<Undo>,
    },
    CloseToast(u32),
    Announce(String),
    ProgressDone,
    Preferences(Preferences),
    StartDraft(Draft),
    EditDraft(Box<dyn FnOnce(&mut Draft)>),
    DropDraft,
}

impl State {
    pub(crate) fn new(preferences: Preferences) -> Self {
        Self {
            phase: Phase::Starting,
            in_extension: false,
            mailboxes: Rc::default(),
            lists: BTreeMap::new(),
            reading: Reading::Nothing,
            draft: None,
            progress: None,
            offline: false,
            notices: Vec::new(),
            outbox: 0,
            toasts: Vec::new(),
            announced: String::new(),
            preferences,
            next_toast: 0,
        }
    }

    /// The account, when it is open.
    pub(crate) fn me(&self) -> Option<&Person> {
        match &self.phase {
            Phase::Entered { me, .. } => Some(me),
            _ => None,
        }
    }

    /// The mailbox a slug of the address names.
    pub(crate) fn mailbox(&self, slug: &str) -> Option<&MailboxView> {
        self.mailboxes
            .iter()
            .find(|m| super::route::slug(m) == slug)
    }

    /// The summary of a message, from any list.
    pub(crate) fn summary(&self, id: &str) -> Option<&MessageSummary> {
        self.lists
            .values()
            .flat_map(|list| list.iter())
            .find(|m| m.id == id)
    }
}
