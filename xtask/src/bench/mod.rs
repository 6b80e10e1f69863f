//! Measurements: the library against its peers, and what a person waits for in the webmail and
//! with the extension.
//!
//! Not a test: nothing fails because a machine is slow.

mod extension;
mod library;
mod native;
mod reasons;
mod report;
mod webmail;

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use crate::cargo::Profile;
use crate::paths;
use report::Row;

/// Options of the task.
#[derive(Args)]
pub(crate) struct Options {
    /// Measure these parts alone; may be given twice
    #[arg(long = "part", value_enum, default_values = ["library", "native"])]
    parts: Vec<Part>,
    /// Use what was built last
    #[arg(long)]
    no_build: bool,
    /// Where: chromium or firefox; may be given twice
    #[arg(long = "browser", default_values = ["chromium", "firefox"])]
    browsers: Vec<String>,
    /// Write the rows into this file
    #[arg(long)]
    json: Option<PathBuf>,
    /// Measure nothing: take the rows of such a file into `docs/performance.md`
    #[arg(long, conflicts_with = "json")]
    from: Option<PathBuf>,
    /// Leave `docs/performance.md` as it is
    #[arg(long)]
    no_docs: bool,

    /// Library: the largest message, in bytes
    #[arg(long, default_value_t = 25_000_000)]
    largest: u64,
    /// Library: how long to measure each row, in milliseconds
    #[arg(long, default_value_t = 2500)]
    patience: u64,
    /// Library: measure rows alone that match this (`op mode bytes peer`, JavaScript's syntax)
    #[arg(long)]
    only: Option<String>,

    /// Webmail, extension: how much to optimise it
    #[arg(long, value_enum, default_value = "dist")]
    profile: Profile,
    /// Webmail: how much to optimise the server and what fills it
    #[arg(long, value_enum, default_value = "release")]
    server_profile: Profile,
    /// Webmail: measure this site, from the workspace's root, instead of one of its own
    #[arg(long)]
    webmail: Option<PathBuf>,
    /// Webmail: how many messages lie in the inbox
    #[arg(long, default_value_t = 1000)]
    messages: usize,
    /// Webmail, extension: how often each thing is done on a fresh profile
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Webmail, extension: print when each thing happened
    #[arg(long)]
    timeline: bool,
    /// Extension: measure these scenes alone (cost, reading, writing, memory, first)
    #[arg(long = "scene")]
    scenes: Vec<String>,
}

/// What can be measured.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The npm package against OpenPGP.js, hash-wasm, libsodium and WebCrypto, in browsers
    Library,
    /// The command line against GnuPG and rsop
    Native,
    /// The webmail as people use it; its rows have a shape of their own
    Webmail,
    /// The built extension at a page with Gmail's structure, in browsers; likewise
    Extension,
}

/// The task.
///
/// # Errors
///
/// When something cannot be built, started or measured.
pub(crate) fn run(options: &Options) -> Result<()> {
    if let Some(file) = &options.from {
        return report::write_docs(&report::read_json(&paths::root().join(file))?);
    }
    let wanted = |part| options.parts.contains(&part);
    for (part, name) in [(Part::Webmail, "webmail"), (Part::Extension, "extension")] {
        if wanted(part) && options.parts.len() > 1 {
            bail!("the {name} is measured by itself: --part {name}");
        }
    }
    if wanted(Part::Webmail) {
        return webmail::run(options);
    }
    if wanted(Part::Extension) {
        return extension::run(options);
    }
    let mut rows: Vec<Row> = Vec::new();
    if wanted(Part::Library) {
        rows.extend(library::run(options)?);
    }
    if wanted(Part::Native) {
        rows.extend(native::run(options)?);
    }
    println!("\n{}", report::tables(&rows));
    if let Some(file) = &options.json {
        report::write_json(&rows, &paths::root().join(file))?;
    }
    let complete = options.only.is_none() && wanted(Part::Library) && wanted(Part::Native);
    if complete && !options.no_docs {
        report::write_docs(&rows)?;
    }
    Ok(())
}
