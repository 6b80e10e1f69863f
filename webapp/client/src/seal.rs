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

use crypto_core::{
    keyring::{EncryptFor, OpenWith, SlotError, SlotId},
    mime::{self, OutgoingMail, OutgoingPart, safe_file_name},
    openpgp::{Certificate, EncryptError, Limits, SignError, SignatureVerdict},
    secret::Passphrase,
};
use zeroize::Zeroizing;

use crate::{
    account::normalize_address,
    client::Client,
    error::ClientError,
    people::{KeySource, Reach},
    ports::{Entropy, Platform},
    session::Session,
    sites::Ring,
    view::{OutgoingAttachment, Person, RecipientState},
};

/// The most bytes of text and files in one letter.
const MAX_LETTER: usize = 64 << 20;
/// What stands in the page instead of a hidden subject.
const HIDDEN_SUBJECT: &str = "...";
/// Begins the content of a draft. No letter does: a NUL never gets into one.
const DRAFT_MARK: &[u8] = b"letterlock-draft/2\0";

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
    /// The page puts the armor into a `multipart/encrypted` of its own (RFC 3156), where only a
    /// MIME entity belongs.
    pub as_mime: bool,
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

/// To whom something is sealed.
#[derive(Default)]
pub(crate) struct Readers {
    /// Named in the message.
    pub(crate) named: Vec<Certificate>,
    /// Not named.
    pub(crate) hidden: Vec<Certificate>,
}

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
    pub async fn seal_letter(
        &self,
        ring: &Ring,
        letter: &Letter,
        reach: Reach,
    ) -> Result<Sealed, ClientError> {
        let session = self.open_session()?;
        session.check_ring(ring)?;
        check(letter)?;
        let slot = session.signing_slot(ring, &letter.from, self.now());
        let outer_subject = match (letter.hide_subject && letter.encrypt, letter.subject.trim()) {
            (true, _) => Some(HIDDEN_SUBJECT.to_owned()),
            (false, "") => None,
            (false, subject) => Some(subject.to_owned()),
        };
        // NUL has no meaning in text, and begins what is no letter.
        let text = letter.text.replace('\0', "\u{FFFD}");
        if !letter.encrypt {
            let slot = slot.ok_or(ClientError::NoSecretKey)?;
            return Ok(Sealed {
                body: self.sign_text(&session, &slot, &text).await?,
                outer_subject,
                files: Vec::new(),
            });
        }
        let readers = self.readers(&session, ring, letter, reach).await?;
        let signer = match (letter.sign, &slot) {
            (true, None) => return Err(ClientError::NoSecretKey),
            (true, slot) => slot.clone(),
            (false, _) => None,
        };
        let sealing = Sealing {
            readers: &readers,
            own: slot.as_ref(),
            signer: signer.as_ref(),
            password: letter.password.as_ref(),
        };
        let inside = !letter.files_apart && !letter.files.is_empty();
        let payload = if letter.html.is_some() || letter.hide_subject || letter.as_mime || inside {
            let subject = outer_subject.clone().unwrap_or_default();
            let mail = self.entity(&session, letter, text, inside);
            mime::build_fragment(&mail, &subject)
                .map_err(|e| ClientError::BadInput(format!("{e}.")))?
        } else {
            text.into_bytes()
        };
        let payload = Zeroizing::new(payload);
        let body = self.seal(&session, &payload, &sealing, true).await?;
        let files = if inside {
            Vec::new()
        } else {
            self.seal_files(&session, &letter.files, &sealing).await?
        };
        Ok(Sealed {
            body: String::from_utf8_lossy(&body).into_owned(),
            outer_subject,
            files,
        })
    }

    /// The recipients' certificates, or all that is wrong with any of them.
    async fn readers(
        &self,
        session: &Session,
        ring: &Ring,
        letter: &Letter,
        reach: Reach,
    ) -> Result<Readers, ClientError> {
        let list = |people: &[Person]| -> Vec<String> {
            people.iter().map(|p| p.address.clone()).collect()
        };
        let named = [list(&letter.to), list(&letter.cc)].concat();
        let by_password = letter.password.is_some();
        let mut shown = self
            .certificates_of(session, ring, &named, by_password, reach)
            .await?;
        let hidden = self
            .certificates_of(session, ring, &list(&letter.bcc), by_password, reach)
            .await?;
        let hidden = hidden
            .into_iter()
            .filter(|c| shown.iter().all(|s| s.fingerprint() != c.fingerprint()))
            .collect();
        shown.dedup_by_key(|c| c.fingerprint());
        Ok(Readers {
            named: shown,
            hidden,
        })
    }

    /// The certificates of these addresses; whoever is met for the first time is remembered.
    pub(crate) async fn certificates_of(
        &self,
        session: &Session,
        ring: &Ring,
        typed: &[String],
        by_password: bool,
        reach: Reach,
    ) -> Result<Vec<Certificate>, ClientError> {
        let all = typed.iter().map(|one| self.find(session, ring, one, reach));
        let found = futures::future::try_join_all(all).await?;
        let (mut certificates, mut missing, mut new) = (Vec::new(), Vec::new(), Vec::new());
        for (typed, one) in typed.iter().zip(found) {
            match (one.state, one.certificate) {
                (RecipientState::KeyChanged { .. }, _) => {
                    return Err(ClientError::KeyChanged(typed.clone()));
                }
                (_, Some(certificate)) => {
                    if one.source != Some(KeySource::Own) {
                        new.push((typed.clone(), certificate.clone(), one.source));
                    }
                    certificates.push(certificate);
                }
                // Whoever has no key gets the password; a mistyped address gets nothing.
                (RecipientState::NoKey | RecipientState::Unknown, None) if by_password => {}
                _ => missing.push(typed.clone()),
            }
        }
        if !missing.is_empty() {
            return Err(ClientError::NoKey(missing));
        }
        for (typed, certificate, source) in new {
            let Some(address) = normalize_address(&typed) else {
                continue;
            };
            if session.contact(ring, &address)?.is_none() {
                let source = source.unwrap_or_default();
                self.meet(session, ring, &address, &certificate, source)
                    .await?;
            }
        }
        Ok(certificates)
    }

    fn entity(
        &self,
        session: &Session,
        letter: &Letter,
        text: String,
        with_files: bool,
    ) -> OutgoingMail {
        let address = |p: &Person| mime::Address::new(p.name.clone(), p.address.trim());
        let mut from = session.me();
        if let Some(other) = normalize_address(&letter.from) {
            from.address = other;
        }
        OutgoingMail {
            from: address(&from),
            to: letter.to.iter().map(address).collect(),
            cc: letter.cc.iter().map(address).collect(),
            subject: letter.subject.clone(),
            date: self.now(),
            text,
            html: letter.html.clone(),
            attachments: if with_files {
                letter.files.iter().map(part).collect()
            } else {
                Vec::new()
            },
            ..OutgoingMail::default()
        }
    }

    async fn sign_text(
        &self,
        session: &Session,
        slot: &SlotId,
        text: &str,
    ) -> Result<String, ClientError> {
        let keyring = session.keyring.borrow().clone();
        let mut rng = self.platform.entropy().rng();
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        keyring
            .sign_cleartext(self.platform.engine(), &mut rng, &text, slot, self.now())
            .await
            .map_err(|error| match error {
                SlotError::Failed(SignError::Certificate(_) | SignError::Locked)
                | SlotError::NoSuchSlot => ClientError::NoSecretKey,
                other => ClientError::Internal(other.to_string()),
            })
    }

    /// Encrypts bytes to readers and oneself.
    pub(crate) async fn seal(
        &self,
        session: &Session,
        plaintext: &[u8],
        sealing: &Sealing<'_>,
        armor: bool,
    ) -> Result<Vec<u8>, ClientError> {
        let keyring = session.keyring.borrow().clone();
        let own = sealing.own.and_then(|slot| keyring.certificate(slot));
        let recipients: Vec<&Certificate> = own.into_iter().chain(&sealing.readers.named).collect();
        let hidden: Vec<&Certificate> = sealing.readers.hidden.iter().collect();
        let passwords: Vec<&Passphrase> = sealing.password.into_iter().collect();
        let for_whom = EncryptFor {
            recipients: &recipients,
            passwords: &passwords,
            signer: sealing.signer,
            now: self.now(),
            armor,
        };
        let engine = self.platform.engine();
        let mut rng = self.platform.entropy().rng();
        let sealed = if hidden.is_empty() {
            keyring
                .encrypt(engine, &mut rng, plaintext, &for_whom)
                .await
        } else {
            keyring
                .encrypt_hiding(engine, &mut rng, plaintext, &for_whom, &hidden)
                .await
        };
        sealed.map_err(|error| match error {
            SlotError::NoSuchSlot
            | SlotError::Failed(EncryptError::Sign(
                SignError::Certificate(_) | SignError::Locked,
            )) => ClientError::NoSecretKey,
            SlotError::Failed(EncryptError::NoRecipient) => no_recipient(),
            other => ClientError::BadInput(format!("The message could not be sealed: {other}.")),
        })
    }

    /// Encrypts files, each on its own, under names that differ.
    pub(crate) async fn seal_files(
        &self,
        session: &Session,
        files: &[OutgoingAttachment],
        sealing: &Sealing<'_>,
    ) -> Result<Vec<SealedFile>, ClientError> {
        let mut sealed: Vec<SealedFile> = Vec::with_capacity(files.len());
        for file in files {
            let data = self.seal(session, &file.data, sealing, false).await?;
            let plain = safe_file_name(&file.name);
            let mut name = format!("{plain}.pgp");
            let mut number = 2;
            while sealed.iter().any(|other| other.name == name) {
                name = match plain.rsplit_once('.') {
                    Some((stem, extension)) => format!("{stem} ({number}).{extension}.pgp"),
                    None => format!("{plain} ({number}).pgp"),
                };
                number += 1;
            }
            sealed.push(SealedFile {
                name,
                media_type: "application/octet-stream".to_owned(),
                data,
            });
        }
        Ok(sealed)
    }

    /// A draft for a page that keeps drafts itself (`createDraft` of the client API): sealed to
    /// oneself, signed by oneself, and marked inside as a draft of this ring.
    ///
    /// # Errors
    /// [`ClientError::NoSecretKey`]; [`ClientError::NotFound`] for the ring.
    pub async fn seal_armored_draft(
        &self,
        ring: &Ring,
        content: &[u8],
    ) -> Result<String, ClientError> {
        let session = self.open_session()?;
        session.check_ring(ring)?;
        let slot = session
            .signing_slot(ring, "", self.now())
            .ok_or(ClientError::NoSecretKey)?;
        let mark = draft_mark(ring)?;
        let mut marked = Zeroizing::new(Vec::with_capacity(mark.len() + content.len()));
        marked.extend_from_slice(&mark);
        marked.extend_from_slice(content);
        let sealing = Sealing {
            readers: &Readers::default(),
            own: Some(&slot),
            signer: Some(&slot),
            password: None,
        };
        let sealed = self.seal(&session, &marked, &sealing, true).await?;
        Ok(String::from_utf8_lossy(&sealed).into_owned())
    }

    /// Opens what [`Client::seal_armored_draft`] made: only with the mark of a draft of this
    /// ring inside and a good signature by one of the ring's own keys, so that no page can have a
    /// letter opened by passing it off as a draft, nor another site's draft where both were lent
    /// the same key.
    ///
    /// # Errors
    /// [`ClientError::Damaged`], one answer for all causes; [`ClientError::NotFound`] for the
    /// ring.
    pub async fn open_armored_draft(
        &self,
        ring: &Ring,
        armored: &str,
    ) -> Result<Zeroizing<Vec<u8>>, ClientError> {
        let session = self.open_session()?;
        let slots = session.slots(ring)?;
        let keyring = session.keyring.borrow().clone();
        let with = OpenWith {
            passwords: &[],
            verifiers: &[],
            limits: &Limits::default(),
            now: self.now(),
        };
        let opened = keyring
            .decrypt_with(&slots, self.platform.engine(), armored.as_bytes(), &with)
            .await
            .map_err(|_| ClientError::Damaged)?;
        let own = match &opened.signature {
            SignatureVerdict::Good { signer, .. } => {
                slots.iter().any(|slot| slot.fingerprint() == signer)
            }
            _ => false,
        };
        match opened.plaintext.strip_prefix(draft_mark(ring)?.as_slice()) {
            Some(content) if own => Ok(Zeroizing::new(content.to_vec())),
            _ => Err(ClientError::Damaged),
        }
    }
}

