//! The size of what a browser loads, against the budgets in `budgets.toml`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::Deserialize;

use crate::cargo::Profile;
use crate::{assets, bindgen, build, paths, setup, step};

/// The quality of what is shipped, whatever a quick build used.
const QUALITY: u32 = 11;

/// Options of the task.
#[derive(Args)]
pub(crate) struct Options {
    /// Measure what was built last
    #[arg(long)]
    no_build: bool,
    /// Where the site lies, from the workspace's root
    #[arg(long, default_value = "dist/webmail")]
    webmail: PathBuf,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Budgets {
    first_load: Budget,
    /// Programs that are loaded only when somebody needs them
    #[serde(default)]
    on_demand: Vec<String>,
    wasm: BTreeMap<String, Budget>,
    /// The programs of the npm package
    #[serde(default)]
    npm: BTreeMap<String, Budget>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(deny_unknown_fields)]
struct Budget {
    raw: Option<usize>,
    brotli: Option<usize>,
}

/// Bytes as they are, and as they travel.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
struct Size {
    raw: usize,
    brotli: usize,
}

/// The task.
///
/// # Errors
///
/// When a budget is exceeded or there is nothing to measure.
pub(crate) fn run(options: &Options) -> Result<()> {
    let folder = paths::root().join(&options.webmail);
    if !options.no_build {
        let toolchain = setup::toolchain()?;
        build::webmail(&toolchain, Profile::Dist, &folder)?;
    }
    check(&folder)
}

/// Measures a finished site, prints the table and compares it with the budgets.
///
/// # Errors
///
/// When a budget is exceeded or a budgeted file is missing.
pub(crate) fn check(folder: &Path) -> Result<()> {
    let budgets = budgets()?;
    let sizes = step::step("Measuring the downloads", || measure(folder))?;
    let problems = compare(&sizes, &budgets);
    if !problems.is_empty() {
        bail!("over budget:\n  {}", problems.join("\n  "));
    }
    Ok(())
}

/// Measures the programs of a finished npm package and compares them with their budgets.
///
/// # Errors
///
/// When a budget is exceeded or a budgeted program is missing.
pub(crate) fn check_npm(folder: &Path) -> Result<()> {
    let budgets = budgets()?;
    let mut programs = assets::Site::new();
    for name in budgets.npm.keys() {
        let file = folder.join(name).join("glue_bg.wasm");
        let bytes = fs::read(&file)
            .with_context(|| format!("{name} has a budget but {} is not there", file.display()))?;
        programs.insert(format!("npm/{name}.wasm"), bytes);
    }
    let compressed = step::step("Measuring the npm package's programs", || {
        assets::compress_all(&programs, QUALITY)
    })?;
    let mut problems = Vec::new();
    println!("{:<44} {:>12} {:>12}", "file", "raw", "brotli");
    for (name, budget) in &budgets.npm {
        let path = format!("npm/{name}.wasm");
        let size = Size {
            raw: programs.get(&path).map_or(0, Vec::len),
            brotli: compressed.get(&format!("{path}.br")).map_or(0, Vec::len),
        };
        println!("{path:<44} {:>12} {:>12}", size.raw, size.brotli);
        over(&path, size, *budget, &mut problems);
    }
    if !problems.is_empty() {
        bail!("over budget:\n  {}", problems.join("\n  "));
    }
    Ok(())
}

fn budgets() -> Result<Budgets> {
    let budgets = paths::root().join("xtask/budgets.toml");
    toml::from_str(&fs::read_to_string(&budgets)?)
        .with_context(|| format!("in {}", budgets.display()))
}

fn compare(sizes: &BTreeMap<String, Size>, budgets: &Budgets) -> Vec<String> {
    let mut problems = Vec::new();
    println!("{:<44} {:>12} {:>12}", "file", "raw", "brotli");
    for (path, size) in sizes {
        let mark = if in_first_load(path, budgets) {
            ""
        } else {
            "  (later)"
        };
        println!("{path:<44} {:>12} {:>12}{mark}", size.raw, size.brotli);
    }
    let first_load = sizes
        .iter()
        .filter(|(path, _)| in_first_load(path, budgets))
        .fold(Size::default(), |sum, (_, size)| Size {
            raw: sum.raw + size.raw,
            brotli: sum.brotli + size.brotli,
        });
    println!(
        "{:<44} {:>12} {:>12}",
        "first load in all", first_load.raw, first_load.brotli
    );
    over("first load", first_load, budgets.first_load, &mut problems);
    for (name, budget) in &budgets.wasm {
        let found = sizes
            .iter()
            .find(|(path, _)| is_file_of(path, name, ".wasm"))
            .map(|(_, size)| *size);
        match found {
            Some(size) => over(&format!("{name}.wasm"), size, *budget, &mut problems),
            None => problems.push(format!("{name}.wasm has a budget but is not there")),
        }
    }
    problems
}

fn over(name: &str, size: Size, budget: Budget, problems: &mut Vec<String>) {
    for (kind, is, may) in [
        ("raw", size.raw, budget.raw),
        ("brotli", size.brotli, budget.brotli),
    ] {
        if let Some(may) = may.filter(|may| is > *may) {
            problems.push(format!("{name}: {is} bytes {kind}, {may} allowed"));
        }
    }
}

/// All but the frames that only an opened HTML mail needs, and what is loaded on
/// demand.
fn in_first_load(path: &str, budgets: &Budgets) -> bool {
    path == "index.html"
        || path == "config.json"
        || path.starts_with("favicon")
        || path.starts_with("assets/")
            && !budgets
                .on_demand
                .iter()
                .any(|name| is_file_of(path, name, ".wasm") || is_file_of(path, name, ".js"))
}

fn is_file_of(path: &str, name: &str, extension: &str) -> bool {
    path.strip_prefix("assets/")
        .and_then(|file| file.strip_suffix(extension))
        .and_then(|stem| stem.rsplit_once('-'))
        .is_some_and(|(stem, _)| stem == name)
}

fn measure(folder: &Path) -> Result<BTreeMap<String, Size>> {
    let mut site = assets::Site::new();
    collect(folder, "", &mut site)?;
    let compressed = assets::compress_all(&site, QUALITY)?;
    Ok(site
        .iter()
        .map(|(path, bytes)| {
            let brotli = compressed
                .get(&format!("{path}.br"))
                .map_or(bytes.len(), Vec::len);
            (
                path.clone(),
                Size {
                    raw: bytes.len(),
                    brotli,
                },
            )
        })
        .collect())
}

fn collect(folder: &Path, prefix: &str, site: &mut assets::Site) -> Result<()> {
    for path in bindgen::sorted(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let below = format!("{prefix}{name}");
        if path.is_dir() {
            collect(&path, &format!("{below}/"), site)?;
        } else if !below.ends_with(".br") {
            site.insert(below, fs::read(&path)?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budgets(first_load: usize, app: usize) -> Budgets {
        toml::from_str(&format!(
            "on-demand = [\"meter\"]\n[first-load]\nbrotli = {first_load}\n[wasm.app]\nraw = {app}\n"
        ))
        .unwrap()
    }

    fn sizes() -> BTreeMap<String, Size> {
        [
            ("index.html", 10, 5),
            ("message.html", 1000, 900),
            ("assets/app-0123456789abcdef.wasm", 100, 40),
            ("assets/meter-0123456789abcdef.wasm", 5000, 4000),
        ]
        .into_iter()
        .map(|(path, raw, brotli)| (path.to_owned(), Size { raw, brotli }))
        .collect()
    }

    #[test]
    fn within_budget_is_silent() {
        assert_eq!(compare(&sizes(), &budgets(45, 100)), Vec::<String>::new());
    }

    #[test]
    fn one_byte_over_is_told() {
        let problems = compare(&sizes(), &budgets(44, 99));
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[0].contains("first load: 45 bytes brotli, 44 allowed"));
        assert!(problems[1].contains("app.wasm: 100 bytes raw, 99 allowed"));
    }

    #[test]
    fn a_missing_program_is_told() {
        let problems = compare(&BTreeMap::new(), &budgets(1, 1));
        assert!(problems[0].contains("not there"), "{problems:?}");
    }
}
