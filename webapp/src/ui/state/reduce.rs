//! How an action changes the state.

use super::{Action, Phase, Progress, Reading, State, Toast};
use crate::protocol::{Event, Stored};
use mail_client::view::{MessageSummary, Notice};
use std::rc::Rc;
use yew::functional::Reducible;

impl Reducible for State {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let mut state = (*self).clone();
        state.apply(action);
        Rc::new(state)
    }
}

impl State {
    fn apply(&mut self, action: Action) {
        match action {
            Action::Broken(details) => self.phase = Phase::Broken(details),
            Action::InExtension => self.in_extension = true,
            Action::Stored(stored) => {
                // A background that comes back may be locked by now.
                self.forget();
                self.phase = match stored {
                    Stored::Nothing => Phase::Nothing,
                    Stored::NoServer { address } => Phase::NoServer { address },
                    Stored::Locked { address } => Phase::Locked { address },
                };
            }
            Action::Entered { me, fingerprint } => self.enter(me, fingerprint),
            Action::LeftDevice => {
                self.forget();
                self.draft = None;
                self.phase = Phase::Nothing;
            }
            Action::Worker(event) => self.hear(event),
            Action::Mailboxes(list) => self.mailboxes = Rc::new(list),
            Action::Messages(mailbox, list) => {
                // An equal list keeps its pointer, so that nothing is drawn anew.
                if self.lists.get(&mailbox).is_none_or(|old| **old != list) {
                    self.lists.insert(mailbox, Rc::new(list));
                }
            }
            Action::Reading(reading) => self.reading = reading,
            Action::Opened(id, reading) => {
                let is_wanted = matches!(&self.reading, Reading::Loading(wanted) if *wanted == id);
                if is_wanted {
                    self.reading = reading;
                }
            }
            Action::Flags { id, seen, flagged } => self.flag(&id, seen, flagged),
            Action::Moved { id, to } => self.move_to(&id, &to),
            Action::CloseNotice(index) => {
                if index < self.notices.len() {
                    self.notices.remove(index);
                }
            }
            Action::Toast {
                text,
                details,
                is_error,
                undo,
            } => {
                self.next_toast += 1;
                self.announced.clone_from(&text);
                self.toasts.push(Toast {
                    id: self.next_toast,
                    text,
                    details,
                    is_error,
                    undo,
                });
                // The newest three are plenty.
                if self.toasts.len() > 3 {
                    self.toasts.remove(0);
                }
            }
            Action::CloseToast(id) => self.toasts.retain(|t| t.id != id),
            Action::Announce(text) => self.announced = text,
            Action::ProgressDone => self.progress = None,
            Action::Preferences(preferences) => self.preferences = preferences,
            Action::StartDraft(draft) => self.draft = Some(Rc::new(draft)),
            Action::EditDraft(edit) => {
                if let Some(draft) = &mut self.draft {
                    edit(Rc::make_mut(draft));
                }
            }
            Action::DropDraft => self.draft = None,
        }
    }

    fn enter(&mut self, me: mail_client::view::Person, fingerprint: String) {
        // A draft of another account must not appear in this one.
        if self.draft.as_ref().is_some_and(|d| d.owner != me.address) {
            self.draft = None;
        }
        self.notices
            .retain(|n| !matches!(n, Notice::SessionEnded | Notice::PassphraseChanged));
        self.progress = None;
        self.phase = Phase::Entered { me, fingerprint };
    }

    /// Drops everything that was decrypted. The unsent draft stays, hidden until its owner
    /// unlocks again: losing an unsent letter to a timer would be worse.
    fn forget(&mut self) {
        self.mailboxes = Rc::default();
        self.lists.clear();
        self.reading = Reading::Nothing;
        self.progress = None;
        self.toasts.clear();
        self.announced.clear();
        self.outbox = 0;
    }

