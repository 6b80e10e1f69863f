//! Encrypted containers: SEIPD version 1 and 2 (RFC 9580, section 5.13).
//!
//! The framing is here, the bulk work in the engine. A container opens as a whole or not at all:
//! version 2 only after its last tag, version 1 only after its modification detection code.

use hkdf::Hkdf;
use pgp::{
    crypto::{aead::AeadAlgorithm, sym::SymmetricKeyAlgorithm},
    types::Tag,
};
use rand::{CryptoRng, RngCore};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{
    decrypt::{Protection, ProtectionMode},
    packets::write_header,
};
use crate::{
    bulk::{self, AeadMode, BLOCK_LEN, BulkEngine, BulkError, ChunkStream, Cipher, HashKind},
    secret::wipe,
};

/// AES-256 with GCM, the suite browsers compute themselves.
pub(super) const AES256_GCM: (SymmetricKeyAlgorithm, AeadAlgorithm) =
    (SymmetricKeyAlgorithm::AES256, AeadAlgorithm::Gcm);

/// The size of our chunks is 2^(12 + 6) bytes, 256 KiB: with it WebCrypto is at its fastest.
const CHUNK_OCTET: u8 = 12;
/// Larger chunks than 4 MiB must not be made (RFC 9580, section 5.13.2).
const MAX_CHUNK_OCTET: u8 = 16;
pub(super) const SALT_LEN: usize = 32;
/// Random block and its repeated end, with which version 1 begins.
pub(super) const PREFIX_LEN: usize = BLOCK_LEN + 2;
/// Header of the modification detection code packet, and SHA-1.
pub(super) const MDC_HEADER: [u8; 2] = [0xd3, 0x14];
pub(super) const MDC_LEN: usize = 22;

/// The key of one container.
pub(super) struct SessionKey {
    pub(super) cipher: Cipher,
    pub(super) key: Zeroizing<Vec<u8>>,
}

/// Why a container was not read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ContainerFault {
    Malformed(&'static str),
    Unsupported(String),
}

/// Why a container did not open.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum OpenFault {
    /// Wrong key or changed data.
    Damaged,
    Platform,
}

impl From<BulkError> for OpenFault {
    fn from(error: BulkError) -> Self {
        match error {
            BulkError::Platform => Self::Platform,
            BulkError::Authentication | BulkError::Length => Self::Damaged,
        }
    }
}

/// A container as it was received.
#[derive(Debug)]
pub(super) enum Container<'a> {
    V1 {
        ciphertext: &'a [u8],
    },
    V2 {
        suite: Suite,
        salt: [u8; SALT_LEN],
        ciphertext: &'a [u8],
    },
}

/// Everything about a version 2 container that its associated data say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Suite {
    cipher: Cipher,
    mode: AeadMode,
    chunk_octet: u8,
}

impl Suite {
    pub(super) fn new(cipher: Cipher, mode: AeadMode) -> Self {
        Self {
            cipher,
            mode,
            chunk_octet: CHUNK_OCTET,
        }
    }

    /// As somebody else may choose it.
    #[cfg(test)]
    pub(super) fn with_chunk_octet(mut self, chunk_octet: u8) -> Self {
        self.chunk_octet = chunk_octet;
        self
    }

    pub(super) fn chunk_len(self) -> usize {
        1 << (self.chunk_octet + 6)
    }

    pub(super) fn associated_data(self) -> [u8; 5] {
        [
            Tag::SymEncryptedProtectedData.encode(),
            2,
            cipher_id(self.cipher).into(),
            mode_id(self.mode).into(),
            self.chunk_octet,
        ]
    }

    /// Message key and nonce prefix, one after the other.
    pub(super) fn derive(
        self,
        session_key: &[u8],
        salt: &[u8; SALT_LEN],
    ) -> Result<Zeroizing<Vec<u8>>, BulkError> {
        let length = self.cipher.key_len() + self.mode.nonce_len() - 8;
        let mut derived = Zeroizing::new(vec![0; length]);
        Hkdf::<Sha256>::new(Some(salt), session_key)
            .expand(&self.associated_data(), &mut derived)
            .map_err(|_| BulkError::Length)?;
        Ok(derived)
    }

    pub(super) fn stream<'a>(
        self,
        derived: &'a [u8],
        associated_data: &'a [u8],
    ) -> Result<ChunkStream<'a>, BulkError> {
        let (key, nonce_prefix) = derived
            .split_at_checked(self.cipher.key_len())
            .ok_or(BulkError::Length)?;
        Ok(ChunkStream {
            cipher: self.cipher,
            mode: self.mode,
            key,
            nonce_prefix,
            associated_data,
            chunk_len: self.chunk_len(),
        })
    }
}

