//! What the page does: asks the worker and writes what it learned into the store.
//!
//! Here is what happens at a press and shows its own outcome; `asks` has the questions a page waits
//! for itself.

mod asks;

use super::errors;
use super::i18n::t;
use super::link::{Link, News};
use super::server::{self, Configured};
use super::state::{Action, Draft, DraftPhase, Reading, State, Undo};
use crate::protocol::{Answer, Event, Request};
use mail_client::view::SendOutcome;
use std::cell::{Cell, OnceCell, RefCell};
use std::ops::Deref;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use yew::functional::UseReducerDispatcher;

/// Handle to the actor, by context.
#[derive(Clone)]
pub(crate) struct Actor(Rc<Inner>);

/// See [`Actor`].
pub(crate) struct Inner {
    link: OnceCell<Link>,
    store: UseReducerDispatcher<State>,
    /// The mailbox on the screen, to be asked for again when mail changes.
    watched: RefCell<Option<String>>,
    is_refreshing: Cell<bool>,
    refresh_again: Cell<bool>,
}

impl PartialEq for Actor {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Deref for Actor {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Actor {
    /// Takes the worker and starts it.
    pub(crate) fn begin(store: UseReducerDispatcher<State>) -> Self {
        let actor = Self(Rc::new(Inner {
            link: OnceCell::new(),
            store,
            watched: RefCell::new(None),
            is_refreshing: Cell::new(false),
            refresh_again: Cell::new(false),
        }));
        let listener = actor.clone();
        match Link::take(move |news| listener.hear(news)) {
            Ok(link) => {
                let _ = actor.link.set(link);
            }
            Err(details) => actor.store.dispatch(Action::Broken(details)),
        }
        actor
    }

    fn hear(&self, news: News) {
        match news {
            News::Ready => {
                let actor = self.clone();
                spawn_local(async move { actor.start().await });
            }
            News::Fault(details) => self.store.dispatch(Action::Broken(details)),
            News::Event(event) => {
                if event == Event::MailChanged {
                    self.refresh_view();
                }
                self.store.dispatch(Action::Worker(event));
            }
        }
    }

    async fn start(&self) {
        let server = match server::configured().await {
            Ok(Configured::At(server)) => server,
            Ok(Configured::Extension) => {
                self.store.dispatch(Action::InExtension);
                String::new()
            }
            Err(details) => return self.store.dispatch(Action::Broken(details)),
        };
        match self.ask(Request::Start { server }).await {
            Ok(Answer::Started(stored)) => self.store.dispatch(Action::Stored(stored)),
            // It was opened before this page came, or before the background came back.
            Ok(answer @ Answer::Entered { .. }) => {
                if self.entered(answer).await.is_ok() {
                    self.refresh_view();
                }
            }
            Ok(_) => self.store.dispatch(Action::Broken("Start".to_owned())),
            Err(failure) => self.store.dispatch(Action::Broken(failure.details)),
        }
    }

    /// Asks for mailboxes and the messages on the screen; several calls at once become two.
    pub(crate) fn refresh_view(&self) {
        if self.is_refreshing.replace(true) {
            self.refresh_again.set(true);
            return;
        }
        let actor = self.clone();
        spawn_local(async move {
            loop {
                actor.refresh_again.set(false);
                actor.load_mailboxes().await;
                let watched = actor.watched.borrow().clone();
                if let Some(mailbox) = watched {
                    actor.load_messages(mailbox).await;
                }
                if !actor.refresh_again.get() {
                    break;
                }
            }
            actor.is_refreshing.set(false);
        });
    }

    /// Shows a mailbox and keeps it fresh.
    pub(crate) fn watch(&self, mailbox: &str) {
        *self.watched.borrow_mut() = Some(mailbox.to_owned());
        let actor = self.clone();
        let mailbox = mailbox.to_owned();
        spawn_local(async move { actor.load_messages(mailbox).await });
    }

