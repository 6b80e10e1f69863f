//! The user interface. It holds no keys, does no cryptography and speaks to no server: it asks
//! the worker, by `protocol`, and shows the answers.
//!
//! `state` is what the page knows, `actor` what it does, `pages` and `components` what it looks
//! like. Every text comes from `i18n`.

mod actor;
mod app;
mod components;
mod errors;
mod i18n;
mod idle;
mod link;
mod pages;
mod preferences;
mod route;
mod server;
mod state;

use ui_kit::dom;
use ui_kit::format;

/// Draws the page into `#app` and takes the loading sign away.
pub fn run() {
    console_error_panic_hook::set_once();
    let Some(document) = dom::document() else {
        return;
    };
    i18n::start();
    let Some(place) = document.get_element_by_id("app") else {
        return;
    };
    if let Some(boot) = document.get_element_by_id("boot") {
        boot.remove();
    }
    yew::Renderer::<app::App>::with_root(place).render();
}
