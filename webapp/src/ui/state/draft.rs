//! A letter being written. It lives in this page's memory only, and is handed to the worker to
//! be sealed when it is sent.

use crate::protocol::{Failure, OpenedMessage};
use crate::ui::i18n::t;
use mail_client::view::{Outgoing, OutgoingAttachment, Person, RecipientState};
use std::rc::Rc;
use ui_kit::format;

/// Why it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum DraftKind {
    #[default]
    New,
    Reply,
    Forward,
}

/// Which row a recipient stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    To,
    Cc,
}

/// How far sending has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Phase {
    #[default]
    Writing,
    Sending,
    Failed(Failure),
}

/// A recipient and whether mail to it can be sealed; `None` while that is looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recipient {
    pub(crate) person: Person,
    pub(crate) state: Option<RecipientState>,
}

/// A file that goes along.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct DraftFile {
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) data: Vec<u8>,
}

/// The letter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Draft {
    /// The address of the account it was begun in.
    pub(crate) owner: String,
    pub(crate) kind: DraftKind,
    pub(crate) to: Vec<Recipient>,
    pub(crate) cc: Vec<Recipient>,
    pub(crate) cc_shown: bool,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) files: Vec<Rc<DraftFile>>,
    pub(crate) in_reply_to: Option<String>,
    pub(crate) phase: Phase,
    /// Something was typed or added since it was begun.
    pub(crate) touched: bool,
}

impl Recipient {
    pub(crate) fn new(person: Person) -> Self {
        Self {
            person,
            state: None,
        }
    }

    /// True when this recipient keeps the letter from going out sealed.
    pub(crate) fn is_trouble(&self) -> bool {
        matches!(
            self.state,
            Some(
                RecipientState::KeyChanged { .. }
                    | RecipientState::Unusable { .. }
                    | RecipientState::NoKey
                    | RecipientState::NotAnAddress
            )
        )
    }
}

impl Draft {
    pub(crate) fn new(owner: &Person) -> Self {
        Self {
            owner: owner.address.clone(),
            ..Self::default()
        }
    }

    /// To the sender, or to everybody who got it, with the decrypted text quoted.
    pub(crate) fn reply(me: &Person, message: &OpenedMessage, text: &str, to_all: bool) -> Self {
        let view = &message.view;
        let summary = &view.summary;
        let is_own = same(&summary.from, me);
        let mut to: Vec<Person> = if is_own {
            summary.to.clone()
        } else if view.reply_to.is_empty() {
            vec![summary.from.clone()]
        } else {
            view.reply_to.clone()
        };
        let mut cc = Vec::new();
        if to_all {
            for person in summary.to.iter().chain(&view.cc) {
                let known = to.iter().chain(&cc).any(|p| same(p, person));
                if !known && !same(person, me) {
                    cc.push(person.clone());
                }
            }
        }
        to.retain(|p| !p.address.is_empty());
        Self {
            kind: DraftKind::Reply,
            to: to.into_iter().map(Recipient::new).collect(),
            cc_shown: !cc.is_empty(),
            cc: cc.into_iter().map(Recipient::new).collect(),
            subject: prefixed("Re: ", &summary.subject),
            text: format!(
                "\n\n{}\n{}",
                t!(
                    "quote-reply",
                    date = format::full_date(view.date.unwrap_or(summary.received_at)),
                    name = format::person(&summary.from)
                ),
                quoted(text)
            ),
            in_reply_to: Some(summary.id.clone()),
            ..Self::new(me)
        }
    }

    /// To somebody else, with the decrypted text and its head.
    pub(crate) fn forward(me: &Person, message: &OpenedMessage, text: &str) -> Self {
        let view = &message.view;
        let summary = &view.summary;
        Self {
            kind: DraftKind::Forward,
            subject: prefixed("Fwd: ", &summary.subject),
            text: format!(
                "\n\n{}\n\n{}",
                t!(
                    "quote-forward",
                    from = full(&summary.from),
                    to = summary.to.iter().map(full).collect::<Vec<_>>().join(", "),
                    date = format::full_date(view.date.unwrap_or(summary.received_at)),
                    subject = format::clean(&summary.subject)
                ),
                text.trim_end()
            ),
            ..Self::new(me)
        }
    }

    pub(crate) fn row_mut(&mut self, field: Field) -> &mut Vec<Recipient> {
        match field {
            Field::To => &mut self.to,
            Field::Cc => &mut self.cc,
        }
    }

    pub(crate) fn recipients(&self) -> impl Iterator<Item = &Recipient> {
        self.to.iter().chain(&self.cc)
    }

