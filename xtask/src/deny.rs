//! Licences, sources, duplicates and known weaknesses of dependencies.

use std::time::Duration;

use anyhow::{Result, bail};

use crate::{process, step, tools};

const VERSION: &str = "0.20.2";
const CHECK_LIMIT: Duration = Duration::from_secs(5 * 60);
/// Fetching the list of advisories hangs where its host is out of reach.
const ADVISORIES_LIMIT: Duration = Duration::from_secs(30);

/// What to do where cargo-deny is not installed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// Build it, which takes minutes
    Install,
    /// Say so and go on
    Skip,
}

/// Checks `deny.toml`'s policy.
///
/// # Errors
///
/// When a dependency breaks it.
pub(crate) fn run(missing: Missing) -> Result<()> {
    if !process::on_path("cargo-deny") && missing == Missing::Skip {
        step::say(format!(
            "Dependency policy: SKIPPED, cargo-deny is not installed \
             (`cargo xtask lint` installs it, or `cargo install cargo-deny --version {VERSION} --locked`)"
        ));
        return Ok(());
    }
    tools::cargo_install("cargo-deny", "cargo-deny", VERSION)?;
    step::step("Checking licences, bans and sources", || {
        process::run(
            process::command("cargo").args(["deny", "check", "bans", "licenses", "sources"]),
            CHECK_LIMIT,
        )
    })?;
    step::step("Checking advisories", advisories)
}

/// The list of advisories lives on a host that may be out of reach; then the
/// step says so instead of failing, because nothing was found out.
fn advisories() -> Result<()> {
    let fetched = process::capture(
        process::command("cargo").args(["deny", "fetch", "db"]),
        ADVISORIES_LIMIT,
    );
    match fetched {
        Ok(finished) if finished.status.success() => {}
        Ok(_) | Err(_) => {
            step::say("  SKIPPED: the advisory database cannot be fetched from here");
            return Ok(());
        }
    }
    let checked = process::capture(
        process::command("cargo").args(["deny", "check", "--disable-fetch", "advisories"]),
        CHECK_LIMIT,
    )?;
    if !checked.status.success() {
        bail!(
            "an advisory that deny.toml does not accept:\n{}",
            checked.stderr
        );
    }
    Ok(())
}
