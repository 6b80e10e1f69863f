//! The first of two passes.

use super::{
    PIECE,
    envelope::{Envelope, Head},
    keys::{Keys, Opener},
    opener::{Chunks, CodeCheck},
};
use crate::{
    bulk::{BLOCK_LEN, BulkEngine, HashKind, Hasher},
    ids::Fingerprint,
    openpgp::{
        DecryptRequest,
        container::{MDC_LEN, PREFIX_LEN, SessionKey},
        error::DecryptError,
    },
};

/// Session keys that are tried on version 1 side by side: each costs a decryption of the whole.
const MAX_PARALLEL: usize = 4;

/// Reads an encrypted message to its end and releases nothing, to find out whether it is whole.
///
/// SEIPDv1 can be released only after that, in a second reading of the same source. For SEIPDv2
/// it is not needed, but may be done: then even its end is known before a byte is released.
pub struct StreamChecker {
    keys: Keys,
    envelope: Envelope,
    body: Vec<u8>,
    phase: Phase,
    bytes_in: u64,
    failed: Option<DecryptError>,
}

enum Phase {
    Head,
    Chunks(Box<Chunks>),
    Codes(Box<Codes>),
}

/// Version 1 under way.
struct Codes {
    checks: Vec<(Opener, CodeCheck)>,
    prints: Prints,
}

/// Says that a message was whole, and what is needed to read it again.
///
/// # Security
/// Holds the session key; it is wiped on drop.
pub struct Checked(pub(super) CheckedKind);

pub(super) enum CheckedKind {
    V1 {
        key: SessionKey,
        recipient: Option<Fingerprint>,
        prints: Vec<[u8; 32]>,
        /// Bytes of ciphertext.
        total: u64,
    },
    V2,
}

impl std::fmt::Debug for Checked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Checked(..)")
    }
}

impl std::fmt::Debug for StreamChecker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StreamChecker")
            .field("bytes_in", &self.bytes_in)
            .finish_non_exhaustive()
    }
}

impl StreamChecker {
    /// Begins; keys, passwords and limits are copied.
    #[must_use]
    pub fn new(request: &DecryptRequest<'_>) -> Self {
        Self {
            keys: Keys::of(request),
            envelope: Envelope::new(),
            body: Vec::new(),
            phase: Phase::Head,
            bytes_in: 0,
            failed: None,
        }
    }

    /// How many bytes of the message have been taken in.
    #[must_use]
    pub fn bytes_in(&self) -> u64 {
        self.bytes_in
    }

    /// Takes in the next piece of the message, armored or binary, of any size.
    ///
    /// # Errors
    /// See [`DecryptError`]; every later call answers the same.
    pub async fn push(
        &mut self,
        engine: &impl BulkEngine,
        data: &[u8],
    ) -> Result<(), DecryptError> {
        for piece in data.chunks(PIECE) {
            let done = self.piece(engine, piece).await;
            self.remember(done)?;
        }
        self.failed.clone().map_or(Ok(()), Err)
    }

