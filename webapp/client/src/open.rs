//! From stored bytes to a message that can be shown: unwrap, decrypt, verify, read.
//!
//! The attacker wrote the message or altered the stored copy. What is shown is exactly what was
//! decrypted and verified; a part that fails gives no text at all.

use crypto_core::{
    keyring::OpenWith,
    mime::{self, ReadMail, Structure},
    openpgp::{
        BadSignature, Certificate, DecryptError, Limits, SignatureVerdict, verify_cleartext,
        verify_detached,
    },
};
use zeroize::Zeroizing;

use crate::{
    account::normalize_address,
    client::Client,
    contacts,
    error::ClientError,
    ports::Platform,
    session::Session,
    view::{Person, Protection, SignatureState, Trust, Verdict},
};

/// A message, opened and read.
pub(crate) struct OpenedMail {
    pub(crate) mail: ReadMail,
    pub(crate) verdict: Verdict,
}

impl<P: Platform> Client<P> {
    /// Opens the wrapper in which the server stores mail, and gives the message inside.
    pub(crate) async fn unwrap(
        &self,
        session: &Session,
        stored: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, ClientError> {
        if !mime::is_sealed(stored) {
            return Ok(Zeroizing::new(stored.to_vec()));
        }
        let unreadable = |e: mime::ReadError| ClientError::CannotOpen(e.to_string());
        let Structure::PgpMimeEncrypted { ciphertext } =
            mime::inspect(stored).map_err(unreadable)?
        else {
            return Err(unreadable(mime::ReadError::NotSealed));
        };
        let opened = self.decrypt(session, &ciphertext, &[]).await?;
        let inner = mime::unwrap_sealed(&opened.plaintext).map_err(unreadable)?;
        Ok(Zeroizing::new(inner.to_vec()))
    }

    /// Opens a message as its sender made it.
    pub(crate) async fn open_raw(
        &self,
        session: &Session,
        email_id: &str,
        raw: &[u8],
    ) -> Result<OpenedMail, ClientError> {
        let unreadable = |e: mime::ReadError| ClientError::CannotOpen(e.to_string());
        let limits = mime::Limits::DEFAULT;
        match mime::inspect(raw).map_err(unreadable)? {
            Structure::PgpMimeEncrypted { ciphertext } => {
                let opened = self.decrypt_from(session, &ciphertext, raw).await?;
                // Signed first, then encrypted as a whole (RFC 3156, section 6.1); looked for once.
                if let Ok(Structure::PgpMimeSigned { signed, signature }) =
                    mime::inspect(&opened.plaintext)
                {
                    let mail = mime::read(&signed, Some(raw), &limits).map_err(unreadable)?;
                    let verdict = self.verify(session, &mail, &signed, &signature).await;
                    return self
                        .judge(session, email_id, mail, Protection::Sealed, verdict)
                        .await;
                }
                let mail = mime::read(&opened.plaintext, Some(raw), &limits).map_err(unreadable)?;
                let (verdict, mail) = self
                    .again_for_inner_sender(session, &ciphertext, raw, opened.signature, mail)
                    .await?;
                self.judge(session, email_id, mail, Protection::Sealed, verdict)
                    .await
            }
            Structure::PgpMimeSigned { signed, signature } => {
                let mail = mime::read(&signed, Some(raw), &limits).map_err(unreadable)?;
                let verdict = self.verify(session, &mail, &signed, &signature).await;
                self.judge(session, email_id, mail, Protection::SignedOnly, verdict)
                    .await
            }
            Structure::InlineEncrypted { ciphertext, .. } => {
                let opened = self.decrypt_from(session, &ciphertext, raw).await?;
                let mut mail = mime::read(raw, None, &limits).map_err(unreadable)?;
                mail.text = Some(String::from_utf8_lossy(&opened.plaintext).into_owned());
                mail.html = None;
                self.judge(
                    session,
                    email_id,
                    mail,
                    Protection::Sealed,
                    opened.signature,
                )
                .await
            }
            Structure::InlineSigned { message, .. } => {
                let mut mail = mime::read(raw, None, &limits).map_err(unreadable)?;
                let verifiers = self.verifiers(session, &senders(&mail)).await;
                let signed = verify_cleartext(
                    self.platform.engine(),
                    &String::from_utf8_lossy(&message),
                    &verifiers.iter().collect::<Vec<_>>(),
                    self.now(),
                )
                .await;
                let verdict = match signed {
                    Ok(signed) => {
                        let verdict = signed.signature();
                        mail.text = Some(signed.text);
                        mail.html = None;
                        verdict
                    }
                    Err(_) => SignatureVerdict::Bad(BadSignature::Malformed),
                };
                self.judge(session, email_id, mail, Protection::SignedOnly, verdict)
                    .await
            }
            Structure::Plain => {
                let mail = mime::read(raw, None, &limits).map_err(unreadable)?;
                self.judge(
                    session,
                    email_id,
                    mail,
                    Protection::Open,
                    SignatureVerdict::Unsigned,
                )
                .await
            }
        }
    }

    /// Verifies a detached signature with the keys of whoever stands in From.
    async fn verify(
        &self,
        session: &Session,
        mail: &ReadMail,
        signed: &[u8],
        signature: &[u8],
    ) -> SignatureVerdict {
        let verifiers = self.verifiers(session, &senders(mail)).await;
        let verifiers: Vec<&Certificate> = verifiers.iter().collect();
        verify_detached(
            self.platform.engine(),
            signed,
            signature,
            &verifiers,
            self.now(),
        )
        .await
        .map_or(SignatureVerdict::Bad(BadSignature::Malformed), |all| {
            best(&all)
        })
    }

    /// Decrypts with every key of the keyring.
    async fn decrypt(
        &self,
        session: &Session,
        ciphertext: &[u8],
        verifiers: &[Certificate],
    ) -> Result<crypto_core::openpgp::Opened, ClientError> {
        // Shared by reference count: it must not stay borrowed while the engine works.
        let keyring = session.keyring.borrow().clone();
        let with = OpenWith {
            passwords: &[],
            verifiers: &verifiers.iter().collect::<Vec<_>>(),
            limits: &Limits::default(),
            now: self.now(),
        };
        keyring
            .decrypt(self.platform.engine(), ciphertext, &with)
            .await
            .map_err(decrypt_sentence)
    }

    /// Decrypts, verifying with the keys of whoever stands in the outer From.
    async fn decrypt_from(
        &self,
        session: &Session,
        ciphertext: &[u8],
        raw: &[u8],
    ) -> Result<crypto_core::openpgp::Opened, ClientError> {
        let verifiers = self.verifiers(session, &outer_senders(raw)).await;
        self.decrypt(session, ciphertext, &verifiers).await
    }

    /// When the protected From differs from the outer one, the signature is checked with the
    /// keys of the protected one, for that is what is shown.
    async fn again_for_inner_sender(
        &self,
        session: &Session,
        ciphertext: &[u8],
        raw: &[u8],
        verdict: SignatureVerdict,
        mail: ReadMail,
    ) -> Result<(SignatureVerdict, ReadMail), ClientError> {
        let outer = outer_senders(raw);
        let inner = senders(&mail);
        if !matches!(verdict, SignatureVerdict::UnknownSigner { .. }) || inner == outer {
            return Ok((verdict, mail));
        }
        let verifiers = self.verifiers(session, &inner).await;
        let opened = self.decrypt(session, ciphertext, &verifiers).await?;
        Ok((opened.signature, mail))
    }

    /// The certificates that may have signed for these addresses. Without a network only the
    /// remembered ones are known.
    async fn verifiers(&self, session: &Session, addresses: &[String]) -> Vec<Certificate> {
        let mut found = Vec::new();
        let mut unknown = Vec::new();
        for address in addresses {
            if *address == session.header.borrow().address {
                found.extend(session.own_certificate());
            } else if let Some(known) = contacts::known_certificate(session, address) {
                found.push(known);
                let offered = session
                    .contacts
                    .borrow()
                    .get(address)
                    .and_then(|c| Certificate::parse(&c.offered.as_ref()?.certificate).ok());
                found.extend(offered);
            } else {
                unknown.push(address.clone());
            }
        }
        if !unknown.is_empty()
            && let Ok(listed) = self.directory(session, &unknown).await
        {
            found.extend(listed.into_values().flatten());
        }
        found
    }

    /// Says who signed, as far as can be told, and remembers a key that proved itself.
    async fn judge(
        &self,
        session: &Session,
        email_id: &str,
        mail: ReadMail,
        protection: Protection,
        verdict: SignatureVerdict,
    ) -> Result<OpenedMail, ClientError> {
        let from = mail.from.first().map(person).unwrap_or_default();
        let from_address = normalize_address(&from.address).unwrap_or_default();
        let signature = match verdict {
            SignatureVerdict::Unsigned => SignatureState::Unsigned,
            SignatureVerdict::UnknownSigner { issuer } => SignatureState::UnknownSigner { issuer },
            SignatureVerdict::Bad(why) => SignatureState::Bad {
                reason: why.to_string(),
            },
            SignatureVerdict::Good { signer, at } => {
                let fingerprint = signer.as_hex().to_owned();
                let candidates = self
                    .verifiers(session, std::slice::from_ref(&from_address))
                    .await;
                let certificate = candidates.into_iter().find(|c| c.fingerprint() == signer);
                let names_sender = mail.from.len() == 1
                    && certificate
                        .as_ref()
                        .is_some_and(|c| c.has_address(&from_address));
                match certificate {
                    Some(certificate) if names_sender => {
                        // The name is the sender's own word, which the signature covers.
                        let name = from.name.clone();
                        self.remember(session, &from_address, &certificate, &name, Some(email_id))
                            .await?;
                        let trust = contacts::trust_in(
                            session,
                            &from_address,
                            &fingerprint,
                            Some(email_id),
                        );
                        SignatureState::Good {
                            signer: Person {
                                name,
                                address: from_address,
                            },
                            fingerprint,
                            at: at.0,
                            trust,
                        }
                    }
                    other => SignatureState::OtherSigner {
                        signer: other
                            .and_then(|c| c.user_ids().into_iter().next())
                            .map(|u| person(&mime::Address::new(u.name, u.address)))
                            .unwrap_or_default(),
                        fingerprint,
                    },
                }
            }
        };
        let headers_protected = mail.headers_protected
            && (protection == Protection::Sealed
                || matches!(
                    signature,
                    SignatureState::Good {
                        trust: Trust::Known | Trust::New | Trust::Own | Trust::Verified,
                        ..
                    }
                ));
        Ok(OpenedMail {
            mail,
            verdict: Verdict {
                protection,
                signature,
                headers_protected,
            },
        })
    }
}

/// The addresses in the outer From, from the header section alone.
fn outer_senders(raw: &[u8]) -> Vec<String> {
    mime::read_header(raw, &mime::Limits::DEFAULT)
        .map(|mail| senders(&mail))
        .unwrap_or_default()
}

/// The verdict to show of several: a good one if there is one.
pub(crate) fn best(all: &[SignatureVerdict]) -> SignatureVerdict {
    all.iter()
        .find(|v| matches!(v, SignatureVerdict::Good { .. }))
        .or_else(|| all.first())
        .cloned()
        .unwrap_or(SignatureVerdict::Unsigned)
}

/// The addresses in From, in the form keys are found under.
fn senders(mail: &ReadMail) -> Vec<String> {
    mail.from
        .iter()
        .filter_map(|a| normalize_address(&a.address))
        .collect()
}

/// A name and an address for showing; a name that pretends to be an address is dropped.
pub(crate) fn person(address: &mime::Address) -> Person {
    Person {
        name: address.shown().name,
        address: address.address.clone(),
    }
}

fn decrypt_sentence(error: DecryptError) -> ClientError {
    ClientError::CannotOpen(match error {
        DecryptError::NotForUs { .. } => {
            "This message was sealed to another key. Ask the sender to seal it to your present key."
                .into()
        }
        DecryptError::NoIntegrity => {
            "This message has no protection against changes, so nothing of it is shown. Ask the \
             sender to send it again with a newer program."
                .into()
        }
        DecryptError::Damaged | DecryptError::Malformed(_) => {
            "This message was changed on its way or is damaged. Nothing of it is shown. Ask the \
             sender to send it again."
                .into()
        }
        other => format!("This message cannot be opened: {other}."),
    })
}
