//! Judging signatures.

use crypto_core::openpgp::{self, DetachedPair, Limits, SignatureVerdict, VerifyError};
use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use crate::{
    certificate::{object, owned},
    engine::engine,
    failure::{thrown, value},
    request::Request,
    shapes::{Content, Verdicts},
};

/// Judges detached signatures.
///
/// # Errors
/// `VerifyError`.
#[wasm_bindgen(js_name = verifyDetached)]
pub async fn verify_detached(
    request: Request,
    data: Vec<u8>,
    signature: Vec<u8>,
) -> Result<JsValue, JsValue> {
    let verifiers = request.certificates();
    openpgp::verify_detached(&*engine(), &data, &signature, &verifiers, request.now)
        .await
        .map(|verdicts| told(&verdicts))
        .map_err(thrown)
}

/// Judges many detached signatures: for each `{told}` or `{error}`.
#[wasm_bindgen(js_name = verifyMany)]
pub async fn verify_many(request: Request, data: Array, signatures: Array) -> Array {
    let (data, signatures) = (owned(&data), owned(&signatures));
    let pairs: Vec<DetachedPair<'_>> = data
        .iter()
        .zip(&signatures)
        .map(|(data, signature)| DetachedPair { data, signature })
        .collect();
    let verifiers = request.certificates();
    openpgp::verify_many(&*engine(), &pairs, &verifiers, request.now)
        .await
        .into_iter()
        .map(
            |judged: Result<Vec<SignatureVerdict>, VerifyError>| match judged {
                Ok(verdicts) => object(&[("told", told(&verdicts))]),
                Err(error) => object(&[("error", thrown(error))]),
            },
        )
        .collect()
}

/// Reads and judges a text with cleartext signatures.
///
/// # Errors
/// `VerifyError`.
#[wasm_bindgen(js_name = verifyText)]
pub async fn verify_text(request: Request, message: String) -> Result<JsValue, JsValue> {
    let verifiers = request.certificates();
    openpgp::verify_cleartext(&*engine(), &message, &verifiers, request.now)
        .await
        .map(|signed| {
            object(&[
                ("text", JsValue::from_str(&signed.text)),
                ("told", told(&signed.signatures)),
            ])
        })
        .map_err(thrown)
}

/// Reads and judges a message that is signed but not encrypted.
///
/// # Errors
/// `VerifyError`.
#[wasm_bindgen(js_name = verifyMessage)]
pub async fn verify_message(request: Request, message: Vec<u8>) -> Result<Content, JsValue> {
    let verifiers = request.certificates();
    let limits = Limits::default();
    openpgp::verify_inline(&*engine(), &message, &verifiers, &limits, request.now)
        .await
        .map(|signed| Content {
            data: Uint8Array::from(signed.data.as_slice()),
            told: told(&signed.signatures),
        })
        .map_err(thrown)
}

fn told(verdicts: &[SignatureVerdict]) -> JsValue {
    value(&Verdicts::of(verdicts))
}

/// Judges a detached signature over a stream.
#[wasm_bindgen]
pub struct StreamVerifier {
    inner: openpgp::StreamVerifier,
    now: crypto_core::ids::UnixTime,
}

#[wasm_bindgen]
impl StreamVerifier {
    /// Begins.
    ///
    /// # Errors
    /// `VerifyError`.
    pub fn start(request: Request, signature: &[u8]) -> Result<Self, JsValue> {
        let verifiers = request.certificates();
        let inner = openpgp::StreamVerifier::start(signature, &verifiers).map_err(thrown)?;
        let now = request.now;
        Ok(Self { inner, now })
    }

    /// Takes the next bytes.
    pub fn push(&mut self, data: &[u8]) {
        self.inner.push(data);
    }

    /// The verdicts.
    pub fn finish(self) -> JsValue {
        told(&self.inner.finish(self.now))
    }
}
