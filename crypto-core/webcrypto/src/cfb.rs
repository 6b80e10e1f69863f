//! CFB encryption by way of CBC, which WebCrypto has.
//!
//! With `E` the block cipher, CFB is `C(i) = P(i) xor K(i)` with `K(i) = E(C(i-1))`, and
//! `C(i-1) = P(i-1) xor K(i-1)`. So `K(i) = E(P(i-1) xor K(i-1))`: the keystream is what CBC makes
//! of the plaintext moved back by one block. The first block is `K(1) = E(IV)`, which CBC makes
//! of a block of zeros with the same IV.
//!
//! CFB is serial when encrypting, so wasm cannot work on many blocks at once, and this is four
//! times as fast. Decryption has no such trick and needs none.

use crypto_core::bulk::{BLOCK_LEN, BulkError};
use js_sys::Uint8Array;
use web_sys::AesCbcParams;
use zeroize::Zeroizing;

use crate::subtle::{Subtle, Usage, bytes_of};

pub(crate) async fn encrypt(
    subtle: &Subtle,
    key: &[u8],
    iv: &[u8; BLOCK_LEN],
    buffer: &mut [u8],
) -> Result<(), BulkError> {
    let moved_len = buffer.len().div_ceil(BLOCK_LEN) * BLOCK_LEN;
    let mut moved = Zeroizing::new(Vec::with_capacity(moved_len));
    moved.extend_from_slice(&[0; BLOCK_LEN]);
    let needed = moved_len.saturating_sub(BLOCK_LEN);
    moved.extend_from_slice(buffer.get(..needed).ok_or(BulkError::Length)?);

    let key = subtle.import("AES-CBC", key, Usage::Encrypt).await?;
    let parameters = AesCbcParams::new_with_u8_array("AES-CBC", &Uint8Array::from(iv.as_slice()));
    let promise = subtle.encrypt(&parameters, &key, &moved)?;
    let keystream = bytes_of(promise).await.map_err(|_| BulkError::Platform)?;

    // Longer than the buffer by the last block's rest and CBC's padding.
    let mut bytes = Zeroizing::new(keystream.to_vec());
    keystream.fill(0, 0, keystream.length());
    if bytes.len() < buffer.len() {
        return Err(BulkError::Platform);
    }
    for (byte, key) in buffer.iter_mut().zip(bytes.drain(..)) {
        *byte ^= key;
    }
    Ok(())
}
