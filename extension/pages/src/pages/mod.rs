//! The extension's own pages, each a document of its own: which one this is, its body says.

mod background;
mod from_sheet;
mod letter;
mod manager;
mod passphrase;
mod popup;
mod shell;
mod unlock;
mod welcome;

use crate::dom;
use crate::i18n;

/// Starts the page whose document this is.
pub fn run() {
    console_error_panic_hook::set_once();
    i18n::choose("");
    let Some(document) = dom::document() else {
        return;
    };
    let name = document
        .body()
        .and_then(|body| body.get_attribute("data-page"))
        .unwrap_or_default();
    let Some(place) = document.get_element_by_id("app") else {
        return;
    };
    match name.as_str() {
        "popup" => drop(yew::Renderer::<popup::Popup>::with_root(place).render()),
        "unlock" => drop(yew::Renderer::<unlock::UnlockPage>::with_root(place).render()),
        "welcome" => drop(yew::Renderer::<welcome::Welcome>::with_root(place).render()),
        _ => drop(yew::Renderer::<manager::Manager>::with_root(place).render()),
    }
}
