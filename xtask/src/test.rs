//! Checks and tests everything.

use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};

use crate::cargo::{self, Profile};
use crate::deny::Missing;
use crate::tools::Tool;
use crate::{
    browser, build, deny, extension, interop, lint, npm, pages, paths, process, setup, size, step,
    tidy, tools,
};

const NATIVE_LIMIT: Duration = Duration::from_secs(40 * 60);

/// Options of the task.
#[derive(Args)]
pub(crate) struct Options {
    /// Run one part alone
    #[arg(long, value_enum)]
    only: Option<Part>,
    /// Run the browser tests of this name alone, for instance `firefox`
    #[arg(long)]
    browser: Option<String>,
    /// Use what was built last: the webmail, the server, the extension, the npm package
    #[arg(long)]
    no_build: bool,
}

/// A part of the whole.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Formatting, tidy, clippy, documentation, dependencies
    Lint,
    /// Everything that runs without a browser
    Native,
    /// The whole story in Chromium and Firefox
    Browsers,
    /// The size of the downloads
    Size,
    /// The extension's packages: made twice, compared, checked as the store and as people do
    Package,
    /// The npm package, used as its README says, in Node and in browsers
    Npm,
}

/// The task. Cheap checks come first, so that a slip is told within seconds.
///
/// # Errors
///
/// When a check or a test fails.
pub(crate) fn run(options: &Options) -> Result<()> {
    let wanted = |part| options.only.is_none_or(|only| only == part);
    if wanted(Part::Lint) {
        lint::format()?;
        tidy::run()?;
    }
    if wanted(Part::Native) {
        step::step("Looking for the peers that tests talk to", peers)?;
    }
    if wanted(Part::Browsers) || wanted(Part::Npm) {
        step::step("Looking for browsers and drivers", browser::require)?;
    }
    if wanted(Part::Package) {
        npm::require_node()?;
    }
    if wanted(Part::Lint) {
        lint::clippy()?;
    }
    if wanted(Part::Native) {
        native()?;
        interop::cheap()?;
    }
    if wanted(Part::Lint) {
        lint::documentation()?;
        deny::run(Missing::Install)?;
    }
    if wanted(Part::Browsers) || wanted(Part::Size) {
        downloads_and_browsers(options, wanted(Part::Size), wanted(Part::Browsers))?;
    }
    if wanted(Part::Package) {
        packages(options, wanted(Part::Browsers))?;
    }
    if wanted(Part::Npm) {
        npm_package(options)?;
    }
    step::say("Everything passed");
    Ok(())
}

/// The extension is built for this only where it was not just built for the browsers.
fn packages(options: &Options, built: bool) -> Result<()> {
    let extension = extension::folder();
    if !options.no_build && !built {
        extension::build(&setup::toolchain()?, Profile::Dist, &extension)?;
    }
    extension::rehearsal::run(&extension)
}

fn npm_package(options: &Options) -> Result<()> {
    let package = npm::folder();
    if !options.no_build {
        npm::build(&setup::toolchain()?, &package)?;
    }
    size::check_npm(&package)?;
    npm::test(&package)
}

fn downloads_and_browsers(options: &Options, sizes: bool, browsers: bool) -> Result<()> {
    let webmail = paths::root().join("dist/webmail");
    let extension_folder = extension::folder();
    if !options.no_build {
        let toolchain = setup::toolchain()?;
        build::webmail(&toolchain, Profile::Dist, &webmail)?;
        if browsers {
            pages::build(&toolchain)?;
            extension::build(&toolchain, Profile::Dist, &extension_folder)?;
            build::programs(&["server-stub"])?;
        }
    }
    if sizes {
        size::check(&webmail)?;
    }
    if browsers {
        browser::test(
            &webmail,
            &pages::folder(),
            &extension_folder,
            options.browser.as_deref(),
        )?;
    }
    Ok(())
}

/// gpg, sqop, and node for OpenPGP.js, which its test installs itself: other people's OpenPGP, to
/// exchange keys and messages with.
fn peers() -> Result<()> {
    tools::require(&[
        Tool {
            program: "gpg",
            packages: &["gpg", "gpg-agent"],
        },
        Tool {
            program: "gpg-agent",
            packages: &["gpg-agent"],
        },
        Tool {
            program: "sqop",
            packages: &["sqop"],
        },
        Tool {
            program: "node",
            packages: &["nodejs"],
        },
        Tool {
            program: "npm",
            packages: &["npm"],
        },
    ])
}

fn native() -> Result<()> {
    step::step("Running the native tests", || {
        if process::on_path("cargo-nextest") {
            let mut tests = cargo::native("nextest run");
            // The browser tests need what only this program can tell them.
            tests.args(["--workspace", "--filterset"]).arg(
                "not ((package(letterlock-tests) or package(extension-tests)) and kind(test))",
            );
            if !step::watched() {
                tests.args(["--cargo-quiet", "--status-level", "slow"]);
            }
            process::run(&mut tests, NATIVE_LIMIT)?;
        } else {
            process::run(
                cargo::native("test").args([
                    "--workspace",
                    "--lib",
                    "--bins",
                    "--exclude",
                    "letterlock-tests",
                    "--tests",
                ]),
                NATIVE_LIMIT,
            )?;
        }
        let mut examples = cargo::native("test");
        cargo::quiet(&mut examples).args(["--workspace", "--doc"]);
        process::run(&mut examples, NATIVE_LIMIT).context("an example in the documentation")
    })
}
