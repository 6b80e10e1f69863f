//! Keyrings of sites that speak the client API: each is confined to itself.
//!
//! The attacker is a page that was approved for its own mail and wants more: other people's
//! contacts, or the content of a message it got hold of, by quoting it in an editor and having it
//! sealed to a key of its own. So a site's keyring has its own contacts, and it opens and signs
//! with those private keys only that were made in it or that the person lent to it.

use std::collections::BTreeMap;

use crypto_core::{
    ids::UnixTime,
    keyring::SlotId,
    openpgp::{Certificate, GeneratedKey, Profile},
    vault::{Batch, Namespace, ObjectStore, Record},
};
use serde::{Deserialize, Serialize};

use crate::{
    account::{Contact, normalize_address},
    client::Client,
    contacts,
    error::ClientError,
    keys::own_slot,
    local,
    ports::Platform,
    session::Session,
    view::Person,
};

/// The longest name of a keyring, in bytes.
const MAX_NAME: usize = 150;
/// The longest origin, in bytes.
const MAX_ORIGIN: usize = 300;

/// Names a site's keyring.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SiteKeyring {
    /// Such as `https://mail.example.org`.
    pub origin: String,
    /// The name the page gave it; not empty.
    pub name: String,
}

/// With whose keys and contacts something is done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Ring {
    /// The person's own.
    #[default]
    Main,
    /// A site's.
    Site(SiteKeyring),
}

/// A key pair that was made and lies nowhere yet; wiped when it is dropped.
pub struct UnkeptKey {
    ring: Ring,
    made: GeneratedKey,
}

impl UnkeptKey {
    /// The certificate in ASCII armor.
    #[must_use]
    pub fn armored_certificate(&self) -> String {
        self.made.secret.certificate().to_armor()
    }
}

impl std::fmt::Debug for UnkeptKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UnkeptKey")
    }
}

/// A site's keyring as the person sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteKeyringView {
    /// Which.
    pub keyring: SiteKeyring,
    /// How many contacts it has.
    pub contacts: usize,
    /// Fingerprints of the private keys it may use.
    pub keys: Vec<String>,
}

impl SiteKeyring {
    /// What its object is called.
    pub(crate) fn id(&self) -> String {
        format!("{}\n{}", self.origin, self.name)
    }
}

/// A site's keyring, in [`Namespace::Site`]. It stays on this device: approval of a site does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SiteRecord {
    pub(crate) keyring: SiteKeyring,
    /// By address.
    pub(crate) contacts: BTreeMap<String, Contact>,
    /// Fingerprints of the private keys it may use, those made in it among them.
    pub(crate) keys: Vec<String>,
    /// Fingerprints of those made in it.
    pub(crate) made: Vec<String>,
}

impl Session {
    /// A site's keyring.
    pub(crate) fn site(&self, keyring: &SiteKeyring) -> Result<SiteRecord, ClientError> {
        let sites = self.sites.borrow();
        sites.get(keyring).cloned().ok_or(ClientError::NotFound)
    }

    /// An error when the ring is not there.
    pub(crate) fn check_ring(&self, ring: &Ring) -> Result<(), ClientError> {
        match ring {
            Ring::Main => Ok(()),
            Ring::Site(site) if self.sites.borrow().contains_key(site) => Ok(()),
            Ring::Site(_) => Err(ClientError::NotFound),
        }
    }

    /// Somebody who is remembered in a ring.
    pub(crate) fn contact(
        &self,
        ring: &Ring,
        address: &str,
    ) -> Result<Option<Contact>, ClientError> {
        match ring {
            Ring::Main => Ok(self.contacts.borrow().get(address).cloned()),
            Ring::Site(site) => {
                let sites = self.sites.borrow();
                let site = sites.get(site).ok_or(ClientError::NotFound)?;
                Ok(site.contacts.get(address).cloned())
            }
        }
    }

    /// Everybody who is remembered in a ring.
    pub(crate) fn ring_contacts(&self, ring: &Ring) -> Result<Vec<Contact>, ClientError> {
        match ring {
            Ring::Main => Ok(self.contacts.borrow().values().cloned().collect()),
            Ring::Site(site) => Ok(self.site(site)?.contacts.into_values().collect()),
        }
    }

    /// The certificates remembered in a ring.
    pub(crate) fn certificates(&self, ring: &Ring) -> Result<Vec<Certificate>, ClientError> {
        if *ring == Ring::Main {
            let addresses: Vec<String> = self.contacts.borrow().keys().cloned().collect();
            let known = addresses
                .iter()
                .filter_map(|address| contacts::known_certificate(self, address));
            return Ok(known.collect());
        }
        let contacts = self.ring_contacts(ring)?;
        let parsed = contacts
            .iter()
            .filter_map(|contact| Certificate::parse(&contact.certificate).ok());
        Ok(parsed.collect())
    }

