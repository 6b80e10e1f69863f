//! Opening what was found in somebody else's page.
//!
//! The attacker wrote the message, and the page says who sent it. What is shown is exactly what
//! was decrypted and verified; the verdict is about the address the page shows.

use std::collections::HashMap;

use crypto_core::secret::Passphrase;

use crate::{
    client::Client, error::ClientError, keys::KeyPreview, mailbox::AttachmentFile, ports::Platform, sites::Ring,
    view::{Person, Verdict},
};

/// Something that looks like OpenPGP in a page.
#[derive(Clone)]
pub struct FoundMessage<'a> {
    /// What it is.
    pub content: FoundContent<'a>,
    /// Who sent it, as the page says; empty fields if it does not.
    pub sender: Person,
    /// The page's own id of the message, to tell a key's first message from later ones; may be
    /// empty.
    pub message_id: &'a str,
    /// A password the person typed.
    pub password: Option<&'a Passphrase>,
}

/// Where in a page it was found.
#[derive(Clone, Copy)]
pub enum FoundContent<'a> {
    /// Text with armor in it: an encrypted message or the cleartext framework. What stands around
    /// the armor is left out.
    Text(&'a str),
    /// An attachment: a PGP/MIME part (`encrypted.asc`, `noname`), an encrypted file, a signed
    /// message or a key.
    File {
        /// As the page names it; may be empty.
        name: &'a str,
        /// Its bytes.
        bytes: &'a [u8],
    },
    /// A whole message in RFC 5322 form, where a page has it.
    Raw(&'a [u8]),
    /// A signed text that a page shows beside its detached signature: the exact bytes of the
    /// signed part.
    Detached {
        /// What was signed.
        signed: &'a [u8],
        /// Armored or binary.
        signature: &'a [u8],
    },
}

/// What was in it. `Debug` is not derived: it is somebody's letter.
pub struct OpenedLetter {
    /// Who wrote it: the protected header field, else what the page shows.
    pub from: Person,
    /// To whom, if it says so inside.
    pub to: Vec<Person>,
    /// Copies, if it says so inside.
    pub cc: Vec<Person>,
    /// The protected subject.
    pub subject: Option<String>,
    /// When it was written, if it says so inside, Unix seconds.
    pub date: Option<u64>,
    /// Plain text.
    pub text: Option<String>,
    /// HTML **as it was sent: it must be sanitised** before it goes anywhere.
    pub html: Option<String>,
    /// Pictures that belong into the HTML, as `data:` URLs by Content-ID.
    pub inline_pictures: HashMap<String, String>,
    /// Files with their bytes; names are safe.
    pub attachments: Vec<AttachmentFile>,
    /// Who signed, and how it was protected on its way. `Good` only when the signer's key names
    /// the address the page shows.
    pub verdict: Verdict,
    /// Certificates that came with it, for the person to keep.
    pub keys: Vec<AttachedKey>,
    /// It was opened by a password.
    pub by_password: bool,
}

/// A certificate that came with a message.
#[derive(Clone)]
pub struct AttachedKey {
    /// What it is.
    pub preview: KeyPreview,
    /// Binary, for [`Client::import_certificates`].
    pub certificate: Vec<u8>,
    /// It made the signature on this very message.
    pub is_signer: bool,
}

@@CUT@@
impl<P: Platform> Client<P> {
    /// Opens a message with the keys of a ring.
    ///
    /// # Errors
    /// [`ClientError::NoSecretKey`] when it is sealed to others; [`ClientError::PasswordNeeded`]
    /// when a password opens it; [`ClientError::WrongPassphrase`] when the one given does not;
    /// [`ClientError::Damaged`] when it was changed, is cut off or has no protection against
    /// changes: nothing of it is shown; [`ClientError::WrongKind`] when it is no message;
    /// [`ClientError::TooLarge`].
    pub async fn open_found(&self, ring: &Ring, found: &FoundMessage<'_>) -> Result<OpenedLetter, ClientError> {
        let _ = (ring, found);
        todo!()
    }
}
