//! Making signatures.

use pgp::{
    packet::{
        OnePassSignature, SecretKey, SecretSubkey, Signature, SignatureConfig, SignatureType,
        SignatureVersionSpecific, Subpacket, SubpacketData,
    },
    types::{Fingerprint as PgpFingerprint, KeyDetails, SigningKey, Timestamp},
};
use rand::{CryptoRng, RngCore};

use super::{NoDigest, Running, digest};
use crate::{
    bulk::BulkEngine,
    ids::UnixTime,
    openpgp::{
        Certificate, SecretCertificate, armor::Readers, error::SignError, policy,
        secret::AnySecretKey,
    },
};

/// A key chosen for signing, and the signature begun with it.
///
/// Begun before the data are written, because a one-pass signature packet with the same salt
/// goes in front of them.
pub(in crate::openpgp) struct Signing<'a> {
    key: AnySecretKey<'a>,
    config: SignatureConfig,
}

impl<'a> Signing<'a> {
    /// Chooses the signing key and fixes everything but the digest.
    pub(in crate::openpgp) fn begin(
        rng: &mut (impl RngCore + CryptoRng),
        signer: &'a SecretCertificate,
        kind: SignatureType,
        now: UnixTime,
        recipients: &[&Certificate],
    ) -> Result<Self, SignError> {
        let time = u32::try_from(now.0)
            .map(Timestamp::from_secs)
            .map_err(|_| SignError::TimeOutOfRange)?;
        let wanted = policy::signing_key(signer.public(), now, |print| {
            signer
                .keys()
                .any(|key| key.fingerprint() == *print && !key.is_stub())
        })?
        .fingerprint();
        let key = signer
            .keys()
            .find(|key| key.fingerprint() == wanted)
            .filter(AnySecretKey::is_plain)
            .ok_or(SignError::Locked)?;
        let config = match key {
            AnySecretKey::Primary(key) => begin(rng, key, kind, time, recipients),
            AnySecretKey::Subkey(key) => begin(rng, key, kind, time, recipients),
        };
        let config = config.map_err(|error| SignError::Internal(error.to_string()))?;
        Ok(Self { key, config })
    }

    /// The packet that goes in front of the data.
    pub(in crate::openpgp) fn one_pass(&self) -> Result<OnePassSignature, SignError> {
        let config = &self.config;
        let (key_id, print) = match self.key {
            AnySecretKey::Primary(key) => (key.legacy_key_id(), key.fingerprint()),
            AnySecretKey::Subkey(key) => (key.legacy_key_id(), key.fingerprint()),
        };
        match (&config.version_specific, print) {
            (SignatureVersionSpecific::V6 { salt }, PgpFingerprint::V6(print)) => {
                Ok(OnePassSignature::v6(
                    config.typ,
                    config.hash_alg,
                    config.pub_alg,
                    salt.clone(),
                    print,
                ))
            }
            (SignatureVersionSpecific::V4, _) => Ok(OnePassSignature::v3(
                config.typ,
                config.hash_alg,
                config.pub_alg,
                key_id,
            )),
            _ => Err(SignError::Internal("its version is unknown".to_owned())),
        }
    }

    /// The name of the hash algorithm, as cleartext headers and `micalg` write it.
    pub(in crate::openpgp) fn hash_name(&self) -> String {
        self.config.hash_alg.to_string()
    }

    /// Who can verify it.
    pub(in crate::openpgp) fn readers(&self) -> Readers {
        match self.config.version_specific {
            SignatureVersionSpecific::V6 { .. } => Readers::Modern,
            _ => Readers::All,
        }
    }

    /// Signs `data`, which for text signatures must have CRLF at the ends of its lines.
    pub(in crate::openpgp) async fn finish(
        self,
        engine: &impl BulkEngine,
        data: &[u8],
    ) -> Result<Signature, SignError> {
        let digest = match digest(engine, &self.config, data).await {
            Ok(digest) => digest,
            Err(NoDigest::Bulk(error)) => return Err(error.into()),
            Err(_) => return Err(cannot_hash()),
        };
        self.finish_with(&digest)
    }

    /// Signs a digest that was computed piece by piece.
    fn finish_with(self, digest: &[u8]) -> Result<Signature, SignError> {
        let internal = |error: pgp::errors::Error| SignError::Internal(error.to_string());
        let hash = self.config.hash_alg;
        let signature = self.key.sign(hash, digest).map_err(internal)?;
        let beginning = digest
            .first_chunk::<2>()
            .copied()
            .ok_or_else(|| SignError::Internal("its digest is empty".to_owned()))?;
        Signature::from_config(self.config, beginning, signature).map_err(internal)
    }

    /// The same over data that come piece by piece, with a copy of the key.
    pub(in crate::openpgp) fn running(self) -> Result<RunningSigning, SignError> {
        let hash = Running::of_config(&self.config).map_err(|_| cannot_hash())?;
        Ok(RunningSigning {
            key: match self.key {
                AnySecretKey::Primary(key) => OwnedKey::Primary(Box::new(key.clone())),
                AnySecretKey::Subkey(key) => OwnedKey::Subkey(Box::new(key.clone())),
            },
            config: self.config,
            hash,
        })
    }
}

/// A signature over data that are still coming. The key in it is wiped on drop.
pub(in crate::openpgp) struct RunningSigning {
    key: OwnedKey,
    config: SignatureConfig,
    hash: Running,
}

enum OwnedKey {
    Primary(Box<SecretKey>),
    Subkey(Box<SecretSubkey>),
}

impl RunningSigning {
    /// Takes in the next piece.
    pub(in crate::openpgp) fn update(&mut self, data: &[u8]) {
        self.hash.update(data);
    }

    /// Signs what came.
    pub(in crate::openpgp) fn finish(self) -> Result<Signature, SignError> {
        let digest = self.hash.digest(&self.config).map_err(|_| cannot_hash())?;
        let key = match &self.key {
            OwnedKey::Primary(key) => AnySecretKey::Primary(key),
            OwnedKey::Subkey(key) => AnySecretKey::Subkey(key),
        };
        let config = self.config;
        Signing { key, config }.finish_with(&digest)
    }
}

fn cannot_hash() -> SignError {
    SignError::Internal("it cannot be hashed".to_owned())
}

fn begin(
    rng: &mut (impl RngCore + CryptoRng),
    key: &impl SigningKey,
    kind: SignatureType,
    time: Timestamp,
    recipients: &[&Certificate],
) -> Result<SignatureConfig, pgp::errors::Error> {
    let mut config = SignatureConfig::from_key(rng, key, kind)?;
    config.hashed_subpackets = vec![
        Subpacket::critical(SubpacketData::SignatureCreationTime(time))?,
        Subpacket::regular(SubpacketData::IssuerFingerprint(key.fingerprint()))?,
    ];
    // Says for whom it is, so that a recipient cannot pass it on as if it had been written to
    // somebody else (RFC 9580, section 5.2.3.36).
    for recipient in recipients {
        config.hashed_subpackets.push(Subpacket::regular(
            SubpacketData::IntendedRecipientFingerprint(recipient.primary.fingerprint()),
        )?);
    }
    if matches!(config.version_specific, SignatureVersionSpecific::V4) {
        config.unhashed_subpackets = vec![Subpacket::regular(SubpacketData::IssuerKeyId(
            key.legacy_key_id(),
        ))?];
    }
    Ok(config)
}
