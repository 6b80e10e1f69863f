//! Decrypting and verifying with every detail handed out: which key signed and how, and the
//! session key. [`super::decrypt`] and the `verify_*` functions are the everyday forms of it.
//!
//! The same promises hold: nothing is released before it is authenticated, and the verdicts are
//! about exactly the bytes that are returned.

use pgp::{
    armor::BlockType,
    packet::{Signature, SignatureType},
    types::Tag,
};
use zeroize::Zeroizing;

use super::{
    BadSignature, Certificate, DecryptRequest, Limits, Protection, SecretCertificate,
    SessionSecret, SignatureVerdict, armor,
    certificate::write_packet,
    cleartext::Framed,
    container::{Container, ContainerFault, OpenFault},
    decrypt::{Unsealed, open, read_envelope},
    error::{DecryptError, ExceededLimit, VerifyError},
    message::{self, Content},
    packets::{PacketWalk, is_ignorable},
    signature::{Judge, Judgement, with_crlf},
};
use crate::{
    bulk::{BulkEngine, BulkError},
    ids::{Fingerprint, UnixTime},
};

/// A signature with its verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct JudgedSignature {
    /// What is known about who made it.
    pub verdict: SignatureVerdict,
    /// The key that made it, which may be a subkey of the signer's; `None` unless it is good.
    pub key: Option<Fingerprint>,
    /// It signs text, whose ends of lines may differ, and not bytes.
    pub text: bool,
}

/// A message, opened or read, with everything that is known about it.
#[non_exhaustive]
pub struct Reading {
    /// The content, which is exactly what the signatures are judged about.
    pub data: Zeroizing<Vec<u8>>,
    /// All signatures.
    pub signatures: Vec<JudgedSignature>,
    /// The signature packets, one after the other.
    pub signature_packets: Vec<u8>,
    /// The key of the message, if it was encrypted.
    pub session_key: Option<SessionSecret>,
    /// How it was encrypted, if it was.
    pub protection: Option<Protection>,
}

impl std::fmt::Debug for Reading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reading")
            .field("signatures", &self.signatures)
            .field("protection", &self.protection)
            .finish_non_exhaustive()
    }
}

/// Opens a message with keys, passwords or session keys, in the opposite order: a session key
/// opens at once or not at all.
///
/// # Errors
/// See [`DecryptError`]. No byte of plaintext is released with an error.
pub async fn open_message(
    engine: &impl BulkEngine,
    message: &[u8],
    request: &DecryptRequest<'_>,
    session_keys: &[&SessionSecret],
) -> Result<Reading, DecryptError> {
    let dearmored = armor::read(message).map_err(DecryptError::Malformed)?;
    if !matches!(
        dearmored.kind,
        None | Some(BlockType::Message | BlockType::File)
    ) {
        return Err(DecryptError::NotEncrypted);
    }
    let (mut packets, body) = read_envelope(&dearmored.bytes, request.limits)?;
    let container = Container::parse(body.as_ref()).map_err(|fault| match fault {
        ContainerFault::Malformed(why) => DecryptError::Malformed(why.to_owned()),
        ContainerFault::Unsupported(what) => DecryptError::Unsupported(what),
    })?;
    packets.keep_aligned(&container);
    let Unsealed {
        content,
        opener,
        protection,
        key,
    } = match open_with(engine, &container, session_keys).await? {
        Some(unsealed) => unsealed,
        None => open(engine, &container, &packets, request).await?,
    };
    body.wipe();
    let content = message::read(content, request.limits)?;
    let judge = Judge {
        verifiers: request.verifiers,
        now: request.now,
        recipient: opener.map(SecretCertificate::public),
    };
    let mut reading = judge_content(engine, &judge, content)
        .await
        .map_err(|_| DecryptError::Platform)?;
    reading.session_key = Some(SessionSecret::of(&key));
    reading.protection = Some(protection);
    Ok(reading)
}

async fn open_with<'a>(
    engine: &impl BulkEngine,
    container: &Container<'_>,
    session_keys: &[&SessionSecret],
) -> Result<Option<Unsealed<'a>>, DecryptError> {
    for secret in session_keys {
        let Some(key) = secret.to_session_key() else {
            continue;
        };
        if container
            .cipher()
            .is_some_and(|cipher| cipher != key.cipher)
        {
            continue;
        }
        match container.open(engine, &key).await {
            Ok(content) => {
                return Ok(Some(Unsealed {
                    content,
                    opener: None,
                    protection: container.protection(&key),
                    key,
                }));
            }
            Err(OpenFault::Platform) => return Err(DecryptError::Platform),
            Err(OpenFault::Damaged) => {}
        }
    }
    Ok(None)
}

