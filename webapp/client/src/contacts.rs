//! Whose key is whose: first use is remembered, a change is told and never silently accepted.
//!
//! The attacker is a directory that gives out another key. It can do so once, before first use;
//! afterwards the remembered key is used until the person accepts another.

use crypto_core::{
    ids::{ObjectId, UnixTime},
    mime,
    openpgp::{Certificate, CertificateProblem, CertificateStatus},
    vault::Namespace,
};
use wire::{
    directory::{LookupRequest, LookupResponse, MAX_LOOKUP},
    routes,
};

use crate::{
    account::{Contact, MoreContact, OfferedKey, normalize_address},
    client::Client,
    error::ClientError,
    jmap, local, objects,
    people::KeySource,
    ports::{HttpRequest, Method, Platform},
    session::Session,
    view::{RecipientState, Trust},
};

/// How long an answer of the directory is used before it is asked again, in seconds.
const DIRECTORY_TTL: u64 = 300;

/// What the directory said, and when.
pub(crate) type DirectoryCache = std::collections::HashMap<String, (UnixTime, Option<Certificate>)>;

impl<P: Platform> Client<P> {
    /// Whether mail to an address can be sealed, and how far its key is trusted.
    ///
    /// # Errors
    /// [`ClientError::Locked`]; an unreachable server is [`RecipientState::Unknown`] or what is
    /// remembered.
    pub async fn recipient(&self, typed: &str) -> Result<RecipientState, ClientError> {
        let session = self.open_session()?;
        let Some(address) = normalize_address(typed) else {
            return Ok(RecipientState::NotAnAddress);
        };
        let now = self.now();
        if address == session.header.borrow().address {
            let Some(own) = session.own_certificate() else {
                return Err(ClientError::Locked);
            };
            return Ok(ready_or_not(&session, &own, &address, Trust::Own, now));
        }
        let listed = match self
            .directory(&session, std::slice::from_ref(&address))
            .await
        {
            Ok(mut listed) => listed.remove(&address).flatten(),
            Err(ClientError::Offline | ClientError::TooManyRequests) => {
                return Ok(match known_certificate(&session, &address) {
                    Some(certificate) => {
                        ready_or_not(&session, &certificate, &address, Trust::Known, now)
                    }
                    None => RecipientState::Unknown,
                });
            }
            Err(ClientError::NoServer) => None,
            Err(other) => return Err(other),
        };
        match (known_certificate(&session, &address), listed) {
            (Some(known), Some(listed)) if known.fingerprint() == listed.fingerprint() => {
                // The same key, perhaps with news about itself: an extension or a revocation.
                let merged = known.merge(&listed).unwrap_or(known);
                self.refresh(&session, &address, &merged).await?;
                Ok(ready_or_not(&session, &merged, &address, Trust::Known, now))
            }
            (Some(known), Some(listed)) => {
                self.offer(&session, &address, &listed).await?;
                Ok(RecipientState::KeyChanged {
                    old: known.fingerprint().as_hex().to_owned(),
                    new: listed.fingerprint().as_hex().to_owned(),
                })
            }
            (Some(known), None) => Ok(ready_or_not(&session, &known, &address, Trust::Known, now)),
            (None, Some(listed)) => Ok(ready_or_not(&session, &listed, &address, Trust::New, now)),
            (None, None) => Ok(RecipientState::NoKey),
        }
    }

    /// Uses the changed key from now on, after the person has seen both fingerprints.
    ///
    /// # Errors
    /// [`ClientError::Conflict`] when the offered key is not the one that was shown.
    pub async fn accept_key(&self, typed: &str, fingerprint: &str) -> Result<(), ClientError> {
        let session = self.open_session()?;
        let address = normalize_address(typed).ok_or(ClientError::NotFound)?;
        let contact = session.contacts.borrow().get(&address).cloned();
        let mut contact = contact.ok_or(ClientError::NotFound)?;
        let offered = contact
            .offered
            .take_if(|o| o.fingerprint == fingerprint)
            .ok_or(ClientError::Conflict)?;
        contact.certificate = offered.certificate;
        contact.fingerprint = offered.fingerprint;
        contact.first_seen = self.now().0;
        contact.first_message = None;
        contact.more.source = contact.more.offered_by;
        self.save_contact(&session, contact).await
    }

