//! Packets out of bytes that come in pieces (RFC 9580, section 4.2).

use pgp::{
    packet::PacketHeader,
    types::{PacketLength, Tag},
};

use crate::openpgp::packets::{MIN_FIRST_PART, NotPackets, holds_data};

/// Walks over packets as their bytes arrive.
#[derive(Default)]
pub(super) struct Framing {
    state: State,
    /// A header or length of which not all bytes have come.
    head: Vec<u8>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    /// Between packets.
    #[default]
    Header,
    /// Within a body, or a part of one, of which so many bytes are left.
    Body { left: u32, last: bool },
    /// Between two parts of a body.
    Length,
    /// Within a body that goes on to the end.
    Open,
}

/// What came next.
pub(super) enum Step<'a> {
    Begin(PacketHeader),
    Body(&'a [u8]),
    End,
    /// Nothing, before there is more input.
    More,
}

impl Framing {
    /// Takes the next step over `input`, which moves on.
    pub(super) fn step<'a>(&mut self, input: &mut &'a [u8]) -> Result<Step<'a>, NotPackets> {
        loop {
            match self.state {
                State::Header => {
                    if !self.fill(input, header_len)? {
                        return Ok(Step::More);
                    }
                    let header = PacketHeader::try_from_reader(self.head.as_slice())
                        .map_err(|_| NotPackets)?;
                    self.head.clear();
                    self.begin(&header)?;
                    return Ok(Step::Begin(header));
                }
                State::Body { left: 0, last } => {
                    if last {
                        self.state = State::Header;
                        return Ok(Step::End);
                    }
                    self.state = State::Length;
                }
                State::Body { left, last } => {
                    if input.is_empty() {
                        return Ok(Step::More);
                    }
                    let length = usize::try_from(left).unwrap_or(usize::MAX).min(input.len());
                    let (now, later) = input.split_at(length);
                    *input = later;
                    let taken = u32::try_from(length).map_err(|_| NotPackets)?;
                    let left = left - taken;
                    self.state = State::Body { left, last };
                    return Ok(Step::Body(now));
                }
                State::Length => {
                    if !self.fill(input, length_len)? {
                        return Ok(Step::More);
                    }
                    let length = PacketLength::try_from_reader(self.head.as_slice())
                        .map_err(|_| NotPackets)?;
                    self.head.clear();
                    self.state = match length {
                        PacketLength::Fixed(left) => State::Body { left, last: true },
                        PacketLength::Partial(left) => State::Body { left, last: false },
                        PacketLength::Indeterminate => return Err(NotPackets),
                    };
                }
                State::Open => {
                    if input.is_empty() {
                        return Ok(Step::More);
                    }
                    return Ok(Step::Body(std::mem::take(input)));
                }
            }
        }
    }

    /// Says that no more input comes; true if that ends a packet.
    pub(super) fn finish(&mut self) -> Result<bool, NotPackets> {
        match self.state {
            State::Header if self.head.is_empty() => Ok(false),
            State::Open => {
                self.state = State::Header;
                Ok(true)
            }
            _ => Err(NotPackets),
        }
    }

    fn begin(&mut self, header: &PacketHeader) -> Result<(), NotPackets> {
        self.state = match header.packet_length() {
            PacketLength::Fixed(left) => State::Body { left, last: true },
            _ if !holds_data(header.tag()) => return Err(NotPackets),
            PacketLength::Partial(left) if left < MIN_FIRST_PART => return Err(NotPackets),
            PacketLength::Partial(left) => State::Body { left, last: false },
            PacketLength::Indeterminate => State::Open,
        };
        Ok(())
    }

    /// Collects bytes until `wanted` is satisfied; false if the input ends before.
    fn fill(
        &mut self,
        input: &mut &[u8],
        wanted: fn(&[u8]) -> Result<usize, NotPackets>,
    ) -> Result<bool, NotPackets> {
        while self.head.len() < wanted(&self.head)? {
            let Some((byte, rest)) = input.split_first() else {
                return Ok(false);
            };
            self.head.push(*byte);
            *input = rest;
        }
        Ok(true)
    }
}

