//! Signatures over data: made and judged in one place for messages, detached signatures and
//! cleartext.
//!
//! rPGP reads and writes the packet and does the public-key operation on a digest; the digest
//! itself comes from the engine, because it is over bulk data.

use pgp::{
    packet::{
        OnePassSignature, Signature, SignatureConfig, SignatureType, SignatureVersionSpecific,
        Subpacket, SubpacketData,
    },
    types::{Fingerprint as PgpFingerprint, KeyDetails, Timestamp, VerifyingKey},
};
use rand::{CryptoRng, RngCore};
use sha2::digest::{DynDigest, InvalidBufferSize};

use super::{
    BadSignature, Certificate, SecretCertificate, SignatureVerdict, armor::Readers,
    assemble::claims_to_be_by, error::SignError, policy, secret::AnySecretKey,
};
use crate::{
    bulk::{BulkEngine, BulkError},
    ids::{Fingerprint, UnixTime},
};

/// A "hash" that returns its input: rPGP writes what a signature hashes of itself into it.
#[derive(Clone, Default)]
struct Captured(Vec<u8>);

impl DynDigest for Captured {
    fn update(&mut self, data: &[u8]) {
        self.0.extend_from_slice(data);
    }

    fn finalize_into(self, buffer: &mut [u8]) -> Result<(), InvalidBufferSize> {
        let mut this = self;
        this.finalize_into_reset(buffer)
    }

    fn finalize_into_reset(&mut self, buffer: &mut [u8]) -> Result<(), InvalidBufferSize> {
        if buffer.len() != self.0.len() {
            return Err(InvalidBufferSize);
        }
        buffer.copy_from_slice(&self.0);
        self.0.clear();
        Ok(())
    }

    fn reset(&mut self) {
        self.0.clear();
    }

    fn output_size(&self) -> usize {
        self.0.len()
    }

    fn box_clone(&self) -> Box<dyn DynDigest> {
        Box::new(self.clone())
    }
}

/// What a signature hashes of itself, after the data (RFC 9580, section 5.2.4).
fn own_part(config: &SignatureConfig) -> Result<Vec<u8>, pgp::errors::Error> {
    let mut captured: Box<dyn DynDigest + Send> = Box::new(Captured::default());
    let length = config.hash_signature_data(&mut captured)?;
    let mut bytes = captured.finalize().into_vec();
    bytes.extend(config.trailer(length)?);
    Ok(bytes)
}

/// Why there is no digest.
enum NoDigest {
    Malformed,
    WeakHash,
    Bulk(BulkError),
}

/// Hashes salt, data and the signature's own part.
///
/// For text signatures `data` must already have CRLF at the ends of its lines.
async fn digest(
    engine: &impl BulkEngine,
    config: &SignatureConfig,
    data: &[u8],
) -> Result<Vec<u8>, NoDigest> {
    let kind = policy::hash_kind(config.hash_alg).ok_or(NoDigest::WeakHash)?;
    let own = own_part(config).map_err(|_| NoDigest::Malformed)?;
    let salt: &[u8] = match &config.version_specific {
        SignatureVersionSpecific::V6 { salt } => {
            if config.hash_alg.salt_len() != Some(salt.len()) {
                return Err(NoDigest::Malformed);
            }
            salt
        }
        SignatureVersionSpecific::V4 => &[],
        // Versions 2 and 3 do not even say which key made them in a way that is signed.
        _ => return Err(NoDigest::Malformed),
    };
    engine
        .hash(kind, &[salt, data, &own])
        .await
        .map_err(NoDigest::Bulk)
}

/// Ends every line with CRLF, as text signatures want it.
pub(super) fn with_crlf(text: &[u8]) -> Vec<u8> {
    let mut output = Vec::with_capacity(text.len() + text.len() / 32);
    let mut previous = 0;
    for &byte in text {
        if byte == b'\n' && previous != b'\r' {
            output.push(b'\r');
        }
        output.push(byte);
        previous = byte;
    }
    output
}

