//! The crate touches nothing of the world: no files, no network, no clock, no environment, no
//! threads, no randomness of its own. What it needs of these is handed in.
//!
//! Read from the sources rather than from what is linked: a call that is forgotten behind a rare
//! condition links as well as any other.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test reports a failed expectation by panicking"
)]

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Words that lead out of the crate, wherever they stand in the code.
const FORBIDDEN: [&str; 23] = [
    // the operating system
    "fs",
    "net",
    "process",
    "stdin",
    "stdout",
    "stderr",
    "println",
    "eprintln",
    "TcpStream",
    "UdpSocket",
    "Command",
    // the clock
    "SystemTime",
    "Instant",
    "web_time",
    // randomness
    "OsRng",
    "ThreadRng",
    "thread_rng",
    "from_entropy",
    "from_os_rng",
    "getrandom",
    // the browser, and work that goes on behind the caller's back
    "web_sys",
    "js_sys",
    "spawn",
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// The code without comments, texts, and tests.
fn code(text: &str) -> String {
    let mut code = String::new();
    for line in text.lines() {
        // Unit tests stand at the end of a file, and may do what they like.
        if line.trim() == "#[cfg(test)]" {
            break;
        }
        let mut rest = line.split("//").next().unwrap_or_default();
        while let Some((before, behind)) = rest.split_once('"') {
            code.push_str(before);
            rest = behind.split_once('"').map_or("", |(_, behind)| behind);
        }
        code.push_str(rest);
        code.push('\n');
    }
    code
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !c.is_alphanumeric() && c != '_')
}

#[test]
fn no_source_leads_out_of_the_crate() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 40, "the sources are not there");
    for path in files {
        let place = path.strip_prefix(&root).unwrap().display().to_string();
        let is_test = place.contains("tests") || place.ends_with("contract.rs");
        if is_test {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for word in words(&code(&text)) {
            assert!(!FORBIDDEN.contains(&word), "{place} names `{word}`");
        }
        assert!(
            !code(&text).contains("env::"),
            "{place} reads the environment"
        );
    }
}

#[test]
fn the_search_finds_what_it_looks_for() {
    let found = |text: &str| words(&code(text)).any(|word| FORBIDDEN.contains(&word));
    for bad in [
        "use std::{fmt, fs::File};",
        "let now = std::time::SystemTime::now();",
        "let mut rng = rand::thread_rng();",
        "x(\"text\"); OsRng.fill_bytes(y);",
    ] {
        assert!(found(bad), "{bad}");
    }
    for good in [
        "// the caller asks SystemTime",
        "let why = \"no stdout\";",
        "fn processed() {}",
        "let x = 1;\n#[cfg(test)]\nmod tests { use std::fs; }",
    ] {
        assert!(!found(good), "{good}");
    }
}

/// A dependency that brings its own clock or randomness into a browser would need one of these.
#[test]
fn the_manifest_asks_for_none_either() {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"));
    let manifest = manifest.unwrap();
    let (own, _) = manifest.split_once("[dev-dependencies]").unwrap();
    for line in own.lines() {
        let name = line.split(['.', '=', ' ']).next().unwrap_or_default();
        assert!(
            !matches!(
                name,
                "getrandom" | "tokio" | "reqwest" | "web-sys" | "js-sys" | "chrono" | "web-time"
            ) && !name.starts_with("getrandom"),
            "{name}"
        );
    }
}
