//! The scripts that are not Rust: those in other people's pages, and those that start our programs.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::assets::Site;
use crate::{cache, npm, paths, process, step};

const NPM_LIMIT: Duration = Duration::from_secs(10 * 60);

/// What starts a program, and the program's glue, which then stands in the same file.
const LOADERS: [(&str, &str); 2] = [
    ("frame.js", "frames.js"),
    ("background.js", "ext-background.js"),
];

/// The two scripts for other people's pages, bundled from TypeScript.
pub(super) fn content() -> Result<Site> {
    npm::require_node()?;
    let folder = paths::root().join("extension/content");
    install(&folder)?;
    let out = tempfile::tempdir()?;
    step::step("Checking and bundling the content scripts", || {
        process::run(
            process::command("npm")
                .current_dir(&folder)
                .args(["run", "--silent", "check"]),
            NPM_LIMIT,
        )?;
        process::run(
            process::command("node")
                .current_dir(&folder)
                .arg("build.mjs")
                .arg(out.path()),
            NPM_LIMIT,
        )
    })?;
    let mut site = Site::new();
    for name in ["content.js", "api-page.js"] {
        let path = out.path().join(name);
        let bytes = fs::read(&path).with_context(|| format!("{name} was not built"))?;
        site.insert(name.to_owned(), bytes);
    }
    Ok(site)
}

/// Joins the scripts that start a program with its glue.
///
/// # Errors
///
/// When they cannot be bundled.
pub(super) fn join_loaders(site: &mut Site) -> Result<()> {
    let from = tempfile::tempdir()?;
    let to = tempfile::tempdir()?;
    for (path, bytes) in site.iter().filter(|(path, _)| path.ends_with(".js")) {
        let path = from.path().join(path);
        fs::create_dir_all(path.parent().unwrap_or(from.path()))?;
        fs::write(path, bytes)?;
    }
    let names = LOADERS.map(|(loader, _)| loader);
    process::run(
        process::command("node")
            .current_dir(paths::root().join("extension/content"))
            .arg("loaders.mjs")
            .args([from.path(), to.path()])
            .args(names),
        NPM_LIMIT,
    )?;
    for (loader, glue) in LOADERS {
        let bytes = fs::read(to.path().join(loader));
        let bytes = bytes.with_context(|| format!("{loader} was not bundled"))?;
        site.insert(loader.to_owned(), bytes);
        site.remove(glue);
    }
    Ok(())
}

/// `npm ci`, once for each state of the lock file.
///
/// # Errors
///
/// When npm cannot install what the lock file names.
pub(crate) fn install(folder: &Path) -> Result<()> {
    let lock = fs::read(folder.join("package-lock.json"))?;
    let stamp = folder.join("node_modules/.installed");
    let wanted = cache::hash(&lock);
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    step::step(&format!("npm ci in {}", paths::shown(folder)), || {
        process::run(
            process::command("npm").current_dir(folder).args([
                "ci",
                "--silent",
                "--no-audit",
                "--no-fund",
            ]),
            NPM_LIMIT,
        )
    })?;
    fs::write(stamp, wanted)?;
    Ok(())
}
