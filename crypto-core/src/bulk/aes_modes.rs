//! AES in the modes of RFC 9580, chunk by chunk, over the RustCrypto crates.

use aes::{Aes128, Aes192, Aes256};
use aes_gcm::{
    AesGcm,
    aead::{
        AeadInOut, KeyInit,
        consts::{U12, U16},
    },
};
use cfb_mode::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyIvInit};
use eax::Eax;
use zeroize::{Zeroize, Zeroizing};

use super::{AeadMode, BLOCK_LEN, BulkError, ChunkStream, Cipher, ocb::Ocb};

/// Calls `$work::<T>($args)` with the AEAD type that cipher and mode name.
macro_rules! with_aead {
    ($stream:expr, $work:ident($($argument:expr),*)) => {
        match ($stream.mode, $stream.cipher) {
            (AeadMode::Gcm, Cipher::Aes128) => $work::<Keyed<AesGcm<Aes128, U12>>>($($argument),*),
            (AeadMode::Gcm, Cipher::Aes192) => $work::<Keyed<AesGcm<Aes192, U12>>>($($argument),*),
            (AeadMode::Gcm, Cipher::Aes256) => $work::<Keyed<AesGcm<Aes256, U12>>>($($argument),*),
            (AeadMode::Ocb, Cipher::Aes128) => $work::<Ocb<Aes128>>($($argument),*),
            (AeadMode::Ocb, Cipher::Aes192) => $work::<Ocb<Aes192>>($($argument),*),
            (AeadMode::Ocb, Cipher::Aes256) => $work::<Ocb<Aes256>>($($argument),*),
            (AeadMode::Eax, Cipher::Aes128) => $work::<Keyed<Eax<Aes128>>>($($argument),*),
            (AeadMode::Eax, Cipher::Aes192) => $work::<Keyed<Eax<Aes192>>>($($argument),*),
            (AeadMode::Eax, Cipher::Aes256) => $work::<Keyed<Eax<Aes256>>>($($argument),*),
        }
    };
}

/// A mode with its key and the associated data of all chunks of a stream.
trait ChunkMode: Sized {
    fn with(key: &[u8], associated_data: &[u8]) -> Result<Self, BulkError>;
    fn seal(&self, nonce: &[u8], buffer: &mut [u8]) -> Result<[u8; BLOCK_LEN], BulkError>;
    fn open(&self, nonce: &[u8], buffer: &mut [u8], tag: &[u8; BLOCK_LEN])
    -> Result<(), BulkError>;
}

/// A mode of the RustCrypto crates.
struct Keyed<A> {
    aead: A,
    associated_data: Vec<u8>,
}

impl<A: AeadInOut + KeyInit> ChunkMode for Keyed<A> {
    fn with(key: &[u8], associated_data: &[u8]) -> Result<Self, BulkError> {
        Ok(Self {
            aead: A::new_from_slice(key).map_err(|_| BulkError::Length)?,
            associated_data: associated_data.to_vec(),
        })
    }

    fn seal(&self, nonce: &[u8], buffer: &mut [u8]) -> Result<[u8; BLOCK_LEN], BulkError> {
        let nonce = nonce.try_into().map_err(|_| BulkError::Length)?;
        let tag = self
            .aead
            .encrypt_inout_detached(nonce, &self.associated_data, buffer.into())
            .map_err(|_| BulkError::Length)?;
        tag.as_slice().try_into().map_err(|_| BulkError::Length)
    }

    fn open(
        &self,
        nonce: &[u8],
        buffer: &mut [u8],
        tag: &[u8; BLOCK_LEN],
    ) -> Result<(), BulkError> {
        let nonce = nonce.try_into().map_err(|_| BulkError::Length)?;
        let tag = tag.as_slice().try_into().map_err(|_| BulkError::Length)?;
        self.aead
            .decrypt_inout_detached(nonce, &self.associated_data, buffer.into(), tag)
            .map_err(|_| BulkError::Authentication)
    }
}

impl<C> ChunkMode for Ocb<C>
where
    C: KeyInit + BlockCipherEncrypt<BlockSize = U16> + BlockCipherDecrypt,
{
    fn with(key: &[u8], associated_data: &[u8]) -> Result<Self, BulkError> {
        Self::new(key, associated_data)
    }

    fn seal(&self, nonce: &[u8], buffer: &mut [u8]) -> Result<[u8; BLOCK_LEN], BulkError> {
        self.seal(nonce, buffer)
    }

    fn open(
        &self,
        nonce: &[u8],
        buffer: &mut [u8],
        tag: &[u8; BLOCK_LEN],
    ) -> Result<(), BulkError> {
        self.open(nonce, buffer, tag)
    }
}

