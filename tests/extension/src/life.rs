//! The background's end, as a browser may bring it at any second, and what only a browser's own
//! code can do.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use letterlock_tests::browser::Kind;
use serde_json::{Value, json};

use crate::extension::{Extended, FIREFOX_HOST};
use crate::privileged;

const LIMIT: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(20);

/// Ends the event page whatever it has to do, and tells what became of it. A listener that has not
/// answered would otherwise keep it for another round.
const TERMINATE: &str = r"
const { extension } = WebExtensionPolicy.getByHostname(host);
await extension.terminateBackground({ ignoreDevToolsAttached: true, disableResetIdleForTest: true });
return extension.backgroundState;
";

/// Opens a line to the background, and remembers it when it breaks.
const WATCH: &str = r"
globalThis.lineIsBroken = false;
const line = api.runtime.connect({ name: 'page' });
line.onDisconnect.addListener(() => {
  globalThis.lineIsBroken = true;
});
";

/// Makes the page as narrow as a telephone: no window of Firefox can be.
const NARROW: &str = r"
const [width] = arguments;
const style = window.gBrowser.selectedBrowser.style;
style.maxWidth = width === 0 ? '' : `${width}px`;
await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
";

impl Extended {
    /// Ends the background, as the browser does after some idle seconds; it is gone when this
    /// returns, and comes back with whatever needs it next.
    ///
    /// # Errors
    ///
    /// When the browser refuses, or the background lives on.
    pub async fn stop_background(&self) -> Result<()> {
        match self.kind {
            Kind::Chromium => self.close_worker().await,
            Kind::Firefox => {
                let host = vec![json!(FIREFOX_HOST)];
                let state = privileged::run(&self.page, TERMINATE, host).await?;
                // It may have been stopped already, or be on its way back for somebody.
                if !["stopped", "starting"].contains(&state.as_str().unwrap_or_default()) {
                    bail!("Firefox did not end the background: {state}");
                }
                Ok(())
            }
        }
    }

    /// Ends the background under a page of ours that calls it back at once: gone it is when a line
    /// to it breaks. The window must be on such a page.
    ///
    /// # Errors
    ///
    /// When the browser refuses, or the background lives on.
    pub async fn stop_background_under_page(&self) -> Result<()> {
        if self.kind == Kind::Firefox {
            return self.stop_background().await;
        }
        self.with_api(WATCH, Value::Null).await?;
        self.end_workers().await?;
        self.page
            .until("the end of the background", async || {
                let broken = "return globalThis.lineIsBroken === true";
                let broken = self.page.driver().execute(broken, Vec::new()).await?;
                Ok((broken.json() == true).then_some(()))
            })
            .await
    }

    /// The service workers of the extension, as Chromium's tools name them.
    async fn workers(&self) -> Result<Vec<Value>> {
        let tools = self.page.driver().cdp();
        let targets = tools.send_raw("Target.getTargets", json!({})).await?;
        let all = targets["targetInfos"].as_array().into_iter().flatten();
        let own = all.filter(|target| {
            let url = target["url"].as_str().unwrap_or_default();
            target["type"] == "service_worker" && url.starts_with(&self.origin)
        });
        Ok(own.map(|target| target["targetId"].clone()).collect())
    }

    /// Tells Chromium to end them, and which they were.
    async fn end_workers(&self) -> Result<Vec<Value>> {
        let tools = self.page.driver().cdp();
        let ended = self.workers().await?;
        for id in &ended {
            let target = json!({ "targetId": id });
            tools.send_raw("Target.closeTarget", target).await?;
        }
        Ok(ended)
    }

    async fn close_worker(&self) -> Result<()> {
        let ended = self.end_workers().await?;
        let deadline = Instant::now() + LIMIT;
        while self.workers().await?.iter().any(|id| ended.contains(id)) {
            if Instant::now() > deadline {
                bail!("Chromium did not end the background");
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(())
    }

    /// Makes the page 360 pixels wide, or (`None`) as wide as the window.
    ///
    /// # Errors
    ///
    /// When the browser refuses.
    pub async fn set_width(&self, width: Option<u32>) -> Result<()> {
        match self.kind {
            Kind::Chromium => {
                let tools = self.page.driver().cdp();
                match width {
                    Some(width) => {
                        tools
                            .send_raw(
                                "Emulation.setDeviceMetricsOverride",
                                json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false }),
                            )
                            .await?;
                    }
                    None => {
                        tools
                            .send_raw("Emulation.clearDeviceMetricsOverride", json!({}))
                            .await?;
                    }
                }
            }
            Kind::Firefox => {
                let width = vec![json!(width.unwrap_or(0))];
                privileged::run(&self.page, NARROW, width).await?;
            }
        }
        Ok(())
    }

    /// Runs a script with the extension's own rights in a page of it: `api` is the browser's, and
    /// what the script returns comes back.
    ///
    /// # Errors
    ///
    /// When it throws, or the window is on no page of the extension.
    pub async fn with_api(&self, script: &str, argument: Value) -> Result<Value> {
        let whole = format!(
            "const [argument, done] = arguments;
             const api = globalThis.browser ?? globalThis.chrome;
             (async () => {{ {script} }})().then(
               (value) => done(JSON.stringify({{ value: value ?? null }})),
               (error) => done(JSON.stringify({{ error: String(error) }})),
             );"
        );
        let answer = self
            .page
            .driver()
            .execute_async(whole, vec![argument])
            .await?;
        let answer: Value = serde_json::from_str(answer.json().as_str().context("no answer")?)?;
        match answer.get("value") {
            Some(value) => Ok(value.clone()),
            None => bail!("{script}: {}", answer["error"]),
        }
    }
}
