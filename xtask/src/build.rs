//! Builds the static webmail and the server.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use cargo_metadata::MetadataCommand;
use clap::Args;

use crate::assets::{Place, Source};
use crate::cargo::{self, Profile};
use crate::setup::Toolchain;
use crate::{assets, bindgen, paths, process, setup, step};

/// Files that a browser or a host asks for by a fixed name.
const FIXED_NAMES: [&str; 4] = ["config.json", "robots.txt", "favicon.ico", "favicon.svg"];

/// Options of the task.
#[derive(Args)]
pub(crate) struct Options {
    /// How much to optimise
    #[arg(long, value_enum, default_value = "dist")]
    profile: Profile,
    /// The folder to build into, from the workspace's root
    #[arg(long, default_value = "dist")]
    out: PathBuf,
    /// Build the webmail alone
    #[arg(long)]
    webmail_only: bool,
}

/// The task.
///
/// # Errors
///
/// When a part cannot be built.
pub(crate) fn run(options: &Options) -> Result<()> {
    let toolchain = setup::toolchain()?;
    let out = paths::root().join(&options.out);
    webmail(&toolchain, options.profile, &out.join("webmail"))?;
    if !options.webmail_only {
        let server = server(options.profile)?;
        let to = out.join("server-stub");
        fs::create_dir_all(&out)?;
        fs::copy(&server, &to)
            .with_context(|| format!("cannot copy the server to {}", to.display()))?;
        step::say(format!("The server is {}", paths::shown(&to)));
    }
    Ok(())
}

/// Builds the webmail into `folder`.
///
/// # Errors
///
/// When a program does not build or the site does not fit together.
pub(crate) fn webmail(toolchain: &Toolchain, profile: Profile, folder: &Path) -> Result<()> {
    step::step(
        &format!("Building the webmail for wasm32 ({})", profile.name()),
        || {
            let mut build = cargo::wasm("build", toolchain.name());
            cargo::quiet(&mut build)
                .args(["--package", "webapp", "--bins", "--target", setup::TARGET])
                .args(["--profile", profile.name()])
                .env(
                    "CARGO_ENCODED_RUSTFLAGS",
                    cargo::remap_flags(toolchain.sysroot().as_deref()),
                );
            process::run(&mut build, cargo::LIMIT)
        },
    )?;
    let site = step::step("Putting the site together", || {
        assets::finish(sources(profile)?)
    })?;
    step::step("Compressing", || {
        fs::create_dir_all(folder)?;
        assets::write(&site, folder, quality(profile))
    })?;
    step::say(format!("The webmail is {}", paths::shown(folder)));
    Ok(())
}

/// Builds the server and returns where it is.
///
/// # Errors
///
/// When it does not build.
pub(crate) fn server(profile: Profile) -> Result<PathBuf> {
    step::step(&format!("Building the server ({})", profile.name()), || {
        let mut build = cargo::native("build");
        cargo::quiet(&mut build)
            .args(["--package", "server-stub", "--bin", "server-stub"])
            .args(["--profile", profile.name()]);
        if profile == Profile::Dist {
            build.env("CARGO_ENCODED_RUSTFLAGS", cargo::remap_flags(None));
        }
        process::run(&mut build, cargo::LIMIT)
    })?;
    Ok(cargo::binary(profile, "server-stub"))
}

/// Builds native programs for use on this machine.
///
/// The whole workspace is named so that dependencies get the same features as
/// in the tests: otherwise half of them would be built twice.
///
/// # Errors
///
/// When one does not build.
pub(crate) fn programs(names: &[&str]) -> Result<()> {
    step::step(&format!("Building {} (dev)", names.join(" and ")), || {
        let mut build = cargo::native("build");
        cargo::quiet(&mut build).arg("--workspace");
        for name in names {
            build.args(["--bin", name]);
        }
        process::run(&mut build, cargo::LIMIT)
    })
}

/// How hard brotli tries: all it can for what is shipped, quickly otherwise.
fn quality(profile: Profile) -> u32 {
    match profile {
        Profile::Dev => 2,
        Profile::Release => 9,
        Profile::Dist => 11,
    }
}

fn sources(profile: Profile) -> Result<Vec<Source>> {
    let root = paths::root();
    let mut sources = Vec::new();
    for program in browser_programs()? {
        let wasm = paths::wasm_target()
            .join(setup::TARGET)
            .join(profile.folder())
            .join(format!("{program}.wasm"));
        let bound = bindgen::bind(&wasm, &program, profile == Profile::Dev)?;
        sources.push(verbatim(format!("{program}.js"), bound.js));
        sources.push(verbatim(format!("{program}.wasm"), bound.wasm));
        for (path, bytes) in bound.snippets {
            // Both programs may bring the same module.
            if !sources.iter().any(|source: &Source| source.name == path) {
                sources.push(Source {
                    name: path,
                    bytes,
                    place: Place::Beside,
                });
            }
        }
    }
    for folder in ["webapp/loader", "webapp/assets"] {
        let folder = root.join(folder);
        if folder.is_dir() {
            collect(&folder, "", &mut sources)?;
        }
    }
    for path in bindgen::sorted(&root)? {
        if path
            .extension()
            .is_some_and(|extension| extension == "html")
        {
            sources.push(read(&path, file_name(&path)?, Place::Root)?);
        }
    }
    if !sources.iter().any(|source| source.name == "index.html") {
        bail!("index.html is missing");
    }
    Ok(sources)
}

/// The programs that run in the browser: every binary of the webapp.
fn browser_programs() -> Result<Vec<String>> {
    let metadata = MetadataCommand::new()
        .manifest_path(paths::root().join("webapp/Cargo.toml"))
        .no_deps()
        .exec()
        .context("cargo metadata failed")?;
    let mut programs: Vec<String> = metadata
        .packages
        .iter()
        .filter(|package| package.name.as_str() == "webapp")
        .flat_map(|package| &package.targets)
        .filter(|target| target.is_bin())
        .map(|target| target.name.clone())
        .collect();
    programs.sort();
    Ok(programs)
}

/// A source that is taken byte for byte, named by its hash.
pub(crate) fn verbatim(name: String, bytes: Vec<u8>) -> Source {
    Source {
        name,
        bytes,
        place: Place::HashedVerbatim,
    }
}

/// Takes a folder's files as sources of a site.
///
/// # Errors
///
/// Failures of the file system.
pub(crate) fn collect(folder: &Path, prefix: &str, sources: &mut Vec<Source>) -> Result<()> {
    for path in bindgen::sorted(folder)? {
        let name = format!("{prefix}{}", file_name(&path)?);
        if path.is_dir() {
            collect(&path, &format!("{name}/"), sources)?;
        } else if !name.starts_with('.') && !name.ends_with(".md") {
            let fixed = FIXED_NAMES.contains(&name.as_str())
                || name.ends_with(".html")
                || name.ends_with(".webmanifest");
            let place = if fixed { Place::Root } else { Place::Hashed };
            sources.push(read(&path, name, place)?);
        }
    }
    Ok(())
}

fn read(path: &Path, name: String, place: Place) -> Result<Source> {
    Ok(Source {
        name,
        bytes: fs::read(path).with_context(|| format!("cannot read {}", path.display()))?,
        place,
    })
}

/// The last part of a path, as text.
///
/// # Errors
///
/// When it is no text.
pub(crate) fn file_name(path: &Path) -> Result<String> {
    Ok(path
        .file_name()
        .and_then(|name| name.to_str())
        .with_context(|| format!("{} has no readable name", path.display()))?
        .to_owned())
}
