//! Programs from outside the workspace: found, installed, or asked for.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::process::{capture, command, on_path, run};
use crate::step;

const APT_UPDATE_LIMIT: Duration = Duration::from_secs(5 * 60);
const APT_INSTALL_LIMIT: Duration = Duration::from_secs(15 * 60);
const CARGO_INSTALL_LIMIT: Duration = Duration::from_secs(20 * 60);

/// A program, and the Debian packages that bring it.
pub(crate) struct Tool {
    pub(crate) program: &'static str,
    pub(crate) packages: &'static [&'static str],
}

/// Makes sure that every program is there.
///
/// # Errors
///
/// Names what is missing and how to get it.
pub(crate) fn require(tools: &[Tool]) -> Result<()> {
    let missing: Vec<&Tool> = tools.iter().filter(|tool| !on_path(tool.program)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let programs: Vec<&str> = missing.iter().map(|tool| tool.program).collect();
    let packages: Vec<&str> = missing
        .iter()
        .flat_map(|tool| tool.packages.iter().copied())
        .collect();
    apt_install(&packages).with_context(|| {
        format!(
            "missing: {}. On Debian: `apt-get install {}`; elsewhere install the programs by \
             your system's own means so that they are on the search path",
            programs.join(", "),
            packages.join(" ")
        )
    })?;
    let still: Vec<&str> = programs
        .into_iter()
        .filter(|program| !on_path(program))
        .collect();
    if !still.is_empty() {
        bail!(
            "installed, but not on the search path: {}",
            still.join(", ")
        );
    }
    Ok(())
}

/// Installs Debian packages that are not there yet.
///
/// # Errors
///
/// When this is no Debian, the user is not root, or apt fails.
pub(crate) fn apt_install(packages: &[&str]) -> Result<()> {
    if packages.iter().all(|package| is_installed(package)) {
        return Ok(());
    }
    if !on_path("apt-get") || !Path::new("/etc/debian_version").exists() {
        bail!("packages are installed by themselves on Debian only");
    }
    if !rustix::process::geteuid().is_root() {
        bail!("packages are installed by themselves for root only");
    }
    step::step(&format!("Installing {}", packages.join(" ")), || {
        let install = || {
            run(
                command("apt-get")
                    .env("DEBIAN_FRONTEND", "noninteractive")
                    .args(["-qq", "-o", "DPkg::Lock::Timeout=120", "install", "-y"])
                    .arg("--no-install-recommends")
                    .args(packages)
                    .stdout(std::process::Stdio::null()),
                APT_INSTALL_LIMIT,
            )
        };
        run(
            command("apt-get")
                .args(["-qq", "-o", "DPkg::Lock::Timeout=120", "update"])
                .stdout(std::process::Stdio::null()),
            APT_UPDATE_LIMIT,
        )
        // Lists that cannot be refreshed may still be good enough.
        .or_else(|problem| {
            step::say(format!("  {problem:#}; trying with the lists at hand"));
            anyhow::Ok(())
        })?;
        install()
    })
}

/// Installs a program from cargo's registry, unless it is there.
///
/// # Errors
///
/// When cargo cannot build it within the limit.
pub(crate) fn cargo_install(program: &str, package: &str, version: &str) -> Result<()> {
    if on_path(program) {
        return Ok(());
    }
    step::step(&format!("Installing {package} {version}"), || {
        run(
            // An unoptimised build does the job and is there in half the time.
            command("cargo").args([
                "install",
                "--debug",
                "--locked",
                "--version",
                version,
                package,
            ]),
            CARGO_INSTALL_LIMIT,
        )
        .with_context(|| {
            format!("{program} is missing; `cargo install {package} --version {version} --locked`")
        })
    })
}

fn is_installed(package: &str) -> bool {
    capture(
        command("dpkg-query").args(["-W", "-f=${Status}", package]),
        Duration::from_secs(30),
    )
    .is_ok_and(|status| status.stdout.contains("install ok installed"))
}