// --- making ---

/// A key chosen for signing, and the signature begun with it.
///
/// Begun before the data are written, because a one-pass signature packet with the same salt
/// goes in front of them.
pub(super) struct Signing<'a> {
    key: AnySecretKey<'a>,
    config: SignatureConfig,
}

impl<'a> Signing<'a> {
    /// Chooses the signing key and fixes everything but the digest.
    pub(super) fn begin(
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
    pub(super) fn one_pass(&self) -> Result<OnePassSignature, SignError> {
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
    pub(super) fn hash_name(&self) -> String {
        self.config.hash_alg.to_string()
    }

    /// Who can verify it.
    pub(super) fn readers(&self) -> Readers {
        match self.config.version_specific {
            SignatureVersionSpecific::V6 { .. } => Readers::Modern,
            _ => Readers::All,
        }
    }

    /// Signs `data`, which for text signatures must have CRLF at the ends of its lines.
    pub(super) async fn finish(
        self,
        engine: &impl BulkEngine,
        data: &[u8],
    ) -> Result<Signature, SignError> {
        let internal = |error: pgp::errors::Error| SignError::Internal(error.to_string());
        let digest = match digest(engine, &self.config, data).await {
            Ok(digest) => digest,
            Err(NoDigest::Bulk(error)) => return Err(error.into()),
            Err(_) => return Err(SignError::Internal("it cannot be hashed".to_owned())),
        };
        let hash = self.config.hash_alg;
        let signature = self.key.sign(hash, &digest).map_err(internal)?;
        let beginning = digest
            .first_chunk::<2>()
            .copied()
            .ok_or_else(|| SignError::Internal("its digest is empty".to_owned()))?;
        Signature::from_config(self.config, beginning, signature).map_err(internal)
    }
}

fn begin(
    rng: &mut (impl RngCore + CryptoRng),
    key: &impl pgp::types::SigningKey,
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

// --- judging ---

/// By what signatures over one piece of data are judged.
#[derive(Clone, Copy)]
pub(super) struct Judge<'a> {
    pub(super) verifiers: &'a [&'a Certificate],
    pub(super) now: UnixTime,
    /// The certificate whose key opened the message, if one did.
    pub(super) recipient: Option<&'a Certificate>,
}

impl Judge<'_> {
    /// Judges one signature over these data.
    pub(super) async fn verdict(
        &self,
        engine: &impl BulkEngine,
        signature: &Signature,
        data: &[u8],
    ) -> Result<SignatureVerdict, BulkError> {
        let bad = |why| Ok(SignatureVerdict::Bad(why));
        let Some(config) = signature.config() else {
            return bad(BadSignature::Malformed);
        };
        let makers = self.possible_makers(signature);
        if makers.is_empty() {
            return Ok(SignatureVerdict::UnknownSigner {
                issuer: issuer(signature),
            });
        }
        let normalised;
        let data = match config.typ {
            SignatureType::Binary => data,
            SignatureType::Text => {
                normalised = with_crlf(data);
                &normalised
            }
            _ => return bad(BadSignature::Malformed),
        };
        let digest = match digest(engine, config, data).await {
            Ok(digest) => digest,
            Err(NoDigest::Bulk(error)) => return Err(error),
            Err(NoDigest::WeakHash) => return bad(BadSignature::WeakAlgorithm),
            Err(NoDigest::Malformed) => return bad(BadSignature::Malformed),
        };
        let Some(bytes) = signature.signature() else {
            return bad(BadSignature::Malformed);
        };
        let beginning = digest.get(..2);
        if beginning != signature.signed_hash_value().as_ref().map(|two| &two[..]) {
            return bad(BadSignature::Mismatch);
        }
        let mut worst = BadSignature::Mismatch;
        for (certificate, key) in makers {
            let verified = match key {
                policy::AnyKey::Primary(key) => key.verify(config.hash_alg, &digest, bytes),
                policy::AnyKey::Subkey(key) => key.verify(config.hash_alg, &digest, bytes),
            };
            if verified.is_err() {
                continue;
            }
            match self.judge(config, certificate, &key.fingerprint()) {
                Ok(at) => {
                    return Ok(SignatureVerdict::Good {
                        signer: certificate.fingerprint(),
                        at,
                    });
                }
                Err(why) => worst = why,
            }
        }
        bad(worst)
    }

