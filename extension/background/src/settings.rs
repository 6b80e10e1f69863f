//! What is remembered outside the vault, because it is needed while locked, and the sealed rest.

use crypto_core::{bulk::NativeEngine, ids::UnixTime};
use ext_protocol::{page::Settings, provider::RuleSet, view::Mark};
use serde::{Deserialize, Serialize};

use crate::{rules, sites::Choices};

/// Key of [`Kept`] on the disk.
pub(crate) const KEPT_KEY: &str = "open";
/// Key of the decisions about sites on the disk.
pub(crate) const SITES_KEY: &str = "sites";
/// Key of replaced rules on the disk, with their signature: it is checked at every start.
pub(crate) const RULES_KEY: &str = "rules";
/// Key of the settings in the vault.
pub(crate) const SETTINGS_KEY: &str = "extension settings";

/// Minutes until it locks, when nothing else was chosen.
const LOCK_AFTER_MINUTES: u32 = 60;

/// Needed while locked; nothing secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// There is a vault.
    pub(crate) set_up: bool,
    /// The picture the person chose.
    pub(crate) mark: Mark,
    /// BCP 47; empty for the browser's.
    pub(crate) language: String,
    /// Minutes without use until it locks; 0 for never.
    pub(crate) lock_after_minutes: u32,
    /// Origin of the account's server; empty for none.
    #[serde(default)]
    pub(crate) server: String,
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            set_up: false,
            mark: Mark {
                picture: 0,
                colour: 0,
            },
            language: String::new(),
            lock_after_minutes: LOCK_AFTER_MINUTES,
            server: String::new(),
        }
    }
}

/// The sealed part of the person's settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Sealed {
    pub(crate) hide_subject: bool,
    pub(crate) sign: bool,
    pub(crate) rich_text: bool,
    pub(crate) wkd: bool,
    /// Origin of the account's server, once more: the record outside the vault may be lost.
    pub(crate) server: String,
}

impl Default for Sealed {
    fn default() -> Self {
        Self {
            hide_subject: false,
            sign: true,
            rich_text: false,
            wkd: true,
            server: String::new(),
        }
    }
}

impl Kept {
    /// What lies on the disk.
    pub(crate) fn read(disk: &[(String, String)]) -> Self {
        find(disk, KEPT_KEY).unwrap_or_default()
    }

    /// Both parts as the pages know them.
    pub(crate) fn with(&self, sealed: &Sealed) -> Settings {
        Settings {
            lock_after_minutes: self.lock_after_minutes,
            hide_subject: sealed.hide_subject,
            sign: sealed.sign,
            rich_text: sealed.rich_text,
            wkd: sealed.wkd,
            language: self.language.clone(),
            mark: self.mark,
        }
    }
}

/// The decisions about sites.
pub(crate) fn sites(disk: &[(String, String)]) -> Choices {
    find(disk, SITES_KEY).unwrap_or_default()
}

/// Rules that replaced the shipped ones, as they lie on the disk.
#[derive(Serialize, Deserialize)]
struct SignedRules {
    /// The very text that was signed.
    rules: String,
    /// Armored.
    signature: String,
}

/// Replaced rules, to be kept.
pub(crate) fn kept_rules(rules: &str, signature: &str) -> Option<String> {
    let signed = SignedRules {
        rules: rules.to_owned(),
        signature: signature.to_owned(),
    };
    serde_json::to_string(&signed).ok()
}

/// The rules in use: what is shipped, or what replaced it, is newer still and signed.
pub(crate) async fn rules(disk: &[(String, String)], release_key: &[u8], now: UnixTime) -> RuleSet {
    let shipped = rules::shipped();
    let Some(kept) = find::<SignedRules>(disk, RULES_KEY) else {
        return shipped;
    };
    let (text, signature, in_use) = (&kept.rules, &kept.signature, shipped.version);
    rules::check(&NativeEngine, release_key, text, signature, in_use, now)
        .await
        .unwrap_or(shipped)
}

fn find<T: serde::de::DeserializeOwned>(texts: &[(String, String)], key: &str) -> Option<T> {
    let (_, text) = texts.iter().find(|(found, _)| found == key)?;
    serde_json::from_str(text).ok()
}
