//! Rows: as JSON, as tables, and in `docs/performance.md`.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::reasons::Reasons;
use crate::{cache, paths, step};

const DOCUMENT: &str = "docs/performance.md";
const BEGIN: &str = "<!-- begin: written by `cargo xtask bench` -->";
const END: &str = "<!-- end: written by `cargo xtask bench` -->";

/// One thing, done by us and by a peer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Row {
    pub(super) op: String,
    pub(super) mode: String,
    pub(super) bytes: u64,
    pub(super) peer: String,
    pub(super) browser: String,
    pub(super) ours_ms: f64,
    pub(super) peer_ms: f64,
    /// Above 1 we are faster
    pub(super) ratio: f64,
}

#[derive(Serialize)]
struct Document<'a> {
    rows: &'a [Row],
}

#[derive(Deserialize)]
struct OwnedDocument {
    rows: Vec<Row>,
}

/// Writes `{"rows": [...]}`.
///
/// # Errors
///
/// When the file cannot be written.
pub(super) fn write_json(rows: &[Row], file: &Path) -> Result<()> {
    fs::write(file, serde_json::to_vec_pretty(&Document { rows })?)
        .with_context(|| format!("cannot write {}", file.display()))
}

/// Reads what [`write_json`] wrote.
///
/// # Errors
///
/// When the file cannot be read or has another shape.
pub(super) fn read_json(file: &Path) -> Result<Vec<Row>> {
    let document: OwnedDocument = serde_json::from_slice(&fs::read(file)?)
        .with_context(|| format!("in {}", file.display()))?;
    Ok(document.rows)
}

/// A table for each browser, and one for native programs.
pub(super) fn tables(rows: &[Row]) -> String {
    let places: BTreeSet<&str> = rows.iter().map(|row| row.browser.as_str()).collect();
    let mut text = String::new();
    for place in places {
        let _ = write!(
            text,
            "### {}\n\n| operation | mode | size | peer | ours, ms | peer, ms | ratio |\n|---|---|---|---|---|---|---|\n",
            heading(place)
        );
        for row in rows.iter().filter(|row| row.browser == place) {
            let mark = if row.ratio < row.aim() { "**" } else { "" };
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} | {} | {mark}{:.2}{mark} |",
                row.op,
                row.mode,
                size(row.bytes),
                row.peer,
                milliseconds(row.ours_ms),
                milliseconds(row.peer_ms),
                row.ratio,
            );
        }
        text.push('\n');
    }
    text
}

fn heading(place: &str) -> &str {
    match place {
        "chromium" => "Chromium",
        "firefox" => "Firefox",
        _ => "Native, whole processes",
    }
}

impl Row {
    /// The ratio to reach: WebCrypto alone may be 1.5 times as fast, nobody else faster.
    pub(super) fn aim(&self) -> f64 {
        if self.peer.starts_with("WebCrypto") {
            1.0 / 1.5
        } else {
            1.0
        }
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        0 => String::new(),
        1..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} KB", bytes / 1_000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

fn milliseconds(value: f64) -> String {
    match value {
        ..10.0 => format!("{value:.2}"),
        10.0..100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// Writes the tables between the marks of `docs/performance.md`.
///
/// # Errors
///
/// When the document has no marks or cannot be written.
pub(super) fn write_docs(rows: &[Row]) -> Result<()> {
    let file = paths::root().join(DOCUMENT);
    let text = fs::read_to_string(&file)?;
    let section = section(rows, &Reasons::read()?);
    let text = replaced(&text, &section)
        .with_context(|| format!("{DOCUMENT} has no `{BEGIN}` and `{END}`"))?;
    cache::write_whole(&file, text.as_bytes())?;
    step::say(format!("{DOCUMENT} has the new figures"));
    Ok(())
}

fn replaced(text: &str, section: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{section}{END}{after}"))
}

/// The summary, the tables, and why a row is lost.
fn section(rows: &[Row], reasons: &Reasons) -> String {
    let mut text = summary(rows);
    text.push_str(&tables(rows));
    let lost: Vec<&Row> = rows.iter().filter(|row| row.ratio < row.aim()).collect();
    if !lost.is_empty() {
        text.push_str("### Rows below the aim, and why\n\n");
        let mut told: Vec<&str> = Vec::new();
        for row in &lost {
            let why = reasons.of(row);
            if !told.contains(&why) {
                told.push(why);
            }
        }
        for why in told {
            let which: Vec<String> = lost
                .iter()
                .filter(|row| reasons.of(row) == why)
                .map(|row| name(row))
                .collect();
            let _ = writeln!(text, "- {}: {why}", which.join("; "));
        }
        text.push('\n');
    }
    text
}

fn name(row: &Row) -> String {
    let parts = [row.op.as_str(), &row.mode, &size(row.bytes)]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    format!("{parts}, {}, {} ({:.2})", row.browser, row.peer, row.ratio)
}

fn summary(rows: &[Row]) -> String {
    let mut text = String::from(
        "| where | peer | rows | at least the aim | 3 times and more |\n|---|---|---|---|---|\n",
    );
    let groups: BTreeSet<(&str, &str)> = rows
        .iter()
        .map(|row| (row.browser.as_str(), row.peer.as_str()))
        .collect();
    for (browser, peer) in groups {
        let of: Vec<&Row> = rows
            .iter()
            .filter(|row| row.browser == browser && row.peer == peer)
            .collect();
        let won = of.iter().filter(|row| row.ratio >= row.aim()).count();
        let high = of.iter().filter(|row| row.ratio >= 3.0).count();
        let _ = writeln!(
            text,
            "| {browser} | {peer} | {} | {won} | {high} |",
            of.len()
        );
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(peer: &str, ratio: f64) -> Row {
        Row {
            op: "armor".to_owned(),
            mode: String::new(),
            bytes: 100_000,
            peer: peer.to_owned(),
            browser: "chromium".to_owned(),
            ours_ms: 1.0,
            peer_ms: ratio,
            ratio,
        }
    }

    #[test]
    fn the_section_takes_the_place_of_the_old_one() {
        let text = format!("before\n{BEGIN}\nold\n{END}\nafter\n");
        let new = replaced(&text, "new\n").unwrap();
        assert_eq!(new, format!("before\n{BEGIN}\n\nnew\n{END}\nafter\n"));
        assert_eq!(replaced(&new, "new\n").unwrap(), new);
        assert_eq!(replaced("no marks", "new"), None);
    }

    #[test]
    fn a_lost_row_is_marked_and_told() {
        let rows = [
            row("openpgp", 0.9),
            row("openpgp", 3.1),
            row("WebCrypto", 0.7),
        ];
        let section = section(&rows, &Reasons::default());
        assert!(section.contains("| **0.90** |"), "{section}");
        assert!(section.contains("- armor 100 KB, chromium, openpgp (0.90): "));
        assert!(section.contains("| chromium | openpgp | 2 | 1 | 1 |"));
        assert!(section.contains("| chromium | WebCrypto | 1 | 1 | 0 |"));
    }

    #[test]
    fn the_json_has_the_agreed_shape() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rows.json");
        write_json(&[row("openpgp", 2.0)], &file).unwrap();
        let value: serde_json::Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let one = &value["rows"][0];
        for name in [
            "op", "mode", "bytes", "peer", "browser", "ours_ms", "peer_ms", "ratio",
        ] {
            assert!(!one[name].is_null(), "{name}");
        }
        assert_eq!(one.as_object().unwrap().len(), 8);
        assert_eq!(read_json(&file).unwrap().len(), 1);
    }
}
