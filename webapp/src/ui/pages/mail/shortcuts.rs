//! Single keys, when nothing is being typed.

use crate::ui::dom;
use gloo::events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use yew::prelude::*;

/// Calls back with the key, as `KeyboardEvent.key` names it.
#[hook]
pub(crate) fn use_shortcuts(on_key: Callback<String>) {
    let latest = use_mut_ref(|| on_key.clone());
    *latest.borrow_mut() = on_key;
    use_effect_with((), move |()| {
        let listener = dom::window().map(|window| {
            let options = EventListenerOptions::enable_prevent_default();
            EventListener::new_with_options(&window, "keydown", options, move |event| {
                let Some(event) = event.dyn_ref::<web_sys::KeyboardEvent>() else {
                    return;
                };
                let is_chord = event.ctrl_key() || event.meta_key() || event.alt_key();
                if is_chord || dom::is_typing(event) {
                    return;
                }
                let key = event.key();
                // A single letter acts on the page alone, not also in the field it leads to.
                if matches!(key.as_str(), "c" | "r" | "a" | "f" | "?") {
                    event.prevent_default();
                }
                let on_key = latest.borrow().clone();
                on_key.emit(key);
            })
        });
        move || drop(listener)
    });
}
