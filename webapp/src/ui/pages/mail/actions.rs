//! What can be done with an opened message: buttons and keys.

use super::{begin, use_shortcuts};
use crate::protocol::OpenedMessage;
use crate::ui::actor::Actor;
use crate::ui::components::{Glyph, IconButton, icon};
use crate::ui::i18n::t;
use crate::ui::state::{Draft, DraftFile, Store};
use mail_client::view::MailboxRole;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// Properties of [`Actions`].
#[derive(Properties, PartialEq)]
pub(crate) struct ActionsProps {
    pub(crate) message: Rc<OpenedMessage>,
    pub(crate) mailbox: String,
    pub(crate) on_back: Callback<()>,
}

/// The text to quote: the plain one, or what the frame shows of the HTML.
fn text_of(message: &OpenedMessage) -> String {
    message
        .view
        .text
        .clone()
        .or_else(super::body::shown_text)
        .unwrap_or_default()
}

/// Fetches the files of a forwarded message into its draft.
fn bring_files(actor: &Actor, message: &Rc<OpenedMessage>) {
    for file in &message.view.attachments {
        let (actor, id, index) = (actor.clone(), message.view.summary.id.clone(), file.index);
        spawn_local(async move {
            match actor.attachment(&id, index).await {
                Ok((name, media_type, data)) => {
                    let file = Rc::new(DraftFile {
                        name,
                        media_type,
                        data,
                    });
                    actor.edit_draft(move |draft| draft.files.push(file));
                }
                Err(failure) => actor.complain(&failure),
            }
        });
    }
}

/// The toolbar.
#[component]
pub(crate) fn Actions(props: &ActionsProps) -> Html {
    let (Some(store), Some(actor)) = (use_context::<Store>(), use_context::<Actor>()) else {
        return Html::default();
    };
    let me = store.me().cloned().unwrap_or_default();
    let message = props.message.clone();
    let summary = message.view.summary.clone();
    let here = store.mailbox(&props.mailbox).cloned();
    let role = here.as_ref().map_or(MailboxRole::Other, |m| m.role);
    let place = |wanted: MailboxRole| {
        store
            .mailboxes
            .iter()
            .find(|m| m.role == wanted)
            .map(|m| m.id.clone())
    };
    let move_to = |target: Option<String>, told: String| {
        let (actor, id, on_back) = (actor.clone(), summary.id.clone(), props.on_back.clone());
        let from = here.as_ref().map(|m| m.id.clone());
        target.zip(from).map(|(to, from)| {
            Callback::from(move |()| {
                on_back.emit(());
                actor.move_message(&id, &from, &to, told.clone());
            })
        })
    };
    let archive = (role != MailboxRole::Archive)
        .then(|| move_to(place(MailboxRole::Archive), t!("toast-archived")))
        .flatten();
    let delete = (role != MailboxRole::Trash)
        .then(|| move_to(place(MailboxRole::Trash), t!("toast-deleted")))
        .flatten();
    let to_inbox = matches!(
        role,
        MailboxRole::Archive | MailboxRole::Trash | MailboxRole::Junk
    )
    .then(|| move_to(place(MailboxRole::Inbox), t!("toast-inbox")))
    .flatten();
    let unread = {
        let (actor, id, on_back) = (actor.clone(), summary.id.clone(), props.on_back.clone());
        Callback::from(move |()| {
            on_back.emit(());
            actor.set_flags(&id, Some(false), None);
        })
    };
    let star = {
        let (actor, id, flagged) = (actor.clone(), summary.id.clone(), summary.flagged);
        Callback::from(move |()| actor.set_flags(&id, None, Some(!flagged)))
    };
    let reply = |to_all: bool| {
        let (store, actor) = (store.clone(), actor.clone());
        let (me, message) = (me.clone(), message.clone());
        Callback::from(move |()| {
            let draft = Draft::reply(&me, &message, &text_of(&message), to_all);
            begin(&store, &actor, draft);
        })
    };
    let forward = {
        let (store, actor) = (store.clone(), actor.clone());
        let (me, message) = (me.clone(), message.clone());
        Callback::from(move |()| {
            let draft = Draft::forward(&me, &message, &text_of(&message));
            if begin(&store, &actor, draft) {
                bring_files(&actor, &message);
            }
        })
    };
    use_shortcuts({
        let (archive, delete, unread, star) = (
            archive.clone(),
            delete.clone(),
            unread.clone(),
            star.clone(),
        );
        let (one, all, forward, back) = (
            reply(false),
            reply(true),
            forward.clone(),
            props.on_back.clone(),
        );
        Callback::from(move |key: String| {
            let run = |callback: &Option<Callback<()>>| {
                if let Some(callback) = callback {
                    callback.emit(());
                }
            };
            match key.as_str() {
                "r" => one.emit(()),
                "a" => all.emit(()),
                "f" => forward.emit(()),
                "e" => run(&archive),
                "#" | "Delete" => run(&delete),
                "s" => star.emit(()),
                "U" => unread.emit(()),
                "u" | "Escape" => back.emit(()),
                _ => {}
            }
        })
    });
    let on = |callback: &Callback<()>| callback.reform(|_: MouseEvent| ());
    html! {
        <div class="toolbar" role="toolbar" aria-label={t!("message-actions")}>
            <IconButton class="back-button" glyph={Glyph::Back} label={t!("back-to-list")} testid="back" onclick={on(&props.on_back)} />
            <div class="reply-bar">
                <button type="button" class="button" data-testid="reply" aria-keyshortcuts="r" onclick={on(&reply(false))}>{ icon(Glyph::Reply) }{ t!("reply") }</button>
                <IconButton glyph={Glyph::ReplyAll} label={t!("reply-all")} shortcut="a" testid="reply-all" onclick={on(&reply(true))} />
                <IconButton glyph={Glyph::Forward} label={t!("forward")} shortcut="f" testid="forward" onclick={on(&forward)} />
            </div>
            <IconButton glyph={Glyph::Star} label={t!("star")} shortcut="s" testid="star" pressed={summary.flagged} class="star-button" onclick={on(&star)} />
            <IconButton glyph={Glyph::Unread} label={t!("mark-unread")} shortcut="U" testid="mark-unread" onclick={on(&unread)} />
            if let Some(to_inbox) = &to_inbox {
                <IconButton glyph={Glyph::Inbox} label={t!("move-inbox")} testid="move-inbox" onclick={on(to_inbox)} />
            }
            if let Some(archive) = &archive {
                <IconButton glyph={Glyph::Archive} label={t!("archive")} shortcut="e" testid="archive" onclick={on(archive)} />
            }
            if let Some(delete) = &delete {
                <IconButton glyph={Glyph::Trash} label={t!("delete")} shortcut="#" testid="delete" onclick={on(delete)} />
            }
        </div>
    }
}
