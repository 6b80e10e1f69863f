//! A letter being written: what is known, and what stands in the way of sealing it. No browser in
//! here. The words themselves stay in the field they are typed in.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use ext_protocol::content::Recipients;
use ext_protocol::failure::Failure;
use ext_protocol::frame::{AttachedFile, Draft, Outgoing, Role, Step};
use ext_protocol::view::{Person, RecipientState};
use ui_kit::files;

/// A file that goes along.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::frames) struct LetterFile {
    pub(super) number: u32,
    pub(super) name: String,
    pub(super) media_type: String,
    /// Bytes.
    pub(super) size: u64,
    /// `None` for files of a kept or forwarded letter: the background has them already.
    pub(super) data: Option<Vec<u8>>,
}

impl LetterFile {
    /// A file the person chose, read.
    pub(super) fn picked(file: &web_sys::File, number: u32, data: Vec<u8>) -> Self {
        Self {
            number,
            name: file.name(),
            media_type: files::media_type(file),
            size: data.len() as u64,
            data: Some(data),
        }
    }

    fn kept(file: &AttachedFile) -> Rc<Self> {
        Rc::new(Self {
            number: file.file,
            name: file.name.clone(),
            media_type: file.media_type.clone(),
            size: file.size,
            data: None,
        })
    }
}

/// The background's own files are numbered from here.
const FIRST_FOREIGN_FILE: u32 = 1 << 30;

/// How far sealing has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::frames) enum Phase {
    #[default]
    Writing,
    Working {
        percent: u8,
        step: Option<Step>,
    },
    Failed(Failure),
    /// The page took it.
    Inserted,
    /// The page could not take all of it.
    NotInserted {
        failed: Vec<String>,
        body: String,
    },
}

/// Whether the draft is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::frames) enum DraftState {
    #[default]
    Nothing,
    Changed,
    Working,
    Safe,
    Failed,
}

/// The letter but for its words.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Letter {
    pub(super) from: Person,
    /// As the page shows them.
    pub(super) page: Recipients,
    /// Added here.
    pub(super) extra: Vec<Person>,
    /// Addresses that it is not sealed to, in lower case.
    pub(super) left_out: BTreeSet<String>,
    /// By address in lower case; absent while it is looked up.
    pub(super) states: BTreeMap<String, RecipientState>,
    pub(super) subject: String,
    pub(super) hide_subject: bool,
    pub(super) sign: bool,
    pub(super) encrypt: bool,
    pub(super) is_rich: bool,
    pub(super) files: Vec<Rc<LetterFile>>,
    /// Those without a key get a password.
    pub(super) uses_password: bool,
    pub(super) was_typed: bool,
    pub(super) left_behind: bool,
    pub(super) takes_files: bool,
    pub(super) page_encrypts: bool,
    /// The person typed or changed something.
    pub(super) touched: bool,
    /// It began with words or files that the person did not put here: a quote, a draft.
    pub(super) brought: bool,
    /// Addresses, in lower case, that the person let the page have it sealed to.
    pub(super) accepted: BTreeSet<String>,
    pub(super) phase: Phase,
    pub(super) kept: DraftState,
}

/// What changes a letter.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::frames) enum Change {
    PageRecipients(Recipients),
    Add(Vec<Person>),
    /// An address added here is taken away, one of the page's is left out.
    Remove(String),
    /// Brings somebody left out back.
    BringBack(String),
    Looked(Vec<(String, RecipientState)>),
    /// Forgets a state, so that it is looked up again.
    LookAgain(String),
    Subject(String),
    HideSubject(bool),
    Sign(bool),
    Encrypt(bool),
    Rich(bool),
    AddFile(Rc<LetterFile>),
    RemoveFile(u32),
    UsePassword(bool),
    NoticeSeen,
    /// The words changed.
    Typed,
    Phase(Phase),
    Kept(DraftState),
}

/// What pressing the main button would do, or why it does nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outlook {
    Working,
    Nobody,
    /// Keys are looked up.
    Looking,
    /// So many recipients would break the seal.
    Trouble(usize),
    /// Will be sealed to these addresses.
    Ready(Vec<String>),
    /// Signed, readable by everybody.
    SignedOnly,
    /// Readable by everybody.
    Plain,
    /// The page asks for it when it sends.
    PageAsks,
}

impl Outlook {
    /// A stable word for tests.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Working => "working",
            Self::Nobody => "nobody",
            Self::Looking => "looking",
            Self::Trouble(_) => "trouble",
            Self::Ready(_) => "ready",
            Self::SignedOnly => "signed-only",
            Self::Plain => "plain",
            Self::PageAsks => "page-asks",
        }
    }
}

fn key(address: &str) -> String {
    address.trim().to_lowercase()
}

/// True for states that keep a letter from being sealed.
pub(super) fn is_trouble(state: &RecipientState) -> bool {
    !matches!(state, RecipientState::Ready { .. })
}

