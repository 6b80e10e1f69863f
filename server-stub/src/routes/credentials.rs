//! Checks of what clients want stored: credentials and certificates.

use crypto_core::{
    ids::UnixTime,
    openpgp::{Certificate, CertificateStatus, ImportError},
    srp::{self, Group},
};
use wire::auth::{Credentials, KdfParameters, SrpGroup};

use crate::problem::ApiProblem;

/// The salt's length, in bytes.
pub(crate) const SALT_LEN: usize = 16;
const MAX_WRAPPED_KEY: usize = 512;
const MAX_CERTIFICATE: usize = 64 * 1024;

/// What is shown for an address nobody has: what clients use unless told otherwise.
pub(crate) const DEFAULT_KDF: KdfParameters = KdfParameters {
    memory_kib: 64 * 1024,
    passes: 3,
    lanes: 1,
};

/// The group as the core calls it.
pub(crate) fn group(group: SrpGroup) -> Group {
    match group {
        SrpGroup::Rfc5054Bits3072 => Group::Bits3072,
        SrpGroup::Rfc5054Bits4096 => Group::Bits4096,
    }
}

/// Refuses credentials that a careful client would refuse to use later.
pub(crate) fn check(credentials: &Credentials) -> Result<(), ApiProblem> {
    let kdf = &credentials.kdf;
    let work = u64::from(kdf.memory_kib) * u64::from(kdf.passes);
    let kdf_fits = (32 * 1024..=256 * 1024).contains(&kdf.memory_kib)
        && (1..=10).contains(&kdf.passes)
        && (1..=4).contains(&kdf.lanes)
        && work >= 128 * 1024;
    if !kdf_fits {
        return Err(ApiProblem::bad_request(
            "The key derivation is too weak or too costly.",
        ));
    }
    if credentials.salt.0.len() != SALT_LEN {
        return Err(ApiProblem::bad_request("The salt must be 16 bytes long."));
    }
    if !(1..=MAX_WRAPPED_KEY).contains(&credentials.wrapped_vault_key.0.len()) {
        return Err(ApiProblem::bad_request(
            "The wrapped vault key is empty or too long.",
        ));
    }
    // Length first: the arithmetic behind is not made for numbers of any length.
    let group = group(credentials.group);
    let verifier = &credentials.verifier.0;
    if verifier.len() != group.byte_len() || srp::check_verifier(group, verifier).is_err() {
        return Err(ApiProblem::bad_request(
            "The verifier is not one of its group.",
        ));
    }
    Ok(())
}

/// A certificate that may be kept for an address.
pub(crate) struct Accepted {
    pub(crate) bytes: Vec<u8>,
    pub(crate) fingerprint: String,
    pub(crate) revoked: bool,
}

/// Reads a certificate, which must name the address, hold no secret and be usable now; one that
/// is revoked is told apart, because a revocation must be publishable.
pub(crate) async fn certificate(
    bytes: Vec<u8>,
    address: String,
    now: UnixTime,
) -> Result<Accepted, ApiProblem> {
    if bytes.len() > MAX_CERTIFICATE {
        return Err(ApiProblem::bad_certificate(
            "The certificate is larger than 64 KiB.",
        ));
    }
    tokio::task::spawn_blocking(move || read(&bytes, &address, now))
        .await
        .map_err(|_| ApiProblem::bad_certificate("The certificate cannot be read."))?
}

fn read(bytes: &[u8], address: &str, now: UnixTime) -> Result<Accepted, ApiProblem> {
    let certificate = Certificate::parse(bytes).map_err(|error| match error {
        ImportError::SecretKeyGiven => ApiProblem::bad_certificate(
            "This holds a private key. It was not stored; treat the key as exposed.",
        ),
        ImportError::SeveralCertificates => {
            ApiProblem::bad_certificate("There is more than one certificate in it.")
        }
        _ => ApiProblem::bad_certificate("The certificate cannot be read."),
    })?;
    let revoked = matches!(certificate.status(now), CertificateStatus::Revoked(_));
    if !revoked {
        if !certificate.has_address(address) {
            return Err(ApiProblem::bad_certificate(
                "The certificate is for another address.",
            ));
        }
        certificate.check_encryption(now).map_err(|_| {
            ApiProblem::bad_certificate("The certificate cannot be used for encryption now.")
        })?;
    }
    Ok(Accepted {
        bytes: certificate.without_foreign().to_bytes(),
        fingerprint: certificate.fingerprint().as_hex().to_owned(),
        revoked,
    })
}
