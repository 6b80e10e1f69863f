//! What files may say, and how long they may be.

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::Findings;
use crate::bindgen;

/// Folders that are made, not written.
const SKIPPED: [&str; 6] = [".git", "target", "dist", "data", "node_modules", "vectors"];
/// Cargo writes its registry's address in here by itself.
const LOCK_FILE: &str = "Cargo.lock";
const LINES_WARNED: usize = 400;
const LINES_ALLOWED: usize = 600;

/// A word, where it may stand, and why not elsewhere.
struct Rule {
    word: String,
    /// Only files of these kinds are looked at; empty means all
    kinds: &'static [&'static str],
    /// Path prefixes where the word is at home
    home: &'static [&'static str],
    /// Path prefixes that the rule is about; empty means everywhere
    about: &'static [&'static str],
    reason: &'static str,
}

fn rules() -> Vec<Rule> {
    let mut rules = Vec::new();
    // Put together here, so that this file does not say them itself.
    for (first, second) in [
        ("index.crates", ".io"),
        ("static.crates", ".io"),
        ("static.rust-lang", ".org"),
        ("registry.npmjs", ".org"),
        ("files.pythonhosted", ".org"),
        ("deb.debian", ".org"),
        ("artifac", "tory"),
    ] {
        rules.push(Rule {
            word: format!("{first}{second}"),
            kinds: &[],
            home: &[],
            about: &[],
            reason: "a registry's host is the machine's business",
        });
    }
    for folder in ["root", "home", "Users", "tmp", "work"] {
        rules.push(Rule {
            word: format!("/{folder}/"),
            kinds: &[],
            home: &[],
            about: &[],
            reason: "a path of somebody's machine",
        });
    }
    for word in ["todo", "unimplemented", "dbg"] {
        rules.push(Rule {
            word: format!("{word}!("),
            kinds: &["rs"],
            home: &[],
            about: &[],
            reason: "unfinished",
        });
    }
    rules.push(Rule {
        word: format!("{}::", "pgp"),
        kinds: &["rs"],
        // Tests forge packets that no sane program writes.
        home: &[
            "crypto-core/src/openpgp",
            "crypto-core/tests/",
            "crypto-core/fuzz/",
            "tests/attacks/",
        ],
        about: &[],
        reason: "OpenPGP's library is named in one place only",
    });
    // The core and the client get time and randomness handed in: that is what
    // makes them testable, and what makes a forgotten source of either visible.
    for word in ["SystemTime::now", "Instant::now", "thread_rng", "OsRng"] {
        rules.push(Rule {
            word: word.to_owned(),
            kinds: &["rs"],
            home: &[],
            about: &["crypto-core/src/", "webapp/client/src/"],
            reason: "time and randomness are handed in here",
        });
    }
    rules
}

/// Looks at every text file of the workspace.
///
/// # Errors
///
/// Failures of the file system.
pub(super) fn check(root: &Path, findings: &mut Findings) -> Result<()> {
    walk(root, "", &rules(), findings)
}

fn walk(folder: &Path, prefix: &str, rules: &[Rule], findings: &mut Findings) -> Result<()> {
    for path in bindgen::sorted(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let below = format!("{prefix}{name}");
        if path.is_dir() {
            if !SKIPPED.contains(&name.as_ref()) {
                walk(&path, &format!("{below}/"), rules, findings)?;
            }
        } else if let Ok(text) = String::from_utf8(fs::read(&path)?) {
            look(&below, &text, rules, findings);
        }
    }
    Ok(())
}

fn look(path: &str, text: &str, rules: &[Rule], findings: &mut Findings) {
    let kind = path.rsplit_once('.').map_or("", |(_, kind)| kind);
    if !path.ends_with(LOCK_FILE) {
        for rule in rules.iter().filter(|rule| applies(rule, path, kind)) {
            for (number, line) in text.lines().enumerate() {
                if says(line, &rule.word, kind) {
                    findings.problems.push(format!(
                        "{path}:{}: `{}` ({})",
                        number + 1,
                        rule.word,
                        rule.reason
                    ));
                }
            }
        }
    }
    if matches!(
        kind,
        "rs" | "js" | "mjs" | "ts" | "css" | "ftl" | "html" | "py" | "sh"
    ) {
        let lines = text.lines().count();
        if lines > LINES_ALLOWED {
            findings.problems.push(format!(
                "{path}: {lines} lines, split it ({LINES_ALLOWED} at most)"
            ));
        } else if lines > LINES_WARNED {
            findings
                .warnings
                .push(format!("{path}: {lines} lines; is it one thing?"));
        }
    }
}

fn applies(rule: &Rule, path: &str, kind: &str) -> bool {
    (rule.kinds.is_empty() || rule.kinds.contains(&kind))
        && !rule.home.iter().any(|home| path.starts_with(home))
        && (rule.about.is_empty() || rule.about.iter().any(|about| path.starts_with(about)))
}

/// Whether a line says a word as a word of its own; Rust comments may explain.
fn says(line: &str, word: &str, kind: &str) -> bool {
    if kind == "rs" && line.trim_start().starts_with("//") && !word.starts_with('/') {
        return false;
    }
    line.match_indices(word).any(|(start, _)| {
        line.get(..start)
            .and_then(|before| before.chars().next_back())
            .is_none_or(|before| !(before.is_alphanumeric() || matches!(before, '_' | '-' | '.')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(path: &str, text: &str) -> Vec<String> {
        let mut findings = Findings::default();
        look(path, text, &rules(), &mut findings);
        findings.problems
    }

    #[test]
    fn a_builders_folder_is_told() {
        let line = format!("path = \"/{}/someone/x\"", "home");
        assert_eq!(problems("a.toml", &line).len(), 1);
        assert_eq!(problems("a.md", "see webapp/home/page.rs").len(), 0);
    }

    #[test]
    fn openpgp_is_named_in_one_place() {
        let line = format!("use {}::composed::Message;", "pgp");
        assert_eq!(problems("server-stub/src/lib.rs", &line).len(), 1);
        assert_eq!(
            problems("crypto-core/src/openpgp/encrypt.rs", &line).len(),
            0
        );
        assert_eq!(
            problems("server-stub/src/lib.rs", "use openpgp::Certificate;").len(),
            0
        );
    }

    #[test]
    fn the_core_has_no_clock() {
        let line = format!("let now = SystemTime::{}();", "now");
        assert_eq!(problems("crypto-core/src/kdf.rs", &line).len(), 1);
        assert_eq!(problems("server-stub/src/lib.rs", &line).len(), 0);
    }

    #[test]
    fn unfinished_code_is_told() {
        assert_eq!(problems("a.rs", &format!("    {}!()", "todo")).len(), 1);
    }

    #[test]
    fn long_files_are_told() {
        assert_eq!(problems("a.rs", &"\n".repeat(LINES_ALLOWED)).len(), 0);
        assert_eq!(problems("a.rs", &"\n".repeat(LINES_ALLOWED + 1)).len(), 1);
    }
}
