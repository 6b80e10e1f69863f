//! The verbs, one builder each.

pub(crate) mod armor;
pub(crate) mod certs;
pub(crate) mod decrypt;
pub(crate) mod encrypt;
pub(crate) mod generate;
pub(crate) mod keys;
pub(crate) mod sign;
pub(crate) mod verify;
pub(crate) mod version;

use std::io;

use sop::{Result, errors::Error, ops::Ready};

/// A result that only needs to be written.
pub(crate) struct Done<B, T> {
    pub(crate) bytes: B,
    pub(crate) result: T,
}

impl<B: AsRef<[u8]>, T> Ready<T> for Done<B, T> {
    fn to_writer(self: Box<Self>, sink: &mut (dyn io::Write + Send + Sync)) -> Result<T> {
        sink.write_all(self.bytes.as_ref())?;
        sink.flush()?;
        Ok(self.result)
    }
}

/// Text is UTF-8 or it is refused (RFC 9580, section 5.9, calls it UTF-8 as well).
pub(crate) fn require_text(data: &[u8]) -> Result<&str> {
    std::str::from_utf8(data).map_err(|_| Error::ExpectedText)
}
