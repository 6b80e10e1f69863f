//! The rules for webmails: shipped, and replaced only by newer ones with the project's signature.
//!
//! The attacker is whoever brings an update: a server, a mirror, a person who was talked into a
//! file. Rules are data, yet a bad set could read the wrong field as the sender or put sealed
//! text into the wrong place; so they are signed like a release, and never go back in version.

use crypto_core::{
    bulk::BulkEngine,
    ids::UnixTime,
    openpgp::{Certificate, SignatureVerdict, verify_detached},
};
use ext_protocol::provider::RuleSet;

/// The project's release key, part of the package.
pub const RELEASE_KEY: &[u8] = include_bytes!("../../rules/release-key.asc");

/// The rules that are shipped.
const SHIPPED: &str = include_str!("../../rules/rules.json");

/// The largest rule set: 1 MiB.
const LIMIT: usize = 1024 * 1024;

/// Why rules were not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RulesError {
    /// Not signed by the release key.
    #[error("not signed by the release key")]
    NotSigned,
    /// Not newer than what is in use.
    #[error("not newer than the rules in use")]
    NotNewer,
    /// Not rules, or too many.
    #[error("not a set of rules")]
    Malformed,
}

/// The shipped rules.
#[must_use]
pub fn shipped() -> RuleSet {
    // A test holds the shipped file to it.
    serde_json::from_str(SHIPPED).unwrap_or(RuleSet {
        version: 0,
        providers: Vec::new(),
    })
}

/// Checks an update: first the signature over the very bytes, then what they say.
///
/// # Errors
/// See [`RulesError`].
pub async fn check(
    engine: &impl BulkEngine,
    release_key: &[u8],
    rules: &str,
    signature: &str,
    in_use: u32,
    now: UnixTime,
) -> Result<RuleSet, RulesError> {
    if rules.len() > LIMIT || signature.len() > LIMIT {
        return Err(RulesError::Malformed);
    }
    let key = Certificate::parse(release_key).map_err(|_| RulesError::NotSigned)?;
    let verdicts = verify_detached(engine, rules.as_bytes(), signature.as_bytes(), &[&key], now)
        .await
        .map_err(|_| RulesError::NotSigned)?;
    let good = verdicts
        .iter()
        .any(|verdict| matches!(verdict, SignatureVerdict::Good { .. }));
    if !good {
        return Err(RulesError::NotSigned);
    }
    let set: RuleSet = serde_json::from_str(rules).map_err(|_| RulesError::Malformed)?;
    if set.version <= in_use {
        return Err(RulesError::NotNewer);
    }
    Ok(set)
}
