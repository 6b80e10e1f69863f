//! What a person waits for, measured in real browsers.
//!
//! Not a test: nothing fails because a machine is slow. The figures that were
//! believed stand in `docs/performance.md`, written there by hand.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::Args;

use crate::cargo::{self, Profile};
use crate::{browser, build, pages, paths, process, setup, step};

const LIMIT: Duration = Duration::from_secs(60 * 60);

/// Options of the task.
#[derive(Args)]
pub(crate) struct Options {
    /// Use what was built last
    #[arg(long)]
    no_build: bool,
    /// How much to optimise the webmail
    #[arg(long, value_enum, default_value = "dist")]
    profile: Profile,
    /// How much to optimise the server and what fills it
    #[arg(long, value_enum, default_value = "release")]
    server_profile: Profile,
    /// Measure this site, from the workspace's root, instead of one of its own
    #[arg(long)]
    webmail: Option<PathBuf>,
    /// How many messages lie in the inbox
    #[arg(long, default_value_t = 1000)]
    messages: usize,
    /// How often each thing is done on a fresh profile
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Where: chromium or firefox; may be given twice
    #[arg(long = "browser", default_value = "chromium")]
    browsers: Vec<String>,
    /// Write the rows into this file as well
    #[arg(long)]
    json: Option<PathBuf>,
    /// Print when each thing happened, once for each kind of row
    #[arg(long)]
    timeline: bool,
}

/// The task.
///
/// # Errors
///
/// When something cannot be built, started or measured.
pub(crate) fn run(options: &Options) -> Result<()> {
    browser::require()?;
    let webmail = options.webmail.as_ref().map_or_else(
        || paths::own().join("bench/webmail"),
        |folder| paths::root().join(folder),
    );
    if !options.no_build {
        let toolchain = setup::toolchain()?;
        if options.webmail.is_none() {
            build::webmail(&toolchain, options.profile, &webmail)?;
        }
        pages::build_measured(&toolchain)?;
        build::server(options.server_profile)?;
        build_native("testkit", "fill", options.server_profile)?;
        build_native("letterlock-tests", "measure", Profile::Dev)?;
    }
    step::step("Measuring", || {
        let mut measure = process::command(cargo::binary(Profile::Dev, "measure"));
        browser::environment(&mut measure, &webmail, &paths::own().join("bench"))?;
        measure
            .env(
                "LETTERLOCK_SERVER",
                cargo::binary(options.server_profile, "server-stub"),
            )
            // What failed is told in words; a stack of async frames would bury it.
            .env("RUST_LIB_BACKTRACE", "0")
            .arg("--pages")
            .arg(pages::folder())
            .arg("--fill")
            .arg(cargo::binary(options.server_profile, "fill"))
            .args(["--messages", &options.messages.to_string()])
            .args(["--rounds", &options.rounds.to_string()]);
        for name in &options.browsers {
            measure.args(["--browser", name]);
        }
        if options.timeline {
            measure.arg("--timeline");
        }
        if let Some(file) = &options.json {
            measure.arg("--json").arg(paths::root().join(file));
        }
        process::run(&mut measure, LIMIT)
    })
}

fn build_native(package: &str, program: &str, profile: Profile) -> Result<()> {
    step::step(&format!("Building {program}"), || {
        process::run(
            cargo::quiet(&mut cargo::native("build"))
                .args(["--package", package, "--bin", program])
                .args(["--profile", profile.name()]),
            cargo::LIMIT,
        )
    })
}
