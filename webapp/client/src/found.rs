//! Opening what was found in somebody else's page.
//!
//! The attacker wrote the message, and the page says who sent it. What is shown is exactly what
//! was decrypted and verified; the verdict is about the address the page shows.

use std::collections::HashMap;

use crypto_core::{
    keyring::OpenWith,
    mime::{self, Structure},
    openpgp::{
        Certificate, DecryptError, Limits, SignatureVerdict, verify_cleartext, verify_detached,
        verify_inline,
    },
    secret::Passphrase,
};
use zeroize::Zeroizing;

use crate::{
    client::Client,
    error::ClientError,
    files::plain_name,
    judge::Candidates,
    keyfile::KeyFile,
    keys::KeyPreview,
    mailbox::AttachmentFile,
    open::best,
    opened::{certificates, letter, mark_signer},
    ports::Platform,
    reading::{decrypt_error, is_entity, is_file_name, read_error, unquoted},
    session::Session,
    sites::Ring,
    view::{Person, Protection, SignatureState, Verdict},
};

/// Header fields around a message that a page has already taken apart: none is known.
const NOTHING_AROUND: &[u8] = b"X-Found: in a page\r\n\r\n";

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

/// What came out of a container or from under a signature.
pub(crate) struct Unsealed {
    pub(crate) plaintext: Zeroizing<Vec<u8>>,
    pub(crate) signature: SignatureVerdict,
    pub(crate) protection: Protection,
    pub(crate) by_password: bool,
}

impl<P: Platform> Client<P> {
    /// Opens a message with the keys of a ring.
    ///
    /// # Errors
    /// [`ClientError::NoSecretKey`] when it is sealed to others; [`ClientError::PasswordNeeded`]
    /// when a password opens it; [`ClientError::WrongPassphrase`] when the one given does not;
    /// [`ClientError::Damaged`] when it was changed, is cut off or has no protection against
    /// changes: nothing of it is shown; [`ClientError::WrongKind`] when it is no message;
    /// [`ClientError::TooLarge`].
    pub async fn open_found(
        &self,
        ring: &Ring,
        found: &FoundMessage<'_>,
    ) -> Result<OpenedLetter, ClientError> {
        let session = self.open_session()?;
        session.check_ring(ring)?;
        match found.content {
            FoundContent::Text(text) => self.open_text(&session, ring, found, text).await,
            FoundContent::File { name, bytes } => {
                self.open_file(&session, ring, found, name, bytes).await
            }
            FoundContent::Raw(raw) => self.open_entity(&session, ring, found, raw, None).await,
            FoundContent::Detached { signed, signature } => {
                self.open_detached(
                    &session,
                    ring,
                    found,
                    signed,
                    signature,
                    Protection::SignedOnly,
                )
                .await
            }
        }
    }

    /// Text of a page with armor in it.
    async fn open_text(
        &self,
        session: &Session,
        ring: &Ring,
        found: &FoundMessage<'_>,
        text: &str,
    ) -> Result<OpenedLetter, ClientError> {
        let shown = unquoted(text);
        // Editors make these of spaces; somebody may have signed them all the same.
        let text = shown.replace('\u{A0}', " ");
        match mime::inspect(&as_part(&text)).map_err(read_error)? {
            Structure::InlineEncrypted { ciphertext, .. } => {
                self.open_sealed(session, ring, found, &ciphertext, None)
                    .await
            }
            Structure::InlineSigned { message, .. } => {
                let part = as_part(&shown);
                if text != shown
                    && let Ok(Structure::InlineSigned { message, .. }) = mime::inspect(&part)
                    && let Ok(opened) = self.open_cleartext(session, ring, found, &message).await
                    && !matches!(opened.verdict.signature, SignatureState::Bad { .. })
                {
                    return Ok(opened);
                }
                self.open_cleartext(session, ring, found, &message).await
            }
            _ => {
                let keys = self.keys_in(session, ring, text.as_bytes())?;
                if keys.is_empty() {
                    return Err(ClientError::WrongKind("there is no message in it"));
                }
                Ok(OpenedLetter {
                    keys,
                    ..letter(found, Protection::Open)
                })
            }
        }
    }

