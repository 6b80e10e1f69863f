//! Short messages at the foot of the page, and the voice for screen readers.

use super::{Glyph, IconButton, icon};
use crate::ui::actor::Actor;
use crate::ui::i18n::t;
use crate::ui::state::{Action, Store, Toast};
use gloo::timers::callback::Timeout;
use yew::prelude::*;

/// All of them, the newest last. Errors stay until they are closed.
#[component]
pub(crate) fn Toasts() -> Html {
    let Some(store) = use_context::<Store>() else {
        return Html::default();
    };
    html! {
        <>
            <div class="visually-hidden" role="status" data-testid="announcer">{ store.announced.clone() }</div>
            <div class="toasts">
                for toast in store.toasts.iter() {
                    <One key={toast.id} toast={toast.clone()} />
                }
            </div>
        </>
    }
}

#[derive(Properties, PartialEq)]
struct OneProps {
    toast: Toast,
}

#[component]
fn One(props: &OneProps) -> Html {
    let actor = use_context::<Actor>();
    let toast = props.toast.clone();
    let id = toast.id;
    use_effect_with((), {
        let (actor, is_error) = (actor.clone(), toast.is_error);
        move |()| {
            let timer = actor
                .filter(|_| !is_error)
                .map(|actor| Timeout::new(8_000, move || actor.dispatch(Action::CloseToast(id))));
            move || drop(timer)
        }
    });
    let close = {
        let actor = actor.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some(actor) = &actor {
                actor.dispatch(Action::CloseToast(id));
            }
        })
    };
    let undo = toast.undo.clone().map(|undo| {
        let (actor, close) = (actor.clone(), close.clone());
        Callback::from(move |event: MouseEvent| {
            if let Some(actor) = &actor {
                actor.undo(&undo);
            }
            close.emit(event);
        })
    });
    let (kind, glyph) = if toast.is_error {
        ("error", Glyph::Stop)
    } else {
        ("done", Glyph::Check)
    };
    html! {
        <div class={classes!("toast", toast.is_error.then_some("is-error"))} data-testid="toast" data-kind={kind}>
            { icon(glyph) }
            <div class="toast-body">
                <p>{ toast.text.clone() }</p>
                if !toast.details.is_empty() {
                    <details><summary>{ t!("details") }</summary><p class="mono">{ toast.details.clone() }</p></details>
                }
            </div>
            if let Some(undo) = undo {
                <button type="button" class="button small" data-testid="toast-undo" onclick={undo}>{ t!("undo") }</button>
            }
            <IconButton glyph={Glyph::Close} label={t!("close")} testid="toast-close" onclick={close} />
        </div>
    }
}
