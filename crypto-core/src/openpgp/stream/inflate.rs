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

/// What the pieces of a stream may grow by beyond the ratio, each by itself: what comes out of a
/// piece is held in memory.
const FREE_IN_PIECE: u64 = 16 << 20;

/// What has gone into the outermost layer of compression, and come out of all of them together:
/// ratios of layers that are each within the limit would multiply.
pub(super) struct Meter {
    taken: u64,
    made: u64,
    ratio: u64,
    budget: u64,
    /// What may still come out of the piece under way.
    piece: u64,
}

impl Meter {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            taken: 0,
            made: 0,
            ratio: wide(limits.compression_ratio),
            budget: wide(limits.decompressed),
            piece: 0,
        }
    }

    /// Begins the next piece, of so many bytes.
    pub(super) fn next_piece(&mut self, length: usize) {
        let by_ratio = self.ratio.saturating_mul(wide(length));
        self.piece = by_ratio.saturating_add(FREE_IN_PIECE);
    }

    /// Stops where the limits are.
    fn count(&mut self, made: usize) -> Result<(), DecryptError> {
        let made = wide(made);
        self.made = self.made.saturating_add(made);
        if self.made > self.budget {
            return Err(exceeded(ExceededLimit::Decompressed));
        }
        let by_ratio = self.taken.saturating_mul(self.ratio);
        if self.made > by_ratio.max(wide(FREE_SIZE)) {
            return Err(exceeded(ExceededLimit::CompressionRatio));
        }
        let left = self.piece.checked_sub(made);
        self.piece = left.ok_or_else(|| exceeded(ExceededLimit::CompressionRatio))?;
        Ok(())
    }
}

/// A limit or count as it is on all platforms; the largest is none, where sizes are of 32 bits too.
fn wide(number: usize) -> u64 {
    if number == usize::MAX {
        return u64::MAX;
    }
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// The body of one compressed packet under way.
pub(super) struct Inflate {
    method: Method,
    is_outermost: bool,
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
    pub(super) fn new(is_outermost: bool) -> Self {
        Self {
            method: Method::Unknown,
            is_outermost,
            buffer: Zeroizing::default(),
            ended: false,
        }
    }

    /// Takes in compressed bytes and hands on what comes out.
    pub(super) fn push(
        &mut self,
        input: &[u8],
        meter: &mut Meter,
        mut sink: impl FnMut(&[u8], &mut Meter) -> Result<(), DecryptError>,
    ) -> Result<(), DecryptError> {
        let mut input = input;
        if self.is_outermost {
            meter.taken = meter.taken.saturating_add(wide(input.len()));
        }
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
            meter.count(input.len())?;
            return sink(input, meter);
        }
        self.inflate(input, meter, sink)
    }

    fn inflate(
        &mut self,
        input: &[u8],
        meter: &mut Meter,
        mut sink: impl FnMut(&[u8], &mut Meter) -> Result<(), DecryptError>,
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
            meter.count(made)?;
            sink(self.buffer.get(..made).unwrap_or_default(), meter)?;
            if made == 0 && (taken == 0 || input.is_empty()) {
                break;
            }
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
