//! Encrypting piece by piece.

use pgp::{armor::BlockType, packet::SignatureType, types::Tag};
use rand::{CryptoRng, RngCore};
use zeroize::Zeroizing;

use super::{
    PIECE,
    writing::{Parts, write_whole},
};
use crate::{
    bulk::{BLOCK_LEN, BulkEngine, BulkError, HashKind, Hasher},
    openpgp::{
        EncryptRequest,
        armor::{Readers, Writer},
        container::{MDC_HEADER, PREFIX_LEN, SALT_LEN, SessionKey, Suite, final_tag_of},
        encrypt::{LITERAL_HEADER, Scheme, encryption_keys, write_session_keys},
        error::EncryptError,
        policy::{Kinds, Wanted},
        signature::{RunningSigning, Signing},
    },
};

/// Plaintext that is encrypted together, in bytes: a few chunks, so that an engine can work on
/// them side by side, and whole blocks.
const BATCH: usize = 1 << 20;

/// Signs and encrypts a message piece by piece, in constant memory; what
/// [`crate::openpgp::encrypt`] does for whole buffers.
///
/// The packets are written in parts, because the length is not known in advance. Dropping it
/// cancels, and leaves a message that no reader accepts. There is an example at
/// [`StreamDecryptor`](super::StreamDecryptor).
pub struct StreamEncryptor {
    signing: Option<RunningSigning>,
    literal: Parts,
    /// Packets that wait to be encrypted.
    waiting: Zeroizing<Vec<u8>>,
    container: Container,
    parts: Parts,
    /// What has been encrypted, in its packet, on its way to the armor.
    sealed: Vec<u8>,
    packets: Vec<u8>,
    armor: Option<Writer>,
    bytes_in: u64,
}

enum Container {
    V1 {
        key: SessionKey,
        iv: [u8; BLOCK_LEN],
        hasher: Box<Hasher>,
    },
    V2 {
        suite: Suite,
        derived: Zeroizing<Vec<u8>>,
        index: u64,
        total: u64,
    },
}

impl std::fmt::Debug for StreamEncryptor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StreamEncryptor")
            .field("bytes_in", &self.bytes_in)
            .finish_non_exhaustive()
    }
}

impl StreamEncryptor {
    /// Chooses keys and algorithms, and returns the beginning of the message. The signing key is
    /// copied.
    ///
    /// # Errors
    /// As for [`crate::openpgp::encrypt`].
    pub fn start(
        rng: &mut (impl RngCore + CryptoRng),
        request: &EncryptRequest<'_>,
    ) -> Result<(Self, Vec<u8>), EncryptError> {
        let keys = encryption_keys(
            request.recipients,
            !request.passwords.is_empty(),
            request.now,
            Wanted::of(Kinds::Both),
        )?;
        let scheme = Scheme::choose(request);
        let session_key = scheme.make_session_key(rng);
        let mut packets = Vec::new();
        write_session_keys(
            &scheme,
            &session_key,
            &keys,
            request.passwords,
            rng,
            &mut packets,
        )
        .map_err(|error| EncryptError::Internal(error.to_string()))?;

        let mut waiting = Zeroizing::new(Vec::with_capacity(BATCH + PIECE + 1024));
        let mut parts = Parts::new(Tag::SymEncryptedProtectedData);
        let (container, readers) = match scheme {
            Scheme::V1(_) => {
                parts.push(&[1], &mut packets);
                let mut prefix = [0; PREFIX_LEN];
                rng.fill_bytes(&mut prefix);
                prefix.copy_within(BLOCK_LEN - 2..BLOCK_LEN, BLOCK_LEN);
                waiting.extend_from_slice(&prefix);
                let container = Container::V1 {
                    key: session_key,
                    iv: [0; BLOCK_LEN],
                    hasher: Box::new(Hasher::new(HashKind::Sha1)),
                };
                (container, Readers::All)
            }
            Scheme::V2(cipher, mode) => {
                let suite = Suite::new(cipher, mode);
                let mut salt = [0; SALT_LEN];
                rng.fill_bytes(&mut salt);
                let head = suite.associated_data();
                parts.push(head.get(1..).unwrap_or_default(), &mut packets);
                parts.push(&salt, &mut packets);
                let container = Container::V2 {
                    suite,
                    derived: suite.derive(&session_key.key, &salt)?,
                    index: 0,
                    total: 0,
                };
                (container, Readers::Modern)
            }
        };

        let mut literal = Parts::new(Tag::LiteralData);
        let signing = request
            .signer
            .map(|signer| {
                let kind = SignatureType::Binary;
                Signing::begin(rng, signer, kind, request.now, request.recipients)
            })
            .transpose()?;
        if let Some(signing) = &signing {
            write_whole(&signing.one_pass()?, &mut waiting);
        }
        literal.push(&LITERAL_HEADER, &mut waiting);

        let mut output = Vec::new();
        let mut armor = request
            .armor
            .then(|| Writer::begin(BlockType::Message, readers, &mut output));
        match &mut armor {
            Some(writer) => writer.push(&packets, &mut output),
            None => output.append(&mut packets),
        }
        packets.clear();
        Ok((
            Self {
                signing: signing.map(Signing::running).transpose()?,
                literal,
                waiting,
                container,
                parts,
                sealed: Vec::new(),
                packets,
                armor,
                bytes_in: 0,
            },
            output,
        ))
    }

