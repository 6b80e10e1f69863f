//! `windows`: small windows of our own, such as the one in which the passphrase is typed.

use serde::{Deserialize, Serialize};

use crate::{BrowserError, from_js, root::root, to_js, wait};

#[derive(Serialize)]
struct Create<'a> {
    url: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    width: u32,
    height: u32,
}

#[derive(Serialize)]
struct Focus {
    focused: bool,
}

#[derive(Deserialize)]
struct Window {
    id: Option<i32>,
}

/// Opens a window without tabs and address bar; answers its number.
///
/// # Errors
/// When the browser refuses.
pub async fn popup(url: &str, width: u32, height: u32) -> Result<Option<i32>, BrowserError> {
    let options = to_js(&Create {
        url,
        kind: "popup",
        width,
        height,
    })?;
    let window: Window = from_js(wait(root()?.windows().create_window(&options)?).await?)?;
    Ok(window.id)
}

/// Brings a window to the front.
///
/// # Errors
/// When it is gone.
pub async fn focus(window: i32) -> Result<(), BrowserError> {
    let options = to_js(&Focus { focused: true })?;
    wait(root()?.windows().update_window(window, &options)?).await?;
    Ok(())
}

/// Closes a window.
///
/// # Errors
/// When it is gone.
pub async fn close(window: i32) -> Result<(), BrowserError> {
    wait(root()?.windows().remove_window(window)?).await?;
    Ok(())
}
