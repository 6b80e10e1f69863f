//! What the page does: asks the worker and writes what it learned into the store.

use super::errors;
use super::i18n::t;
use super::link::{Link, News};
use super::state::{Action, Draft, DraftPhase, Reading, State, Undo};
use crate::protocol::{Answer, Event, Failure, FailureKind, Request, Strength};
use mail_client::view::{Notice, Outgoing, SendOutcome};
use std::cell::{Cell, OnceCell, RefCell};
use std::ops::Deref;
use std::rc::Rc;
use wasm_bindgen_futures::{JsFuture, spawn_local};
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

/// `config.json` beside the page.
#[derive(serde::Deserialize)]
struct Config {
    /// Origin of the server; empty for the page's own.
    #[serde(default)]
    server: String,
}

async fn configured_server() -> Result<String, String> {
    let window = super::dom::window().ok_or("no window")?;
    let told = |e: wasm_bindgen::JsValue| format!("config.json: {e:?}");
    let response = JsFuture::from(window.fetch_with_str("config.json"))
        .await
        .map_err(told)?;
    let response: web_sys::Response = response.into();
    if response.status() == 404 {
        return Ok(String::new());
    }
    let json = JsFuture::from(response.json().map_err(told)?)
        .await
        .map_err(told)?;
    serde_wasm_bindgen::from_value::<Config>(json)
        .map(|config| config.server)
        .map_err(|e| format!("config.json: {e}"))
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
        let server = match configured_server().await {
            Ok(server) => server,
            Err(details) => return self.store.dispatch(Action::Broken(details)),
        };
        match self.ask(Request::Start { server }).await {
            Ok(Answer::Started(stored)) => self.store.dispatch(Action::Stored(stored)),
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

impl Inner {
    async fn ask(&self, request: Request) -> Result<Answer, Failure> {
        match self.link.get() {
            Some(link) => link.ask(request).await,
            None => Err(errors::unexpected("the worker is not there")),
        }
    }

    /// Sign up, log in or unlock.
    pub(crate) async fn enter(&self, request: Request) -> Result<(), Failure> {
        let answer = self.ask(request).await;
        self.store.dispatch(Action::ProgressDone);
        match answer? {
            Answer::Entered { me, fingerprint } => {
                self.store.dispatch(Action::Entered { me, fingerprint });
                self.load_mailboxes().await;
                Ok(())
            }
            _ => Err(errors::unexpected("Entered")),
        }
    }

    /// Domains the server gives addresses in, and whether anybody may have one.
    pub(crate) async fn server_info(&self) -> Result<(Vec<String>, bool), Failure> {
        match self.ask(Request::ServerInfo).await? {
            Answer::ServerInfo {
                domains,
                registration_open,
            } => Ok((domains, registration_open)),
            _ => Err(errors::unexpected("ServerInfo")),
        }
    }

    /// How long a passphrase would resist.
    pub(crate) async fn strength(
        &self,
        passphrase: String,
        known: Vec<String>,
    ) -> Option<Strength> {
        match self.ask(Request::Strength { passphrase, known }).await {
            Ok(Answer::Strength(strength)) => Some(strength),
            _ => None,
        }
    }

    /// Replaces the passphrase.
    pub(crate) async fn change_passphrase(&self, old: String, new: String) -> Result<(), Failure> {
        let answer = self.ask(Request::ChangePassphrase { old, new }).await;
        self.store.dispatch(Action::ProgressDone);
        answer.map(drop)
    }

    /// Removes everything from this device.
    pub(crate) async fn log_out(&self) -> Result<(), Failure> {
        self.ask(Request::LogOut).await?;
        self.store.dispatch(Action::LeftDevice);
        Ok(())
    }

    /// Armor and fingerprint of one's own certificate.
    pub(crate) async fn certificate(&self) -> Result<(String, String), Failure> {
        match self.ask(Request::OwnCertificate).await? {
            Answer::Certificate {
                armored,
                fingerprint,
            } => Ok((armored, fingerprint)),
            _ => Err(errors::unexpected("Certificate")),
        }
    }

    /// A safe name, the type and the bytes of an attachment.
    pub(crate) async fn attachment(
        &self,
        id: &str,
        index: usize,
    ) -> Result<(String, String, Vec<u8>), Failure> {
        let id = id.to_owned();
        match self.ask(Request::Attachment { id, index }).await? {
            Answer::Bytes {
                name,
                media_type,
                data,
            } => Ok((name, media_type, data)),
            _ => Err(errors::unexpected("Attachment")),
        }
    }

    /// Accepts a changed key after it was compared.
    pub(crate) async fn accept_key(&self, address: &str, fingerprint: &str) -> Result<(), Failure> {
        let request = Request::AcceptKey {
            address: address.to_owned(),
            fingerprint: fingerprint.to_owned(),
        };
        self.ask(request).await.map(drop)
    }

    async fn send_outgoing(&self, outgoing: Outgoing) -> Result<SendOutcome, Failure> {
        match self.ask(Request::Send(outgoing)).await? {
            Answer::Sent(outcome) => Ok(outcome),
            _ => Err(errors::unexpected("Send")),
        }
    }

    async fn load_mailboxes(&self) {
        match self.ask(Request::Mailboxes).await {
            Ok(Answer::Mailboxes(list)) => self.store.dispatch(Action::Mailboxes(list)),
            Ok(_) => {}
            Err(failure) => self.note(&failure),
        }
    }

    async fn load_messages(&self, mailbox: String) {
        let mailbox_id = mailbox.clone();
        match self.ask(Request::Messages { mailbox_id }).await {
            Ok(Answer::Messages(list)) => self.store.dispatch(Action::Messages(mailbox, list)),
            Ok(_) => {}
            Err(failure) => {
                if failure.kind != FailureKind::Locked {
                    self.complain(&failure);
                }
            }
        }
    }

    /// Changes the draft, if there is one.
    pub(crate) fn edit_draft(&self, edit: impl FnOnce(&mut Draft) + 'static) {
        self.store.dispatch(Action::EditDraft(Box::new(edit)));
    }

    /// Any plain change of the store.
    pub(crate) fn dispatch(&self, action: Action) {
        self.store.dispatch(action);
    }

    /// Says something in a sentence at the foot of the page.
    pub(crate) fn toast(&self, text: String, undo: Option<Undo>) {
        self.store.dispatch(Action::Toast {
            text,
            details: String::new(),
            is_error: false,
            undo,
        });
    }

    /// Tells a failure at the foot of the page.
    pub(crate) fn complain(&self, failure: &Failure) {
        self.note(failure);
        self.store.dispatch(Action::Toast {
            text: errors::sentence(failure.kind),
            details: errors::details(failure),
            is_error: true,
            undo: None,
        });
    }

    /// Draws the conclusions every failure of its kind has.
    fn note(&self, failure: &Failure) {
        match failure.kind {
            FailureKind::LoggedOut => {
                let event = Event::Notice(Notice::SessionEnded);
                self.store.dispatch(Action::Worker(event));
            }
            FailureKind::Locked => self.store.dispatch(Action::Worker(Event::Locked)),
            _ => {}
        }
    }
}
