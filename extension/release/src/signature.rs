//! Detached OpenPGP signatures over files (RFC 9580, section 10.4).

use anyhow::{Result, bail};
use crypto_core::{
    bulk::NativeEngine,
    ids::UnixTime,
    openpgp::{Certificate, SecretCertificate, SignatureVerdict, sign_detached, verify_detached},
};

/// Signs bytes; the same bytes, key and time give the same signature.
///
/// # Errors
/// When the key may not sign at that time.
pub(crate) fn sign(bytes: &[u8], key: &SecretCertificate, time: u64) -> Result<Vec<u8>> {
    // A key younger than the commit signs at its own birth: a signature from before it is none.
    let time = UnixTime(time.max(key.certificate().created().0));
    Ok(futures::executor::block_on(sign_detached(
        &NativeEngine,
        &mut rand::rngs::OsRng,
        bytes,
        key,
        time,
        true,
    ))?)
}

/// Checks a signature against the certificates that may have made it.
///
/// # Errors
/// When none of them made a good one.
pub(crate) fn check(
    bytes: &[u8],
    signature: &[u8],
    certificates: &[Certificate],
    now: u64,
) -> Result<String> {
    let verifiers: Vec<&Certificate> = certificates.iter().collect();
    let verdicts = futures::executor::block_on(verify_detached(
        &NativeEngine,
        bytes,
        signature,
        &verifiers,
        UnixTime(now),
    ))?;
    for verdict in &verdicts {
        if let SignatureVerdict::Good { .. } = verdict {
            let signers: Vec<String> = certificates
                .iter()
                .map(|certificate| certificate.fingerprint().to_string())
                .collect();
            return Ok(signers.join(", "));
        }
    }
    bail!("no good signature by the given certificate: {verdicts:?}")
}
