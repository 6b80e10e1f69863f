//! CFB encryption by way of CBC, which WebCrypto has.
//!
//! With `E` the block cipher, CFB is `C(i) = P(i) xor K(i)` with `K(i) = E(C(i-1))`, and
//! `C(i-1) = P(i-1) xor K(i-1)`. So `K(i) = E(P(i-1) xor K(i-1))`: the keystream is what CBC makes
//! of the plaintext moved back by one block. The first block is `K(1) = E(IV)`, which CBC makes
//! of a block of zeros with the same IV.
//!
//! CFB is serial when encrypting, so wasm cannot work on many blocks at once, and this is several
//! times as fast. Decryption has no such trick and needs none.
//!
//! The buffer goes over in segments: the next one needs only the last block of ciphertext, so it
//! is under way while the keystream of this one is put over the plaintext here.

use crypto_core::bulk::{BLOCK_LEN, BulkError};
use crypto_core::secret::wipe;
use js_sys::Uint8Array;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AesCbcParams, CryptoKey};
use zeroize::Zeroizing;

use crate::subtle::{Subtle, Usage, append, bytes_of, js_length};

/// Bytes of a segment, whole blocks.
const SEGMENT: usize = 1 << 20;

pub(crate) async fn encrypt(
    subtle: &Subtle,
    key: &[u8],
    iv: &[u8; BLOCK_LEN],
    buffer: &mut [u8],
) -> Result<(), BulkError> {
    let key = subtle.import("AES-CBC", key, Usage::Encrypt).await?;
    // On JavaScript's side, and wiped at the end.
    let moved = Uint8Array::new_with_length(js_length(SEGMENT.min(buffer.len() + BLOCK_LEN))?);
    let mut keystream = Zeroizing::new(Vec::with_capacity(SEGMENT + BLOCK_LEN));
    let done = segments(subtle, &key, iv, buffer, &moved, &mut keystream).await;
    moved.fill(0, 0, moved.length());
    wipe(&mut keystream);
    done
}

async fn segments(
    subtle: &Subtle,
    key: &CryptoKey,
    iv: &[u8; BLOCK_LEN],
    buffer: &mut [u8],
    moved: &Uint8Array,
    keystream: &mut Vec<u8>,
) -> Result<(), BulkError> {
    let mut segments = buffer.chunks_mut(SEGMENT).peekable();
    let Some(first) = segments.peek() else {
        return Ok(());
    };
    let mut under_way = start(subtle, key, iv, first, moved)?;
    while let Some(segment) = segments.next() {
        let bytes = bytes_of(under_way).await.map_err(|_| BulkError::Platform)?;
        keystream.clear();
        append(keystream, &bytes)?;
        bytes.fill(0, 0, bytes.length());
        // Longer than the segment by the last block's rest and CBC's padding.
        let keystream = keystream.get(..segment.len()).ok_or(BulkError::Platform)?;
        let Some(next) = segments.peek() else {
            xor(segment, keystream);
            return Ok(());
        };
        let mut last = *segment.last_chunk().ok_or(BulkError::Length)?;
        xor(
            &mut last,
            keystream
                .last_chunk::<BLOCK_LEN>()
                .ok_or(BulkError::Length)?,
        );
        under_way = start(subtle, key, &last, next, moved)?;
        xor(segment, keystream);
    }
    Ok(())
}

/// Begins to make the keystream of a segment.
fn start(
    subtle: &Subtle,
    key: &CryptoKey,
    iv: &[u8; BLOCK_LEN],
    segment: &[u8],
    moved: &Uint8Array,
) -> Result<JsFuture, BulkError> {
    let length = segment.len().div_ceil(BLOCK_LEN) * BLOCK_LEN;
    let block = js_length(BLOCK_LEN)?;
    let all = js_length(length)?;
    let front = segment.get(..length - BLOCK_LEN).ok_or(BulkError::Length)?;
    moved.fill(0, 0, block);
    moved.subarray(block, all).copy_from(front);
    let parameters = AesCbcParams::new_with_u8_array("AES-CBC", &Uint8Array::from(iv.as_slice()));
    subtle
        .encrypt_js(&parameters, key, &moved.subarray(0, all))
        .map(JsFuture::from)
}

/// Puts a keystream over a buffer of the same length, eight bytes at a time.
fn xor(buffer: &mut [u8], keystream: &[u8]) {
    let mut words = buffer.chunks_exact_mut(8);
    let mut keys = keystream.chunks_exact(8);
    for (word, key) in (&mut words).zip(&mut keys) {
        if let (Some(word), Some(key)) = (word.first_chunk_mut::<8>(), key.first_chunk::<8>()) {
            *word = (u64::from_ne_bytes(*word) ^ u64::from_ne_bytes(*key)).to_ne_bytes();
        }
    }
    for (byte, key) in words.into_remainder().iter_mut().zip(keys.remainder()) {
        *byte ^= key;
    }
}