    /// An attachment of a page.
    async fn open_file(
        &self,
        session: &Session,
        ring: &Ring,
        found: &FoundMessage<'_>,
        name: &str,
        bytes: &[u8],
    ) -> Result<OpenedLetter, ClientError> {
        let is_binary = bytes.first().is_some_and(|first| first & 0x80 != 0);
        if is_binary {
            if let Ok(file) = KeyFile::parse(bytes) {
                if !file.private.is_empty() {
                    return Err(ClientError::WrongKind("this is a private key"));
                }
                let keys = self.attached(session, ring, &file.public)?;
                if !keys.is_empty() {
                    return Ok(OpenedLetter {
                        keys,
                        ..letter(found, Protection::Open)
                    });
                }
            }
            return self
                .open_sealed(session, ring, found, bytes, Some(name))
                .await;
        }
        let text = String::from_utf8_lossy(bytes);
        // The file begins with its armor; a page's message part begins with header fields.
        if text.trim_start().starts_with("-----BEGIN PGP MESSAGE-----") {
            let armor = text.trim().as_bytes();
            return self
                .open_sealed(session, ring, found, armor, Some(name))
                .await;
        }
        if !text.trim_start().starts_with("-----BEGIN PGP ") && is_entity(bytes) {
            return self.open_entity(session, ring, found, bytes, None).await;
        }
        self.open_text(session, ring, found, &text).await
    }

    /// A container, or an inline signature: bytes that become a letter or a file.
    async fn open_sealed(
        &self,
        session: &Session,
        ring: &Ring,
        found: &FoundMessage<'_>,
        bytes: &[u8],
        name: Option<&str>,
    ) -> Result<OpenedLetter, ClientError> {
        let mut candidates = self
            .candidates(session, ring, &found.sender.address)
            .await?;
        let mut unsealed = self
            .unseal(session, ring, bytes, &candidates.all, found.password)
            .await?;
        if is_unknown(&unsealed.signature) {
            let inner = protected_from(&unsealed.plaintext);
            self.widen(
                session,
                ring,
                &mut candidates,
                &found.sender.address,
                &inner,
            )
            .await?;
            let again = self
                .unseal(session, ring, bytes, &candidates.all, found.password)
                .await?;
            unsealed.signature = again.signature;
        }
        let mut opened = self
            .read_plaintext(session, ring, found, &candidates, &unsealed, name)
            .await?;
        if is_unknown(&unsealed.signature) && !opened.keys.is_empty() {
            let attached = certificates(&opened.keys);
            let again = self
                .unseal(session, ring, bytes, &attached, found.password)
                .await?;
            mark_signer(&mut opened.keys, &again.signature);
        }
        opened.by_password = unsealed.by_password;
        Ok(opened)
    }

    /// Decrypts with the keys of a ring, or takes a message that is only signed.
    pub(crate) async fn unseal(
        &self,
        session: &Session,
        ring: &Ring,
        bytes: &[u8],
        verifiers: &[Certificate],
        password: Option<&Passphrase>,
    ) -> Result<Unsealed, ClientError> {
        // Shared by reference count: it must not stay borrowed while the engine works.
        let keyring = session.keyring.borrow().clone();
        let slots = session.slots(ring)?;
        let verifiers: Vec<&Certificate> = verifiers.iter().collect();
        let passwords: Vec<&Passphrase> = password.into_iter().collect();
        let with = OpenWith {
            passwords: &passwords,
            verifiers: &verifiers,
            limits: &Limits::default(),
            now: self.now(),
        };
        let engine = self.platform.engine();
        match keyring.decrypt_with(&slots, engine, bytes, &with).await {
            Ok(opened) => Ok(Unsealed {
                plaintext: opened.plaintext,
                signature: opened.signature,
                protection: Protection::Sealed,
                by_password: opened.recipient.is_none(),
            }),
            Err(DecryptError::NotEncrypted) => {
                let own: Vec<Certificate> = slots
                    .iter()
                    .filter_map(|slot| keyring.certificate(slot).cloned())
                    .collect();
                let all: Vec<&Certificate> = verifiers.into_iter().chain(&own).collect();
                let signed = verify_inline(engine, bytes, &all, &Limits::default(), self.now())
                    .await
                    .map_err(|_| ClientError::WrongKind("there is no message in it"))?;
                let signature = signed.signature();
                Ok(Unsealed {
                    protection: match signature {
                        SignatureVerdict::Unsigned => Protection::Open,
                        _ => Protection::SignedOnly,
                    },
                    plaintext: Zeroizing::new(signed.data),
                    signature,
                    by_password: false,
                })
            }
            Err(error) => Err(decrypt_error(error, password.is_some())),
        }
    }

