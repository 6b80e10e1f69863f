//! What belongs to an account and lies sealed in its vault.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer, Serialize};

use crate::people::KeySource;

/// The account's own choices, in [`crypto_core::vault::Namespace::Settings`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Settings {
    /// The name others see.
    pub(crate) display_name: String,
    /// Armored revocation certificates of the account's keys, by fingerprint.
    pub(crate) revocations: BTreeMap<String, String>,
    /// When this was last changed, Unix seconds; the newer of two versions wins.
    pub(crate) changed_at: u64,
    /// What later versions added; absent in older objects.
    #[serde(deserialize_with = "or_default")]
    pub(crate) more: MoreSettings,
}

/// Added to [`Settings`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MoreSettings {
    /// Fingerprint of the key the person chose to use; empty: the one that names the address.
    pub(crate) in_use: String,
    /// Fingerprints of the keys that are on a recovery sheet.
    pub(crate) backed_up: BTreeSet<String>,
}

/// The id of the one settings object.
pub(crate) const SETTINGS_ID: &str = "account";

/// Somebody whose key is remembered, in [`crypto_core::vault::Namespace::Contact`] under the
/// lower-case address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Contact {
    /// Lower-case address.
    pub(crate) address: String,
    /// The name in the certificate.
    pub(crate) name: String,
    /// The certificate that is used, binary.
    pub(crate) certificate: Vec<u8>,
    /// Its fingerprint, upper-case hexadecimal.
    pub(crate) fingerprint: String,
    /// First use, Unix seconds.
    pub(crate) first_seen: u64,
    /// The message that brought it, if a message did.
    pub(crate) first_message: Option<String>,
    /// Another certificate that the directory gave and nobody has accepted yet.
    pub(crate) offered: Option<OfferedKey>,
    /// When this was last changed, Unix seconds; the newer of two versions wins.
    pub(crate) changed_at: u64,
    /// What later versions added; absent in older objects.
    #[serde(deserialize_with = "or_default")]
    pub(crate) more: MoreContact,
}

/// Added to [`Contact`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MoreContact {
    /// Where the certificate came from.
    pub(crate) source: KeySource,
    /// Where the offered one came from.
    pub(crate) offered_by: KeySource,
    /// Fingerprints that the person did not want; they are not offered again.
    pub(crate) declined: BTreeSet<String>,
    /// The person forgot this contact. The object stays, so that other devices forget it too.
    pub(crate) forgotten: bool,
}

/// What an older version did not write reads as its default: the bytes end where it ended.
fn or_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
    D: Deserializer<'de>,
{
    Ok(T::deserialize(deserializer).unwrap_or_default())
}

/// A key that differs from the remembered one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OfferedKey {
    /// Binary.
    pub(crate) certificate: Vec<u8>,
    /// Upper-case hexadecimal.
    pub(crate) fingerprint: String,
}

/// Brings an address into the form used as key everywhere: trimmed, lower case.
///
/// `None` when it is no address: not exactly one `@`, an empty part, white space or control
/// characters, or more than 254 bytes (RFC 5321, section 4.5.3.1.3).
pub(crate) fn normalize_address(typed: &str) -> Option<String> {
    let address = typed.trim().to_lowercase();
    let (local, domain) = address.split_once('@')?;
    let clean = !local.is_empty()
        && !domain.is_empty()
        && address.len() <= 254
        && !domain.contains('@')
        && !address.chars().any(|c| {
            c.is_whitespace()
                || c.is_control()
                || matches!(c, '<' | '>' | ',' | ';' | '"' | '(' | ')')
        });
    clean.then_some(address)
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::{MoreSettings, Settings, normalize_address};

    #[test]
    fn older_objects_are_read() {
        #[derive(Serialize)]
        struct Older {
            display_name: String,
            revocations: std::collections::BTreeMap<String, String>,
            changed_at: u64,
        }
        let older = Older {
            display_name: "Ann".into(),
            revocations: [("A".to_owned(), "B".to_owned())].into(),
            changed_at: 7,
        };
        let bytes = postcard::to_stdvec(&older).unwrap();
        let read: Settings = postcard::from_bytes(&bytes).unwrap();
        assert_eq!((read.display_name.as_str(), read.changed_at), ("Ann", 7));
        assert_eq!(read.more, MoreSettings::default());
    }

    #[test]
    fn addresses_are_compared_in_one_form() {
        assert_eq!(
            normalize_address(" Alice@Example.org ").unwrap(),
            "alice@example.org"
        );
        for bad in [
            "",
            "alice",
            "@x",
            "a@",
            "a@b@c",
            "a b@c",
            "a\n@b",
            "\"a@b\"@c",
            "a,b@c",
        ] {
            assert!(normalize_address(bad).is_none(), "{bad:?}");
        }
    }
}
