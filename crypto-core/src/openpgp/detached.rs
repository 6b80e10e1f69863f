//! Signatures that travel beside what they sign (RFC 9580, section 10.4).

use pgp::{
    armor::BlockType,
    packet::{Signature, SignatureType},
    types::Tag,
};
use rand::{CryptoRng, RngCore};

use super::{
    BadSignature, Certificate, Limits, SecretCertificate, SignatureVerdict, armor,
    certificate::write_packet,
    error::{SignError, VerifyError},
    packets::{PacketWalk, is_ignorable},
    signature::{Judge, Signing},
};
use crate::{bulk::BulkEngine, ids::UnixTime};

/// Signs data as it is (binary signature).
///
/// # Errors
/// See [`SignError`].
pub async fn sign_detached(
    engine: &impl BulkEngine,
    rng: &mut (impl RngCore + CryptoRng),
    data: &[u8],
    signer: &SecretCertificate,
    now: UnixTime,
    armor: bool,
) -> Result<Vec<u8>, SignError> {
    let signing = Signing::begin(rng, signer, SignatureType::Binary, now, &[])?;
    let readers = signing.readers();
    let mut bytes = Vec::new();
    write_packet(&signing.finish(engine, data).await?, &mut bytes);
    Ok(if armor {
        armor::write(&bytes, BlockType::Signature, readers)
    } else {
        bytes
    })
}

/// The name of a signature's hash algorithm as RFC 3156 (section 5) writes it into `micalg`:
/// `pgp-sha256`.
///
/// # Errors
/// [`VerifyError::Malformed`] if it is not a signature.
pub fn micalg(signature: &[u8]) -> Result<String, VerifyError> {
    let dearmored = armor::read(signature).map_err(VerifyError::Malformed)?;
    PacketWalk::new(&dearmored.bytes)
        .flatten()
        .filter(|packet| packet.tag() == Tag::Signature)
        .find_map(|packet| {
            let signature = Signature::try_from_reader(packet.header, packet.body()).ok()?;
            let name = signature.hash_alg()?.to_string().to_ascii_lowercase();
            Some(format!("pgp-{name}"))
        })
        .ok_or_else(|| VerifyError::Malformed("there is no signature in it".to_owned()))
}

/// Judges detached signatures, armored or binary; one verdict a signature, at least one.
///
/// # Errors
/// See [`VerifyError`].
pub async fn verify_detached(
    engine: &impl BulkEngine,
    data: &[u8],
    signature: &[u8],
    verifiers: &[&Certificate],
    now: UnixTime,
) -> Result<Vec<SignatureVerdict>, VerifyError> {
    let signatures = read_signatures(signature)?;
    judge_all(engine, data, &signatures, verifiers, now).await
}

/// Reads detached signatures, armored or binary; `None` for one that cannot be understood.
pub(super) fn read_signatures(signature: &[u8]) -> Result<Vec<Option<Signature>>, VerifyError> {
    let dearmored = armor::read(signature).map_err(VerifyError::Malformed)?;
    if !matches!(dearmored.kind, None | Some(BlockType::Signature)) {
        return Err(VerifyError::Malformed("it is something else".to_owned()));
    }
    read_packets(&dearmored.bytes)
}

/// Reads a sequence of signature packets, at least one.
fn read_packets(packets: &[u8]) -> Result<Vec<Option<Signature>>, VerifyError> {
    let malformed = |why: &str| VerifyError::Malformed(why.to_owned());
    let limit = Limits::default().signatures;
    let mut signatures = Vec::new();
    for packet in PacketWalk::new(packets) {
        let packet = packet.map_err(|_| malformed("it is cut off or damaged"))?;
        if is_ignorable(packet.tag()) {
            continue;
        }
        if packet.tag() != Tag::Signature {
            return Err(malformed("it holds something else than signatures"));
        }
        if signatures.len() >= limit {
            return Err(VerifyError::TooMany);
        }
        signatures.push(Signature::try_from_reader(packet.header, packet.body()).ok());
    }
    if signatures.is_empty() {
        return Err(malformed("there is no signature in it"));
    }
    Ok(signatures)
}

/// Judges a sequence of signature packets.
pub(super) async fn verify_packets(
    engine: &impl BulkEngine,
    data: &[u8],
    packets: &[u8],
    verifiers: &[&Certificate],
    now: UnixTime,
) -> Result<Vec<SignatureVerdict>, VerifyError> {
    let signatures = read_packets(packets)?;
    judge_all(engine, data, &signatures, verifiers, now).await
}

async fn judge_all(
    engine: &impl BulkEngine,
    data: &[u8],
    signatures: &[Option<Signature>],
    verifiers: &[&Certificate],
    now: UnixTime,
) -> Result<Vec<SignatureVerdict>, VerifyError> {
    let judge = Judge {
        verifiers,
        now,
        recipient: None,
    };
    let mut verdicts = Vec::with_capacity(signatures.len());
    for signature in signatures {
        verdicts.push(match signature {
            Some(signature) => judge.verdict(engine, signature, data).await?,
            None => SignatureVerdict::Bad(BadSignature::Malformed),
        });
    }
    Ok(verdicts)
}
