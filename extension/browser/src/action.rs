//! `action`: the toolbar icon.

use serde::Serialize;

use crate::{BrowserError, root::root, to_js, wait};

#[derive(Serialize)]
struct Icon {
    path: Sizes,
}

#[derive(Serialize)]
struct Sizes {
    #[serde(rename = "16")]
    small: String,
    #[serde(rename = "32")]
    large: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Text<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    color: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tab_id: Option<i32>,
}

/// Shows the icons `icons/NAME-16.png` and `icons/NAME-32.png`.
///
/// # Errors
/// When a file is missing.
pub async fn icon(name: &str) -> Result<(), BrowserError> {
    let file = |pixels: u8| format!("/icons/{name}-{pixels}.png");
    let path = Sizes {
        small: file(16),
        large: file(32),
    };
    wait(root()?.action().set_icon(&to_js(&Icon { path })?)?).await?;
    Ok(())
}

/// What stands there when the pointer rests on the icon.
///
/// # Errors
/// When the browser refuses.
pub fn title(title: &str) -> Result<(), BrowserError> {
    let details = Text {
        text: None,
        title: Some(title),
        color: None,
        tab_id: None,
    };
    root()?.action().set_title(&to_js(&details)?)?;
    Ok(())
}

/// A short text on the icon while a tab is shown; empty for none.
///
/// # Errors
/// When the tab is gone.
pub fn badge(text: &str, colour: &str, tab: Option<i32>) -> Result<(), BrowserError> {
    let action = root()?.action();
    action.set_badge_text(&to_js(&Text {
        text: Some(text),
        title: None,
        color: None,
        tab_id: tab,
    })?)?;
    if !text.is_empty() {
        action.set_badge_colour(&to_js(&Text {
            text: None,
            title: None,
            color: Some(colour),
            tab_id: tab,
        })?)?;
    }
    Ok(())
}
