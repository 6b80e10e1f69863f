//! Where the person is, kept in the fragment of the address.
//!
//! Fragments work on any static host and are never sent to a server. Our own few lines instead
//! of yew-router's `HashRouter`, whose history panics on a fragment that is none of ours.

use super::dom;
use mail_client::view::{MailboxRole, MailboxView};
use wasm_bindgen::JsValue;
use yew::prelude::*;

/// A place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Home,
    Welcome,
    SignUp,
    LogIn,
    Unlock,
    Mail {
        /// `inbox`, `sent` ... or a JMAP mailbox id.
        mailbox: String,
        message: Option<String>,
    },
    Compose,
    Settings,
}

impl Route {
    pub(crate) fn inbox() -> Self {
        Self::Mail {
            mailbox: "inbox".to_owned(),
            message: None,
        }
    }

    /// The fragment with its `#`.
    pub(crate) fn href(&self) -> String {
        match self {
            Self::Home => "#/".to_owned(),
            Self::Welcome => "#/welcome".to_owned(),
            Self::SignUp => "#/sign-up".to_owned(),
            Self::LogIn => "#/log-in".to_owned(),
            Self::Unlock => "#/unlock".to_owned(),
            Self::Compose => "#/compose".to_owned(),
            Self::Settings => "#/settings".to_owned(),
            Self::Mail { mailbox, message } => {
                let mut href = format!("#/mail/{}", encode(mailbox));
                if let Some(message) = message {
                    href.push('/');
                    href.push_str(&encode(message));
                }
                href
            }
        }
    }

    fn parse(fragment: &str) -> Self {
        let path = fragment.trim_start_matches('#').trim_matches('/');
        let mut parts = path.split('/');
        match (parts.next(), parts.next(), parts.next()) {
            (Some("welcome"), None, _) => Self::Welcome,
            (Some("sign-up"), None, _) => Self::SignUp,
            (Some("log-in"), None, _) => Self::LogIn,
            (Some("unlock"), None, _) => Self::Unlock,
            (Some("compose"), None, _) => Self::Compose,
            (Some("settings"), None, _) => Self::Settings,
            (Some("mail"), Some(mailbox), message) => Self::Mail {
                mailbox: decode(mailbox),
                message: message.map(decode),
            },
            _ => Self::Home,
        }
    }
}

fn encode(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}

fn decode(text: &str) -> String {
    js_sys::decode_uri_component(text).map_or_else(|_| text.to_owned(), Into::into)
}

/// The place the address names now.
pub(crate) fn current() -> Route {
    let fragment = dom::window().and_then(|w| w.location().hash().ok());
    Route::parse(&fragment.unwrap_or_default())
}

/// Goes to a place; back returns from it.
pub(crate) fn go(route: &Route) {
    if let Some(window) = dom::window() {
        // Fires `hashchange`, which every `use_route` hears.
        let _ = window.location().set_hash(&route.href());
    }
}

/// Goes to a place without leaving a step to go back to.
pub(crate) fn replace(route: &Route) {
    let Some(window) = dom::window() else { return };
    if let Ok(history) = window.history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&route.href()));
        if let Ok(event) = web_sys::Event::new("hashchange") {
            let _ = window.dispatch_event(&event);
        }
    }
}

/// The place, followed as it changes.
#[hook]
pub(crate) fn use_route() -> Route {
    let route = use_state_eq(current);
    let setter = route.setter();
    use_effect_with((), move |()| {
        setter.set(current());
        let listener = dom::window().map(|window| {
            gloo::events::EventListener::new(&window, "hashchange", move |_| {
                setter.set(current());
            })
        });
        move || drop(listener)
    });
    (*route).clone()
}

/// The name of a mailbox in an address: its role, or its id when it has none.
pub(crate) fn slug(mailbox: &MailboxView) -> String {
    match mailbox.role {
        MailboxRole::Inbox => "inbox".to_owned(),
        MailboxRole::Sent => "sent".to_owned(),
        MailboxRole::Drafts => "drafts".to_owned(),
        MailboxRole::Archive => "archive".to_owned(),
        MailboxRole::Trash => "trash".to_owned(),
        MailboxRole::Junk => "junk".to_owned(),
        MailboxRole::Other => mailbox.id.clone(),
    }
}
