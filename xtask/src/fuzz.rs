//! Fuzzing: hostile bytes for hours, where the tests replay what is known in seconds.

use std::{fs, path::PathBuf, process::Command, time::Duration};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::{paths, process, step};

const VERSION: &str = "0.13.2";
const TOOLCHAIN: &str = "nightly";
const BUILD_LIMIT: Duration = Duration::from_secs(40 * 60);
/// A target that eats more than this, in MiB, has found something.
const MEMORY_LIMIT: u32 = 2048;
/// An input that takes longer than this, in seconds, is a finding.
const INPUT_LIMIT: u32 = 20;

/// Options of the task.
#[derive(Args)]
pub(crate) struct Options {
    /// The target to run; all of them in turn without it
    target: Option<String>,
    /// How long each target runs
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Only build the targets
    #[arg(long)]
    build: bool,
}

/// The task.
///
/// # Errors
///
/// When a target finds something, or cannot be built.
pub(crate) fn run(options: &Options) -> Result<()> {
    let known = targets()?;
    if let Some(wanted) = &options.target
        && !known.contains(wanted)
    {
        bail!("no target {wanted}; there are {}", known.join(", "));
    }
    let cargo_fuzz = cargo_fuzz()?;
    step::step("Building the targets with a nightly compiler", || {
        let mut build = fuzz(&cargo_fuzz, "build");
        build.args(options.target.iter());
        process::run(&mut build, BUILD_LIMIT).with_context(|| {
            format!("a nightly compiler is needed: `rustup toolchain install {TOOLCHAIN}`")
        })
    })?;
    if options.build {
        return Ok(());
    }
    let mut findings = Vec::new();
    for name in known
        .iter()
        .filter(|name| options.target.as_ref().is_none_or(|wanted| wanted == *name))
    {
        if let Err(problem) = fuzz_one(&cargo_fuzz, name, options.seconds) {
            step::say(format!("  {name}: {problem:#}"));
            findings.push(name.as_str());
        }
    }
    if findings.is_empty() {
        return Ok(());
    }
    bail!(
        "found something in {}; the inputs are in {}",
        findings.join(", "),
        paths::shown(&artifacts())
    )
}

/// New inputs go into the target folder, not into the corpus that is committed: what is worth
/// keeping is chosen by hand.
fn fuzz_one(cargo_fuzz: &PathBuf, name: &str, seconds: u64) -> Result<()> {
    let found = paths::target().join("fuzz/corpus").join(name);
    let artifacts = artifacts().join(name);
    for folder in [&found, &artifacts] {
        fs::create_dir_all(folder)?;
    }
    step::step(&format!("Fuzzing {name} for {seconds} s"), || {
        let mut run = fuzz(cargo_fuzz, "run");
        run.arg(name)
            .args([&found, &corpus(name)])
            .arg("--")
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-rss_limit_mb={MEMORY_LIMIT}"))
            .arg(format!("-timeout={INPUT_LIMIT}"))
            .arg(format!("-artifact_prefix={}/", artifacts.display()))
            .arg("-print_final_stats=1");
        let limit = BUILD_LIMIT + Duration::from_secs(seconds + 60);
        let finished = process::capture(&mut run, limit)?;
        let executed = finished
            .stderr
            .lines()
            .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"))
            .map_or("an unknown number of", str::trim);
        if finished.status.success() {
            step::say(format!("  {executed} inputs, nothing found"));
            return Ok(());
        }
        let end: Vec<&str> = finished.stderr.lines().rev().take(40).collect();
        let end: Vec<&str> = end.into_iter().rev().collect();
        bail!("{}", end.join("\n"))
    })
}

/// A call of cargo-fuzz. Most of the code is safe Rust, and the panics of a broken promise need
/// no sanitizer: without one a target tries several times as many inputs.
fn fuzz(cargo_fuzz: &PathBuf, verb: &str) -> Command {
    let mut command = process::command(cargo_fuzz);
    command
        .env("RUSTUP_TOOLCHAIN", toolchain())
        // cargo-fuzz builds for the host and passes flags of its own.
        .env_remove("RUSTFLAGS")
        .args(["fuzz", verb, "--sanitizer", "none"])
        .arg("--fuzz-dir")
        .arg(folder().join("libfuzzer"))
        .arg("--target-dir")
        .arg(paths::target().join("fuzz/build"));
    command
}

/// The newest nightly compiler that rustup has.
fn toolchain() -> String {
    process::capture(
        process::command("rustup").args(["toolchain", "list", "--quiet"]),
        Duration::from_secs(30),
    )
    .ok()
    .and_then(|list| {
        list.stdout
            .lines()
            .filter_map(|line| line.split_whitespace().next())
            .find(|name| name.starts_with(TOOLCHAIN))
            .map(ToOwned::to_owned)
    })
    .unwrap_or_else(|| TOOLCHAIN.to_owned())
}

/// cargo-fuzz from the search path, or installed below the target folder.
fn cargo_fuzz() -> Result<PathBuf> {
    if let Some(found) = process::which("cargo-fuzz") {
        return Ok(found);
    }
    let root = paths::target().join("tools");
    let program = root.join("bin/cargo-fuzz");
    if !program.exists() {
        step::step(&format!("Installing cargo-fuzz {VERSION}"), || {
            process::run(
                process::command("cargo")
                    .args(["install", "--debug", "--locked", "--version", VERSION])
                    .arg("cargo-fuzz")
                    .arg("--root")
                    .arg(&root),
                BUILD_LIMIT,
            )
        })?;
    }
    Ok(program)
}

/// The targets, by the shells that there are.
fn targets() -> Result<Vec<String>> {
    let shells = folder().join("libfuzzer/fuzz_targets");
    let mut names = Vec::new();
    for entry in fs::read_dir(&shells).with_context(|| paths::shown(&shells))? {
        let path = entry?.path();
        names.extend(
            path.file_stem()
                .and_then(|stem| stem.to_str())
                .map(ToOwned::to_owned),
        );
    }
    names.sort();
    Ok(names)
}

fn folder() -> PathBuf {
    paths::root().join("crypto-core/fuzz")
}

fn corpus(name: &str) -> PathBuf {
    folder().join("corpus").join(name)
}

fn artifacts() -> PathBuf {
    paths::target().join("fuzz/artifacts")
}
