//! AES-GCM in chunks, many at a time.

use crypto_core::bulk::{BLOCK_LEN, BulkError, ChunkStream};
use futures::future::join_all;
use js_sys::{Object, Promise, Uint8Array};
use web_sys::AesGcmParams;
use zeroize::{Zeroize, Zeroizing};

use crate::subtle::{Subtle, Usage, bytes_of};

/// Chunks that are under way at a time: enough to keep a browser's threads busy, few enough that
/// their copies do not fill its memory.
const AT_A_TIME: usize = 32;

fn parameters(stream: &ChunkStream<'_>, index: u64) -> Object {
    let nonce = Uint8Array::from(stream.nonce(index).as_slice());
    let parameters = AesGcmParams::new_with_u8_array("AES-GCM", &nonce);
    let associated_data = Uint8Array::from(stream.associated_data);
    parameters.set_additional_data_u8_array(&associated_data);
    parameters.set_tag_length(128);
    parameters.into()
}

/// Waits for chunks in order; `wrong` is what a refusal means.
async fn collect(promises: Vec<Promise>, wrong: BulkError) -> Result<Vec<Uint8Array>, BulkError> {
    join_all(promises.into_iter().map(bytes_of))
        .await
        .into_iter()
        .collect::<Result<_, _>>()
        .map_err(|_| wrong)
}

/// Appends the content of a JavaScript array.
fn append(output: &mut Vec<u8>, bytes: &Uint8Array) -> Result<(), BulkError> {
    let start = output.len();
    let length = usize::try_from(bytes.length()).map_err(|_| BulkError::Length)?;
    output.resize(start + length, 0);
    let place = output.get_mut(start..).ok_or(BulkError::Length)?;
    bytes.copy_to(place);
    Ok(())
}

pub(crate) async fn seal(
    subtle: &Subtle,
    stream: &ChunkStream<'_>,
    first_index: u64,
    plaintext: &[u8],
    output: &mut Vec<u8>,
) -> Result<(), BulkError> {
    let before = output.len();
    output.reserve(plaintext.len() + plaintext.len().div_ceil(stream.chunk_len) * BLOCK_LEN);
    let sealed = seal_all(subtle, stream, first_index, plaintext, output).await;
    if sealed.is_err() {
        output.truncate(before);
    }
    sealed
}

async fn seal_all(
    subtle: &Subtle,
    stream: &ChunkStream<'_>,
    first_index: u64,
    plaintext: &[u8],
    output: &mut Vec<u8>,
) -> Result<(), BulkError> {
    let key = subtle.import("AES-GCM", stream.key, Usage::Encrypt).await?;
    let mut index = first_index;
    for batch in plaintext.chunks(stream.chunk_len.saturating_mul(AT_A_TIME)) {
        let mut promises = Vec::with_capacity(AT_A_TIME);
        for chunk in batch.chunks(stream.chunk_len) {
            promises.push(subtle.encrypt(&parameters(stream, index), &key, chunk)?);
            index = index.wrapping_add(1);
        }
        for sealed in collect(promises, BulkError::Platform).await? {
            append(output, &sealed)?;
        }
    }
    Ok(())
}

pub(crate) async fn open(
    subtle: &Subtle,
    stream: &ChunkStream<'_>,
    first_index: u64,
    ciphertext: &[u8],
    output: &mut Zeroizing<Vec<u8>>,
) -> Result<(), BulkError> {
    let before = output.len();
    // Growing in one step leaves no copy of plaintext behind in memory given back.
    output.reserve(ciphertext.len());
    let opened = open_all(subtle, stream, first_index, ciphertext, output).await;
    if opened.is_err() {
        if let Some(released) = output.get_mut(before..) {
            released.zeroize();
        }
        output.truncate(before);
    }
    opened
}

async fn open_all(
    subtle: &Subtle,
    stream: &ChunkStream<'_>,
    first_index: u64,
    ciphertext: &[u8],
    output: &mut Zeroizing<Vec<u8>>,
) -> Result<(), BulkError> {
    let key = subtle.import("AES-GCM", stream.key, Usage::Decrypt).await?;
    let sealed_len = stream
        .chunk_len
        .checked_add(BLOCK_LEN)
        .ok_or(BulkError::Length)?;
    let mut index = first_index;
    for batch in ciphertext.chunks(sealed_len.saturating_mul(AT_A_TIME)) {
        let mut promises = Vec::with_capacity(AT_A_TIME);
        for chunk in batch.chunks(sealed_len) {
            promises.push(subtle.decrypt(&parameters(stream, index), &key, chunk)?);
            index = index.wrapping_add(1);
        }
        for opened in collect(promises, BulkError::Authentication).await? {
            append(output, &opened)?;
            opened.fill(0, 0, opened.length());
        }
    }
    Ok(())
}