impl<'a> Container<'a> {
    /// Reads the body of a SEIPD packet.
    pub(super) fn parse(body: &'a [u8]) -> Result<Self, ContainerFault> {
        const CUT: ContainerFault = ContainerFault::Malformed("its encrypted part is cut off");
        let (version, rest) = body.split_first().ok_or(CUT)?;
        match version {
            1 => Ok(Self::V1 { ciphertext: rest }),
            2 => {
                let ([cipher, mode, chunk_octet], rest) = rest.split_first_chunk().ok_or(CUT)?;
                let (salt, ciphertext) = rest.split_first_chunk().ok_or(CUT)?;
                let cipher = SymmetricKeyAlgorithm::from(*cipher);
                let mode = AeadAlgorithm::from(*mode);
                if *chunk_octet > MAX_CHUNK_OCTET {
                    return Err(ContainerFault::Malformed("its chunks are too large"));
                }
                let unsupported = || {
                    ContainerFault::Unsupported(format!("encryption with {cipher:?} and {mode:?}"))
                };
                Ok(Self::V2 {
                    suite: Suite {
                        cipher: cipher_of(cipher).ok_or_else(unsupported)?,
                        mode: mode_of(mode).ok_or_else(unsupported)?,
                        chunk_octet: *chunk_octet,
                    },
                    salt: *salt,
                    ciphertext,
                })
            }
            other => Err(ContainerFault::Unsupported(format!(
                "encrypted data of version {other}"
            ))),
        }
    }

    /// How the content is protected if it opens with this key.
    pub(super) fn protection(&self, key: &SessionKey) -> Protection {
        match self {
            Self::V1 { .. } => Protection {
                mode: ProtectionMode::Mdc,
                cipher: key.cipher,
            },
            Self::V2 { suite, .. } => Protection {
                mode: ProtectionMode::Aead {
                    mode: suite.mode,
                    chunk_len: suite.chunk_len(),
                },
                cipher: suite.cipher,
            },
        }
    }

    /// The cipher, which for version 1 only the session key tells.
    pub(super) fn cipher(&self) -> Option<Cipher> {
        match self {
            Self::V1 { .. } => None,
            Self::V2 { suite, .. } => Some(suite.cipher),
        }
    }

    /// Decrypts and authenticates the whole.
    pub(super) async fn open(
        &self,
        engine: &impl BulkEngine,
        key: &SessionKey,
    ) -> Result<Zeroizing<Vec<u8>>, OpenFault> {
        match self {
            Self::V1 { ciphertext } => open_v1(engine, key, ciphertext).await,
            Self::V2 {
                suite,
                salt,
                ciphertext,
            } => open_v2(engine, key, *suite, salt, ciphertext).await,
        }
    }
}

async fn open_v1(
    engine: &impl BulkEngine,
    key: &SessionKey,
    ciphertext: &[u8],
) -> Result<Zeroizing<Vec<u8>>, OpenFault> {
    if ciphertext.len() < PREFIX_LEN + MDC_LEN {
        return Err(OpenFault::Damaged);
    }
    let mut plaintext = Zeroizing::new(ciphertext.to_vec());
    let iv = [0; BLOCK_LEN];
    engine
        .cfb_decrypt(key.cipher, &key.key, &iv, &mut plaintext)
        .await?;
    // The repeated bytes of the prefix are not looked at: they would be an oracle, and the code
    // below covers them.
    let (content, mdc) = plaintext
        .split_at_checked(plaintext.len() - MDC_LEN)
        .ok_or(OpenFault::Damaged)?;
    let hash = engine.hash(HashKind::Sha1, &[content, &MDC_HEADER]).await?;
    let mut expected = MDC_HEADER.to_vec();
    expected.extend_from_slice(&hash);
    if !bool::from(expected.ct_eq(mdc)) {
        return Err(OpenFault::Damaged);
    }
    let end = plaintext.len() - MDC_LEN;
    keep(&mut plaintext, PREFIX_LEN..end);
    Ok(plaintext)
}

