//! Rules that no compiler knows.
//!
//! * Who may import whom: the table in `ARCHITECTURE.md` is the law, and the
//!   manifests are held to it, so that the map cannot drift from the ground.
//! * No circles, dev-dependencies included.
//! * Some crates and some names belong to one place only.
//! * Nothing names a builder's machine or a registry's host.
//! * Files stay small enough to read.

mod imports;
mod text;

use anyhow::{Result, bail};

use crate::{paths, step};

/// What was found: problems fail, warnings are shown.
#[derive(Default)]
pub(crate) struct Findings {
    pub(crate) problems: Vec<String>,
    pub(crate) warnings: Vec<String>,
}

/// The task.
///
/// # Errors
///
/// When a rule is broken.
pub(crate) fn run() -> Result<()> {
    step::step("Checking imports, names and file sizes", || {
        let findings = check()?;
        for warning in &findings.warnings {
            println!("warning: {warning}");
        }
        if !findings.problems.is_empty() {
            bail!("not tidy:\n  {}", findings.problems.join("\n  "));
        }
        Ok(())
    })
}

fn check() -> Result<Findings> {
    let mut findings = Findings::default();
    imports::check(&paths::root(), &mut findings)?;
    text::check(&paths::root(), &mut findings)?;
    Ok(findings)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_workspace_is_tidy() {
        let findings = super::check().unwrap();
        assert_eq!(findings.problems, Vec::<String>::new());
    }
}