    /// Says that the message has ended.
    ///
    /// # Errors
    /// See [`DecryptError`]; [`DecryptError::Damaged`] if anything of it is not as it was sent.
    pub async fn finish(mut self, engine: &impl BulkEngine) -> Result<Checked, DecryptError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        self.envelope.finish(&self.keys.limits, &mut self.body)?;
        self.advance(engine, true).await?;
        match self.phase {
            Phase::Head => Err(DecryptError::Damaged),
            Phase::Chunks(_) => Ok(Checked(CheckedKind::V2)),
            Phase::Codes(codes) => codes.finish(),
        }
    }

    fn remember(&mut self, done: Result<(), DecryptError>) -> Result<(), DecryptError> {
        if let Err(error) = &done {
            self.failed = Some(error.clone());
        }
        done
    }

    async fn piece(&mut self, engine: &impl BulkEngine, piece: &[u8]) -> Result<(), DecryptError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        self.envelope
            .push(piece, &self.keys.limits, &mut self.body)?;
        self.bytes_in += piece.len() as u64;
        self.advance(engine, false).await
    }

    async fn advance(&mut self, engine: &impl BulkEngine, last: bool) -> Result<(), DecryptError> {
        if matches!(self.phase, Phase::Head) {
            let Some((head, used)) = Head::parse(&self.body)? else {
                return Ok(());
            };
            self.body.drain(..used);
            let openers = self.keys.openers(&mut self.envelope.packets, &head)?;
            self.phase = match head {
                Head::V1 => Phase::Codes(Box::new(Codes::new(openers))),
                Head::V2 { suite, salt } => {
                    Phase::Chunks(Box::new(Chunks::new(suite, salt, openers)))
                }
            };
        }
        match &mut self.phase {
            Phase::Head => Ok(()),
            Phase::Chunks(chunks) => {
                let mut unreleased = zeroize::Zeroizing::default();
                chunks
                    .take(engine, &mut self.body, last, &mut unreleased)
                    .await
            }
            Phase::Codes(codes) => codes.take(engine, &mut self.body, last).await,
        }
    }
}

impl Codes {
    fn new(openers: Vec<Opener>) -> Self {
        Self {
            checks: openers
                .into_iter()
                .take(MAX_PARALLEL)
                .map(|opener| {
                    let check = CodeCheck::new(&opener.key);
                    (opener, check)
                })
                .collect(),
            prints: Prints::default(),
        }
    }

    async fn take(
        &mut self,
        engine: &impl BulkEngine,
        body: &mut Vec<u8>,
        last: bool,
    ) -> Result<(), DecryptError> {
        let ready = if last {
            body.len()
        } else {
            body.len() / BLOCK_LEN * BLOCK_LEN
        };
        let ciphertext = body.get(..ready).unwrap_or_default();
        self.prints.update(ciphertext);
        for (_, check) in &mut self.checks {
            check.push(engine, ciphertext).await?;
        }
        body.drain(..ready);
        Ok(())
    }

    fn finish(self) -> Result<Checked, DecryptError> {
        let total = self.prints.total;
        if total < (PREFIX_LEN + MDC_LEN) as u64 {
            return Err(DecryptError::Damaged);
        }
        let prints = self.prints.finish();
        let right = self
            .checks
            .into_iter()
            .find_map(|(opener, check)| check.finish().then_some(opener))
            .ok_or(DecryptError::Damaged)?;
        Ok(Checked(CheckedKind::V1 {
            recipient: right.recipient.map(|one| one.fingerprint()),
            key: right.key,
            prints,
            total,
        }))
    }
}

/// A hash of each stretch of [`PIECE`] bytes.
#[derive(Default)]
struct Prints {
    current: Option<Hasher>,
    total: u64,
    done: Vec<[u8; 32]>,
}

impl Prints {
    fn update(&mut self, data: &[u8]) {
        let mut rest = data;
        while !rest.is_empty() {
            let filled = usize::try_from(self.total % PIECE as u64).unwrap_or(0);
            let (now, later) = rest.split_at((PIECE - filled).min(rest.len()));
            self.current
                .get_or_insert_with(|| Hasher::new(HashKind::Sha256))
                .update(now);
            self.total += now.len() as u64;
            rest = later;
            if self.total.is_multiple_of(PIECE as u64) {
                self.close();
            }
        }
    }

    fn close(&mut self) {
        if let Some(hasher) = self.current.take() {
            self.done
                .extend(<[u8; 32]>::try_from(hasher.finish().as_slice()));
        }
    }

    fn finish(mut self) -> Vec<[u8; 32]> {
        self.close();
        self.done
    }
}

/// The hash of one stretch.
pub(super) fn print_of(stretch: &[u8]) -> Vec<u8> {
    let mut hasher = Hasher::new(HashKind::Sha256);
    hasher.update(stretch);
    hasher.finish()
}
