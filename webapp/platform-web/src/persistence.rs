//! Asking the browser to keep what is stored when room gets scarce.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Asks for storage that is not thrown away under pressure; true when it is granted.
///
/// Only a page may ask: in a worker this answers whether it was granted before. Browsers decide
/// by themselves (Chromium) or ask the person (Firefox).
pub async fn request_persistence() -> bool {
    match call("persist").await {
        Some(granted) => granted.is_truthy(),
        None => call("persisted")
            .await
            .is_some_and(|granted| granted.is_truthy()),
    }
}

/// `navigator.storage[method]()`; `None` when this scope does not have it.
async fn call(method: &str) -> Option<JsValue> {
    let storage = get(&get(&js_sys::global(), "navigator")?, "storage")?;
    let function: Function = get(&storage, method)?.dyn_into().ok()?;
    let promise: Promise = function.call0(&storage).ok()?.dyn_into().ok()?;
    JsFuture::from(promise).await.ok()
}

pub(crate) fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    let value = Reflect::get(object, &name.into()).ok()?;
    (!value.is_undefined() && !value.is_null()).then_some(value)
}
