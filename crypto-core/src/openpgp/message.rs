//! The grammar of messages (RFC 9580, section 10.3): what may stand in a container.
//!
//! The attacker may be the sender, who signed something honest and puts more around it, or has
//! a signed message of somebody else to play with. So the packets must be one of
//!
//! - a literal packet;
//! - one-pass signature packets, a literal packet, and as many signatures in reverse order;
//! - signatures in the old style and then a literal packet;
//! - a compressed packet that holds one of these, a few layers deep;
//!
//! and nothing else, to the last byte. What is returned is the content of that one literal
//! packet. Signatures over compressed data or over other signatures are refused: they leave it
//! open what has been signed.

use std::io::Read;

use pgp::{
    packet::{Decompressor, LiteralDataHeader, OnePassSignature, Signature},
    types::Tag,
};
use zeroize::Zeroizing;

use super::{
    Limits,
    container::keep,
    error::{DecryptError, ExceededLimit},
    packets::{Body, PacketWalk, RawPacket, is_ignorable},
};
use crate::secret::wipe;

/// Packets that are ignored are counted too.
pub(super) const MAX_IGNORED: usize = 64;
/// Compressed packets may always grow to this size, in bytes, all layers together.
pub(super) const FREE_SIZE: usize = 1 << 20;

/// The content of a message and its signatures, not judged yet.
pub(super) struct Content {
    pub(super) data: Zeroizing<Vec<u8>>,
    /// `None` for one that cannot be understood or does not fit its one-pass packet.
    pub(super) signatures: Vec<Option<Signature>>,
}

/// Reads the packets of a decrypted container, or of a message that is not encrypted.
pub(super) fn read(packets: Zeroizing<Vec<u8>>, limits: &Limits) -> Result<Content, DecryptError> {
    let mut packets = packets;
    let mut left = None;
    for depth in 0.. {
        match read_layer(&packets, limits)? {
            Layer::Literal { place, signatures } => {
                let data = match place {
                    Place::Within(range) => {
                        keep(&mut packets, range);
                        packets
                    }
                    Place::Apart(data) => {
                        wipe(&mut packets);
                        data
                    }
                };
                return Ok(Content { data, signatures });
            }
            Layer::Compressed(body) => {
                if depth >= limits.nesting {
                    return Err(exceeded(ExceededLimit::Nesting));
                }
                let left = left.get_or_insert_with(|| Left::of(body.as_ref().len(), limits));
                let larger = decompress(body.as_ref(), left)?;
                body.wipe();
                wipe(&mut packets);
                packets = larger;
            }
        }
    }
    Err(exceeded(ExceededLimit::Nesting))
}

/// Where the literal data are.
enum Place {
    Within(std::ops::Range<usize>),
    Apart(Zeroizing<Vec<u8>>),
}

enum Layer<'a> {
    Literal {
        place: Place,
        signatures: Vec<Option<Signature>>,
    },
    Compressed(Body<'a>),
}

pub(super) fn exceeded(limit: ExceededLimit) -> DecryptError {
    DecryptError::LimitExceeded(limit)
}

pub(super) fn malformed(why: &str) -> DecryptError {
    DecryptError::Malformed(why.to_owned())
}

/// Reads one sequence of packets against the grammar.
fn read_layer<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Layer<'a>, DecryptError> {
    let mut announced: Vec<Option<OnePassSignature>> = Vec::new();
    let mut signatures: Vec<Option<Signature>> = Vec::new();
    let mut in_front = 0;
    let mut literal: Option<Place> = None;
    let mut compressed: Option<Body<'a>> = None;
    let mut ignored = 0;
    for packet in PacketWalk::new(bytes) {
        let packet = packet.map_err(|_| malformed("its packets are cut off or damaged"))?;
        let tag = packet.tag();
        if is_ignorable(tag) {
            ignored += 1;
            if ignored > MAX_IGNORED {
                return Err(malformed("it holds too many packets without meaning"));
            }
            continue;
        }
        if compressed.is_some() {
            return Err(malformed("something follows its compressed data"));
        }
        match tag {
            Tag::OnePassSignature if literal.is_none() && signatures.is_empty() => {
                let one = OnePassSignature::try_from_reader(packet.header, packet.body()).ok();
                announced.push(one);
            }
            Tag::Signature => {
                let one = Signature::try_from_reader(packet.header, packet.body()).ok();
                signatures.push(one);
                in_front += usize::from(literal.is_none());
            }
            Tag::LiteralData if literal.is_none() => literal = Some(literal_place(packet)?),
            Tag::CompressedData
                if announced.is_empty() && signatures.is_empty() && literal.is_none() =>
            {
                compressed = Some(packet.body);
            }
            _ => return Err(malformed("its packets are not those of one message")),
        }
        if announced.len().max(signatures.len()) > limits.signatures {
            return Err(exceeded(ExceededLimit::Signatures));
        }
    }
    if let Some(body) = compressed {
        return Ok(Layer::Compressed(body));
    }
    let place = literal.ok_or_else(|| malformed("there is no content in it"))?;
    settle(&announced, &mut signatures, in_front)?;
    Ok(Layer::Literal { place, signatures })
}

