//! The browser tests: what they need, and where they find it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::cargo::{self, Profile};
use crate::tools::{self, Tool};
use crate::{paths, process, step};

const GECKODRIVER: &str = "0.37.1";
const TESTS_LIMIT: Duration = Duration::from_secs(45 * 60);

/// Makes sure that both browsers and their drivers are there.
///
/// # Errors
///
/// Names what is missing and how to get it.
pub(crate) fn require() -> Result<()> {
    let chromium = ["chromium", "chromium-browser", "google-chrome"];
    if find(&chromium).is_none() {
        tools::require(&[Tool {
            program: "chromium",
            packages: &["chromium", "fonts-dejavu-core"],
        }])?;
    }
    tools::require(&[Tool {
        program: "chromedriver",
        packages: &["chromium-driver"],
    }])?;
    if find(&["firefox", "firefox-esr"]).is_none() {
        tools::require(&[Tool {
            program: "firefox-esr",
            packages: &["firefox-esr"],
        }])?;
    }
    tools::cargo_install("geckodriver", "geckodriver", GECKODRIVER)
}

/// Runs the browser tests against a built site and the built server.
///
/// # Errors
///
/// When a test fails.
pub(crate) fn test(
    webmail: &Path,
    pages: &Path,
    extension: &Path,
    filter: Option<&str>,
) -> Result<()> {
    let selection = [
        "--workspace",
        "--test",
        "two_people",
        "--test",
        "platform",
        "--test",
        "gmail",
        "--test",
        "client_api",
        "--test",
        "server_account",
        "--test",
        "providers",
        "--test",
        "attacks_in_browsers",
        "--test",
        "pages",
    ];
    let axe = paths::root().join("tests/extension/axe");
    crate::extension::scripts::install(&axe)?;
    step::step("Building the browser tests", || {
        let mut build = cargo::native("test");
        cargo::quiet(&mut build).args(selection).arg("--no-run");
        process::run(&mut build, cargo::LIMIT)
    })?;
    step::step("Testing in Chromium and Firefox", || {
        let mut tests = cargo::native("test");
        tests.args(selection);
        // What failed is told in words; a stack of async frames would bury it.
        tests.env("RUST_LIB_BACKTRACE", "0");
        tests.arg("--").args(["--test-threads", "1"]);
        if let Some(filter) = filter {
            tests.arg(filter);
        }
        tests.env("LETTERLOCK_PAGES", pages);
        tests.env("LETTERLOCK_EXTENSION", extension);
        tests.env("LETTERLOCK_AXE", &axe);
        let artifacts = paths::own().join("browser");
        // What a test could not play it writes here: its own output is shown only when it fails.
        let skipped = artifacts.join("skipped.txt");
        if skipped.exists() {
            fs::remove_file(&skipped)?;
        }
        environment(&mut tests, webmail, &artifacts)?;
        process::run(&mut tests, TESTS_LIMIT)?;
        for reason in fs::read_to_string(&skipped).unwrap_or_default().lines() {
            step::say(format!("SKIPPED: {reason}"));
        }
        Ok(())
    })
}

/// The program of a browser.
///
/// # Errors
///
/// When there is no browser of this name, or it is not on the search path.
pub(crate) fn program(name: &str) -> Result<PathBuf> {
    let programs: &[&str] = match name {
        "chromium" => &["chromium", "chromium-browser", "google-chrome"],
        "firefox" => &["firefox", "firefox-esr"],
        _ => anyhow::bail!("there is no browser {name} here"),
    };
    find(programs).with_context(|| format!("{} is not on the search path", programs.join(" or ")))
}

/// Tells a program where everything is.
///
/// # Errors
///
/// When a browser or driver is not on the search path.
pub(crate) fn environment(command: &mut Command, webmail: &Path, artifacts: &Path) -> Result<()> {
    command
        .env(
            "LETTERLOCK_SERVER",
            cargo::binary(Profile::Dev, "server-stub"),
        )
        .env("LETTERLOCK_WEBMAIL", webmail)
        .env("LETTERLOCK_ARTIFACTS", artifacts);
    for (name, programs) in [
        (
            "LETTERLOCK_CHROMIUM",
            &["chromium", "chromium-browser", "google-chrome"][..],
        ),
        ("LETTERLOCK_CHROMEDRIVER", &["chromedriver"]),
        ("LETTERLOCK_FIREFOX", &["firefox", "firefox-esr"]),
        ("LETTERLOCK_GECKODRIVER", &["geckodriver"]),
    ] {
        let program = find(programs)
            .with_context(|| format!("{} is not on the search path", programs.join(" or ")))?;
        command.env(name, program);
    }
    Ok(())
}

/// The first of these programs that is on the search path, or where cargo
/// installs them.
fn find(programs: &[&str]) -> Option<PathBuf> {
    programs.iter().find_map(|program| process::which(program))
}
