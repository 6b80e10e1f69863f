//! Pages that test the browser's ports: the examples of `platform-web`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::cargo::{self, Profile};
use crate::setup::Toolchain;
use crate::{bindgen, paths, process, setup, step};

/// The page whose verdict is a test.
const TESTED: [&str; 1] = ["store-contract"];
/// The page that measures.
const MEASURED: [&str; 1] = ["bench"];

/// The folder that holds the finished pages.
pub(crate) fn folder() -> PathBuf {
    paths::own().join("pages")
}

/// Builds the pages that test.
///
/// # Errors
///
/// When an example does not build.
pub(crate) fn build(toolchain: &Toolchain) -> Result<()> {
    build_these(toolchain, &TESTED)
}

/// Builds the page that measures.
///
/// # Errors
///
/// When the example does not build.
pub(crate) fn build_measured(toolchain: &Toolchain) -> Result<()> {
    build_these(toolchain, &MEASURED)
}

fn build_these(toolchain: &Toolchain, pages: &[&str]) -> Result<()> {
    // As shipped: the same artefacts serve the webmail's build.
    let profile = Profile::Dist;
    step::step("Building pages for the browser's ports", || {
        let mut build = cargo::wasm("build", toolchain.name());
        cargo::quiet(&mut build)
            .args(["--package", "platform-web", "--features", "testing"])
            .args(pages.iter().map(|page| format!("--example={page}")))
            .env(
                "CARGO_ENCODED_RUSTFLAGS",
                cargo::remap_flags(toolchain.sysroot().as_deref()),
            )
            .args(["--target", setup::TARGET, "--profile", profile.name()]);
        process::run(&mut build, cargo::LIMIT)
    })?;
    let folder = folder();
    fs::create_dir_all(&folder)?;
    for page in pages {
        put_together(&folder, page, profile)?;
    }
    Ok(())
}

fn put_together(folder: &Path, page: &str, profile: Profile) -> Result<()> {
    let program = paths::wasm_target()
        .join(setup::TARGET)
        .join(profile.folder())
        .join("examples")
        .join(format!("{page}.wasm"));
    let bound = bindgen::bind(&program, page, true)?;
    fs::write(folder.join(format!("{page}.js")), bound.js)?;
    fs::write(folder.join(format!("{page}_bg.wasm")), bound.wasm)?;
    for (path, bytes) in bound.snippets {
        let to = folder.join(path);
        fs::create_dir_all(to.parent().context("a snippet lies in a folder")?)?;
        fs::write(to, bytes)?;
    }
    let sources = paths::root().join("webapp/platform-web/examples/page");
    for file in [format!("{page}.html"), format!("{page}.boot.js")] {
        fs::copy(sources.join(&file), folder.join(&file))
            .with_context(|| format!("cannot copy {file}"))?;
    }
    Ok(())
}
