//! wasm32 from Debian's packages.
//!
//! Debian ships the compiler that its browsers are built with, its sources and
//! its linker, but no standard library for wasm32. That is built here once from
//! those sources (less than a minute) and put, beside links to the rest, into a
//! folder that rustup can call a toolchain. Nothing below `/usr` is written but
//! by apt.
//!
//! The library's object files carry bitcode, as those that rustup delivers do;
//! without it every build with fat LTO fails.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::TARGET;
use crate::process::{capture, command, run};
use crate::{cache, step, tools};

const PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm"];
const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";
const LINKER: &str = "/usr/bin/rust-lld";
const BUILD_LIMIT: Duration = Duration::from_secs(10 * 60);

/// Installs Debian's compiler, builds the standard library and links the two as
/// the toolchain `name`.
///
/// # Errors
///
/// When this is no Debian, the packages cannot be installed, or the build fails.
pub(super) fn provide(name: &str) -> Result<()> {
    if !Path::new("/etc/debian_version").exists() {
        bail!("this is no Debian");
    }
    tools::apt_install(&PACKAGES)?;
    install_linker()?;
    let version = capture(command(RUSTC).arg("-vV"), Duration::from_secs(30))?;
    if !version.status.success() {
        bail!("{RUSTC} does not run: {}", version.stderr.trim());
    }
    let key: String = cache::hash(version.stdout.as_bytes())
        .chars()
        .take(12)
        .collect();
    let folder = home()?.join(format!("{name}-{key}"));
    step::step("  Building the standard library for wasm32", || {
        build(&folder)
    })?;
    if !crate::process::on_path("rustup") {
        bail!("rustup is missing, which would choose between the two compilers");
    }
    run(
        command("rustup")
            .args(["toolchain", "link", name])
            .arg(&folder),
        Duration::from_secs(60),
    )
}

/// `rust-lld` is a link to a linker that its package does not pull in.
fn install_linker() -> Result<()> {
    if Path::new(LINKER).exists() {
        return Ok(());
    }
    let target = fs::read_link(LINKER).context("rust-web-llvm brings no rust-lld")?;
    let package = target
        .file_name()
        .and_then(|name| name.to_str())
        .context("rust-lld points nowhere")?;
    tools::apt_install(&[package])
}

fn home() -> Result<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))
        .context("neither XDG_CACHE_HOME nor HOME is set")?;
    Ok(cache.join("letterlock"))
}

fn build(toolchain: &Path) -> Result<()> {
    let work = tempfile::tempdir()?;
    let package = work.path().join("probe");
    fs::create_dir_all(package.join("src"))?;
    fs::write(
        package.join("Cargo.toml"),
        "[package]\nname = \"letterlock_std_probe\"\nedition = \"2024\"\n\n[workspace]\n",
    )?;
    fs::write(package.join("src/lib.rs"), "")?;
    let mut cargo = command(CARGO);
    cargo
        .current_dir(&package)
        .args(["build", "--release", "--target", TARGET])
        .arg("-Zbuild-std=std,panic_abort,panic_unwind,proc_macro")
        .env("RUSTC", RUSTC)
        // Building the standard library is the one thing that asks for it; all
        // later builds are ordinary stable ones.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", "-C embed-bitcode=yes")
        .env("CARGO_TARGET_DIR", package.join("target"))
        .env_remove("RUSTUP_TOOLCHAIN")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    run(&mut cargo, BUILD_LIMIT)?;

    // Filled beside its final place and renamed: an interrupted set-up leaves
    // no half toolchain behind.
    let parent = toolchain
        .parent()
        .context("the toolchain lies in a folder")?;
    fs::create_dir_all(parent)?;
    let staging = tempfile::tempdir_in(parent)?;
    let library = staging.path().join("lib/rustlib").join(TARGET).join("lib");
    fs::create_dir_all(&library)?;
    let built = package.join("target").join(TARGET).join("release/deps");
    let mut count = 0_usize;
    for entry in fs::read_dir(&built)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if name.ends_with(".rlib") && !name.contains("letterlock_std_probe") {
            fs::copy(&path, library.join(&name))?;
            count += 1;
        }
    }
    if count == 0 {
        bail!("the build left no library in {}", built.display());
    }
    let rustlib = staging.path().join("lib/rustlib");
    for entry in fs::read_dir("/usr/lib/rustlib")? {
        let entry = entry?;
        if entry.file_name() != TARGET {
            symlink(entry.path(), rustlib.join(entry.file_name()))?;
        }
    }
    let bin = staging.path().join("bin");
    fs::create_dir_all(&bin)?;
    symlink(CARGO, bin.join("cargo"))?;
    let rustc = bin.join("rustc");
    fs::write(
        &rustc,
        format!(
            "#!/bin/sh\nexec {RUSTC} --sysroot '{}' \"$@\"\n",
            toolchain.display()
        ),
    )?;
    fs::set_permissions(&rustc, fs::Permissions::from_mode(0o755))?;
    if toolchain.exists() {
        fs::remove_dir_all(toolchain)?;
    }
    let staging = staging.keep();
    fs::set_permissions(&staging, fs::Permissions::from_mode(0o755))?;
    fs::rename(staging, toolchain)?;
    Ok(())
}