    /// Bytes of a file, opened, and who signed them.
    pub(crate) async fn open_bytes(
        &self,
        session: &Session,
        ring: &Ring,
        found: &FoundMessage<'_>,
        bytes: &[u8],
    ) -> Result<(Zeroizing<Vec<u8>>, Verdict), ClientError> {
        session.check_ring(ring)?;
        let mut candidates = self
            .candidates(session, ring, &found.sender.address)
            .await?;
        let nobody = Vec::new();
        self.widen(session, ring, &mut candidates, "", &nobody)
            .await?;
        let unsealed = self
            .unseal(session, ring, bytes, &candidates.all, found.password)
            .await?;
        let judged = self
            .judge_found(session, ring, found, None, unsealed.signature, &candidates)
            .await?;
        let verdict = Verdict {
            protection: unsealed.protection,
            signature: judged.state,
            headers_protected: false,
        };
        Ok((unsealed.plaintext, verdict))
    }

    /// Plaintext as what it is: a MIME entity, text, or a file of some name.
    async fn read_plaintext(
        &self,
        session: &Session,
        ring: &Ring,
        found: &FoundMessage<'_>,
        candidates: &Candidates,
        unsealed: &Unsealed,
        name: Option<&str>,
    ) -> Result<OpenedLetter, ClientError> {
        let plaintext = &unsealed.plaintext;
        if is_entity(plaintext) {
            // Signed first, then encrypted as a whole (RFC 3156, section 6.1); looked for once.
            if let Ok(Structure::PgpMimeSigned { signed, signature }) = mime::inspect(plaintext) {
                return self
                    .open_detached(
                        session,
                        ring,
                        found,
                        &signed,
                        &signature,
                        unsealed.protection,
                    )
                    .await;
            }
            let mail = mime::read(plaintext, Some(NOTHING_AROUND), &mime::Limits::DEFAULT)
                .map_err(read_error)?;
            let verdict = unsealed.signature.clone();
            let protection = unsealed.protection;
            return self
                .letter_of(session, ring, found, mail, verdict, protection, candidates)
                .await;
        }
        let judged = self
            .judge_found(
                session,
                ring,
                found,
                None,
                unsealed.signature.clone(),
                candidates,
            )
            .await?;
        let mut opened = letter(found, unsealed.protection);
        opened.verdict.signature = judged.state;
        let text = std::str::from_utf8(plaintext).ok();
        match (name.filter(|name| is_file_name(name)), text) {
            (None, Some(text)) => opened.text = Some(text.replace("\r\n", "\n")),
            (None, None) if name.is_none() => {
                opened.text = Some(String::from_utf8_lossy(plaintext).into_owned());
            }
            (file, _) => opened.attachments.push(AttachmentFile {
                name: plain_name(file.or(name).unwrap_or_default()),
                media_type: "application/octet-stream".to_owned(),
                data: plaintext.to_vec(),
            }),
        }
        opened.keys = self.keys_in(session, ring, plaintext)?;
        Ok(opened)
    }

    /// The cleartext framework.
    async fn open_cleartext(
        &self,
        session: &Session,
        ring: &Ring,
        found: &FoundMessage<'_>,
        message: &[u8],
    ) -> Result<OpenedLetter, ClientError> {
        let message = String::from_utf8_lossy(message);
        let mut candidates = self
            .candidates(session, ring, &found.sender.address)
            .await?;
        let engine = self.platform.engine();
        let mut verifiers: Vec<&Certificate> = candidates.with_own().collect();
        let mut signed = verify_cleartext(engine, &message, &verifiers, self.now())
            .await
            .map_err(|_| ClientError::Damaged)?;
        if is_unknown(&signed.signature()) {
            let nobody = Vec::new();
            self.widen(
                session,
                ring,
                &mut candidates,
                &found.sender.address,
                &nobody,
            )
            .await?;
            verifiers = candidates.with_own().collect();
            signed = verify_cleartext(engine, &message, &verifiers, self.now())
                .await
                .map_err(|_| ClientError::Damaged)?;
        }
        let verdict = signed.signature();
        let judged = self
            .judge_found(session, ring, found, None, verdict, &candidates)
            .await?;
        let mut opened = letter(found, Protection::SignedOnly);
        opened.verdict.signature = judged.state;
        opened.keys = self.keys_in(session, ring, signed.text.as_bytes())?;
        opened.text = Some(signed.text);
        Ok(opened)
    }

