//! The few places where the page touches the browser directly.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, Element, HtmlElement, Storage, Window};

/// The window. `None` only outside a page.
pub fn window() -> Option<Window> {
    web_sys::window()
}

/// The document.
pub fn document() -> Option<Document> {
    window().and_then(|w| w.document())
}

/// The person's languages, the favourite first.
pub fn languages() -> Vec<String> {
    window()
        .map(|w| w.navigator().languages())
        .map(|list| list.iter().filter_map(|l| l.as_string()).collect())
        .unwrap_or_default()
}

fn storage() -> Option<Storage> {
    window().and_then(|w| w.local_storage().ok().flatten())
}

/// A preference. Only things that are no secret are kept there.
pub fn read_preference(name: &str) -> Option<String> {
    storage()?.get_item(&format!("letterlock.{name}")).ok()?
}

/// Keeps a preference, or forgets it. A browser that refuses storage forgets it at once.
pub fn write_preference(name: &str, value: Option<&str>) {
    let Some(storage) = storage() else { return };
    let name = format!("letterlock.{name}");
    let _ = match value {
        Some(value) => storage.set_item(&name, value),
        None => storage.remove_item(&name),
    };
}

/// Sets a style property through the object model, which the content policy allows where a
/// `style` attribute is refused.
pub fn set_style(element: &Element, property: &str, value: &str) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        let _ = element.style().set_property(property, value);
    }
}

/// Moves the keyboard to an element.
pub fn focus(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        let _ = element.focus();
    }
}

/// Moves the keyboard to the element with an id.
pub fn focus_id(id: &str) {
    if let Some(element) = document().and_then(|d| d.get_element_by_id(id)) {
        focus(&element);
    }
}

/// True when keys go into a field, so that shortcuts must keep still.
pub fn is_typing(event: &web_sys::KeyboardEvent) -> bool {
    event
        .target()
        .and_then(|t| t.dyn_into::<HtmlElement>().ok())
        .is_some_and(|e| {
            matches!(e.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
                || e.is_content_editable()
                || e.closest("dialog").ok().flatten().is_some()
        })
}

/// Milliseconds since 1970 by the browser's clock.
pub fn now_ms() -> f64 {
    js_sys::Date::now()
}

/// Hands bytes to the browser as a download. They are never opened in our own origin: the type
/// is always `application/octet-stream`, so nothing in them can run here.
///
/// # Errors
///
/// What the browser threw.
pub fn download(name: &str, data: &[u8]) -> Result<(), JsValue> {
    let document = document().ok_or(JsValue::UNDEFINED)?;
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(data));
    let options = web_sys::BlobPropertyBag::new();
    options.set_type("application/octet-stream");
    let blob = web_sys::Blob::new_with_u8_array_sequence_and_options(&parts, &options)?;
    let url = web_sys::Url::create_object_url_with_blob(&blob)?;
    let link: web_sys::HtmlAnchorElement = document.create_element("a")?.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.set_hidden(true);
    if let Some(body) = document.body() {
        body.append_child(&link)?;
        link.click();
        body.remove_child(&link)?;
    }
    // The download has its own hold on the bytes once it began; a minute is plenty.
    gloo::timers::callback::Timeout::new(60_000, move || {
        let _ = web_sys::Url::revoke_object_url(&url);
    })
    .forget();
    Ok(())
}

/// Puts text on the clipboard; false when the browser refuses.
pub async fn copy(text: &str) -> bool {
    let Some(window) = window() else { return false };
    // Absent outside secure contexts, whatever web-sys says.
    let clipboard = js_sys::Reflect::get(&window.navigator(), &"clipboard".into());
    if !clipboard.is_ok_and(|c| c.is_object()) {
        return false;
    }
    let promise = window.navigator().clipboard().write_text(text);
    wasm_bindgen_futures::JsFuture::from(promise).await.is_ok()
}

/// Loads the page anew: the worker and everything it holds is gone with it.
pub fn reload() {
    if let Some(window) = window() {
        let _ = window.location().reload();
    }
}
