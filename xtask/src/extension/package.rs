//! Packages for the stores, and checking them.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;

use crate::cargo::{self, Profile};
use crate::{build, paths, process, setup, step};

const LIMIT: Duration = Duration::from_secs(10 * 60);

/// Options of the task.
#[derive(Args)]
pub(crate) struct Options {
    /// RSA key for the CRX, PKCS #8 PEM [env: LETTERLOCK_CRX_KEY]; a development key if absent
    #[arg(long)]
    crx_key: Option<PathBuf>,
    /// OpenPGP key for SHA256SUMS [env: LETTERLOCK_RELEASE_KEY]; a development key if absent
    #[arg(long)]
    openpgp_key: Option<PathBuf>,
    /// Pack what was built last
    #[arg(long)]
    no_build: bool,
    /// Where the packages go, from the workspace's root
    #[arg(long, default_value = "dist/packages")]
    out: PathBuf,
}

/// Options of checking.
#[derive(Args)]
pub(crate) struct VerifyOptions {
    /// Packages (.zip, .crx, .xpi) or SHA256SUMS
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Certificate that must have signed SHA256SUMS; `release-key.asc` beside it if absent
    #[arg(long)]
    certificate: Option<PathBuf>,
    /// Id that a CRX must have
    #[arg(long)]
    id: Option<String>,
}

/// Builds and packs.
///
/// # Errors
///
/// When something cannot be built or signed.
pub(crate) fn run(options: &Options) -> Result<()> {
    let extension = paths::root().join("dist/extension");
    if !options.no_build {
        super::build(&setup::toolchain()?, Profile::Dist, &extension)?;
    }
    super::size::check_files(&extension.join("chromium"))?;
    super::lint::check(&extension.join("firefox"))?;
    build::programs(&["ext-release"])?;
    let out = paths::root().join(&options.out);
    let mut pack = process::command(program());
    pack.arg("package")
        .arg("--from")
        .arg(&extension)
        .arg("--out")
        .arg(&out)
        .arg("--time")
        .arg(commit_time()?);
    if let Some(key) = &options.crx_key {
        pack.arg("--crx-key").arg(key);
    }
    if let Some(key) = &options.openpgp_key {
        pack.arg("--openpgp-key").arg(key);
    }
    step::step("Packing", || process::run(&mut pack, LIMIT))?;
    super::size::check_packages(&out)
}

/// Checks packages.
///
/// # Errors
///
/// When one is not good.
pub(crate) fn verify(options: &VerifyOptions) -> Result<()> {
    build::programs(&["ext-release"])?;
    let mut verify = process::command(program());
    verify.arg("verify").args(&options.files);
    if let Some(certificate) = &options.certificate {
        verify.arg("--certificate").arg(certificate);
    }
    if let Some(id) = &options.id {
        verify.arg("--id").arg(id);
    }
    process::run(&mut verify, LIMIT)
}

fn program() -> PathBuf {
    cargo::binary(Profile::Dev, "ext-release")
}

/// When the commit was made: the one time that everybody who builds it knows.
fn commit_time() -> Result<String> {
    // What distributions set for reproducible builds comes first.
    if let Ok(time) = std::env::var("SOURCE_DATE_EPOCH") {
        return Ok(time);
    }
    let shown = process::capture(
        process::command("git")
            .current_dir(paths::root())
            .args(["log", "-1", "--format=%ct"]),
        Duration::from_secs(30),
    )
    .context("no commit to take the time from; set SOURCE_DATE_EPOCH")?;
    Ok(shown.stdout.trim().to_owned())
}
