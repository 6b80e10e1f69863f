//! Signatures over data: made and judged in one place for messages, detached signatures and
//! cleartext.
//!
//! rPGP reads and writes the packet and does the public-key operation on a digest; the digest
//! itself comes from the engine, because it is over bulk data.

mod judging;
mod making;

pub(super) use judging::{Judge, best};
pub(super) use making::Signing;
use pgp::packet::{SignatureConfig, SignatureVersionSpecific};
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
enum NoDigest {
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
    let salt: &[u8] = match &config.version_specific {
        SignatureVersionSpecific::V6 { salt } => {
            if config.hash_alg.salt_len() != Some(salt.len()) {
                return Err(NoDigest::Malformed);
            }
            salt
        }
        SignatureVersionSpecific::V4 => &[],
        // Versions 2 and 3 do not even say which key made them in a way that is signed.
        _ => return Err(NoDigest::Malformed),
    };
    engine
        .hash(kind, &[salt, data, &own])
        .await
        .map_err(NoDigest::Bulk)
}

/// Ends every line with CRLF, as text signatures want it.
pub(super) fn with_crlf(text: &[u8]) -> Vec<u8> {
    let mut output = Vec::with_capacity(text.len() + text.len() / 32);
    let mut previous = 0;
    for &byte in text {
        if byte == b'\n' && previous != b'\r' {
            output.push(b'\r');
        }
        output.push(byte);
        previous = byte;
    }
    output
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_with_crlf_once() {
        assert_eq!(with_crlf(b"a\nb\r\nc\rd\n"), b"a\r\nb\r\nc\rd\r\n");
    }
}
