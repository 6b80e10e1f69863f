//! The one key a passphrase wraps.

use std::fmt;

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use rand::{CryptoRng, RngCore};
use zeroize::Zeroizing;

use super::VaultError;
use crate::{kdf::UnlockKey, secret::Secret};

const FORMAT: u8 = 1;
const NONCE_LEN: usize = 24;
const LABEL: &[u8] = b"letterlock/1 vault key";

/// The root of everything that is sealed for an account: 32 random bytes, made once.
#[derive(Clone)]
pub struct VaultKey(Secret<[u8; 32]>);

impl VaultKey {
    /// Makes the key of a new account.
    pub fn make(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        rng.fill_bytes(bytes.as_mut_slice());
        Self(Secret::new(*bytes))
    }

    /// Wraps the key for one account under a passphrase's key: 73 bytes, safe to hand to a
    /// server. `address` is the account's, in lower case.
    #[must_use]
    pub fn wrap(
        &self,
        unlock_key: &UnlockKey,
        address: &str,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        rng.fill_bytes(&mut nonce);
        let aad = associated_data(address);
        let payload = Payload {
            msg: self.0.expose(),
            aad: &aad,
        };
        // Cannot fail below 256 GiB.
        let ciphertext = cipher(unlock_key).encrypt(XNonce::from_slice(&nonce), payload);
        debug_assert!(ciphertext.is_ok());
        let mut wrapped = vec![FORMAT];
        wrapped.extend_from_slice(&nonce);
        wrapped.extend_from_slice(&ciphertext.unwrap_or_default());
        wrapped
    }

    /// Opens what [`VaultKey::wrap`] made.
    ///
    /// # Errors
    ///
    /// [`VaultError::CannotOpen`] for another passphrase, another account or changed bytes.
    pub fn unwrap(
        wrapped: &[u8],
        unlock_key: &UnlockKey,
        address: &str,
    ) -> Result<Self, VaultError> {
        let Some((&FORMAT, rest)) = wrapped.split_first() else {
            return Err(VaultError::CannotOpen);
        };
        let (nonce, ciphertext) = rest
            .split_first_chunk::<NONCE_LEN>()
            .ok_or(VaultError::CannotOpen)?;
        let aad = associated_data(address);
        let payload = Payload {
            msg: ciphertext,
            aad: &aad,
        };
        let opened = cipher(unlock_key)
            .decrypt(XNonce::from_slice(nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| VaultError::CannotOpen)?;
        let key = opened
            .as_slice()
            .try_into()
            .map_err(|_| VaultError::CannotOpen)?;
        Ok(Self(Secret::new(key)))
    }

    /// Takes a key that [`VaultKey::to_secret`] gave.
    #[must_use]
    pub fn from_secret(bytes: Secret<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// The key itself, for memory that keeps an unlocked session and ends with it.
    ///
    /// # Security
    /// Whoever has it opens everything; it must not reach a disk.
    #[must_use]
    pub fn to_secret(&self) -> Secret<[u8; 32]> {
        self.0.clone()
    }

    pub(super) fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }
}

impl fmt::Debug for VaultKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VaultKey(..)")
    }
}

fn cipher(unlock_key: &UnlockKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(unlock_key.expose().into())
}

fn associated_data(address: &str) -> Vec<u8> {
    let mut aad = LABEL.to_vec();
    aad.push(FORMAT);
    aad.extend_from_slice(address.as_bytes());
    aad
}
