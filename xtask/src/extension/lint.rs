//! The checker that Firefox's store runs over every package.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::{paths, process, step};

const LIMIT: Duration = Duration::from_secs(5 * 60);

/// A warning that stays.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Explained {
    /// The checker's code
    code: String,
    /// The file it speaks of, `*` standing for a hash; empty for the package as a whole
    #[serde(default)]
    file: String,
    /// Why it stays
    reason: String,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Explanations {
    #[serde(default)]
    warning: Vec<Explained>,
}

#[derive(Deserialize)]
struct Report {
    errors: Vec<Finding>,
    warnings: Vec<Finding>,
}

#[derive(Deserialize)]
struct Finding {
    code: String,
    message: String,
    #[serde(default)]
    file: Option<String>,
}

/// Runs `web-ext lint` over the built extension.
///
/// # Errors
///
/// Any error of the checker, and any warning without an explanation.
pub(crate) fn check(folder: &Path) -> Result<()> {
    let home = paths::root().join("extension/lint");
    super::scripts::install(&home)?;
    let explanations: Explanations =
        toml::from_str(&fs::read_to_string(home.join("explained.toml"))?)
            .context("in extension/lint/explained.toml")?;
    let report = step::step("Checking with the store's own checker", || {
        let mut lint = process::command(home.join("node_modules/.bin/web-ext"));
        lint.args(["lint", "--output", "json", "--no-config-discovery"])
            .arg("--source-dir")
            .arg(folder);
        // It exits with 1 when it found an error, which its report tells better.
        let shown = process::capture(&mut lint, LIMIT)?;
        serde_json::from_str::<Report>(&shown.stdout)
            .with_context(|| format!("the checker said: {}{}", shown.stdout, shown.stderr))
    })?;
    let problems = compare(&report, &explanations.warning);
    if !problems.is_empty() {
        bail!("the store's checker found:\n  {}", problems.join("\n  "));
    }
    step::say(format!(
        "The checker found no error, and {} warnings that are explained",
        report.warnings.len()
    ));
    Ok(())
}

fn compare(report: &Report, explained: &[Explained]) -> Vec<String> {
    let mut problems: Vec<String> = report
        .errors
        .iter()
        .map(|error| format!("error {}: {}", shown(error), error.message))
        .collect();
    let mut used = BTreeSet::new();
    for warning in &report.warnings {
        let file = warning.file.as_deref().unwrap_or_default();
        match explained
            .iter()
            .position(|e| e.code == warning.code && fits(&e.file, file) && !e.reason.is_empty())
        {
            Some(index) => {
                used.insert(index);
            }
            None => problems.push(format!("warning {}: {}", shown(warning), warning.message)),
        }
    }
    problems.extend(
        explained
            .iter()
            .enumerate()
            .filter(|(index, _)| !used.contains(index))
            .map(|(_, e)| format!("{} in {} is explained, but not found", e.code, e.file)),
    );
    problems
}

fn fits(pattern: &str, file: &str) -> bool {
    match pattern.split_once('*') {
        Some((start, end)) => file
            .strip_prefix(start)
            .and_then(|rest| rest.strip_suffix(end))
            .is_some_and(|hash| hash.bytes().all(|byte| byte.is_ascii_hexdigit())),
        None => pattern == file,
    }
}

fn shown(finding: &Finding) -> String {
    format!(
        "{} in {}",
        finding.code,
        finding.file.as_deref().unwrap_or("the package")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(errors: &[&str], warnings: &[&str]) -> Report {
        let findings = |codes: &[&str]| {
            codes
                .iter()
                .map(|code| Finding {
                    code: (*code).to_owned(),
                    message: "m".to_owned(),
                    file: Some("f.js".to_owned()),
                })
                .collect()
        };
        Report {
            errors: findings(errors),
            warnings: findings(warnings),
        }
    }

    fn explained(code: &str) -> Explained {
        Explained {
            code: code.to_owned(),
            file: "f.js".to_owned(),
            reason: "because".to_owned(),
        }
    }

    #[test]
    fn only_explained_warnings_pass() {
        assert!(compare(&report(&[], &["A"]), &[explained("A")]).is_empty());
        assert_eq!(
            compare(&report(&[], &["A", "B"]), &[explained("A")]).len(),
            1
        );
        assert_eq!(compare(&report(&["A"], &[]), &[]).len(), 1);
        assert_eq!(compare(&report(&[], &[]), &[explained("A")]).len(), 1);
    }

    #[test]
    fn a_star_stands_for_a_hash_alone() {
        assert!(fits("a/b-*.js", "a/b-09af.js"));
        assert!(!fits("a/b-*.js", "a/b-x/c.js"));
        assert!(!fits("a.js", "b.js"));
    }
}
