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

use crypto_core::secret::wipe;
use sop::{Result, errors::Error, ops::Ready};

/// A result that only needs to be written, and is wiped then: it may be a plaintext.
pub(crate) struct Done<T> {
    pub(crate) bytes: Vec<u8>,
    pub(crate) result: T,
}

impl<T> Ready<T> for Done<T> {
    fn to_writer(mut self: Box<Self>, sink: &mut (dyn io::Write + Send + Sync)) -> Result<T> {
        let written = sink.write_all(&self.bytes).and_then(|()| sink.flush());
        wipe(&mut self.bytes);
        written?;
        Ok(self.result)
    }

    fn to_vec(self: Box<Self>) -> Result<(T, Vec<u8>)> {
        Ok((self.result, self.bytes))
    }
}

/// Text is UTF-8 or it is refused (RFC 9580, section 5.9, calls it UTF-8 as well).
pub(crate) fn require_text(data: &[u8]) -> Result<&str> {
    std::str::from_utf8(data).map_err(|_| Error::ExpectedText)
}
