//! Everybody whose key is remembered, and where keys are looked for.
//!
//! The order is: contacts, keys seen in mail, the server's directory when there is a server, the
//! Web Key Directory of the address's domain. Whatever is used once is remembered; another key
//! for the same address is offered and never taken silently.

use crypto_core::openpgp::Certificate;
use serde::{Deserialize, Serialize};

use crate::{
    account::{Contact, MoreContact, OfferedKey, normalize_address},
    client::Client,
    contacts::{self, ready_or_not},
    error::ClientError,
    keys::{ImportOutcome, problem_of, what_changed},
    ports::Platform,
    session::Session,
    sites::Ring,
    view::{Person, RecipientState, Trust},
};

/// Where a key came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum KeySource {
    /// One's own.
    Own,
    /// Imported by the person.
    Imported,
    /// Attached to mail.
    Mail,
    /// An Autocrypt header field.
    Autocrypt,
    /// Web Key Directory of the address's domain.
    Wkd,
    /// The directory of the person's server.
    #[default]
    Directory,
}

/// Somebody whose key is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactView {
    /// Who.
    pub person: Person,
    /// Upper-case hexadecimal.
    pub fingerprint: String,
    /// How far trusted: [`Trust::Known`], or [`Trust::Changed`] while another key waits.
    pub trust: Trust,
    /// Where the key came from.
    pub source: KeySource,
    /// Unix seconds.
    pub first_seen: u64,
    /// When it was changed last, Unix seconds.
    pub changed_at: u64,
    /// Another key that was offered, and where it came from; nobody has decided.
    pub offered: Option<(String, KeySource)>,
    /// Why mail cannot be sealed to it, one sentence.
    pub problem: Option<String>,
    /// The certificate in ASCII armor.
    pub certificate: String,
}

/// How far to look for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// What is on this device.
    Here,
    /// And the server's directory.
    Directory,
    /// And the domain of the address, where no usable key is known.
    Everywhere,
    /// And the domain of whoever is remembered or was seen, too: the person asks what there is by
    /// now. An answer may be five minutes old.
    Anew,
}

impl Reach {
    fn asks_strangers(self) -> bool {
        matches!(self, Self::Everywhere | Self::Anew)
    }
}

/// What was found for an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Whether mail to it can be sealed.
    pub state: RecipientState,
    /// Where the key came from; for [`RecipientState::KeyChanged`] the new one.
    pub source: Option<KeySource>,
}

/// What was found, with the certificate to use.
pub(crate) struct FoundKey {
    pub(crate) state: RecipientState,
    pub(crate) source: Option<KeySource>,
    pub(crate) certificate: Option<Certificate>,
}

impl FoundKey {
    fn nothing(state: RecipientState) -> Self {
        Self {
            state,
            source: None,
            certificate: None,
        }
    }
}

impl<P: Platform> Client<P> {
    /// Everybody whose key is remembered, by address.
    ///
    /// # Errors
    /// [`ClientError::Locked`]; [`ClientError::NotFound`] for a site's keyring that is not there.
    pub fn contacts(&self, ring: &Ring) -> Result<Vec<ContactView>, ClientError> {
        let session = self.open_session()?;
        let all = session.ring_contacts(ring)?;
        Ok(all.into_iter().map(|c| self.contact_view(c)).collect())
    }

    /// One contact.
    ///
    /// # Errors
    /// [`ClientError::NotFound`], [`ClientError::Locked`].
    pub fn contact(&self, ring: &Ring, typed: &str) -> Result<ContactView, ClientError> {
        let session = self.open_session()?;
        let address = normalize_address(typed).ok_or(ClientError::NotFound)?;
        let contact = session.contact(ring, &address)?;
        contact
            .map(|contact| self.contact_view(contact))
            .ok_or(ClientError::NotFound)
    }