    /// The private keys of a ring.
    pub(crate) fn slots(&self, ring: &Ring) -> Result<Vec<SlotId>, ClientError> {
        match ring {
            Ring::Main => Ok(self.keyring.borrow().slots().cloned().collect()),
            Ring::Site(site) => {
                let record = self.site(site)?;
                let keys = record.keys.iter();
                Ok(keys.filter_map(|print| own_slot(self, print)).collect())
            }
        }
    }

    /// The usable private key of a ring for an address: the one in use if it names the address,
    /// else the newest that does.
    pub(crate) fn slot_naming(&self, ring: &Ring, address: &str, now: UnixTime) -> Option<SlotId> {
        let slots = self.slots(ring).ok()?;
        let in_use = self.own_slot.borrow().clone();
        let keyring = self.keyring.borrow();
        slots
            .into_iter()
            .filter_map(|slot| {
                let certificate = keyring.certificate(&slot)?;
                let fits =
                    certificate.has_address(address) && certificate.check_encryption(now).is_ok();
                let rank = (in_use.as_ref() == Some(&slot), certificate.created());
                fits.then_some((rank, slot))
            })
            .max_by_key(|(rank, _)| *rank)
            .map(|(_, slot)| slot)
    }

    /// The certificate of [`Session::slot_naming`].
    pub(crate) fn own_certificate_for(
        &self,
        ring: &Ring,
        address: &str,
        now: UnixTime,
    ) -> Option<Certificate> {
        let slot = self.slot_naming(ring, address, now)?;
        self.keyring.borrow().certificate(&slot).cloned()
    }

    /// The key that signs mail from an address: one that names it, else the one in use, else any
    /// of the ring.
    pub(crate) fn signing_slot(&self, ring: &Ring, from: &str, now: UnixTime) -> Option<SlotId> {
        let named = normalize_address(from).and_then(|from| self.slot_naming(ring, &from, now));
        if named.is_some() {
            return named;
        }
        let slots = self.slots(ring).ok()?;
        let keyring = self.keyring.borrow();
        let usable = |slot: &SlotId| {
            keyring
                .certificate(slot)
                .is_some_and(|c| c.check_encryption(now).is_ok())
        };
        let in_use = self.own_slot.borrow().clone();
        in_use
            .filter(|slot| slots.contains(slot) && usable(slot))
            .or_else(|| slots.into_iter().find(usable))
    }
}

impl<P: Platform> Client<P> {
    /// Makes a keyring for a site.
    ///
    /// # Errors
    /// [`ClientError::Exists`]; [`ClientError::BadInput`] for a name that is empty, longer than
    /// 150 bytes or holds control characters.
    pub async fn create_site_keyring(&self, keyring: &SiteKeyring) -> Result<(), ClientError> {
        let session = self.open_session()?;
        let fits = |text: &str, max| {
            !text.is_empty() && text.len() <= max && !text.chars().any(char::is_control)
        };
        if !fits(&keyring.name, MAX_NAME) || !fits(&keyring.origin, MAX_ORIGIN) {
            return Err(ClientError::BadInput(
                "This is not a name for a keyring.".into(),
            ));
        }
        if session.sites.borrow().contains_key(keyring) {
            return Err(ClientError::Exists);
        }
        let record = SiteRecord {
            keyring: keyring.clone(),
            contacts: BTreeMap::new(),
            keys: Vec::new(),
            made: Vec::new(),
        };
        self.save_site(&session, record).await
    }

    /// True when it is there.
    ///
    /// # Errors
    /// [`ClientError::Locked`].
    pub fn has_site_keyring(&self, keyring: &SiteKeyring) -> Result<bool, ClientError> {
        Ok(self.open_session()?.sites.borrow().contains_key(keyring))
    }

    /// All of them.
    ///
    /// # Errors
    /// [`ClientError::Locked`].
    pub fn site_keyrings(&self) -> Result<Vec<SiteKeyringView>, ClientError> {
        let session = self.open_session()?;
        let sites = session.sites.borrow();
        Ok(sites
            .values()
            .map(|record| SiteKeyringView {
                keyring: record.keyring.clone(),
                contacts: record.contacts.len(),
                keys: record.keys.clone(),
            })
            .collect())
    }

    /// Forgets a site's keyring with its contacts. Private keys stay one's own.
    ///
    /// # Errors
    /// [`ClientError::NotFound`].
    pub async fn remove_site_keyring(&self, keyring: &SiteKeyring) -> Result<(), ClientError> {
        let session = self.open_session()?;
        session.site(keyring)?;
        let mut batch = Batch::default();
        local::remove_cached(&session, &mut batch, Namespace::Site, &keyring.id());
        self.platform.store().commit(batch).await?;
        session.sites.borrow_mut().remove(keyring);
        Ok(())
    }

