//! The inside of a container as it arrives: chunks of version 2, and CFB of version 1.

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::keys::Opener;
use crate::{
    bulk::{BLOCK_LEN, BulkEngine, BulkError, Cipher, HashKind, Hasher},
    openpgp::{
        container::{MDC_HEADER, MDC_LEN, SALT_LEN, SessionKey, Suite, final_tag_of},
        error::DecryptError,
    },
};

/// Version 2: chunk after chunk, each authenticated before it is released.
pub(super) struct Chunks {
    suite: Suite,
    salt: [u8; SALT_LEN],
    openers: Vec<Opener>,
    /// The first of the openers has opened something, or is the only one.
    is_chosen: bool,
    derived: Zeroizing<Vec<u8>>,
    index: u64,
    total: u64,
}

impl Chunks {
    pub(super) fn new(suite: Suite, salt: [u8; SALT_LEN], openers: Vec<Opener>) -> Self {
        Self {
            suite,
            salt,
            openers,
            is_chosen: false,
            derived: Zeroizing::default(),
            index: 0,
            total: 0,
        }
    }

    /// The session key that is right, once a chunk has been opened.
    pub(super) fn opener(&self) -> Option<&Opener> {
        self.openers.first().filter(|_| self.is_chosen)
    }

    /// Opens what has come of whole chunks, takes them off `body`, and appends their plaintext.
    ///
    /// With `last`, all that is left, and the tag at the end.
    pub(super) async fn take(
        &mut self,
        engine: &impl BulkEngine,
        body: &mut Vec<u8>,
        last: bool,
        plaintext: &mut Zeroizing<Vec<u8>>,
    ) -> Result<(), DecryptError> {
        let sealed_len = self.suite.chunk_len() + BLOCK_LEN;
        let Some(available) = body.len().checked_sub(BLOCK_LEN) else {
            return if last {
                Err(DecryptError::Damaged)
            } else {
                Ok(())
            };
        };
        // The last 16 bytes may be the final tag.
        let ready = if last {
            available
        } else {
            available / sealed_len * sealed_len
        };
        if ready == 0 && !last {
            return Ok(());
        }
        if self.is_chosen {
            return self.open(engine, body, ready, last, plaintext).await;
        }
        // A sender can wrap several session keys for the same recipient; the data tell which.
        for opener in std::mem::take(&mut self.openers) {
            self.derived = self
                .suite
                .derive(&opener.key.key, &self.salt)
                .map_err(fault)?;
            self.openers = vec![opener];
            match self.open(engine, body, ready, last, plaintext).await {
                Err(DecryptError::Damaged) => {}
                done => {
                    self.is_chosen = true;
                    return done;
                }
            }
        }
        Err(DecryptError::Damaged)
    }

    async fn open(
        &mut self,
        engine: &impl BulkEngine,
        body: &mut Vec<u8>,
        ready: usize,
        last: bool,
        plaintext: &mut Zeroizing<Vec<u8>>,
    ) -> Result<(), DecryptError> {
        let sealed_len = self.suite.chunk_len() + BLOCK_LEN;
        let associated_data = self.suite.associated_data();
        let stream = self
            .suite
            .stream(&self.derived, &associated_data)
            .map_err(fault)?;
        let (chunks, rest) = body.split_at_checked(ready).ok_or(DecryptError::Damaged)?;
        let count = chunks.len().div_ceil(sealed_len);
        let length = (count * BLOCK_LEN <= chunks.len())
            .then(|| chunks.len() - count * BLOCK_LEN)
            .ok_or(DecryptError::Damaged)?;
        let index = self.index + count as u64;
        let total = self.total + length as u64;
        if last {
            // Before the last chunk is released, so that a cut shows first.
            let expected = final_tag_of(&stream, index, total).map_err(fault)?;
            if !bool::from(expected.ct_eq(rest)) {
                return Err(DecryptError::Damaged);
            }
        }
        engine
            .open_chunks(&stream, self.index, chunks, plaintext)
            .await
            .map_err(fault)?;
        self.index = index;
        self.total = total;
        body.drain(..ready);
        Ok(())
    }
}

pub(super) fn fault(error: BulkError) -> DecryptError {
    match error {
        BulkError::Platform => DecryptError::Platform,
        BulkError::Authentication | BulkError::Length => DecryptError::Damaged,
    }
}

/// Version 1: CFB, which has no resynchronisation here and goes on from block to block.
pub(super) struct Cfb {
    cipher: Cipher,
    key: Zeroizing<Vec<u8>>,
    iv: [u8; BLOCK_LEN],
}

impl Cfb {
    pub(super) fn new(key: &SessionKey) -> Self {
        Self {
            cipher: key.cipher,
            key: key.key.clone(),
            iv: [0; BLOCK_LEN],
        }
    }

    /// Decrypts whole blocks, or with the last call any number of bytes.
    pub(super) async fn decrypt(
        &mut self,
        engine: &impl BulkEngine,
        ciphertext: &[u8],
        plaintext: &mut Zeroizing<Vec<u8>>,
    ) -> Result<(), DecryptError> {
        let start = plaintext.len();
        plaintext.extend_from_slice(ciphertext);
        let buffer = plaintext.get_mut(start..).ok_or(DecryptError::Platform)?;
        engine
            .cfb_decrypt(self.cipher, &self.key, &self.iv, buffer)
            .await
            .map_err(fault)?;
        if let Some(iv) = ciphertext.last_chunk() {
            self.iv = *iv;
        }
        Ok(())
    }
}

/// The modification detection code of what one session key makes of the data.
pub(super) struct CodeCheck {
    cfb: Cfb,
    hasher: Hasher,
    /// The end of the plaintext so far, which may be the code.
    tail: Zeroizing<Vec<u8>>,
}

impl CodeCheck {
    pub(super) fn new(key: &SessionKey) -> Self {
        Self {
            cfb: Cfb::new(key),
            hasher: Hasher::new(HashKind::Sha1),
            tail: Zeroizing::default(),
        }
    }

    /// Takes in whole blocks, or with the last call any number of bytes.
    pub(super) async fn push(
        &mut self,
        engine: &impl BulkEngine,
        ciphertext: &[u8],
    ) -> Result<(), DecryptError> {
        self.tail.reserve(ciphertext.len());
        self.cfb.decrypt(engine, ciphertext, &mut self.tail).await?;
        let (content, rest) = self.tail.split_at(self.tail.len().saturating_sub(MDC_LEN));
        self.hasher.update(content);
        let rest = Zeroizing::new(rest.to_vec());
        self.tail.clear();
        self.tail.extend_from_slice(&rest);
        Ok(())
    }

    /// True if the code is right.
    pub(super) fn finish(mut self) -> bool {
        self.hasher.update(&MDC_HEADER);
        let mut expected = MDC_HEADER.to_vec();
        expected.extend_from_slice(&self.hasher.finish());
        bool::from(expected.ct_eq(&self.tail))
    }
}