    fn contact_view(&self, contact: Contact) -> ContactView {
        let now = self.now();
        let certificate = Certificate::parse(&contact.certificate).ok();
        let name = if contact.name.is_empty() {
            certificate
                .as_ref()
                .and_then(|c| contacts::name_in(c, &contact.address))
                .unwrap_or_default()
        } else {
            contact.name
        };
        ContactView {
            person: Person {
                name,
                address: contact.address,
            },
            fingerprint: contact.fingerprint,
            trust: if contact.offered.is_some() {
                Trust::Changed
            } else {
                Trust::Known
            },
            source: contact.more.source,
            first_seen: contact.first_seen,
            changed_at: contact.changed_at,
            offered: contact
                .offered
                .map(|offered| (offered.fingerprint, contact.more.offered_by)),
            problem: match &certificate {
                Some(certificate) => problem_of(certificate, now),
                None => Some("The key is damaged.".to_owned()),
            },
            certificate: certificate.map(|c| c.to_armor()).unwrap_or_default(),
        }
    }

    /// Looks for the key of an address. Nobody new is remembered by
    /// looking. A network that does not
    /// answer in time is [`RecipientState::Unknown`] when nothing is known.
    ///
    /// # Errors
    /// [`ClientError::Locked`], [`ClientError::NotFound`] for the ring.
    pub async fn look_up(
        &self,
        ring: &Ring,
        typed: &str,
        reach: Reach,
    ) -> Result<Found, ClientError> {
        let session = self.open_session()?;
        let found = self.find(&session, ring, typed, reach).await?;
        Ok(Found {
            state: found.state,
            source: found.source,
        })
    }

    /// As [`Client::look_up`] for many addresses at once, in their order.
    ///
    /// # Errors
    /// As [`Client::look_up`].
    pub async fn look_up_many(
        &self,
        ring: &Ring,
        typed: &[String],
        reach: Reach,
    ) -> Result<Vec<Found>, ClientError> {
        let all = typed.iter().map(|one| self.look_up(ring, one, reach));
        futures::future::try_join_all(all).await
    }

    /// The key of an address.
    pub(crate) async fn find(
        &self,
        session: &Session,
        ring: &Ring,
        typed: &str,
        reach: Reach,
    ) -> Result<FoundKey, ClientError> {
        session.check_ring(ring)?;
        let Some(address) = normalize_address(typed) else {
            return Ok(FoundKey::nothing(RecipientState::NotAnAddress));
        };
        if let Some(own) = session.own_certificate_for(ring, &address, self.now()) {
            return Ok(self.found(session, own, &address, Trust::Own, KeySource::Own));
        }
        if let Some(contact) = session.contact(ring, &address)? {
            return self
                .find_contact(session, ring, typed, contact, reach)
                .await;
        }
        let seen = self.seen_key(session, ring, &address).await?;
        let seen = seen.map(|(seen, certificate)| {
            self.found(session, certificate, &address, Trust::New, seen.source)
        });
        let seen = match seen {
            Some(seen) if reach != Reach::Anew => return Ok(seen),
            seen => seen,
        };
        let mut unsure = false;
        if reach != Reach::Here {
            match self
                .directory(session, std::slice::from_ref(&address))
                .await
            {
                Ok(mut listed) => {
                    if let Some(certificate) = listed.remove(&address).flatten() {
                        let source = KeySource::Directory;
                        return Ok(self.found(session, certificate, &address, Trust::New, source));
                    }
                }
                Err(ClientError::NoServer) => {}
                Err(ClientError::Locked) => return Err(ClientError::Locked),
                Err(_) => unsure = true,
            }
        }
        if reach.asks_strangers() {
            match self.wkd(session, typed).await {
                Ok(Some(certificate)) => {
                    let source = KeySource::Wkd;
                    return Ok(self.found(session, certificate, &address, Trust::New, source));
                }
                Ok(None) => {}
                Err(_) => unsure = true,
            }
        }
        Ok(seen.unwrap_or_else(|| {
            FoundKey::nothing(if unsure {
                RecipientState::Unknown
            } else {
                RecipientState::NoKey
            })
        }))
    }

