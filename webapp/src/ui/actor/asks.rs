//! The questions to the worker, each with its typed answer, and plain changes of the store.

use super::Inner;
use crate::protocol::{Answer, Event, Failure, FailureKind, Request, Strength};
use crate::ui::errors;
use crate::ui::state::{Action, Draft, Undo};
use mail_client::view::{Notice, Outgoing, SendOutcome};
use wasm_bindgen_futures::spawn_local;

impl Inner {
    pub(super) async fn ask(&self, request: Request) -> Result<Answer, Failure> {
        match self.link.get() {
            Some(link) => link.ask(request).await,
            None => Err(errors::unexpected("the worker is not there")),
        }
    }

    /// Sign up, log in or unlock.
    pub(crate) async fn enter(&self, request: Request) -> Result<(), Failure> {
        let answer = self.ask(request).await;
        self.store.dispatch(Action::ProgressDone);
        self.entered(answer?).await
    }

    /// The account is open.
    pub(super) async fn entered(&self, answer: Answer) -> Result<(), Failure> {
        match answer {
            Answer::Entered { me, fingerprint } => {
                self.store.dispatch(Action::Entered { me, fingerprint });
                spawn_local(async {
                    // Only a page can ask, and a browser may say no: then it may clear the store
                    // when it needs room, and mail comes back from the server.
                    let _granted = platform_web::persistence::request_persistence().await;
                });
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

    pub(super) async fn send_outgoing(&self, outgoing: Outgoing) -> Result<SendOutcome, Failure> {
        match self.ask(Request::Send(outgoing)).await? {
            Answer::Sent(outcome) => Ok(outcome),
            _ => Err(errors::unexpected("Send")),
        }
    }

    pub(super) async fn load_mailboxes(&self) {
        match self.ask(Request::Mailboxes).await {
            Ok(Answer::Mailboxes(list)) => self.store.dispatch(Action::Mailboxes(list)),
            Ok(_) => {}
            Err(failure) => self.note(&failure),
        }
    }

    pub(super) async fn load_messages(&self, mailbox: String) {
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
    pub(super) fn note(&self, failure: &Failure) {
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
