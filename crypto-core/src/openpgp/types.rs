//! The plain values of the interface.

use crate::ids::{Fingerprint, UnixTime};

/// Which kind of certificate to generate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Profile {
    /// Version 4, which every peer uses, GnuPG 2.2 included: Ed25519 and Curve25519 in their older
    /// encoding, and an encryption key of ML-KEM-768 and X25519 together (RFC 9980) beside it.
    Compatible,
    /// Version 6 of RFC 9580, Ed25519 and X25519.
    Modern,
    /// Version 6 with an encryption key of ML-KEM-768 and X25519 together (RFC 9980).
    /// Signatures stay classical: a recorded message can be broken later, a signature cannot be
    /// forged in the past.
    PostQuantum,
}

/// A name and a mail address, as a certificate claims them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UserId {
    /// The name in front of the address; may be empty.
    pub name: String,
    /// The mail address; empty if the User ID holds none that is well-formed.
    pub address: String,
}

impl UserId {
    /// Makes a User ID from a name and a mail address.
    pub fn new(name: impl Into<String>, address: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            address: address.into(),
        }
    }

    /// Reads the text of a User ID packet: `Name <address>`, or an address alone.
    ///
    /// # Security
    /// The text is the claim of whoever made the certificate. Anything ambiguous (two addresses,
    /// brackets in the name, control characters) yields no address at all, so that a certificate
    /// cannot be found under an address that people would not read in it.
    pub fn parse(text: &str) -> Self {
        let nothing = || Self::new(text.trim(), "");
        let (name, address) = match text
            .strip_suffix('>')
            .and_then(|rest| rest.rsplit_once('<'))
        {
            Some((name, address)) => (name.trim(), address),
            None => ("", text.trim()),
        };
        if name.contains(['<', '>']) || text.chars().any(char::is_control) {
            return nothing();
        }
        if is_address(address) {
            Self::new(name, address)
        } else {
            nothing()
        }
    }

    /// The text of the User ID packet.
    pub fn to_text(&self) -> String {
        match (self.name.is_empty(), self.address.is_empty()) {
            (true, _) => self.address.clone(),
            (false, true) => self.name.clone(),
            (false, false) => format!("{} <{}>", self.name, self.address),
        }
    }
}

/// True for an address of the plain kind: one `@`, no white space, quotes or brackets.
pub(super) fn is_address(text: &str) -> bool {
    let refused = |c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '(' | ')' | ',' | ';')
    };
    match text.split_once('@') {
        Some((local, domain)) => {
            !local.is_empty()
                && !domain.is_empty()
                && !domain.contains('@')
                && text.len() <= 254
                && !text.contains(refused)
        }
        None => false,
    }
}

/// What a certificate as a whole is good for at a given time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateStatus {
    /// In force.
    Usable,
    /// Its time was over at the moment given.
    Expired(UnixTime),
    /// Its owner withdrew it, for the reason given, which may be empty.
    Revoked(String),
    /// It begins in the future, at the moment given.
    NotYetValid(UnixTime),
    /// Nothing of it can be relied upon, for the reason given (weak algorithms, no valid
    /// self-signature).
    Unusable(String),
}

/// What the holder of a certificate can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EncryptionFeatures {
    /// Messages with AEAD (SEIPDv2).
    pub seipd_v2: bool,
    /// AES-256 with GCM is among what it announces.
    pub gcm: bool,
    /// Its encryption key withstands quantum computers.
    pub post_quantum: bool,
}

/// How much work and memory a message may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes that may come out of decompression, in all layers together; `usize::MAX` is no limit.
    pub decompressed: usize,
    /// How many times the outermost compressed packet may come out of decompression, in all layers
    /// together, beyond the first MiB. In a stream this holds for what there is so far, and beyond
    /// 16 MiB for each piece by itself, as what comes out of a piece is held in memory.
    pub compression_ratio: usize,
    /// Layers of compression.
    pub nesting: usize,
    /// KiB of memory that Argon2 may use.
    pub s2k_memory_kib: u32,
    /// Argon2's memory in KiB times its passes, over all passwords tried for one message.
    pub s2k_work_kib: u64,
    /// Session-key packets, of both kinds together.
    pub session_keys: usize,
    /// Signatures on a message.
    pub signatures: usize,
}

impl Limits {
    /// The usual limits without the one on the size of what comes out: streams hold no more of it
    /// than comes out of a piece, which [`Limits::compression_ratio`] bounds.
    #[must_use]
    pub fn for_streams() -> Self {
        Self {
            decompressed: usize::MAX,
            ..Self::default()
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            decompressed: 64 << 20,
            compression_ratio: 100,
            nesting: 3,
            s2k_memory_kib: 256 << 10,
            s2k_work_kib: 4 << 20,
            session_keys: 1024,
            signatures: 32,
        }
    }
}

/// What is known about who made a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignatureVerdict {
    /// Nobody signed it.
    Unsigned,
    /// Signed by the certificate with this fingerprint (of its primary key), at that time.
    Good {
        /// The signer's certificate.
        signer: Fingerprint,
        /// When the signature says it was made.
        at: UnixTime,
    },
    /// Signed, but none of the certificates at hand made the signature.
    UnknownSigner {
        /// What the signature itself says about its maker, in hexadecimal: a fingerprint or a
        /// key ID. Proves nothing; may be empty.
        issuer: String,
    },
    /// There is a signature, and it must not be relied upon.
    Bad(BadSignature),
}

impl SignatureVerdict {
    /// The verdict to show for several signatures over one text: one good one is enough, and a
    /// bad one is said before an unknown one. [`SignatureVerdict::Unsigned`] if there is none.
    pub fn best(verdicts: &[Self]) -> Self {
        super::signature::best(verdicts)
    }
}

/// Why a signature must not be relied upon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadSignature {
    /// It does not match the text: one of the two was changed.
    #[error("the signature does not match the text")]
    Mismatch,
    /// The signature's own time is over.
    #[error("the signature has expired")]
    Expired,
    /// The signature says it was made in the future.
    #[error("the signature is dated in the future")]
    FromTheFuture,
    /// The signer's key was not in force when the signature was made.
    #[error("the signer's key was not in force when the signature was made")]
    KeyNotInForce,
    /// The signer's key has been revoked.
    #[error("the signer's key has been revoked")]
    KeyRevoked,
    /// The key is not meant for signing, or its binding to the certificate is not proven.
    #[error("the key that made the signature is not meant for signing")]
    NotASigningKey,
    /// Made with an algorithm that is too weak today.
    #[error("the signature uses an algorithm that is too weak")]
    WeakAlgorithm,
    /// It was made for other recipients: somebody passed it on.
    #[error("the signature was made for a message to somebody else")]
    ForSomebodyElse,
    /// Not a signature that can be understood.
    #[error("the signature cannot be understood")]
    Malformed,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_ids_are_read_as_people_read_them() {
        let check = |text: &str, name: &str, address: &str| {
            assert_eq!(UserId::parse(text), UserId::new(name, address), "{text}");
        };
        check("Ann <ann@example.org>", "Ann", "ann@example.org");
        check("ann@example.org", "", "ann@example.org");
        check("Ann Other", "Ann Other", "");
        check("a@x.org <b@y.org>", "a@x.org", "b@y.org");
        check("x <a@x.org> <b@y.org>", "x <a@x.org> <b@y.org>", "");
        check("x <a@x.org, b@y.org>", "x <a@x.org, b@y.org>", "");
        check("x <a@x.org>\0", "x <a@x.org>\0", "");
        check("x <a@b@y.org>", "x <a@b@y.org>", "");
    }
}
