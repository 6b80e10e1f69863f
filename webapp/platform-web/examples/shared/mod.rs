//! How a page tells its result: as JSON in `<pre id="result">`, and in one word in its title.

use serde_json::Value;
use wasm_bindgen::JsCast;
use web_sys::{Document, Window};

fn document() -> Option<Document> {
    js_sys::global().dyn_into::<Window>().ok()?.document()
}

/// Shows what is being done, while it is.
pub(crate) fn progress(step: &str) {
    if let Some(document) = document() {
        document.set_title(&format!("running: {step}"));
    }
}

/// Shows the result. The title is `passed` or `failed`.
pub(crate) fn finish(passed: bool, result: &Value) {
    let Some(document) = document() else {
        return;
    };
    if let (Ok(element), Some(body)) = (document.create_element("pre"), document.body()) {
        element.set_id("result");
        element.set_text_content(Some(&format!("{result:#}")));
        drop(body.append_child(&element));
    }
    document.set_title(if passed { "passed" } else { "failed" });
}
