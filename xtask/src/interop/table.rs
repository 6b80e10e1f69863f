//! The outcome as a document, and as a verdict.

use std::fmt::Write;

use anyhow::{Result, bail};

use super::matrix::{Cell, Row, Table};

/// What came out of a run.
pub(super) struct Outcome {
    /// The peers in their order, with what they say of themselves.
    pub(super) versions: Vec<(&'static str, String)>,
    pub(super) tables: Vec<Table>,
}

const INTRODUCTION: &str = "\
# Interoperability

Written by `cargo xtask interop`; every cell was run. To repeat it, run the command: it builds
`letterlock-sop`, installs what is missing (GnuPG and sqop from Debian's packages, OpenPGP.js from
npm, pysequoia from PyPI into an environment of its own, rsop by cargo, all but the first two
below `target/tools`) and exchanges keys and messages with each. `--peer NAME` runs one alone.
`cargo xtask test` runs the same without rsop, unless it is installed already, and the tests in
`crypto-core/tests/interop` besides.

An operation counts as working only if what comes out is byte for byte what went in and, where
somebody signed, the signature was found good. \"yes\" is that; a number is a note below the table:
what a peer is known not to do, in its own words. Anything else that fails is called a failure,
and the command fails with it.
";

const REASONS: &str = "\
## What the compatible profile owes to its peers

Certificates of the compatible profile are version 4 with Ed25519 and two encryption keys:
Curve25519, which all software knows, and ML-KEM-768 with X25519 (RFC 9980), which protects what
is recorded today against the quantum computers of tomorrow.

- **A message goes to both keys**, the classical one first, unless the sender knows better: an
  owner may have taken the private key to software without RFC 9980, and must read there what
  comes. Such a message is no better protected than by the classical key.
- **Between accounts of Letterlock it goes to the post-quantum key alone** (`--profile=security`,
  `Audience::PostQuantum`): their private keys are in Letterlock, which can read it. An owner who
  reads elsewhere for good withdraws the post-quantum key
  (`SecretCertificate::without_post_quantum`).
- **The post-quantum key is bound by a signature with SHA3-512.** GnuPG 2.2 keeps subkeys of
  algorithms that it does not know, and from then on finds none of the owner's private keys
  (\"No secret key\"). A binding that it cannot check makes it leave that subkey out, and all is
  well. Software that knows RFC 9980 has SHA-3 (FIPS 203 is built on it).
- **The classical key stands last in the certificate**, because pysequoia's `decryptor()` takes
  the last encryption key and no other.
- **It announces SEIPDv1 only**, since GnuPG 2.2 reads nothing newer.

## What the peers are known not to do

- GnuPG 2.2 and sqop 0.27 know neither version 6 nor SEIPDv2 nor RFC 9980.
- OpenPGP.js 6 does not know RFC 9980.
- Keys of kinds that a peer does not make are asked for all the same; what stands there is its answer.
- pysequoia uses one encryption key of a certificate to decrypt, see above.
- rsop is built on the same library for packets as Letterlock, so it is no independent witness for
  those; bulk data, rules and limits are each one's own.
";

/// The document.
pub(super) fn document(outcome: &Outcome) -> String {
    let mut text = INTRODUCTION.to_owned();
    text.push_str("\n| peer | version |\n|---|---|\n");
    for (name, version) in &outcome.versions {
        let version = version.lines().next().unwrap_or_default();
        let _ = writeln!(text, "| {name} | {version} |");
    }
    for table in &outcome.tables {
        text.push_str(&render(table, &outcome.versions));
    }
    text.push('\n');
    text.push_str(REASONS);
    text
}

fn render(table: &Table, peers: &[(&'static str, String)]) -> String {
    let mut notes: Vec<String> = Vec::new();
    let mut text = format!("\n## {}\n\n|", table.heading);
    for (name, _) in peers {
        let _ = write!(text, " | {name}");
    }
    text.push_str(" |\n|---");
    text.push_str(&"|---".repeat(peers.len()));
    text.push_str("|\n");
    for row in &table.rows {
        let _ = write!(text, "| {}", row.operation);
        for (name, _) in peers {
            let cell = match cell(row, name) {
                None => "-".to_owned(),
                Some(Cell::Works) => "yes".to_owned(),
                Some(Cell::Unsupported(words)) => format!("no ({})", note(&mut notes, words)),
                Some(Cell::Fails(words)) => format!("**FAILS** ({})", note(&mut notes, words)),
            };
            let _ = write!(text, " | {cell}");
        }
        text.push_str(" |\n");
    }
    for (index, words) in notes.iter().enumerate() {
        let _ = write!(text, "\n{}. `{}`", index + 1, words.replace('`', "'"));
    }
    if !notes.is_empty() {
        text.push('\n');
    }
    text
}

fn cell<'a>(row: &'a Row, peer: &str) -> Option<&'a Cell> {
    row.cells
        .iter()
        .find(|(name, _)| *name == peer)
        .map(|(_, cell)| cell)
}

/// The number of a note, which is made unless it is there.
fn note(notes: &mut Vec<String>, words: &str) -> usize {
    let words = plain(words);
    if let Some(index) = notes.iter().position(|known| *known == words) {
        return index + 1;
    }
    notes.push(words);
    notes.len()
}

/// A peer's words without what differs between two runs: folders and key IDs.
fn plain(words: &str) -> String {
    words
        .split(' ')
        .map(|word| {
            let hex = word.trim_matches(|c: char| !c.is_ascii_hexdigit());
            let is_path = word.trim_start_matches(['\'', '"', '`']).starts_with('/');
            let is_id = hex.len() >= 16 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
            if is_path || is_id { "…" } else { word }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// Counts, and fails if anything did.
///
/// # Errors
///
/// Names each operation that failed.
pub(super) fn verdict(outcome: &Outcome) -> Result<()> {
    let mut works = 0;
    let mut unsupported = 0;
    let mut failures = Vec::new();
    for table in &outcome.tables {
        for row in &table.rows {
            for (peer, cell) in &row.cells {
                match cell {
                    Cell::Works => works += 1,
                    Cell::Unsupported(_) => unsupported += 1,
                    Cell::Fails(words) => failures.push(format!(
                        "{}, {peer}: {}: {words}",
                        table.heading, row.operation
                    )),
                }
            }
        }
    }
    crate::step::say(format!(
        "  {works} exchanges work, {unsupported} are beyond the peer, {} fail",
        failures.len()
    ));
    if !failures.is_empty() {
        bail!("exchanges that should work:\n{}", failures.join("\n"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_numbered_once_and_do_not_change_between_runs() {
        let mut notes = Vec::new();
        assert_eq!(note(&mut notes, "key 0123456789ABCDEF at /one/x is bad"), 1);
        assert_eq!(
            note(&mut notes, "key FEDCBA9876543210 at '/other/y' is bad"),
            1
        );
        assert_eq!(notes, ["key … at … is bad"]);
    }

    #[test]
    fn a_failure_is_told() {
        let outcome = |cell| Outcome {
            versions: vec![("P", "1".to_owned())],
            tables: vec![Table {
                heading: "Our key".to_owned(),
                rows: vec![Row {
                    operation: "reads".to_owned(),
                    cells: vec![("P", cell)],
                }],
            }],
        };
        assert!(verdict(&outcome(Cell::Works)).is_ok());
        assert!(verdict(&outcome(Cell::Unsupported("no".to_owned()))).is_ok());
        let failed = outcome(Cell::Fails("oh".to_owned()));
        assert!(
            verdict(&failed)
                .unwrap_err()
                .to_string()
                .contains("reads: oh")
        );
        assert!(document(&failed).contains("| reads | **FAILS** (1) |"));
    }
}
