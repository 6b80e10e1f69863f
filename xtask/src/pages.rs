//! Pages that test the browser's ports: examples of the crates that implement them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::cargo::{self, Profile};
use crate::setup::Toolchain;
use crate::{bindgen, paths, process, setup, step};

/// An example that runs as a page.
struct Page {
    package: &'static str,
    /// Where the package is.
    folder: &'static str,
    example: &'static str,
    features: &'static [&'static str],
}

const fn of_platform(example: &'static str) -> Page {
    Page {
        package: "platform-web",
        folder: "webapp/platform-web",
        example,
        features: &["--features", "testing"],
    }
}

/// The pages whose verdicts are tests.
const TESTED: [Page; 2] = [
    of_platform("store-contract"),
    Page {
        package: "crypto-webcrypto",
        folder: "crypto-core/webcrypto",
        example: "engine-contract",
        features: &[],
    },
];
/// The page that measures.
const MEASURED: [Page; 1] = [of_platform("bench")];

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

fn build_these(toolchain: &Toolchain, pages: &[Page]) -> Result<()> {
    // As shipped: the same artefacts serve the webmail's build.
    let profile = Profile::Dist;
    step::step("Building pages for the browser's ports", || {
        for page in pages {
            let mut build = cargo::wasm("build", toolchain.name());
            cargo::quiet(&mut build)
                .args(["--package", page.package, "--example", page.example])
                .args(page.features)
                .env(
                    "CARGO_ENCODED_RUSTFLAGS",
                    cargo::remap_flags(toolchain.sysroot().as_deref()),
                )
                .args(["--target", setup::TARGET, "--profile", profile.name()]);
            process::run(&mut build, cargo::LIMIT)?;
        }
        Ok(())
    })?;
    let folder = folder();
    fs::create_dir_all(&folder)?;
    for page in pages {
        put_together(&folder, page, profile)?;
    }
    Ok(())
}

fn put_together(folder: &Path, page: &Page, profile: Profile) -> Result<()> {
    let sources = paths::root().join(page.folder).join("examples/page");
    let page = page.example;
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
    for file in [format!("{page}.html"), format!("{page}.boot.js")] {
        fs::copy(sources.join(&file), folder.join(&file))
            .with_context(|| format!("cannot copy {file}"))?;
    }
    Ok(())
}
