//! A modal question. The browser's own dialog traps the keyboard and closes on Escape.

use wasm_bindgen::JsCast;
use yew::prelude::*;

use crate::dom;
use crate::icon::{Glyph, IconButton};
use crate::t;

/// Properties of [`Dialog`].
#[derive(Properties, PartialEq)]
pub struct DialogProps {
    /// The question.
    pub title: AttrValue,
    /// `data-testid`.
    pub testid: AttrValue,
    /// Called on Escape, on the cross and beside the sheet; the owner takes the dialog away.
    pub on_close: Callback<()>,
    /// What it is about, and the answers.
    pub children: Html,
}

/// Open for as long as it is drawn; afterwards the keyboard is where it was before.
#[component]
pub fn Dialog(props: &DialogProps) -> Html {
    let node = use_node_ref();
    let title_id = use_memo((), |()| {
        format!("dialog-{}", js_sys::Math::random().to_bits())
    });
    use_effect_with((), {
        let node = node.clone();
        move |()| {
            let before = dom::document().and_then(|d| d.active_element());
            let dialog = node.cast::<web_sys::HtmlDialogElement>();
            if let Some(dialog) = &dialog {
                let _ = dialog.show_modal();
            }
            move || {
                // While it is open, nothing beside it takes the focus.
                if let Some(dialog) = dialog {
                    dialog.close();
                }
                if let Some(element) = before {
                    dom::focus(&element);
                }
            }
        }
    });
    let oncancel = {
        let on_close = props.on_close.clone();
        Callback::from(move |event: Event| {
            event.prevent_default();
            on_close.emit(());
        })
    };
    // A press beside the sheet closes it like Escape.
    let onclick = {
        let on_close = props.on_close.clone();
        Callback::from(move |event: MouseEvent| {
            let is_backdrop = event
                .target()
                .and_then(|t| t.dyn_into::<web_sys::HtmlDialogElement>().ok())
                .is_some();
            if is_backdrop {
                on_close.emit(());
            }
        })
    };
    let close = props.on_close.reform(|_: MouseEvent| ());
    html! {
        <dialog ref={node} class="dialog" data-testid={props.testid.clone()} aria-labelledby={(*title_id).clone()} {oncancel} {onclick}>
            <div class="dialog-sheet">
                <header class="dialog-head">
                    <h2 id={(*title_id).clone()}>{ props.title.clone() }</h2>
                    <IconButton glyph={Glyph::Close} label={t!("close")} testid="dialog-close" onclick={close} />
                </header>
                { props.children.clone() }
            </div>
        </dialog>
    }
}
