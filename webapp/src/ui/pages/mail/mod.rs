//! Reading: mailboxes, the list, the message. Three panes where there is room, one where not.

mod actions;
mod attachments;
mod body;
mod help;
mod list;
mod reader;
mod row;
mod shell;
mod shortcuts;

pub(crate) use shell::Shell;
use shell::{mailbox_name, write};
pub(crate) use shortcuts::use_shortcuts;

use crate::ui::actor::Actor;
use crate::ui::components::{Glyph, IconButton};
use crate::ui::i18n::t;
use crate::ui::route::{self, Route};
use crate::ui::state::{Action, Draft, Reading, Store};
use help::Help;
use list::MessageList;
use mail_client::view::{MailboxRole, Person};
use reader::Reader;
use ui_kit::entry::use_title;
use ui_kit::format;
use yew::prelude::*;

/// Properties of [`Mail`].
#[derive(Properties, PartialEq)]
pub(crate) struct MailProps {
    /// The slug in the address.
    pub(crate) mailbox: String,
    pub(crate) message: Option<String>,
}

/// Begins a letter and shows it; false when another one is unfinished, which is shown instead.
/// Nothing that was typed is thrown away without a question.
pub(crate) fn begin(store: &Store, actor: &Actor, draft: Draft) -> bool {
    let is_free = store.draft.as_ref().is_none_or(|d| !d.is_worth_keeping());
    if is_free {
        let addresses: Vec<String> = draft
            .recipients()
            .map(|r| r.person.address.clone())
            .collect();
        actor.dispatch(Action::StartDraft(draft));
        for address in addresses {
            actor.look_up(&address);
        }
    } else {
        actor.toast(t!("toast-unfinished"), None);
    }
    route::go(&Route::Compose);
    is_free
}

/// The page.
#[component]
pub(crate) fn Mail(props: &MailProps) -> Html {
    let is_help_open = use_state_eq(|| false);
    let (Some(store), Some(actor)) = (use_context::<Store>(), use_context::<Actor>()) else {
        return Html::default();
    };
    let mailbox = store.mailbox(&props.mailbox).cloned();
    let mailbox_id = mailbox.as_ref().map(|m| m.id.clone());
    use_effect_with(mailbox_id.clone(), {
        let actor = actor.clone();
        move |id| {
            if let Some(id) = id {
                actor.watch(id);
            }
        }
    });
    use_effect_with(props.message.clone(), {
        let actor = actor.clone();
        move |message| match message {
            Some(id) => actor.open(id),
            None => actor.dispatch(Action::Reading(Reading::Nothing)),
        }
    });
    let name = mailbox.as_ref().map(mailbox_name).unwrap_or_default();
    // Never a subject: browsers write titles into their history, in the clear.
    use_title(match mailbox.as_ref().map_or(0, |m| m.unread) {
        0 => name.clone(),
        n => t!("mailbox-unread", name = name.clone(), n = n),
    });
    let me = store.me().cloned().unwrap_or_default();
    use_shortcuts({
        let (store, actor) = (store.clone(), actor.clone());
        let is_help_open = is_help_open.clone();
        Callback::from(move |key: String| match key.as_str() {
            "c" => write(&store, &actor),
            "?" => is_help_open.set(true),
            _ => {}
        })
    });
    let list = mailbox_id.as_ref().and_then(|id| store.lists.get(id));
    let is_outgoing = mailbox
        .as_ref()
        .is_some_and(|m| matches!(m.role, MailboxRole::Sent | MailboxRole::Drafts));
    let is_inbox = mailbox
        .as_ref()
        .is_some_and(|m| m.role == MailboxRole::Inbox);
    let on_first_letter = {
        let (store, actor) = (store.clone(), actor.clone());
        Callback::from(move |()| {
            begin(&store, &actor, first_letter(&me));
        })
    };
    let refresh = {
        let actor = actor.clone();
        Callback::from(move |_: MouseEvent| actor.refresh())
    };
    let pane = if props.message.is_some() {
        "reader"
    } else {
        "list"
    };
    let close_help = {
        let is_help_open = is_help_open.clone();
        Callback::from(move |()| is_help_open.set(false))
    };
    html! {
        <Shell current={Some(props.mailbox.clone())} title={name.clone()} pane={pane} testid="page-mail">
            <section class="list-pane" aria-label={name.clone()}>
                <header class="pane-head">
                    <h1>{ name }</h1>
                    if let Some(total) = mailbox.as_ref().map(|m| m.total) {
                        <p class="hint">{ t!("mailbox-total", n = total, shown = format::number(total)) }</p>
                    }
                    <IconButton glyph={Glyph::Refresh} label={t!("refresh")} testid="refresh-button" onclick={refresh} />
                </header>
                <MessageList items={list.cloned().unwrap_or_default()} is_loading={list.is_none()} mailbox={props.mailbox.clone()}
                    selected={props.message.clone()} {is_outgoing} {is_inbox} {on_first_letter} />
            </section>
            <section class="reader-pane" aria-label={t!("message")}>
                <Reader mailbox={props.mailbox.clone()} />
            </section>
            if *is_help_open {
                <Help on_close={close_help} />
            }
        </Shell>
    }
}

/// A letter to oneself, so that the first success comes within a minute.
fn first_letter(me: &Person) -> Draft {
    let mut draft = Draft::new(me);
    draft.add(crate::ui::state::Field::To, me.clone());
    draft.subject = t!("first-letter-subject");
    draft.text = t!("first-letter-text");
    draft
}
