//! Decompression piece by piece, within limits.

use flate2::{Decompress, FlushDecompress, Status};
use zeroize::Zeroizing;

use crate::openpgp::{
    Limits,
    error::{DecryptError, ExceededLimit},
    message::{FREE_SIZE, exceeded, malformed},
};

/// Bytes that come out at a time.
const STEP: usize = 64 << 10;

/// The body of one compressed packet under way.
pub(super) struct Inflate {
    method: Method,
    taken: usize,
    made: usize,
    ratio: usize,
    /// What may still come out of this and all layers within.
    budget: usize,
    buffer: Zeroizing<Vec<u8>>,
    ended: bool,
}

enum Method {
    /// The first byte, which names the method, has not come.
    Unknown,
    Stored,
    Deflate(Box<Decompress>),
}

impl Inflate {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            method: Method::Unknown,
            taken: 0,
            made: 0,
            ratio: limits.compression_ratio,
            budget: limits.decompressed,
            buffer: Zeroizing::default(),
            ended: false,
        }
    }

    /// What is left for the layers within.
    pub(super) fn budget(&self) -> usize {
        self.budget.saturating_sub(self.made)
    }

    /// Takes in compressed bytes and hands on what comes out.
    pub(super) fn push(
        &mut self,
        input: &[u8],
        mut sink: impl FnMut(&[u8]) -> Result<(), DecryptError>,
    ) -> Result<(), DecryptError> {
        let mut input = input;
        self.taken = self.taken.saturating_add(input.len());
        if matches!(self.method, Method::Unknown) {
            let Some((kind, rest)) = input.split_first() else {
                return Ok(());
            };
            input = rest;
            self.method = match kind {
                0 => Method::Stored,
                1 => Method::Deflate(Box::new(Decompress::new(false))),
                2 => Method::Deflate(Box::new(Decompress::new(true))),
                kind => {
                    let what = format!("compression of kind {kind} in a stream");
                    return Err(DecryptError::Unsupported(what));
                }
            };
        }
        if matches!(self.method, Method::Stored) {
            self.count(input.len())?;
            return sink(input);
        }
        self.inflate(input, sink)
    }

    fn inflate(
        &mut self,
        input: &[u8],
        mut sink: impl FnMut(&[u8]) -> Result<(), DecryptError>,
    ) -> Result<(), DecryptError> {
        let damaged = || malformed("its compressed data are damaged");
        let mut input = input;
        self.buffer.resize(STEP, 0);
        // What follows the end of the compressed data has no meaning, as for whole messages.
        while !self.ended {
            let Method::Deflate(state) = &mut self.method else {
                return Ok(());
            };
            let (taken, made) = (state.total_in(), state.total_out());
            let status = state
                .decompress(input, &mut self.buffer, FlushDecompress::None)
                .map_err(|_| damaged())?;
            let step = |after: u64, before: u64| usize::try_from(after - before).unwrap_or(0);
            let taken = step(state.total_in(), taken);
            let made = step(state.total_out(), made);
            input = input.get(taken..).unwrap_or_default();
            self.ended = status == Status::StreamEnd;
            self.count(made)?;
            sink(self.buffer.get(..made).unwrap_or_default())?;
            if made == 0 && (taken == 0 || input.is_empty()) {
                break;
            }
        }
        Ok(())
    }

    /// Stops where the limits are.
    fn count(&mut self, made: usize) -> Result<(), DecryptError> {
        self.made = self.made.saturating_add(made);
        if self.made > self.budget {
            return Err(exceeded(ExceededLimit::Decompressed));
        }
        if self.made > self.taken.saturating_mul(self.ratio).max(FREE_SIZE) {
            return Err(exceeded(ExceededLimit::CompressionRatio));
        }
        Ok(())
    }

    /// Says that nothing more comes.
    pub(super) fn finish(&self) -> Result<(), DecryptError> {
        match self.method {
            Method::Stored => Ok(()),
            Method::Deflate(_) if self.ended => Ok(()),
            _ => Err(malformed("its compressed data are damaged")),
        }
    }
}
