//! Judging signatures.

use pgp::{
    packet::{Signature, SignatureConfig, SignatureType, SubpacketData},
    types::{KeyDetails, VerifyingKey},
};

use super::{NoDigest, digest, with_crlf};
use crate::{
    bulk::{BulkEngine, BulkError},
    ids::{Fingerprint, UnixTime},
    openpgp::{BadSignature, Certificate, SignatureVerdict, assemble::claims_to_be_by, policy},
};

/// By what signatures over one piece of data are judged.
#[derive(Clone, Copy)]
pub(in crate::openpgp) struct Judge<'a> {
    pub(in crate::openpgp) verifiers: &'a [&'a Certificate],
    pub(in crate::openpgp) now: UnixTime,
    /// The certificate whose key opened the message, if one did.
    pub(in crate::openpgp) recipient: Option<&'a Certificate>,
}

impl Judge<'_> {
    /// Judges one signature over these data.
    pub(in crate::openpgp) async fn verdict(
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
pub(in crate::openpgp) fn best(verdicts: &[SignatureVerdict]) -> SignatureVerdict {
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
