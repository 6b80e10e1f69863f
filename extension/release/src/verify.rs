//! Checks packages as somebody who downloaded them would.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use crypto_core::openpgp::Certificate;

use crate::{archive, crx, package, signature};

/// Options of the task.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Packages (.zip, .crx, .xpi) or SHA256SUMS; SHA256SUMS and SHA256SUMS.asc lie beside them
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Certificate that must have signed SHA256SUMS; `release-key.asc` beside it if
    /// absent, which is no proof of origin
    #[arg(long)]
    certificate: Option<PathBuf>,
    /// Id that a CRX must have
    #[arg(long)]
    id: Option<String>,
}

/// The task.
///
/// # Errors
/// Names the first thing that is wrong.
pub(crate) fn run(options: &Options) -> Result<()> {
    for file in &options.files {
        check(file, options).with_context(|| format!("{} is NOT good", file.display()))?;
        match options.certificate {
            Some(_) => println!("{}: good", file.display()),
            None => println!(
                "{}: whole, but signed by a key you did not name: NOT proof of origin",
                file.display()
            ),
        }
    }
    Ok(())
}

fn check(file: &Path, options: &Options) -> Result<()> {
    let bytes = fs::read(file).context("cannot be read")?;
    let folder = file.parent().unwrap_or(Path::new("."));
    let name = file
        .file_name()
        .and_then(|name| name.to_str())
        .context("it has no readable name")?;
    let sums = fs::read(folder.join("SHA256SUMS")).context("SHA256SUMS must lie beside it")?;
    check_sums(&sums, folder, options)?;
    if name == "SHA256SUMS" {
        return Ok(());
    }
    let sums = String::from_utf8(sums).context("SHA256SUMS is not text")?;
    let wanted = format!("{}  {name}", package::sum(&bytes));
    if !sums.lines().any(|line| line == wanted) {
        bail!("its SHA-256 is not the one in SHA256SUMS");
    }
    let inside = match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("crx") => {
            let checked = crx::check(&bytes)?;
            println!("  id in Chromium: {}", checked.id);
            if options.id.as_ref().is_some_and(|id| *id != checked.id) {
                bail!("its id is another than the one that was asked for");
            }
            checked.archive
        }
        Some("zip" | "xpi") => bytes.as_slice(),
        _ => bail!("packages end in .zip, .crx or .xpi"),
    };
    let files = archive::unpack(inside)?;
    println!("  {} files", files.len());
    Ok(())
}

fn check_sums(sums: &[u8], folder: &Path, options: &Options) -> Result<()> {
    let made = fs::read(folder.join("SHA256SUMS.asc"))
        .context("SHA256SUMS.asc must lie beside SHA256SUMS")?;
    let certificate = match &options.certificate {
        Some(path) => path.clone(),
        None => {
            let beside = folder.join("release-key.asc");
            println!(
                "  no --certificate: {} says only that the files belong together, NOT where they are from",
                beside.display()
            );
            beside
        }
    };
    let bytes =
        fs::read(&certificate).with_context(|| format!("cannot read {}", certificate.display()))?;
    let certificates = Certificate::parse_many(&bytes)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let signer =
        signature::check(sums, &made, &certificates, now).context("the signature of SHA256SUMS")?;
    println!("  SHA256SUMS is signed by {signer}");
    Ok(())
}
