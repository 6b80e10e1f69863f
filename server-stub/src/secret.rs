//! The server's own secret: 32 random bytes in a file beside the database.
//!
//! From it come answers for addresses that nobody has, and the keyed hashes that stand for
//! Message-IDs. It lies apart from the database, so that a copy of the database alone does not
//! even let one test a guess.

use std::{
    io::{Read, Write},
    path::Path,
};

use crypto_core::secret::Secret;
use hmac::{Hmac, Mac};
use rand::{RngCore, rngs::OsRng};
use sha2::Sha256;
use zeroize::Zeroizing;

const LEN: usize = 32;

/// Keyed hashes under the server's secret.
#[derive(Debug)]
pub(crate) struct ServerSecret(Secret<[u8; LEN]>);

impl ServerSecret {
    /// Reads the secret, or makes it on the first start.
    pub(crate) fn open(path: &Path) -> std::io::Result<Self> {
        match std::fs::File::open(path) {
            Ok(mut file) => {
                let mut bytes = Zeroizing::new([0; LEN]);
                file.read_exact(bytes.as_mut_slice())?;
                Ok(Self(Secret::new(*bytes)))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::make(path),
            Err(error) => Err(error),
        }
    }

    fn make(path: &Path) -> std::io::Result<Self> {
        let mut bytes = Zeroizing::new([0; LEN]);
        OsRng.fill_bytes(bytes.as_mut_slice());
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        file.write_all(bytes.as_slice())?;
        file.sync_all()?;
        Ok(Self(Secret::new(*bytes)))
    }

    fn hash(&self, label: &str, parts: &[&[u8]]) -> [u8; 32] {
        #[allow(clippy::expect_used, reason = "HMAC takes keys of every length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose()).expect("any length");
        for part in [label.as_bytes()].iter().chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// The salt shown for an address nobody has; the same every time.
    pub(crate) fn fake_salt(&self, address: &str) -> [u8; 16] {
        let hash = self.hash("fake salt", &[address.as_bytes()]);
        let mut salt = [0; 16];
        salt.copy_from_slice(hash.split_at(16).0);
        salt
    }

    /// The seed of the verifier used for an address nobody has.
    pub(crate) fn fake_seed(&self, address: &str) -> [u8; 32] {
        self.hash("fake verifier", &[address.as_bytes()])
    }

    /// What stands for a Message-ID in one account.
    pub(crate) fn message_reference(&self, account: i64, message_id: &str) -> [u8; 32] {
        self.hash(
            "message id",
            &[&account.to_be_bytes(), message_id.as_bytes()],
        )
    }

    /// What stands for a message an account handed in, so that the same bytes are known again.
    pub(crate) fn import_hash(&self, account: i64, message: &[u8]) -> [u8; 32] {
        self.hash("import", &[&account.to_be_bytes(), message])
    }

    /// What stands for an address among the keys of rate limits.
    pub(crate) fn address_key(&self, address: &str) -> u64 {
        let hash = self.hash("rate limit", &[address.as_bytes()]);
        hash.iter()
            .take(8)
            .fold(0, |key, byte| key << 8 | u64::from(*byte))
    }
}
