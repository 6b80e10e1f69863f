//! Packets as bytes: where one begins and ends, and what it says it is.
//!
//! Bodies of known length are borrowed, so that a large message is not copied once more; bodies
//! in partial lengths (RFC 9580, section 4.2.1.4) are put together.

use pgp::{
    packet::PacketHeader,
    ser::Serialize,
    types::{PacketLength, Tag},
};
use zeroize::Zeroizing;

use crate::secret::wipe;

/// The body of a packet.
#[derive(Debug)]
pub(super) enum Body<'a> {
    /// Within the bytes that were read.
    Borrowed(&'a [u8]),
    /// Put together from parts.
    Owned(Zeroizing<Vec<u8>>),
}

impl Body<'_> {
    /// Wipes what was put together: large, so sooner than by dropping it.
    pub(super) fn wipe(self) {
        if let Self::Owned(mut whole) = self {
            wipe(&mut whole);
        }
    }
}

impl AsRef<[u8]> for Body<'_> {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Borrowed(bytes) => bytes,
            Self::Owned(bytes) => bytes,
        }
    }
}

/// A packet whose body has not been looked at.
#[derive(Debug)]
pub(super) struct RawPacket<'a> {
    pub(super) header: PacketHeader,
    pub(super) body: Body<'a>,
    /// Where a borrowed body begins within the bytes walked over.
    pub(super) body_start: usize,
}

impl RawPacket<'_> {
    pub(super) fn tag(&self) -> Tag {
        self.header.tag()
    }

    pub(super) fn body(&self) -> &[u8] {
        self.body.as_ref()
    }
}

/// The bytes are not a sequence of packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotPackets;

/// The smallest first part of a packet in parts (RFC 9580, section 4.2.1.4).
pub(super) const MIN_FIRST_PART: u32 = 512;

/// Walks over the packets in `bytes`, of which nothing may be left over at the end.
///
/// After an error it yields nothing more.
pub(super) struct PacketWalk<'a> {
    rest: &'a [u8],
    total: usize,
    failed: bool,
}

impl<'a> PacketWalk<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            total: bytes.len(),
            failed: false,
        }
    }

    fn step(&mut self) -> Result<RawPacket<'a>, NotPackets> {
        let header = PacketHeader::try_from_reader(&mut self.rest).map_err(|_| NotPackets)?;
        let body_start = self.total - self.rest.len();
        let body = match header.packet_length() {
            PacketLength::Fixed(length) => {
                let length = usize::try_from(length).map_err(|_| NotPackets)?;
                let (body, rest) = self.rest.split_at_checked(length).ok_or(NotPackets)?;
                self.rest = rest;
                Body::Borrowed(body)
            }
            PacketLength::Indeterminate => {
                if !holds_data(header.tag()) {
                    return Err(NotPackets);
                }
                Body::Borrowed(std::mem::take(&mut self.rest))
            }
            PacketLength::Partial(first) => {
                if first < MIN_FIRST_PART || !holds_data(header.tag()) {
                    return Err(NotPackets);
                }
                let whole = self.parts(first)?;
                Body::Owned(whole)
            }
        };
        Ok(RawPacket {
            header,
            body,
            body_start,
        })
    }
}

impl PacketWalk<'_> {
    /// Puts a body in parts together, of which the first has so many bytes.
    fn parts(&mut self, first: u32) -> Result<Zeroizing<Vec<u8>>, NotPackets> {
        // In one step, so that growing leaves no copy behind.
        let mut whole = Zeroizing::new(Vec::with_capacity(self.rest.len()));
        let mut length = PacketLength::Partial(first);
        loop {
            let (part, is_last) = match length {
                PacketLength::Partial(part) => (part, false),
                PacketLength::Fixed(part) => (part, true),
                PacketLength::Indeterminate => return Err(NotPackets),
            };
            let part = usize::try_from(part).map_err(|_| NotPackets)?;
            let (part, rest) = self.rest.split_at_checked(part).ok_or(NotPackets)?;
            whole.extend_from_slice(part);
            self.rest = rest;
            if is_last {
                return Ok(whole);
            }
            length = PacketLength::try_from_reader(&mut self.rest).map_err(|_| NotPackets)?;
        }
    }
}

impl<'a> Iterator for PacketWalk<'a> {
    type Item = Result<RawPacket<'a>, NotPackets>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed || self.rest.is_empty() {
            return None;
        }
        let step = self.step();
        self.failed = step.is_err();
        Some(step)
    }
}

/// Only packets of data may have partial or indeterminate lengths (RFC 9580, section 4.2.1.4).
pub(super) fn holds_data(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::LiteralData
            | Tag::CompressedData
            | Tag::SymEncryptedData
            | Tag::SymEncryptedProtectedData
            | Tag::GnupgAeadData
    )
}

/// Appends a packet header for a body of `length` bytes.
///
/// Returns `None` if the length does not fit into 32 bits.
pub(super) fn write_header(tag: Tag, length: usize, output: &mut Vec<u8>) -> Option<()> {
    let header = PacketHeader::new_fixed(tag, u32::try_from(length).ok()?);
    header.to_writer(output).ok()
}

/// True if a receiver ignores such a packet wherever it stands (RFC 9580, sections 4.3, 5.8
/// and 5.14).
pub(super) fn is_ignorable(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::Marker | Tag::Padding | Tag::UnassignedNonCritical(_) | Tag::Experimental(_)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(bytes: &[u8]) -> Result<Vec<(Tag, Vec<u8>)>, NotPackets> {
        PacketWalk::new(bytes)
            .map(|step| step.map(|packet| (packet.tag(), packet.body().to_vec())))
            .collect()
    }

    #[test]
    fn lengths_of_all_kinds_are_read() {
        let literal = |body: &[u8]| (Tag::LiteralData, body.to_vec());
        assert_eq!(
            walk(b"\xcb\x02ab\xcb\x00"),
            Ok(vec![literal(b"ab"), literal(b"")])
        );
        // The first part must hold 512 bytes or more.
        let long = [b'x'; 512];
        let parts = [b"\xcb\xe9", &long[..], b"\xe1ab\x01c"].concat();
        let whole = [&long[..], b"abc"].concat();
        assert_eq!(walk(&parts), Ok(vec![literal(&whole)]));
        assert_eq!(walk(b"\xcb\xe1ab\x01c"), Err(NotPackets));
        assert_eq!(walk(b"\xafab"), Ok(vec![literal(b"ab")]));
    }

    #[test]
    fn what_is_cut_or_left_over_is_refused() {
        assert_eq!(walk(b"\xcb\x03ab"), Err(NotPackets));
        let long = [b'x'; 512];
        assert_eq!(walk(&[b"\xcb\xe9", &long[1..]].concat()), Err(NotPackets));
        assert_eq!(walk(&[b"\xcb\xe9", &long[..]].concat()), Err(NotPackets));
        assert_eq!(walk(b"\xcb\x02ab\x00"), Err(NotPackets));
        // A signature of partial length.
        assert_eq!(
            walk(&[b"\xc2\xe9", &long[..], b"\x00"].concat()),
            Err(NotPackets)
        );
    }
}
