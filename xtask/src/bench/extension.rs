//! What the extension costs and how long a person waits for it, measured in real browsers.
//!
//! The figures that were believed stand in `docs/performance.md`, written there by hand.

use std::time::Duration;

use anyhow::Result;

use super::Options;
use super::webmail::build_native;
use crate::cargo::{self, Profile};
use crate::{browser, extension, paths, process, setup, step};

const LIMIT: Duration = Duration::from_secs(60 * 60);
const PROGRAM: &str = "measure-extension";

/// Measures `dist/extension` in each browser.
///
/// # Errors
///
/// When something cannot be built, started or measured.
pub(super) fn run(options: &Options) -> Result<()> {
    browser::require()?;
    let folder = paths::root().join("dist/extension");
    if !options.no_build {
        extension::build(&setup::toolchain()?, options.profile, &folder)?;
        build_native("extension-tests", PROGRAM, Profile::Dev)?;
    }
    step::step("Measuring", || {
        let mut measure = process::command(cargo::binary(Profile::Dev, PROGRAM));
        // Nothing here needs the webmail or its server.
        let webmail = paths::root().join("dist/webmail");
        browser::environment(&mut measure, &webmail, &paths::own().join("bench"))?;
        measure
            .env("LETTERLOCK_EXTENSION", &folder)
            // What failed is told in words; a stack of async frames would bury it.
            .env("RUST_LIB_BACKTRACE", "0")
            .args(["--rounds", &options.rounds.to_string()]);
        for name in &options.browsers {
            measure.args(["--browser", name]);
        }
        for scene in &options.scenes {
            measure.args(["--scene", scene]);
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
