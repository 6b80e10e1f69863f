//! Messages of any size in bounded memory.
//!
//! Each takes bytes as they come and gives what it has. The TypeScript layer makes
//! `ReadableStream`s of it; dropping the handle is how to cancel.

use crypto_core::{
    openpgp::{self, Checked},
    secret::wipe,
};
use js_sys::Uint8Array;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use zeroize::Zeroizing;

use crate::{
    engine::{engine, rng},
    failure::{thrown, value},
    request::Request,
    shapes::{Content, Told},
};

/// Encrypts a stream.
#[wasm_bindgen]
pub struct StreamEncryptor {
    inner: openpgp::StreamEncryptor,
    output: Vec<u8>,
}

#[wasm_bindgen]
impl StreamEncryptor {
    /// Begins; the first output holds the header.
    ///
    /// # Errors
    /// `EncryptError`.
    pub async fn start(request: Request) -> Result<Self, JsValue> {
        request
            .encrypting(async |request| openpgp::StreamEncryptor::start(&mut rng(), &request))
            .await
            .map(|(inner, output)| Self { inner, output })
            .map_err(thrown)
    }

    /// Takes the next bytes and gives what is ready.
    ///
    /// # Errors
    /// `EncryptError`.
    pub async fn push(&mut self, data: Vec<u8>) -> Result<Uint8Array, JsValue> {
        let mut data = Zeroizing::new(data);
        let pushed = self.inner.push(&*engine(), &data, &mut self.output).await;
        wipe(&mut data);
        pushed.map_err(thrown)?;
        let ready = Uint8Array::from(self.output.as_slice());
        self.output.clear();
        Ok(ready)
    }

    /// The rest.
    ///
    /// # Errors
    /// `EncryptError`.
    pub async fn finish(self) -> Result<Uint8Array, JsValue> {
        let mut output = self.output;
        self.inner
            .finish(&*engine(), &mut output)
            .await
            .map_err(thrown)?;
        Ok(Uint8Array::from(output.as_slice()))
    }
}

/// Decrypts a stream; releases authenticated bytes only.
#[wasm_bindgen]
pub struct StreamDecryptor {
    inner: openpgp::StreamDecryptor,
    output: Zeroizing<Vec<u8>>,
}

#[wasm_bindgen]
impl StreamDecryptor {
    /// Begins with what a first pass found, if there was one.
    pub async fn start(request: Request, checked: Option<FirstPass>) -> Self {
        let inner = request
            .decrypting(async |request| match checked {
                Some(FirstPass(checked)) => {
                    openpgp::StreamDecryptor::second_pass(&request, checked)
                }
                None => openpgp::StreamDecryptor::new(&request),
            })
            .await;
        Self {
            inner,
            output: Zeroizing::new(Vec::new()),
        }
    }

    /// Takes the next bytes and gives what is authenticated.
    ///
    /// # Errors
    /// `DecryptError`.
    pub async fn push(&mut self, data: Vec<u8>) -> Result<Uint8Array, JsValue> {
        self.inner
            .push(&*engine(), &data, &mut self.output)
            .await
            .map_err(thrown)?;
        let ready = Uint8Array::from(self.output.as_slice());
        wipe(&mut self.output);
        Ok(ready)
    }

    /// The rest, and what is told about the whole.
    ///
    /// # Errors
    /// `DecryptError`.
    pub async fn finish(self) -> Result<Content, JsValue> {
        let mut output = self.output;
        let opened = self
            .inner
            .finish(&*engine(), &mut output)
            .await
            .map_err(thrown)?;
        let data = Uint8Array::from(output.as_slice());
        wipe(&mut output);
        Ok(Content {
            data,
            told: value(&Told::from(&opened)),
        })
    }
}

/// What a first pass found out.
#[wasm_bindgen]
pub struct FirstPass(Checked);

/// Checks the integrity of a stream that will be read again; releases nothing.
#[wasm_bindgen]
pub struct StreamChecker(openpgp::StreamChecker);

#[wasm_bindgen]
impl StreamChecker {
    /// Begins.
    pub async fn start(request: Request) -> Self {
        Self(
            request
                .decrypting(async |request| openpgp::StreamChecker::new(&request))
                .await,
        )
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// `DecryptError`.
    pub async fn push(&mut self, data: Vec<u8>) -> Result<(), JsValue> {
        self.0.push(&*engine(), &data).await.map_err(thrown)
    }

    /// The verdict on the integrity.
    ///
    /// # Errors
    /// `DecryptError`.
    pub async fn finish(self) -> Result<FirstPass, JsValue> {
        self.0
            .finish(&*engine())
            .await
            .map(FirstPass)
            .map_err(thrown)
    }
}
