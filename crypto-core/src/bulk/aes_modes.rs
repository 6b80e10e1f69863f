//! AES in the modes of RFC 9580, chunk by chunk, over the RustCrypto crates.

use aes::{Aes128, Aes192, Aes256};
use aes_gcm::{
    AesGcm,
    aead::{
        AeadInOut, KeyInit,
        consts::{U12, U15},
    },
};
use cfb_mode::cipher::KeyIvInit;
use eax::Eax;
use ocb3::Ocb3;
use zeroize::{Zeroize, Zeroizing};

use super::{AeadMode, BLOCK_LEN, BulkError, ChunkStream, Cipher};

/// Calls `$work::<T>($args)` with the AEAD type that cipher and mode name.
macro_rules! with_aead {
    ($stream:expr, $work:ident($($argument:expr),*)) => {
        match ($stream.mode, $stream.cipher) {
            (AeadMode::Gcm, Cipher::Aes128) => $work::<AesGcm<Aes128, U12>>($($argument),*),
            (AeadMode::Gcm, Cipher::Aes192) => $work::<AesGcm<Aes192, U12>>($($argument),*),
            (AeadMode::Gcm, Cipher::Aes256) => $work::<AesGcm<Aes256, U12>>($($argument),*),
            (AeadMode::Ocb, Cipher::Aes128) => $work::<Ocb3<Aes128, U15>>($($argument),*),
            (AeadMode::Ocb, Cipher::Aes192) => $work::<Ocb3<Aes192, U15>>($($argument),*),
            (AeadMode::Ocb, Cipher::Aes256) => $work::<Ocb3<Aes256, U15>>($($argument),*),
            (AeadMode::Eax, Cipher::Aes128) => $work::<Eax<Aes128>>($($argument),*),
            (AeadMode::Eax, Cipher::Aes192) => $work::<Eax<Aes192>>($($argument),*),
            (AeadMode::Eax, Cipher::Aes256) => $work::<Eax<Aes256>>($($argument),*),
        }
    };
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

fn seal_with<A: AeadInOut + KeyInit>(
    stream: &ChunkStream<'_>,
    first_index: u64,
    plaintext: &[u8],
    output: &mut Vec<u8>,
) -> Result<(), BulkError> {
    let aead = A::new_from_slice(stream.key).map_err(|_| BulkError::Length)?;
    for (index, chunk) in (first_index..).zip(plaintext.chunks(stream.chunk_len)) {
        let start = output.len();
        output.extend_from_slice(chunk);
        let buffer = output.get_mut(start..).ok_or(BulkError::Length)?;
        let tag = seal_one(&aead, stream, index, stream.associated_data, buffer)?;
        output.extend_from_slice(&tag);
    }
    Ok(())
}

fn seal_one<A: AeadInOut>(
    aead: &A,
    stream: &ChunkStream<'_>,
    index: u64,
    associated_data: &[u8],
    buffer: &mut [u8],
) -> Result<[u8; BLOCK_LEN], BulkError> {
    let nonce = stream.nonce(index);
    let nonce = nonce.as_slice().try_into().map_err(|_| BulkError::Length)?;
    let tag = aead
        .encrypt_inout_detached(nonce, associated_data, buffer.into())
        .map_err(|_| BulkError::Length)?;
    tag.as_slice().try_into().map_err(|_| BulkError::Length)
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

fn open_with<A: AeadInOut + KeyInit>(
    stream: &ChunkStream<'_>,
    first_index: u64,
    ciphertext: &[u8],
    output: &mut Vec<u8>,
) -> Result<(), BulkError> {
    let aead = A::new_from_slice(stream.key).map_err(|_| BulkError::Length)?;
    let sealed_len = stream
        .chunk_len
        .checked_add(BLOCK_LEN)
        .ok_or(BulkError::Length)?;
    for (index, chunk) in (first_index..).zip(ciphertext.chunks(sealed_len)) {
        let (body, tag) = chunk
            .split_last_chunk::<BLOCK_LEN>()
            .ok_or(BulkError::Authentication)?;
        let nonce = stream.nonce(index);
        let nonce = nonce.as_slice().try_into().map_err(|_| BulkError::Length)?;
        let tag = tag.as_slice().try_into().map_err(|_| BulkError::Length)?;
        let start = output.len();
        output.extend_from_slice(body);
        let buffer = output.get_mut(start..).ok_or(BulkError::Length)?;
        aead.decrypt_inout_detached(nonce, stream.associated_data, buffer.into(), tag)
            .map_err(|_| BulkError::Authentication)?;
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

fn tag_with<A: AeadInOut + KeyInit>(
    stream: &ChunkStream<'_>,
    index: u64,
    associated_data: &[u8],
) -> Result<[u8; BLOCK_LEN], BulkError> {
    let aead = A::new_from_slice(stream.key).map_err(|_| BulkError::Length)?;
    seal_one(&aead, stream, index, associated_data, &mut [])
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
