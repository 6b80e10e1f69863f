//! ASCII armor (RFC 9580, section 6).
//!
//! Checksums protect nothing, so they are not looked at. They are written only where GnuPG 2.2 may
//! read: without one it reads past the end of some blocks. RFC 9580 (section 6.1) forbids them
//! for what only newer software reads.

use std::{borrow::Cow, io::Read};

use pgp::{
    armor::{BlockType, Dearmor, DearmorOptions},
    errors::Error,
    ser::Serialize,
    types::KeyVersion,
};

/// Bytes that rPGP's armor writer takes.
struct Raw<'a>(&'a [u8]);

impl Serialize for Raw<'_> {
    fn to_writer<W: std::io::Write>(&self, writer: &mut W) -> Result<(), Error> {
        Ok(writer.write_all(self.0)?)
    }

    fn write_len(&self) -> usize {
        self.0.len()
    }
}

/// Who may come to read a block.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Readers {
    /// Software of RFC 4880 as well.
    All,
    /// Only software of RFC 9580, by the versions of what is in the block.
    Modern,
}

impl Readers {
    /// Those who can make use of a key of this version and its signatures.
    pub(super) fn of(version: KeyVersion) -> Self {
        match version {
            KeyVersion::V6 => Self::Modern,
            _ => Self::All,
        }
    }
}

/// Writes armor.
pub(super) fn write(bytes: &[u8], kind: BlockType, readers: Readers) -> Vec<u8> {
    let mut output = Vec::with_capacity(bytes.len() / 3 * 4 + bytes.len() / 48 + 128);
    let checksum = readers == Readers::All;
    // Writing into a vector cannot fail, and `Raw` has no error of its own.
    let written = pgp::armor::write(&Raw(bytes), kind, &mut output, None, checksum);
    debug_assert!(written.is_ok());
    output
}

/// Writes armor as text.
pub(super) fn write_text(bytes: &[u8], kind: BlockType, readers: Readers) -> String {
    String::from_utf8_lossy(&write(bytes, kind, readers)).into_owned()
}

/// What was read, and the kind of block it stood in; binary input has none.
pub(super) struct Dearmored<'a> {
    pub(super) kind: Option<BlockType>,
    pub(super) bytes: Cow<'a, [u8]>,
}

/// Reads armor, or hands binary packets through.
///
/// # Errors
/// Why it is neither.
pub(super) fn read(input: &[u8]) -> Result<Dearmored<'_>, String> {
    // The first byte of every packet has its highest bit set; armor is ASCII.
    if input.first().is_some_and(|first| first & 0x80 != 0) {
        return Ok(Dearmored {
            kind: None,
            bytes: Cow::Borrowed(input),
        });
    }
    let options = DearmorOptions::new().set_limit(input.len().max(1024));
    let mut reader = Dearmor::with_options(input, options);
    reader
        .read_header()
        .map_err(|_| "there is no armor in it".to_owned())?;
    let kind = reader.typ;
    let mut bytes = Vec::with_capacity(input.len() / 4 * 3);
    reader
        .read_to_end(&mut bytes)
        .map_err(|_| "its armor is damaged".to_owned())?;
    Ok(Dearmored {
        kind,
        bytes: Cow::Owned(bytes),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn armor_comes_back() {
        let bytes: Vec<u8> = (0..=255).collect();
        let text = write(&bytes, BlockType::Message, Readers::Modern);
        let summed = write(&bytes, BlockType::Message, Readers::All);
        assert_eq!(summed.len(), text.len() + "=AAAA\n".len());
        assert_eq!(read(&summed).unwrap().bytes.as_ref(), bytes);
        assert!(text.starts_with(b"-----BEGIN PGP MESSAGE-----\n\n"));
        let back = read(&text).unwrap();
        assert_eq!(back.kind, Some(BlockType::Message));
        assert_eq!(back.bytes.as_ref(), bytes);
        let crlf = String::from_utf8(text).unwrap().replace('\n', "\r\n");
        assert_eq!(read(crlf.as_bytes()).unwrap().bytes.as_ref(), bytes);
    }

    #[test]
    fn what_is_not_armor_is_refused() {
        for text in ["", "hello", "-----BEGIN PGP MESSAGE-----\n\nAAAA"] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
    }
}
