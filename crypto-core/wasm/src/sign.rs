//! Signing.

use std::rc::Rc;

use crypto_core::openpgp::{self, SecretCertificate, SignError, SignRequest};
use js_sys::Uint8Array;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use zeroize::Zeroizing;

use crate::{
    engine::{engine, rng},
    failure::thrown,
    key::PrivateKey,
    request::{Request, time},
};

/// The signer of a request; the TypeScript layer always names one.
fn signer(request: &Request) -> Result<Rc<SecretCertificate>, JsValue> {
    request
        .signer
        .clone()
        .ok_or_else(|| thrown(SignError::Internal("no signer was given".to_owned())))
}

/// Signs data; the signature alone comes back.
///
/// # Errors
/// `SignError`.
#[wasm_bindgen(js_name = signDetached)]
pub async fn sign_detached(request: Request, data: Vec<u8>) -> Result<Uint8Array, JsValue> {
    let (data, signer) = (Zeroizing::new(data), signer(&request)?);
    let (now, armor) = (request.now, request.armor);
    openpgp::sign_detached(&*engine(), &mut rng(), &data, &signer, now, armor)
        .await
        .map(|signature| Uint8Array::from(signature.as_slice()))
        .map_err(thrown)
}

/// Signs data; a message that holds both comes back.
///
/// # Errors
/// `SignError`.
#[wasm_bindgen(js_name = signMessage)]
pub async fn sign_message(request: Request, data: Vec<u8>) -> Result<Uint8Array, JsValue> {
    let (data, signer) = (Zeroizing::new(data), signer(&request)?);
    let (now, armor) = (request.now, request.armor);
    let signers = [signer.as_ref()];
    let mut request = SignRequest::new(&signers, now);
    request.armor = armor;
    openpgp::sign_inline(&*engine(), &mut rng(), &data, &request)
        .await
        .map(|message| Uint8Array::from(message.as_slice()))
        .map_err(thrown)
}

/// Signs text with the cleartext framework.
///
/// # Errors
/// `SignError`.
#[wasm_bindgen(js_name = signText)]
pub async fn sign_text(request: Request, text: String) -> Result<String, JsValue> {
    let (text, signer) = (Zeroizing::new(text), signer(&request)?);
    openpgp::sign_cleartext(&*engine(), &mut rng(), &text, &signer, request.now)
        .await
        .map_err(thrown)
}

/// Signs a stream; the signature alone comes back.
#[wasm_bindgen]
pub struct StreamSigner(openpgp::StreamSigner);

#[wasm_bindgen]
impl StreamSigner {
    /// Begins.
    ///
    /// # Errors
    /// `SignError`.
    pub fn start(key: &PrivateKey, now: f64, armor: bool) -> Result<Self, JsValue> {
        openpgp::StreamSigner::start(&mut rng(), &key.0, time(now), armor)
            .map(Self)
            .map_err(thrown)
    }

    /// Takes the next bytes.
    pub fn push(&mut self, data: &[u8]) {
        self.0.push(data);
    }

    /// The signature.
    ///
    /// # Errors
    /// `SignError`.
    pub fn finish(self) -> Result<Uint8Array, JsValue> {
        self.0
            .finish()
            .map(|signature| Uint8Array::from(signature.as_slice()))
            .map_err(thrown)
    }
}