/// How many bytes a packet header has that begins so.
fn header_len(head: &[u8]) -> Result<usize, NotPackets> {
    let Some((first, length)) = head.split_first() else {
        return Ok(1);
    };
    match first {
        0..0x80 => Err(NotPackets),
        // The older form has the length of the length in its last bits.
        0x80..0xc0 => Ok(match first & 3 {
            0 => 2,
            1 => 3,
            2 => 5,
            _ => 1,
        }),
        0xc0.. => Ok(1 + length_len(length)?),
    }
}

/// How many bytes a length has that begins so.
fn length_len(head: &[u8]) -> Result<usize, NotPackets> {
    Ok(match head.first() {
        None | Some(0..192 | 224..255) => 1,
        Some(192..224) => 2,
        Some(255) => 5,
    })
}

/// Packets that stand in messages and are small: nobody sends a larger one.
pub(super) const MAX_SMALL: usize = 128 << 10;

/// A small packet that is put together before it is read.
pub(super) struct Small {
    pub(super) header: PacketHeader,
    pub(super) body: Vec<u8>,
}

impl Small {
    pub(super) fn new(header: PacketHeader) -> Self {
        Self {
            header,
            body: Vec::new(),
        }
    }

    pub(super) fn tag(&self) -> Tag {
        self.header.tag()
    }

    pub(super) fn add(&mut self, part: &[u8]) -> Result<(), NotPackets> {
        if self.body.len() + part.len() > MAX_SMALL {
            return Err(NotPackets);
        }
        self.body.extend_from_slice(part);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openpgp::packets::PacketWalk;

    /// All packets, fed in pieces of a size.
    fn walk(bytes: &[u8], size: usize) -> Result<Vec<(Tag, Vec<u8>)>, NotPackets> {
        let mut framing = Framing::default();
        let mut all: Vec<(Tag, Vec<u8>)> = Vec::new();
        for mut piece in bytes.chunks(size) {
            loop {
                match framing.step(&mut piece)? {
                    Step::Begin(header) => all.push((header.tag(), Vec::new())),
                    Step::Body(part) => all.last_mut().unwrap().1.extend_from_slice(part),
                    Step::End => {}
                    Step::More => break,
                }
            }
        }
        framing.finish()?;
        Ok(all)
    }

    #[test]
    fn packets_are_those_of_the_whole_in_pieces_of_any_size() {
        let long = vec![b'x'; 9000];
        let big = [b"\xcb\xff\0\0\x23\x28", &long[..]].concat();
        let parts = [
            b"\xcb\xe9",
            &long[..512],
            b"\xe1ab\xe0c\xc1\x02",
            &long[..450],
        ]
        .concat();
        let cases: Vec<Vec<u8>> = vec![
            b"\xcb\x02ab\xcb\x00".to_vec(),
            big.clone(),
            parts.clone(),
            b"\xafab".to_vec(),
            b"\xac\x02ab\xad\0\x01c\xae\0\0\0\x01d".to_vec(),
            [&parts[..], &big, b"\xaf"].concat(),
            // Wrong or cut.
            b"\xcb\x03ab".to_vec(),
            b"\xcb\xe1ab\x01c".to_vec(),
            b"\xcb\x02ab\x00".to_vec(),
            parts[..parts.len() - 1].to_vec(),
            [b"\xc2\xe9", &long[..512], b"\x00"].concat(),
            b"\xcb".to_vec(),
        ];
        for bytes in cases {
            let whole: Result<Vec<_>, _> = PacketWalk::new(&bytes)
                .map(|step| step.map(|packet| (packet.tag(), packet.body().to_vec())))
                .collect();
            for size in [1, 2, 3, 511, 10_000] {
                assert_eq!(
                    walk(&bytes, size),
                    whole,
                    "{size} {:?}",
                    &bytes[..6.min(bytes.len())]
                );
            }
        }
    }
}