    /// The certificate mail to this address is sealed with.
    pub(crate) async fn certificate_for(
        &self,
        session: &Session,
        address: &str,
    ) -> Result<Option<Certificate>, ClientError> {
        if address == session.header.borrow().address {
            return Ok(session.own_certificate());
        }
        if let Some(known) = known_certificate(session, address) {
            return Ok(Some(known));
        }
        let mut listed = self.directory(session, &[address.to_owned()]).await?;
        Ok(listed.remove(address).flatten())
    }

    /// Remembers a key at its first use, and the name its owner goes by. A key that is remembered
    /// already stays.
    pub(crate) async fn remember(
        &self,
        session: &Session,
        address: &str,
        certificate: &Certificate,
        name: &str,
        message: Option<&str>,
    ) -> Result<(), ClientError> {
        if address == session.header.borrow().address {
            return Ok(());
        }
        let known = session.contacts.borrow().get(address).cloned();
        if let Some(mut contact) = known {
            // Certificates need not carry a name; the first signed message brings it.
            let is_same = contact.fingerprint == certificate.fingerprint().as_hex();
            if contact.name.is_empty() && !name.is_empty() && is_same {
                contact.name = name.to_owned();
                return self.save_contact(session, contact).await;
            }
            return Ok(());
        }
        let contact = Contact {
            address: address.to_owned(),
            name: name.to_owned(),
            certificate: certificate.to_bytes(),
            fingerprint: certificate.fingerprint().as_hex().to_owned(),
            first_seen: self.now().0,
            first_message: message.map(str::to_owned),
            offered: None,
            changed_at: 0,
            more: MoreContact {
                source: KeySource::Directory,
                ..MoreContact::default()
            },
        };
        self.save_contact(session, contact).await
    }

    /// Asks the directory, with answers of the last minutes from memory.
    pub(crate) async fn directory(
        &self,
        session: &Session,
        addresses: &[String],
    ) -> Result<std::collections::HashMap<String, Option<Certificate>>, ClientError> {
        let now = self.now();
        let mut found = std::collections::HashMap::new();
        let mut missing = Vec::new();
        for address in addresses {
            match session.directory.borrow().get(address) {
                Some((at, certificate)) if now.0.saturating_sub(at.0) < DIRECTORY_TTL => {
                    found.insert(address.clone(), certificate.clone());
                }
                _ => missing.push(address.clone()),
            }
        }
        for some in missing.chunks(MAX_LOOKUP) {
            let body = serde_json::to_vec(&LookupRequest {
                addresses: some.to_vec(),
            })
            .map_err(|e| ClientError::Internal(e.to_string()))?;
            let response = jmap::authorized(
                &self.platform,
                session,
                HttpRequest {
                    method: Method::Post,
                    path: routes::DIRECTORY_LOOKUP.to_owned(),
                    token: None,
                    content_type: Some("application/json"),
                    body,
                },
            )
            .await?;
            let answer: LookupResponse = serde_json::from_slice(&response.body)
                .map_err(|e| ClientError::Protocol(format!("directory: {e}")))?;
            for address in some {
                // A certificate that does not name the address is a lie or a mistake.
                let certificate = answer
                    .entries
                    .iter()
                    .find(|e| e.address.eq_ignore_ascii_case(address))
                    .and_then(|e| Certificate::parse(&e.certificate.0).ok())
                    .filter(|c| c.has_address(address));
                session
                    .directory
                    .borrow_mut()
                    .insert(address.clone(), (now, certificate.clone()));
                found.insert(address.clone(), certificate);
            }
        }
        Ok(found)
    }

    pub(crate) async fn refresh(
        &self,
        session: &Session,
        address: &str,
        merged: &Certificate,
    ) -> Result<(), ClientError> {
        let contact = session.contacts.borrow().get(address).cloned();
        let Some(mut contact) = contact else {
            return Ok(());
        };
        let bytes = merged.to_bytes();
        if contact.certificate == bytes && contact.offered.is_none() {
            return Ok(());
        }
        contact.certificate = bytes;
        contact.offered = None;
        self.save_contact(session, contact).await
    }

