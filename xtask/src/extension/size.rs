//! The size of the built extension and its packages, against `extension/budgets.toml`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::{assets, paths, step};

/// The quality budgets are meant for.
const QUALITY: u32 = 11;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Budgets {
    /// Each zipped package
    package: usize,
    files: BTreeMap<String, Budget>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Budget {
    raw: Option<usize>,
    brotli: Option<usize>,
}

/// Compares the files of a built extension with their budgets.
///
/// # Errors
///
/// When one is over budget or missing.
pub(crate) fn check_files(folder: &Path) -> Result<()> {
    let budgets = budgets()?;
    let mut problems = Vec::new();
    step::step("Measuring the extension", || {
        let mut files = assets::Site::new();
        for name in budgets.files.keys() {
            let file = folder.join(name);
            let bytes = fs::read(&file).with_context(|| {
                format!("{name} has a budget, but {} is not there", file.display())
            })?;
            files.insert(name.clone(), bytes);
        }
        let compressed = assets::compress_all(&files, QUALITY)?;
        println!("{:<44} {:>12} {:>12}", "file", "raw", "brotli");
        for (name, budget) in &budgets.files {
            let raw = files.get(name).map_or(0, Vec::len);
            // What is too small to be compressed travels as it is.
            let brotli = compressed.get(&format!("{name}.br")).map_or(raw, Vec::len);
            println!("{name:<44} {raw:>12} {brotli:>12}");
            over(name, "raw", raw, budget.raw, &mut problems);
            over(name, "brotli", brotli, budget.brotli, &mut problems);
        }
        anyhow::Ok(())
    })?;
    told(&problems)
}

/// Compares the packages in a folder with what each may weigh.
///
/// # Errors
///
/// When one is over budget, or there is none.
pub(crate) fn check_packages(folder: &Path) -> Result<()> {
    let budgets = budgets()?;
    let mut problems = Vec::new();
    let mut found = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let ending = path
            .extension()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if matches!(ending.as_str(), "zip" | "xpi" | "crx") {
            found += 1;
            let size = usize::try_from(path.metadata()?.len())?;
            over(
                &paths::shown(&path),
                "packed",
                size,
                Some(budgets.package),
                &mut problems,
            );
        }
    }
    if found == 0 {
        bail!("no package in {}", folder.display());
    }
    told(&problems)
}

fn over(name: &str, kind: &str, is: usize, may: Option<usize>, problems: &mut Vec<String>) {
    if let Some(may) = may.filter(|may| is > *may) {
        problems.push(format!("{name}: {is} bytes {kind}, {may} allowed"));
    }
}

fn told(problems: &[String]) -> Result<()> {
    if !problems.is_empty() {
        bail!("over budget:\n  {}", problems.join("\n  "));
    }
    Ok(())
}

fn budgets() -> Result<Budgets> {
    let path = paths::root().join("extension/budgets.toml");
    toml::from_str(&fs::read_to_string(&path)?).with_context(|| format!("in {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_byte_over_is_told() {
        let mut problems = Vec::new();
        over("a", "raw", 10, Some(10), &mut problems);
        over("a", "raw", 10, None, &mut problems);
        assert!(problems.is_empty());
        over("a", "raw", 11, Some(10), &mut problems);
        assert_eq!(problems, ["a: 11 bytes raw, 10 allowed"]);
        assert!(told(&problems).is_err());
    }

    #[test]
    fn the_budgets_can_be_read() {
        assert!(budgets().unwrap().package > 0);
    }
}
