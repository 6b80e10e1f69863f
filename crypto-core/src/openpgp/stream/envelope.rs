//! The outside of an encrypted message as it arrives: armor, session-key packets, the head of
//! the container.

use pgp::{armor::BlockType, types::Tag};

use super::framing::{Framing, Small, Step};
use crate::openpgp::{
    Limits,
    armor::{self, Reader},
    container::{Container, ContainerFault, SALT_LEN, Suite},
    decrypt::Part,
    error::DecryptError,
    message::malformed,
    packets::{NotPackets, is_ignorable},
    session::SessionPackets,
};

/// What the container says of itself.
pub(super) enum Head {
    V1,
    V2 { suite: Suite, salt: [u8; SALT_LEN] },
}

impl Head {
    /// Reads the beginning of a container's body, of which `used` bytes are the head; `None` if
    /// not all of it has come.
    pub(super) fn parse(body: &[u8]) -> Result<Option<(Self, usize)>, DecryptError> {
        /// Version, cipher, mode, size of chunks, salt.
        const V2_LEN: usize = 4 + SALT_LEN;
        if body.is_empty() || (body.first() == Some(&2) && body.len() < V2_LEN) {
            return Ok(None);
        }
        match Container::parse(body) {
            Ok(Container::V1 { .. }) => Ok(Some((Self::V1, 1))),
            Ok(Container::V2 { suite, salt, .. }) => Ok(Some((Self::V2 { suite, salt }, V2_LEN))),
            Err(ContainerFault::Malformed(why)) => Err(malformed(why)),
            Err(ContainerFault::Unsupported(what)) => Err(DecryptError::Unsupported(what)),
        }
    }

    /// The same as a container without content.
    pub(super) fn container(&self) -> Container<'static> {
        match self {
            Self::V1 => Container::V1 { ciphertext: &[] },
            Self::V2 { suite, salt } => Container::V2 {
                suite: *suite,
                salt: *salt,
                ciphertext: &[],
            },
        }
    }
}

/// Reads the outside.
pub(super) struct Envelope {
    text: Text,
    scratch: Vec<u8>,
    framing: Framing,
    current: Current,
    has_container: bool,
    pub(super) packets: SessionPackets,
}

enum Text {
    Unknown,
    Binary,
    Armor(Box<Reader>),
}

enum Current {
    Ignored,
    SessionKey(Small),
    Container,
}

impl Envelope {
    pub(super) fn new() -> Self {
        Self {
            text: Text::Unknown,
            scratch: Vec::new(),
            framing: Framing::default(),
            current: Current::Ignored,
            has_container: false,
            packets: SessionPackets::default(),
        }
    }

    /// Takes in a piece and appends what there is of the container's body.
    pub(super) fn push(
        &mut self,
        piece: &[u8],
        limits: &Limits,
        body: &mut Vec<u8>,
    ) -> Result<(), DecryptError> {
        if piece.is_empty() {
            return Ok(());
        }
        if matches!(self.text, Text::Unknown) {
            self.text = if armor::is_binary(piece) {
                Text::Binary
            } else {
                Text::Armor(Box::default())
            };
        }
        let Text::Armor(reader) = &mut self.text else {
            return self.packets(piece, limits, body);
        };
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        reader
            .push(piece, &mut scratch)
            .map_err(|fault| malformed(&fault.to_string()))?;
        if !matches!(
            reader.kind(),
            None | Some(BlockType::Message | BlockType::File)
        ) {
            return Err(DecryptError::NotEncrypted);
        }
        let done = self.packets(&scratch, limits, body);
        self.scratch = scratch;
        done
    }

    /// Says that nothing more comes.
    pub(super) fn finish(
        &mut self,
        limits: &Limits,
        body: &mut Vec<u8>,
    ) -> Result<(), DecryptError> {
        if let Text::Armor(reader) = &mut self.text {
            let mut rest = Vec::new();
            reader
                .finish(&mut rest)
                .map_err(|fault| malformed(&fault.to_string()))?;
            self.packets(&rest, limits, body)?;
        }
        if matches!(self.text, Text::Unknown) {
            return Err(malformed("there is no armor in it"));
        }
        self.framing.finish().map_err(cut)?;
        if self.has_container {
            Ok(())
        } else {
            Err(malformed("there is nothing encrypted in it"))
        }
    }

    fn packets(
        &mut self,
        bytes: &[u8],
        limits: &Limits,
        body: &mut Vec<u8>,
    ) -> Result<(), DecryptError> {
        let mut rest = bytes;
        loop {
            match self.framing.step(&mut rest).map_err(cut)? {
                Step::Begin(header) => {
                    self.current = self.begin(header.tag(), || Small::new(header))?;
                }
                Step::Body(part) => match &mut self.current {
                    Current::Ignored => {}
                    Current::SessionKey(small) => small.add(part).map_err(cut)?,
                    Current::Container => body.extend_from_slice(part),
                },
                Step::End => match std::mem::replace(&mut self.current, Current::Ignored) {
                    Current::Ignored | Current::Container => {}
                    Current::SessionKey(small) => {
                        self.packets.add(small.header, &small.body, limits)?;
                    }
                },
                Step::More => return Ok(()),
            }
        }
    }

    fn begin(&mut self, tag: Tag, small: impl FnOnce() -> Small) -> Result<Current, DecryptError> {
        if is_ignorable(tag) {
            return Ok(Current::Ignored);
        }
        if self.has_container {
            return Err(malformed("something follows its encrypted part"));
        }
        Ok(match Part::of(tag, self.packets.is_empty())? {
            Part::SessionKey => Current::SessionKey(small()),
            Part::Container => {
                self.has_container = true;
                Current::Container
            }
        })
    }
}

fn cut(_: NotPackets) -> DecryptError {
    malformed("it is cut off or damaged")
}
