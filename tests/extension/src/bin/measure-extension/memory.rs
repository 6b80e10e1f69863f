//! Memory: the process that holds the background and all frames of ours, and what the page's own
//! process holds more because of us.
//!
//! The process is the proportional set size (PSS) that the kernel tells, with what it shares with
//! others counted in parts. The browser was started anew and the vault opened, as on every day but
//! the first; the process is read some seconds after, with no message open, with one of 20 KB, which is how the
//! peers were measured, and while ten of them stand opened in a thread of a hundred.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use extension_tests::extension::{self, Extended};
use extension_tests::{gmail, privileged};
use letterlock_tests::browser::Kind;
use letterlock_tests::page::Page;
use serde_json::json;

use crate::stage::{ALICE, Stage, What, ask, open_inbox};

const IDLE: What = ("memory: our process, no message open", "MiB", None);
const ONE: What = ("memory: our process, 1 message open", "MiB", Some(81.5));
const TEN: What = ("memory: our process, 10 messages open", "MiB", None);
const OTHERS: What = ("memory: the same process without us", "MiB", None);
const PAGE: What = ("memory: the page's process, with us", "MiB", None);
const PAGE_BARE: What = ("memory: the page's process, without us", "MiB", None);
const HEAP: What = (
    "memory: JavaScript in the page's process, with us",
    "MiB",
    None,
);
const HEAP_BARE: What = (
    "memory: JavaScript in the page's process, without us",
    "MiB",
    None,
);

const SETTLED: Duration = Duration::from_secs(10);

const MIB: f64 = 1024.0 * 1024.0;

/// A browser's processes that matter here, in bytes.
struct Processes {
    /// Where extensions run, if there is such a process.
    extension: Option<f64>,
    page: f64,
}

/// Opens the thread with and without us.
///
/// # Errors
///
/// When the processes cannot be found.
pub(crate) async fn play(stage: &mut Stage<'_>) -> Result<()> {
    let bare = extension::start_bare(stage.kind, stage.folder.path(), "still", &stage.web).await?;
    let bare = another_day(stage, bare).await?;
    open_inbox(&stage.alice.page).await?;
    // What the passphrase took is given back when the browser next clears away.
    tokio::time::sleep(SETTLED).await;
    let idle = ours(stage).await?;
    stage.add(IDLE, idle / MIB);
    let letter = stage.deliver(20_000, 1).await?;
    open_all(stage, &letter, 1).await?;
    let one = ours(stage).await?;
    stage.add(ONE, one / MIB);
    let thread = stage.long_thread(20_000, false).await?;
    open_all(stage, &thread, 10).await?;
    let with = processes(stage, &stage.alice, "alice").await?;
    let extension = with.extension.context("no process holds the extension")?;
    stage.add(TEN, extension / MIB);
    stage.add(PAGE, with.page / MIB);
    if let Some(heap) = heap(&stage.alice).await? {
        stage.add(HEAP, heap / MIB);
    }
    show(&bare.page, &thread).await?;
    let without = processes(stage, &bare, "still").await?;
    stage.add(PAGE_BARE, without.page / MIB);
    if let Some(others) = without.extension {
        stage.add(OTHERS, others / MIB);
    }
    if let Some(heap) = heap(&bare).await? {
        stage.add(HEAP_BARE, heap / MIB);
    }
    bare.close().await
}

/// Starts Alice's browser anew and opens her vault. The other browser stands in meanwhile.
async fn another_day(stage: &mut Stage<'_>, bare: Extended) -> Result<Extended> {
    let yesterday = std::mem::replace(&mut stage.alice, bare);
    yesterday.close().await?;
    let today = extension::start(stage.kind, stage.folder.path(), "alice", &stage.web).await?;
    today.unlock(&stage.passphrase).await?;
    Ok(std::mem::replace(&mut stage.alice, today))
}

/// What the process that holds the extension has now.
async fn ours(stage: &Stage<'_>) -> Result<f64> {
    let now = processes(stage, &stage.alice, "alice").await?;
    now.extension.context("no process holds the extension")
}

async fn open_all(stage: &Stage<'_>, thread: &str, expected: u64) -> Result<()> {
    let page = &stage.alice.page;
    show(page, thread).await?;
    let opened = ask(page, "return await measure.openAll();").await?;
    ensure!(
        opened == expected,
        "{opened} messages were opened, not {expected}"
    );
    Ok(())
}

async fn show(page: &Page, thread: &str) -> Result<()> {
    page.driver()
        .set_script_timeout(Duration::from_secs(120))
        .await?;
    page.open("about:blank").await?;
    page.open(&format!("{}#inbox/{thread}", gmail::address(ALICE)))
        .await?;
    let body = format!(
        "await measure.watch({{ ready: () => measure.ready('thread {thread}') }}); await measure.rest(); return null;"
    );
    ask(page, &body).await?;
    Ok(())
}

