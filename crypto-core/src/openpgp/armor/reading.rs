//! Reading armor.
//!
//! The attacker writes it. What is read is one block: lines before its first line and after its
//! last are left alone, headers are bounded and thrown away, and whatever else is not base64 in
//! its place is refused.

use base64::{
    alphabet,
    engine::{DecodePaddingMode, Engine, GeneralPurpose, GeneralPurposeConfig},
};
use pgp::armor::BlockType;
use zeroize::{Zeroize, Zeroizing};

/// Lines before the data together, in bytes.
const MAX_HEADERS: usize = 64 << 10;
/// Characters of base64 that are decoded together: a multiple of 4.
const RUN: usize = 4096;

/// Without padding, which is counted here; senders differ in what they leave in the last bits.
static BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// Why a text is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::openpgp) enum Fault {
    #[error("there is no armor in it")]
    None,
    #[error("its armor is damaged")]
    Damaged,
}

/// Where the reader is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Before,
    Headers,
    Body,
    /// Behind the data: their padding, the checksum.
    Tail,
    Done,
}

/// Reads one block of armor piece by piece.
pub(in crate::openpgp) struct Reader {
    state: State,
    kind: Option<BlockType>,
    /// A line whose end has not come yet.
    line: Zeroizing<Vec<u8>>,
    headers: usize,
    /// Base64 that waits to be decoded.
    run: Zeroizing<Vec<u8>>,
    /// White space stood within the data, so it is left out from now on.
    blanks: bool,
    /// Characters of base64 and of padding so far.
    characters: usize,
    padding: usize,
    checksum: bool,
    /// How often base64 was decoded.
    #[cfg(test)]
    decoded: usize,
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            state: State::Before,
            kind: None,
            line: Zeroizing::default(),
            headers: 0,
            run: Zeroizing::new(Vec::with_capacity(RUN)),
            blanks: false,
            characters: 0,
            padding: 0,
            checksum: false,
            #[cfg(test)]
            decoded: 0,
        }
    }
}

impl Reader {
    /// The kind of the block, once its first line has been read.
    pub(in crate::openpgp) fn kind(&self) -> Option<BlockType> {
        self.kind
    }

    /// Reads on and appends what has been decoded.
    pub(in crate::openpgp) fn push(
        &mut self,
        text: &[u8],
        output: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        let mut rest = text;
        while self.state != State::Done {
            let Some(end) = memchr::memchr(b'\n', rest) else {
                return self.keep(rest, output);
            };
            let (line, after) = rest.split_at(end);
            rest = after.get(1..).unwrap_or_default();
            if self.line.is_empty() {
                self.line(line, output)?;
            } else {
                self.keep(line, output)?;
                let mut whole = std::mem::take(&mut self.line);
                self.line(&whole, output)?;
                whole.zeroize();
                self.line = whole;
            }
        }
        Ok(())
    }

    /// Says that nothing more comes, and what kind of block it was.
    pub(in crate::openpgp) fn finish(&mut self, output: &mut Vec<u8>) -> Result<BlockType, Fault> {
        let last = std::mem::take(&mut self.line);
        if self.state != State::Done && !last.is_empty() {
            self.line(&last, output)?;
        }
        match (self.state, self.kind) {
            (State::Done, Some(kind)) => Ok(kind),
            (State::Before, _) => Err(Fault::None),
            _ => Err(Fault::Damaged),
        }
    }

    /// Keeps the beginning of a line. Lines of data may be of any length, so they are not kept.
    fn keep(&mut self, part: &[u8], output: &mut Vec<u8>) -> Result<(), Fault> {
        match self.state {
            State::Body if self.line.is_empty() && !is_special(part) => self.data(part, output),
            State::Done => Ok(()),
            _ if self.line.len() + part.len() > MAX_HEADERS => Err(Fault::Damaged),
            _ => {
                self.line.extend_from_slice(part);
                Ok(())
            }
        }
    }

    /// Reads a whole line without its end.
    fn line(&mut self, line: &[u8], output: &mut Vec<u8>) -> Result<(), Fault> {
        let line = line.trim_ascii_end();
        match self.state {
            State::Before => self.first_line(line),
            State::Headers => {
                self.headers += line.len() + 1;
                if line.is_empty() {
                    self.state = State::Body;
                    return Ok(());
                }
                let colon = memchr::memmem::find(line, b": ").is_some() || line.ends_with(b":");
                if colon && self.headers <= MAX_HEADERS {
                    Ok(())
                } else {
                    Err(Fault::Damaged)
                }
            }
            State::Body | State::Tail => match line.first() {
                None => Ok(()),
                Some(b'-') => self.last_line(line, output),
                Some(b'=') => self.checksum_line(line),
                Some(_) if self.state == State::Body => self.data(line, output),
                Some(_) => Err(Fault::Damaged),
            },
            State::Done => Ok(()),
        }
    }

