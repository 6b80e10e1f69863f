//! `alarms`: the only clock that outlives the background.

use serde::Serialize;

use crate::{BrowserError, root::root, to_js, wait};

#[derive(Serialize)]
struct When {
    when: f64,
}

/// Rings at a time, in milliseconds since 1970; browsers may be up to a minute late. Replaces an
/// alarm of that name.
///
/// # Errors
/// When the browser refuses.
pub async fn at(name: &str, millis: u64) -> Result<(), BrowserError> {
    // Exact below 2^53.
    let when = to_js(&When {
        when: millis as f64,
    })?;
    let answer = root()?.alarms().create_alarm(name, &when)?;
    // Older browsers answer nothing.
    if let Ok(promise) = wasm_bindgen::JsCast::dyn_into(answer) {
        wait(promise).await?;
    }
    Ok(())
}

/// Takes an alarm back.
///
/// # Errors
/// When the browser refuses.
pub async fn clear(name: &str) -> Result<(), BrowserError> {
    wait(root()?.alarms().clear(name)?).await?;
    Ok(())
}
