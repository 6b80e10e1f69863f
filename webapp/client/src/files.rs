//! Files, encrypted and decrypted on their own.

use crypto_core::secret::Passphrase;

use crate::{
    client::Client,
    error::ClientError,
    found::{FoundContent, FoundMessage},
    mailbox::AttachmentFile,
    people::Reach,
    ports::Platform,
    seal::{Readers, SealedFile, Sealing},
    sites::Ring,
    view::{OutgoingAttachment, Person, Verdict},
};

/// A file that was opened.
pub struct OpenedFile {
    /// Name (without `.pgp`, `.gpg` or `.asc`), type and bytes.
    pub file: AttachmentFile,
    /// Who signed.
    pub verdict: Verdict,
}

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
        let session = self.open_session()?;
        session.check_ring(ring)?;
        let named = self
            .certificates_of(&session, ring, recipients, false, reach)
            .await?;
        let slot = session.signing_slot(ring, "", self.now());
        if sign && slot.is_none() {
            return Err(ClientError::NoSecretKey);
        }
        let by_password_alone = password.is_some() && named.is_empty();
        let readers = Readers {
            named,
            hidden: Vec::new(),
        };
        let sealing = Sealing {
            readers: &readers,
            // Under a password alone it says nothing of whose it is.
            own: slot.as_ref().filter(|_| !by_password_alone),
            signer: slot.as_ref().filter(|_| sign),
            password,
        };
        self.seal_files(&session, files, &sealing).await
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
        let found = FoundMessage {
            content: FoundContent::File { name, bytes },
            sender: Person::default(),
            message_id: "",
            password,
        };
        let session = self.open_session()?;
        let (plaintext, verdict) = self.open_bytes(&session, ring, &found, bytes).await?;
        Ok(OpenedFile {
            file: AttachmentFile {
                name: plain_name(name),
                media_type: "application/octet-stream".to_owned(),
                data: plaintext.to_vec(),
            },
            verdict,
        })
    }
}

/// The name of what was encrypted: `plan.pdf.pgp` was `plan.pdf`. Names inside the encryption are
/// not looked at, because no signature covers them.
pub(crate) fn plain_name(name: &str) -> String {
    let safe = crypto_core::mime::safe_file_name(name);
    let lower = safe.to_ascii_lowercase();
    for extension in [".pgp", ".gpg", ".asc", ".sig"] {
        if lower.ends_with(extension)
            && let Some(stem) = safe.get(..safe.len() - extension.len())
            && !stem.is_empty()
        {
            return crypto_core::mime::safe_file_name(stem);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::plain_name;

    #[test]
    fn extensions_of_openpgp_are_taken_off_once() {
        for (name, plain) in [
            ("plan.pdf.pgp", "plan.pdf"),
            ("plan.pdf.GPG", "plan.pdf"),
            ("note.asc", "note"),
            ("plan.pdf", "plan.pdf"),
            (".pgp", "pgp"),
            ("../../x.exe.pgp", "x.exe"),
            ("a.pgp.pgp", "a.pgp"),
        ] {
            assert_eq!(plain_name(name), plain, "{name}");
        }
    }
}
