//! AES-GCM in chunks, many at a time.

use std::collections::VecDeque;

use crypto_core::bulk::{BLOCK_LEN, BulkError, ChunkStream};
use js_sys::{Object, Uint8Array};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AesGcmParams, CryptoKey};
use zeroize::{Zeroize, Zeroizing};

use crate::subtle::{Subtle, Usage, append, bytes_of};

/// Chunks that are under way at a time: enough to keep a browser's threads busy while we copy what
/// is done, few enough that their copies do not fill its memory.
const AT_A_TIME: usize = 16;

fn parameters(stream: &ChunkStream<'_>, index: u64, associated_data: &Uint8Array) -> Object {
    let nonce = Uint8Array::from(stream.nonce(index).as_slice());
    let parameters = AesGcmParams::new_with_u8_array("AES-GCM", &nonce);
    parameters.set_additional_data_u8_array(associated_data);
    parameters.set_tag_length(128);
    parameters.into()
}

/// Does `start` to one chunk after the other and appends what comes of each, in order.
///
/// `wrong` is what a refusal means. Chunks that are under way when one fails are left to finish;
/// nobody sees what they make.
async fn run(
    chunks: impl Iterator<Item = &[u8]>,
    mut start: impl FnMut(&[u8]) -> Result<JsFuture, BulkError>,
    wrong: BulkError,
    output: &mut Vec<u8>,
    secret: bool,
) -> Result<(), BulkError> {
    let mut under_way: VecDeque<JsFuture> = VecDeque::with_capacity(AT_A_TIME);
    let mut take = async |oldest: JsFuture| {
        let done = bytes_of(oldest).await.map_err(|_| wrong)?;
        append(output, &done)?;
        if secret {
            done.fill(0, 0, done.length());
        }
        Ok(())
    };
    for chunk in chunks {
        if under_way.len() >= AT_A_TIME
            && let Some(oldest) = under_way.pop_front()
        {
            take(oldest).await?;
        }
        under_way.push_back(start(chunk)?);
    }
    for oldest in under_way {
        take(oldest).await?;
    }
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
    let key = subtle.import("AES-GCM", stream.key, Usage::Encrypt).await?;
    let associated_data = Uint8Array::from(stream.associated_data);
    let mut index = first_index;
    let start = |chunk: &[u8]| {
        let parameters = parameters(stream, index, &associated_data);
        index = index.wrapping_add(1);
        begin(subtle.encrypt(&parameters, &key, chunk))
    };
    let chunks = plaintext.chunks(stream.chunk_len);
    let sealed = run(chunks, start, BulkError::Platform, output, false).await;
    if sealed.is_err() {
        output.truncate(before);
    }
    sealed
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
    let key: CryptoKey = subtle.import("AES-GCM", stream.key, Usage::Decrypt).await?;
    let associated_data = Uint8Array::from(stream.associated_data);
    let sealed_len = stream
        .chunk_len
        .checked_add(BLOCK_LEN)
        .ok_or(BulkError::Length)?;
    let mut index = first_index;
    let start = |chunk: &[u8]| {
        let parameters = parameters(stream, index, &associated_data);
        index = index.wrapping_add(1);
        begin(subtle.decrypt(&parameters, &key, chunk))
    };
    let chunks = ciphertext.chunks(sealed_len);
    let opened = run(chunks, start, BulkError::Authentication, output, true).await;
    if opened.is_err() {
        if let Some(released) = output.get_mut(before..) {
            released.zeroize();
        }
        output.truncate(before);
    }
    opened
}

/// Watches a promise from the start: one that fails unwatched is reported as an error of the page.
fn begin(promise: Result<js_sys::Promise, BulkError>) -> Result<JsFuture, BulkError> {
    promise.map(JsFuture::from)
}