async fn open_v2(
    engine: &impl BulkEngine,
    key: &SessionKey,
    suite: Suite,
    salt: &[u8; SALT_LEN],
    ciphertext: &[u8],
) -> Result<Zeroizing<Vec<u8>>, OpenFault> {
    if key.key.len() != suite.cipher.key_len() {
        return Err(OpenFault::Damaged);
    }
    let (chunks, final_tag) = ciphertext
        .split_last_chunk::<BLOCK_LEN>()
        .ok_or(OpenFault::Damaged)?;
    let derived = suite.derive(&key.key, salt)?;
    let associated_data = suite.associated_data();
    let stream = suite.stream(&derived, &associated_data)?;
    let count = chunks.len().div_ceil(suite.chunk_len() + BLOCK_LEN);
    let total = count
        .checked_mul(BLOCK_LEN)
        .and_then(|tags| chunks.len().checked_sub(tags))
        .ok_or(OpenFault::Damaged)?;
    // The last tag tells of a message cut at a chunk's border. It covers only the length, so it
    // is checked first and costs next to nothing.
    let expected = final_tag_of(&stream, count as u64, total as u64)?;
    if !bool::from(expected.ct_eq(final_tag)) {
        return Err(OpenFault::Damaged);
    }
    let mut plaintext = Zeroizing::new(Vec::new());
    engine
        .open_chunks(&stream, 0, chunks, &mut plaintext)
        .await?;
    Ok(plaintext)
}

/// The tag with which a version 2 container of so many chunks and bytes ends.
pub(super) fn final_tag_of(
    stream: &ChunkStream<'_>,
    index: u64,
    total: u64,
) -> Result<[u8; BLOCK_LEN], BulkError> {
    let mut associated_data = stream.associated_data.to_vec();
    associated_data.extend_from_slice(&total.to_be_bytes());
    bulk::tag_of_nothing(stream, index, &associated_data)
}

/// What goes into a container: the data, and the packets in front of and behind them.
///
/// Apart, because the data may be large, and each copy of them costs as much as hashing a third.
#[derive(Clone, Copy, Debug)]
pub(super) struct Content<'a> {
    pub(super) front: &'a [u8],
    pub(super) data: &'a [u8],
    pub(super) tail: &'a [u8],
}

impl<'a> Content<'a> {
    /// Packets that have been put together.
    #[cfg(test)]
    pub(super) fn whole(packets: &'a [u8]) -> Self {
        Self {
            front: packets,
            data: &[],
            tail: &[],
        }
    }

    fn len(&self) -> usize {
        self.front.len() + self.data.len() + self.tail.len()
    }
}

/// Writes a version 1 container around `content`, as a whole packet.
pub(super) async fn seal_v1(
    engine: &impl BulkEngine,
    rng: &mut (impl RngCore + CryptoRng),
    key: &SessionKey,
    content: Content<'_>,
    output: &mut Vec<u8>,
) -> Result<(), BulkError> {
    let mut prefix = [0; PREFIX_LEN];
    rng.fill_bytes(&mut prefix);
    prefix.copy_within(BLOCK_LEN - 2..BLOCK_LEN, BLOCK_LEN);
    let length = 1 + PREFIX_LEN + content.len() + MDC_LEN;
    write_header(Tag::SymEncryptedProtectedData, length, output).ok_or(BulkError::Length)?;
    output.reserve(length);
    output.push(1);
    let start = output.len();
    for part in [&prefix, content.front, content.data, content.tail] {
        output.extend_from_slice(part);
    }
    // The code is only at the end, so that most can be encrypted while it is computed.
    let front_len = (PREFIX_LEN + content.len()) / BLOCK_LEN * BLOCK_LEN;
    let front = output
        .get_mut(start..start + front_len)
        .ok_or(BulkError::Length)?;
    let iv = [0; BLOCK_LEN];
    let hashed: [&[u8]; 5] = [
        &prefix,
        content.front,
        content.data,
        content.tail,
        &MDC_HEADER,
    ];
    let (hash, encrypted) = futures::join!(
        engine.hash(HashKind::Sha1, &hashed),
        engine.cfb_encrypt(key.cipher, &key.key, &iv, front),
    );
    encrypted?;
    let next = front.last_chunk().copied().unwrap_or(iv);
    output.extend_from_slice(&MDC_HEADER);
    output.extend_from_slice(&hash?);
    let rest = output
        .get_mut(start + front_len..)
        .ok_or(BulkError::Length)?;
    engine.cfb_encrypt(key.cipher, &key.key, &next, rest).await
}

