//! An entity: a block of header fields and a body (RFC 2045, section 2.4).
//!
//! The library that reads header fields would also take whole messages apart, but it looks for
//! boundaries anywhere in a line, goes as deep as the message does, and hands out no exact bytes
//! for a signature. So bodies are split here, by the letter of RFC 2046, section 5.1.1, and with
//! limits, and the library reads one header block at a time.

use thiserror::Error;

use super::headers::Headers;

/// How much of a message is looked at. All sizes are bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Entities inside entities; the root has depth 1.
    pub depth: usize,
    /// Entities in all, multiparts included.
    pub parts: usize,
    /// The header block of the message itself.
    pub header_bytes: usize,
    /// The header block of each part.
    pub part_header_bytes: usize,
    /// The whole message.
    pub total_bytes: usize,
    /// Addresses in one header field; more are left out.
    pub addresses: usize,
}

impl Limits {
    /// 50 levels, 10,000 parts, 128 KiB and 16 KiB of header, 96 MiB in all, 2,000 addresses.
    pub const DEFAULT: Self = Self {
        depth: 50,
        parts: 10_000,
        header_bytes: 128 * 1024,
        part_header_bytes: 16 * 1024,
        total_bytes: 96 * 1024 * 1024,
        addresses: 2_000,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Why a message could not be taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// Larger than [`Limits::total_bytes`].
    #[error("the message is larger than {0} bytes")]
    TooLarge(usize),
    /// A header block larger than its limit.
    #[error("a header of the message is larger than {0} bytes")]
    HeaderTooLarge(usize),
    /// Deeper than [`Limits::depth`].
    #[error("the message is nested deeper than {0} levels")]
    TooDeep(usize),
    /// More parts than [`Limits::parts`].
    #[error("the message has more than {0} parts")]
    TooManyParts(usize),
    /// No header field at all.
    #[error("these bytes are not a mail message")]
    NotMail,
    /// The root says PGP/MIME encrypted, but the two parts of RFC 3156, section 4, are not there.
    #[error("the encrypted message is incomplete or malformed")]
    MalformedEncrypted,
    /// The decrypted wrapper does not hold a stored message.
    #[error("the stored message is not wrapped as expected")]
    NotSealed,
}

/// A header block and a body, both exactly as they lie in the message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entity<'a> {
    /// Up to and without the empty line.
    pub(super) header: &'a [u8],
    /// After the empty line.
    pub(super) body: &'a [u8],
}

impl<'a> Entity<'a> {
    /// Splits at the first empty line. Without one, everything is header.
    ///
    /// # Errors
    ///
    /// [`ReadError::HeaderTooLarge`].
    pub(super) fn split(bytes: &'a [u8], max_header: usize) -> Result<Self, ReadError> {
        let mut start = 0;
        for line in bytes.split_inclusive(|b| *b == b'\n') {
            if start > max_header {
                return Err(ReadError::HeaderTooLarge(max_header));
            }
            if matches!(line, b"\n" | b"\r\n") {
                let (header, rest) = bytes.split_at_checked(start).unwrap_or((bytes, &[]));
                let body = rest.get(line.len()..).unwrap_or_default();
                return Ok(Self { header, body });
            }
            start += line.len();
        }
        if start > max_header {
            return Err(ReadError::HeaderTooLarge(max_header));
        }
        Ok(Self {
            header: bytes,
            body: &[],
        })
    }

    /// Reads the header fields.
    pub(super) fn headers(&self) -> Headers {
        Headers::parse(self.header)
    }
}

/// What lies between the delimiters of a multipart body.
pub(super) struct Parts<'a> {
    /// The parts, without the line end before each delimiter, which belongs to the delimiter.
    pub(super) parts: Vec<&'a [u8]>,
    /// False when the closing delimiter is missing: the message was cut off.
    pub(super) closed: bool,
}