/// True for those who could be given a password instead.
fn lacks_key(state: &RecipientState) -> bool {
    matches!(
        state,
        RecipientState::NoKey | RecipientState::Unusable { .. } | RecipientState::Unknown
    )
}

impl Letter {
    /// What the background says of an editor; `None` for other roles.
    pub(super) fn from_role(role: &Role) -> Option<(Self, Draft)> {
        let Role::Editor {
            from,
            recipients,
            draft,
            was_typed,
            left_behind,
            takes_files,
            page_encrypts,
        } = role
        else {
            return None;
        };
        let letter = Self {
            from: from.clone(),
            page: recipients.clone(),
            subject: draft.subject.clone(),
            hide_subject: draft.hide_subject,
            sign: draft.sign,
            encrypt: draft.encrypt,
            is_rich: draft.html.is_some(),
            files: draft.files.iter().map(LetterFile::kept).collect(),
            was_typed: *was_typed,
            left_behind: *left_behind,
            takes_files: *takes_files,
            page_encrypts: *page_encrypts,
            brought: !draft.text.trim().is_empty()
                || draft.html.as_ref().is_some_and(|html| !html.is_empty())
                || !draft.files.is_empty(),
            ..Self::default()
        };
        Some((letter, draft.clone()))
    }

    /// Its files, to be listed.
    pub(super) fn enclosed(&self) -> Vec<files::Enclosed> {
        self.files
            .iter()
            .map(|file| files::Enclosed {
                key: file.number,
                name: file.name.clone().into(),
                size: file.size,
            })
            .collect()
    }

    /// Everybody once, the page's first.
    pub(super) fn everybody(&self) -> Vec<&Person> {
        let page = &self.page;
        let mut seen = BTreeSet::new();
        page.to
            .iter()
            .chain(&page.cc)
            .chain(&page.bcc)
            .chain(&self.extra)
            .filter(|person| !person.address.trim().is_empty())
            .filter(|person| seen.insert(key(&person.address)))
            .collect()
    }

    /// Everybody whom it would go to now.
    pub(super) fn written_to(&self) -> Vec<Person> {
        let everybody = self.everybody().into_iter();
        let stay = everybody.filter(|person| !self.is_left_out(&person.address));
        stay.cloned().collect()
    }

    pub(super) fn is_left_out(&self, address: &str) -> bool {
        self.left_out.contains(&key(address))
    }

    /// True when the page, not the person here, named this recipient.
    pub(super) fn is_of_page(&self, address: &str) -> bool {
        let page = &self.page;
        let address = key(address);
        page.to
            .iter()
            .chain(&page.cc)
            .chain(&page.bcc)
            .any(|person| key(&person.address) == address)
    }

    pub(super) fn state(&self, address: &str) -> Option<&RecipientState> {
        self.states.get(&key(address))
    }

    /// Those whose state has to be looked up.
    pub(super) fn unknown(&self) -> Vec<String> {
        self.everybody()
            .into_iter()
            .filter(|person| self.state(&person.address).is_none())
            .map(|person| person.address.trim().to_owned())
            .collect()
    }

    /// Those who would break the seal, with why.
    pub(super) fn troubled(&self) -> Vec<(&Person, &RecipientState)> {
        if !self.encrypt {
            return Vec::new();
        }
        self.everybody()
            .into_iter()
            .filter(|person| !self.is_left_out(&person.address))
            .filter_map(|person| Some((person, self.state(&person.address)?)))
            .filter(|(_, state)| is_trouble(state))
            .filter(|(_, state)| !(self.uses_password && lacks_key(state)))
            .collect()
    }

    /// Those who will have to be told the password.
    pub(super) fn by_password(&self) -> Vec<&Person> {
        if !self.uses_password {
            return Vec::new();
        }
        self.everybody()
            .into_iter()
            .filter(|person| !self.is_left_out(&person.address))
            .filter(|person| self.state(&person.address).is_some_and(lacks_key))
            .collect()
    }

    /// What pressing the main button would do.
    pub(super) fn outlook(&self) -> Outlook {
        if matches!(self.phase, Phase::Working { .. }) {
            return Outlook::Working;
        }
        if self.page_encrypts {
            return Outlook::PageAsks;
        }
        if !self.encrypt {
            return if self.sign {
                Outlook::SignedOnly
            } else {
                Outlook::Plain
            };
        }
        let people: Vec<String> = self
            .everybody()
            .into_iter()
            .filter(|person| !self.is_left_out(&person.address))
            .map(|person| person.address.trim().to_owned())
            .collect();
        let troubled = self.troubled().len();
        let is_looking = people.iter().any(|address| self.state(address).is_none());
        if people.is_empty() {
            Outlook::Nobody
        } else if troubled > 0 {
            Outlook::Trouble(troubled)
        } else if is_looking {
            Outlook::Looking
        } else {
            Outlook::Ready(people)
        }
    }

