//! What both sides share after both proofs.

use std::fmt;

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hkdf_013::Hkdf;
use rand::{CryptoRng, RngCore};
use sha2_011::Sha256;
use zeroize::Zeroizing;

use super::SrpError;
use crate::secret::Secret;

const NONCE_LEN: usize = 24;
const LABEL: &[u8] = b"letterlock/1 grant";

/// A login both sides have proved. It seals what the server gives, so that whoever reads the
/// transport (a proxy, a log) does not get the token.
pub struct SrpSession {
    grant_key: Secret<[u8; 32]>,
}

impl SrpSession {
    pub(super) fn new(shared: &[u8]) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        // Cannot fail: 32 bytes are one block.
        let filled = Hkdf::<Sha256>::new(None, shared).expand(LABEL, key.as_mut_slice());
        debug_assert!(filled.is_ok());
        Self {
            grant_key: Secret::new(*key),
        }
    }

    /// Seals the grant with XChaCha20-Poly1305: nonce of 24 bytes, then ciphertext and tag.
    #[must_use]
    pub fn seal_grant(&self, plaintext: &[u8], rng: &mut (impl RngCore + CryptoRng)) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        rng.fill_bytes(&mut nonce);
        let payload = Payload {
            msg: plaintext,
            aad: LABEL,
        };
        let mut sealed = nonce.to_vec();
        // Cannot fail below 256 GiB.
        let ciphertext = self.cipher().encrypt(XNonce::from_slice(&nonce), payload);
        debug_assert!(ciphertext.is_ok());
        sealed.extend_from_slice(&ciphertext.unwrap_or_default());
        sealed
    }

    /// Opens what [`SrpSession::seal_grant`] made.
    ///
    /// # Errors
    ///
    /// [`SrpError::CannotOpen`] when it was sealed in another session or changed.
    pub fn open_grant(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SrpError> {
        let (nonce, ciphertext) = sealed
            .split_first_chunk::<NONCE_LEN>()
            .ok_or(SrpError::CannotOpen)?;
        let payload = Payload {
            msg: ciphertext,
            aad: LABEL,
        };
        self.cipher()
            .decrypt(XNonce::from_slice(nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| SrpError::CannotOpen)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.grant_key.expose().into())
    }
}

impl fmt::Debug for SrpSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SrpSession(..)")
    }
}
