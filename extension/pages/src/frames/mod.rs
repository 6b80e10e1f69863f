//! Frames inside somebody's page: what a frame is for, it learns from the background.

mod app;
mod editor;
mod height;
mod host;
mod keys;
mod reader;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use crate::dom;

/// Starts the frame whose document this is.
pub fn run() {
    console_error_panic_hook::set_once();
    let Some(place) = dom::document().and_then(|d| d.get_element_by_id("app")) else {
        return;
    };
    // A drop beside the field would make the browser show the file in place of the letter.
    if let Some(window) = dom::window() {
        let refuse = Closure::<dyn FnMut(web_sys::Event)>::new(|event: web_sys::Event| {
            event.prevent_default();
        });
        for name in ["dragover", "drop"] {
            let _ = window.add_event_listener_with_callback(name, refuse.as_ref().unchecked_ref());
        }
        refuse.forget();
    }
    yew::Renderer::<app::FrameApp>::with_root(place).render();
}
