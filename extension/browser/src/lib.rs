//! The browser's extension API, typed.
//!
//! No other crate names `browser` or `chrome`. Both browsers answer with promises; Firefox calls
//! the root `browser`, Chromium `chrome` (and lately both).
//!
//! | module | API |
//! |---|---|
//! | [`runtime`] | ports, addresses of our own files, one-shot messages |
//! | [`tabs`], [`windows`] | the tab a popup stands over, pages and small windows of ours |
//! | [`scripting`], [`permissions`] | further sites, after the person said so |
//! | [`storage`] | `session` (memory) and `local` (disk, nothing secret) |
//! | [`alarms`] | the clock that locks |
//! | [`action`] | the toolbar icon |
//! | [`i18n`] | texts of `_locales` |
//!
//! # Errors
//! Whatever the browser throws or rejects with comes back as [`BrowserError`].

pub mod action;
pub mod alarms;
pub mod i18n;
pub mod permissions;
pub mod runtime;
pub mod scripting;
pub mod storage;
pub mod tabs;
pub mod windows;

mod root;

use js_sys::Promise;
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// The browser refused, or did something that its documentation does not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrowserError(pub String);

impl std::fmt::Display for BrowserError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BrowserError {}

impl From<JsValue> for BrowserError {
    fn from(value: JsValue) -> Self {
        let text = js_sys::Reflect::get(&value, &JsValue::from_str("message"))
            .ok()
            .and_then(|message| message.as_string())
            .or_else(|| value.as_string())
            .unwrap_or_else(|| "the browser refused".to_owned());
        Self(text)
    }
}

impl From<serde_json::Error> for BrowserError {
    fn from(error: serde_json::Error) -> Self {
        // Its own text may quote what it read; this goes into logs.
        Self(format!("unreadable: {:?} error", error.classify()))
    }
}

/// Waits for what the browser promised.
///
/// # Errors
/// What it rejected with.
pub async fn wait(promise: Promise) -> Result<JsValue, BrowserError> {
    JsFuture::from(promise).await.map_err(BrowserError::from)
}

/// A plain JSON object of a value, as messages and options are.
///
/// # Errors
/// When the value cannot be JSON.
pub fn to_js(value: &(impl Serialize + ?Sized)) -> Result<JsValue, BrowserError> {
    Ok(js_sys::JSON::parse(&serde_json::to_string(value)?)?)
}

/// A value of a plain JSON object.
///
/// # Errors
/// When the object is something else.
pub fn from_js<T: DeserializeOwned>(value: JsValue) -> Result<T, BrowserError> {
    let text = js_sys::JSON::stringify(&value)?.as_string();
    // What JSON cannot say (`undefined`) is nothing.
    Ok(serde_json::from_str(text.as_deref().unwrap_or("null"))?)
}
