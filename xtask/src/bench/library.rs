//! The npm package in real browsers, against other libraries in the same page.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::Options;
use super::report::Row;
use crate::{browser, npm, paths, process, setup, step};

const LIMIT: Duration = Duration::from_secs(45 * 60);

/// Measures in each browser.
///
/// # Errors
///
/// When the package cannot be built, a browser does not start, or a library fails.
pub(super) fn run(options: &Options) -> Result<Vec<Row>> {
    browser::require()?;
    let package = npm::folder();
    let measured = paths::own().join("bench/measured");
    if !options.no_build || !measured.is_dir() {
        let toolchain = setup::toolchain()?;
        npm::build(&toolchain, &package)?;
        npm::measured(&toolchain, &measured)?;
    }
    npm::require_node()?;
    let peers = npm::npm_install("bench", &["package.json", "package-lock.json"])?;
    let mut rows = Vec::new();
    for name in &options.browsers {
        rows.extend(step::step(
            &format!("Measuring the library in {name}"),
            || {
                let folders = [&package, &measured, &peers.join("node_modules")];
                measure(options, name, folders)
            },
        )?);
    }
    Ok(rows)
}

fn measure(options: &Options, name: &str, folders: [&PathBuf; 3]) -> Result<Vec<Row>> {
    let program = browser::program(name)?;
    let mut node = process::command("node");
    node.arg(paths::root().join("crypto-core/wasm/bench/main.mjs"))
        .args(folders)
        .arg(name)
        .arg(program)
        .arg(options.largest.to_string())
        .arg(options.patience.to_string())
        .args(&options.only)
        .stdout(Stdio::piped());
    let mut running = process::start(&mut node)?;
    let output = running.child().stdout.take().context("a pipe")?;
    let reader = std::thread::spawn(move || -> Result<Vec<Row>> {
        BufReader::new(output)
            .lines()
            .map(|line| Ok(serde_json::from_str(&line?)?))
            .collect()
    });
    let status = running.wait(LIMIT)?;
    let rows = reader
        .join()
        .map_err(|_| anyhow::anyhow!("the rows could not be read"))??;
    if !status.success() {
        bail!("the page in {name} failed ({status})");
    }
    Ok(rows)
}
