//! Where the keys are, told by `config.json` beside the page: in a worker that talks to a server,
//! or in the background of the extension.

use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;

use super::dom;

/// First run of the extension.
pub(crate) const WELCOME_PAGE: &str = "welcome.html";
/// Where the extension's account on a server is made, entered and left.
pub(crate) const ACCOUNT_PAGE: &str = "manager.html#/account";
/// Where the extension's passphrase and clock are set.
pub(crate) const SETTINGS_PAGE: &str = "manager.html#/settings";

/// What `config.json` says.
pub(crate) enum Configured {
    /// Origin of the server; empty for the page's own.
    At(String),
    /// The page belongs to the extension, whose background has keys and account.
    Extension,
}

/// `config.json` beside the page.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    /// Origin of the server; empty for the page's own.
    #[serde(default)]
    server: String,
    /// The page belongs to the extension.
    #[serde(default)]
    extension: bool,
}

/// Reads `config.json`.
///
/// # Errors
/// What was wrong with the file, for experts.
pub(crate) async fn configured() -> Result<Configured, String> {
    let window = dom::window().ok_or("no window")?;
    let told = |e: wasm_bindgen::JsValue| format!("config.json: {e:?}");
    let response = JsFuture::from(window.fetch_with_str("config.json"))
        .await
        .map_err(told)?;
    let response: web_sys::Response = response.unchecked_into();
    if response.status() == 404 {
        return Ok(Configured::At(String::new()));
    }
    let json = JsFuture::from(response.json().map_err(told)?)
        .await
        .map_err(told)?;
    let config: Config =
        serde_wasm_bindgen::from_value(json).map_err(|e| format!("config.json: {e}"))?;
    Ok(if config.extension {
        Configured::Extension
    } else {
        Configured::At(config.server)
    })
}
