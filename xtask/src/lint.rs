//! Everything that is checked without running the program.

use std::time::Duration;

use anyhow::{Context, Result};

use crate::{cargo, deny, process, step, tidy};

/// The task.
///
/// # Errors
///
/// When a check fails.
pub(crate) fn run() -> Result<()> {
    format()?;
    tidy::run()?;
    clippy()?;
    documentation()?;
    deny::run(deny::Missing::Install)
}

/// Formatting.
///
/// # Errors
///
/// When a file is not formatted; the difference is shown.
pub(crate) fn format() -> Result<()> {
    step::step("Checking the formatting", || {
        process::run(
            process::command("cargo").args(["fmt", "--all", "--check"]),
            Duration::from_secs(120),
        )
        .context("run `cargo fmt --all`")
    })
}

/// Clippy with the workspace's lints; any warning fails.
///
/// # Errors
///
/// When there is a warning.
pub(crate) fn clippy() -> Result<()> {
    step::step("Running clippy", || {
        process::run(
            cargo::quiet(&mut cargo::native("clippy")).args([
                "--workspace",
                "--all-targets",
                "--",
                "-D",
                "warnings",
            ]),
            cargo::LIMIT,
        )
    })
}

/// The documentation of every crate, without a warning.
///
/// # Errors
///
/// When a link is broken or an item is not documented.
pub(crate) fn documentation() -> Result<()> {
    step::step("Building the documentation", || {
        process::run(
            cargo::quiet(&mut cargo::native("doc"))
                .args(["--workspace", "--no-deps"])
                .env("RUSTDOCFLAGS", "-D warnings"),
            cargo::LIMIT,
        )
    })
}