/// Splits a multipart body (RFC 2046, section 5.1.1); preamble and epilogue are dropped.
///
/// # Errors
///
/// [`ReadError::TooManyParts`] as soon as there are more than `max`.
pub(super) fn split_multipart<'a>(
    body: &'a [u8],
    boundary: &str,
    max: usize,
) -> Result<Parts<'a>, ReadError> {
    let mut parts = Vec::new();
    let mut closed = false;
    let mut part_start = None;
    let mut offset = 0;
    for line in body.split_inclusive(|b| *b == b'\n') {
        let line_start = offset;
        offset += line.len();
        let Some(is_close) = delimiter(line, boundary.as_bytes()) else {
            continue;
        };
        if let Some(start) = part_start.take() {
            if parts.len() >= max {
                return Err(ReadError::TooManyParts(max));
            }
            parts.push(without_line_end(
                body.get(start..line_start).unwrap_or_default(),
            ));
        }
        if is_close {
            closed = true;
            break;
        }
        part_start = Some(offset);
    }
    if let Some(start) = part_start {
        if parts.len() >= max {
            return Err(ReadError::TooManyParts(max));
        }
        parts.push(body.get(start..).unwrap_or_default());
    }
    Ok(Parts { parts, closed })
}

/// `None` when the line is no delimiter; `Some(true)` for the closing one.
fn delimiter(line: &[u8], boundary: &[u8]) -> Option<bool> {
    let rest = line.strip_prefix(b"--")?.strip_prefix(boundary)?;
    let (rest, is_close) = match rest.strip_prefix(b"--") {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    rest.iter()
        .all(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n'))
        .then_some(is_close)
}

fn without_line_end(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split<'a>(body: &'a str, boundary: &str) -> (Vec<&'a str>, bool) {
        let split = split_multipart(body.as_bytes(), boundary, 10).unwrap();
        let parts = split
            .parts
            .iter()
            .map(|part| std::str::from_utf8(part).unwrap())
            .collect();
        (parts, split.closed)
    }

    #[test]
    fn the_line_end_before_a_delimiter_belongs_to_it() {
        let body = "preamble\r\n--b\r\none\r\n\r\n--b  \r\n\r\n--b--\r\nepilogue --b\r\n--b\r\n";
        assert_eq!(split(body, "b"), (vec!["one\r\n", ""], true));
    }

    #[test]
    fn delimiters_stand_at_the_start_of_a_line_and_alone_on_it() {
        let body = "--b\n x--b\n--bc\n--b-\n--b--x\n--b--\n";
        assert_eq!(split(body, "b"), (vec![" x--b\n--bc\n--b-\n--b--x"], true));
    }

    #[test]
    fn a_truncated_body_is_kept_and_marked() {
        assert_eq!(
            split("--b\r\none\r\n--b\r\ntw", "b"),
            (vec!["one", "tw"], false)
        );
        assert_eq!(split("no delimiter", "b"), (vec![], false));
    }

    #[test]
    fn parts_are_counted_while_splitting() {
        let body = "--b\n\n".repeat(11);
        assert_eq!(
            split_multipart(body.as_bytes(), "b", 10).err(),
            Some(ReadError::TooManyParts(10))
        );
    }

    #[test]
    fn an_entity_ends_its_header_at_the_first_empty_line() {
        let entity = Entity::split(b"A: 1\r\n b\r\n\r\nbody\r\n\r\n", 100).unwrap();
        assert_eq!(entity.header, b"A: 1\r\n b\r\n");
        assert_eq!(entity.body, b"body\r\n\r\n");
        let entity = Entity::split(b"\nbody", 100).unwrap();
        assert_eq!((entity.header, entity.body), (&b""[..], &b"body"[..]));
        let entity = Entity::split(b"A: 1", 100).unwrap();
        assert_eq!((entity.header, entity.body), (&b"A: 1"[..], &b""[..]));
    }

    #[test]
    fn long_headers_are_refused() {
        let header = format!("A: {}\r\n\r\n", "x\r\n ".repeat(100));
        assert_eq!(
            Entity::split(header.as_bytes(), 100).err(),
            Some(ReadError::HeaderTooLarge(100))
        );
        let header = format!("A: {}", "x".repeat(200));
        assert_eq!(
            Entity::split(header.as_bytes(), 100).err(),
            Some(ReadError::HeaderTooLarge(100))
        );
    }
}
