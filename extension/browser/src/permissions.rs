//! `permissions`: host permissions beyond those of the manifest.

use js_sys::Promise;
use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::{BrowserError, root::root, to_js, wait};

#[derive(Serialize)]
struct Origins<'a> {
    origins: &'a [String],
}

fn what(origins: &[String]) -> Result<JsValue, BrowserError> {
    to_js(&Origins { origins })
}

/// Asks the person. Must be called in a click, before anything was waited for.
///
/// # Errors
/// Outside a click, or for an origin that the manifest does not name as optional.
pub fn request(origins: &[String]) -> Result<Promise, BrowserError> {
    Ok(root()?.permissions().request(&what(origins)?)?)
}

/// Whether all of these match patterns are allowed; a promise of a boolean.
///
/// # Errors
/// When the browser refuses.
pub fn contains(origins: &[String]) -> Result<Promise, BrowserError> {
    Ok(root()?.permissions().contains(&what(origins)?)?)
}

/// Whether all of these match patterns are allowed.
///
/// # Errors
/// When the browser refuses.
pub async fn allowed(origins: &[String]) -> Result<bool, BrowserError> {
    Ok(wait(contains(origins)?).await?.is_truthy())
}

/// Gives permissions back.
///
/// # Errors
/// For those the manifest demands.
pub async fn remove(origins: &[String]) -> Result<bool, BrowserError> {
    let promise = root()?.permissions().remove_permission(&what(origins)?)?;
    Ok(wait(promise).await?.is_truthy())
}
