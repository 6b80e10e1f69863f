//! What the content script costs: where there is no mail, at a long thread, while a page changes.

use anyhow::Result;
use extension_tests::extension::{self, Extended};
use extension_tests::gmail;
use letterlock_tests::browser::Kind;
use letterlock_tests::page::Page;
use serde_json::json;

use crate::profile::{self, Cost};
use crate::stage::{ALICE, ELSEWHERE, Stage, What, ask, between, open_inbox};

const OUTSIDE: What = ("a page of another site: content script", "ms", None);
const NO_MAIL: What = (
    "a page without mail, its first second: content script",
    "ms",
    None,
);
const TASKS_WITH: What = (
    "a page without mail: all of the main thread, with us",
    "ms",
    None,
);
const TASKS_WITHOUT: What = (
    "a page without mail: all of the main thread, without us",
    "ms",
    None,
);
const LOAD: What = (
    "100 messages, 10 encrypted, page loads: content script",
    "ms",
    None,
);
const SCAN: What = (
    "100 messages, 10 encrypted, thread opens: content script",
    "ms",
    Some(20.0),
);
const SCAN_AROUND: What = (
    "the same, with words around each armor: content script",
    "ms",
    None,
);
const WRAPPED_LOAD: What = (
    "page loads: messages there to all blocks wrapped",
    "ms",
    None,
);
const WRAPPED: What = (
    "thread opens: messages there to all blocks wrapped",
    "ms",
    None,
);
const BURST: What = ("1,000 changes at once: content script", "ms", None);
const BURST_SCANS: What = ("1,000 changes at once: scans", "", None);
const DRIP: What = ("200 changes, 5 ms apart: content script", "ms", None);
const DRIP_SCANS: What = ("200 changes, 5 ms apart: scans", "", None);

/// What is done in the page, by the probe.
const AT_ONCE: &str = "return await measure.burst(1000, 0);";
const APART: &str = "return await measure.burst(200, 5);";

/// All of it.
///
/// # Errors
///
/// When something does not come.
pub(crate) async fn play(stage: &mut Stage<'_>) -> Result<()> {
    without_mail(stage).await?;
    let thread = stage.long_thread(3_000, false).await?;
    long_thread(stage, &thread).await?;
    let thread = stage.long_thread(3_000, true).await?;
    opened(stage, &thread, SCAN_AROUND).await?;
    for (what, scans, body) in [(BURST, BURST_SCANS, AT_ONCE), (DRIP, DRIP_SCANS, APART)] {
        let page = &stage.alice.page;
        open_inbox(page).await?;
        profile::start(page, stage.kind).await?;
        ask(page, body).await?;
        let cost = stopped(stage, what.0).await?;
        stage.add(what, cost.millis);
        if stage.kind == Kind::Chromium {
            let page = &stage.alice.page;
            open_inbox(page).await?;
            profile::count_calls(page).await?;
            ask(page, body).await?;
            // The last one is for the armor, which ends the measurement.
            let count = profile::calls(page, "scan").await?;
            stage.add(scans, count);
        }
    }
    Ok(())
}

async fn stopped(stage: &Stage<'_>, what: &str) -> Result<Cost> {
    let cost = profile::stop(&stage.alice.page, stage.kind).await?;
    if stage.arguments.timeline {
        println!("{what}: {}", cost.told());
    }
    Ok(cost)
}

/// The first second of a page. Nothing in it tells when the script has done, so it is a second.
async fn first_second(page: &Page) -> Result<()> {
    page.driver().refresh().await?;
    let script =
        "const done = arguments[arguments.length - 1]; setTimeout(() => done(null), 1000);";
    page.driver().execute_async(script, Vec::new()).await?;
    Ok(())
}

async fn without_mail(stage: &mut Stage<'_>) -> Result<()> {
    let settings = gmail::settings(ALICE);
    for (what, address) in [(OUTSIDE, ELSEWHERE), (NO_MAIL, settings.as_str())] {
        let page = &stage.alice.page;
        page.open(address).await?;
        profile::start(page, stage.kind).await?;
        first_second(page).await?;
        let cost = stopped(stage, what.0).await?;
        stage.add(what, cost.millis);
    }
    if stage.kind == Kind::Chromium {
        let with = tasks(&stage.alice, &settings).await?;
        stage.add(TASKS_WITH, with);
        let bare =
            extension::start_bare(stage.kind, stage.folder.path(), "bare", &stage.web).await?;
        let without = tasks(&bare, &settings).await?;
        bare.close().await?;
        stage.add(TASKS_WITHOUT, without);
    }
    Ok(())
}

/// What the page's main thread did in its first second, in milliseconds: the median of five.
async fn tasks(browser: &Extended, address: &str) -> Result<f64> {
    const TIMES: usize = 5;
    let page = &browser.page;
    page.driver()
        .set_script_timeout(std::time::Duration::from_secs(60))
        .await?;
    page.open(address).await?;
    let tools = page.driver().cdp();
    // The thread's own time, whatever else the machine does.
    let domain = json!({ "timeDomain": "threadTicks" });
    tools.send_raw("Performance.enable", domain).await?;
    let mut found = Vec::new();
    for _ in 0..TIMES {
        let before = task_seconds(page).await?;
        first_second(page).await?;
        let after = task_seconds(page).await?;
        // A new process begins at nothing.
        let spent = if after < before {
            after
        } else {
            after - before
        };
        found.push(spent * 1000.0);
    }
    found.sort_by(f64::total_cmp);
    Ok(found.get(TIMES / 2).copied().unwrap_or(f64::NAN))
}

async fn task_seconds(page: &Page) -> Result<f64> {
    let tools = page.driver().cdp();
    let answer = tools.send_raw("Performance.getMetrics", json!({})).await?;
    let metrics = answer["metrics"].as_array();
    Ok(metrics
        .into_iter()
        .flatten()
        .find(|metric| metric["name"] == "TaskDuration")
        .and_then(|metric| metric["value"].as_f64())
        .unwrap_or(f64::NAN))
}

async fn long_thread(stage: &mut Stage<'_>, thread: &str) -> Result<()> {
    const LOADED: &str =
        "const found = await measure.loaded(); await measure.rest(); return found;";
    let address = format!("{}#inbox/{thread}", gmail::address(ALICE));
    let page = &stage.alice.page;
    page.open("about:blank").await?;
    page.open(&address).await?;
    let loaded = ask(page, LOADED).await?;
    profile::start(page, stage.kind).await?;
    page.driver().refresh().await?;
    ask(page, LOADED).await?;
    let cost = stopped(stage, LOAD.0).await?;
    stage.add(LOAD, cost.millis);
    stage.add(WRAPPED_LOAD, between(&loaded, "shown", "wrapped")?);

    let body = opened(stage, thread, SCAN).await?;
    // Once more without a profiler, for the time that passes.
    let page = &stage.alice.page;
    open_inbox(page).await?;
    let opened = ask(page, &body).await?;
    stage.add(WRAPPED, between(&opened, "shown", "wrapped")?);
    Ok(())
}

/// Opens a thread of ten encrypted messages, and answers what the page was asked to do.
async fn opened(stage: &mut Stage<'_>, thread: &str, what: What) -> Result<String> {
    let body = format!(
        "const found = await measure.open({thread:?}, 10, false); await measure.rest(); return found;"
    );
    let page = &stage.alice.page;
    open_inbox(page).await?;
    profile::start(page, stage.kind).await?;
    ask(page, &body).await?;
    let cost = stopped(stage, what.0).await?;
    stage.add(what, cost.millis);
    Ok(body)
}
