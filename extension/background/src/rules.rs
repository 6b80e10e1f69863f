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

#[cfg(test)]
mod tests {
    use super::*;
    use crypto_core::{
        bulk::NativeEngine,
        openpgp::{Profile, UserId, generate, sign_detached},
    };
    use futures::executor::block_on;
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

    const NOW: UnixTime = UnixTime(1_790_000_000);

    /// A release key of the tests' own: the project's is known to nobody here.
    fn signed(rules: &str) -> (Vec<u8>, String) {
        let mut rng = ChaCha20Rng::seed_from_u64(7);
        let id = UserId::new("Test releases", "releases@example.org");
        let key = generate(Profile::Compatible, &[id], NOW, &mut rng)
            .unwrap()
            .secret;
        let signing = sign_detached(&NativeEngine, &mut rng, rules.as_bytes(), &key, NOW, true);
        let signature = String::from_utf8(block_on(signing).unwrap()).unwrap();
        (key.certificate().to_bytes(), signature)
    }

    fn rules(version: u32) -> String {
        format!(r#"{{"version":{version},"providers":[]}}"#)
    }

    fn checked(key: &[u8], rules: &str, signature: &str, in_use: u32) -> Result<u32, RulesError> {
        block_on(check(&NativeEngine, key, rules, signature, in_use, NOW)).map(|set| set.version)
    }

    #[test]
    fn newer_rules_with_a_good_signature_are_taken() {
        let text = rules(8);
        let (key, signature) = signed(&text);
        assert_eq!(checked(&key, &text, &signature, 7), Ok(8));
    }

    #[test]
    fn older_ones_and_the_same_are_not() {
        let text = rules(8);
        let (key, signature) = signed(&text);
        for in_use in [8, 9] {
            let result = checked(&key, &text, &signature, in_use);
            assert_eq!(result, Err(RulesError::NotNewer));
        }
    }

    #[test]
    fn changed_rules_and_another_key_are_refused() {
        let text = rules(8);
        let (key, signature) = signed(&text);
        let changed = rules(9);
        assert_eq!(
            checked(&key, &changed, &signature, 7),
            Err(RulesError::NotSigned)
        );
        assert_eq!(
            checked(RELEASE_KEY, &text, &signature, 7),
            Err(RulesError::NotSigned)
        );
        assert_eq!(checked(&key, &text, "", 7), Err(RulesError::NotSigned));
    }

    #[test]
    fn kept_rules_are_checked_again_at_every_start() {
        let text = rules(u32::MAX);
        let (key, signature) = signed(&text);
        let version = |kept: &str| {
            let disk = [(crate::settings::RULES_KEY.to_owned(), kept.to_owned())];
            block_on(crate::settings::rules(&disk, &key, NOW)).version
        };
        let kept = crate::settings::kept_rules(&text, &signature).unwrap();
        assert_eq!(version(&kept), u32::MAX);
        let forged = crate::settings::kept_rules(&rules(u32::MAX - 1), &signature).unwrap();
        for kept in [forged.as_str(), text.as_str(), ""] {
            assert_eq!(version(kept), shipped().version, "{kept}");
        }
    }

    #[test]
    fn what_is_signed_must_be_rules() {
        for text in ["", "{}", r#"{"version":9,"providers":[],"code":"x"}"#] {
            let (key, signature) = signed(text);
            assert_eq!(
                checked(&key, text, &signature, 7),
                Err(RulesError::Malformed),
                "{text}"
            );
        }
    }

    #[test]
    fn scripts_run_and_frames_stand_where_the_rules_know_the_page_and_nowhere_else() {
        let manifest: serde_json::Value =
            serde_json::from_str(include_str!("../../manifest.json")).unwrap();
        let listed = |pointer: &str| -> std::collections::BTreeSet<String> {
            let list = manifest.pointer(pointer).unwrap().as_array().unwrap();
            let texts = list.iter().map(|one| one.as_str().unwrap().to_owned());
            texts.collect()
        };
        let known: std::collections::BTreeSet<String> = shipped()
            .providers
            .into_iter()
            .flat_map(|provider| provider.matches)
            .collect();
        assert_eq!(listed("/content_scripts/0/matches"), known);
        assert_eq!(
            listed("/chromium/web_accessible_resources/0/matches"),
            known
        );
    }

    #[test]
    fn the_shipped_files_are_what_they_should_be() {
        let shipped = shipped();
        assert!(shipped.version > 0);
        for id in ["gmail", "outlook", "yahoo", "generic"] {
            assert!(shipped.providers.iter().any(|p| p.id == id), "{id}");
        }
        assert!(Certificate::parse(RELEASE_KEY).is_ok());
    }
}
