//! Bearer tokens: 256 random bits, kept only as a hash.

use data_encoding::BASE64URL_NOPAD;
use rand::{RngCore, rngs::OsRng};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const LEN: usize = 32;

/// A new token and the hash to keep.
pub(crate) fn make() -> (Zeroizing<String>, [u8; 32]) {
    let mut bytes = Zeroizing::new([0; LEN]);
    OsRng.fill_bytes(bytes.as_mut_slice());
    let token = Zeroizing::new(BASE64URL_NOPAD.encode(bytes.as_slice()));
    let hash = hash(&token);
    (token, hash)
}

/// What is kept of a token. Plain SHA-256 is enough: there is nothing to guess.
pub(crate) fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
