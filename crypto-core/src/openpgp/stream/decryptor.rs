//! Decrypting piece by piece.

use zeroize::Zeroizing;

use super::{
    PIECE,
    checker::{Checked, CheckedKind, print_of},
    envelope::{Envelope, Head},
    grammar::{Ending, Grammar},
    inflate::Meter,
    keys::{Judges, Keys},
    opener::{Cfb, Chunks},
};
use crate::{
    bulk::BulkEngine,
    ids::Fingerprint,
    openpgp::{
        Certificate, DecryptRequest, Protection, SignatureVerdict,
        container::{MDC_LEN, PREFIX_LEN},
        error::DecryptError,
        signature::{self, Judge},
        types::BadSignature,
    },
};

/// Decrypts a message piece by piece, and judges its signatures at the end.
///
/// ```
/// use crypto_core::{bulk::NativeEngine, ids::UnixTime, openpgp::*};
/// # use rand_chacha::rand_core::SeedableRng;
/// # use zeroize::Zeroizing;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # futures::executor::block_on(async {
/// # let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(1); // a test's; use the system's
/// # let now = UnixTime(1_790_000_000);
/// # let key = generate(Profile::Modern, &[UserId::new("Ann", "ann@example.org")], now, &mut rng)?.secret;
/// # let certificate = key.certificate();
/// let request = EncryptRequest {
///     recipients: &[&certificate],
///     passwords: &[],
///     signer: Some(&key),
///     now,
///     armor: false,
/// };
/// let (mut stream, mut sealed) = StreamEncryptor::start(&mut rng, &request)?;
/// for piece in [&b"first "[..], b"second"] {
///     stream.push(&NativeEngine, piece, &mut sealed).await?;
/// }
/// stream.finish(&NativeEngine, &mut sealed).await?;
///
/// let mut stream = StreamDecryptor::new(&DecryptRequest {
///     keys: &[&key],
///     passwords: &[],
///     verifiers: &[&certificate],
///     limits: &Limits::for_streams(),
///     now,
/// });
/// let mut plaintext = Zeroizing::new(Vec::new());
/// for piece in sealed.chunks(50) {
///     stream.push(&NativeEngine, piece, &mut plaintext).await?;
/// }
/// let opened = stream.finish(&NativeEngine, &mut plaintext).await?;
/// assert_eq!(plaintext.as_slice(), b"first second");
/// assert!(matches!(opened.signature, SignatureVerdict::Good { .. }));
/// # Ok(())
/// # })
/// # }
/// ```
pub struct StreamDecryptor {
    keys: Option<Keys>,
    limits: crate::openpgp::Limits,
    judges: Judges,
    envelope: Envelope,
    /// Ciphertext that waits for the rest of its chunk.
    body: Vec<u8>,
    /// Authenticated packets on their way to the grammar.
    plaintext: Zeroizing<Vec<u8>>,
    phase: Phase,
    checked: Option<Checked>,
    known: Vec<Certificate>,
    grammar: Grammar,
    meter: Meter,
    protection: Option<Protection>,
    bytes_in: u64,
    failed: Option<DecryptError>,
}

enum Phase {
    Head,
    Chunks(Box<Chunks>),
    Again(Box<Again>),
}

/// Version 1 in its second pass.
struct Again {
    cfb: Cfb,
    recipient: Option<Fingerprint>,
    prints: Vec<[u8; 32]>,
    total: u64,
    /// Stretches and bytes that have been released.
    stretch: usize,
    position: u64,
}

/// What came of a stream that was decrypted to its end.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StreamOpened {
    /// How many bytes of content were released.
    pub length: u64,
    /// The verdict to show: the best of `signatures`, or [`SignatureVerdict::Unsigned`].
    pub signature: SignatureVerdict,
    /// One verdict a signature.
    pub signatures: Vec<SignatureVerdict>,
    /// How the message was encrypted.
    pub protection: Protection,
    /// The certificate whose private key opened it; `None` if a password did.
    pub recipient: Option<Fingerprint>,
}

impl std::fmt::Debug for StreamDecryptor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StreamDecryptor")
            .field("bytes_in", &self.bytes_in)
            .finish_non_exhaustive()
    }
}

impl StreamDecryptor {
    /// Begins to read a source that is read once; keys, passwords and certificates are copied.
    ///
    /// Limits apply as for [`crate::openpgp::decrypt`]; see
    /// [`Limits::for_streams`](crate::openpgp::Limits::for_streams).
    #[must_use]
    pub fn new(request: &DecryptRequest<'_>) -> Self {
        Self::begin(request, None)
    }

