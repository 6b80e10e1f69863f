//! Sealing a letter for somebody else's page: armor for the body, ciphertext for the files.
//!
//! # The body
//! - Plain text with its subject outside is encrypted as UTF-8 text: any OpenPGP program shows it.
//! - Rich text or a hidden subject is encrypted as a MIME entity with protected header fields
//!   (RFC 9788, and `protected-headers="v1"` for older programs).
//! - Signed only: the cleartext framework (RFC 9580, section 7), of the plain text.
//! - Each file is encrypted on its own, as `NAME.pgp`.
//!
//! # Blind copies
//! All recipients get the same bytes, because the page sends one message. A blind copy's session
//! key is therefore written without saying whose it is (RFC 9580, section 5.1: key id of zeros,
//! or no fingerprint), the signature then names no intended recipients, and the protected header
//! fields leave it out. What stays visible is that somebody unnamed can read it too.

use crypto_core::secret::Passphrase;

use crate::{client::Client, error::ClientError, people::Reach, ports::Platform, sites::Ring, view::{OutgoingAttachment, Person}};

/// A letter to be sealed. `Debug` is not derived: it is somebody's letter.
#[derive(Clone, Default)]
pub struct Letter {
    /// The address it goes out from, as the page says; empty for the account's own. The key
    /// that signs is one's own for this address, else the one in use.
    pub from: String,
    /// To.
    pub to: Vec<Person>,
    /// Cc.
    pub cc: Vec<Person>,
    /// Bcc.
    pub bcc: Vec<Person>,
    /// The true subject.
    pub subject: String,
    /// Put the subject inside and `...` outside.
    pub hide_subject: bool,
    /// Plain text; that of `html` when there is any.
    pub text: String,
    /// Rich text.
    pub html: Option<String>,
    /// Sign.
    pub sign: bool,
    /// Encrypt.
    pub encrypt: bool,
    /// Files.
    pub files: Vec<OutgoingAttachment>,
    /// The page takes files as attachments; if not, they go into the body's MIME entity.
    pub files_apart: bool,
    /// A password that opens it as well, for those without a key.
    pub password: Option<Passphrase>,
}

/// A sealed letter; ciphertext, but for a signed-only one.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// For the page's body.
    pub body: String,
    /// The subject to set in the page; `None`: leave it as it is.
    pub outer_subject: Option<String>,
    /// To be attached: name and bytes.
    pub files: Vec<SealedFile>,
}

/// An encrypted file.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedFile {
    /// Such as `plan.pdf.pgp`.
    pub name: String,
    /// `application/octet-stream`.
    pub media_type: String,
    /// Binary OpenPGP, never plaintext.
    pub data: Vec<u8>,
}

@@CUT@@
impl<P: Platform> Client<P> {
    /// Seals a letter. The recipients are looked up in the same call, and those whose key is used
    /// for the first time are remembered.
    ///
    /// # Errors
    /// [`ClientError::NoKey`] names recipients without a usable key, unless a password is given;
    /// [`ClientError::KeyChanged`] names one whose key differs from the remembered one;
    /// [`ClientError::BadInput`] without recipients, with neither `sign` nor `encrypt`, or with
    /// files in a letter that is only signed; [`ClientError::TooLarge`] above 64 MiB;
    /// [`ClientError::NoSecretKey`] when it shall be signed and no own key can.
    pub async fn seal_letter(&self, ring: &Ring, letter: &Letter, reach: Reach) -> Result<Sealed, ClientError> {
        let _ = (ring, letter, reach);
        todo!()
    }

    /// A draft for a page that keeps drafts itself (`createDraft` of the client API): sealed to
    /// oneself, signed by oneself, and marked inside as a draft.
    ///
    /// # Errors
    /// [`ClientError::NoSecretKey`].
    pub async fn seal_armored_draft(&self, ring: &Ring, content: &[u8]) -> Result<String, ClientError> {
        let _ = (ring, content);
        todo!()
    }

    /// Opens what [`Client::seal_armored_draft`] made: only with the mark of a draft inside and a
    /// good signature by one of the ring's own keys, so that no page can have a letter opened by
    /// passing it off as a draft.
    ///
    /// # Errors
    /// [`ClientError::Damaged`], one answer for all causes.
    pub async fn open_armored_draft(&self, ring: &Ring, armored: &str) -> Result<zeroize::Zeroizing<Vec<u8>>, ClientError> {
        let _ = (ring, armored);
        todo!()
    }
}