    fn first_line(&mut self, line: &[u8]) -> Result<(), Fault> {
        let Some(kind) = line
            .trim_ascii_start()
            .strip_prefix(b"-----BEGIN PGP ")
            .and_then(|kind| kind.strip_suffix(b"-----"))
        else {
            return Ok(());
        };
        self.kind = Some(match kind {
            b"MESSAGE" => BlockType::Message,
            b"PUBLIC KEY BLOCK" => BlockType::PublicKey,
            b"PRIVATE KEY BLOCK" => BlockType::PrivateKey,
            b"SIGNATURE" => BlockType::Signature,
            b"ARMORED FILE" => BlockType::File,
            _ => return Err(Fault::Damaged),
        });
        self.state = State::Headers;
        Ok(())
    }

    /// Takes in base64: a line, or a part of one.
    fn data(&mut self, text: &[u8], output: &mut Vec<u8>) -> Result<(), Fault> {
        let mut text = text;
        // Padding ends the data; white space may stand anywhere.
        if let Some(place) = memchr::memchr(b'=', text) {
            let (data, padding) = text.split_at(place);
            text = data;
            self.state = State::Tail;
            self.pad(padding)?;
        }
        let mut rest = text;
        while !rest.is_empty() {
            let (now, later) = rest.split_at((RUN - self.run.len()).min(rest.len()));
            if self.blanks {
                let kept = now.iter().filter(|byte| !byte.is_ascii_whitespace());
                self.run.extend(kept);
            } else {
                self.run.extend_from_slice(now);
            }
            rest = later;
            if self.run.len() == RUN {
                self.decode(false, output)?;
            }
        }
        Ok(())
    }

    /// Decodes what waits. Only the last run may be of another length than a multiple of 4.
    fn decode(&mut self, last: bool, output: &mut Vec<u8>) -> Result<(), Fault> {
        loop {
            #[cfg(test)]
            {
                self.decoded += 1;
            }
            let start = output.len();
            output.resize(start + self.run.len() / 4 * 3 + 3, 0);
            let place = output.get_mut(start..).unwrap_or_default();
            let decoded = BASE64.decode_slice(self.run.as_slice(), place);
            output.truncate(start + decoded.as_ref().copied().unwrap_or_default());
            if decoded.is_ok() {
                self.characters = self.characters.wrapping_add(self.run.len());
                self.run.clear();
                return Ok(());
            }
            // White space may stand anywhere, but hardly ever does. Where it does, it is filtered:
            // whoever writes much of it must not have the same run decoded for each blank.
            let before = self.run.len();
            self.run.retain(|byte| !byte.is_ascii_whitespace());
            if self.run.len() == before {
                return Err(Fault::Damaged);
            }
            self.blanks = true;
            if !last {
                return Ok(());
            }
        }
    }

    fn pad(&mut self, padding: &[u8]) -> Result<(), Fault> {
        for byte in padding {
            match byte {
                b'=' if self.padding < 2 => self.padding += 1,
                byte if byte.is_ascii_whitespace() => {}
                _ => return Err(Fault::Damaged),
            }
        }
        Ok(())
    }

    /// A line that begins with an equals sign: the checksum, or padding that was broken off.
    fn checksum_line(&mut self, line: &[u8]) -> Result<(), Fault> {
        self.state = State::Tail;
        match line {
            [b'='] | [b'=', b'='] => self.pad(line),
            [b'=', sum @ ..] if sum.len() == 4 && !self.checksum && BASE64.decode(sum).is_ok() => {
                self.checksum = true;
                Ok(())
            }
            _ => Err(Fault::Damaged),
        }
    }

    fn last_line(&mut self, line: &[u8], output: &mut Vec<u8>) -> Result<(), Fault> {
        let kind = self.kind.ok_or(Fault::Damaged)?;
        if line != format!("-----END {kind}-----").as_bytes() {
            return Err(Fault::Damaged);
        }
        self.decode(true, output)?;
        if !self.characters.wrapping_add(self.padding).is_multiple_of(4) {
            return Err(Fault::Damaged);
        }
        self.state = State::Done;
        Ok(())
    }
}

/// True if a line beginning so may be something else than data.
fn is_special(line: &[u8]) -> bool {
    matches!(line.first(), None | Some(b'-' | b'='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_within_the_data_cost_no_decoding_each() {
        let data = "A".repeat(RUN - 1);
        let blanks = " \t".repeat(100_000);
        let text = format!(
            "-----BEGIN PGP MESSAGE-----\n\n{data}{blanks}A{blanks}AAAA{blanks}\n{blanks}\nAAAA\n-----END PGP MESSAGE-----\n"
        );
        for piece in [text.len(), 1000, 1] {
            let mut reader = Reader::default();
            let mut output = Vec::new();
            for part in text.as_bytes().chunks(piece) {
                reader.push(part, &mut output).unwrap();
            }
            assert_eq!(reader.finish(&mut output), Ok(BlockType::Message));
            assert_eq!(output, vec![0; (RUN + 8) / 4 * 3]);
            assert_eq!(reader.decoded, 3, "{piece}");
        }
    }
}
