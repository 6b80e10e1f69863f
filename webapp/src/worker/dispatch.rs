//! One request, one answer.

use std::rc::Rc;

use crypto_core::{openpgp::Profile, secret::Passphrase};
use mail_client::{
    Client, ClientError, NewAccount,
    view::{SendOutcome, Step},
};

use platform_web::{TabNews, Tabs};

use crate::{
    protocol::{Answer, Event, Failure, FailureKind, OpenedMessage, ProgressStep, Request, Stored},
    worker::{
        background,
        link::{Shared, Wake},
        meter,
        platform::{self, WebPlatform},
    },
};

/// Carries out a request.
pub(crate) async fn answer(shared: &Rc<Shared>, request: Request) -> Result<Answer, Failure> {
    match request {
        Request::Start { server } => start(shared, &server).await,
        Request::Strength { passphrase, known } => meter::strength(passphrase, known)
            .await
            .map(Answer::Strength),
        other => {
            let client = shared.client().ok_or_else(not_started)?;
            with_client(shared, &client, other).await
        }
    }
}

async fn start(shared: &Rc<Shared>, server: &str) -> Result<Answer, Failure> {
    let platform = platform::open(server).await?;
    let client = Rc::new(Client::new(platform));
    let stored = match client.stored_address().await? {
        Some(address) => Stored::Locked { address },
        None => Stored::Nothing,
    };
    shared.client.replace(Some(client));
    shared.scope_name.replace(platform::scope_name(server));
    let listener = Rc::downgrade(shared);
    let tabs = Tabs::open(&platform::scope_name(server), move |news| {
        if let Some(shared) = listener.upgrade() {
            hear(&shared, news);
        }
    });
    shared.tabs.replace(tabs);
    Ok(Answer::Started(stored))
}

/// Another tab did something that concerns this one.
fn hear(shared: &Shared, news: TabNews) {
    match news {
        TabNews::Changed => shared.wake(Wake::Sync),
        TabNews::Locked => {
            close(shared);
            shared.tell(Event::Locked);
        }
        TabNews::LoggedOut => {
            close(shared);
            shared.tell(Event::LoggedOut);
        }
    }
}

fn close(shared: &Shared) {
    shared.wake(Wake::Stop);
    if let Some(client) = shared.client() {
        client.lock();
    }
}

pub(crate) async fn with_client(
    shared: &Rc<Shared>,
    client: &Rc<Client<WebPlatform>>,
    request: Request,
) -> Result<Answer, Failure> {
    let progress = |step: Step| shared.tell(progress_event(step));
    match request {
        Request::Start { .. } | Request::Strength { .. } => Err(not_started()),
        Request::ServerInfo => {
            let info = client.server_info().await?;
            Ok(Answer::ServerInfo {
                domains: info.domains,
                registration_open: info.registration_open,
            })
        }
        Request::SignUp {
            address,
            name,
            passphrase,
            publish,
        } => {
            let passphrase = Passphrase::new(passphrase);
            let new = NewAccount {
                address: &address,
                name: &name,
                passphrase: &passphrase,
                publish,
                profile: Profile::Compatible,
            };
            client.sign_up(new, &progress).await?;
            entered(shared, client)
        }
        Request::LogIn {
            address,
            passphrase,
        } => {
            client
                .log_in(&address, &Passphrase::new(passphrase), &progress)
                .await?;
            entered(shared, client)
        }
        Request::Unlock { passphrase } => {
            let notices = client
                .unlock(&Passphrase::new(passphrase), &progress)
                .await?;
            for notice in notices {
                shared.tell(Event::Notice(notice));
            }
            entered(shared, client)
        }
        Request::Lock => {
            close(shared);
            shared.tell_tabs(TabNews::Locked);
            shared.tell(Event::Locked);
            Ok(Answer::Done)
        }
        Request::LogOut => {
            shared.wake(Wake::Stop);
            client.log_out().await?;
            shared.tell_tabs(TabNews::LoggedOut);
            Ok(Answer::Done)
        }
        Request::ChangePassphrase { old, new } => {
            client
                .change_passphrase(&Passphrase::new(old), &Passphrase::new(new), &progress)
                .await?;
            Ok(Answer::Done)
        }
        Request::Mailboxes => Ok(Answer::Mailboxes(client.mailboxes()?)),
        Request::Messages { mailbox_id } => Ok(Answer::Messages(client.messages(&mailbox_id)?)),
        Request::Open { id } => open(shared, client, &id).await,
        Request::Attachment { id, index } => {
            let file = client.attachment(&id, index).await?;
            Ok(Answer::Bytes {
                name: file.name,
                media_type: file.media_type,
                data: file.data,
            })
        }
        Request::SetFlags { id, seen, flagged } => {
            client.set_flags(&id, seen, flagged).await?;
            shared.wake(Wake::Sync);
            Ok(Answer::Done)
        }
        Request::Move { id, to } => {
            client.move_to(&id, &to).await?;
            shared.wake(Wake::Sync);
            Ok(Answer::Done)
        }
        Request::Recipient { address } => Ok(Answer::Recipient(client.recipient(&address).await?)),
        Request::AcceptKey {
            address,
            fingerprint,
        } => {
            client.accept_key(&address, &fingerprint).await?;
            Ok(Answer::Done)
        }
        Request::Send(outgoing) => {
            let outcome = {
                // Waits for a synchronisation of this or another tab to end.
                let _only = shared.only_tab().await;
                client.send(&outgoing, &progress).await?
            };
            if outcome == SendOutcome::Queued {
                let waiting = client.outbox_len().await?;
                shared.tell(Event::Outbox { waiting });
            }
            shared.wake(Wake::Sync);
            Ok(Answer::Sent(outcome))
        }
        Request::Refresh => {
            shared.wake(Wake::Sync);
            Ok(Answer::Done)
        }
        Request::OwnCertificate => {
            let (armored, fingerprint) = client.own_certificate()?;
            Ok(Answer::Certificate {
                armored,
                fingerprint,
            })
        }
    }
}

