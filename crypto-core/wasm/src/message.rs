//! Encrypting and decrypting whole messages.

use crypto_core::{
    openpgp::{self, Opened},
    secret::wipe,
};
use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use zeroize::Zeroizing;

use crate::{
    certificate::{object, owned},
    engine::{engine, rng},
    failure::{thrown, value},
    request::Request,
    shapes::{Content, Told},
};

/// Signs and encrypts.
///
/// # Errors
/// `EncryptError`.
#[wasm_bindgen]
pub async fn encrypt(request: Request, plaintext: Vec<u8>) -> Result<Uint8Array, JsValue> {
    let mut plaintext = Zeroizing::new(plaintext);
    let message = request
        .encrypting(async |request| {
            openpgp::encrypt(&*engine(), &mut rng(), &plaintext, &request).await
        })
        .await;
    wipe(&mut plaintext);
    message
        .map(|message| Uint8Array::from(message.as_slice()))
        .map_err(thrown)
}

/// Decrypts and verifies.
///
/// # Errors
/// `DecryptError`.
#[wasm_bindgen]
pub async fn decrypt(request: Request, message: Vec<u8>) -> Result<Content, JsValue> {
    request
        .decrypting(async |request| openpgp::decrypt(&*engine(), &message, &request).await)
        .await
        .map(content)
        .map_err(thrown)
}

/// Decrypts many: for each `{data, told}` or `{error}`.
#[wasm_bindgen(js_name = decryptMany)]
pub async fn decrypt_many(request: Request, messages: Array) -> Array {
    let messages = owned(&messages);
    let borrowed: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
    request
        .decrypting(async |request| openpgp::decrypt_many(&*engine(), &borrowed, &request).await)
        .await
        .into_iter()
        .map(|opened| match opened.map(content) {
            Ok(content) => object(&[("data", content.data.into()), ("told", content.told)]),
            Err(error) => object(&[("error", thrown(error))]),
        })
        .collect()
}

fn content(mut opened: Opened) -> Content {
    let told = value(&Told::from(&opened));
    let data = Uint8Array::from(opened.plaintext.as_slice());
    wipe(&mut opened.plaintext);
    Content { data, told }
}
