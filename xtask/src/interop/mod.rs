//! Keys and messages exchanged with other people's OpenPGP, both ways, as a table.

mod gpg;
mod matrix;
mod peer;
mod sop;
mod table;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::cargo::{self, Profile};
use crate::tools::{self, Tool};
use crate::{cache, paths, process, step};
use gpg::Gpg;
use matrix::Setting;
use peer::{Peer, Scratch};
use sop::Sop;

const RSOP_VERSION: &str = "0.12.0";
const RSOP_LIMIT: Duration = Duration::from_secs(40 * 60);
const INSTALL_LIMIT: Duration = Duration::from_secs(10 * 60);
const TEST_LIMIT: Duration = Duration::from_secs(40 * 60);
const DOCUMENT: &str = "docs/interop.md";

/// Options of the task.
#[derive(Args)]
pub(crate) struct Options {
    /// Run these peers alone, and leave the document as it is
    #[arg(long, value_name = "NAME")]
    peer: Vec<String>,
}

/// The task: everything, written into the document.
///
/// # Errors
///
/// When a peer cannot be had, or anything fails that should work.
pub(crate) fn run(options: &Options) -> Result<()> {
    let peers = wanted(options)?;
    let outcome = exchange(&peers)?;
    if options.peer.is_empty() {
        let document = paths::root().join(DOCUMENT);
        cache::write_whole(&document, table::document(&outcome).as_bytes())?;
        step::say(format!("The table is in {DOCUMENT}"));
    }
    table::verdict(&outcome)?;
    if peers.iter().any(|peer| peer.name() == "rsop") {
        differential()?;
    }
    Ok(())
}

/// The peers that are had within a minute: what `cargo xtask test` runs.
///
/// # Errors
///
/// As for [`run`].
pub(crate) fn cheap() -> Result<()> {
    let mut peers: Vec<Box<dyn Peer>> = vec![
        Box::new(gnupg()?),
        Box::new(sqop()?),
        Box::new(openpgp_js()?),
    ];
    match pysequoia() {
        Ok(peer) => peers.push(Box::new(peer)),
        // The whole matrix insists on it.
        Err(problem) => step::say(format!("  without pysequoia: {problem:#}")),
    }
    if rsop_path().is_file() {
        peers.push(Box::new(rsop()?));
    }
    table::verdict(&exchange(&peers)?)
}

fn wanted(options: &Options) -> Result<Vec<Box<dyn Peer>>> {
    let wanted =
        |name: &str| options.peer.is_empty() || options.peer.iter().any(|peer| peer == name);
    let mut peers: Vec<Box<dyn Peer>> = Vec::new();
    if wanted("GnuPG") {
        peers.push(Box::new(gnupg()?));
    }
    if wanted("sqop") {
        peers.push(Box::new(sqop()?));
    }
    if wanted("OpenPGP.js") {
        peers.push(Box::new(openpgp_js()?));
    }
    if wanted("pysequoia") {
        peers.push(Box::new(pysequoia()?));
    }
    if wanted("rsop") {
        peers.push(Box::new(rsop()?));
    }
    if peers.is_empty() {
        bail!("there is no such peer");
    }
    Ok(peers)
}

fn exchange(peers: &[Box<dyn Peer>]) -> Result<table::Outcome> {
    let ours = ours()?;
    let scratch = Scratch::new()?;
    step::step("Exchanging keys and messages with the peers", || {
        let lock = |key: &Path, password: &Path, to: &Path| {
            let option = format!("--new-key-password={}", peer::text(password));
            let secret = std::fs::read(key).map_err(|error| error.to_string())?;
            let locked = peer::run(&ours.program, &["change-key-password", &option], &secret)?;
            std::fs::write(to, locked).map_err(|error| error.to_string())
        };
        let setting = Setting::new(&ours, peers, lock, &scratch)?;
        let versions = peers
            .iter()
            .map(|peer| {
                let version = peer.version().unwrap_or_else(|error| error);
                (peer.name(), version)
            })
            .collect();
        Ok(table::Outcome {
            versions,
            tables: setting.run(),
        })
    })
}

/// Mutated messages and certificates, read by us and by rsop.
fn differential() -> Result<()> {
    let mut tests = cargo::native(if process::on_path("cargo-nextest") {
        "nextest run"
    } else {
        "test"
    });
    tests
        .args(["-p", "crypto-core", "--test", "differential"])
        .env("LETTERLOCK_RSOP", rsop_path());
    step::step("Comparing with rsop on mutated input", || {
        process::run(&mut tests, TEST_LIMIT)
    })
}

fn program(tool: Tool) -> Result<PathBuf> {
    let name = tool.program;
    tools::require(&[tool])?;
    process::which(name).with_context(|| format!("{name} is not on the search path"))
}

fn ours() -> Result<Sop> {
    step::step("Building letterlock-sop", || {
        let mut build = cargo::native("build");
        cargo::quiet(&mut build).args(["-p", "letterlock-sop"]);
        process::run(&mut build, cargo::LIMIT)
    })?;
    Ok(Sop {
        name: "Letterlock",
        program: cargo::binary(Profile::Dev, "letterlock-sop"),
        script: None,
        version: None,
        scratch: Scratch::new()?,
    })
}

