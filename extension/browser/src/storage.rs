//! `storage`: small things as JSON text.
//!
//! # Security
//! [`Area::Session`] lies in memory, is never written to disk, and only our own contexts can
//! read it (both browsers' default). [`Area::Local`] lies on disk in the clear: nothing secret.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::JsValue;

use crate::{
    BrowserError,
    root::{StorageArea, root},
    wait,
};

/// Where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    /// In memory, until the browser ends. Firefox has none in frames inside other pages.
    Session,
    /// On disk.
    Local,
}

fn area(which: Area) -> Result<StorageArea, BrowserError> {
    let storage = root()?.storage();
    match which {
        Area::Session => storage.session(),
        Area::Local => storage.local(),
    }
    .ok_or_else(|| BrowserError("this storage is not there".to_owned()))
}

/// Reads everything that is there: keys with texts. What is no text is left out.
///
/// # Errors
/// When the browser refuses.
pub async fn all(which: Area) -> Result<Vec<(String, String)>, BrowserError> {
    let found = wait(area(which)?.get(&JsValue::NULL)?).await?;
    let entries = Object::entries(&Object::from(found));
    let text = |entry: JsValue| {
        let pair = Array::from(&entry);
        Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
    };
    Ok(entries.iter().filter_map(text).collect())
}

/// Reads one text.
///
/// # Errors
/// When the browser refuses.
pub async fn get(which: Area, key: &str) -> Result<Option<String>, BrowserError> {
    let key = JsValue::from_str(key);
    let found = wait(area(which)?.get(&key)?).await?;
    Ok(Reflect::get(&found, &key)?.as_string())
}

/// Writes one text.
///
/// # Errors
/// When there is no room (10 MB in all for each area).
pub async fn set(which: Area, key: &str, text: &str) -> Result<(), BrowserError> {
    let items = Object::new();
    Reflect::set(&items, &key.into(), &text.into())?;
    wait(area(which)?.set(&items)?).await?;
    Ok(())
}

/// Removes texts.
///
/// # Errors
/// When the browser refuses.
pub async fn remove(which: Area, key: &str) -> Result<(), BrowserError> {
    wait(area(which)?.remove(&JsValue::from_str(key))?).await?;
    Ok(())
}
