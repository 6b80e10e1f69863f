//! Digests of data that come piece by piece.

use pgp::{
    crypto::hash::HashAlgorithm,
    packet::{
        OnePassSignature, OpsVersionSpecific, SignatureConfig, SignatureType,
        SignatureVersionSpecific,
    },
};

use super::{NoDigest, add_with_crlf, own_part, salt_of};
use crate::{bulk::Hasher, openpgp::policy};

/// What a signature hashes before the data, and the hash so far.
pub(in crate::openpgp) struct Running {
    algorithm: HashAlgorithm,
    text: bool,
    salt: Vec<u8>,
    hasher: Hasher,
    after_cr: bool,
}

impl Running {
    /// For a signature of which everything but the digest is known.
    pub(in crate::openpgp) fn of_config(config: &SignatureConfig) -> Result<Self, NoDigest> {
        Self::begin(config.hash_alg, config.typ, salt_of(config)?)
    }

    /// For a signature that a packet in front of the data announces. `None` if it can not be
    /// good, whatever comes.
    pub(in crate::openpgp) fn of_announced(one: &OnePassSignature) -> Option<Self> {
        let salt: &[u8] = match one.version_specific() {
            OpsVersionSpecific::V3 { .. } => &[],
            OpsVersionSpecific::V6 { salt, .. } => salt,
            OpsVersionSpecific::Unknown { .. } => return None,
        };
        Self::begin(one.hash_algorithm(), one.typ(), salt).ok()
    }

    fn begin(algorithm: HashAlgorithm, kind: SignatureType, salt: &[u8]) -> Result<Self, NoDigest> {
        let hash = policy::hash_kind(algorithm).ok_or(NoDigest::WeakHash)?;
        let mut hasher = Hasher::new(hash);
        hasher.update(salt);
        Ok(Self {
            algorithm,
            text: kind == SignatureType::Text,
            salt: salt.to_vec(),
            hasher,
            after_cr: false,
        })
    }

    /// True if both hash the same.
    pub(in crate::openpgp) fn is_like(&self, other: &Self) -> bool {
        self.algorithm == other.algorithm && self.text == other.text && self.salt == other.salt
    }

    /// Takes in the next piece of data.
    pub(in crate::openpgp) fn update(&mut self, data: &[u8]) {
        if self.text {
            let mut normalised = Vec::with_capacity(data.len() + data.len() / 32);
            add_with_crlf(&mut self.after_cr, data, &mut normalised);
            self.hasher.update(&normalised);
        } else {
            self.hasher.update(data);
        }
    }

    /// True if this is the hash that the signature wants.
    pub(in crate::openpgp) fn fits(&self, config: &SignatureConfig) -> bool {
        let salt = match &config.version_specific {
            SignatureVersionSpecific::V6 { salt } => salt.as_slice(),
            _ => &[],
        };
        self.algorithm == config.hash_alg
            && self.text == (config.typ == SignatureType::Text)
            && self.salt == salt
    }

    /// The digest, with the signature's own part behind the data.
    pub(in crate::openpgp) fn digest(&self, config: &SignatureConfig) -> Result<Vec<u8>, NoDigest> {
        // Says what is wrong with the salt before anything is believed.
        salt_of(config)?;
        let own = own_part(config).map_err(|_| NoDigest::Malformed)?;
        let mut hasher = self.hasher.clone();
        hasher.update(&own);
        Ok(hasher.finish())
    }
}
