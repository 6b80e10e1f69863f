//! Pictures of every page: light and dark, wide and narrow.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::Args;

use crate::cargo::{self, Profile};
use crate::{browser, build, extension, paths, process, run, setup, step};

const LIMIT: Duration = Duration::from_secs(15 * 60);

/// Options of the task.
#[derive(Args)]
pub(crate) struct Options {
    /// The folder for the pictures, from the workspace's root
    #[arg(long, default_value = "target/xtask/screenshots")]
    out: PathBuf,
    /// Use what was built last
    #[arg(long)]
    no_build: bool,
    /// How much to optimise the webmail
    #[arg(long, value_enum, default_value = "dist")]
    profile: Profile,
    /// Take Firefox instead of Chromium
    #[arg(long)]
    firefox: bool,
    /// Look at the extension's pages and frames instead
    #[arg(long)]
    extension: bool,
}

/// The task: fills a fresh server with the demo and looks at every page.
///
/// # Errors
///
/// When something cannot be built, started or shown.
pub(crate) fn run(options: &Options) -> Result<()> {
    browser::require()?;
    if options.extension {
        return of_extension(options);
    }
    let webmail = run::webmail_folder();
    if !options.no_build {
        let toolchain = setup::toolchain()?;
        build::webmail(&toolchain, options.profile, &webmail)?;
        build::programs(&["server-stub", "demo", "screenshots"])?;
    }
    let data = tempfile::tempdir()?;
    let server = run::Server::start(data.path(), &webmail, 0)?;
    let story = run::fill(&server)?;
    let out = paths::root().join(&options.out);
    std::fs::create_dir_all(&out)?;
    step::step("Taking the pictures", || {
        let mut pictures = process::command(cargo::binary(Profile::Dev, "screenshots"));
        pictures
            .args(["--server", &server.address])
            .arg("--out")
            .arg(&out)
            .env("LETTERLOCK_DEMO", &story);
        if options.firefox {
            pictures.arg("--firefox");
        }
        browser::environment(&mut pictures, &webmail, &paths::own().join("browser"))?;
        process::run(&mut pictures, LIMIT)
    })?;
    step::say(format!("The pictures are in {}", paths::shown(&out)));
    Ok(())
}

/// The same for the extension, in a webmail like Gmail.
fn of_extension(options: &Options) -> Result<()> {
    let folder = paths::root().join("dist/extension");
    if !options.no_build {
        extension::build(&setup::toolchain()?, options.profile, &folder)?;
    }
    build::programs(&["extension-screenshots"])?;
    let out = paths::root().join(&options.out);
    std::fs::create_dir_all(&out)?;
    step::step("Taking the pictures", || {
        let mut pictures = process::command(cargo::binary(Profile::Dev, "extension-screenshots"));
        pictures
            .arg("--out")
            .arg(&out)
            .env("LETTERLOCK_EXTENSION", &folder);
        if options.firefox {
            pictures.arg("--firefox");
        }
        browser::environment(
            &mut pictures,
            &run::webmail_folder(),
            &paths::own().join("browser"),
        )?;
        process::run(&mut pictures, LIMIT)
    })?;
    step::say(format!("The pictures are in {}", paths::shown(&out)));
    Ok(())
}
