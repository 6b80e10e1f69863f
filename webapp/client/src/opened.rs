//! An opened letter: what a message holds, its verdict, and the keys that came with it.

use std::collections::HashMap;

use crypto_core::{
    mime::ReadMail,
    openpgp::{Certificate, SignatureVerdict},
};

use crate::{
    client::Client,
    error::ClientError,
    found::{AttachedKey, FoundMessage, OpenedLetter},
    judge::{Candidates, Judged},
    keyfile::KeyFile,
    keys::own_slot,
    mailbox::{AttachmentFile, pictures},
    open::person,
    ports::Platform,
    session::Session,
    sites::Ring,
    view::{Protection, SignatureState, Verdict},
};

/// Certificates of one message that are offered.
const MAX_KEYS: usize = 10;
/// The largest file that is looked at for keys, in bytes.
const MAX_KEY_FILE: usize = 256 << 10;

impl<P: Platform> Client<P> {
    /// A message that was read, with its verdict.
    #[allow(
        clippy::too_many_arguments,
        reason = "one step of opening, taken from two places; each argument is a different thing"
    )]
    pub(crate) async fn letter_of(
        &self,
        session: &Session,
        ring: &Ring,
        found: &FoundMessage<'_>,
        mail: ReadMail,
        verdict: SignatureVerdict,
        protection: Protection,
        candidates: &Candidates,
    ) -> Result<OpenedLetter, ClientError> {
        let inner = mail
            .from
            .first()
            .filter(|_| mail.headers_protected && mail.from.len() == 1)
            .map(person);
        let judged: Judged = self
            .judge_found(session, ring, found, inner.as_ref(), verdict, candidates)
            .await?;
        let mut opened = letter(found, protection);
        opened.verdict.headers_protected =
            mail.headers_protected && (protection == Protection::Sealed || judged.is_good());
        opened.verdict.signature = judged.state;
        if let Some(from) =
            inner.filter(|_| judged.vouches_for_inner || found.sender.address.is_empty())
        {
            opened.from = from;
        }
        if mail.headers_protected {
            opened.to = mail.to.iter().map(person).collect();
            opened.cc = mail.cc.iter().map(person).collect();
            opened.subject = Some(mail.subject.clone()).filter(|subject| !subject.is_empty());
            opened.date = mail.date.map(|date| date.0);
        }
        opened.inline_pictures = pictures(mail.html.is_some(), &mail.attachments);
        for file in &mail.attachments {
            let is_key = file.media_type == "application/pgp-keys"
                || file
                    .data
                    .starts_with(b"-----BEGIN PGP PUBLIC KEY BLOCK-----");
            if is_key {
                let room = MAX_KEYS.saturating_sub(opened.keys.len());
                let keys = self.keys_in(session, ring, &file.data)?;
                opened.keys.extend(keys.into_iter().take(room));
            }
        }
        opened.text = mail.text;
        opened.html = mail.html;
        opened.attachments = mail
            .attachments
            .into_iter()
            .map(|file| AttachmentFile {
                name: file.name,
                media_type: file.media_type,
                data: file.data,
            })
            .collect();
        Ok(opened)
    }

    /// Certificates in a file or text. Private keys among them are left alone.
    pub(crate) fn keys_in(
        &self,
        session: &Session,
        ring: &Ring,
        file: &[u8],
    ) -> Result<Vec<AttachedKey>, ClientError> {
        let marker = b"-----BEGIN PGP PUBLIC KEY BLOCK-----";
        let is_binary = file.first().is_some_and(|first| first & 0x80 != 0);
        let may_hold = is_binary || file.windows(marker.len()).any(|part| part == marker);
        if file.len() > MAX_KEY_FILE || !may_hold {
            return Ok(Vec::new());
        }
        match KeyFile::parse(file) {
            Ok(file) => self.attached(session, ring, &file.public),
            Err(_) => Ok(Vec::new()),
        }
    }

    /// Certificates, offered to the person.
    pub(crate) fn attached(
        &self,
        session: &Session,
        ring: &Ring,
        certificates: &[Certificate],
    ) -> Result<Vec<AttachedKey>, ClientError> {
        certificates
            .iter()
            .filter(|c| own_slot(session, c.fingerprint().as_hex()).is_none())
            .take(MAX_KEYS)
            .map(|certificate| {
                Ok(AttachedKey {
                    preview: self.preview(session, ring, certificate)?,
                    certificate: certificate.without_foreign().to_bytes(),
                    is_signer: false,
                })
            })
            .collect()
    }
}

/// Nothing known yet but what the page says.
pub(crate) fn letter(found: &FoundMessage<'_>, protection: Protection) -> OpenedLetter {
    OpenedLetter {
        from: found.sender.clone(),
        to: Vec::new(),
        cc: Vec::new(),
        subject: None,
        date: None,
        text: None,
        html: None,
        inline_pictures: HashMap::new(),
        attachments: Vec::new(),
        verdict: Verdict {
            protection,
            signature: SignatureState::Unsigned,
            headers_protected: false,
        },
        keys: Vec::new(),
        by_password: false,
    }
}

/// The certificates that came with a message.
pub(crate) fn certificates(keys: &[AttachedKey]) -> Vec<Certificate> {
    keys.iter()
        .filter_map(|key| Certificate::parse(&key.certificate).ok())
        .collect()
}

/// Says which of them made the signature.
pub(crate) fn mark_signer(keys: &mut [AttachedKey], verdict: &SignatureVerdict) {
    if let SignatureVerdict::Good { signer, .. } = verdict {
        for key in keys {
            key.is_signer = key.preview.fingerprint == signer.as_hex();
        }
    }
}
