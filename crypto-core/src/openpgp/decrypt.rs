//! Reading encrypted messages.

use std::fmt;

use pgp::{armor::BlockType, types::Tag};
use zeroize::Zeroizing;

use super::{
    Certificate, Limits, SecretCertificate, SignatureVerdict, armor,
    container::{Container, ContainerFault, OpenFault, SessionKey},
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
#[non_exhaustive]
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
#[non_exhaustive]
pub struct Protection {
    /// The kind of container.
    pub mode: ProtectionMode,
    /// The cipher.
    pub cipher: Cipher,
}

/// The kinds of containers that protect integrity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
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
    let Unsealed {
        content,
        opener,
        protection,
        ..
    } = open(engine, &container, &packets, request).await?;
    body.wipe();
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
pub(super) fn read_envelope<'a>(
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
        match Part::of(packet.tag(), packets.is_empty())? {
            Part::SessionKey => packets.add(packet.header, packet.body(), limits)?,
            Part::Container => container = Some(packet.body),
        }
    }
    let body = container.ok_or_else(|| malformed("there is nothing encrypted in it"))?;
    Ok((packets, body))
}

/// What may stand in an encrypted message.
pub(super) enum Part {
    SessionKey,
    Container,
}

impl Part {
    /// Tells the parts apart, and why anything else is refused.
    pub(super) fn of(tag: Tag, is_first: bool) -> Result<Self, DecryptError> {
        match tag {
            Tag::PublicKeyEncryptedSessionKey | Tag::SymKeyEncryptedSessionKey => {
                Ok(Self::SessionKey)
            }
            Tag::SymEncryptedProtectedData => Ok(Self::Container),
            // Without integrity an attacker turns ciphertext into what sends the plaintext home
            // (EFAIL). It is not even tried.
            Tag::SymEncryptedData => Err(DecryptError::NoIntegrity),
            Tag::GnupgAeadData => Err(DecryptError::Unsupported(
                "GnuPG's own kind of encrypted data".to_owned(),
            )),
            Tag::LiteralData | Tag::CompressedData | Tag::OnePassSignature | Tag::Signature
                if is_first =>
            {
                Err(DecryptError::NotEncrypted)
            }
            _ => Err(DecryptError::Malformed(
                "its packets are not those of one message".to_owned(),
            )),
        }
    }
}

/// What a container held, and what opened it.
pub(super) struct Unsealed<'a> {
    pub(super) content: Zeroizing<Vec<u8>>,
    /// `None` if it was not a private key.
    pub(super) opener: Option<&'a SecretCertificate>,
    pub(super) protection: Protection,
    pub(super) key: SessionKey,
}

/// Tries everything at hand until the container opens.
pub(super) async fn open<'a>(
    engine: &impl BulkEngine,
    container: &Container<'_>,
    packets: &'a SessionPackets,
    request: &DecryptRequest<'a>,
) -> Result<Unsealed<'a>, DecryptError> {
    let mut search = Search::new(request.limits);
    for candidate in packets.candidates(request.keys, request.passwords) {
        let Some(Found { key, owner }) = search.attempt(&candidate, container)? else {
            continue;
        };
        match container.open(engine, &key).await {
            Ok(content) => {
                return Ok(Unsealed {
                    content,
                    opener: owner,
                    protection: container.protection(&key),
                    key,
                });
            }
            Err(OpenFault::Platform) => return Err(DecryptError::Platform),
            Err(OpenFault::Damaged) => {}
        }
    }
    Err(search.failure(packets, !request.passwords.is_empty()))
}

/// A session key that may be the right one, and whose private key it came from.
pub(super) struct Found<'a> {
    pub(super) key: SessionKey,
    pub(super) owner: Option<&'a SecretCertificate>,
}

/// The search for a session key: what it has cost, and why it found nothing so far.
pub(super) struct Search<'l> {
    limits: &'l Limits,
    budget: u64,
    attempts: usize,
    key_uses: usize,
    locked: Option<Fingerprint>,
    unsupported: Option<String>,
    too_expensive: bool,
    named: bool,
}

impl<'l> Search<'l> {
    pub(super) fn new(limits: &'l Limits) -> Self {
        Self {
            limits,
            budget: limits.s2k_work_kib,
            attempts: 0,
            key_uses: 0,
            locked: None,
            unsupported: None,
            too_expensive: false,
            named: false,
        }
    }

    /// Takes the session key out of a packet, if the candidate fits.
    pub(super) fn attempt<'a>(
        &mut self,
        candidate: &Candidate<'a>,
        container: &Container<'_>,
    ) -> Result<Option<Found<'a>>, DecryptError> {
        let too_many = || DecryptError::LimitExceeded(ExceededLimit::SessionKeys);
        let owner = match candidate {
            Candidate::Key { owner, packet, .. } => {
                self.named |= !is_hidden(packet);
                self.key_uses += 1;
                Some(*owner)
            }
            Candidate::Password { .. } => None,
        };
        if self.key_uses > MAX_KEY_USES {
            return Err(too_many());
        }
        match candidate.open(container, self.limits, &mut self.budget) {
            Tried::Key(key) => {
                self.attempts += 1;
                if self.attempts > MAX_ATTEMPTS {
                    return Err(too_many());
                }
                return Ok(Some(Found { key, owner }));
            }
            Tried::Nothing => {}
            Tried::Locked(print) => self.locked = Some(print),
            Tried::Unsupported(what) => self.unsupported = Some(what),
            Tried::TooExpensive => self.too_expensive = true,
        }
        Ok(None)
    }

    /// Why nothing opened the container.
    pub(super) fn failure(self, packets: &SessionPackets, has_passwords: bool) -> DecryptError {
        if let Some(print) = self.locked {
            DecryptError::Locked(print)
        } else if let Some(what) = self.unsupported {
            DecryptError::Unsupported(what)
        } else if self.named {
            DecryptError::Damaged
        } else if self.too_expensive {
            DecryptError::LimitExceeded(ExceededLimit::PasswordDerivation)
        } else if packets.has_password() && has_passwords {
            DecryptError::WrongPassword
        } else {
            DecryptError::NotForUs {
                recipients: packets.recipients(),
                password: packets.has_password(),
            }
        }
    }
}
