//! Runs the bulk engine's contract over a real browser's WebCrypto.
//!
//! The title becomes `passed` or `failed`; `#result` says more.

#![allow(missing_docs, reason = "a program for tests")]

use crypto_core::bulk::contract;
use crypto_webcrypto::WebCryptoEngine;
use wasm_bindgen::JsCast;
use web_sys::{Document, Window};

fn main() {
    // The suite panics where the contract is broken, and a program stops there.
    std::panic::set_hook(Box::new(|panic| finish("failed", &panic.to_string())));
    wasm_bindgen_futures::spawn_local(async {
        let engine = WebCryptoEngine::new();
        if engine.has_webcrypto() {
            contract::check(&engine).await;
            finish("passed", "the engine keeps the contract");
        } else {
            finish("failed", "there is no WebCrypto here");
        }
    });
}

fn document() -> Option<Document> {
    js_sys::global().dyn_into::<Window>().ok()?.document()
}

fn finish(title: &str, result: &str) {
    let Some(document) = document() else {
        return;
    };
    if let (Ok(element), Some(body)) = (document.create_element("pre"), document.body()) {
        element.set_id("result");
        element.set_text_content(Some(result));
        drop(body.append_child(&element));
    }
    document.set_title(title);
}