    /// Begins to read a source again that [`StreamChecker`](super::StreamChecker) has read to its
    /// end.
    #[must_use]
    pub fn second_pass(request: &DecryptRequest<'_>, checked: Checked) -> Self {
        Self::begin(request, Some(checked))
    }

    fn begin(request: &DecryptRequest<'_>, checked: Option<Checked>) -> Self {
        Self {
            keys: Some(Keys::of(request)),
            limits: *request.limits,
            judges: Judges::of(request),
            envelope: Envelope::new(),
            body: Vec::new(),
            plaintext: Zeroizing::default(),
            phase: Phase::Head,
            checked,
            known: Vec::new(),
            grammar: Grammar::new(request.limits),
            meter: Meter::new(request.limits),
            protection: None,
            bytes_in: 0,
            failed: None,
        }
    }

    /// How many bytes of the message have been taken in.
    #[must_use]
    pub fn bytes_in(&self) -> u64 {
        self.bytes_in
    }

    /// Takes in the next piece of the message, armored or binary, of any size, and appends what
    /// of its content has been authenticated.
    ///
    /// Compressed content grows. Of each MiB taken in, and what waited with it for the end of its
    /// chunk, at most [`Limits::compression_ratio`](crate::openpgp::Limits::compression_ratio)
    /// times as much may come out, and 16 MiB; more is refused.
    ///
    /// # Security
    /// What is appended came from whoever sealed the message; that it is complete, and who signed
    /// it, is known after [`StreamDecryptor::finish`] only.
    ///
    /// # Errors
    /// [`DecryptError::NeedsTwoPasses`] for SEIPDv1 in a source that is read once; for the rest
    /// see [`DecryptError`]. Every later call answers the same.
    pub async fn push(
        &mut self,
        engine: &impl BulkEngine,
        data: &[u8],
        output: &mut Zeroizing<Vec<u8>>,
    ) -> Result<(), DecryptError> {
        for piece in data.chunks(PIECE) {
            if let Err(error) = self.piece(engine, piece, output).await {
                self.failed = Some(error.clone());
                return Err(error);
            }
        }
        self.failed.clone().map_or(Ok(()), Err)
    }

