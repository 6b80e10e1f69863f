//! Small types that keep numbers and names from being mixed up.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::hex;

/// Seconds since 1970-01-01T00:00:00Z.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct UnixTime(pub u64);

/// How many times an object has been written; the first revision is 1.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Revision(pub u64);

impl Revision {
    /// The revision of an object's first version.
    pub const FIRST: Self = Self(1);

    /// The revision that follows this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// What an object is called within its namespace; at most 512 bytes of UTF-8.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ObjectId(pub String);

/// The fingerprint of an OpenPGP key: 20 bytes for version 4, 32 bytes for version 6
/// (RFC 9580, section 5.5.4). Written as upper-case hexadecimal without spaces.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Makes a fingerprint from its bytes.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(hex::upper(bytes))
    }

    /// Reads a fingerprint as people write it: any case, spaces and colons allowed.
    ///
    /// Returns `None` unless it holds 20 or 32 bytes.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != ':')
            .collect::<String>()
            .to_ascii_uppercase();
        matches!(hex::length(&digits), Some(20 | 32)).then_some(Self(digits))
    }

    /// Upper-case hexadecimal without spaces.
    pub fn as_hex(&self) -> &str {
        &self.0
    }

    /// In groups of four, as it is read aloud.
    pub fn spaced(&self) -> String {
        self.0
            .as_bytes()
            .chunks(4)
            .map(String::from_utf8_lossy)
            .collect::<Vec<_>>()
            .join(" ")
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_read_as_people_write_them() {
        let spaced = "d1a6 6e1a 23b1 82c9 980f 788c fbfc c82a 015e 7330";
        let parsed = Fingerprint::parse(spaced).unwrap();
        assert_eq!(parsed.as_hex(), "D1A66E1A23B182C9980F788CFBFCC82A015E7330");
        assert_eq!(parsed.spaced(), spaced.to_uppercase());
        assert!(Fingerprint::parse("D1A6").is_none());
        assert!(Fingerprint::parse("not a fingerprint").is_none());
    }
}