/// Writes a version 2 container around `content`, as a whole packet.
pub(super) async fn seal_v2(
    engine: &impl BulkEngine,
    rng: &mut (impl RngCore + CryptoRng),
    suite: Suite,
    session_key: &[u8],
    content: Content<'_>,
    output: &mut Vec<u8>,
) -> Result<(), BulkError> {
    let mut salt = [0; SALT_LEN];
    rng.fill_bytes(&mut salt);
    let derived = suite.derive(session_key, &salt)?;
    let associated_data = suite.associated_data();
    let stream = suite.stream(&derived, &associated_data)?;
    let count = content.len().div_ceil(suite.chunk_len());
    let length = 4 + SALT_LEN + content.len() + (count + 1) * BLOCK_LEN;
    write_header(Tag::SymEncryptedProtectedData, length, output).ok_or(BulkError::Length)?;
    output.reserve(length);
    output.extend_from_slice(associated_data.get(1..).unwrap_or_default());
    output.extend_from_slice(&salt);
    seal_chunks(engine, &stream, content, output).await?;
    let tag = final_tag_of(&stream, count as u64, content.len() as u64)?;
    output.extend_from_slice(&tag);
    Ok(())
}

/// Encrypts the content in chunks, of which only the first and the last are put together if the
/// data are large.
async fn seal_chunks(
    engine: &impl BulkEngine,
    stream: &ChunkStream<'_>,
    content: Content<'_>,
    output: &mut Vec<u8>,
) -> Result<(), BulkError> {
    /// Smaller data are sooner copied than handed over in three calls.
    const WORTH_IT: usize = 4 << 20;
    let Content { front, data, tail } = content;
    if data.is_empty() && tail.is_empty() {
        return engine.seal_chunks(stream, 0, front, output).await;
    }
    let first_len = stream.chunk_len.saturating_sub(front.len());
    if data.len() < WORTH_IT || first_len == 0 || first_len > data.len() {
        let mut whole = Zeroizing::new(Vec::with_capacity(content.len()));
        for part in [front, data, tail] {
            whole.extend_from_slice(part);
        }
        let done = engine.seal_chunks(stream, 0, &whole, output).await;
        wipe(&mut whole);
        return done;
    }
    let (first, rest) = data.split_at(first_len);
    let chunks = rest.len() / stream.chunk_len;
    let (middle, last) = rest.split_at(chunks * stream.chunk_len);
    let first = Zeroizing::new([front, first].concat());
    engine.seal_chunks(stream, 0, &first, output).await?;
    engine.seal_chunks(stream, 1, middle, output).await?;
    let last = Zeroizing::new([last, tail].concat());
    let index = 1 + chunks as u64;
    engine.seal_chunks(stream, index, &last, output).await
}

/// Leaves only this range in the buffer; what is cut off is wiped with the buffer itself.
pub(super) fn keep(buffer: &mut Zeroizing<Vec<u8>>, range: std::ops::Range<usize>) {
    let length = range.len();
    buffer.copy_within(range, 0);
    buffer.truncate(length);
}

pub(super) fn cipher_of(algorithm: SymmetricKeyAlgorithm) -> Option<Cipher> {
    match algorithm {
        SymmetricKeyAlgorithm::AES128 => Some(Cipher::Aes128),
        SymmetricKeyAlgorithm::AES192 => Some(Cipher::Aes192),
        SymmetricKeyAlgorithm::AES256 => Some(Cipher::Aes256),
        _ => None,
    }
}

pub(super) fn cipher_id(cipher: Cipher) -> SymmetricKeyAlgorithm {
    match cipher {
        Cipher::Aes128 => SymmetricKeyAlgorithm::AES128,
        Cipher::Aes192 => SymmetricKeyAlgorithm::AES192,
        Cipher::Aes256 => SymmetricKeyAlgorithm::AES256,
    }
}

pub(super) fn mode_of(algorithm: AeadAlgorithm) -> Option<AeadMode> {
    match algorithm {
        AeadAlgorithm::Eax => Some(AeadMode::Eax),
        AeadAlgorithm::Ocb => Some(AeadMode::Ocb),
        AeadAlgorithm::Gcm => Some(AeadMode::Gcm),
        _ => None,
    }
}

pub(super) fn mode_id(mode: AeadMode) -> AeadAlgorithm {
    match mode {
        AeadMode::Eax => AeadAlgorithm::Eax,
        AeadMode::Ocb => AeadAlgorithm::Ocb,
        AeadMode::Gcm => AeadAlgorithm::Gcm,
    }
}
