//! Reading encrypted messages.

use std::fmt;

use pgp::{armor::BlockType, types::Tag};
use zeroize::Zeroizing;

use super::{
    Certificate, Limits, SecretCertificate, SignatureVerdict, armor,
    container::{Container, ContainerFault, OpenFault},
    error::{DecryptError, ExceededLimit},
    message,
    packets::{Body, PacketWalk, is_ignorable},
    session::{Candidate, SessionPackets, Tried, is_hidden},
    signature::{self, Judge},
    types::BadSignature,
};
use crate::{
    bulk::{AeadMode, BulkEngine, Cipher},
    ids::{Fingerprint, UnixTime},
    secret::Passphrase,
};

/// How many session keys are tried on the whole container: a sender can wrap any number of wrong
/// ones for the same recipient.
const MAX_ATTEMPTS: usize = 16;

/// How many times private keys are used on session-key packets: with RSA in a browser each use
/// takes a tenth of a second, and a sender can name the same recipient in every packet.
const MAX_KEY_USES: usize = 128;

/// With what to open a message, and by what to judge it.
#[derive(Clone, Copy, Debug)]
pub struct DecryptRequest<'a> {
    /// Private keys, unlocked.
    pub keys: &'a [&'a SecretCertificate],
    /// Passwords.
    pub passwords: &'a [&'a Passphrase],
    /// Certificates of possible signers.
    pub verifiers: &'a [&'a Certificate],
    /// How much work the message may ask for.
    pub limits: &'a Limits,
    /// The time at which to judge.
    pub now: UnixTime,
}

/// An opened message.
pub struct Opened {
    /// The content, which is exactly what the verdicts are about.
    pub plaintext: Zeroizing<Vec<u8>>,
    /// The verdict to show: the best of `signatures`, or [`SignatureVerdict::Unsigned`].
    pub signature: SignatureVerdict,
    /// One verdict a signature.
    pub signatures: Vec<SignatureVerdict>,
    /// How the message was encrypted.
    pub protection: Protection,
    /// The certificate whose private key opened it; `None` if a password did.
    pub recipient: Option<Fingerprint>,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened")
            .field("signature", &self.signature)
            .field("protection", &self.protection)
            .field("recipient", &self.recipient)
            .finish_non_exhaustive()
    }
}

/// How a message was encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protection {
    /// The kind of container.
    pub mode: ProtectionMode,
    /// The cipher.
    pub cipher: Cipher,
}

/// The kinds of containers that protect integrity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProtectionMode {
    /// SEIPDv1: CFB with a modification detection code.
    Mdc,
    /// SEIPDv2: authenticated encryption in chunks.
    Aead {
        /// The mode of authenticated encryption.
        mode: AeadMode,
        /// Bytes of plaintext a chunk.
        chunk_len: usize,
    },
}

/// Opens a message, armored or binary, and judges its signatures.
///
/// # Errors
/// See [`DecryptError`]. No byte of plaintext is released with an error.
pub async fn decrypt(
    engine: &impl BulkEngine,
    message: &[u8],
    request: &DecryptRequest<'_>,
) -> Result<Opened, DecryptError> {
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
    let (content, opener, protection) = open(engine, &container, &packets, request).await?;
    let content = message::read(content, request.limits)?;

    let judge = Judge {
        verifiers: request.verifiers,
        now: request.now,
        recipient: opener.map(SecretCertificate::public),
    };
    let mut verdicts = Vec::with_capacity(content.signatures.len());
    for signature in &content.signatures {
        verdicts.push(match signature {
            Some(signature) => judge
                .verdict(engine, signature, &content.data)
                .await
                .map_err(|_| DecryptError::Platform)?,
            None => SignatureVerdict::Bad(BadSignature::Malformed),
        });
    }
    Ok(Opened {
        plaintext: content.data,
        signature: signature::best(&verdicts),
        signatures: verdicts,
        protection,
        recipient: opener.map(SecretCertificate::fingerprint),
    })
}

