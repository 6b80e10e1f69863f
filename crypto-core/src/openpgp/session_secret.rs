//! Session keys outside of messages: handed out after encrypting or decrypting, so that one
//! message can be opened to somebody without a private key changing hands.

use std::fmt;

use pgp::crypto::sym::SymmetricKeyAlgorithm;
use zeroize::Zeroizing;

use super::container::{SessionKey, cipher_id, cipher_of};

/// The key of one message. Whoever has it reads the message.
#[derive(Clone)]
pub struct SessionSecret {
    algorithm: u8,
    key: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for SessionSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionSecret(..)")
    }
}

impl SessionSecret {
    /// A session key for the cipher with this number (RFC 9580, section 9.3).
    pub fn new(algorithm: u8, key: Vec<u8>) -> Self {
        Self {
            algorithm,
            key: Zeroizing::new(key),
        }
    }

    /// The number of the cipher (RFC 9580, section 9.3).
    pub fn algorithm(&self) -> u8 {
        self.algorithm
    }

    /// Lends the key to code that needs it.
    pub fn expose(&self) -> &[u8] {
        &self.key
    }

    pub(super) fn of(key: &SessionKey) -> Self {
        Self {
            algorithm: cipher_id(key.cipher).into(),
            key: key.key.clone(),
        }
    }

    /// `None` for a cipher that is not supported, or if the length does not fit it.
    pub(super) fn to_session_key(&self) -> Option<SessionKey> {
        let cipher = cipher_of(SymmetricKeyAlgorithm::from(self.algorithm))?;
        (self.key.len() == cipher.key_len()).then(|| SessionKey {
            cipher,
            key: self.key.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_it_is_printed_and_lengths_must_fit() {
        let secret = SessionSecret::new(9, vec![0x41; 32]);
        assert_eq!(format!("{secret:?}"), "SessionSecret(..)");
        assert!(secret.to_session_key().is_some());
        assert!(
            SessionSecret::new(9, vec![0; 16])
                .to_session_key()
                .is_none()
        );
        assert!(
            SessionSecret::new(2, vec![0; 24])
                .to_session_key()
                .is_none()
        );
    }
}
