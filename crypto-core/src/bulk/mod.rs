//! The port through which bulk data is encrypted, decrypted and hashed.
//!
//! A message of 25 MB spends its time in AES and in hashes. Natively the RustCrypto crates use
//! the processor's own instructions; WebAssembly has none, so in a browser the same work goes to
//! WebCrypto, which is asynchronous. Therefore every method here is asynchronous, and everything
//! else (packet framing, limits, verdicts) is written once in [`crate::openpgp`] over this port.
//!
//! An engine computes and nothing more: it makes no randomness, knows no packet and decides
//! nothing. All engines must give the same bytes for the same arguments; the module `contract`
//! (feature `testing`) holds the suite that each of them passes.
//!
//! # Security
//! The attacker chooses every ciphertext. An engine must release no byte of a chunk whose tag is
//! wrong: [`BulkEngine::open_chunks`] leaves `output` as it was and wipes what it had decrypted.

mod aes_modes;
#[cfg(any(test, feature = "testing"))]
pub mod contract;
mod hasher;
mod native;
mod ocb;

use zeroize::Zeroizing;

pub use hasher::Hasher;
pub use native::NativeEngine;

/// The size of an AES block, and of every AEAD tag of RFC 9580, in bytes.
pub const BLOCK_LEN: usize = 16;

/// A symmetric cipher (RFC 9580, section 9.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cipher {
    /// AES with a key of 16 bytes.
    Aes128,
    /// AES with a key of 24 bytes.
    Aes192,
    /// AES with a key of 32 bytes.
    Aes256,
}

impl Cipher {
    /// The length of a key in bytes.
    pub fn key_len(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::Aes192 => 24,
            Self::Aes256 => 32,
        }
    }
}

/// A mode of authenticated encryption (RFC 9580, section 9.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AeadMode {
    /// EAX, nonce of 16 bytes.
    Eax,
    /// OCB, nonce of 15 bytes; the one that every implementation of RFC 9580 has.
    Ocb,
    /// GCM, nonce of 12 bytes; the one that browsers have.
    Gcm,
}

impl AeadMode {
    /// The length of a nonce in bytes.
    pub fn nonce_len(self) -> usize {
        match self {
            Self::Eax => 16,
            Self::Ocb => 15,
            Self::Gcm => 12,
        }
    }
}

/// A hash algorithm (RFC 9580, section 9.5) that is strong enough for at least one use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HashKind {
    /// SHA-1: for the modification detection code and old self-signatures only.
    Sha1,
    /// SHA-224.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
    /// SHA3-256.
    Sha3_256,
    /// SHA3-512.
    Sha3_512,
}

/// Everything that the chunks of one encrypted container have in common
/// (RFC 9580, section 5.13.2).
#[derive(Clone, Copy)]
pub struct ChunkStream<'a> {
    /// The cipher.
    pub cipher: Cipher,
    /// The mode of authenticated encryption.
    pub mode: AeadMode,
    /// The message key, [`Cipher::key_len`] bytes.
    pub key: &'a [u8],
    /// The nonce without its last 8 bytes, which are the chunk's index, big-endian.
    pub nonce_prefix: &'a [u8],
    /// The associated data of each chunk.
    pub associated_data: &'a [u8],
    /// How many bytes of plaintext a chunk holds; all but the last are full.
    pub chunk_len: usize,
}

impl ChunkStream<'_> {
    /// The nonce of a chunk.
    pub fn nonce(&self, index: u64) -> Vec<u8> {
        let mut nonce = Vec::with_capacity(self.nonce_prefix.len() + 8);
        nonce.extend_from_slice(self.nonce_prefix);
        nonce.extend_from_slice(&index.to_be_bytes());
        nonce
    }

    /// Checks that key and nonce have the lengths that cipher and mode want.
    ///
    /// # Errors
    /// [`BulkError::Length`] if they have not, or if chunks would be empty.
    pub fn check(&self) -> Result<(), BulkError> {
        if self.key.len() == self.cipher.key_len()
            && self.nonce_prefix.len() + 8 == self.mode.nonce_len()
            && self.chunk_len > 0
        {
            Ok(())
        } else {
            Err(BulkError::Length)
        }
    }
}

