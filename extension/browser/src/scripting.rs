//! `scripting`: our content script on sites that the person switched on.

use serde::{Deserialize, Serialize};

use crate::{BrowserError, from_js, root::root, to_js, wait};

/// A content script for a further site. Registered ones stay over restarts of the browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContentScript {
    /// Names it.
    pub id: String,
    /// Files of the extension.
    pub js: Vec<String>,
    /// Match patterns.
    pub matches: Vec<String>,
    /// In inner frames, too.
    pub all_frames: bool,
    /// `document_start` or `document_idle`.
    pub run_at: String,
    /// `ISOLATED` or `MAIN`, the page's own world.
    pub world: String,
    /// Stays when the browser restarts.
    pub persist_across_sessions: bool,
}

#[derive(Serialize)]
struct Filter<'a> {
    ids: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Target {
    tab_id: i32,
    all_frames: bool,
}

#[derive(Serialize)]
struct Injection<'a> {
    target: Target,
    files: &'a [String],
    world: &'a str,
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

/// Registers scripts.
///
/// # Errors
/// When one of that name is registered already, or the host permission is missing.
pub async fn register(scripts: &[ContentScript]) -> Result<(), BrowserError> {
    wait(root()?.scripting().register(&to_js(scripts)?)?).await?;
    Ok(())
}

/// Takes scripts back.
///
/// # Errors
/// When one of them is not registered.
pub async fn unregister(ids: &[String]) -> Result<(), BrowserError> {
    wait(root()?.scripting().unregister(&to_js(&Filter { ids })?)?).await?;
    Ok(())
}

/// The ids of the registered scripts.
///
/// # Errors
/// When the browser refuses.
pub async fn registered() -> Result<Vec<String>, BrowserError> {
    let ids: Vec<Id> = from_js(wait(root()?.scripting().registered()?).await?)?;
    Ok(ids.into_iter().map(|one| one.id).collect())
}

/// Runs files in a tab that is open already.
///
/// # Errors
/// When the host permission is missing or the page forbids it.
pub async fn execute(
    tab: i32,
    files: &[String],
    world: &str,
    all_frames: bool,
) -> Result<(), BrowserError> {
    let injection = to_js(&Injection {
        target: Target {
            tab_id: tab,
            all_frames,
        },
        files,
        world,
    })?;
    wait(root()?.scripting().execute(&injection)?).await?;
    Ok(())
}
