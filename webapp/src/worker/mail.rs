//! The mail of an account whose keys somebody else keeps: the extension's background opens and
//! locks the vault, and hands its client to this side for what the webmail page asks.

use std::rc::Rc;

use mail_client::Client;

use crate::{
    protocol::{Answer, Event, Failure, FailureKind, FromWorker, Numbered, Request},
    worker::{
        dispatch,
        link::{Shared, Wake},
        platform::WebPlatform,
    },
};

/// See the module. Cheap to clone.
#[derive(Clone, Default)]
pub struct Mail(Rc<Shared>);

impl Mail {
    /// A page came; it is told that it may begin. `outlet` takes encoded messages to it.
    pub fn come(&self, page: u32, outlet: impl Fn(&[u8]) + 'static) {
        self.0.pages.borrow_mut().push((page, Box::new(outlet)));
        self.0.post(page, &FromWorker::Ready);
    }

    /// A page went. Without any, nothing is synchronised any more.
    pub fn go(&self, page: u32) {
        self.0.pages.borrow_mut().retain(|(id, _)| *id != page);
        if self.0.pages.borrow().is_empty() {
            self.0.wake(Wake::Stop);
        }
    }

    /// Answers a page.
    pub fn answer(&self, page: u32, number: u32, answer: Result<Answer, Failure>) {
        let body = answer.unwrap_or_else(Answer::Failed);
        self.0
            .post(page, &FromWorker::Answer(Numbered { number, body }));
    }

    /// The account is open: its mail is read, and kept up to date from now on.
    ///
    /// # Errors
    /// What the client said.
    pub async fn enter(&self, client: &Rc<Client<WebPlatform>>) -> Result<Answer, Failure> {
        let notices = client.open_mail().await?;
        let same = self.0.client().is_some_and(|old| Rc::ptr_eq(&old, client));
        self.0.client.replace(Some(Rc::clone(client)));
        let answer = if same && self.0.is_at_work() {
            dispatch::me(client)?
        } else {
            dispatch::entered(&self.0, client)?
        };
        for notice in notices {
            self.0.tell(Event::Notice(notice));
        }
        Ok(answer)
    }

    /// The keys went: what was opened is forgotten, and the pages are told.
    pub fn leave(&self) {
        self.0.wake(Wake::Stop);
        if self.0.client.take().is_some() {
            self.0.tell(Event::Locked);
        }
    }

    /// Carries out what needs nothing but the account's mail.
    ///
    /// # Errors
    /// What the client said; [`FailureKind::Internal`] for what belongs to the extension's own
    /// pages: making and entering accounts, passphrases, leaving the device.
    pub async fn carry_out(
        &self,
        client: &Rc<Client<WebPlatform>>,
        request: Request,
    ) -> Result<Answer, Failure> {
        match request {
            Request::Mailboxes
            | Request::Messages { .. }
            | Request::Open { .. }
            | Request::Attachment { .. }
            | Request::SetFlags { .. }
            | Request::Move { .. }
            | Request::Recipient { .. }
            | Request::AcceptKey { .. }
            | Request::Send(_)
            | Request::Refresh
            | Request::OwnCertificate => dispatch::with_client(&self.0, client, request).await,
            Request::Start { .. }
            | Request::ServerInfo
            | Request::SignUp { .. }
            | Request::LogIn { .. }
            | Request::Unlock { .. }
            | Request::Lock
            | Request::LogOut
            | Request::ChangePassphrase { .. }
            | Request::Strength { .. } => Err(Failure {
                kind: FailureKind::Internal,
                details: "the extension's own pages do this".into(),
            }),
        }
    }
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mail(..)")
    }
}
