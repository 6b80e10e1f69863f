//! Packets of unknown length, written in parts (RFC 9580, section 4.2.1.4).

use pgp::types::{PacketLength, Tag};

use crate::openpgp::packets::write_header;

/// Bytes of a part: a power of two, and not less than 512.
const PART: usize = 64 << 10;

/// The body of one packet, written as it comes.
pub(super) struct Parts {
    tag: Tag,
    /// Less than a part.
    waiting: zeroize::Zeroizing<Vec<u8>>,
    is_begun: bool,
}

impl Parts {
    pub(super) fn new(tag: Tag) -> Self {
        Self {
            tag,
            waiting: zeroize::Zeroizing::new(Vec::with_capacity(PART)),
            is_begun: false,
        }
    }

    /// Takes in more of the body and appends full parts of it, with their lengths.
    pub(super) fn push(&mut self, body: &[u8], output: &mut Vec<u8>) {
        let mut rest = body;
        while self.waiting.len() + rest.len() >= PART {
            let (now, later) = rest.split_at((PART - self.waiting.len()).min(rest.len()));
            rest = later;
            if !self.is_begun {
                output.push(self.tag.encode());
                self.is_begun = true;
            }
            // 65,536 bytes: their number is a power of two, of which this is the exponent.
            output.push(0xe0 | PART.trailing_zeros() as u8);
            output.extend_from_slice(&self.waiting);
            output.extend_from_slice(now);
            self.waiting.clear();
        }
        self.waiting.extend_from_slice(rest);
    }

    /// Appends the last part, which may be empty; a body of one part has a plain header.
    pub(super) fn finish(&mut self, output: &mut Vec<u8>) {
        // Less than a part always fits into 32 bits, and writing into a vector cannot fail.
        let written = if self.is_begun {
            u32::try_from(self.waiting.len())
                .ok()
                .and_then(|length| PacketLength::Fixed(length).to_writer_new(output).ok())
        } else {
            write_header(self.tag, self.waiting.len(), output)
        };
        debug_assert!(written.is_some());
        output.extend_from_slice(&self.waiting);
        self.waiting.clear();
    }
}

/// Appends a packet that has been put together, as it is.
pub(super) fn write_whole(packet: &impl pgp::packet::PacketTrait, output: &mut Vec<u8>) {
    crate::openpgp::certificate::write_packet(packet, output);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openpgp::packets::PacketWalk;

    #[test]
    fn bodies_of_all_lengths_come_back() {
        for length in [
            0,
            1,
            200,
            9000,
            PART - 1,
            PART,
            PART + 1,
            3 * PART,
            3 * PART + 300,
        ] {
            let body: Vec<u8> = (0..length).map(|i| (i * 31 % 251) as u8).collect();
            for size in [1000, PART, 200_000] {
                let mut output = Vec::new();
                let mut parts = Parts::new(Tag::LiteralData);
                for piece in body.chunks(size) {
                    parts.push(piece, &mut output);
                }
                parts.finish(&mut output);
                let walked: Vec<_> = PacketWalk::new(&output).collect();
                assert_eq!(walked.len(), 1, "{length}");
                let packet = walked[0].as_ref().unwrap();
                assert_eq!(packet.tag(), Tag::LiteralData);
                assert!(packet.body() == body, "{length}");
            }
        }
    }
}
