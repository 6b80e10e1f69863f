//! Files, encrypted and decrypted on their own.

use crypto_core::secret::Passphrase;

use crate::{
    client::Client, error::ClientError, mailbox::AttachmentFile, people::Reach, ports::Platform, seal::SealedFile, sites::Ring,
    view::{OutgoingAttachment, Verdict},
};

/// A file that was opened.
pub struct OpenedFile {
    /// Name (without `.pgp`, `.gpg` or `.asc`), type and bytes.
    pub file: AttachmentFile,
    /// Who signed.
    pub verdict: Verdict,
}

@@CUT@@
impl<P: Platform> Client<P> {
    /// Encrypts files to people and oneself, or under a password, or both; each on its own.
    ///
    /// # Errors
    /// As [`Client::seal_letter`].
    pub async fn encrypt_files(
        &self,
        ring: &Ring,
        files: &[OutgoingAttachment],
        recipients: &[String],
        password: Option<&Passphrase>,
        sign: bool,
        reach: Reach,
    ) -> Result<Vec<SealedFile>, ClientError> {
        let _ = (ring, files, recipients, password, sign, reach);
        todo!()
    }

    /// Opens an encrypted or signed file.
    ///
    /// # Errors
    /// As [`Client::open_found`].
    pub async fn decrypt_file(
        &self,
        ring: &Ring,
        name: &str,
        bytes: &[u8],
        password: Option<&Passphrase>,
    ) -> Result<OpenedFile, ClientError> {
        let _ = (ring, name, bytes, password);
        todo!()
    }
}