    async fn offer(
        &self,
        session: &Session,
        address: &str,
        listed: &Certificate,
    ) -> Result<(), ClientError> {
        let contact = session.contacts.borrow().get(address).cloned();
        let Some(mut contact) = contact else {
            return Ok(());
        };
        let offered = OfferedKey {
            certificate: listed.to_bytes(),
            fingerprint: listed.fingerprint().as_hex().to_owned(),
        };
        if contact.offered.as_ref() == Some(&offered) {
            return Ok(());
        }
        contact.offered = Some(offered);
        contact.more.offered_by = KeySource::Directory;
        self.save_contact(session, contact).await
    }

    pub(crate) async fn save_contact(
        &self,
        session: &Session,
        mut contact: Contact,
    ) -> Result<(), ClientError> {
        contact.changed_at = self.now().0.max(contact.changed_at + 1);
        let id = contact.address.clone();
        let plaintext = local::encode(&contact)?;
        session.contacts.borrow_mut().insert(id.clone(), contact);
        match objects::write(
            &self.platform,
            session,
            Namespace::Contact,
            ObjectId(id),
            &plaintext,
        )
        .await
        {
            // Remembered for as long as the session lasts; the person is told of the full store.
            Err(ClientError::StorageFull) => Ok(()),
            other => other,
        }
    }
}

/// Parsed certificates of contacts, by address and the time of the contact's last change:
/// parsing verifies every binding signature, which a list of messages must not pay for each line.
pub(crate) type ParsedCertificates = std::collections::HashMap<String, (u64, Certificate)>;

/// The remembered certificate of an address.
pub(crate) fn known_certificate(session: &Session, address: &str) -> Option<Certificate> {
    let contacts = session.contacts.borrow();
    let contact = contacts.get(address)?;
    let mut parsed = session.parsed.borrow_mut();
    if let Some((at, certificate)) = parsed.get(address)
        && *at == contact.changed_at
    {
        return Some(certificate.clone());
    }
    let certificate = Certificate::parse(&contact.certificate).ok()?;
    parsed.insert(
        address.to_owned(),
        (contact.changed_at, certificate.clone()),
    );
    Some(certificate)
}

/// How far the key with this fingerprint is trusted for an address.
pub(crate) fn trust_in(
    session: &Session,
    address: &str,
    fingerprint: &str,
    message: Option<&str>,
) -> Trust {
    if address == session.header.borrow().address {
        return Trust::Own;
    }
    match session.contacts.borrow().get(address) {
        None => Trust::New,
        Some(contact) if contact.fingerprint != fingerprint => Trust::Changed,
        Some(contact) if message.is_some() && contact.first_message.as_deref() == message => {
            Trust::New
        }
        Some(_) => Trust::Known,
    }
}

pub(crate) fn ready_or_not(
    session: &Session,
    certificate: &Certificate,
    address: &str,
    trust: Trust,
    now: UnixTime,
) -> RecipientState {
    match certificate.check_encryption(now) {
        Ok(_) => RecipientState::Ready {
            fingerprint: certificate.fingerprint().as_hex().to_owned(),
            trust,
            name: name_of(session, certificate, address),
        },
        Err(problem) => RecipientState::Unusable {
            reason: problem_sentence(&problem),
        },
    }
}

/// The name somebody goes by: as they signed it, else as their certificate says.
fn name_of(session: &Session, certificate: &Certificate, address: &str) -> String {
    let remembered = session
        .contacts
        .borrow()
        .get(address)
        .map(|c| c.name.clone())
        .filter(|name| !name.is_empty());
    remembered
        .or_else(|| name_in(certificate, address))
        .unwrap_or_default()
}

/// The name a certificate gives the owner of an address.
pub(crate) fn name_in(certificate: &Certificate, address: &str) -> Option<String> {
    certificate
        .user_ids()
        .into_iter()
        .find(|u| u.address.eq_ignore_ascii_case(address))
        .map(|u| mime::Address::new(u.name, u.address).shown().name)
}

pub(crate) fn problem_sentence(problem: &CertificateProblem) -> String {
    match problem {
        CertificateProblem::NotInForce(CertificateStatus::Expired(_)) => {
            "The key has expired.".into()
        }
        CertificateProblem::NotInForce(CertificateStatus::Revoked(_)) => {
            "The key was withdrawn by its owner.".into()
        }
        CertificateProblem::NotInForce(CertificateStatus::NotYetValid(_)) => {
            "The key is not valid yet.".into()
        }
        other => format!("The key cannot be used: {other}."),
    }
}