    /// The rules for a signature that matches its data.
    fn judge(
        &self,
        config: &SignatureConfig,
        certificate: &Certificate,
        key: &Fingerprint,
    ) -> Result<UnixTime, BadSignature> {
        let at = policy::judge_data_signature(config, self.now)?;
        policy::judge_signer(certificate, key, at)?;
        if let Some(recipient) = self.recipient {
            let mut intended = config
                .hashed_subpackets()
                .filter_map(|subpacket| match &subpacket.data {
                    SubpacketData::IntendedRecipientFingerprint(print) => Some(print),
                    _ => None,
                })
                .peekable();
            if intended.peek().is_some()
                && !intended.any(|print| *print == recipient.primary.fingerprint())
            {
                return Err(BadSignature::ForSomebodyElse);
            }
        }
        Ok(at)
    }

    /// The keys among the verifiers' that the signature may have been made with.
    fn possible_makers(&self, signature: &Signature) -> Vec<(&Certificate, policy::AnyKey<'_>)> {
        let mut makers = Vec::new();
        for certificate in self.verifiers {
            if claims_to_be_by(signature, &certificate.primary) {
                makers.push((*certificate, policy::AnyKey::Primary(&certificate.primary)));
            }
            for subkey in &certificate.subkeys {
                if claims_to_be_by(signature, &subkey.key) {
                    makers.push((*certificate, policy::AnyKey::Subkey(&subkey.key)));
                }
            }
        }
        makers
    }
}

/// What a signature says about its maker, in hexadecimal.
fn issuer(signature: &Signature) -> String {
    let print = signature
        .issuer_fingerprint()
        .first()
        .map(|print| data_encoding::HEXUPPER.encode(print.as_bytes()));
    let id = || {
        signature
            .issuer_key_id()
            .first()
            .map(|id| data_encoding::HEXUPPER.encode(id.as_ref()))
    };
    print.or_else(id).unwrap_or_default()
}

/// The verdict to show for several signatures: one good one is enough, a bad one is said before
/// an unknown one.
pub(super) fn best(verdicts: &[SignatureVerdict]) -> SignatureVerdict {
    let rank = |verdict: &&SignatureVerdict| match verdict {
        SignatureVerdict::Good { .. } => 3,
        SignatureVerdict::Bad(_) => 2,
        SignatureVerdict::UnknownSigner { .. } => 1,
        SignatureVerdict::Unsigned => 0,
    };
    verdicts
        .iter()
        .max_by_key(rank)
        .cloned()
        .unwrap_or(SignatureVerdict::Unsigned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_with_crlf_once() {
        assert_eq!(with_crlf(b"a\nb\r\nc\rd\n"), b"a\r\nb\r\nc\rd\r\n");
    }

    #[test]
    fn one_good_signature_is_enough_and_a_bad_one_is_said() {
        let bad = SignatureVerdict::Bad(BadSignature::Mismatch);
        let unknown = SignatureVerdict::UnknownSigner {
            issuer: String::new(),
        };
        let good = SignatureVerdict::Good {
            signer: Fingerprint::from_bytes(&[1; 20]),
            at: UnixTime(1),
        };
        assert_eq!(best(&[unknown.clone(), bad.clone()]), bad);
        assert_eq!(best(&[bad, good.clone(), unknown]), good);
        assert_eq!(best(&[]), SignatureVerdict::Unsigned);
    }
}
