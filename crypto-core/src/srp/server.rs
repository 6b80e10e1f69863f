//! The side that keeps a verifier.

use std::fmt;

use hkdf_013::Hkdf;
use rand::{CryptoRng, RngCore};
use sha2_011::Sha256;
use srp::groups::{G3072, G4096};
use zeroize::Zeroizing;

use super::{
    Group, SrpError, SrpSession,
    math::{self, Agreed, Transcript},
};
use crate::secret::Secret;

/// Tells whether a verifier can be one of this group: right length, `1 < v < N - 1`.
///
/// # Errors
///
/// [`SrpError::BadVerifier`] otherwise.
pub fn check_verifier(group: Group, verifier: &[u8]) -> Result<(), SrpError> {
    match group {
        Group::Bits3072 => math::verifier_number::<G3072>(verifier).map(drop),
        Group::Bits4096 => math::verifier_number::<G4096>(verifier).map(drop),
    }
}

/// A verifier for an address nobody has: stable for the same seed, and fit for
/// [`ServerHandshake::start`], so that strangers cannot tell which accounts exist.
///
/// # Security
///
/// It is made by hashing, in microseconds, because an exponentiation here would take a time that
/// real accounts do not take. No passphrase fits it. The seed is a keyed hash of the address
/// under a secret of the server.
#[must_use]
pub fn fake_verifier(group: Group, seed: &[u8; 32]) -> Vec<u8> {
    let mut bytes = vec![0; group.byte_len()];
    // The first byte stays zero: all moduli begin with 0xFF, so the value lies below.
    if let Some(rest) = bytes.get_mut(1..) {
        // Cannot fail: the limit of HKDF-SHA-256 is 8160 bytes.
        let filled = Hkdf::<Sha256>::new(None, seed).expand(b"letterlock/1 no account", rest);
        debug_assert!(filled.is_ok());
    }
    bytes
}

/// A server that has sent `B` and waits for `A` and `M1`.
///
/// Good for one try: [`ServerHandshake::check`] consumes it.
pub struct ServerHandshake {
    group: Group,
    b: Zeroizing<Vec<u8>>,
    verifier: Zeroizing<Vec<u8>>,
    b_pub: Vec<u8>,
}

const STATE_VERSION: u8 = 1;