/// See [`super::BulkEngine::seal_chunks`].
pub(super) fn seal_chunks(
    stream: &ChunkStream<'_>,
    first_index: u64,
    plaintext: &[u8],
    output: &mut Vec<u8>,
) -> Result<(), BulkError> {
    stream.check()?;
    let before = output.len();
    let chunks = plaintext.len().div_ceil(stream.chunk_len);
    output.reserve(plaintext.len() + chunks * BLOCK_LEN);
    let sealed = with_aead!(stream, seal_with(stream, first_index, plaintext, output));
    if sealed.is_err() {
        output.truncate(before);
    }
    sealed
}

fn seal_with<M: ChunkMode>(
    stream: &ChunkStream<'_>,
    first_index: u64,
    plaintext: &[u8],
    output: &mut Vec<u8>,
) -> Result<(), BulkError> {
    let mode = M::with(stream.key, stream.associated_data)?;
    for (index, chunk) in (first_index..).zip(plaintext.chunks(stream.chunk_len)) {
        let start = output.len();
        output.extend_from_slice(chunk);
        let buffer = output.get_mut(start..).ok_or(BulkError::Length)?;
        let tag = mode.seal(&stream.nonce(index), buffer)?;
        output.extend_from_slice(&tag);
    }
    Ok(())
}

/// See [`super::BulkEngine::open_chunks`].
pub(super) fn open_chunks(
    stream: &ChunkStream<'_>,
    first_index: u64,
    ciphertext: &[u8],
    output: &mut Zeroizing<Vec<u8>>,
) -> Result<(), BulkError> {
    stream.check()?;
    let before = output.len();
    // Growing in one step leaves no copy of plaintext behind in memory given back.
    output.reserve(ciphertext.len());
    let opened = with_aead!(stream, open_with(stream, first_index, ciphertext, output));
    if opened.is_err() {
        if let Some(released) = output.get_mut(before..) {
            released.zeroize();
        }
        output.truncate(before);
    }
    opened
}

fn open_with<M: ChunkMode>(
    stream: &ChunkStream<'_>,
    first_index: u64,
    ciphertext: &[u8],
    output: &mut Vec<u8>,
) -> Result<(), BulkError> {
    let mode = M::with(stream.key, stream.associated_data)?;
    let sealed_len = stream
        .chunk_len
        .checked_add(BLOCK_LEN)
        .ok_or(BulkError::Length)?;
    for (index, chunk) in (first_index..).zip(ciphertext.chunks(sealed_len)) {
        let (body, tag) = chunk
            .split_last_chunk::<BLOCK_LEN>()
            .ok_or(BulkError::Authentication)?;
        let start = output.len();
        output.extend_from_slice(body);
        let buffer = output.get_mut(start..).ok_or(BulkError::Length)?;
        mode.open(&stream.nonce(index), buffer, tag)?;
    }
    Ok(())
}

/// See [`super::tag_of_nothing`].
pub(super) fn tag_of_nothing(
    stream: &ChunkStream<'_>,
    index: u64,
    associated_data: &[u8],
) -> Result<[u8; BLOCK_LEN], BulkError> {
    stream.check()?;
    with_aead!(stream, tag_with(stream, index, associated_data))
}

fn tag_with<M: ChunkMode>(
    stream: &ChunkStream<'_>,
    index: u64,
    associated_data: &[u8],
) -> Result<[u8; BLOCK_LEN], BulkError> {
    M::with(stream.key, associated_data)?.seal(&stream.nonce(index), &mut [])
}

/// See [`super::BulkEngine::cfb_encrypt`].
pub(super) fn cfb_encrypt(
    cipher: Cipher,
    key: &[u8],
    iv: &[u8; BLOCK_LEN],
    buffer: &mut [u8],
) -> Result<(), BulkError> {
    match cipher {
        Cipher::Aes128 => {
            cfb_mode::Encryptor::<Aes128>::new_from_slices(key, iv).map(|mode| mode.encrypt(buffer))
        }
        Cipher::Aes192 => {
            cfb_mode::Encryptor::<Aes192>::new_from_slices(key, iv).map(|mode| mode.encrypt(buffer))
        }
        Cipher::Aes256 => {
            cfb_mode::Encryptor::<Aes256>::new_from_slices(key, iv).map(|mode| mode.encrypt(buffer))
        }
    }
    .map_err(|_| BulkError::Length)
}

/// See [`super::BulkEngine::cfb_decrypt`].
pub(super) fn cfb_decrypt(
    cipher: Cipher,
    key: &[u8],
    iv: &[u8; BLOCK_LEN],
    buffer: &mut [u8],
) -> Result<(), BulkError> {
    match cipher {
        Cipher::Aes128 => {
            cfb_mode::Decryptor::<Aes128>::new_from_slices(key, iv).map(|mode| mode.decrypt(buffer))
        }
        Cipher::Aes192 => {
            cfb_mode::Decryptor::<Aes192>::new_from_slices(key, iv).map(|mode| mode.decrypt(buffer))
        }
        Cipher::Aes256 => {
            cfb_mode::Decryptor::<Aes256>::new_from_slices(key, iv).map(|mode| mode.decrypt(buffer))
        }
    }
    .map_err(|_| BulkError::Length)
}