/// Reads a signed message that is not encrypted, or a text with cleartext signatures, armored or
/// binary, and judges its signatures.
///
/// # Errors
/// See [`VerifyError`].
pub async fn read_signed(
    engine: &impl BulkEngine,
    message: &[u8],
    verifiers: &[&Certificate],
    limits: &Limits,
    now: UnixTime,
) -> Result<Reading, VerifyError> {
    let malformed = |why: &str| VerifyError::Malformed(why.to_owned());
    let judge = Judge {
        verifiers,
        now,
        recipient: None,
    };
    if is_cleartext(message) {
        let text = std::str::from_utf8(message).map_err(|_| malformed("it is not text"))?;
        let framed = Framed::read(text)?;
        let dearmored = armor::read(framed.signature.as_bytes()).map_err(VerifyError::Malformed)?;
        let signed = with_crlf(framed.text.as_bytes());
        let (signatures, packets) =
            judge_packets(engine, &judge, &signed, &dearmored.bytes).await?;
        return Ok(Reading {
            data: Zeroizing::new(framed.text.into_bytes()),
            signatures,
            signature_packets: packets,
            session_key: None,
            protection: None,
        });
    }
    let dearmored = armor::read(message).map_err(VerifyError::Malformed)?;
    if !matches!(
        dearmored.kind,
        None | Some(BlockType::Message | BlockType::File)
    ) {
        return Err(malformed("it is something else"));
    }
    let encrypted = PacketWalk::new(&dearmored.bytes).flatten().any(|packet| {
        matches!(
            packet.tag(),
            Tag::SymEncryptedProtectedData | Tag::SymEncryptedData | Tag::GnupgAeadData
        )
    });
    if encrypted {
        return Err(malformed("it is encrypted"));
    }
    let packets = Zeroizing::new(dearmored.bytes.into_owned());
    let content = message::read(packets, limits).map_err(|error| match error {
        DecryptError::LimitExceeded(ExceededLimit::Signatures) => VerifyError::TooMany,
        other => VerifyError::Malformed(other.to_string()),
    })?;
    Ok(judge_content(engine, &judge, content).await?)
}

/// True if this begins as a text with cleartext signatures.
fn is_cleartext(message: &[u8]) -> bool {
    message
        .trim_ascii_start()
        .starts_with(b"-----BEGIN PGP SIGNED MESSAGE-----")
}

/// Judges detached signatures, armored or binary.
///
/// # Errors
/// See [`VerifyError`].
pub async fn judge_detached(
    engine: &impl BulkEngine,
    data: &[u8],
    signatures: &[u8],
    verifiers: &[&Certificate],
    now: UnixTime,
) -> Result<Vec<JudgedSignature>, VerifyError> {
    let dearmored = armor::read(signatures).map_err(VerifyError::Malformed)?;
    if !matches!(dearmored.kind, None | Some(BlockType::Signature)) {
        return Err(VerifyError::Malformed("it is something else".to_owned()));
    }
    let judge = Judge {
        verifiers,
        now,
        recipient: None,
    };
    let (judged, _) = judge_packets(engine, &judge, data, &dearmored.bytes).await?;
    Ok(judged)
}

async fn judge_packets(
    engine: &impl BulkEngine,
    judge: &Judge<'_>,
    data: &[u8],
    packets: &[u8],
) -> Result<(Vec<JudgedSignature>, Vec<u8>), VerifyError> {
    let malformed = |why: &str| VerifyError::Malformed(why.to_owned());
    let limit = Limits::default().signatures;
    let mut all = Vec::new();
    for packet in PacketWalk::new(packets) {
        let packet = packet.map_err(|_| malformed("it is cut off or damaged"))?;
        if is_ignorable(packet.tag()) {
            continue;
        }
        if packet.tag() != Tag::Signature {
            return Err(malformed("it holds something else than signatures"));
        }
        if all.len() >= limit {
            return Err(VerifyError::TooMany);
        }
        all.push(Signature::try_from_reader(packet.header, packet.body()).ok());
    }
    if all.is_empty() {
        return Err(malformed("there is no signature in it"));
    }
    Ok((judge_all(engine, judge, data, &all).await?, write_all(&all)))
}

async fn judge_content(
    engine: &impl BulkEngine,
    judge: &Judge<'_>,
    content: Content,
) -> Result<Reading, BulkError> {
    Ok(Reading {
        signatures: judge_all(engine, judge, &content.data, &content.signatures).await?,
        signature_packets: write_all(&content.signatures),
        data: content.data,
        session_key: None,
        protection: None,
    })
}

async fn judge_all(
    engine: &impl BulkEngine,
    judge: &Judge<'_>,
    data: &[u8],
    signatures: &[Option<Signature>],
) -> Result<Vec<JudgedSignature>, BulkError> {
    let mut judged = Vec::with_capacity(signatures.len());
    for signature in signatures {
        let judgement = match signature {
            Some(signature) => judge.judgement(engine, signature, data).await?,
            None => Judgement::from(SignatureVerdict::Bad(BadSignature::Malformed)),
        };
        let text = signature
            .as_ref()
            .is_some_and(|signature| signature.typ() == Some(SignatureType::Text));
        judged.push(JudgedSignature {
            verdict: judgement.verdict,
            key: judgement.key,
            text,
        });
    }
    Ok(judged)
}

fn write_all(signatures: &[Option<Signature>]) -> Vec<u8> {
    let mut output = Vec::new();
    for signature in signatures.iter().flatten() {
        write_packet(signature, &mut output);
    }
    output
}