/// Opens a message; marking it read may wait for the server.
async fn open(
    shared: &Rc<Shared>,
    client: &Rc<Client<WebPlatform>>,
    id: &str,
) -> Result<Answer, Failure> {
    let mut view = client.read(id).await?;
    let mut has_remote_content = false;
    if let Some(html) = view.html.take() {
        let clean = mail_html::sanitize(&html, std::mem::take(&mut view.inline_pictures));
        has_remote_content = clean.has_remote_content;
        view.html = Some(clean.html);
    }
    if !view.summary.seen {
        let (shared, client, id) = (Rc::clone(shared), Rc::clone(client), id.to_owned());
        wasm_bindgen_futures::spawn_local(async move {
            match client.set_flags(&id, Some(true), None).await {
                Ok(()) => {
                    shared.tell(Event::MailChanged);
                    shared.wake(Wake::Sync);
                }
                // Unread until the server can be told; opening it again tries again.
                Err(ClientError::Offline | ClientError::Locked) => {}
                Err(error) => web_sys::console::warn_1(&error.to_string().into()),
            }
        });
    }
    Ok(Answer::Message(Box::new(OpenedMessage {
        view,
        has_remote_content,
    })))
}

pub(crate) fn entered(
    shared: &Rc<Shared>,
    client: &Rc<Client<WebPlatform>>,
) -> Result<Answer, Failure> {
    let answer = me(client)?;
    background::begin(shared, client);
    Ok(answer)
}

/// Whose account is open.
pub(crate) fn me(client: &Client<WebPlatform>) -> Result<Answer, Failure> {
    let (_, fingerprint) = client.own_certificate()?;
    let me = client.me()?;
    Ok(Answer::Entered { me, fingerprint })
}

fn progress_event(step: Step) -> Event {
    let (step, done, of) = match step {
        Step::StretchingPassphrase => (ProgressStep::StretchingPassphrase, 0, 0),
        Step::MakingKeys => (ProgressStep::MakingKeys, 0, 0),
        Step::Registering => (ProgressStep::Registering, 0, 0),
        Step::LoggingIn => (ProgressStep::LoggingIn, 0, 0),
        Step::OpeningVault => (ProgressStep::OpeningVault, 0, 0),
        Step::Synchronising { done, of } => (ProgressStep::Synchronising, done, of),
        Step::Sealing => (ProgressStep::Sealing, 0, 0),
        Step::Sending => (ProgressStep::Sending, 0, 0),
    };
    Event::Progress { step, done, of }
}

fn not_started() -> Failure {
    Failure {
        kind: FailureKind::Internal,
        details: "the worker was not started".into(),
    }
}
