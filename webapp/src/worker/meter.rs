//! Asking the passphrase meter, which the worker's loader fetches at the first question.

use js_sys::Float64Array;
use wasm_bindgen::{JsCast as _, JsValue, prelude::wasm_bindgen};

use crate::protocol::{Failure, FailureKind, Strength};

#[wasm_bindgen]
extern "C" {
    /// Loads the meter if need be, and asks it; see `loader/worker.js`.
    #[wasm_bindgen(catch, js_name = letterlockMeter)]
    async fn letterlock_meter(passphrase: String, known: Vec<String>) -> Result<JsValue, JsValue>;
}

/// How long a passphrase would resist.
///
/// # Errors
/// [`FailureKind::Offline`] when the meter cannot be fetched.
pub(crate) async fn strength(passphrase: String, known: Vec<String>) -> Result<Strength, Failure> {
    let answer = letterlock_meter(passphrase, known).await;
    answer
        .ok()
        .and_then(|value| value.dyn_into::<Float64Array>().ok())
        .map(|numbers| numbers.to_vec())
        .and_then(|numbers| match numbers.as_slice() {
            // Saturating casts of small whole numbers.
            [score, seconds] => Some(Strength {
                score: *score as u8,
                seconds: *seconds as u64,
            }),
            _ => None,
        })
        .ok_or_else(|| Failure {
            kind: FailureKind::Offline,
            details: "the passphrase meter could not be loaded".into(),
        })
}