    /// Adds a recipient unless it is there already.
    pub(crate) fn add(&mut self, field: Field, person: Person) {
        let known = self.recipients().any(|r| same(&r.person, &person));
        if !known {
            self.row_mut(field).push(Recipient::new(person));
            self.touched = true;
        }
    }

    /// Notes what was found out about an address.
    pub(crate) fn found(&mut self, address: &str, state: Option<RecipientState>) {
        for recipient in self.to.iter_mut().chain(&mut self.cc) {
            if recipient.person.address.eq_ignore_ascii_case(address) {
                if let Some(RecipientState::Ready { name, .. }) = &state
                    && recipient.person.name.is_empty()
                {
                    recipient.person.name.clone_from(name);
                }
                recipient.state.clone_from(&state);
            }
        }
    }

    /// Takes a recipient off both rows.
    pub(crate) fn remove(&mut self, address: &str) {
        self.to.retain(|r| r.person.address != address);
        self.cc.retain(|r| r.person.address != address);
        self.touched = true;
    }

    /// Bytes of all files.
    pub(crate) fn files_size(&self) -> u64 {
        self.files.iter().map(|f| f.data.len() as u64).sum()
    }

    /// True when throwing it away would lose something.
    pub(crate) fn is_worth_keeping(&self) -> bool {
        self.touched
    }

    pub(crate) fn outgoing(&self) -> Outgoing {
        let people = |row: &[Recipient]| row.iter().map(|r| r.person.clone()).collect();
        Outgoing {
            to: people(&self.to),
            cc: people(&self.cc),
            subject: self.subject.clone(),
            text: self.text.clone(),
            attachments: self
                .files
                .iter()
                .map(|file| OutgoingAttachment {
                    name: file.name.clone(),
                    media_type: file.media_type.clone(),
                    data: file.data.clone(),
                })
                .collect(),
            in_reply_to: self.in_reply_to.clone(),
        }
    }
}

fn same(a: &Person, b: &Person) -> bool {
    a.address.eq_ignore_ascii_case(&b.address)
}

fn full(person: &Person) -> String {
    let name = format::clean(&person.name);
    if name.is_empty() {
        format::clean(&person.address)
    } else {
        format!("{name} <{}>", format::clean(&person.address))
    }
}

/// Puts the mark before the subject unless it stands there.
fn prefixed(prefix: &str, subject: &str) -> String {
    let subject = subject.trim();
    let has_it = subject
        .get(..prefix.trim_end().len())
        .is_some_and(|start| start.eq_ignore_ascii_case(prefix.trim_end()));
    if has_it {
        subject.to_owned()
    } else {
        format!("{prefix}{subject}")
    }
}

fn quoted(text: &str) -> String {
    text.trim_end()
        .lines()
        .map(|line| {
            // A quote of a quote stays one ladder: ">> ", not "> > ".
            let gap = if line.starts_with('>') { "" } else { " " };
            format!(">{gap}{line}").trim_end().to_owned()
        })
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(address: &str) -> Person {
        Person {
            name: String::new(),
            address: address.to_owned(),
        }
    }

    #[test]
    fn subjects_get_their_mark_once() {
        assert_eq!(prefixed("Re: ", "Plans"), "Re: Plans");
        assert_eq!(prefixed("Re: ", "RE: Plans"), "RE: Plans");
        assert_eq!(prefixed("Re: ", "Ré"), "Re: Ré");
        assert_eq!(prefixed("Re: ", ""), "Re: ");
    }

    #[test]
    fn quotes_climb_one_ladder() {
        assert_eq!(quoted("a\n\n> b\n"), "> a\n>\n>> b");
    }

    #[test]
    fn an_address_is_added_once_and_learns_its_name() {
        let mut draft = Draft::new(&person("alice@letterlock.test"));
        draft.add(Field::To, person("bob@letterlock.test"));
        draft.add(Field::Cc, person("BOB@letterlock.test"));
        assert_eq!(draft.recipients().count(), 1);
        draft.found(
            "bob@letterlock.test",
            Some(RecipientState::Ready {
                fingerprint: String::new(),
                trust: mail_client::view::Trust::New,
                name: "Bob".to_owned(),
            }),
        );
        assert_eq!(draft.to[0].person.name, "Bob");
        assert!(!draft.to[0].is_trouble());
        draft.found("bob@letterlock.test", Some(RecipientState::NoKey));
        assert!(draft.to[0].is_trouble());
        draft.remove("bob@letterlock.test");
        assert!(draft.is_worth_keeping() && draft.to.is_empty());
    }
}