    /// Somebody who is remembered: their key, unless another one waits for the person's word.
    async fn find_contact(
        &self,
        session: &Session,
        ring: &Ring,
        typed: &str,
        contact: Contact,
        reach: Reach,
    ) -> Result<FoundKey, ClientError> {
        let address = contact.address.clone();
        let contact = self.with_news(session, ring, typed, contact, reach).await?;
        // What anybody on the way can write must not be able to stop mail to somebody.
        let weighs = contact.more.offered_by != KeySource::Autocrypt;
        if let Some(offered) = contact.offered.as_ref().filter(|_| weighs) {
            return Ok(FoundKey {
                state: RecipientState::KeyChanged {
                    old: contact.fingerprint.clone(),
                    new: offered.fingerprint.clone(),
                },
                source: Some(contact.more.offered_by),
                certificate: None,
            });
        }
        let Ok(certificate) = Certificate::parse(&contact.certificate) else {
            return Ok(FoundKey::nothing(RecipientState::Unusable {
                reason: "The key is damaged.".to_owned(),
            }));
        };
        let source = contact.more.source;
        Ok(self.found(session, certificate, &address, Trust::Known, source))
    }

    /// Asks the server's directory about a contact, as the webmail does; and the domain when the
    /// remembered key can be used no longer, or the person wants to know.
    async fn with_news(
        &self,
        session: &Session,
        ring: &Ring,
        typed: &str,
        contact: Contact,
        reach: Reach,
    ) -> Result<Contact, ClientError> {
        let address = contact.address.clone();
        let mut news = Vec::new();
        if reach != Reach::Here
            && let Ok(mut listed) = self
                .directory(session, std::slice::from_ref(&address))
                .await
        {
            news.extend(
                listed
                    .remove(&address)
                    .flatten()
                    .map(|c| (c, KeySource::Directory)),
            );
        }
        let is_usable = Certificate::parse(&contact.certificate)
            .is_ok_and(|c| c.check_encryption(self.now()).is_ok());
        if reach == Reach::Anew || (reach.asks_strangers() && !is_usable) {
            let listed = self.wkd(session, typed).await.ok().flatten();
            news.extend(listed.map(|c| (c, KeySource::Wkd)));
        }
        for (certificate, source) in news {
            self.meet(session, ring, &address, &certificate, source)
                .await?;
        }
        Ok(session.contact(ring, &address)?.unwrap_or(contact))
    }

    fn found(
        &self,
        session: &Session,
        certificate: Certificate,
        address: &str,
        trust: Trust,
        source: KeySource,
    ) -> FoundKey {
        let state = ready_or_not(session, &certificate, address, trust, self.now());
        let usable = matches!(state, RecipientState::Ready { .. });
        FoundKey {
            state,
            source: Some(source),
            certificate: usable.then_some(certificate),
        }
    }

    /// Meets a certificate for an address: a new one is remembered, a known one merged, another
    /// one offered.
    pub(crate) async fn meet(
        &self,
        session: &Session,
        ring: &Ring,
        address: &str,
        certificate: &Certificate,
        source: KeySource,
    ) -> Result<ImportOutcome, ClientError> {
        let Some(mut contact) = session.contact(ring, address)? else {
            let contact = Contact {
                address: address.to_owned(),
                // What its owner calls himself when he is met; later letters do not change it.
                name: contacts::name_in(certificate, address).unwrap_or_default(),
                certificate: certificate.to_bytes(),
                fingerprint: certificate.fingerprint().as_hex().to_owned(),
                first_seen: self.now().0,
                first_message: None,
                offered: None,
                changed_at: 0,
                more: MoreContact {
                    source,
                    ..MoreContact::default()
                },
            };
            self.save_contact_in(session, ring, contact).await?;
            self.forget_seen(session, ring, address).await?;
            return Ok(ImportOutcome::New);
        };
        let print = certificate.fingerprint();
        if contact.fingerprint == print.as_hex() {
            let known = Certificate::parse(&contact.certificate);
            let merged = known.as_ref().ok().and_then(|k| k.merge(certificate).ok());
            let merged = merged.unwrap_or_else(|| certificate.clone());
            let outcome = match &known {
                Ok(known) => what_changed(known, &merged, self.now()),
                Err(_) => ImportOutcome::Updated,
            };
            if outcome != ImportOutcome::Unchanged {
                contact.certificate = merged.to_bytes();
                self.save_contact_in(session, ring, contact).await?;
            }
            return Ok(outcome);
        }
        // An offer that the person declined is not made again, except by their own hand.
        if contact.more.declined.contains(print.as_hex()) && source != KeySource::Imported {
            return Ok(ImportOutcome::Unchanged);
        }
        let waiting = contact.offered.as_ref();
        let merged = waiting
            .filter(|o| o.fingerprint == print.as_hex())
            .and_then(|o| Certificate::parse(&o.certificate).ok())
            .and_then(|o| o.merge(certificate).ok());
        // A weaker word does not push a stronger one aside.
        if merged.is_none()
            && waiting.is_some()
            && source == KeySource::Autocrypt
            && contact.more.offered_by != KeySource::Autocrypt
        {
            return Ok(ImportOutcome::Unchanged);
        }
        let offered = OfferedKey {
            certificate: merged.unwrap_or_else(|| certificate.clone()).to_bytes(),
            fingerprint: print.as_hex().to_owned(),
        };
        if waiting != Some(&offered) {
            contact.offered = Some(offered);
            contact.more.offered_by = source;
            self.save_contact_in(session, ring, contact).await?;
        }
        Ok(ImportOutcome::Offered)
    }

