//! What a person waits for in the webmail, measured in real browsers.
//!
//! The figures that were believed stand in `docs/performance.md`, written there by hand.

use std::time::Duration;

use anyhow::Result;

use super::Options;
use crate::cargo::{self, Profile};
use crate::{browser, build, pages, paths, process, setup, step};

const LIMIT: Duration = Duration::from_secs(60 * 60);

/// Plays the webmail's story in each browser.
///
/// # Errors
///
/// When something cannot be built, started or measured.
pub(super) fn run(options: &Options) -> Result<()> {
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

/// Builds a program for this machine.
///
/// # Errors
///
/// When it does not build.
pub(super) fn build_native(package: &str, program: &str, profile: Profile) -> Result<()> {
    step::step(&format!("Building {program}"), || {
        process::run(
            cargo::quiet(&mut cargo::native("build"))
                .args(["--package", package, "--bin", program])
                .args(["--profile", profile.name()]),
            cargo::LIMIT,
        )
    })
}
