//! How a webmail's page is understood: data, so that it can be replaced when the page changes.
//!
//! A rule set is shipped with the extension and may be replaced by a newer one that carries a
//! good signature of the project's release key; code cannot be replaced that way.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// All rules, with a version that only ever grows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "provider.ts"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RuleSet {
    /// Higher replaces lower.
    pub version: u32,
    /// The known webmails; the generic one is the last.
    pub providers: Vec<Provider>,
}

/// One webmail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "provider.ts"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Provider {
    /// `gmail`, `outlook`, `yahoo`, `generic`: names the adapter in the content script.
    pub id: String,
    /// Match patterns of its pages; empty for the generic one.
    pub matches: Vec<String>,
    /// By role (`composeWindow`, `messageBody`, `recipient`, ...), CSS selectors to be tried in
    /// this order: the first that finds something wins.
    pub selectors: BTreeMap<String, Vec<String>>,
    /// By role, the attributes to be read in this order.
    pub attributes: BTreeMap<String, Vec<String>>,
    /// By role, labels of the page in several languages, for what has no other handle.
    pub labels: BTreeMap<String, Vec<String>>,
}

/// What the self-test of the selectors found on a page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "provider.ts"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SelfTest {
    /// The provider's id.
    pub provider: String,
    /// Roles that the page should show now, and no selector found.
    pub missing: Vec<String>,
    /// Roles found by a fall-back only.
    pub fallbacks: Vec<String>,
    /// Roles found.
    pub found: Vec<String>,
}