    /// How many bytes of plaintext have been taken in.
    #[must_use]
    pub fn bytes_in(&self) -> u64 {
        self.bytes_in
    }

    /// Takes in the next piece of plaintext, of any size, and appends what there is to send; it
    /// lags behind by up to one MiB.
    ///
    /// # Errors
    /// [`EncryptError::Bulk`]; the message is then to be discarded.
    pub async fn push(
        &mut self,
        engine: &impl BulkEngine,
        data: &[u8],
        output: &mut Vec<u8>,
    ) -> Result<(), EncryptError> {
        for piece in data.chunks(PIECE) {
            if let Some(signing) = &mut self.signing {
                signing.update(piece);
            }
            self.literal.push(piece, &mut self.waiting);
            self.bytes_in += piece.len() as u64;
            if self.waiting.len() >= BATCH {
                self.seal(engine, false, output).await?;
            }
        }
        Ok(())
    }

    /// Says that the plaintext has ended, and appends the rest of the message.
    ///
    /// # Errors
    /// [`EncryptError::Bulk`] and [`EncryptError::Sign`].
    pub async fn finish(
        mut self,
        engine: &impl BulkEngine,
        output: &mut Vec<u8>,
    ) -> Result<(), EncryptError> {
        self.literal.finish(&mut self.waiting);
        if let Some(signing) = self.signing.take() {
            write_whole(&signing.finish()?, &mut self.waiting);
        }
        self.seal(engine, true, output).await?;
        if let Some(writer) = self.armor.take() {
            writer.finish(output);
        }
        Ok(())
    }

    /// Encrypts what waits, of which all is encrypted only with `last`.
    async fn seal(
        &mut self,
        engine: &impl BulkEngine,
        last: bool,
        output: &mut Vec<u8>,
    ) -> Result<(), EncryptError> {
        self.sealed.clear();
        self.container
            .seal(engine, &mut self.waiting, last, &mut self.sealed)
            .await?;
        let to = match self.armor {
            Some(_) => &mut self.packets,
            None => &mut *output,
        };
        self.parts.push(&self.sealed, to);
        if last {
            self.parts.finish(to);
        }
        if let Some(writer) = &mut self.armor {
            writer.push(&self.packets, output);
            self.packets.clear();
        }
        Ok(())
    }
}

impl Container {
    async fn seal(
        &mut self,
        engine: &impl BulkEngine,
        waiting: &mut Zeroizing<Vec<u8>>,
        last: bool,
        output: &mut Vec<u8>,
    ) -> Result<(), BulkError> {
        match self {
            Self::V1 { key, iv, hasher } => {
                if last {
                    hasher.update(waiting);
                    hasher.update(&MDC_HEADER);
                    waiting.extend_from_slice(&MDC_HEADER);
                    waiting.extend_from_slice(&Hasher::clone(hasher).finish());
                }
                let ready = ready(waiting.len(), BLOCK_LEN, last);
                let (now, _) = waiting.split_at_checked(ready).ok_or(BulkError::Length)?;
                if !last {
                    hasher.update(now);
                }
                let start = output.len();
                output.extend_from_slice(now);
                let buffer = output.get_mut(start..).ok_or(BulkError::Length)?;
                engine.cfb_encrypt(key.cipher, &key.key, iv, buffer).await?;
                if let Some(end) = buffer.last_chunk() {
                    *iv = *end;
                }
                waiting.drain(..ready);
            }
            Self::V2 {
                suite,
                derived,
                index,
                total,
            } => {
                let chunk_len = suite.chunk_len();
                let associated_data = suite.associated_data();
                let stream = suite.stream(derived, &associated_data)?;
                let ready = ready(waiting.len(), chunk_len, last);
                let (now, _) = waiting.split_at_checked(ready).ok_or(BulkError::Length)?;
                engine.seal_chunks(&stream, *index, now, output).await?;
                *index += now.len().div_ceil(chunk_len) as u64;
                *total += now.len() as u64;
                if last {
                    output.extend_from_slice(&final_tag_of(&stream, *index, *total)?);
                }
                waiting.drain(..ready);
            }
        }
        Ok(())
    }
}

/// How much can be encrypted now: whole units, or all.
fn ready(waiting: usize, unit: usize, last: bool) -> usize {
    if last { waiting } else { waiting / unit * unit }
}
