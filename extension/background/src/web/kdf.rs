//! Argon2id in a module that is thrown away with its 64 MiB; see the crate `ext-kdf`.

use crypto_core::{
    kdf::StretchedKey,
    secret::{Passphrase, Secret},
};
use js_sys::{
    Array, ArrayBuffer, Function, Object, Reflect, Uint8Array,
    WebAssembly::{self, Instance},
};
use mail_client::{ClientError, local_account::UnlockParameters};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use zeroize::Zeroizing;

/// Bytes.
const REASON: u32 = 64 << 20;

#[wasm_bindgen]
extern "C" {
    /// The same in a service worker and in a page.
    #[wasm_bindgen(js_name = fetch)]
    fn fetch_own(address: &str) -> js_sys::Promise;
}

/// Stretches a passphrase.
pub(crate) async fn stretch(
    module: &str,
    passphrase: &Passphrase,
    parameters: &UnlockParameters,
) -> Result<StretchedKey, ClientError> {
    let stretched = run(module, passphrase, parameters).await;
    clear_away();
    stretched
        .map_err(|_| ClientError::Internal("not enough memory to stretch the passphrase".into()))
}

/// The browser takes the module's memory back when it next looks for what nobody holds, and an idle
/// background gives it little reason to look. Buffers that are never written cost no memory, and
/// are counted as if they did: they are the reason.
fn clear_away() {
    let buffer = Reflect::get(&js_sys::global(), &"ArrayBuffer".into());
    let Ok(Ok(buffer)) = buffer.map(|buffer| buffer.dyn_into::<Function>()) else {
        return;
    };
    for _ in 0..4 {
        // Where memory is short there is none to clear away for.
        if Reflect::construct(&buffer, &Array::of1(&REASON.into())).is_err() {
            return;
        }
    }
}

async fn run(
    module: &str,
    passphrase: &Passphrase,
    parameters: &UnlockParameters,
) -> Result<StretchedKey, JsValue> {
    let response: web_sys::Response = JsFuture::from(fetch_own(module)).await?.dyn_into()?;
    let code: ArrayBuffer = JsFuture::from(response.array_buffer()?).await?.dyn_into()?;
    let code = Uint8Array::new(&code);
    let imports = Object::new();
    let made = JsFuture::from(WebAssembly::instantiate_buffer(&code.to_vec(), &imports)).await?;
    let instance: Instance = Reflect::get(&made, &"instance".into())?.dyn_into()?;
    let exports = instance.exports();
    let function = |name: &str| -> Result<Function, JsValue> {
        Reflect::get(&exports, &name.into())?.dyn_into()
    };
    let memory: WebAssembly::Memory = Reflect::get(&exports, &"memory".into())?.dyn_into()?;

    let text = passphrase.expose().as_bytes();
    let mut input = Zeroizing::new(Vec::with_capacity(parameters.salt.len() + text.len()));
    input.extend_from_slice(&parameters.salt);
    input.extend_from_slice(text);
    let length = u32::try_from(input.len()).unwrap_or(u32::MAX);
    let undefined = JsValue::UNDEFINED;
    let at = function("input")?.call1(&undefined, &length.into())?;
    view(&memory, &at, length)?.copy_from(&input);

    let kdf = &parameters.kdf;
    let at = function("stretch")?.call3(
        &undefined,
        &kdf.memory_kib().into(),
        &kdf.passes().into(),
        &kdf.lanes().into(),
    )?;
    if at.as_f64().is_none_or(|at| at == 0.0) {
        return Err(undefined);
    }
    let output = view(&memory, &at, 32)?;
    let mut key = Zeroizing::new([0; 32]);
    output.copy_to(key.as_mut_slice());
    // The module goes now; what it holds must not lie about until somebody else gets the memory.
    output.fill(0, 0, 32);
    Ok(StretchedKey::from_bytes(Secret::new(*key)))
}

fn view(memory: &WebAssembly::Memory, at: &JsValue, length: u32) -> Result<Uint8Array, JsValue> {
    let at = at.as_f64().ok_or(JsValue::UNDEFINED)?;
    // An address in a 32-bit memory: whole and small enough.
    Ok(Uint8Array::new_with_byte_offset_and_length(
        &memory.buffer(),
        at as u32,
        length,
    ))
}
