//! Where the server is: told by `config.json` beside the page, or by the person.

use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;

use super::dom;

/// The preference that keeps what the person typed; it is no secret.
const PREFERENCE: &str = "server";

/// What `config.json` says.
pub(crate) enum Configured {
    /// Origin of the server; empty for the page's own.
    At(String),
    /// The person is asked, and has not answered yet.
    Wanted,
}

/// `config.json` beside the page.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    /// Origin of the server; empty for the page's own.
    #[serde(default)]
    server: String,
    /// The page belongs to no server: the person says where theirs is.
    #[serde(default)]
    ask_server: bool,
}

/// Reads `config.json`, and what the person said before.
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
    if !config.ask_server {
        return Ok(Configured::At(config.server));
    }
    Ok(dom::read_preference(PREFERENCE)
        .as_deref()
        .and_then(origin)
        .map_or(Configured::Wanted, Configured::At))
}

/// What the person said where the server is, if they were asked.
pub(crate) fn chosen() -> Option<String> {
    dom::read_preference(PREFERENCE)
}

/// Keeps the person's choice, or forgets it.
pub(crate) fn keep(origin: Option<&str>) {
    dom::write_preference(PREFERENCE, origin);
}

/// The origin in what a person typed: `mail.example.org` or a whole address. Without encryption
/// only on this very machine.
pub(crate) fn origin(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let whole = if typed.contains("://") {
        typed.to_owned()
    } else {
        format!("https://{typed}")
    };
    let url = web_sys::Url::new(&whole).ok()?;
    let is_here = matches!(url.hostname().as_str(), "localhost" | "127.0.0.1" | "[::1]");
    let is_good = url.protocol() == "https:" || (url.protocol() == "http:" && is_here);
    (is_good && url.username().is_empty() && !url.hostname().is_empty()).then(|| url.origin())
}
