//! Login without the server learning the passphrase: SRP-6a with SHA-256 (RFC 5054).
//!
//! The server keeps a verifier `v = g^x`. A stranger who talks to it, or listens, learns nothing
//! to test guesses on; the client sends nothing that the server could use elsewhere, and trusts
//! no byte of the server before the server has proved that it knows `v`.
//!
//! | value | how it is made |
//! |---|---|
//! | `x` | `H(salt \| H(identity \| ":" \| login secret))` |
//! | `k` | `H(N \| PAD(g))` |
//! | `u` | `H(PAD(A) \| PAD(B))`, never zero |
//! | `K` | `H(PAD(S))` |
//! | `M1` | `H(H(N) xor H(PAD(g)) \| H(identity) \| salt \| PAD(A) \| PAD(B) \| K)` |
//! | `M2` | `H(PAD(A) \| M1 \| K)` |
//!
//! Every number is big-endian and padded to the group's length, on the wire and in hashes. The
//! identity is the account's address in lower case; the caller lowers it.
//!
//! States are types: the answer of the server turns a [`ClientHandshake`] into a [`ClientProof`],
//! and only a right `M2` turns that into an [`SrpSession`].
//!
//! ```
//! use crypto_core::{secret::Secret, srp::{ClientHandshake, Group, ServerHandshake, make_verifier}};
//! # use rand::SeedableRng;
//! # let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(1);
//! let (login_secret, salt) = (Secret::new([7; 32]), [9; 16]);
//! let verifier = make_verifier(Group::Bits3072, "alice@example.org", &login_secret, &salt);
//!
//! let (client, a_pub) = ClientHandshake::start(Group::Bits3072, &mut rng);
//! let (server, b_pub) = ServerHandshake::start(Group::Bits3072, &verifier, &mut rng)?;
//! let proof = client.answer("alice@example.org", &login_secret, &salt, &b_pub)?;
//! let (m2, server_session) = server.check("alice@example.org", &salt, &a_pub, proof.proof())?;
//! let client_session = proof.verify_server(&m2)?;
//!
//! let sealed = server_session.seal_grant(b"a token", &mut rng);
//! assert_eq!(client_session.open_grant(&sealed)?.as_slice(), b"a token");
//! # Ok::<(), crypto_core::srp::SrpError>(())
//! ```

mod client;
mod math;
mod server;
mod session;

pub use client::{ClientHandshake, ClientProof, make_verifier};
pub use server::{ServerHandshake, check_verifier, fake_verifier};
pub use session::SrpSession;

/// The groups of RFC 5054, appendix A, that are large enough; fixed in the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    /// 3072 bits: the usual one.
    Bits3072,
    /// 4096 bits.
    Bits4096,
}

impl Group {
    /// The length of every number of this group, in bytes.
    #[must_use]
    pub fn byte_len(self) -> usize {
        match self {
            Self::Bits3072 => 384,
            Self::Bits4096 => 512,
        }
    }

    /// The length of the secret exponents `a` and `b`, in bytes: twice the group's strength
    /// (RFC 5054, section 3.1 asks for 256 bits at least).
    fn secret_len(self) -> usize {
        match self {
            Self::Bits3072 => 32,
            Self::Bits4096 => 40,
        }
    }
}

/// Why a login failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SrpError {
    /// The other side's public value is zero, not below the modulus or of the wrong length, or
    /// the scrambling parameter is zero. An honest peer never sends it.
    #[error("the other side sent an illegal SRP value")]
    IllegalValue,
    /// The stored verifier or handshake is not one of this group.
    #[error("the stored SRP verifier is not valid")]
    BadVerifier,
    /// The proof does not fit: wrong passphrase, unknown account, or an impostor.
    #[error("the SRP proof does not fit")]
    WrongProof,
    /// What was sealed under the session cannot be opened.
    #[error("the sealed grant cannot be opened")]
    CannotOpen,
}

#[cfg(test)]
mod tests;
