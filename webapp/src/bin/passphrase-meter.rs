//! The entry point of the passphrase meter: a module of its own, because its word lists weigh
//! more than anything else and are wanted only while a new passphrase is typed.
//!
//! It runs in the worker, beside the keys; the page never sees it.

use wasm_bindgen::prelude::wasm_bindgen;

fn main() {}

/// Judges a passphrase: `[score, seconds]` of [`webapp::protocol::Strength`].
#[wasm_bindgen]
#[allow(
    unreachable_pub,
    missing_docs,
    reason = "exported to JavaScript by wasm-bindgen"
)]
pub fn strength(passphrase: String, known: Vec<String>) -> Vec<f64> {
    let strength = webapp::meter::strength(&passphrase, &known);
    // Exact: the estimate saturates at the largest whole number of JavaScript.
    vec![f64::from(strength.score), strength.seconds as f64]
}