/// Checks that the signatures around the content fit together, of which so many were in front.
pub(super) fn settle(
    announced: &[Option<OnePassSignature>],
    signatures: &mut [Option<Signature>],
    in_front: usize,
) -> Result<(), DecryptError> {
    let old_style = announced.is_empty() && in_front == signatures.len();
    let one_pass = in_front == 0 && announced.len() == signatures.len();
    if !old_style && !one_pass {
        return Err(malformed("its signatures do not fit together"));
    }
    if one_pass && !announced.is_empty() {
        pair(announced, signatures)?;
    }
    Ok(())
}

/// Checks each signature against the packet that announced it; the first announced comes last.
fn pair(
    announced: &[Option<OnePassSignature>],
    signatures: &mut [Option<Signature>],
) -> Result<(), DecryptError> {
    let last = announced.len() - 1;
    for (index, one) in announced.iter().enumerate() {
        // Only the last one may say that the data follow: otherwise an outer signature would be
        // over the inner one, not over the data.
        if one
            .as_ref()
            .is_some_and(|one| one.is_nested() != (index < last))
        {
            return Err(malformed("its signatures are nested"));
        }
    }
    for (one, signature) in announced.iter().zip(signatures.iter_mut().rev()) {
        let fits = match (one, signature.as_ref()) {
            (Some(one), Some(signature)) => one.matches(signature),
            _ => false,
        };
        if !fits {
            *signature = None;
        }
    }
    Ok(())
}

/// Finds the data in a literal packet, behind its kind, name and date, which nothing protects.
fn literal_place(packet: RawPacket<'_>) -> Result<Place, DecryptError> {
    let length = packet.body().len();
    let mut rest = packet.body();
    LiteralDataHeader::try_from_reader(&mut rest)
        .map_err(|_| malformed("its content is cut off"))?;
    let start = length - rest.len();
    Ok(match packet.body {
        Body::Borrowed(_) => Place::Within(packet.body_start + start..packet.body_start + length),
        Body::Owned(mut whole) => {
            keep(&mut whole, start..length);
            Place::Apart(whole)
        }
    })
}

/// What may still come out of decompression, of all layers together: ratios of layers that are
/// each within the limit would multiply.
struct Left {
    by_size: usize,
    by_ratio: usize,
}

impl Left {
    /// Before the outermost layer, of so many bytes.
    fn of(outermost: usize, limits: &Limits) -> Self {
        Self {
            by_size: limits.decompressed,
            by_ratio: outermost
                .saturating_mul(limits.compression_ratio)
                .max(FREE_SIZE),
        }
    }
}

/// Decompresses, and stops where the limits are.
fn decompress(body: &[u8], left: &mut Left) -> Result<Zeroizing<Vec<u8>>, DecryptError> {
    let cap = left.by_size.min(left.by_ratio);
    let reader = Decompressor::from_reader(body).map_err(|_| {
        let kind = body.first().copied().unwrap_or_default();
        DecryptError::Unsupported(format!("compression of kind {kind}"))
    })?;
    let mut output = Zeroizing::new(Vec::with_capacity(cap.min(body.len().saturating_mul(4))));
    let over = u64::try_from(cap).unwrap_or(u64::MAX).saturating_add(1);
    reader
        .take(over)
        .read_to_end(&mut output)
        .map_err(|_| malformed("its compressed data are damaged"))?;
    if output.len() > cap {
        return Err(exceeded(if left.by_size <= left.by_ratio {
            ExceededLimit::Decompressed
        } else {
            ExceededLimit::CompressionRatio
        }));
    }
    left.by_size = left.by_size.saturating_sub(output.len());
    left.by_ratio = left.by_ratio.saturating_sub(output.len());
    Ok(output)
}
