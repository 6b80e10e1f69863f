//! Many small things in one call.
//!
//! A mailbox opens fifty messages and checks two hundred certificates at a time. Each answer is
//! what the single call would have said; one that fails does not disturb the others. Across an
//! edge that costs something to pass, as the one into WebAssembly, one call costs it once.

use futures::future::join_all;

use super::{
    Certificate, DecryptRequest, Opened, SignatureVerdict, decrypt,
    error::{CertificateProblem, DecryptError, ImportError, VerifyError},
    types::{CertificateStatus, EncryptionFeatures},
    verify_detached,
};
use crate::{bulk::BulkEngine, ids::UnixTime};

/// How many messages are under way at a time: enough for an engine that works beside us, few
/// enough that their plaintexts do not fill the memory.
const AT_A_TIME: usize = 8;

/// Opens messages with the same keys, in their order; see [`decrypt()`].
///
/// [`Limits`](super::Limits) apply to each message by itself.
pub async fn decrypt_many(
    engine: &impl BulkEngine,
    messages: &[&[u8]],
    request: &DecryptRequest<'_>,
) -> Vec<Result<Opened, DecryptError>> {
    let mut opened = Vec::with_capacity(messages.len());
    for some in messages.chunks(AT_A_TIME) {
        let all = some.iter().map(|message| decrypt(engine, message, request));
        opened.extend(join_all(all).await);
    }
    opened
}

/// Data and the detached signatures over them.
#[derive(Clone, Copy, Debug)]
pub struct DetachedPair<'a> {
    /// What is signed.
    pub data: &'a [u8],
    /// One or more signatures, armored or binary.
    pub signature: &'a [u8],
}

/// Judges detached signatures over many pieces of data, in their order; see
/// [`verify_detached()`].
pub async fn verify_many(
    engine: &impl BulkEngine,
    pairs: &[DetachedPair<'_>],
    verifiers: &[&Certificate],
    now: UnixTime,
) -> Vec<Result<Vec<SignatureVerdict>, VerifyError>> {
    let mut verdicts = Vec::with_capacity(pairs.len());
    for some in pairs.chunks(AT_A_TIME) {
        let all = some
            .iter()
            .map(|pair| verify_detached(engine, pair.data, pair.signature, verifiers, now));
        verdicts.extend(join_all(all).await);
    }
    verdicts
}

/// What is to be known about a certificate before it is used.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CertificateReport {
    /// The certificate, with its self-signatures checked.
    pub certificate: Certificate,
    /// What it is good for as a whole.
    pub status: CertificateStatus,
    /// Whether it can be encrypted to, and what its holder reads.
    pub encryption: Result<EncryptionFeatures, CertificateProblem>,
}

/// Reads certificates, each armored or binary, checks them and reports, in their order.
#[must_use]
pub fn check_certificates(
    certificates: &[&[u8]],
    now: UnixTime,
) -> Vec<Result<CertificateReport, ImportError>> {
    certificates
        .iter()
        .map(|bytes| {
            let certificate = Certificate::parse(bytes)?;
            Ok(CertificateReport {
                status: certificate.status(now),
                encryption: certificate.check_encryption(now),
                certificate,
            })
        })
        .collect()
}
