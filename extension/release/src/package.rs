//! Makes the packages.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::{archive, crx, keys, signature};

/// Options of the task.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The folder with `chromium` and `firefox`, as built
    #[arg(long, default_value = "dist/extension")]
    from: PathBuf,
    /// Where the packages go; emptied first
    #[arg(long, default_value = "dist/packages")]
    out: PathBuf,
    /// Unix seconds that the signature carries: the commit's time
    #[arg(long)]
    time: u64,
    /// RSA key in PKCS #8 PEM; a development key outside the repository if absent
    #[arg(long, env = "LETTERLOCK_CRX_KEY")]
    crx_key: Option<PathBuf>,
    #[command(flatten)]
    release: super::KeyOptions,
}

/// The task.
///
/// # Errors
/// When something cannot be read, signed or written.
pub(crate) fn run(options: &Options) -> Result<()> {
    let crx_key = keys::crx_key(options.crx_key.as_deref())?;
    let release_key = keys::release_key(options.release.openpgp_key.as_deref())?;
    let chromium = archive::read_folder(&options.from.join("chromium"))?;
    let firefox = archive::read_folder(&options.from.join("firefox"))?;
    let version = version(&chromium)?;
    let [store, xpi] = archive::pack([&chromium, &firefox])?;
    let packages = [
        (
            format!("letterlock-{version}.crx"),
            crx::sign(&store, &crx_key)?,
        ),
        (format!("letterlock-{version}.xpi"), xpi),
        (format!("letterlock-{version}.zip"), store),
    ];
    if options.out.exists() {
        fs::remove_dir_all(&options.out)?;
    }
    fs::create_dir_all(&options.out)?;
    let mut sums = String::new();
    for (name, bytes) in &packages {
        fs::write(options.out.join(name), bytes)?;
        sums.push_str(&format!("{}  {name}\n", sum(bytes)));
        println!("{:>9} bytes  {name}", bytes.len());
    }
    let sums_file = options.out.join("SHA256SUMS");
    fs::write(&sums_file, &sums)?;
    let signed = signature::sign(sums.as_bytes(), &release_key, options.time)?;
    fs::write(beside(&sums_file, "asc"), signed)?;
    fs::write(
        options.out.join("release-key.asc"),
        release_key.certificate().to_armor(),
    )?;
    println!("The id in Chromium is {}", crx::id(&crx_key)?);
    println!("SHA256SUMS is signed by {}", release_key.fingerprint());
    Ok(())
}

/// A file's SHA-256, as sha256sum writes it.
pub(crate) fn sum(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))
}

/// A file's name with an ending added.
pub(crate) fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

fn version(files: &archive::Files) -> Result<String> {
    let manifest = files.get("manifest.json").context("no manifest.json")?;
    let manifest: serde_json::Value = serde_json::from_slice(manifest)?;
    Ok(manifest
        .get("version")
        .and_then(serde_json::Value::as_str)
        .context("manifest.json names no version")?
        .to_owned())
}
