//! The foot of the page: send, attach, discard, and in words what sending will do.

use super::attach::add_files;
use crate::ui::actor::Actor;
use crate::ui::components::{Dialog, Glyph, icon};
use crate::ui::dom;
use crate::ui::i18n::t;
use crate::ui::state::{Action, Draft, DraftPhase};
use mail_client::view::RecipientState;
use std::rc::Rc;
use ui_kit::files::{Picker, open_picker};
use ui_kit::format;
use yew::prelude::*;

/// Properties of [`SendBar`].
#[derive(Properties, PartialEq)]
pub(crate) struct SendBarProps {
    pub(crate) draft: Rc<Draft>,
    pub(crate) on_sent: Callback<()>,
    pub(crate) on_discard: Callback<()>,
}

/// What stands in the way of sending, or what it will do.
struct Outlook {
    word: &'static str,
    text: String,
    is_ready: bool,
}

fn outlook(draft: &Draft) -> Outlook {
    let count = draft.recipients().count();
    let troubled = draft.recipients().filter(|r| r.is_trouble()).count();
    let make = |word, text, is_ready| Outlook {
        word,
        text,
        is_ready,
    };
    if draft.phase == DraftPhase::Sending {
        make("sending", t!("send-sending"), false)
    } else if count == 0 {
        make("nobody", t!("send-nobody"), false)
    } else if troubled > 0 {
        make("trouble", t!("send-trouble", n = troubled), false)
    } else if draft.recipients().any(|r| r.state.is_none()) {
        make("looking", t!("send-looking"), false)
    } else if draft
        .recipients()
        .any(|r| r.state == Some(RecipientState::Unknown))
    {
        make("unknown", t!("send-unknown"), true)
    } else {
        make("ready", t!("send-ready", n = count), true)
    }
}

/// The bar.
#[component]
pub(crate) fn SendBar(props: &SendBarProps) -> Html {
    let picker = use_node_ref();
    let Some(actor) = use_context::<Actor>() else {
        return Html::default();
    };
    let outlook = outlook(&props.draft);
    let send = {
        let (actor, draft, on_sent) = (actor.clone(), props.draft.clone(), props.on_sent.clone());
        let (is_ready, word, says) = (outlook.is_ready, outlook.word, outlook.text.clone());
        Callback::from(move |_: MouseEvent| {
            if is_ready {
                let on_sent = on_sent.clone();
                actor.send(&draft, move || on_sent.emit(()));
            } else {
                // A button that does nothing says why.
                actor.dispatch(Action::Announce(says.clone()));
                if word == "nobody" {
                    dom::focus_id("to-input");
                } else if word == "trouble"
                    && let Some(button) = dom::document()
                        .and_then(|d| d.query_selector("#troubles button").ok().flatten())
                {
                    dom::focus(&button);
                }
            }
        })
    };
    let pick = {
        let picker = picker.clone();
        Callback::from(move |_: MouseEvent| open_picker(&picker))
    };
    let on_files = Callback::from(move |files| add_files(&actor, files));
    let size = props.draft.files_size();
    html! {
        <footer class="send-bar">
            <button type="button" class="button seal" data-testid="send" aria-disabled={(!outlook.is_ready).to_string()} aria-describedby="send-state" onclick={send}>
                { icon(Glyph::Sealed) }{ t!("send") }
            </button>
            <button type="button" class="button" data-testid="attach-button" onclick={pick}>{ icon(Glyph::Clip) }{ t!("attach") }</button>
            <Picker node={picker} label={t!("attach")} testid="attach-input" {on_files} />
            <p id="send-state" class="send-state" data-testid="send-state" data-state={outlook.word} role="status">
                { outlook.text }
                if size > 0 {
                    <>{ " · " }{ t!("files-size", size = format::size(size)) }</>
                }
            </p>
            <button type="button" class="button quiet" data-testid="discard" onclick={props.on_discard.reform(|_: MouseEvent| ())}>{ icon(Glyph::Trash) }<span class="wide-only">{ t!("discard") }</span></button>
        </footer>
    }
}

/// Properties of [`Discard`].
#[derive(Properties, PartialEq)]
pub(crate) struct DiscardProps {
    pub(crate) on_keep: Callback<()>,
    pub(crate) on_discard: Callback<()>,
}

/// Asks before words are lost.
#[component]
pub(crate) fn Discard(props: &DiscardProps) -> Html {
    html! {
        <Dialog title={t!("discard-title")} testid="discard-dialog" on_close={props.on_keep.clone()}>
            <p>{ t!("discard-text") }</p>
            <div class="actions">
                <button type="button" class="button" data-testid="discard-confirm" onclick={props.on_discard.reform(|_: MouseEvent| ())}>{ t!("discard") }</button>
                <button type="button" class="button quiet" data-testid="discard-cancel" onclick={props.on_keep.reform(|_: MouseEvent| ())}>{ t!("discard-cancel") }</button>
            </div>
        </Dialog>
    }
}
