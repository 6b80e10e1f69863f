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

/// A verdict, and which key of the signer's certificate made the signature, if it is good.
pub(in crate::openpgp) struct Judgement {
    pub(in crate::openpgp) verdict: SignatureVerdict,
    pub(in crate::openpgp) key: Option<Fingerprint>,
}

impl From<SignatureVerdict> for Judgement {
    fn from(verdict: SignatureVerdict) -> Self {
        Self { verdict, key: None }
    }
}

/// A signature that may be good, and the keys that may have made it.
struct Open<'a> {
    config: &'a SignatureConfig,
    makers: Vec<(&'a Certificate, policy::AnyKey<'a>)>,
}

impl Judge<'_> {
    /// Judges one signature over these data.
    pub(in crate::openpgp) async fn verdict(
        &self,
        engine: &impl BulkEngine,
        signature: &Signature,
        data: &[u8],
    ) -> Result<SignatureVerdict, BulkError> {
        let judgement = self.judgement(engine, signature, data).await?;
        Ok(judgement.verdict)
    }

    /// Judges one signature over these data, and names the key that made it.
    pub(in crate::openpgp) async fn judgement(
        &self,
        engine: &impl BulkEngine,
        signature: &Signature,
        data: &[u8],
    ) -> Result<Judgement, BulkError> {
        let open = match self.begin(signature) {
            Ok(open) => open,
            Err(judgement) => return Ok(judgement),
        };
        let normalised;
        let data = match open.config.typ {
            SignatureType::Text => {
                normalised = with_crlf(data);
                &normalised
            }
            _ => data,
        };
        match digest(engine, open.config, data).await {
            Err(NoDigest::Bulk(error)) => Err(error),
            digest => Ok(self.decide(signature, &open, digest)),
        }
    }

    /// The same over data that were hashed piece by piece.
    pub(in crate::openpgp) fn judgement_of(
        &self,
        signature: &Signature,
        digest: impl FnOnce(&SignatureConfig) -> Result<Vec<u8>, NoDigest>,
    ) -> Judgement {
        match self.begin(signature) {
            Ok(open) => self.decide(signature, &open, digest(open.config)),
            Err(judgement) => judgement,
        }
    }

    /// What can be said without a digest.
    fn begin<'s>(&'s self, signature: &'s Signature) -> Result<Open<'s>, Judgement> {
        let malformed = || Judgement::from(SignatureVerdict::Bad(BadSignature::Malformed));
        let config = signature.config().ok_or_else(malformed)?;
        let makers = self.possible_makers(signature);
        if makers.is_empty() {
            let issuer = issuer(signature);
            return Err(SignatureVerdict::UnknownSigner { issuer }.into());
        }
        if !matches!(config.typ, SignatureType::Binary | SignatureType::Text) {
            return Err(malformed());
        }
        Ok(Open { config, makers })
    }

    /// The verdict about a signature whose digest is known.
    fn decide(
        &self,
        signature: &Signature,
        open: &Open<'_>,
        digest: Result<Vec<u8>, NoDigest>,
    ) -> Judgement {
        let bad = |why| SignatureVerdict::Bad(why).into();
        let digest = match digest {
            Ok(digest) => digest,
            Err(NoDigest::WeakHash) => return bad(BadSignature::WeakAlgorithm),
            Err(NoDigest::Malformed | NoDigest::Bulk(_)) => return bad(BadSignature::Malformed),
        };
        let Some(bytes) = signature.signature() else {
            return bad(BadSignature::Malformed);
        };
        let beginning = digest.get(..2);
        if beginning != signature.signed_hash_value().as_ref().map(|two| &two[..]) {
            return bad(BadSignature::Mismatch);
        }
        let config = open.config;
        let mut worst = BadSignature::Mismatch;
        for (certificate, key) in &open.makers {
            let verified = match key {
                policy::AnyKey::Primary(key) => key.verify(config.hash_alg, &digest, bytes),
                policy::AnyKey::Subkey(key) => key.verify(config.hash_alg, &digest, bytes),
            };
            if verified.is_err() {
                continue;
            }
            match self.judge(config, certificate, &key.fingerprint()) {
                Ok(at) => {
                    let signer = certificate.fingerprint();
                    return Judgement {
                        verdict: SignatureVerdict::Good { signer, at },
                        key: Some(key.fingerprint()),
                    };
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
        .map(|print| crate::hex::upper(print.as_bytes()));
    let id = || {
        signature
            .issuer_key_id()
            .first()
            .map(|id| crate::hex::upper(id.as_ref()))
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
