//! ASCII armor.

use crypto_core::openpgp::{self, ArmorKind};
use js_sys::Uint8Array;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use crate::failure::thrown;

/// Wraps packets in armor; without a kind it is told from the packets.
///
/// # Errors
/// `ArmorError`.
#[wasm_bindgen]
pub fn armor(bytes: Vec<u8>, kind: Option<String>) -> Result<Uint8Array, JsValue> {
    let kind = kind.as_deref().and_then(|kind| match kind {
        "message" => Some(ArmorKind::Message),
        "publicKey" => Some(ArmorKind::PublicKey),
        "privateKey" => Some(ArmorKind::PrivateKey),
        "signature" => Some(ArmorKind::Signature),
        _ => None,
    });
    openpgp::armor(&bytes, kind)
        .map(|text| Uint8Array::from(text.as_slice()))
        .map_err(thrown)
}

/// Takes the armor off; what is binary already is handed through.
///
/// # Errors
/// `ArmorError`.
#[wasm_bindgen]
pub fn dearmor(text: Vec<u8>) -> Result<Uint8Array, JsValue> {
    openpgp::dearmor(&text)
        .map(|bytes| Uint8Array::from(bytes.as_slice()))
        .map_err(thrown)
}