fn gnupg() -> Result<Gpg> {
    tools::require(&[Tool {
        program: "gpg-agent",
        packages: &["gpg-agent"],
    }])?;
    Ok(Gpg {
        program: program(Tool {
            program: "gpg",
            packages: &["gpg", "gpg-agent"],
        })?,
        scratch: Scratch::new()?,
    })
}

fn sqop() -> Result<Sop> {
    Ok(Sop {
        name: "sqop",
        program: program(Tool {
            program: "sqop",
            packages: &["sqop"],
        })?,
        script: None,
        version: None,
        scratch: Scratch::new()?,
    })
}

/// OpenPGP.js, installed from the lockfile of its tests.
fn openpgp_js() -> Result<Sop> {
    let node = program(Tool {
        program: "node",
        packages: &["nodejs"],
    })?;
    tools::require(&[Tool {
        program: "npm",
        packages: &["npm"],
    }])?;
    let source = paths::root().join("crypto-core/tests/interop/js");
    let folder = installed(
        "openpgp-js",
        &source,
        &["package.json", "package-lock.json"],
        |at| {
            let mut npm = process::command("npm");
            npm.args([
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--silent",
            ])
            .current_dir(at);
            process::run(&mut npm, INSTALL_LIMIT).context("OpenPGP.js comes from npm's registry")
        },
    )?;
    let script = folder.join("sop.mjs");
    std::fs::copy(source.join("sop.mjs"), &script)?;
    let version = folder.join("node_modules/openpgp/package.json");
    let version = std::fs::read_to_string(version)?;
    let version = version
        .lines()
        .find_map(|line| line.trim().strip_prefix("\"version\": \""))
        .map(|rest| rest.trim_end_matches(['"', ',']).to_owned())
        .context("OpenPGP.js does not say its version")?;
    Ok(Sop {
        name: "OpenPGP.js",
        program: node,
        script: Some(script),
        version: Some(format!("OpenPGP.js {version}")),
        scratch: Scratch::new()?,
    })
}

/// pysequoia, in a Python environment of its own.
fn pysequoia() -> Result<Sop> {
    let python = program(Tool {
        program: "python3",
        packages: &["python3", "python3-venv"],
    })?;
    let source = paths::root().join("crypto-core/tests/interop/python");
    let folder = installed("pysequoia", &source, &["requirements.txt"], |at| {
        let environment = at.join("environment");
        let mut make = process::command(&python);
        make.args(["-m", "venv"]).arg(&environment);
        process::run(&mut make, INSTALL_LIMIT).context(
            "Python cannot make environments; on Debian: `apt-get install python3-venv`",
        )?;
        let mut pip = process::command(environment.join("bin/python"));
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "-r",
        ])
        .arg(at.join("requirements.txt"));
        process::run(&mut pip, INSTALL_LIMIT).context("pysequoia comes from PyPI")
    })?;
    let version = std::fs::read_to_string(source.join("requirements.txt"))?;
    Ok(Sop {
        name: "pysequoia",
        program: folder.join("environment/bin/python"),
        script: Some(source.join("sop.py")),
        version: Some(version.trim().replace("==", " ")),
        scratch: Scratch::new()?,
    })
}

/// rsop, installed if it is not there.
///
/// # Errors
///
/// When cargo cannot install it.
pub(crate) fn rsop_program() -> Result<PathBuf> {
    let program = rsop_path();
    if !program.is_file() {
        step::step(&format!("Installing rsop {RSOP_VERSION}"), || {
            let mut install = process::command("cargo");
            install
                .args([
                    "install",
                    "--quiet",
                    "--locked",
                    "--version",
                    RSOP_VERSION,
                    "--root",
                ])
                .arg(tools_folder())
                .arg("rsop");
            process::run(&mut install, RSOP_LIMIT).context("rsop comes from cargo's registry")
        })?;
    }
    Ok(program)
}

fn rsop() -> Result<Sop> {
    Ok(Sop {
        name: "rsop",
        program: rsop_program()?,
        script: None,
        version: None,
        scratch: Scratch::new()?,
    })
}

fn tools_folder() -> PathBuf {
    paths::target().join("tools")
}

fn rsop_path() -> PathBuf {
    tools_folder().join("bin/rsop")
}

/// A folder with these files in which `install` has been done, once for each content of theirs.
fn installed(
    name: &str,
    source: &Path,
    files: &[&str],
    install: impl Fn(&Path) -> Result<()>,
) -> Result<PathBuf> {
    let mut all = Vec::new();
    for file in files {
        all.extend(std::fs::read(source.join(file))?);
    }
    let key: String = cache::hash(&all).chars().take(12).collect();
    let folder = tools_folder().join(format!("{name}-{key}"));
    let done = folder.join("installed");
    if done.is_file() {
        return Ok(folder);
    }
    step::step(&format!("Installing {name}"), || {
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(&folder)?;
        for file in files {
            std::fs::copy(source.join(file), folder.join(file))?;
        }
        install(&folder)?;
        cache::write_whole(&done, b"")
    })?;
    Ok(folder)
}