    /// A part and the signature beside it (RFC 3156, section 5).
    async fn open_detached(
        &self,
        session: &Session,
        ring: &Ring,
        found: &FoundMessage<'_>,
        signed: &[u8],
        signature: &[u8],
        protection: Protection,
    ) -> Result<OpenedLetter, ClientError> {
        let mail =
            mime::read(signed, Some(NOTHING_AROUND), &mime::Limits::DEFAULT).map_err(read_error)?;
        let mut candidates = self
            .candidates(session, ring, &found.sender.address)
            .await?;
        let inner: Vec<String> = mail.from.iter().map(|a| a.address.clone()).collect();
        self.widen(
            session,
            ring,
            &mut candidates,
            &found.sender.address,
            &inner,
        )
        .await?;
        let verifiers: Vec<&Certificate> = candidates.with_own().collect();
        let engine = self.platform.engine();
        let all = verify_detached(engine, signed, signature, &verifiers, self.now())
            .await
            .map_err(|_| ClientError::Damaged)?;
        let verdict = best(&all);
        let mut opened = self
            .letter_of(
                session,
                ring,
                found,
                mail,
                verdict.clone(),
                protection,
                &candidates,
            )
            .await?;
        if is_unknown(&verdict) && !opened.keys.is_empty() {
            let attached = certificates(&opened.keys);
            let attached: Vec<&Certificate> = attached.iter().collect();
            if let Ok(all) = verify_detached(engine, signed, signature, &attached, self.now()).await
            {
                mark_signer(&mut opened.keys, &best(&all));
            }
        }
        Ok(opened)
    }

    /// A whole message, or a part with header fields.
    async fn open_entity(
        &self,
        session: &Session,
        ring: &Ring,
        found: &FoundMessage<'_>,
        raw: &[u8],
        name: Option<&str>,
    ) -> Result<OpenedLetter, ClientError> {
        match mime::inspect(raw).map_err(read_error)? {
            Structure::PgpMimeEncrypted { ciphertext } => {
                self.open_sealed(session, ring, found, &ciphertext, name)
                    .await
            }
            Structure::InlineEncrypted { ciphertext, .. } => {
                self.open_sealed(session, ring, found, &ciphertext, name)
                    .await
            }
            Structure::PgpMimeSigned { signed, signature } => {
                self.open_detached(
                    session,
                    ring,
                    found,
                    &signed,
                    &signature,
                    Protection::SignedOnly,
                )
                .await
            }
            Structure::InlineSigned { message, .. } => {
                self.open_cleartext(session, ring, found, &message).await
            }
            Structure::Plain => Err(ClientError::WrongKind("there is no message in it")),
        }
    }
}

/// Text as the part of a message, in which armor is looked for.
fn as_part(text: &str) -> Vec<u8> {
    let mut part = b"Content-Type: text/plain; charset=utf-8\r\n\
                     Content-Transfer-Encoding: 8bit\r\n\r\n"
        .to_vec();
    part.extend_from_slice(text.as_bytes());
    part
}

fn is_unknown(verdict: &SignatureVerdict) -> bool {
    matches!(verdict, SignatureVerdict::UnknownSigner { .. })
}

/// The addresses in a protected From, whoever wrote them.
fn protected_from(plaintext: &[u8]) -> Vec<String> {
    if !is_entity(plaintext) {
        return Vec::new();
    }
    mime::read(plaintext, Some(NOTHING_AROUND), &mime::Limits::DEFAULT)
        .map(|mail| mail.from.into_iter().map(|a| a.address).collect())
        .unwrap_or_default()
}
