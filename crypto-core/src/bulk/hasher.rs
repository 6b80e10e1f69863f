//! Hashes over data that come piece by piece.

use sha1::{Digest, Sha1};
use sha2::{Sha224, Sha256, Sha384, Sha512};
use sha3::{Sha3_256, Sha3_512};

use super::HashKind;

/// A hash that is under way.
///
/// Streams use it in place of [`super::BulkEngine::hash`], which wants all data at once, as
/// WebCrypto does.
#[derive(Clone)]
pub struct Hasher(State);

#[derive(Clone)]
enum State {
    Sha1(Sha1),
    Sha224(Sha224),
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
    Sha3_256(Sha3_256),
    Sha3_512(Sha3_512),
}

/// Does the same with whichever state it is.
macro_rules! with_state {
    ($state:expr, $hasher:ident => $work:expr) => {
        match $state {
            State::Sha1($hasher) => $work,
            State::Sha224($hasher) => $work,
            State::Sha256($hasher) => $work,
            State::Sha384($hasher) => $work,
            State::Sha512($hasher) => $work,
            State::Sha3_256($hasher) => $work,
            State::Sha3_512($hasher) => $work,
        }
    };
}

impl Hasher {
    /// Begins.
    #[must_use]
    pub fn new(kind: HashKind) -> Self {
        Self(match kind {
            HashKind::Sha1 => State::Sha1(Sha1::new()),
            HashKind::Sha224 => State::Sha224(Sha224::new()),
            HashKind::Sha256 => State::Sha256(Sha256::new()),
            HashKind::Sha384 => State::Sha384(Sha384::new()),
            HashKind::Sha512 => State::Sha512(Sha512::new()),
            HashKind::Sha3_256 => State::Sha3_256(Sha3_256::new()),
            HashKind::Sha3_512 => State::Sha3_512(Sha3_512::new()),
        })
    }

    /// Takes in the next piece.
    pub fn update(&mut self, data: &[u8]) {
        with_state!(&mut self.0, hasher => hasher.update(data));
    }

    /// The hash of all pieces.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        with_state!(self.0, hasher => hasher.finalize().to_vec())
    }
}

impl std::fmt::Debug for Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A state tells about what was hashed.
        f.write_str("Hasher(..)")
    }
}