    /// Says that the message has ended, appends the rest of its content, and judges it.
    ///
    /// # Errors
    /// See [`DecryptError`]; what was released before is then to be discarded.
    pub async fn finish(
        mut self,
        engine: &impl BulkEngine,
        output: &mut Zeroizing<Vec<u8>>,
    ) -> Result<StreamOpened, DecryptError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        self.envelope.finish(&self.limits, &mut self.body)?;
        let before = output.len();
        let done = self.advance(engine, true, output).await;
        let ended = match done {
            Ok(()) => std::mem::replace(&mut self.grammar, Grammar::new(&self.limits)).finish(),
            Err(error) => Err(error),
        };
        match ended {
            Ok(ending) => self.judge(ending),
            Err(error) => {
                withdraw(output, before);
                Err(error)
            }
        }
    }

    async fn piece(
        &mut self,
        engine: &impl BulkEngine,
        piece: &[u8],
        output: &mut Zeroizing<Vec<u8>>,
    ) -> Result<(), DecryptError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        self.envelope.push(piece, &self.limits, &mut self.body)?;
        self.bytes_in += piece.len() as u64;
        let before = output.len();
        let done = self.advance(engine, false, output).await;
        if done.is_err() {
            withdraw(output, before);
        }
        done
    }

    async fn advance(
        &mut self,
        engine: &impl BulkEngine,
        last: bool,
        output: &mut Zeroizing<Vec<u8>>,
    ) -> Result<(), DecryptError> {
        if matches!(self.phase, Phase::Head) && !self.read_head()? {
            return if last {
                Err(DecryptError::Damaged)
            } else {
                Ok(())
            };
        }
        self.plaintext.clear();
        match &mut self.phase {
            Phase::Head => {}
            Phase::Chunks(chunks) => {
                chunks
                    .take(engine, &mut self.body, last, &mut self.plaintext)
                    .await?;
            }
            Phase::Again(again) => {
                again
                    .take(engine, &mut self.body, last, &mut self.plaintext)
                    .await?;
            }
        }
        output.reserve(self.plaintext.len());
        self.meter.next_piece(self.plaintext.len());
        self.grammar.push(&self.plaintext, output, &mut self.meter)
    }

    /// Reads the head of the container, once it is there, and finds the session keys.
    fn read_head(&mut self) -> Result<bool, DecryptError> {
        let Some((head, used)) = Head::parse(&self.body)? else {
            return Ok(false);
        };
        let Some(keys) = self.keys.take() else {
            return Err(DecryptError::Damaged);
        };
        self.body.drain(..used);
        self.phase = match (head, self.checked.take()) {
            (Head::V1, None) => return Err(DecryptError::NeedsTwoPasses),
            (
                Head::V1,
                Some(Checked(CheckedKind::V1 {
                    key,
                    recipient,
                    prints,
                    total,
                })),
            ) => {
                self.protection = Some(Head::V1.container().protection(&key));
                self.known = keys.certificates();
                Phase::Again(Box::new(Again {
                    cfb: Cfb::new(&key),
                    recipient,
                    prints,
                    total,
                    stretch: 0,
                    position: 0,
                }))
            }
            // It is another message than in the first pass.
            (Head::V1, Some(_)) | (Head::V2 { .. }, Some(Checked(CheckedKind::V1 { .. }))) => {
                return Err(DecryptError::Damaged);
            }
            (head @ Head::V2 { suite, salt }, _) => {
                let openers = keys.openers(&mut self.envelope.packets, &head)?;
                self.protection = openers
                    .first()
                    .map(|opener| head.container().protection(&opener.key));
                Phase::Chunks(Box::new(Chunks::new(suite, salt, openers)))
            }
        };
        Ok(true)
    }

    fn judge(self, ending: Ending) -> Result<StreamOpened, DecryptError> {
        let recipient = match &self.phase {
            Phase::Head => None,
            Phase::Chunks(chunks) => chunks.opener().and_then(|opener| opener.recipient.as_ref()),
            Phase::Again(again) => self
                .known
                .iter()
                .find(|known| Some(known.fingerprint()) == again.recipient),
        };
        let verifiers: Vec<&Certificate> = self.judges.verifiers.iter().collect();
        let judge = Judge {
            verifiers: &verifiers,
            now: self.judges.now,
            recipient,
        };
        let signatures: Vec<SignatureVerdict> = ending
            .signatures
            .iter()
            .map(|signature| match signature {
                Some(signature) => {
                    judge
                        .judgement_of(signature, |config| ending.digests.digest(config))
                        .verdict
                }
                None => SignatureVerdict::Bad(BadSignature::Malformed),
            })
            .collect();
        Ok(StreamOpened {
            length: ending.length,
            signature: signature::best(&signatures),
            signatures,
            protection: self.protection.ok_or(DecryptError::Damaged)?,
            recipient: recipient.map(Certificate::fingerprint),
        })
    }
}

/// Takes back what a call has appended.
fn withdraw(output: &mut Zeroizing<Vec<u8>>, before: usize) {
    if let Some(appended) = output.get_mut(before..) {
        zeroize::Zeroize::zeroize(appended);
    }
    output.truncate(before);
}

impl Again {
    /// Releases stretches that are as they were in the first pass.
    async fn take(
        &mut self,
        engine: &impl BulkEngine,
        body: &mut Vec<u8>,
        last: bool,
        plaintext: &mut Zeroizing<Vec<u8>>,
    ) -> Result<(), DecryptError> {
        while body.len() >= PIECE || (last && !body.is_empty()) {
            let length = body.len().min(PIECE);
            let stretch = body.get(..length).unwrap_or_default();
            if self.prints.get(self.stretch).map(<[u8; 32]>::as_slice)
                != Some(print_of(stretch).as_slice())
            {
                return Err(DecryptError::Damaged);
            }
            let start = plaintext.len();
            plaintext.reserve(length);
            self.cfb.decrypt(engine, stretch, plaintext).await?;
            // Without the random beginning and the code at the end.
            let from = (PREFIX_LEN as u64).saturating_sub(self.position);
            let end = self.total.saturating_sub(MDC_LEN as u64);
            let to = end.saturating_sub(self.position);
            let place = |at: u64| usize::try_from(at).unwrap_or(length).min(length);
            let (from, to) = (place(from), place(to));
            plaintext.truncate(start + to);
            plaintext.drain(start..start + from.min(to));
            self.position += length as u64;
            self.stretch += 1;
            body.drain(..length);
        }
        if last && self.position != self.total {
            return Err(DecryptError::Damaged);
        }
        Ok(())
    }
}