/// How something is sealed.
pub(crate) struct Sealing<'a> {
    /// To whom.
    pub(crate) readers: &'a Readers,
    /// One's own key that can read it too.
    pub(crate) own: Option<&'a SlotId>,
    /// Who signs.
    pub(crate) signer: Option<&'a SlotId>,
    /// A password that opens it as well.
    pub(crate) password: Option<&'a Passphrase>,
}

/// What begins the content of a ring's drafts: JSON, which holds no NUL, ends at the next one.
fn draft_mark(ring: &Ring) -> Result<Vec<u8>, ClientError> {
    let whose = match ring {
        Ring::Main => None,
        Ring::Site(keyring) => Some(keyring),
    };
    let whose =
        serde_json::to_vec(&whose).map_err(|error| ClientError::Internal(error.to_string()))?;
    Ok([DRAFT_MARK, &whose, b"\0"].concat())
}

fn no_recipient() -> ClientError {
    ClientError::BadInput("Add at least one recipient.".into())
}

/// Refuses letters that cannot be meant.
fn check(letter: &Letter) -> Result<(), ClientError> {
    if !letter.sign && !letter.encrypt {
        return Err(ClientError::BadInput(
            "The message would be neither encrypted nor signed.".into(),
        ));
    }
    if !letter.encrypt && !letter.files.is_empty() {
        return Err(ClientError::BadInput(
            "Files can be sent encrypted only.".into(),
        ));
    }
    let nobody = letter.to.is_empty() && letter.cc.is_empty() && letter.bcc.is_empty();
    if letter.encrypt && nobody {
        return Err(no_recipient());
    }
    let html = letter.html.as_deref().unwrap_or_default().len();
    let files: usize = letter.files.iter().map(|file| file.data.len()).sum();
    if letter.text.len() + html + files > MAX_LETTER {
        return Err(ClientError::TooLarge);
    }
    Ok(())
}

fn part(file: &OutgoingAttachment) -> OutgoingPart {
    OutgoingPart {
        name: file.name.clone(),
        media_type: file.media_type.clone(),
        data: file.data.clone(),
    }
}
