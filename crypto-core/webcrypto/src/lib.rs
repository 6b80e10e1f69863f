//! The bulk engine of `crypto-core` over the browser's WebCrypto.
//!
//! WebAssembly has no AES instructions, browsers have: AES-GCM there is five times as fast as the
//! best code in wasm, and runs beside it. What WebCrypto can do well goes to it; the rest, and
//! everything small, is computed by [`NativeEngine`], because a call costs about as much as
//! encrypting 16 KiB.
//!
//! | work | done by |
//! |---|---|
//! | AES-GCM in chunks | WebCrypto, many chunks at a time |
//! | CFB encryption | WebCrypto's CBC: see `cfb` |
//! | CFB decryption | wasm, where it runs on many blocks at once |
//! | SHA-1 and SHA-2 from some size on | WebCrypto |
//! | OCB, EAX, AES-192, the other hashes | wasm: WebCrypto lacks them |
//!
//! The engine works wherever `globalThis.crypto` is: in a page, in a worker, in an extension's
//! background. Where `subtle` is missing (pages without TLS) all work is done in wasm.

mod cfb;
mod gcm;
mod subtle;

use crypto_core::bulk::{
    AeadMode, BLOCK_LEN, BulkEngine, BulkError, ChunkStream, Cipher, HashKind, NativeEngine,
};
use subtle::Subtle;
use zeroize::Zeroizing;

/// Smaller buffers are not worth a call, in bytes.
const MIN_BULK: usize = 32 << 10;
/// Nor are smaller chunks of large ones, in bytes.
const MIN_CHUNK: usize = 16 << 10;

/// Computes with WebCrypto where that is faster.
#[derive(Debug)]
pub struct WebCryptoEngine {
    subtle: Option<Subtle>,
}

impl Default for WebCryptoEngine {
    fn default() -> Self {
        Self::new()
    }
}

impl WebCryptoEngine {
    /// Finds the browser's WebCrypto; without it the engine computes everything itself.
    pub fn new() -> Self {
        Self {
            subtle: Subtle::find(),
        }
    }

    /// True if WebCrypto was found.
    pub fn has_webcrypto(&self) -> bool {
        self.subtle.is_some()
    }

    /// WebCrypto, if it is worth asking about GCM with such a stream.
    fn for_chunks(&self, stream: &ChunkStream<'_>, length: usize) -> Option<&Subtle> {
        self.subtle.as_ref().filter(|_| {
            stream.mode == AeadMode::Gcm
                && knows(stream.cipher)
                && stream.chunk_len >= MIN_CHUNK
                && length >= MIN_BULK
        })
    }
}

/// AES-192 is optional in WebCrypto, and Chromium leaves it out.
fn knows(cipher: Cipher) -> bool {
    matches!(cipher, Cipher::Aes128 | Cipher::Aes256)
}

/// What WebCrypto calls a hash, and from how many bytes on it is faster there, the copy across the
/// edge included.
fn browsers_hash(kind: HashKind) -> Option<(&'static str, usize)> {
    match kind {
        HashKind::Sha1 => Some(("SHA-1", 128 << 10)),
        HashKind::Sha256 => Some(("SHA-256", 32 << 10)),
        HashKind::Sha384 => Some(("SHA-384", 256 << 10)),
        HashKind::Sha512 => Some(("SHA-512", 256 << 10)),
        HashKind::Sha224 | HashKind::Sha3_256 | HashKind::Sha3_512 => None,
    }
}

impl BulkEngine for WebCryptoEngine {
    async fn seal_chunks(
        &self,
        stream: &ChunkStream<'_>,
        first_index: u64,
        plaintext: &[u8],
        output: &mut Vec<u8>,
    ) -> Result<(), BulkError> {
        stream.check()?;
        match self.for_chunks(stream, plaintext.len()) {
            Some(subtle) => gcm::seal(subtle, stream, first_index, plaintext, output).await,
            None => {
                NativeEngine
                    .seal_chunks(stream, first_index, plaintext, output)
                    .await
            }
        }
    }

    async fn open_chunks(
        &self,
        stream: &ChunkStream<'_>,
        first_index: u64,
        ciphertext: &[u8],
        output: &mut Zeroizing<Vec<u8>>,
    ) -> Result<(), BulkError> {
        stream.check()?;
        match self.for_chunks(stream, ciphertext.len()) {
            Some(subtle) => gcm::open(subtle, stream, first_index, ciphertext, output).await,
            None => {
                NativeEngine
                    .open_chunks(stream, first_index, ciphertext, output)
                    .await
            }
        }
    }

    async fn cfb_encrypt(
        &self,
        cipher: Cipher,
        key: &[u8],
        iv: &[u8; BLOCK_LEN],
        buffer: &mut [u8],
    ) -> Result<(), BulkError> {
        let worth_it = buffer.len() >= MIN_BULK && knows(cipher) && key.len() == cipher.key_len();
        match self.subtle.as_ref().filter(|_| worth_it) {
            Some(subtle) => cfb::encrypt(subtle, key, iv, buffer).await,
            None => NativeEngine.cfb_encrypt(cipher, key, iv, buffer).await,
        }
    }

    async fn cfb_decrypt(
        &self,
        cipher: Cipher,
        key: &[u8],
        iv: &[u8; BLOCK_LEN],
        buffer: &mut [u8],
    ) -> Result<(), BulkError> {
        NativeEngine.cfb_decrypt(cipher, key, iv, buffer).await
    }

    async fn hash(&self, kind: HashKind, parts: &[&[u8]]) -> Result<Vec<u8>, BulkError> {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        let known = browsers_hash(kind).filter(|(_, worth_it)| length >= *worth_it);
        match (self.subtle.as_ref(), known) {
            (Some(subtle), Some((name, _))) => subtle.digest(name, parts).await,
            _ => NativeEngine.hash(kind, parts).await,
        }
    }
}
