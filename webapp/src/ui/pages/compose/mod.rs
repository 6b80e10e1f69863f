//! Writing: recipients with the state of their seal, text, files.

mod attach;
mod key;
mod recipients;
mod send;
mod trouble;

use super::mail::Shell;
use crate::ui::actor::Actor;
use crate::ui::components::{FailureNote, Glyph, IconButton, ProgressBar};
use crate::ui::dom;
use crate::ui::i18n::t;
use crate::ui::route::{self, Route};
use crate::ui::state::{Action, Draft, DraftKind, DraftPhase, Field, Store};
use attach::{Files, add_files};
use recipients::Recipients;
use send::{Discard, SendBar};
use trouble::Troubles;
use ui_kit::entry::use_title;
use ui_kit::files;
use ui_kit::lookalike::LookAlikes;
use wasm_bindgen::JsCast;
use yew::prelude::*;

fn value(event: &InputEvent) -> String {
    let Some(target) = event.target() else {
        return String::new();
    };
    if let Some(input) = target.dyn_ref::<web_sys::HtmlInputElement>() {
        input.value()
    } else if let Some(area) = target.dyn_ref::<web_sys::HtmlTextAreaElement>() {
        area.value()
    } else {
        String::new()
    }
}

/// The page.
#[component]
pub(crate) fn Compose() -> Html {
    let is_discarding = use_state_eq(|| false);
    let is_dragging = use_state_eq(|| false);
    let body = use_node_ref();
    let (store, actor) = (use_context::<Store>(), use_context::<Actor>());
    let draft = store.as_ref().and_then(|s| s.draft.clone());
    let kind = draft.as_ref().map_or(DraftKind::New, |d| d.kind);
    let title = match kind {
        DraftKind::New => t!("compose-title-new"),
        DraftKind::Reply => t!("compose-title-reply"),
        DraftKind::Forward => t!("compose-title-forward"),
    };
    use_title(title.clone());
    // The keyboard starts where the next word belongs.
    use_effect_with((), {
        let body = body.clone();
        let has_recipients = draft.as_ref().is_some_and(|d| !d.to.is_empty());
        move |()| {
            if has_recipients {
                if let Some(area) = body.cast::<web_sys::HtmlTextAreaElement>() {
                    dom::focus(&area);
                    let _ = area.set_selection_range(0, 0);
                    area.set_scroll_top(0);
                }
            } else {
                dom::focus_id("to-input");
            }
        }
    });
    let (Some(draft), Some(actor)) = (draft, actor) else {
        return Html::default();
    };
    let is_sending = draft.phase == DraftPhase::Sending;

    let edit = |change: fn(&mut Draft, String)| {
        let actor = actor.clone();
        Callback::from(move |event: InputEvent| {
            let text = value(&event);
            actor.edit_draft(move |draft| {
                change(draft, text);
                draft.touched = true;
            });
        })
    };
    let on_subject = edit(|draft, text| draft.subject = text);
    let on_text = edit(|draft, text| draft.text = text);
    let onpaste = {
        let actor = actor.clone();
        Callback::from(move |event: Event| {
            let Some(event) = event.dyn_ref::<web_sys::ClipboardEvent>() else {
                return;
            };
            let files = event.clipboard_data().and_then(|data| data.files());
            if let Some(files) = files.filter(|f| f.length() > 0) {
                event.prevent_default();
                add_files(&actor, files::all(&files));
            }
        })
    };
    let ondragover = {
        let is_dragging = is_dragging.clone();
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            is_dragging.set(true);
        })
    };
    let ondragleave = {
        let is_dragging = is_dragging.clone();
        Callback::from(move |_: DragEvent| is_dragging.set(false))
    };
    let ondrop = {
        let (actor, is_dragging) = (actor.clone(), is_dragging.clone());
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            is_dragging.set(false);
            if let Some(files) = event.data_transfer().and_then(|data| data.files()) {
                add_files(&actor, files::all(&files));
            }
        })
    };
    let show_cc = {
        let actor = actor.clone();
        Callback::from(move |_: MouseEvent| actor.edit_draft(|draft| draft.cc_shown = true))
    };
    let leave = Callback::from(|()| route::go(&Route::inbox()));
    let discard = {
        let (actor, is_discarding, leave) = (actor.clone(), is_discarding.clone(), leave.clone());
        let is_worth_keeping = draft.is_worth_keeping();
        Callback::from(move |()| {
            if is_worth_keeping {
                is_discarding.set(true);
            } else {
                actor.dispatch(Action::DropDraft);
                leave.emit(());
            }
        })
    };
    let throw_away = {
        let (actor, leave) = (actor.clone(), leave.clone());
        Callback::from(move |()| {
            actor.dispatch(Action::DropDraft);
            leave.emit(());
        })
    };
    let keep = {
        let is_discarding = is_discarding.clone();
        Callback::from(move |()| is_discarding.set(false))
    };
    let kind_word = match kind {
        DraftKind::New => "new",
        DraftKind::Reply => "reply",
        DraftKind::Forward => "forward",
    };
    let phase_word = match draft.phase {
        DraftPhase::Writing => "writing",
        DraftPhase::Sending => "sending",
        DraftPhase::Failed(_) => "failed",
    };
    let back = Callback::from(|_: MouseEvent| route::go(&Route::inbox()));
    html! {
        <Shell current={None::<String>} title={title.clone()} pane="single" testid="page-compose" kind={kind_word} phase={phase_word} is_compose_quiet={true}>
            <section class={classes!("compose", (*is_dragging).then_some("is-dragging"))} aria-label={title.clone()} onpaste={onpaste} {ondragover} {ondragleave} {ondrop}>
                <header class="pane-head">
                    <IconButton glyph={Glyph::Back} label={t!("compose-leave")} testid="compose-back" onclick={back} />
                    <h1>{ title }</h1>
                </header>
                <div class="sheet letter compose-sheet" inert={is_sending}>
                    <div class="compose-row">
                        <Recipients field={Field::To} id="to-input" label={t!("to")} people={draft.to.clone()} />
                        if !draft.cc_shown {
                            <button type="button" class="button quiet small" data-testid="cc-show" onclick={show_cc}>{ t!("cc") }</button>
                        }
                    </div>
                    if draft.cc_shown {
                        <div class="compose-row">
                            <Recipients field={Field::Cc} id="cc-input" label={t!("cc")} people={draft.cc.clone()} />
                        </div>
                    }
                    <LookAlikes people={draft.to.iter().chain(&draft.cc).map(|one| one.person.clone()).collect::<Vec<_>>()} />
                    <Troubles draft={draft.clone()} />
                    <div class="compose-row">
                        <label for="subject">{ t!("subject") }</label>
                        <input id="subject" data-testid="subject" class="bare" type="text" autocomplete="off" value={draft.subject.clone()} oninput={on_subject} />
                    </div>
                    <textarea ref={body} class="compose-body" data-testid="body" autocomplete="off" aria-label={t!("letter-text")} placeholder={t!("letter-placeholder")} value={draft.text.clone()} oninput={on_text} dir="auto" spellcheck="true" />
                    <Files files={draft.files.clone()} />
                    if *is_dragging {
                        <p class="drop-here">{ t!("drop-here") }</p>
                    }
                </div>
                if let DraftPhase::Failed(failure) = &draft.phase {
                    <FailureNote failure={failure.clone()}><p>{ t!("send-kept") }</p></FailureNote>
                }
                if is_sending {
                    <ProgressBar />
                }
                <SendBar draft={draft.clone()} on_sent={leave} on_discard={discard} />
            </section>
            if *is_discarding {
                <Discard on_keep={keep} on_discard={throw_away} />
            }
        </Shell>
    }
}
