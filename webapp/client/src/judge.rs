//! Who signed what was found in a page, and whether it is the sender the page shows.

use crypto_core::openpgp::{Certificate, SignatureVerdict};

use crate::{
    account::normalize_address,
    client::Client,
    contacts,
    error::ClientError,
    found::FoundMessage,
    keys::addresses,
    people::KeySource,
    ports::Platform,
    session::Session,
    sites::Ring,
    view::{Person, SignatureState, Trust},
};

/// Certificates that may have signed.
pub(crate) struct Candidates {
    /// Of others: remembered, offered, seen or listed.
    pub(crate) all: Vec<Certificate>,
    /// One's own, of the ring.
    own: Vec<Certificate>,
    /// Met here for the first time, and for which address: remembered once they prove themselves.
    new: Vec<(String, Certificate, KeySource)>,
}

impl Candidates {
    /// All of them.
    pub(crate) fn with_own(&self) -> impl Iterator<Item = &Certificate> {
        self.all.iter().chain(&self.own)
    }
}

/// A signature, judged.
pub(crate) struct Judged {
    pub(crate) state: SignatureState,
    /// The signer's key is the one known for the address in the protected From.
    pub(crate) vouches_for_inner: bool,
}

impl Judged {
    pub(crate) fn is_good(&self) -> bool {
        matches!(self.state, SignatureState::Good { .. })
    }
}

impl<P: Platform> Client<P> {
    /// The certificates of the address a page shows.
    pub(crate) async fn candidates(
        &self,
        session: &Session,
        ring: &Ring,
        sender: &str,
    ) -> Result<Candidates, ClientError> {
        let own = {
            let slots = session.slots(ring)?;
            let keyring = session.keyring.borrow();
            slots
                .iter()
                .filter_map(|slot| keyring.certificate(slot).cloned())
                .collect()
        };
        let mut candidates = Candidates {
            all: Vec::new(),
            own,
            new: Vec::new(),
        };
        if let Some(address) = normalize_address(sender) {
            self.add_known(session, ring, &mut candidates, &address)
                .await?;
        }
        Ok(candidates)
    }

    async fn add_known(
        &self,
        session: &Session,
        ring: &Ring,
        candidates: &mut Candidates,
        address: &str,
    ) -> Result<(), ClientError> {
        if let Some(contact) = session.contact(ring, address)? {
            let known = match ring {
                // Parsed once a session: it verifies every binding signature.
                Ring::Main => contacts::known_certificate(session, address),
                Ring::Site(_) => Certificate::parse(&contact.certificate).ok(),
            };
            let offered = contact.offered.as_ref();
            let offered = offered.and_then(|o| Certificate::parse(&o.certificate).ok());
            candidates.all.extend(known.into_iter().chain(offered));
        } else if let Some((seen, certificate)) = self.seen_key(session, ring, address).await? {
            candidates.all.push(certificate.clone());
            let new = (address.to_owned(), certificate, seen.source);
            candidates.new.push(new);
        }
        Ok(())
    }

    /// When nobody of those made it: everybody who is remembered, whoever the message itself
    /// names, and the server's directory.
    pub(crate) async fn widen(
        &self,
        session: &Session,
        ring: &Ring,
        candidates: &mut Candidates,
        sender: &str,
        inner: &[String],
    ) -> Result<(), ClientError> {
        candidates.all.extend(session.certificates(ring)?);
        let named = inner.iter().map(String::as_str).chain([sender]);
        let mut unknown: Vec<String> = Vec::new();
        for address in named.filter_map(normalize_address).take(4) {
            self.add_known(session, ring, candidates, &address).await?;
            if session.contact(ring, &address)?.is_none() && !unknown.contains(&address) {
                unknown.push(address);
            }
        }
        if !unknown.is_empty()
            && let Ok(listed) = self.directory(session, &unknown).await
        {
            for (address, certificate) in listed {
                if let Some(certificate) = certificate {
                    candidates.all.push(certificate.clone());
                    let new = (address, certificate, KeySource::Directory);
                    candidates.new.push(new);
                }
            }
        }
        Ok(())
    }

