//! The engine that needs nothing but the processor: RustCrypto's newest generation.

use sha1::{Digest, Sha1};
use sha2::{Sha224, Sha256, Sha384, Sha512};
use sha3::{Sha3_256, Sha3_512};
use zeroize::Zeroizing;

use super::{BLOCK_LEN, BulkEngine, BulkError, ChunkStream, Cipher, HashKind, aes_modes};

/// Computes everything at once, on the thread that asks.
///
/// It is the engine of servers and tests, and the fallback within browsers' engines: its futures
/// never wait.
#[derive(Clone, Copy, Debug, Default)]
pub struct NativeEngine;

impl NativeEngine {
    /// Hashes the concatenation of `parts` without waiting.
    pub fn hash_now(kind: HashKind, parts: &[&[u8]]) -> Vec<u8> {
        match kind {
            HashKind::Sha1 => digest::<Sha1>(parts),
            HashKind::Sha224 => digest::<Sha224>(parts),
            HashKind::Sha256 => digest::<Sha256>(parts),
            HashKind::Sha384 => digest::<Sha384>(parts),
            HashKind::Sha512 => digest::<Sha512>(parts),
            HashKind::Sha3_256 => digest::<Sha3_256>(parts),
            HashKind::Sha3_512 => digest::<Sha3_512>(parts),
        }
    }
}

fn digest<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
    let mut hasher = D::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().to_vec()
}

impl BulkEngine for NativeEngine {
    async fn seal_chunks(
        &self,
        stream: &ChunkStream<'_>,
        first_index: u64,
        plaintext: &[u8],
        output: &mut Vec<u8>,
    ) -> Result<(), BulkError> {
        aes_modes::seal_chunks(stream, first_index, plaintext, output)
    }

    async fn open_chunks(
        &self,
        stream: &ChunkStream<'_>,
        first_index: u64,
        ciphertext: &[u8],
        output: &mut Zeroizing<Vec<u8>>,
    ) -> Result<(), BulkError> {
        aes_modes::open_chunks(stream, first_index, ciphertext, output)
    }

    async fn cfb_encrypt(
        &self,
        cipher: Cipher,
        key: &[u8],
        iv: &[u8; BLOCK_LEN],
        buffer: &mut [u8],
    ) -> Result<(), BulkError> {
        aes_modes::cfb_encrypt(cipher, key, iv, buffer)
    }

    async fn cfb_decrypt(
        &self,
        cipher: Cipher,
        key: &[u8],
        iv: &[u8; BLOCK_LEN],
        buffer: &mut [u8],
    ) -> Result<(), BulkError> {
        aes_modes::cfb_decrypt(cipher, key, iv, buffer)
    }

    async fn hash(&self, kind: HashKind, parts: &[&[u8]]) -> Result<Vec<u8>, BulkError> {
        Ok(Self::hash_now(kind, parts))
    }
}
