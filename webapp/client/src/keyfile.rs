//! Files with keys in them: what other programs export.
//!
//! GnuPG writes one block with several keys, OpenPGP.js and others write a public and a private
//! block into one text. The frames of blocks are found here; what is inside is `crypto_core`'s to
//! read.

use crypto_core::{
    openpgp::{Certificate, ImportError, Limits, SecretCertificate, UnlockError},
    secret::Passphrase,
};
use zeroize::Zeroizing;

use crate::error::ClientError;

/// Larger files are not looked at, in bytes.
const MAX_FILE: usize = 8 << 20;
/// Most blocks are smaller, in bytes.
const USUAL_BLOCK: usize = 64 << 10;
/// Blocks of one file.
const MAX_BLOCKS: usize = 64;

const PUBLIC: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
const PRIVATE: &str = "-----BEGIN PGP PRIVATE KEY BLOCK-----";

/// What is in a file.
#[derive(Default)]
pub(crate) struct KeyFile {
    /// Private keys, as they came: locked or not.
    pub(crate) private: Vec<SecretCertificate>,
    /// Certificates.
    pub(crate) public: Vec<Certificate>,
    /// Blocks that hold neither: perhaps a revocation.
    pub(crate) other: Vec<Vec<u8>>,
}

impl KeyFile {
    /// Reads a file, armored or binary.
    ///
    /// # Errors
    /// [`ClientError::TooLarge`]; [`ClientError::WrongKind`] when there is no key in it, and when
    /// what calls itself public holds a private key.
    pub(crate) fn parse(file: &[u8]) -> Result<Self, ClientError> {
        if file.len() > MAX_FILE {
            return Err(ClientError::TooLarge);
        }
        let mut all = Self::default();
        // The first byte of every packet has its highest bit set; armor is ASCII.
        if file.first().is_some_and(|first| first & 0x80 != 0) {
            match SecretCertificate::parse_many(file) {
                Ok(keys) => all.private.extend(keys),
                Err(ImportError::PublicKeyGiven) => all.take_public(file)?,
                Err(error) => return Err(import_error(&error)),
            }
            return Ok(all);
        }
        let text = String::from_utf8_lossy(file);
        for block in blocks(&text)? {
            if block.starts_with(PRIVATE) {
                let keys = SecretCertificate::parse_many(block.as_bytes());
                all.private.extend(keys.map_err(|e| import_error(&e))?);
            } else {
                all.take_public(block.as_bytes())?;
            }
        }
        if all.private.is_empty() && all.public.is_empty() && all.other.is_empty() {
            return Err(ClientError::WrongKind("there is no key in it"));
        }
        Ok(all)
    }

    fn take_public(&mut self, block: &[u8]) -> Result<(), ClientError> {
        match Certificate::parse_many(block) {
            Ok(certificates) => self.public.extend(certificates),
            // A revocation stands in such a block alone, without the key it is about.
            Err(ImportError::Malformed(_)) => self.other.push(block.to_vec()),
            Err(error) => return Err(import_error(&error)),
        }
        Ok(())
    }

    /// Unlocks the private keys that need it.
    ///
    /// # Errors
    /// [`ClientError::PasswordNeeded`], [`ClientError::WrongPassphrase`],
    /// [`ClientError::WrongKind`].
    pub(crate) fn unlock(mut self, passphrase: Option<&Passphrase>) -> Result<Self, ClientError> {
        for key in &mut self.private {
            if key.is_locked() {
                let passphrase = passphrase.ok_or(ClientError::PasswordNeeded)?;
                *key = key
                    .unlock(passphrase, &Limits::default())
                    .map_err(|error| match error {
                        UnlockError::WrongPassphrase => ClientError::WrongPassphrase,
                        UnlockError::SecretMissing => {
                            ClientError::WrongKind("the private part is not in this file")
                        }
                        UnlockError::Altered => {
                            ClientError::WrongKind("the private key was altered")
                        }
                        UnlockError::LimitExceeded => ClientError::TooLarge,
                        other => ClientError::BadInput(format!("The key stays locked: {other}.")),
                    })?;
            }
        }
        Ok(self)
    }
}

/// Why a key was not taken.
pub(crate) fn import_error(error: &ImportError) -> ClientError {
    match error {
        ImportError::SecretKeyGiven => {
            ClientError::WrongKind("a private key where a certificate belongs")
        }
        ImportError::PublicKeyGiven => {
            ClientError::WrongKind("a certificate where a private key belongs")
        }
        ImportError::TooLarge => ClientError::TooLarge,
        ImportError::Altered => ClientError::WrongKind("the private key was altered"),
        other => ClientError::BadInput(format!("The key cannot be read: {other}.")),
    }
}

/// The key blocks of a text, from their first to their last line.
fn blocks(text: &str) -> Result<Vec<Zeroizing<String>>, ClientError> {
    let mut found = Vec::new();
    let mut open: Option<(Zeroizing<String>, &str)> = None;
    for line in text.lines() {
        let trimmed = line.trim();
        match &mut open {
            None => {
                let end = match trimmed {
                    PUBLIC => "-----END PGP PUBLIC KEY BLOCK-----",
                    PRIVATE => "-----END PGP PRIVATE KEY BLOCK-----",
                    _ => continue,
                };
                // Room from the start, so that growing leaves no copies behind.
                let mut block = Zeroizing::new(String::with_capacity(USUAL_BLOCK));
                block.push_str(trimmed);
                block.push('\n');
                open = Some((block, end));
            }
            Some((block, end)) => {
                block.push_str(trimmed);
                block.push('\n');
                if trimmed == *end {
                    found.extend(open.take().map(|(block, _)| block));
                    if found.len() > MAX_BLOCKS {
                        return Err(ClientError::TooLarge);
                    }
                }
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::{KeyFile, blocks};
    use crate::error::ClientError;

    #[test]
    fn blocks_are_found_among_other_text() {
        let text = "hello\r\n-----BEGIN PGP PUBLIC KEY BLOCK-----\r\n\r\nAAAA\r\n\
                    -----END PGP PUBLIC KEY BLOCK-----\r\nmore\n\
                    -----BEGIN PGP PRIVATE KEY BLOCK-----\nBBBB\n";
        let found = blocks(text).unwrap();
        assert_eq!(found.len(), 1, "the second one has no end");
        assert!(found[0].starts_with("-----BEGIN PGP PUBLIC") && found[0].contains("AAAA"));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for file in [&b""[..], b"hello", b"-----BEGIN PGP MESSAGE-----\n\nAAAA\n"] {
            assert!(matches!(
                KeyFile::parse(file),
                Err(ClientError::WrongKind(_))
            ));
        }
        assert!(matches!(
            KeyFile::parse(&vec![0x99; 9 << 20]),
            Err(ClientError::TooLarge)
        ));
    }
}
