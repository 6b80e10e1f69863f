//! What only the browser itself may do: scripts with all of Firefox's privileges, which its driver
//! runs when it was started with `--allow-system-access`.

use anyhow::{Result, bail};
use hyper::Method;
use letterlock_tests::page::Page;
use serde_json::{Value, json};
use thirtyfour::common::command::FormatRequestData;
use thirtyfour::{RequestData, SessionId};

#[derive(Debug)]
struct Context(&'static str);

impl FormatRequestData for Context {
    fn format_request(&self, session: &SessionId) -> RequestData {
        RequestData::new(Method::POST, format!("/session/{session}/moz/context"))
            .add_body(json!({ "context": self.0 }))
    }
}

/// Runs the body of an asynchronous function in Firefox's own world; its parameter is `host`, the
/// first of the arguments. What it returns must be JSON.
///
/// # Errors
///
/// When it throws, with its words.
pub async fn run(page: &Page, body: &str, arguments: Vec<Value>) -> Result<Value> {
    let driver = page.driver();
    let handle = driver.handle().clone();
    let script = format!(
        "const done = arguments[arguments.length - 1];\
         const [host] = arguments;\
         (async () => {{ {body} }})().then(\
           (result) => done(JSON.stringify({{ result: result ?? null }})),\
           (error) => done(JSON.stringify({{ error: String(error) }})));"
    );
    handle.cmd(Context("chrome")).await?;
    let answer = driver.execute_async(script, arguments).await;
    handle.cmd(Context("content")).await?;
    let answer: Value = serde_json::from_str(answer?.json().as_str().unwrap_or_default())?;
    if let Some(error) = answer.get("error") {
        bail!("a privileged script failed: {error}");
    }
    Ok(answer.get("result").cloned().unwrap_or_default())
}