    /// Opens a message in the reader and marks it read.
    pub(crate) fn open(&self, id: &str) {
        self.store
            .dispatch(Action::Reading(Reading::Loading(id.to_owned())));
        let (actor, id) = (self.clone(), id.to_owned());
        spawn_local(async move {
            let request = Request::Open { id: id.clone() };
            let reading = match actor.ask(request).await {
                Ok(Answer::Message(message)) => Reading::Open(Rc::new(*message)),
                Ok(_) => Reading::Failed(id.clone(), errors::unexpected("Open")),
                Err(failure) => Reading::Failed(id.clone(), failure),
            };
            if let Reading::Open(opened) = &reading {
                let subject = super::format::clean(&opened.view.summary.subject);
                actor.store.dispatch(Action::Announce(subject));
                actor.store.dispatch(Action::Flags {
                    id: id.clone(),
                    seen: Some(true),
                    flagged: None,
                });
            }
            actor.store.dispatch(Action::Opened(id, reading));
        });
    }

    /// Marks a message, on the screen at once.
    pub(crate) fn set_flags(&self, id: &str, seen: Option<bool>, flagged: Option<bool>) {
        let (actor, id) = (self.clone(), id.to_owned());
        self.store.dispatch(Action::Flags {
            id: id.clone(),
            seen,
            flagged,
        });
        spawn_local(async move {
            let request = Request::SetFlags { id, seen, flagged };
            if let Err(failure) = actor.ask(request).await {
                actor.complain(&failure);
                actor.refresh_view();
            }
        });
    }

    /// Moves a message, on the screen at once; `told` stands in the toast beside Undo.
    pub(crate) fn move_message(&self, id: &str, from: &str, to: &str, told: String) {
        let undo = Undo {
            id: id.to_owned(),
            back_to: from.to_owned(),
        };
        self.toast(told, Some(undo));
        self.shift(id, to);
    }

    /// Takes a move back.
    pub(crate) fn undo(&self, undo: &Undo) {
        self.shift(&undo.id, &undo.back_to);
    }

    fn shift(&self, id: &str, to: &str) {
        let (actor, id, to) = (self.clone(), id.to_owned(), to.to_owned());
        self.store.dispatch(Action::Moved {
            id: id.clone(),
            to: to.clone(),
        });
        spawn_local(async move {
            if let Err(failure) = actor.ask(Request::Move { id, to }).await {
                actor.complain(&failure);
            }
            actor.refresh_view();
        });
    }

    /// Looks up whether mail to an address can be sealed, for the draft.
    pub(crate) fn look_up(&self, address: &str) {
        let (actor, address) = (self.clone(), address.to_owned());
        self.edit_draft({
            let address = address.clone();
            move |draft| draft.found(&address, None)
        });
        spawn_local(async move {
            let request = Request::Recipient {
                address: address.clone(),
            };
            let state = match actor.ask(request).await {
                Ok(Answer::Recipient(state)) => state,
                _ => mail_client::view::RecipientState::Unknown,
            };
            actor.edit_draft(move |draft| draft.found(&address, Some(state)));
        });
    }

    /// Hands the draft to the worker. It leaves the screen only when it was sent or queued.
    pub(crate) fn send(&self, draft: &Draft, on_done: impl FnOnce() + 'static) {
        let outgoing = draft.outgoing();
        let actor = self.clone();
        self.edit_draft(|draft| draft.phase = DraftPhase::Sending);
        spawn_local(async move {
            let result = actor.send_outgoing(outgoing).await;
            actor.store.dispatch(Action::ProgressDone);
            match result {
                Ok(outcome) => {
                    actor.store.dispatch(Action::DropDraft);
                    actor.toast(
                        match outcome {
                            SendOutcome::Sent => t!("toast-sent"),
                            SendOutcome::Queued => t!("toast-queued"),
                        },
                        None,
                    );
                    on_done();
                    actor.refresh_view();
                }
                Err(failure) => {
                    actor.note(&failure);
                    actor.edit_draft(move |draft| draft.phase = DraftPhase::Failed(failure));
                }
            }
        });
    }

    /// Locks this account here, at once on the screen.
    pub(crate) fn lock(&self) {
        self.store.dispatch(Action::Worker(Event::Locked));
        let actor = self.clone();
        spawn_local(async move {
            if let Err(failure) = actor.ask(Request::Lock).await {
                // The page must never look locked while the worker still holds keys.
                actor.store.dispatch(Action::Broken(failure.details));
                super::dom::reload();
            }
        });
    }

    /// Asks the server for news.
    pub(crate) fn refresh(&self) {
        let actor = self.clone();
        spawn_local(async move {
            match actor.ask(Request::Refresh).await {
                Ok(_) => actor.refresh_view(),
                Err(failure) => actor.complain(&failure),
            }
        });
    }
}