    fn hear(&mut self, event: Event) {
        match event {
            Event::Progress { step, done, of } => {
                self.progress = (of == 0 || done < of).then_some(Progress { step, done, of });
            }
            Event::Outbox { waiting } => self.outbox = waiting,
            Event::Notice(Notice::Online) => {
                self.offline = false;
                self.notices.retain(|n| *n != Notice::Offline);
            }
            Event::Notice(notice) => {
                if notice == Notice::Offline {
                    self.offline = true;
                }
                if !self.notices.contains(&notice) {
                    self.notices.push(notice);
                }
            }
            Event::Locked => {
                if let Phase::Entered { me, .. } = &self.phase {
                    let address = me.address.clone();
                    self.forget();
                    self.phase = Phase::Locked { address };
                }
            }
            Event::LoggedOut => self.apply(Action::LeftDevice),
            // The actor asks again; nothing is known yet.
            Event::MailChanged => {}
        }
    }

    fn each_summary(&mut self, id: &str, change: impl Fn(&mut MessageSummary)) {
        for list in self.lists.values_mut() {
            if list.iter().any(|m| m.id == id) {
                for summary in Rc::make_mut(list).iter_mut().filter(|m| m.id == id) {
                    change(summary);
                }
            }
        }
        if let Reading::Open(opened) = &mut self.reading
            && opened.view.summary.id == id
        {
            change(&mut Rc::make_mut(opened).view.summary);
        }
    }

    fn flag(&mut self, id: &str, seen: Option<bool>, flagged: Option<bool>) {
        if let (Some(seen), Some(summary)) = (seen, self.summary(id))
            && summary.seen != seen
        {
            let homes = summary.mailbox_ids.clone();
            for mailbox in Rc::make_mut(&mut self.mailboxes) {
                if homes.contains(&mailbox.id) {
                    mailbox.unread = if seen {
                        mailbox.unread.saturating_sub(1)
                    } else {
                        mailbox.unread + 1
                    };
                }
            }
        }
        self.each_summary(id, |summary| {
            summary.seen = seen.unwrap_or(summary.seen);
            summary.flagged = flagged.unwrap_or(summary.flagged);
        });
    }

