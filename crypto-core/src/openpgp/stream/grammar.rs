//! The grammar of messages, checked as their packets arrive. The rules are those of
//! [`crate::openpgp::message`].

use pgp::{
    packet::{LiteralDataHeader, OnePassSignature, PacketHeader, Signature},
    types::Tag,
};
use zeroize::Zeroizing;

use super::{
    digests::Digests,
    framing::{Framing, Small, Step},
    inflate::{Inflate, Meter},
};
use crate::openpgp::{
    Limits,
    error::{DecryptError, ExceededLimit},
    message::{MAX_IGNORED, exceeded, malformed, settle},
    packets::{NotPackets, is_ignorable},
};

/// One layer of a message: packets up to a content, or one compressed packet.
pub(super) struct Grammar {
    limits: Limits,
    depth: usize,
    framing: Framing,
    current: Current,
    announced: Vec<Option<OnePassSignature>>,
    signatures: Vec<Option<Signature>>,
    in_front: usize,
    ignored: usize,
    literal: bool,
    digests: Digests,
    length: u64,
    compressed: Option<Box<Compressed>>,
}

/// The packet under way.
enum Current {
    Ignored,
    Small(Small),
    /// The beginning of a literal packet: kind, name, date.
    LiteralHead(Vec<u8>),
    Literal,
    Compressed,
}

struct Compressed {
    inflate: Inflate,
    within: Grammar,
}

/// What the message was.
pub(super) struct Ending {
    pub(super) length: u64,
    pub(super) signatures: Vec<Option<Signature>>,
    pub(super) digests: Digests,
}

impl Grammar {
    pub(super) fn new(limits: &Limits) -> Self {
        Self::at_depth(limits, 0)
    }

    fn at_depth(limits: &Limits, depth: usize) -> Self {
        Self {
            limits: *limits,
            depth,
            framing: Framing::default(),
            current: Current::Ignored,
            announced: Vec::new(),
            signatures: Vec::new(),
            in_front: 0,
            ignored: 0,
            literal: false,
            digests: Digests::default(),
            length: 0,
            compressed: None,
        }
    }

    /// Takes in packets and appends what there is of their content.
    pub(super) fn push(
        &mut self,
        packets: &[u8],
        output: &mut Vec<u8>,
        meter: &mut Meter,
    ) -> Result<(), DecryptError> {
        let mut rest = packets;
        loop {
            match self.framing.step(&mut rest).map_err(cut)? {
                Step::Begin(header) => self.begin(header)?,
                Step::Body(part) => self.body(part, output, meter)?,
                Step::End => self.end()?,
                Step::More => return Ok(()),
            }
        }
    }

    /// Says that nothing more comes.
    pub(super) fn finish(mut self) -> Result<Ending, DecryptError> {
        if self.framing.finish().map_err(cut)? {
            self.end()?;
        }
        if let Some(compressed) = self.compressed {
            return compressed.within.finish();
        }
        if !self.literal {
            return Err(malformed("there is no content in it"));
        }
        settle(&self.announced, &mut self.signatures, self.in_front)?;
        Ok(Ending {
            length: self.length,
            signatures: self.signatures,
            digests: self.digests,
        })
    }

    fn begin(&mut self, header: PacketHeader) -> Result<(), DecryptError> {
        let tag = header.tag();
        if is_ignorable(tag) {
            self.ignored += 1;
            if self.ignored > MAX_IGNORED {
                return Err(malformed("it holds too many packets without meaning"));
            }
            self.current = Current::Ignored;
            return Ok(());
        }
        if self.compressed.is_some() {
            return Err(malformed("something follows its compressed data"));
        }
        let nothing_yet = self.announced.is_empty() && self.signatures.is_empty() && !self.literal;
        self.current = match tag {
            Tag::OnePassSignature if !self.literal && self.signatures.is_empty() => {
                Current::Small(Small::new(header))
            }
            Tag::Signature => Current::Small(Small::new(header)),
            Tag::LiteralData if !self.literal => {
                self.literal = true;
                Current::LiteralHead(Vec::new())
            }
            Tag::CompressedData if nothing_yet => {
                if self.depth >= self.limits.nesting {
                    return Err(exceeded(ExceededLimit::Nesting));
                }
                self.compressed = Some(Box::new(Compressed {
                    inflate: Inflate::new(self.depth == 0),
                    within: Self::at_depth(&self.limits, self.depth + 1),
                }));
                Current::Compressed
            }
            _ => return Err(malformed("its packets are not those of one message")),
        };
        Ok(())
    }

    fn body(
        &mut self,
        part: &[u8],
        output: &mut Vec<u8>,
        meter: &mut Meter,
    ) -> Result<(), DecryptError> {
        match &mut self.current {
            Current::Ignored => {}
            Current::Small(small) => small.add(part).map_err(cut)?,
            Current::LiteralHead(head) => {
                head.extend_from_slice(part);
                let Some(name_len) = head.get(1) else {
                    return Ok(());
                };
                let length = 6 + usize::from(*name_len);
                if head.len() < length {
                    return Ok(());
                }
                let whole = Zeroizing::new(std::mem::take(head));
                let (front, content) = whole.split_at(length);
                LiteralDataHeader::try_from_reader(front)
                    .map_err(|_| malformed("its content is cut off"))?;
                self.digests = Digests::of(&self.announced, &self.signatures);
                self.current = Current::Literal;
                self.content(content, output);
            }
            Current::Literal => self.content(part, output),
            Current::Compressed => {
                if let Some(compressed) = &mut self.compressed {
                    let Compressed { inflate, within } = compressed.as_mut();
                    inflate.push(part, meter, |bytes, meter| {
                        within.push(bytes, output, meter)
                    })?;
                }
            }
        }
        Ok(())
    }

    fn content(&mut self, part: &[u8], output: &mut Vec<u8>) {
        self.digests.update(part);
        self.length = self.length.saturating_add(part.len() as u64);
        output.extend_from_slice(part);
    }

    fn end(&mut self) -> Result<(), DecryptError> {
        match std::mem::replace(&mut self.current, Current::Ignored) {
            Current::Ignored | Current::Literal => Ok(()),
            Current::LiteralHead(_) => Err(malformed("its content is cut off")),
            Current::Compressed => match &self.compressed {
                Some(compressed) => compressed.inflate.finish(),
                None => Ok(()),
            },
            Current::Small(small) => self.add(&small),
        }
    }

    fn add(&mut self, small: &Small) -> Result<(), DecryptError> {
        let body = small.body.as_slice();
        if small.tag() == Tag::OnePassSignature {
            let one = OnePassSignature::try_from_reader(small.header, body).ok();
            self.announced.push(one);
        } else {
            let one = Signature::try_from_reader(small.header, body).ok();
            self.signatures.push(one);
            self.in_front += usize::from(!self.literal);
        }
        if self.announced.len().max(self.signatures.len()) > self.limits.signatures {
            return Err(exceeded(ExceededLimit::Signatures));
        }
        Ok(())
    }
}

fn cut(_: NotPackets) -> DecryptError {
    malformed("its packets are cut off or damaged")
}
