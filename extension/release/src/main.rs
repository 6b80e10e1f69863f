//! Packs the extension, signs the packages, and checks such packages.
//!
//! `cargo xtask package` and `cargo xtask verify` call this program. It is apart from xtask so
//! that nobody has to compile OpenPGP and RSA to run the webmail.
//!
//! The same folder, version, time and keys always give the same bytes: entries of an archive are
//! sorted and carry one fixed time, RSA signatures are PKCS #1 v1.5, and the OpenPGP signature's
//! time is the commit's. An OpenPGP key of version 6 is the exception: its signatures begin with a
//! random salt, so that SHA256SUMS.asc, and nothing else, differs.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool talks to the terminal"
)]

mod archive;
mod crx;
mod keys;
mod package;
mod signature;
mod verify;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "ext-release", about = "Packs, signs and checks the extension")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Make the store zip, the CRX, the xpi, SHA256SUMS and its signature
    Package(package::Options),
    /// Check packages: integrity, signatures, and SHA256SUMS beside them
    Verify(verify::Options),
    /// Sign a file (such as the rules for webmails) with the release key
    Sign(SignOptions),
    /// Print the certificate that belongs to the release key
    Certificate(KeyOptions),
}

#[derive(clap::Args)]
struct KeyOptions {
    /// OpenPGP private key, armored or binary; a development key outside the repository if absent
    #[arg(long, env = "LETTERLOCK_RELEASE_KEY")]
    openpgp_key: Option<PathBuf>,
}

#[derive(clap::Args)]
struct SignOptions {
    #[command(flatten)]
    key: KeyOptions,
    /// Unix seconds that the signature carries
    #[arg(long)]
    time: u64,
    /// What to sign; the signature goes beside it, with `.asc` added
    file: PathBuf,
}

fn main() -> Result<()> {
    match Arguments::parse().task {
        Task::Package(options) => package::run(&options),
        Task::Verify(options) => verify::run(&options),
        Task::Sign(options) => {
            let key = keys::release_key(options.key.openpgp_key.as_deref())?;
            let bytes = std::fs::read(&options.file)?;
            let made = signature::sign(&bytes, &key, options.time)?;
            std::fs::write(package::beside(&options.file, "asc"), made)?;
            Ok(())
        }
        Task::Certificate(options) => {
            let key = keys::release_key(options.openpgp_key.as_deref())?;
            print!("{}", key.certificate().to_armor());
            Ok(())
        }
    }
}
