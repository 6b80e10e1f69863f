//! Why a row is lost: written by people, beside the measurements.

use std::fs;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::report::Row;
use crate::paths;

const FILE: &str = "crypto-core/wasm/bench/reasons.toml";
const UNKNOWN: &str = "within what two runs differ by, or not looked into yet.";

/// All that was found out.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reasons {
    #[serde(default)]
    reason: Vec<Reason>,
}

/// What is left out matches everything; a text matches where it occurs.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    op: Option<String>,
    mode: Option<String>,
    peer: Option<String>,
    browser: Option<String>,
    why: String,
}

impl Reasons {
    /// Reads the file.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub(super) fn read() -> Result<Self> {
        let text = fs::read_to_string(paths::root().join(FILE))?;
        toml::from_str(&text).with_context(|| format!("in {FILE}"))
    }

    /// The first that matches.
    pub(super) fn of(&self, row: &Row) -> &str {
        self.reason
            .iter()
            .find(|reason| {
                let holds = |wanted: &Option<String>, is: &str| {
                    wanted.as_ref().is_none_or(|wanted| is.contains(wanted))
                };
                holds(&reason.op, &row.op)
                    && holds(&reason.mode, &row.mode)
                    && holds(&reason.peer, &row.peer)
                    && holds(&reason.browser, &row.browser)
            })
            .map_or(UNKNOWN, |reason| reason.why.trim())
    }
}