    /// Says who signed, and remembers a key that proved itself for the sender's address.
    ///
    /// A key counts for an address only when it is remembered, offered or listed for that very
    /// address: that its own user id claims the address is not enough.
    pub(crate) async fn judge_found(
        &self,
        session: &Session,
        ring: &Ring,
        found: &FoundMessage<'_>,
        inner: Option<&Person>,
        verdict: SignatureVerdict,
        candidates: &Candidates,
    ) -> Result<Judged, ClientError> {
        let plain = |state| Judged {
            state,
            vouches_for_inner: false,
        };
        let (signer, at) = match verdict {
            SignatureVerdict::Unsigned => return Ok(plain(SignatureState::Unsigned)),
            SignatureVerdict::UnknownSigner { issuer } => {
                return Ok(plain(SignatureState::UnknownSigner { issuer }));
            }
            SignatureVerdict::Bad(why) => {
                return Ok(plain(SignatureState::Bad {
                    reason: why.to_string(),
                }));
            }
            SignatureVerdict::Good { signer, at } => (signer.as_hex().to_owned(), at.0),
        };
        let certificate = candidates
            .with_own()
            .find(|c| c.fingerprint().as_hex() == signer);
        let inner_address = inner.and_then(|person| normalize_address(&person.address));
        let shown = normalize_address(&found.sender.address);
        let claimed = shown.or_else(|| inner_address.clone());
        let Some(certificate) = certificate else {
            return Ok(plain(SignatureState::UnknownSigner { issuer: signer }));
        };
        let Some(address) = claimed else {
            // Nobody claims to have sent it, as with a file: the key speaks for its owner.
            let who = owner(session, ring, certificate)?;
            let trust = self.trust_of(session, ring, &who.address, certificate)?;
            return Ok(plain(SignatureState::Good {
                signer: who,
                fingerprint: signer,
                at,
                trust,
            }));
        };
        let is_own = candidates
            .own
            .iter()
            .any(|c| c.fingerprint().as_hex() == signer && c.has_address(&address));
        let new = candidates
            .new
            .iter()
            .find(|(a, c, _)| *a == address && c.fingerprint().as_hex() == signer);
        if let Some((_, certificate, source)) = new
            && !is_own
            && session.contact(ring, &address)?.is_none()
        {
            self.meet(session, ring, &address, certificate, *source)
                .await?;
            self.note_first(session, ring, &address, found.message_id)
                .await?;
        }
        let contact = session.contact(ring, &address)?;
        let trust = match &contact {
            _ if is_own => Some(Trust::Own),
            Some(c) if c.fingerprint == signer => {
                let first = c.first_message.as_deref();
                let is_first = first.is_some() && first == Some(found.message_id);
                Some(if is_first { Trust::New } else { Trust::Known })
            }
            Some(c) if c.offered.as_ref().is_some_and(|o| o.fingerprint == signer) => {
                Some(Trust::Changed)
            }
            _ => None,
        };
        let Some(trust) = trust else {
            return Ok(plain(SignatureState::OtherSigner {
                signer: owner(session, ring, certificate)?,
                fingerprint: signer,
            }));
        };
        let vouches_for_inner = inner_address.as_ref() == Some(&address);
        let own_word = inner.filter(|_| vouches_for_inner).map(|p| p.name.clone());
        if let (Some(name), Some(contact)) = (&own_word, &contact)
            && contact.name.is_empty()
            && !name.is_empty()
            && trust != Trust::Changed
        {
            let mut named = contact.clone();
            named.name.clone_from(name);
            self.save_contact_in(session, ring, named).await?;
        }
        // The remembered name first: what a letter says of its writer changes at the writer's will.
        let name = contact
            .map(|contact| contact.name)
            .filter(|name| !name.is_empty())
            .or_else(|| own_word.filter(|name| !name.is_empty()))
            .or_else(|| contacts::name_in(certificate, &address));
        let name = match name {
            Some(name) if !is_own && is_anothers(session, ring, &name, &address)? => None,
            name => name,
        };
        Ok(Judged {
            state: SignatureState::Good {
                signer: Person {
                    name: name.unwrap_or_default(),
                    address,
                },
                fingerprint: signer,
                at,
                trust,
            },
            vouches_for_inner,
        })
    }

    /// Which message brought a contact.
    async fn note_first(
        &self,
        session: &Session,
        ring: &Ring,
        address: &str,
        message: &str,
    ) -> Result<(), ClientError> {
        if message.is_empty() {
            return Ok(());
        }
        if let Some(mut contact) = session.contact(ring, address)? {
            contact.first_message = Some(message.to_owned());
            self.save_contact_in(session, ring, contact).await?;
        }
        Ok(())
    }

    fn trust_of(
        &self,
        session: &Session,
        ring: &Ring,
        address: &str,
        certificate: &Certificate,
    ) -> Result<Trust, ClientError> {
        let print = certificate.fingerprint();
        let is_own = session
            .slots(ring)?
            .iter()
            .any(|slot| *slot.fingerprint() == print);
        if is_own {
            return Ok(Trust::Own);
        }
        Ok(match session.contact(ring, address)? {
            Some(contact) if contact.fingerprint == print.as_hex() => Trust::Known,
            Some(_) => Trust::Changed,
            None => Trust::New,
        })
    }
}

/// Whether somebody else who is remembered goes by this name: then it tells nobody apart, and the
/// address has to.
fn is_anothers(
    session: &Session,
    ring: &Ring,
    name: &str,
    address: &str,
) -> Result<bool, ClientError> {
    let plain = |name: &str| name.trim().to_lowercase();
    let name = plain(name);
    if name.is_empty() {
        return Ok(false);
    }
    let contacts = session.ring_contacts(ring)?;
    let mut others = contacts.iter().filter(|other| other.address != address);
    Ok(others.any(|other| plain(&other.name) == name))
}

/// Whose key it is: the contact it is remembered for, else whom it names first.
fn owner(session: &Session, ring: &Ring, certificate: &Certificate) -> Result<Person, ClientError> {
    let print = certificate.fingerprint();
    let remembered = session
        .ring_contacts(ring)?
        .into_iter()
        .find(|contact| contact.fingerprint == print.as_hex());
    let (name, address) = match remembered {
        Some(contact) => (contact.name, contact.address),
        None => {
            let first = addresses(certificate).into_iter().next();
            (String::new(), first.unwrap_or_default())
        }
    };
    let name = match name.is_empty() {
        true => contacts::name_in(certificate, &address).unwrap_or_default(),
        false => name,
    };
    let name = match is_anothers(session, ring, &name, &address)? {
        true => String::new(),
        false => name,
    };
    Ok(Person { name, address })
}
