//! The webmail page: the same page as on the web, with this background in its worker's place, so
//! that there is one vault, one client and one copy of the keys.
//!
//! The page may ask what a person may ask of their mail. The vault is opened and locked for all
//! of the extension at once, and accounts are made, entered and left in the key manager.

use std::{cell::RefCell, rc::Rc};

use base64::engine::{Engine as _, general_purpose::STANDARD as BASE64};
use ext_browser::runtime::Port;
use ext_protocol::{
    failure::{Failure as Refused, FailureKind as Why},
    view::VaultState,
};
use wasm_bindgen::JsValue;
use webapp::{
    protocol::{Answer, Failure, FailureKind, Numbered, Request, Stored, decode},
    worker::Mail,
};
use zeroize::Zeroizing;

use super::Web;
use crate::{background::Background, host::PortId};

thread_local! {
    static MAIL: Mail = Mail::default();
    /// Whom to cut when the program that speaks for a page is of another version.
    static PAGES: RefCell<Vec<PortId>> = const { RefCell::new(Vec::new()) };
}

fn mail() -> Mail {
    MAIL.with(Clone::clone)
}

/// A webmail page came.
pub(super) fn connected(id: PortId, port: Port) {
    PAGES.with(|pages| pages.borrow_mut().push(id));
    mail().come(id, move |bytes| {
        // A page that went away cannot be told anything.
        let _gone = port.post(&BASE64.encode(bytes).into());
    });
}

/// A page went.
pub(super) fn disconnected(id: PortId) {
    let ours = PAGES.with(|pages| {
        let mut pages = pages.borrow_mut();
        let before = pages.len();
        pages.retain(|page| *page != id);
        pages.len() < before
    });
    if ours {
        mail().go(id);
    }
}

/// The keys came or went.
pub(super) fn vault_changed(state: VaultState) {
    if state != VaultState::Unlocked {
        mail().leave();
    }
}

/// A page said something.
pub(super) fn message(background: &Rc<Background<Web>>, id: PortId, message: &JsValue) {
    let text = Zeroizing::new(message.as_string().unwrap_or_default());
    if text.is_empty() {
        // A sign of life: hearing it has kept us awake.
        return;
    }
    let bytes = BASE64.decode(text.as_bytes()).map(Zeroizing::new);
    let request = bytes
        .ok()
        .and_then(|bytes| decode::<Numbered<Request>>(&bytes));
    let Some(Numbered { number, body }) = request else {
        web_sys::console::warn_1(&"a webmail page was cut: not a request".into());
        return background.refuse(id);
    };
    let background = Rc::clone(background);
    wasm_bindgen_futures::spawn_local(async move {
        let answer = answer(&background, body).await;
        mail().answer(id, number, answer);
    });
}

async fn answer(background: &Rc<Background<Web>>, request: Request) -> Result<Answer, Failure> {
    match request {
        Request::Start { .. } => start(background).await,
        Request::Unlock { passphrase } => {
            background.unlock(passphrase).await.map_err(refused)?;
            enter(background).await
        }
        Request::Lock => {
            background.lock().await;
            Ok(Answer::Done)
        }
        other => {
            let client = background.unlocked().await.map_err(refused)?;
            // The list is asked for whenever mail comes, whether anybody is there or not.
            let by_itself = matches!(
                other,
                Request::Mailboxes | Request::Messages { .. } | Request::Refresh
            );
            if !by_itself {
                background.touch();
            }
            mail().carry_out(&client, other).await
        }
    }
}

async fn start(background: &Rc<Background<Web>>) -> Result<Answer, Failure> {
    background.find_account().await.map_err(refused)?;
    let address = async || {
        let client = background.client().await.map_err(refused)?;
        Ok::<_, Failure>(client.stored_address().await?.unwrap_or_default())
    };
    let stored = match background.vault_state() {
        VaultState::NotSetUp => Stored::Nothing,
        _ if background.kept.borrow().server.is_empty() => Stored::NoServer {
            address: address().await?,
        },
        VaultState::Locked => Stored::Locked {
            address: address().await?,
        },
        VaultState::Unlocked => return enter(background).await,
    };
    Ok(Answer::Started(stored))
}

async fn enter(background: &Rc<Background<Web>>) -> Result<Answer, Failure> {
    let client = background.unlocked().await.map_err(refused)?;
    mail().enter(&client).await
}

/// A failure of the background in the webmail's words.
fn refused(failure: Refused) -> Failure {
    let kind = match failure.kind {
        Why::WrongPassphrase => FailureKind::WrongPassphrase,
        Why::Locked | Why::NotSetUp => FailureKind::Locked,
        Why::StorageFull => FailureKind::StorageFull,
        _ => FailureKind::Internal,
    };
    Failure {
        kind,
        details: failure.detail,
    }
}