    /// The draft with the words as they stand.
    pub(super) fn draft(&self, text: String, html: Option<String>) -> Draft {
        Draft {
            subject: self.subject.clone(),
            hide_subject: self.hide_subject,
            text,
            html,
            sign: self.sign,
            encrypt: self.encrypt,
            files: self
                .files
                .iter()
                .map(|file| AttachedFile {
                    file: file.number,
                    name: file.name.clone(),
                    media_type: file.media_type.clone(),
                    size: file.size,
                })
                .collect(),
        }
    }

    /// What is handed over to be sealed: without those left out, and without those who get the
    /// password instead.
    pub(super) fn outgoing(&self, draft: Draft, password: Option<String>) -> Outgoing {
        let by_password: BTreeSet<String> =
            self.by_password().iter().map(|p| key(&p.address)).collect();
        let keep = |list: &[Person]| -> Vec<Person> {
            list.iter()
                .filter(|person| !self.is_left_out(&person.address))
                .filter(|person| !by_password.contains(&key(&person.address)))
                .filter(|person| !person.address.trim().is_empty())
                .cloned()
                .collect()
        };
        let mut to = keep(&self.page.to);
        to.extend(keep(&self.extra));
        Outgoing {
            draft,
            recipients: Recipients {
                to,
                cc: keep(&self.page.cc),
                bcc: keep(&self.page.bcc),
            },
            password: password.filter(|_| self.uses_password),
        }
    }

    /// The first number for a file attached here: above those of a kept draft.
    pub(super) fn first_free_number(&self) -> u32 {
        self.files
            .iter()
            .map(|file| file.number)
            .filter(|number| *number < FIRST_FOREIGN_FILE)
            .max()
            .map_or(1, |highest| highest + 1)
    }

    /// True when the page may have the letter without a question.
    ///
    /// # Security
    /// The page names the recipients and may hold their keys. It must not turn a letter that was
    /// opened into the editor, or a signature, into something it can read by a key stroke alone. A
    /// draft is sealed to the person, whoever asks.
    pub(super) fn may_give(&self, recipients: &[String], draft: bool) -> bool {
        if draft {
            return self.touched;
        }
        let wanted: BTreeSet<String> = recipients.iter().map(|address| key(address)).collect();
        self.touched && !self.brought && !self.sign && !wanted.is_empty() && wanted == self.accepted
    }

    /// The person let the page have it sealed to these.
    pub(super) fn accept(&mut self, recipients: &[String]) {
        self.accepted = recipients.iter().map(|address| key(address)).collect();
    }

    /// Bytes of all files.
    pub(super) fn files_size(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }

    /// Makes a change. True when the draft is another one now.
    pub(super) fn apply(&mut self, change: Change) -> bool {
        let is_draft = matches!(
            change,
            Change::Subject(_)
                | Change::HideSubject(_)
                | Change::Sign(_)
                | Change::Encrypt(_)
                | Change::Rich(_)
                | Change::AddFile(_)
                | Change::RemoveFile(_)
                | Change::Typed
        );
        match change {
            Change::PageRecipients(recipients) => self.page = recipients,
            Change::Add(people) => {
                for person in people {
                    let address = key(&person.address);
                    self.left_out.remove(&address);
                    let is_known = self
                        .everybody()
                        .iter()
                        .any(|known| key(&known.address) == address);
                    if !is_known {
                        self.extra.push(person);
                    }
                }
            }
            Change::Remove(address) => {
                let address = key(&address);
                let before = self.extra.len();
                self.extra.retain(|person| key(&person.address) != address);
                if self.extra.len() == before || self.is_of_page(&address) {
                    self.left_out.insert(address);
                }
            }
            Change::BringBack(address) => {
                self.left_out.remove(&key(&address));
            }
            Change::Looked(found) => {
                for (address, state) in found {
                    self.states.insert(key(&address), state);
                }
            }
            Change::LookAgain(address) => {
                self.states.remove(&key(&address));
            }
            Change::Subject(subject) => self.subject = subject,
            Change::HideSubject(hide) => self.hide_subject = hide,
            Change::Sign(sign) => self.sign = sign,
            Change::Encrypt(encrypt) => self.encrypt = encrypt,
            Change::Rich(rich) => self.is_rich = rich,
            Change::AddFile(file) => self.files.push(file),
            Change::RemoveFile(number) => self.files.retain(|file| file.number != number),
            Change::UsePassword(uses) => self.uses_password = uses,
            Change::NoticeSeen => self.was_typed = false,
            Change::Typed => {}
            Change::Phase(phase) => self.phase = phase,
            Change::Kept(kept) => self.kept = kept,
        }
        if is_draft {
            self.touched = true;
            self.kept = DraftState::Changed;
            // What went wrong last time is over once the letter is another one.
            if matches!(self.phase, Phase::Failed(_) | Phase::Inserted) {
                self.phase = Phase::Writing;
            }
        }
        is_draft
    }
}

#[cfg(test)]
#[path = "letter_tests.rs"]
mod tests;
