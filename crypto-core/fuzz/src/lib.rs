//! What is done with hostile bytes, as plain functions.
//!
//! Each body takes any bytes, hands them to the code that reads such bytes, and panics if a
//! promise is broken. cargo-fuzz runs them for hours; the tests replay the corpora in seconds.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken promise is reported by panicking, and nothing of this is shipped"
)]

mod letters;
mod mail;
pub mod parties;
pub mod seeds;
mod sheets;
mod stored;
mod wires;

/// Something that reads hostile bytes.
#[derive(Clone, Copy)]
pub struct Target {
    /// The name of the target and of its corpus.
    pub name: &'static str,
    /// Reads the bytes and checks what must hold.
    pub run: fn(&[u8]),
    /// The inputs to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target {
        name: "armor",
        run: sheets::armor,
        seeds: seeds::armor,
    },
    Target {
        name: "packets",
        run: letters::packets,
        seeds: seeds::packets,
    },
    Target {
        name: "certificates",
        run: sheets::certificates,
        seeds: seeds::certificates,
    },
    Target {
        name: "messages",
        run: letters::messages,
        seeds: seeds::messages,
    },
    Target {
        name: "cleartext",
        run: letters::cleartext,
        seeds: seeds::cleartext,
    },
    Target {
        name: "signatures",
        run: letters::signatures,
        seeds: seeds::signatures,
    },
    Target {
        name: "mime",
        run: mail::mime,
        seeds: seeds::mime,
    },
    Target {
        name: "vault",
        run: stored::vault,
        seeds: seeds::vault,
    },
    Target {
        name: "vault_records",
        run: stored::records,
        seeds: seeds::vault_records,
    },
    Target {
        name: "jmap",
        run: wires::jmap,
        seeds: seeds::jmap,
    },
    Target {
        name: "extension",
        run: wires::extension,
        seeds: seeds::extension,
    },
];

/// Runs the target of this name.
///
/// # Panics
/// If there is none, or if a promise is broken.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.expect("a target of this name").run)(data);
}
