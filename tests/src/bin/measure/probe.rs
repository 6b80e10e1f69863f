//! Acting in the page and timing what follows, without the driver in between.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use letterlock_tests::page::Page;
use serde::Deserialize;

const PROBE: &str = include_str!("probe.js");
/// How long one thing may take. Ends what would never end; decides nothing else.
const LIMIT: Duration = Duration::from_secs(170);

/// What happened after an action, in milliseconds since it.
#[derive(Debug, Deserialize)]
pub(crate) struct Run {
    /// When the action was, since the page was asked for
    pub(crate) began: f64,
    /// When each mark first held
    reached: HashMap<String, f64>,
    /// When all marks held and a frame was drawn with them
    pub(crate) drawn: f64,
    /// Requests, answers and events between page and worker, as the page saw them
    pub(crate) heard: Vec<(f64, String)>,
}

impl Run {
    /// When a mark first held.
    ///
    /// # Errors
    ///
    /// When there is no such mark.
    pub(crate) fn reached(&self, mark: &str) -> Result<f64> {
        self.reached
            .get(mark)
            .copied()
            .with_context(|| format!("the mark {mark} was not set"))
    }

    /// When a message between page and worker first came that begins so.
    pub(crate) fn heard(&self, beginning: &str) -> Option<f64> {
        self.heard
            .iter()
            .find(|(_, what)| what.starts_with(beginning))
            .map(|(at, _)| *at)
    }

    /// The whole story, for finding out where the time goes.
    pub(crate) fn timeline(&self, title: &str) -> String {
        let mut lines: Vec<(f64, String)> = self.heard.clone();
        lines.extend(
            self.reached
                .iter()
                .map(|(mark, at)| (*at, format!("the page shows: {mark}"))),
        );
        lines.push((self.drawn, "drawn".to_owned()));
        lines.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut text = format!("{title}\n");
        for (at, what) in lines {
            text.push_str(&format!("{at:>10.1} ms  {what}\n"));
        }
        text
    }
}

/// Makes the page ready to be measured; once for each load.
///
/// # Errors
///
/// When the page has no worker yet.
pub(crate) async fn install(page: &Page) -> Result<()> {
    page.driver().set_script_timeout(LIMIT).await?;
    page.until("the page's worker", async || {
        let ready = page
            .driver()
            .execute("return Boolean(globalThis.letterlockWorker)", Vec::new())
            .await?;
        Ok((ready.json().as_bool() == Some(true)).then_some(()))
    })
    .await?;
    page.driver().execute(PROBE, Vec::new()).await?;
    Ok(())
}

/// Does `action`, a statement in JavaScript, and waits for all marks: names with
/// conditions in JavaScript. `seen(id, attributes)` finds an element.
///
/// # Errors
///
/// When a mark never comes true.
pub(crate) async fn run(page: &Page, action: &str, marks: &[(&str, &str)]) -> Result<Run> {
    let marks: Vec<String> = marks
        .iter()
        .map(|(name, holds)| format!("{name:?}: () => Boolean({holds})"))
        .collect();
    let script = format!(
        "const finish = arguments[arguments.length - 1];\
         const {{ run, seen }} = window.letterlockMeasure;\
         run(() => {{ {action} }}, {{ {} }}).then((found) => finish(JSON.stringify(found)), (why) => finish(String(why)));",
        marks.join(", ")
    );
    let answer = page.driver().execute_async(script, Vec::new()).await;
    match answer {
        Ok(answer) => {
            let text = answer.json().as_str().unwrap_or_default();
            serde_json::from_str(text).with_context(|| format!("{action}: {text}"))
        }
        Err(problem) => bail!(
            "{action} did not lead to {marks:?}: {problem}. {}",
            page.describe().await
        ),
    }
}

/// The machine's load over the last minute, as far as it is told.
pub(crate) fn load() -> f64 {
    std::fs::read_to_string("/proc/loadavg")
        .ok()
        .and_then(|text| text.split_whitespace().next()?.parse().ok())
        .unwrap_or(f64::NAN)
}