    /// Uses a key that was offered, after the person has seen both fingerprints.
    ///
    /// # Errors
    /// [`ClientError::Conflict`] when the offered key is not the one that was shown.
    pub async fn accept_key_in(
        &self,
        ring: &Ring,
        typed: &str,
        fingerprint: &str,
    ) -> Result<(), ClientError> {
        let session = self.open_session()?;
        let address = normalize_address(typed).ok_or(ClientError::NotFound)?;
        let contact = session.contact(ring, &address)?;
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
        contact.more.declined.clear();
        self.save_contact_in(&session, ring, contact).await?;
        self.try_push(&session).await
    }

    /// Keeps the remembered key: the offered one is not offered again.
    ///
    /// # Errors
    /// [`ClientError::Conflict`] when the offered key is not the one that was shown.
    pub async fn decline_key(
        &self,
        ring: &Ring,
        typed: &str,
        fingerprint: &str,
    ) -> Result<(), ClientError> {
        let session = self.open_session()?;
        let address = normalize_address(typed).ok_or(ClientError::NotFound)?;
        let contact = session.contact(ring, &address)?;
        let mut contact = contact.ok_or(ClientError::NotFound)?;
        let offered = contact.offered.take_if(|o| o.fingerprint == fingerprint);
        let offered = offered.ok_or(ClientError::Conflict)?;
        contact.more.declined.insert(offered.fingerprint);
        self.save_contact_in(&session, ring, contact).await?;
        self.try_push(&session).await
    }

    /// Forgets a contact's key.
    ///
    /// # Errors
    /// [`ClientError::NotFound`].
    pub async fn delete_contact(&self, ring: &Ring, typed: &str) -> Result<(), ClientError> {
        let session = self.open_session()?;
        let address = normalize_address(typed).ok_or(ClientError::NotFound)?;
        let contact = session.contact(ring, &address)?;
        let mut contact = contact.ok_or(ClientError::NotFound)?;
        self.forget_seen(&session, ring, &address).await?;
        match ring {
            Ring::Main => {
                contact.certificate.clear();
                contact.fingerprint.clear();
                contact.name.clear();
                contact.offered = None;
                contact.more = MoreContact {
                    forgotten: true,
                    ..MoreContact::default()
                };
                self.save_contact(&session, contact).await?;
                session.contacts.borrow_mut().remove(&address);
                session.parsed.borrow_mut().remove(&address);
                self.try_push(&session).await
            }
            Ring::Site(site) => {
                let mut record = session.site(site)?;
                record.contacts.remove(&address);
                self.save_site(&session, record).await
            }
        }
    }

    /// Keeps a contact in its ring.
    pub(crate) async fn save_contact_in(
        &self,
        session: &Session,
        ring: &Ring,
        mut contact: Contact,
    ) -> Result<(), ClientError> {
        match ring {
            Ring::Main => self.save_contact(session, contact).await,
            Ring::Site(site) => {
                let mut record = session.site(site)?;
                contact.changed_at = self.now().0.max(contact.changed_at + 1);
                record.contacts.insert(contact.address.clone(), contact);
                self.save_site(session, record).await
            }
        }
    }
}
