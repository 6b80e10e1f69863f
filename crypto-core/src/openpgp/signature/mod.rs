//! Signatures over data: made and judged in one place for messages, detached signatures and
//! cleartext.
//!
//! rPGP reads and writes the packet and does the public-key operation on a digest; the digest
//! itself comes from the engine, because it is over bulk data.

mod judging;
mod making;
mod running;

pub(super) use judging::{Judge, Judgement, best};
pub(super) use making::{RunningSigning, Signing};

use pgp::packet::{SignatureConfig, SignatureVersionSpecific};
pub(super) use running::Running;
use sha2::digest::{DynDigest, InvalidBufferSize};

use super::policy;
use crate::bulk::{BulkEngine, BulkError};

/// A "hash" that returns its input: rPGP writes what a signature hashes of itself into it.
#[derive(Clone, Default)]
struct Captured(Vec<u8>);

impl DynDigest for Captured {
    fn update(&mut self, data: &[u8]) {
        self.0.extend_from_slice(data);
    }

    fn finalize_into(self, buffer: &mut [u8]) -> Result<(), InvalidBufferSize> {
        let mut this = self;
        this.finalize_into_reset(buffer)
    }

    fn finalize_into_reset(&mut self, buffer: &mut [u8]) -> Result<(), InvalidBufferSize> {
        if buffer.len() != self.0.len() {
            return Err(InvalidBufferSize);
        }
        buffer.copy_from_slice(&self.0);
        self.0.clear();
        Ok(())
    }

    fn reset(&mut self) {
        self.0.clear();
    }

    fn output_size(&self) -> usize {
        self.0.len()
    }

    fn box_clone(&self) -> Box<dyn DynDigest> {
        Box::new(self.clone())
    }
}

/// What a signature hashes of itself, after the data (RFC 9580, section 5.2.4).
fn own_part(config: &SignatureConfig) -> Result<Vec<u8>, pgp::errors::Error> {
    let mut captured: Box<dyn DynDigest + Send> = Box::new(Captured::default());
    let length = config.hash_signature_data(&mut captured)?;
    let mut bytes = captured.finalize().into_vec();
    bytes.extend(config.trailer(length)?);
    Ok(bytes)
}

/// Why there is no digest.
pub(super) enum NoDigest {
    Malformed,
    WeakHash,
    Bulk(BulkError),
}

/// Hashes salt, data and the signature's own part.
///
/// For text signatures `data` must already have CRLF at the ends of its lines.
async fn digest(
    engine: &impl BulkEngine,
    config: &SignatureConfig,
    data: &[u8],
) -> Result<Vec<u8>, NoDigest> {
    let kind = policy::hash_kind(config.hash_alg).ok_or(NoDigest::WeakHash)?;
    let own = own_part(config).map_err(|_| NoDigest::Malformed)?;
    let salt = salt_of(config)?;
    engine
        .hash(kind, &[salt, data, &own])
        .await
        .map_err(NoDigest::Bulk)
}

/// What is hashed in front of the data (RFC 9580, section 5.2.4).
fn salt_of(config: &SignatureConfig) -> Result<&[u8], NoDigest> {
    match &config.version_specific {
        SignatureVersionSpecific::V6 { salt } => {
            if config.hash_alg.salt_len() != Some(salt.len()) {
                return Err(NoDigest::Malformed);
            }
            Ok(salt)
        }
        SignatureVersionSpecific::V4 => Ok(&[]),
        // Versions 2 and 3 do not even say which key made them in a way that is signed.
        _ => Err(NoDigest::Malformed),
    }
}

/// Ends every line with CRLF, as text signatures want it.
pub(super) fn with_crlf(text: &[u8]) -> Vec<u8> {
    let mut output = Vec::with_capacity(text.len() + text.len() / 32);
    add_with_crlf(&mut false, text, &mut output);
    output
}

/// Does so piece by piece; `after_cr` says whether the last piece ended with a CR.
fn add_with_crlf(after_cr: &mut bool, text: &[u8], output: &mut Vec<u8>) {
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        if let Some(front) = line.strip_suffix(b"\n") {
            let has_cr = front.last().map_or(*after_cr, |last| *last == b'\r');
            output.extend_from_slice(front);
            output.extend_from_slice(if has_cr { b"\n" } else { b"\r\n" });
        } else {
            output.extend_from_slice(line);
        }
        *after_cr = line.last() == Some(&b'\r');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_with_crlf_once() {
        assert_eq!(with_crlf(b"a\nb\r\nc\rd\n"), b"a\r\nb\r\nc\rd\r\n");
        assert_eq!(with_crlf(b"\n\nx\r"), b"\r\n\r\nx\r");
    }

    #[test]
    fn pieces_of_lines_are_lines() {
        let text = b"a\nb\r\nc\rd\n\n\r\n\r";
        for size in 1..text.len() {
            let mut after_cr = false;
            let mut output = Vec::new();
            for piece in text.chunks(size) {
                add_with_crlf(&mut after_cr, piece, &mut output);
            }
            assert_eq!(output, with_crlf(text), "{size}");
        }
    }
}
