//! Cargo, called from within cargo.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use clap::ValueEnum;

use crate::{paths, process, step};

/// No single cargo call takes longer than this, even from cold caches on a
/// small machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(40 * 60);

/// A cargo profile.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Profile {
    /// Quick to build, slow to run
    Dev,
    /// Optimised
    Release,
    /// What is shipped
    Dist,
}

impl Profile {
    /// The name for `--profile`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Release => "release",
            Self::Dist => "dist",
        }
    }

    /// The folder below a target folder.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "release",
            Self::Dist => "dist",
        }
    }
}

/// A cargo call for this machine; a subcommand of a subcommand follows a space.
pub(crate) fn native(subcommand: &str) -> Command {
    let mut command = process::command("cargo");
    command.args(subcommand.split(' '));
    common(&mut command);
    command
}

/// A cargo call with the toolchain that knows wasm32.
pub(crate) fn wasm(subcommand: &str, toolchain: Option<&str>) -> Command {
    let mut command = process::command("cargo");
    command.arg(subcommand);
    common(&mut command);
    command.env("CARGO_TARGET_DIR", paths::wasm_target());
    if let Some(toolchain) = toolchain {
        command.env("RUSTUP_TOOLCHAIN", toolchain);
    }
    command
}

/// Leaves out hundreds of "Compiling" lines where nobody watches them pass.
pub(crate) fn quiet(command: &mut Command) -> &mut Command {
    if !step::watched() {
        command.arg("--quiet");
    }
    command
}

fn common(command: &mut Command) {
    if std::env::var_os("CI").is_some() {
        // What is tested is what was committed.
        command.arg("--locked");
    }
}

/// Where a native build put a binary.
pub(crate) fn binary(profile: Profile, name: &str) -> std::path::PathBuf {
    paths::target().join(profile.folder()).join(name)
}

/// Flags that keep this machine's folders out of what is built, so that two
/// machines build the same bytes.
pub(crate) fn remap_flags(sysroot: Option<&Path>) -> String {
    let mut flags = vec![remap(&paths::root(), "letterlock")];
    if let Some(home) = home() {
        flags.push(remap(&home, "cargo"));
    }
    if let Some(sysroot) = sysroot {
        flags.push(remap(sysroot, "rust"));
    }
    flags.join("\x1f")
}

fn remap(from: &Path, to: &str) -> String {
    format!("--remap-path-prefix={}={to}", from.display())
}

/// Where cargo keeps what it downloads and installs.
pub(crate) fn home() -> Option<std::path::PathBuf> {
    std::env::var_os("CARGO_HOME")
        .map(Into::into)
        .or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".cargo")))
}
