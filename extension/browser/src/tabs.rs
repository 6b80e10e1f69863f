//! `tabs`: without the permission of that name, so that addresses are known only of sites where
//! the extension has a host permission, and of the tab a popup was opened over.

use js_sys::Promise;
use serde::{Deserialize, Serialize};

use crate::{BrowserError, from_js, root::root, runtime::TabInfo, to_js, wait};

#[derive(Serialize)]
struct Create<'a> {
    url: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ActiveQuery {
    active: bool,
    last_focused_window: bool,
}

#[derive(Serialize)]
struct UrlQuery<'a> {
    url: &'a [String],
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tab {
    id: Option<i32>,
    #[serde(default)]
    url: String,
    window_id: Option<i32>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FrameOption {
    frame_id: i32,
}

/// Opens a tab. The promise is the tab's.
///
/// # Errors
/// When the browser refuses.
pub fn create(url: &str) -> Result<Promise, BrowserError> {
    Ok(root()?.tabs().create(&to_js(&Create { url })?)?)
}

/// A tab by its number.
///
/// # Errors
/// When it is gone.
pub async fn get(tab: i32) -> Result<TabInfo, BrowserError> {
    let found: Tab = from_js(wait(root()?.tabs().get_tab(tab)?).await?)?;
    Ok(TabInfo {
        id: tab,
        url: found.url,
        window: found.window_id,
    })
}

/// The tab before the person.
///
/// # Errors
/// When the browser refuses.
pub async fn active() -> Result<Option<TabInfo>, BrowserError> {
    let query = to_js(&ActiveQuery {
        active: true,
        last_focused_window: true,
    })?;
    Ok(found(root()?.tabs().query(&query)?)
        .await?
        .into_iter()
        .next())
}

/// All tabs whose address fits one of these match patterns, as far as we may know.
///
/// # Errors
/// When the browser refuses.
pub async fn matching(patterns: &[String]) -> Result<Vec<TabInfo>, BrowserError> {
    let query = to_js(&UrlQuery { url: patterns })?;
    found(root()?.tabs().query(&query)?).await
}

async fn found(promise: Promise) -> Result<Vec<TabInfo>, BrowserError> {
    let tabs: Vec<Tab> = from_js(wait(promise).await?)?;
    let info = |tab: Tab| {
        Some(TabInfo {
            id: tab.id?,
            url: tab.url,
            window: tab.window_id,
        })
    };
    Ok(tabs.into_iter().filter_map(info).collect())
}

/// Sends a one-shot message to our content script in one frame of a tab. The promise rejects
/// when there is none.
///
/// # Errors
/// When the browser refuses.
pub fn send(
    tab: i32,
    frame: i32,
    message: &wasm_bindgen::JsValue,
) -> Result<Promise, BrowserError> {
    let options = to_js(&FrameOption { frame_id: frame })?;
    Ok(root()?.tabs().send_to_tab(tab, message, &options)?)
}
