//! The side that knows the passphrase.

use std::fmt;

use rand::{CryptoRng, RngCore};
use sha2_011::Sha256;
use srp::groups::{G3072, G4096};
use zeroize::Zeroizing;

use super::{
    Group, SrpError, SrpSession,
    math::{self, Agreed, SecretNumber, Transcript},
};
use crate::secret::Secret;

/// Makes the verifier that the server keeps: `v = g^x`, padded to [`Group::byte_len`].
///
/// # Security
///
/// Whoever has it can test guesses of the passphrase, at the price of one Argon2id each.
#[must_use]
pub fn make_verifier(
    group: Group,
    identity: &str,
    login_secret: &Secret<[u8; 32]>,
    salt: &[u8],
) -> Vec<u8> {
    match group {
        Group::Bits3072 => verifier::<G3072>(identity, login_secret, salt),
        Group::Bits4096 => verifier::<G4096>(identity, login_secret, salt),
    }
}

fn verifier<G: srp::Group>(
    identity: &str,
    login_secret: &Secret<[u8; 32]>,
    salt: &[u8],
) -> Vec<u8> {
    let x = math::private_key::<G, Sha256>(identity, login_secret.expose(), salt);
    math::power_of_g::<G, Sha256>(&x)
}

/// A client that has sent `A` and waits for `B`.
pub struct ClientHandshake {
    group: Group,
    a: SecretNumber,
    a_pub: Vec<u8>,
}

impl ClientHandshake {
    /// Makes the secret `a` and the public `A`, padded to [`Group::byte_len`].
    pub fn start(group: Group, rng: &mut (impl RngCore + CryptoRng)) -> (Self, Vec<u8>) {
        let mut bytes = Zeroizing::new(vec![0; group.secret_len()]);
        rng.fill_bytes(&mut bytes);
        Self::with_secret(group, &bytes)
    }

    pub(super) fn with_secret(group: Group, bytes: &[u8]) -> (Self, Vec<u8>) {
        let a = math::secret_number(bytes);
        let a_pub = match group {
            Group::Bits3072 => math::power_of_g::<G3072, Sha256>(&a),
            Group::Bits4096 => math::power_of_g::<G4096, Sha256>(&a),
        };
        let public = a_pub.clone();
        (Self { group, a, a_pub }, public)
    }

    /// Takes the server's `B` and computes the proof `M1`.
    ///
    /// # Errors
    ///
    /// [`SrpError::IllegalValue`] when `B` is zero modulo `N`, not below `N` or of another length
    /// than [`Group::byte_len`], or when `u` is zero.
    pub fn answer(
        self,
        identity: &str,
        login_secret: &Secret<[u8; 32]>,
        salt: &[u8],
        b_pub: &[u8],
    ) -> Result<ClientProof, SrpError> {
        let agreed = match self.group {
            Group::Bits3072 => self.agree::<G3072>(identity, login_secret, salt, b_pub),
            Group::Bits4096 => self.agree::<G4096>(identity, login_secret, salt, b_pub),
        }?;
        Ok(ClientProof { agreed })
    }

    fn agree<G: srp::Group>(
        &self,
        identity: &str,
        login_secret: &Secret<[u8; 32]>,
        salt: &[u8],
        b_pub: &[u8],
    ) -> Result<Agreed<Sha256>, SrpError> {
        let b_number = math::public_number::<G>(b_pub)?;
        let u = math::scrambler::<G, Sha256>(&self.a_pub, b_pub)?;
        let x = math::private_key::<G, Sha256>(identity, login_secret.expose(), salt);
        let shared = math::client_secret::<G, Sha256>(&self.a, &x, &u, &b_number);
        let transcript = Transcript {
            identity,
            salt,
            a_pub: &self.a_pub,
            b_pub,
        };
        Ok(math::agree::<G, Sha256>(&shared, &transcript))
    }
}

impl fmt::Debug for ClientHandshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientHandshake")
            .field("group", &self.group)
            .finish_non_exhaustive()
    }
}

/// A client that has proved itself and does not trust the server yet.
pub struct ClientProof {
    agreed: Agreed<Sha256>,
}

impl ClientProof {
    /// `M1`, 32 bytes, to be sent.
    #[must_use]
    pub fn proof(&self) -> &[u8] {
        &self.agreed.client_proof
    }

    /// Checks the server's `M2` in constant time. Only this gives a session.
    ///
    /// # Errors
    ///
    /// [`SrpError::WrongProof`] when it does not fit, missing bytes included.
    pub fn verify_server(self, server_proof: &[u8]) -> Result<SrpSession, SrpError> {
        if !math::same_proof(&self.agreed.server_proof, server_proof) {
            return Err(SrpError::WrongProof);
        }
        Ok(SrpSession::new(&self.agreed.key))
    }
}

impl fmt::Debug for ClientProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientProof(..)")
    }
}