    /// Lets a site's keyring use one of the person's keys, after the person said so.
    ///
    /// # Errors
    /// [`ClientError::NotFound`].
    pub async fn lend_key(
        &self,
        keyring: &SiteKeyring,
        fingerprint: &str,
    ) -> Result<(), ClientError> {
        let session = self.open_session()?;
        own_slot(&session, fingerprint).ok_or(ClientError::NotFound)?;
        self.lend(&session, keyring, fingerprint, false).await
    }

    pub(crate) async fn lend(
        &self,
        session: &Session,
        keyring: &SiteKeyring,
        fingerprint: &str,
        made: bool,
    ) -> Result<(), ClientError> {
        let mut record = session.site(keyring)?;
        let mut lists = vec![&mut record.keys];
        if made {
            lists.push(&mut record.made);
        }
        for list in lists {
            if !list.iter().any(|known| known == fingerprint) {
                list.push(fingerprint.to_owned());
            }
        }
        self.save_site(session, record).await
    }

    /// Takes a lent key back.
    ///
    /// # Errors
    /// [`ClientError::NotFound`].
    pub async fn take_key_back(
        &self,
        keyring: &SiteKeyring,
        fingerprint: &str,
    ) -> Result<(), ClientError> {
        let session = self.open_session()?;
        let mut record = session.site(keyring)?;
        record.keys.retain(|known| known != fingerprint);
        self.save_site(&session, record).await
    }

    /// Makes a key pair for a ring, which has it once it is kept. Dropped, it never was.
    ///
    /// # Errors
    /// [`ClientError::BadAddress`], [`ClientError::NotFound`].
    pub fn new_key_for(
        &self,
        ring: &Ring,
        people: &[Person],
        profile: Profile,
    ) -> Result<UnkeptKey, ClientError> {
        let session = self.open_session()?;
        session.check_ring(ring)?;
        let made = self.new_key(people, profile, None)?;
        Ok(UnkeptKey {
            ring: ring.clone(),
            made,
        })
    }

    /// Keeps a key pair in the ring it was made for. Answers its fingerprint.
    ///
    /// # Errors
    /// [`ClientError::NotFound`] when the ring is gone, [`ClientError::Locked`].
    pub async fn keep_new_key(&self, key: UnkeptKey) -> Result<String, ClientError> {
        let session = self.open_session()?;
        session.check_ring(&key.ring)?;
        let kept = self.keep_made(&session, key.made).await?;
        let print = kept.fingerprint().as_hex().to_owned();
        if let Ring::Site(site) = &key.ring {
            self.lend(&session, site, &print, true).await?;
        }
        Ok(print)
    }

    /// Whether a ring has a private key with this fingerprint.
    ///
    /// # Errors
    /// [`ClientError::NotFound`] for the ring.
    pub fn has_private_key(&self, ring: &Ring, fingerprint: &str) -> Result<bool, ClientError> {
        let session = self.open_session()?;
        let slots = session.slots(ring)?;
        let wanted = crypto_core::ids::Fingerprint::parse(fingerprint);
        Ok(slots
            .iter()
            .any(|slot| Some(slot.fingerprint()) == wanted.as_ref()))
    }

    /// The usable own key of a ring for an address: fingerprint and armored certificate.
    ///
    /// # Errors
    /// [`ClientError::NotFound`] for the ring.
    pub fn own_key_for(
        &self,
        ring: &Ring,
        address: &str,
    ) -> Result<Option<(String, String)>, ClientError> {
        let session = self.open_session()?;
        session.check_ring(ring)?;
        let address = normalize_address(address);
        let own = address.and_then(|a| session.own_certificate_for(ring, &a, self.now()));
        Ok(own.map(|certificate| {
            (
                certificate.fingerprint().as_hex().to_owned(),
                certificate.without_foreign().to_armor(),
            )
        }))
    }

    pub(crate) async fn save_site(
        &self,
        session: &Session,
        record: SiteRecord,
    ) -> Result<(), ClientError> {
        let mut batch = Batch::default();
        local::put_cached(
            &self.platform,
            session,
            &mut batch,
            Namespace::Site,
            &record.keyring.id(),
            &record,
        )?;
        self.platform.store().commit(batch).await?;
        let mut sites = session.sites.borrow_mut();
        sites.insert(record.keyring.clone(), record);
        Ok(())
    }
}

/// Takes the keyrings of sites; answers how many were damaged.
pub(crate) fn take_sites(session: &Session, records: &[Record]) -> usize {
    let loaded = local::open_all::<SiteRecord>(session, Namespace::Site, records);
    let sites = loaded.objects.into_iter();
    session.sites.replace(
        sites
            .map(|(_, _, record)| (record.keyring.clone(), record))
            .collect(),
    );
    loaded.damaged
}
