//! Messages that are too large to be held in memory: everything in pieces, in bounded memory.
//!
//! Encrypting needs one pass over the data, and so does decrypting SEIPDv2: each of its chunks is
//! authenticated by itself, and what [`StreamDecryptor`] hands out has been. SEIPDv1 has one code
//! for the whole at its very end, so a source must be read twice: [`StreamChecker`] reads it all
//! and releases nothing, then [`StreamDecryptor::second_pass`] releases what was checked. It
//! remembers a hash of each MiB of the first pass, so that a source that changes in between
//! yields an error and not a changed plaintext.
//!
//! # Security
//! What a stream releases before its end is authenticated, but two things are known only when
//! [`StreamDecryptor::finish`] has answered: that nothing was cut off at the end, and who signed.
//! Callers must treat what they have received as unsigned and unfinished until then, and discard
//! it if the answer is an error.
//!
//! Progress is the number of bytes taken in (`bytes_in`); dropping a stream cancels it and wipes
//! what it holds.

mod checker;
mod decryptor;
mod detached;
mod digests;
mod encryptor;
mod envelope;
mod framing;
mod grammar;
mod inflate;
mod keys;
mod opener;
#[cfg(test)]
mod tests;
mod writing;

pub use checker::{Checked, StreamChecker};
pub use decryptor::{StreamDecryptor, StreamOpened};
pub use detached::{StreamSigner, StreamVerifier};
pub use encryptor::StreamEncryptor;

/// Input is taken in pieces of at most so many bytes, so that memory stays bounded however much
/// is pushed at once.
const PIECE: usize = 1 << 20;