impl ServerHandshake {
    /// Makes the secret `b` and the public `B`, padded to [`Group::byte_len`].
    ///
    /// # Errors
    ///
    /// [`SrpError::BadVerifier`] when the verifier is not one of this group.
    pub fn start(
        group: Group,
        verifier: &[u8],
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<(Self, Vec<u8>), SrpError> {
        loop {
            let mut b = Zeroizing::new(vec![0; group.secret_len()]);
            rng.fill_bytes(&mut b);
            let (handshake, public) = Self::with_secret(group, verifier, b)?;
            // B = 0 has a chance of 2^-3071; the client would refuse it.
            if public.iter().any(|byte| *byte != 0) {
                return Ok((handshake, public));
            }
        }
    }

    pub(super) fn with_secret(
        group: Group,
        verifier: &[u8],
        b: Zeroizing<Vec<u8>>,
    ) -> Result<(Self, Vec<u8>), SrpError> {
        let b_pub = match group {
            Group::Bits3072 => public_value::<G3072>(verifier, &b),
            Group::Bits4096 => public_value::<G4096>(verifier, &b),
        }?;
        let public = b_pub.clone();
        let verifier = Zeroizing::new(verifier.to_vec());
        Ok((
            Self {
                group,
                b,
                verifier,
                b_pub,
            },
            public,
        ))
    }

    /// Checks the client's proof in constant time and answers with `M2`, 32 bytes.
    ///
    /// # Errors
    ///
    /// [`SrpError::IllegalValue`] when `A` is zero modulo `N`, not below `N` or of another length
    /// than [`Group::byte_len`]; [`SrpError::WrongProof`] when `M1` does not fit. Tell the client
    /// the same in both cases.
    pub fn check(
        self,
        identity: &str,
        salt: &[u8],
        a_pub: &[u8],
        client_proof: &[u8],
    ) -> Result<(Vec<u8>, SrpSession), SrpError> {
        let agreed = match self.group {
            Group::Bits3072 => self.agree::<G3072>(identity, salt, a_pub),
            Group::Bits4096 => self.agree::<G4096>(identity, salt, a_pub),
        }?;
        if !math::same_proof(&agreed.client_proof, client_proof) {
            return Err(SrpError::WrongProof);
        }
        Ok((agreed.server_proof.to_vec(), SrpSession::new(&agreed.key)))
    }

    fn agree<G: srp::Group>(
        &self,
        identity: &str,
        salt: &[u8],
        a_pub: &[u8],
    ) -> Result<Agreed<Sha256>, SrpError> {
        let a_number = math::public_number::<G>(a_pub)?;
        let verifier = math::verifier_number::<G>(&self.verifier)?;
        let u = math::scrambler::<G, Sha256>(a_pub, &self.b_pub)?;
        let b = math::secret_number(&self.b);
        let shared = math::server_secret::<G, Sha256>(&b, &verifier, &u, &a_number);
        let transcript = Transcript {
            identity,
            salt,
            a_pub,
            b_pub: &self.b_pub,
        };
        Ok(math::agree::<G, Sha256>(&shared, &transcript))
    }

    /// For a store that several server processes share: version, group, `b`, `v`, `B`.
    ///
    /// # Security
    ///
    /// As secret as the verifier; keep it two minutes and hand it out once.
    #[must_use]
    pub fn to_bytes(&self) -> Secret<Vec<u8>> {
        let group = match self.group {
            Group::Bits3072 => 1,
            Group::Bits4096 => 2,
        };
        let mut bytes =
            Vec::with_capacity(2 + self.b.len() + self.verifier.len() + self.b_pub.len());
        bytes.extend_from_slice(&[STATE_VERSION, group]);
        bytes.extend_from_slice(&self.b);
        bytes.extend_from_slice(&self.verifier);
        bytes.extend_from_slice(&self.b_pub);
        Secret::new(bytes)
    }

    /// Takes back what [`ServerHandshake::to_bytes`] gave.
    ///
    /// # Errors
    ///
    /// [`SrpError::BadVerifier`] when the bytes are nothing of ours.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SrpError> {
        let (group, rest) = match bytes.split_first_chunk::<2>() {
            Some(([STATE_VERSION, 1], rest)) => (Group::Bits3072, rest),
            Some(([STATE_VERSION, 2], rest)) => (Group::Bits4096, rest),
            _ => return Err(SrpError::BadVerifier),
        };
        let (b, rest) = rest
            .split_at_checked(group.secret_len())
            .ok_or(SrpError::BadVerifier)?;
        let (verifier, b_pub) = rest
            .split_at_checked(group.byte_len())
            .ok_or(SrpError::BadVerifier)?;
        check_verifier(group, verifier)?;
        // `B` is ours and was in range; a damaged one must still not reach the crate.
        if b_pub.len() != group.byte_len() {
            return Err(SrpError::BadVerifier);
        }
        Ok(Self {
            group,
            b: Zeroizing::new(b.to_vec()),
            verifier: Zeroizing::new(verifier.to_vec()),
            b_pub: b_pub.to_vec(),
        })
    }
}

fn public_value<G: srp::Group>(verifier: &[u8], b: &[u8]) -> Result<Vec<u8>, SrpError> {
    let verifier = math::verifier_number::<G>(verifier)?;
    Ok(math::server_public::<G, Sha256>(
        &verifier,
        &math::secret_number(b),
    ))
}

impl fmt::Debug for ServerHandshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerHandshake")
            .field("group", &self.group)
            .finish_non_exhaustive()
    }
}