/// Reads session-key packets and the one container behind them.
fn read_envelope<'a>(
    bytes: &'a [u8],
    limits: &Limits,
) -> Result<(SessionPackets, Body<'a>), DecryptError> {
    let malformed = |why: &str| DecryptError::Malformed(why.to_owned());
    let mut packets = SessionPackets::default();
    let mut container: Option<Body<'a>> = None;
    for packet in PacketWalk::new(bytes) {
        let packet = packet.map_err(|_| malformed("it is cut off or damaged"))?;
        if is_ignorable(packet.tag()) {
            continue;
        }
        if container.is_some() {
            return Err(malformed("something follows its encrypted part"));
        }
        match packet.tag() {
            Tag::PublicKeyEncryptedSessionKey | Tag::SymKeyEncryptedSessionKey => {
                packets.add(&packet, limits)?;
            }
            Tag::SymEncryptedProtectedData => container = Some(packet.body),
            // Without integrity an attacker turns ciphertext into what sends the plaintext home
            // (EFAIL). It is not even tried.
            Tag::SymEncryptedData => return Err(DecryptError::NoIntegrity),
            Tag::GnupgAeadData => {
                return Err(DecryptError::Unsupported(
                    "GnuPG's own kind of encrypted data".to_owned(),
                ));
            }
            Tag::LiteralData | Tag::CompressedData | Tag::OnePassSignature | Tag::Signature
                if packets.is_empty() =>
            {
                return Err(DecryptError::NotEncrypted);
            }
            _ => return Err(malformed("its packets are not those of one message")),
        }
    }
    let body = container.ok_or_else(|| malformed("there is nothing encrypted in it"))?;
    Ok((packets, body))
}

/// Tries everything at hand until the container opens.
async fn open<'a>(
    engine: &impl BulkEngine,
    container: &Container<'_>,
    packets: &'a SessionPackets,
    request: &DecryptRequest<'a>,
) -> Result<
    (
        Zeroizing<Vec<u8>>,
        Option<&'a SecretCertificate>,
        Protection,
    ),
    DecryptError,
> {
    let mut budget = request.limits.s2k_work_kib;
    let mut attempts = 0;
    let mut key_uses = 0;
    let mut locked = None;
    let mut unsupported = None;
    let mut too_expensive = false;
    let mut named = false;
    for candidate in packets.candidates(request.keys, request.passwords) {
        let owner = match &candidate {
            Candidate::Key { owner, packet, .. } => {
                named |= !is_hidden(packet);
                key_uses += 1;
                Some(*owner)
            }
            Candidate::Password { .. } => None,
        };
        if key_uses > MAX_KEY_USES {
            return Err(DecryptError::LimitExceeded(ExceededLimit::SessionKeys));
        }
        let key = match candidate.open(container, request.limits, &mut budget) {
            Tried::Key(key) => key,
            Tried::Nothing => continue,
            Tried::Locked(print) => {
                locked = Some(print);
                continue;
            }
            Tried::Unsupported(what) => {
                unsupported = Some(what);
                continue;
            }
            Tried::TooExpensive => {
                too_expensive = true;
                continue;
            }
        };
        attempts += 1;
        if attempts > MAX_ATTEMPTS {
            return Err(DecryptError::LimitExceeded(ExceededLimit::SessionKeys));
        }
        match container.open(engine, &key).await {
            Ok(content) => return Ok((content, owner, container.protection(&key))),
            Err(OpenFault::Platform) => return Err(DecryptError::Platform),
            Err(OpenFault::Damaged) => {}
        }
    }
    let tried_passwords = packets.has_password() && !request.passwords.is_empty();
    Err(if let Some(print) = locked {
        DecryptError::Locked(print)
    } else if let Some(what) = unsupported {
        DecryptError::Unsupported(what)
    } else if named {
        DecryptError::Damaged
    } else if too_expensive {
        DecryptError::LimitExceeded(ExceededLimit::PasswordDerivation)
    } else if tried_passwords {
        DecryptError::WrongPassword
    } else {
        DecryptError::NotForUs {
            recipients: packets.recipients(),
            password: packets.has_password(),
        }
    })
}
