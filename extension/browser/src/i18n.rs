//! `i18n`: texts of `_locales`, in the browser's language.

use crate::root::root;

/// The text of a key; empty when there is none.
#[must_use]
pub fn message(key: &str) -> String {
    root()
        .map(|root| root.i18n().get_message(key))
        .unwrap_or_default()
}

/// The browser's language, BCP 47; empty when it does not tell.
#[must_use]
pub fn ui_language() -> String {
    root()
        .map(|root| root.i18n().get_ui_language())
        .unwrap_or_default()
}
