//! Writing armor.

use base64::engine::{Engine, general_purpose::STANDARD};
use crc::{CRC_24_OPENPGP, Crc, Digest, Table};
use pgp::armor::BlockType;

use super::Readers;

/// Bytes and characters of a line.
const LINE_BYTES: usize = 48;
const LINE_TEXT: usize = 64;

/// Sixteen bytes at a time: the checksum costs less than base64 then.
static CHECKSUM: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_24_OPENPGP);

/// Writes armor piece by piece.
pub(in crate::openpgp) struct Writer {
    kind: BlockType,
    checksum: Option<Digest<'static, u32, Table<16>>>,
    /// The beginning of a line that is not full yet.
    started: Vec<u8>,
}

impl Writer {
    /// An upper bound for the armor around so many bytes.
    pub(in crate::openpgp) fn length_of(bytes: usize) -> usize {
        bytes.div_ceil(LINE_BYTES).saturating_mul(LINE_TEXT + 1) + 128
    }

    /// Writes the first lines.
    pub(in crate::openpgp) fn begin(
        kind: BlockType,
        readers: Readers,
        output: &mut Vec<u8>,
    ) -> Self {
        output.extend_from_slice(format!("-----BEGIN {kind}-----\n\n").as_bytes());
        Self {
            kind,
            checksum: (readers == Readers::All).then(|| CHECKSUM.digest()),
            started: Vec::with_capacity(LINE_BYTES),
        }
    }

    /// Writes as many full lines as there are.
    pub(in crate::openpgp) fn push(&mut self, bytes: &[u8], output: &mut Vec<u8>) {
        if let Some(checksum) = &mut self.checksum {
            checksum.update(bytes);
        }
        let mut rest = bytes;
        if !self.started.is_empty() {
            let missing = LINE_BYTES - self.started.len();
            let (now, later) = rest.split_at(missing.min(rest.len()));
            self.started.extend_from_slice(now);
            rest = later;
            if self.started.len() < LINE_BYTES {
                return;
            }
            write_lines(&self.started, output);
            self.started.clear();
        }
        let full = rest.len() / LINE_BYTES * LINE_BYTES;
        let (lines, rest) = rest.split_at(full);
        write_lines(lines, output);
        self.started.extend_from_slice(rest);
    }

    /// Writes the last lines.
    pub(in crate::openpgp) fn finish(self, output: &mut Vec<u8>) {
        write_lines(&self.started, output);
        let mut ending = String::new();
        if let Some(checksum) = self.checksum {
            let [_, sum @ ..] = checksum.finalize().to_be_bytes();
            ending.push('=');
            STANDARD.encode_string(sum, &mut ending);
            ending.push('\n');
        }
        ending.push_str(&format!("-----END {}-----\n", self.kind));
        output.extend_from_slice(ending.as_bytes());
    }
}

/// Writes lines, of which only the last may be shorter than the others.
fn write_lines(bytes: &[u8], output: &mut Vec<u8>) {
    let start = output.len();
    output.resize(
        start + bytes.len().div_ceil(LINE_BYTES) * (LINE_TEXT + 1),
        0,
    );
    let mut written = start;
    let place = output.get_mut(start..).unwrap_or_default();
    for (line, place) in bytes
        .chunks(LINE_BYTES)
        .zip(place.chunks_mut(LINE_TEXT + 1))
    {
        // There is room for 64 characters, which is what 48 bytes make.
        let length = STANDARD.encode_slice(line, place).unwrap_or_default();
        if let Some(end) = place.get_mut(length) {
            *end = b'\n';
        }
        written += length + 1;
    }
    output.truncate(written);
}
