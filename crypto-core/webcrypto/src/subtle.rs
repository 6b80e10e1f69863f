//! `SubtleCrypto`, with our types around it.

use crypto_core::bulk::BulkError;
use js_sys::{ArrayBuffer, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Crypto, CryptoKey, SubtleCrypto};

/// What a key is for.
#[derive(Clone, Copy)]
pub(crate) enum Usage {
    Encrypt,
    Decrypt,
}

/// The browser's cryptography.
#[derive(Debug)]
pub(crate) struct Subtle(SubtleCrypto);

impl Subtle {
    /// Looks it up on the global object, which is a window, a worker's scope or an extension's.
    pub(crate) fn find() -> Option<Self> {
        let crypto = Reflect::get(&js_sys::global(), &JsValue::from_str("crypto")).ok()?;
        let crypto: Crypto = crypto.dyn_into().ok()?;
        // `subtle` is undefined where the context is not secure, whatever the type says.
        let subtle = Reflect::get(&crypto, &JsValue::from_str("subtle")).ok()?;
        Some(Self(subtle.dyn_into().ok()?))
    }

    /// Hands over a key; it cannot be taken back out.
    pub(crate) async fn import(
        &self,
        algorithm: &str,
        key: &[u8],
        usage: Usage,
    ) -> Result<CryptoKey, BulkError> {
        let usage = match usage {
            Usage::Encrypt => "encrypt",
            Usage::Decrypt => "decrypt",
        };
        let data = Uint8Array::from(key);
        let usages = js_sys::Array::of1(&JsValue::from_str(usage));
        let promise = self
            .0
            .import_key_with_str("raw", &data, algorithm, false, &usages);
        // The copy on JavaScript's side is ours to wipe.
        let imported = match promise {
            Ok(promise) => JsFuture::from(promise).await,
            Err(error) => Err(error),
        };
        data.fill(0, 0, data.length());
        imported
            .and_then(JsCast::dyn_into)
            .map_err(|_| BulkError::Platform)
    }

    /// Begins to encrypt. WebCrypto takes its own copy of `data` before this returns.
    pub(crate) fn encrypt(
        &self,
        algorithm: &Object,
        key: &CryptoKey,
        data: &[u8],
    ) -> Result<Promise, BulkError> {
        self.0
            .encrypt_with_object_and_u8_array(algorithm, key, data)
            .map_err(|_| BulkError::Platform)
    }

    /// The same for data on JavaScript's side.
    pub(crate) fn encrypt_js(
        &self,
        algorithm: &Object,
        key: &CryptoKey,
        data: &Uint8Array,
    ) -> Result<Promise, BulkError> {
        self.0
            .encrypt_with_object_and_js_u8_array(algorithm, key, data)
            .map_err(|_| BulkError::Platform)
    }

    /// Begins to decrypt. WebCrypto takes its own copy of `data` before this returns.
    pub(crate) fn decrypt(
        &self,
        algorithm: &Object,
        key: &CryptoKey,
        data: &[u8],
    ) -> Result<Promise, BulkError> {
        self.0
            .decrypt_with_object_and_u8_array(algorithm, key, data)
            .map_err(|_| BulkError::Platform)
    }

    /// Hashes the parts as one.
    pub(crate) async fn digest(&self, name: &str, parts: &[&[u8]]) -> Result<Vec<u8>, BulkError> {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        // What is hashed may be plaintext or a passphrase.
        let whole = Wiped(Uint8Array::new_with_length(js_length(length)?));
        let mut start = 0;
        for part in parts {
            let end = start + js_length(part.len())?;
            whole.0.subarray(start, end).copy_from(part);
            start = end;
        }
        let promise = self
            .0
            .digest_with_str_and_js_u8_array(name, &whole.0)
            .map_err(|_| BulkError::Platform)?;
        // WebCrypto has its own copy.
        drop(whole);
        let digest = bytes_of(JsFuture::from(promise))
            .await
            .map_err(|_| BulkError::Platform)?;
        Ok(digest.to_vec())
    }
}

/// A buffer on JavaScript's side that is wiped however its use ends.
struct Wiped(Uint8Array);

impl Drop for Wiped {
    fn drop(&mut self) {
        self.0.fill(0, 0, self.0.length());
    }
}

/// Waits for a buffer.
pub(crate) async fn bytes_of(future: JsFuture) -> Result<Uint8Array, JsValue> {
    let buffer: ArrayBuffer = future.await?.dyn_into()?;
    Ok(Uint8Array::new(&buffer))
}

/// Appends the content of a JavaScript array.
pub(crate) fn append(output: &mut Vec<u8>, bytes: &Uint8Array) -> Result<(), BulkError> {
    let start = output.len();
    let length = usize::try_from(bytes.length()).map_err(|_| BulkError::Length)?;
    output.resize(start + length, 0);
    let place = output.get_mut(start..).ok_or(BulkError::Length)?;
    bytes.copy_to(place);
    Ok(())
}

/// A length as JavaScript's arrays take it.
pub(crate) fn js_length(length: usize) -> Result<u32, BulkError> {
    u32::try_from(length).map_err(|_| BulkError::Length)
}
