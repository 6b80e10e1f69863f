//! Packages for the stores, and checking them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;

use crate::cargo::{self, Profile};
use crate::{build, paths, process, setup, step};

/// No packing or checking takes longer.
pub(super) const LIMIT: Duration = Duration::from_secs(10 * 60);

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
    let extension = super::folder();
    if !options.no_build {
        super::build(&setup::toolchain()?, Profile::Dist, &extension)?;
    }
    check_built(&extension)?;
    build_program()?;
    let out = paths::root().join(&options.out);
    let mut packing = packing(&extension, &out)?;
    if let Some(key) = &options.crx_key {
        packing.arg("--crx-key").arg(key);
    }
    if let Some(key) = &options.openpgp_key {
        packing.arg("--openpgp-key").arg(key);
    }
    step::step("Packing", || process::run(&mut packing, LIMIT))?;
    super::size::check_packages(&out)
}

/// What must hold of a built extension before it is packed: its budgets, and the store's rules.
///
/// # Errors
///
/// When a file is over budget, or the store's checker finds something.
pub(super) fn check_built(extension: &Path) -> Result<()> {
    super::size::check_files(&extension.join("chromium"))?;
    super::lint::check(&extension.join("firefox"))
}

/// The call that packs a built extension into `out`; keys are still to be named.
///
/// # Errors
///
/// When the commit's time is unknown.
pub(super) fn packing(extension: &Path, out: &Path) -> Result<Command> {
    let mut packing = program();
    packing
        .arg("package")
        .arg("--from")
        .arg(extension)
        .arg("--out")
        .arg(out)
        .arg("--time")
        .arg(commit_time()?);
    Ok(packing)
}

/// Checks packages.
///
/// # Errors
///
/// When one is not good.
pub(crate) fn verify(options: &VerifyOptions) -> Result<()> {
    build_program()?;
    let mut verifying = verifying(&options.files);
    if let Some(certificate) = &options.certificate {
        verifying.arg("--certificate").arg(certificate);
    }
    if let Some(id) = &options.id {
        verifying.arg("--id").arg(id);
    }
    process::run(&mut verifying, LIMIT)
}

/// The call that checks packages; what they must be signed by is still to be named.
pub(super) fn verifying(files: &[PathBuf]) -> Command {
    let mut verifying = program();
    verifying.arg("verify").args(files);
    verifying
}

/// The call that prints the certificate of the release key.
pub(super) fn certificate() -> Command {
    let mut certificate = program();
    certificate.arg("certificate");
    certificate
}

/// Builds the program that packs and checks.
///
/// # Errors
///
/// When it does not build.
pub(super) fn build_program() -> Result<()> {
    build::programs(&["ext-release"])
}

fn program() -> Command {
    process::command(cargo::binary(Profile::Dev, "ext-release"))
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
