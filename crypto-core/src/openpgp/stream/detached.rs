//! Detached signatures over data that come piece by piece.

use pgp::{
    armor::BlockType,
    packet::{Signature, SignatureType},
};
use rand::{CryptoRng, RngCore};

use super::digests::Digests;
use crate::{
    ids::UnixTime,
    openpgp::{
        BadSignature, Certificate, SecretCertificate, SignatureVerdict,
        armor::{self, Readers},
        certificate::write_packet,
        detached::read_signatures,
        error::{SignError, VerifyError},
        signature::{Judge, RunningSigning, Signing},
    },
};

/// Signs data piece by piece; what [`crate::openpgp::sign_detached`] does for whole buffers.
pub struct StreamSigner {
    signing: RunningSigning,
    readers: Readers,
    armor: bool,
    bytes_in: u64,
}

impl std::fmt::Debug for StreamSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StreamSigner")
            .field("bytes_in", &self.bytes_in)
            .finish_non_exhaustive()
    }
}

impl StreamSigner {
    /// Begins a binary signature; the signing key is copied, and wiped on drop.
    ///
    /// # Errors
    /// See [`SignError`].
    pub fn start(
        rng: &mut (impl RngCore + CryptoRng),
        signer: &SecretCertificate,
        now: UnixTime,
        armor: bool,
    ) -> Result<Self, SignError> {
        let signing = Signing::begin(rng, signer, SignatureType::Binary, now, &[])?;
        Ok(Self {
            readers: signing.readers(),
            signing: signing.running()?,
            armor,
            bytes_in: 0,
        })
    }

    /// How many bytes have been taken in.
    #[must_use]
    pub fn bytes_in(&self) -> u64 {
        self.bytes_in
    }

    /// Takes in the next piece.
    pub fn push(&mut self, data: &[u8]) {
        self.signing.update(data);
        self.bytes_in += data.len() as u64;
    }

    /// The signature over all pieces.
    ///
    /// # Errors
    /// [`SignError::Internal`].
    pub fn finish(self) -> Result<Vec<u8>, SignError> {
        let mut bytes = Vec::new();
        write_packet(&self.signing.finish()?, &mut bytes);
        Ok(if self.armor {
            armor::write(&bytes, BlockType::Signature, self.readers)
        } else {
            bytes
        })
    }
}

/// Judges detached signatures over data that come piece by piece; what
/// [`crate::openpgp::verify_detached`] does for whole buffers.
pub struct StreamVerifier {
    signatures: Vec<Option<Signature>>,
    verifiers: Vec<Certificate>,
    digests: Digests,
    bytes_in: u64,
}

impl std::fmt::Debug for StreamVerifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StreamVerifier")
            .field("bytes_in", &self.bytes_in)
            .finish_non_exhaustive()
    }
}

impl StreamVerifier {
    /// Reads the signatures, armored or binary; the certificates are copied.
    ///
    /// # Errors
    /// See [`VerifyError`].
    pub fn start(signature: &[u8], verifiers: &[&Certificate]) -> Result<Self, VerifyError> {
        let signatures = read_signatures(signature)?;
        let digests = Digests::of(&[], &signatures);
        Ok(Self {
            signatures,
            verifiers: verifiers.iter().map(|one| (*one).clone()).collect(),
            digests,
            bytes_in: 0,
        })
    }

    /// How many bytes have been taken in.
    #[must_use]
    pub fn bytes_in(&self) -> u64 {
        self.bytes_in
    }

    /// Takes in the next piece of the signed data.
    pub fn push(&mut self, data: &[u8]) {
        self.digests.update(data);
        self.bytes_in += data.len() as u64;
    }

    /// One verdict a signature, at least one.
    #[must_use]
    pub fn finish(self, now: UnixTime) -> Vec<SignatureVerdict> {
        let verifiers: Vec<&Certificate> = self.verifiers.iter().collect();
        let judge = Judge {
            verifiers: &verifiers,
            now,
            recipient: None,
        };
        self.signatures
            .iter()
            .map(|signature| match signature {
                Some(signature) => {
                    judge
                        .judgement_of(signature, |config| self.digests.digest(config))
                        .verdict
                }
                None => SignatureVerdict::Bad(BadSignature::Malformed),
            })
            .collect()
    }
}