    fn move_to(&mut self, id: &str, to: &str) {
        let Some(mut summary) = self.summary(id).cloned() else {
            return;
        };
        for (mailbox, list) in &mut self.lists {
            if mailbox != to && list.iter().any(|m| m.id == id) {
                Rc::make_mut(list).retain(|m| m.id != id);
            }
        }
        for mailbox in Rc::make_mut(&mut self.mailboxes) {
            let (was, is) = (summary.mailbox_ids.contains(&mailbox.id), mailbox.id == to);
            let unread = u64::from(!summary.seen);
            if was && !is {
                mailbox.total = mailbox.total.saturating_sub(1);
                mailbox.unread = mailbox.unread.saturating_sub(unread);
            } else if is && !was {
                mailbox.total += 1;
                mailbox.unread += unread;
            }
        }
        summary.mailbox_ids = vec![to.to_owned()];
        if let Some(list) = self.lists.get_mut(to)
            && !list.iter().any(|m| m.id == id)
        {
            let list = Rc::make_mut(list);
            let place = list.partition_point(|m| m.received_at > summary.received_at);
            list.insert(place, summary);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Draft, Preferences, Theme, Undo};
    use super::*;
    use mail_client::view::{
        MailboxRole, MailboxView, Person, Protection, SignatureState, Verdict,
    };

    fn person(address: &str) -> Person {
        Person {
            name: String::new(),
            address: address.to_owned(),
        }
    }

    fn summary(id: &str, at: u64) -> MessageSummary {
        MessageSummary {
            id: id.to_owned(),
            thread_id: id.to_owned(),
            mailbox_ids: vec!["in".to_owned()],
            from: person("bob@letterlock.test"),
            to: Vec::new(),
            subject: String::new(),
            preview: String::new(),
            received_at: at,
            seen: false,
            flagged: false,
            answered: false,
            has_attachments: false,
            verdict: Verdict {
                protection: Protection::Sealed,
                signature: SignatureState::Unsigned,
                headers_protected: true,
            },
            problem: None,
        }
    }

    fn mailbox(id: &str, role: MailboxRole, total: u64, unread: u64) -> MailboxView {
        MailboxView {
            id: id.to_owned(),
            name: String::new(),
            role,
            total,
            unread,
        }
    }

    fn entered() -> Rc<State> {
        let state = Rc::new(State::new(Preferences {
            theme: Theme::System,
            idle_minutes: 15.0,
        }));
        state
            .reduce(Action::Entered {
                me: person("alice@letterlock.test"),
                fingerprint: String::new(),
            })
            .reduce(Action::Mailboxes(vec![
                mailbox("in", MailboxRole::Inbox, 2, 2),
                mailbox("ar", MailboxRole::Archive, 0, 0),
            ]))
            .reduce(Action::Messages(
                "in".to_owned(),
                vec![summary("b", 20), summary("a", 10)],
            ))
            .reduce(Action::Messages("ar".to_owned(), vec![summary("c", 15)]))
    }

    #[test]
    fn reading_a_message_counts_it_once() {
        let read = |id: &str| Action::Flags {
            id: id.to_owned(),
            seen: Some(true),
            flagged: None,
        };
        let state = entered().reduce(read("a")).reduce(read("a"));
        assert_eq!(state.mailbox("inbox").unwrap().unread, 1);
        assert!(state.summary("a").unwrap().seen);
        assert!(!state.summary("b").unwrap().seen);
    }

    #[test]
    fn a_moved_message_lands_in_its_place_by_date() {
        let state = entered().reduce(Action::Moved {
            id: "b".to_owned(),
            to: "ar".to_owned(),
        });
        let ids: Vec<_> = state.lists["ar"].iter().map(|m| m.id.as_str()).collect();
        assert_eq!(ids, ["b", "c"]);
        assert_eq!(state.lists["in"].len(), 1);
        assert_eq!(state.mailbox("inbox").unwrap().total, 1);
        assert_eq!(state.mailbox("archive").unwrap().unread, 1);
    }

    #[test]
    fn a_lock_forgets_what_was_decrypted_and_keeps_the_owners_draft() {
        let draft = Draft {
            owner: "alice@letterlock.test".to_owned(),
            ..Draft::default()
        };
        let state = entered()
            .reduce(Action::StartDraft(draft))
            .reduce(Action::Worker(Event::Locked));
        assert!(state.lists.is_empty() && state.mailboxes.is_empty());
        assert!(state.draft.is_some());
        let other = state.clone().reduce(Action::Entered {
            me: person("bob@letterlock.test"),
            fingerprint: String::new(),
        });
        assert!(other.draft.is_none());
        assert!(state.reduce(Action::LeftDevice).draft.is_none());
    }

    #[test]
    fn being_online_again_takes_the_notice_away() {
        let state = entered()
            .reduce(Action::Worker(Event::Notice(Notice::Offline)))
            .reduce(Action::Worker(Event::Notice(Notice::Offline)));
        assert_eq!(state.notices.len(), 1);
        let state = state.reduce(Action::Worker(Event::Notice(Notice::Online)));
        assert!(state.notices.is_empty() && !state.offline);
    }

    #[test]
    fn old_toasts_make_room() {
        let mut state = entered();
        for n in 0..5 {
            state = state.reduce(Action::Toast {
                text: n.to_string(),
                details: String::new(),
                is_error: false,
                undo: Some(Undo {
                    id: "a".to_owned(),
                    back_to: "in".to_owned(),
                }),
            });
        }
        let texts: Vec<_> = state.toasts.iter().map(|t| t.text.as_str()).collect();
        assert_eq!(texts, ["2", "3", "4"]);
    }
}