/// The heap of the page and of every script in it, garbage taken out. Firefox does not tell.
async fn heap(browser: &Extended) -> Result<Option<f64>> {
    if browser.kind == Kind::Firefox {
        return Ok(None);
    }
    let tools = browser.page.driver().cdp();
    tools
        .send_raw("HeapProfiler.collectGarbage", json!({}))
        .await?;
    let usage = tools.send_raw("Runtime.getHeapUsage", json!({})).await?;
    Ok(usage["usedSize"].as_f64())
}

async fn processes(stage: &Stage<'_>, browser: &Extended, name: &str) -> Result<Processes> {
    match browser.kind {
        Kind::Chromium => {
            let profile = stage.folder.path().join(format!("profile-{name}"));
            chromium(&profile)
        }
        Kind::Firefox => firefox(&browser.page).await,
    }
}

/// Chromium marks the process of extensions in its command line; of the others the largest is the
/// page's.
fn chromium(profile: &Path) -> Result<Processes> {
    let all = every_process()?;
    let mark = format!("--user-data-dir={}", profile.display());
    let browser = all
        .iter()
        .find(|(_, one)| {
            one.has(&mark) && !one.command.iter().any(|part| part.starts_with("--type="))
        })
        .map(|(pid, _)| *pid)
        .context("the browser's own process was not found")?;
    let mut extension = None;
    let mut page: f64 = 0.0;
    for (pid, one) in &all {
        if !one.has("--type=renderer") || !descends(&all, *pid, browser) {
            continue;
        }
        let bytes = pss(*pid)?;
        if one.has("--extension-process") {
            extension = Some(extension.unwrap_or(0.0) + bytes);
        } else {
            page = page.max(bytes);
        }
    }
    Ok(Processes { extension, page })
}

/// Firefox tells its processes by what is in them. Extensions of its own share ours.
async fn firefox(page: &Page) -> Result<Processes> {
    const ASK: &str = "const { children } = await ChromeUtils.requestProcInfo();\
        return children.map(({ pid, type, origin }) => ({ pid, type, origin: origin ?? '' }));";
    let answer = privileged::run(page, ASK, Vec::new()).await?;
    let mut extension = None;
    let mut found = None;
    for one in answer.as_array().into_iter().flatten() {
        let pid = one["pid"].as_u64().context("a process without number")?;
        if one["type"] == "extension" {
            extension = Some(pss(pid)?);
        } else if one["origin"]
            .as_str()
            .is_some_and(|origin| origin.contains("google.com"))
        {
            found = Some(pss(pid)?);
        }
    }
    let Some(page) = found else {
        bail!("the page's process is not among {answer}");
    };
    Ok(Processes { extension, page })
}

struct Process {
    parent: u64,
    command: Vec<String>,
}

impl Process {
    fn has(&self, argument: &str) -> bool {
        self.command.iter().any(|part| part == argument)
    }
}

/// Processes that end meanwhile are left out.
fn every_process() -> Result<HashMap<u64, Process>> {
    let mut all = HashMap::new();
    for entry in std::fs::read_dir("/proc")? {
        let entry = entry?;
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        let (Ok(command), Ok(stat)) = (
            std::fs::read(entry.path().join("cmdline")),
            std::fs::read_to_string(entry.path().join("stat")),
        ) else {
            continue;
        };
        // Chromium's children have their arguments in one string.
        let command = String::from_utf8_lossy(&command)
            .split(['\0', ' '])
            .map(str::to_owned)
            .collect();
        if let Some(parent) = parent(&stat) {
            all.insert(pid, Process { parent, command });
        }
    }
    Ok(all)
}

/// The parent's number comes second after the name, which stands in brackets and may hold spaces.
fn parent(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(1)?.parse().ok()
}

fn descends(all: &HashMap<u64, Process>, mut pid: u64, from: u64) -> bool {
    while let Some(process) = all.get(&pid) {
        if pid == from {
            return true;
        }
        if process.parent == pid {
            return false;
        }
        pid = process.parent;
    }
    false
}

/// The proportional set size of a process, in bytes.
fn pss(pid: u64) -> Result<f64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))
        .with_context(|| format!("the memory of process {pid}"))?;
    pss_in(&text).with_context(|| format!("{text} tells no Pss"))
}

fn pss_in(rollup: &str) -> Option<f64> {
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024.0)
}

#[cfg(test)]
mod tests {
    use super::{parent, pss_in};

    #[test]
    fn the_kernels_words_are_understood() {
        let rollup = "5560-7ffd ---p 00000000 00:00 0  [rollup]\n\
            Rss:              114576 kB\nPss:               20480 kB\nPss_Dirty:   9 kB\n";
        assert_eq!(pss_in(rollup), Some(20.0 * 1024.0 * 1024.0));
        assert_eq!(pss_in("Rss: 1 kB\n"), None);
        assert_eq!(parent("42 (a name) with) S 7 42 42 0"), Some(7));
        assert_eq!(parent("nothing"), None);
    }
}