impl std::fmt::Debug for ChunkStream<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChunkStream")
            .field("cipher", &self.cipher)
            .field("mode", &self.mode)
            .field("chunk_len", &self.chunk_len)
            .finish_non_exhaustive()
    }
}

/// Why an engine did not do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BulkError {
    /// A tag did not match: wrong key, or changed data.
    #[error("the data does not match its authentication tag")]
    Authentication,
    /// A key, nonce or chunk has a length that cannot be; a mistake of the caller.
    #[error("a key, nonce or chunk has an impossible length")]
    Length,
    /// The platform's engine failed for a reason of its own.
    #[error("the platform's cryptography failed")]
    Platform,
}

/// Encrypts, decrypts and hashes bulk data.
///
/// Methods work on consecutive stretches of a longer stream (`first_index`, `iv`), so that whole
/// buffers and, later, streams take the same road.
///
/// The futures need not be `Send`: browsers' are not.
#[allow(
    async_fn_in_trait,
    reason = "callers are generic over one concrete engine and spawn nothing"
)]
pub trait BulkEngine {
    /// Encrypts `plaintext` in chunks and appends each chunk's ciphertext and tag to `output`.
    ///
    /// Empty plaintext makes no chunk. Only the last chunk may be shorter than
    /// `stream.chunk_len`.
    ///
    /// # Errors
    /// [`BulkError::Length`] or [`BulkError::Platform`]; `output` is then as it was.
    async fn seal_chunks(
        &self,
        stream: &ChunkStream<'_>,
        first_index: u64,
        plaintext: &[u8],
        output: &mut Vec<u8>,
    ) -> Result<(), BulkError>;

    /// Decrypts chunks that each end with their tag, and appends the plaintext to `output`.
    ///
    /// # Errors
    /// [`BulkError::Authentication`] if any tag is wrong; `output` is then as it was.
    async fn open_chunks(
        &self,
        stream: &ChunkStream<'_>,
        first_index: u64,
        ciphertext: &[u8],
        output: &mut Zeroizing<Vec<u8>>,
    ) -> Result<(), BulkError>;

    /// Encrypts `buffer` in place in CFB mode with full blocks and no resynchronisation
    /// (RFC 9580, section 5.13.1).
    ///
    /// To go on with a stream, the next `iv` is the last block of ciphertext.
    ///
    /// # Errors
    /// [`BulkError::Length`] or [`BulkError::Platform`].
    async fn cfb_encrypt(
        &self,
        cipher: Cipher,
        key: &[u8],
        iv: &[u8; BLOCK_LEN],
        buffer: &mut [u8],
    ) -> Result<(), BulkError>;

    /// Decrypts `buffer` in place; the reverse of [`BulkEngine::cfb_encrypt`].
    ///
    /// # Security
    /// CFB authenticates nothing: the caller must check the modification detection code before
    /// it lets a byte out.
    ///
    /// # Errors
    /// [`BulkError::Length`] or [`BulkError::Platform`].
    async fn cfb_decrypt(
        &self,
        cipher: Cipher,
        key: &[u8],
        iv: &[u8; BLOCK_LEN],
        buffer: &mut [u8],
    ) -> Result<(), BulkError>;

    /// Hashes the concatenation of `parts`.
    ///
    /// # Errors
    /// [`BulkError::Platform`].
    async fn hash(&self, kind: HashKind, parts: &[&[u8]]) -> Result<Vec<u8>, BulkError>;
}

/// The tag over nothing but associated data, with which a container ends
/// (RFC 9580, section 5.13.2). Sixteen bytes of work, so no engine is asked.
///
/// # Errors
/// [`BulkError::Length`] if key or nonce do not fit.
pub fn tag_of_nothing(
    stream: &ChunkStream<'_>,
    index: u64,
    associated_data: &[u8],
) -> Result<[u8; BLOCK_LEN], BulkError> {
    aes_modes::tag_of_nothing(stream, index, associated_data)
}
