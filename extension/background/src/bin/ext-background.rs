//! The entry point of the program that holds the keys.

use ext_background::web;
use ext_browser::runtime::Port;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

/// Wipes every block that is given back: the OpenPGP library leaves secret numbers in some.
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

fn main() {
    console_error_panic_hook::set_once();
    platform_web::charsets::use_the_browsers();
}

/// Begins the background.
#[wasm_bindgen]
#[allow(
    unreachable_pub,
    missing_docs,
    reason = "exported to JavaScript by wasm-bindgen"
)]
pub async fn background() {
    web::start().await;
}

#[wasm_bindgen]
#[allow(
    unreachable_pub,
    missing_docs,
    reason = "exported to JavaScript by wasm-bindgen"
)]
pub fn connected(id: u32, port: Port) {
    web::connected(id, port);
}

#[wasm_bindgen]
#[allow(
    unreachable_pub,
    missing_docs,
    reason = "exported to JavaScript by wasm-bindgen"
)]
pub fn message(id: u32, message: JsValue) {
    web::message(id, message);
}

#[wasm_bindgen]
#[allow(
    unreachable_pub,
    missing_docs,
    reason = "exported to JavaScript by wasm-bindgen"
)]
pub fn disconnected(id: u32) {
    web::disconnected(id);
}

#[wasm_bindgen]
#[allow(
    unreachable_pub,
    missing_docs,
    reason = "exported to JavaScript by wasm-bindgen"
)]
pub fn happened(what: String, detail: JsValue) {
    web::happened(what, detail);
}
