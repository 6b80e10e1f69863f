//! Ways into the extension's closed shadow roots, which no page has. Firefox's driver goes in by
//! itself; in Chromium the element is found through the debugger.

use anyhow::{Context as _, Result};
use hyper::Method;
use letterlock_tests::browser::Kind;
use letterlock_tests::page::Page;
use serde_json::{Value, json};
use thirtyfour::common::command::FormatRequestData;
use thirtyfour::{By, RequestData, SessionId, WebElement};

/// The key of an element in WebDriver's answers.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
const SHADOW: &str = "shadow-6066-11e4-a52e-4f735466cecf";

#[derive(Debug)]
enum ShadowCommand {
    Root(String),
    Find(String, String),
}

impl FormatRequestData for ShadowCommand {
    fn format_request(&self, session: &SessionId) -> RequestData {
        match self {
            Self::Root(element) => RequestData::new(
                Method::GET,
                format!("/session/{session}/element/{element}/shadow"),
            ),
            Self::Find(root, tag) => RequestData::new(
                Method::POST,
                format!("/session/{session}/shadow/{root}/element"),
            )
            .add_body(json!({ "using": "css selector", "value": tag })),
        }
    }
}

/// Elements of ours in the page by role: `reader`, `editor`, `button`, `container`, `note`.
#[must_use]
pub fn ours(role: &str) -> By {
    By::Css(format!("[data-letterlock=\"{role}\"]"))
}

/// An element in the closed shadow root of one of ours.
///
/// # Errors
///
/// When there is none.
pub async fn inside(page: &Page, kind: Kind, host: &WebElement, tag: &str) -> Result<WebElement> {
    let handle = page.driver().handle().clone();
    let id = match kind {
        Kind::Firefox => {
            let host = host.element_id().to_string();
            let root: Value = handle.cmd(ShadowCommand::Root(host)).await?.value()?;
            let root = root[SHADOW].as_str().context("no shadow root")?.to_owned();
            let found: Value = handle
                .cmd(ShadowCommand::Find(root, tag.to_owned()))
                .await?
                .value()?;
            found[ELEMENT]
                .as_str()
                .context("no such element")?
                .to_owned()
        }
        Kind::Chromium => chromium(page, host, tag).await?,
    };
    Ok(WebElement::from_json(json!({ ELEMENT: id }), handle)?)
}

/// ChromeDriver names an element `f.FRAME.d.DOCUMENT.e.NODE`; the node's number is the debugger's.
async fn chromium(page: &Page, host: &WebElement, tag: &str) -> Result<String> {
    let id = host.element_id().to_string();
    let (prefix, node) = id
        .rsplit_once('.')
        .context("an element id of another kind")?;
    let node: i64 = node.parse()?;
    let tools = page.driver().cdp();
    let document = tools
        .send_raw("DOM.getDocument", json!({ "depth": -1, "pierce": true }))
        .await?;
    let host = find(&document["root"], &|at| at["backendNodeId"] == node)
        .context("the debugger does not know this element")?;
    let wanted = tag.to_uppercase();
    let found = host["shadowRoots"]
        .as_array()
        .into_iter()
        .flatten()
        .find_map(|root| find(root, &|at| at["nodeName"] == wanted.as_str()))
        .context("no such element in the shadow root")?;
    Ok(format!("{prefix}.{}", found["backendNodeId"]))
}

fn find<'a>(at: &'a Value, wanted: &dyn Fn(&Value) -> bool) -> Option<&'a Value> {
    if wanted(at) {
        return Some(at);
    }
    ["children", "shadowRoots"]
        .iter()
        .filter_map(|name| at[*name].as_array())
        .flatten()
        .chain(at.get("contentDocument"))
        .find_map(|child| find(child, wanted))
}
