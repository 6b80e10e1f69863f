//! What every user interface shows of mail: people, verdicts, trust. Plain data without keys.
//!
//! The client makes these, the extension's messages carry them, the kit draws them. They are
//! stored as well, sealed, in a format without names: the order of fields and variants stays.

use serde::{Deserialize, Serialize};

/// A name and an address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export_to = "view.ts"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Person {
    /// The display name; empty when there is none.
    pub name: String,
    /// The address; empty when a message names none.
    pub address: String,
}

/// How a message was protected on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Protection {
    /// Encrypted to the reader by its sender.
    Sealed,
    /// Signed, but readable on its way.
    SignedOnly,
    /// Neither.
    Open,
}

/// Who signed, as far as can be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum SignatureState {
    /// A good signature by the key known for the sender's address.
    Good {
        /// Who signed.
        signer: Person,
        /// Fingerprint of the signing certificate, upper-case hexadecimal.
        fingerprint: String,
        /// When, in Unix seconds.
        at: u64,
        /// How far the key is trusted.
        trust: Trust,
    },
    /// A good signature by a key that does not belong to the sender's address.
    OtherSigner {
        /// Whose key it is.
        signer: Person,
        /// Fingerprint of the signing certificate.
        fingerprint: String,
    },
    /// Signed by a key that could not be found.
    UnknownSigner {
        /// Fingerprint or key id from the signature; may be empty.
        issuer: String,
    },
    /// The signature does not fit the message, or its key may not sign.
    Bad {
        /// One sentence, for experts.
        reason: String,
    },
    /// There is none.
    Unsigned,
}

/// How far a key is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Trust {
    /// Checked in person.
    Verified,
    /// The same key as at first use.
    Known,
    /// Seen for the first time now.
    New,
    /// Another key than the one remembered.
    Changed,
    /// One's own.
    Own,
}

impl Trust {
    /// A stable word for tests and styles.
    pub fn word(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Known => "known",
            Self::New => "new",
            Self::Changed => "changed",
            Self::Own => "own",
        }
    }
}

/// What stands above every message: the verdict line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Verdict {
    /// On its way.
    pub protection: Protection,
    /// Who signed.
    pub signature: SignatureState,
    /// True when subject and addresses were protected inside (RFC 9788).
    pub headers_protected: bool,
}
