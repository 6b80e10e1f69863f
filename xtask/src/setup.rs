//! Makes the wasm32 target work, whatever the machine offers.
//!
//! In this order, each with a limit and a word about what comes next:
//!
//! 1. the active toolchain has the target's standard library already;
//! 2. a toolchain linked earlier (step 4, or the developer's own) has it;
//! 3. `rustup target add`, which is all on an ordinary machine, but hangs
//!    without an answer where rustup's servers are out of reach;
//! 4. Debian's own compiler, with a standard library built from its sources.

mod debian;

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};

use crate::process::{capture, command};
use crate::{cache, paths, process, step};

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
const TARGET_ADD_LIMIT: Duration = Duration::from_secs(60);
/// How long a failed `rustup target add` is remembered.
const FAILURE_LASTS: Duration = Duration::from_secs(24 * 60 * 60);

/// The toolchain that builds for wasm32.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Toolchain {
    /// The one that is active anyway
    Active,
    /// One that rustup knows by this name
    Linked(String),
}

impl Toolchain {
    /// The name for `RUSTUP_TOOLCHAIN`, if another than the active one is meant.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Active => None,
            Self::Linked(name) => Some(name),
        }
    }

    /// The version and the folder of the standard library: what a build depends on.
    pub(crate) fn sysroot(&self) -> Option<PathBuf> {
        process::first_line(self.rustc().args(["--print", "sysroot"])).map(PathBuf::from)
    }

    fn rustc(&self) -> Command {
        let mut rustc = command("rustc");
        if let Some(name) = self.name() {
            rustc.env("RUSTUP_TOOLCHAIN", name);
        }
        rustc
    }
}

/// The task: set up and say what was found.
///
/// # Errors
///
/// When no way leads to wasm32.
pub(crate) fn run() -> Result<()> {
    toolchain().map(|_| ())
}

/// Finds or makes a toolchain that builds for wasm32.
///
/// # Errors
///
/// When no way leads there; the message tells what to do by hand.
pub(crate) fn toolchain() -> Result<Toolchain> {
    step::step("Looking for the wasm32 target", find)
}

fn find() -> Result<Toolchain> {
    if works(&Toolchain::Active) {
        step::say("  the active toolchain has it");
        return Ok(Toolchain::Active);
    }
    let linked = Toolchain::Linked(linked_name());
    if is_linked(&linked_name()) {
        if works(&linked) {
            step::say(format!("  the linked toolchain {} has it", linked_name()));
            return Ok(linked);
        }
        step::say(format!(
            "  the linked toolchain {} cannot build for it (any more)",
            linked_name()
        ));
    }
    match add_by_rustup() {
        Ok(()) if works(&Toolchain::Active) => {
            step::say("  rustup added it");
            return Ok(Toolchain::Active);
        }
        Ok(()) => step::say("  rustup says it added it, but it does not build"),
        Err(problem) => step::say(format!("  rustup cannot add it: {problem:#}")),
    }
    step::say("  falling back to Debian's compiler");
    debian::provide(&linked_name()).context(
        "wasm32 cannot be had here. With rustup and a network: \
         `rustup target add wasm32-unknown-unknown`. On Debian, run this once as root, \
         or install rustc-web, cargo-web, rust-web-src, rust-web-llvm and the lld that \
         /usr/bin/rust-lld names, and run it again",
    )?;
    if !works(&linked) {
        bail!("the standard library built for wasm32 does not work; run `cargo xtask setup` again");
    }
    step::say(format!("  the toolchain {} has it now", linked_name()));
    Ok(linked)
}

/// Another name lets a trial run leave the machine's linked toolchain alone.
fn linked_name() -> String {
    std::env::var("LETTERLOCK_WASM_TOOLCHAIN").unwrap_or_else(|_| "debian-wasm".to_owned())
}

fn is_linked(name: &str) -> bool {
    capture(
        command("rustup").args(["toolchain", "list"]),
        Duration::from_secs(30),
    )
    .is_ok_and(|list| {
        list.stdout
            .lines()
            .any(|line| line.split_whitespace().next() == Some(name))
    })
}

/// Whether a small program that uses the standard library compiles and links.
fn works(toolchain: &Toolchain) -> bool {
    let Ok(folder) = tempfile::tempdir() else {
        return false;
    };
    let mut rustc = toolchain.rustc();
    rustc
        .args(["--target", TARGET, "--crate-name", "probe", "-", "-o"])
        .arg(folder.path().join("probe.wasm"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let Ok(mut running) = process::start(&mut rustc) else {
        return false;
    };
    if let Some(mut input) = running.child().stdin.take() {
        // A compiler that stops early closes the pipe; its status tells.
        let _ = input.write_all(b"fn main() { std::thread::yield_now(); }");
    }
    running
        .wait(Duration::from_secs(60))
        .is_ok_and(|status| status.success())
}

fn add_by_rustup() -> Result<()> {
    if !process::on_path("rustup") {
        bail!("there is no rustup");
    }
    let mark = cache::folder("setup").join("rustup-target-add-failed");
    if recently(&mark) {
        bail!(
            "it failed less than a day ago (remove {} to try again)",
            paths::shown(&mark)
        );
    }
    step::say(format!(
        "  asking rustup for it (at most {})",
        step::shown(TARGET_ADD_LIMIT)
    ));
    let added = process::run(
        command("rustup").args(["target", "add", TARGET]),
        TARGET_ADD_LIMIT,
    );
    if added.is_err() {
        // A day without asking again; losing the mark only costs a minute.
        let _ = cache::write_whole(&mark, b"");
    }
    added
}

fn recently(mark: &std::path::Path) -> bool {
    fs::metadata(mark)
        .and_then(|data| data.modified())
        .ok()
        .and_then(|then| SystemTime::now().duration_since(then).ok())
        .is_some_and(|age| age < FAILURE_LASTS)
}
