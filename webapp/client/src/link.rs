//! A local account meets a server, and leaves it: nothing that lies on the device is lost.
//!
//! As with everything for accounts that live in a background, passphrases come stretched.

use crypto_core::{
    ids::{ObjectId, Revision},
    kdf::StretchedKey,
    openpgp::{Certificate, Profile, UserId, generate},
    vault::{Batch, Namespace, ObjectStore, Record},
};
use wire::{
    auth::{RegisterRequest, RegisterResponse},
    objects::SealedObject,
    routes,
};

use crate::{
    account::{Contact, OfferedKey, SETTINGS_ID, normalize_address},
    client::{Client, Progress},
    error::ClientError,
    http, jmap, local,
    local_account::{StretchedPassphrase, UnlockParameters, unwrap},
    login, objects,
    ports::{Entropy, Platform},
    session::{DIRTY_PREFIX, MAILBOXES_ID, SYNC_ID, Session, SyncState},
    view::Step,
};

/// What is brought over as it is; everything else is a cache or merged.
const AS_IT_IS: [Namespace; 2] = [Namespace::Draft, Namespace::Seen];

/// What an account on a server needs beyond what the local one has.
#[derive(Clone, Copy, Debug)]
pub struct NewServerAccount<'a> {
    /// The whole address.
    pub address: &'a str,
    /// Publish the certificate to everybody.
    pub publish: bool,
    /// What kind of key to make, if no key of the person names the address.
    pub profile: Profile,
}

/// A log-in that has begun: the server said by what the passphrase is to be stretched, and has
/// proved nothing yet.
pub struct LogIn {
    address: String,
    challenge: login::Challenge,
}

impl LogIn {
    /// By what to stretch the passphrase, within our own bounds.
    #[must_use]
    pub fn parameters(&self) -> UnlockParameters {
        UnlockParameters {
            salt: self.challenge.salt,
            kdf: self.challenge.kdf,
        }
    }
}

impl<P: Platform> Client<P> {
    /// Makes an account on the server out of the unlocked local one: same keys, same vault, same
    /// passphrase, and everything that synchronises goes there. If no key of the person names the
    /// new address, one is made for it; the others stay.
    ///
    /// # Errors
    /// As [`Client::sign_up`]; [`ClientError::WrongPassphrase`] when `present` is not the present
    /// passphrase; [`ClientError::Exists`] when the account is on a server already.
    pub async fn link_by_sign_up(
        &self,
        new: NewServerAccount<'_>,
        present: StretchedPassphrase,
        progress: Progress<'_>,
    ) -> Result<(), ClientError> {
        let session = self.open_session()?;
        if !session.is_local() {
            return Err(ClientError::Exists);
        }
        let address = normalize_address(new.address).ok_or(ClientError::BadAddress)?;
        unwrap(&session.header.borrow(), &present.key)?;
        let certificate = self
            .key_naming(&session, &address, new.profile, progress)
            .await?;
        progress(Step::Registering);
        let request = RegisterRequest {
            address: address.clone(),
            credentials: self.credentials(
                &address,
                &present.parameters,
                &present.key,
                &session.vault_key,
            ),
            certificate: certificate.without_foreign().to_bytes().into(),
            publish: new.publish,
            initial_objects: self.initial_objects(&session, &certificate).await?,
        };
        let _: RegisterResponse =
            http::post_json(self.platform.transport(), routes::REGISTER, None, &request).await?;
        progress(Step::LoggingIn);
        self.enter(&address, &present.key, None, None, progress)
            .await?;
        let session = self.open_session()?;
        self.try_push(&session).await
    }

    /// Asks the server by what an account's passphrase is stretched.
    ///
    /// # Errors
    /// [`ClientError::LoginFailed`] for what is no address; [`ClientError::ServerNotTrusted`] for
    /// a cost outside our bounds; [`ClientError::Offline`], [`ClientError::TooManyRequests`].
    pub async fn begin_log_in(&self, address: &str) -> Result<LogIn, ClientError> {
        let address = normalize_address(address).ok_or(ClientError::LoginFailed)?;
        let challenge = login::start(&self.platform, &address).await?;
        Ok(LogIn { address, challenge })
    }

    /// Enters an account of the server on a device with an unlocked local one, and brings the
    /// local keys, contacts, drafts and sites into it: nothing is lost. Of two keys for one
    /// contact the account's stays in use and the device's is offered. The passphrase of the
    /// server's account opens this device from then on.
    ///
    /// # Errors
    /// As [`Client::log_in`]; [`ClientError::Exists`] when the account is on a server already.
    /// With an error the local account is as it was.
    pub async fn link_by_log_in(
        &self,
        begun: LogIn,
        key: &StretchedKey,
        progress: Progress<'_>,
    ) -> Result<(), ClientError> {
        let session = self.open_session()?;
        if !session.is_local() {
            return Err(ClientError::Exists);
        }
        let bring = Some(&*session);
        self.enter(&begun.address, key, Some(begun.challenge), bring, progress)
            .await?;
        let session = self.open_session()?;
        self.try_push(&session).await
    }

    /// Enters an account of the server on a device with none.
    ///
    /// # Errors
    /// As [`Client::log_in`]; [`ClientError::Exists`] when any account is here.
    pub async fn enter_from_server(
        &self,
        begun: LogIn,
        key: &StretchedKey,
        progress: Progress<'_>,
    ) -> Result<(), ClientError> {
        if self.header().await?.is_some() {
            return Err(ClientError::Exists);
        }
        self.enter(&begun.address, key, Some(begun.challenge), None, progress)
            .await
    }

    /// Enters the account of this device again, after its passphrase was changed elsewhere.
    ///
    /// # Errors
    /// As [`Client::log_in`]; [`ClientError::Exists`] when another account is here.
    pub async fn enter_again(
        &self,
        begun: LogIn,
        key: &StretchedKey,
        progress: Progress<'_>,
    ) -> Result<(), ClientError> {
        let session = self.open_session()?;
        if session.header.borrow().address != begun.address {
            return Err(ClientError::Exists);
        }
        self.enter(&begun.address, key, Some(begun.challenge), None, progress)
            .await?;
        let session = self.open_session()?;
        self.try_push(&session).await
    }

    /// Leaves the server: the account goes on without one, with all keys, contacts, drafts and
    /// settings. Mail that was kept here for reading is removed. On the server nothing changes,
    /// so that another device, or this one later, can enter the account again.
    ///
    /// # Errors
    /// [`ClientError::NoServer`]; [`ClientError::BadInput`] while letters wait to be sent; store
    /// errors.
    pub async fn unlink(&self) -> Result<(), ClientError> {
        let session = self.open_session()?;
        if session.is_local() {
            return Err(ClientError::NoServer);
        }
        if self.outbox_len().await? > 0 {
            return Err(ClientError::BadInput(
                "Letters wait to be sent. Let them go out first.".into(),
            ));
        }
        // The account's key stays the one in use: the device goes on under the account's address.
        let own = session.own_slot.borrow().clone();
        if let Some(own) = own {
            let mut settings = session.settings.borrow().clone();
            settings.more.in_use = own.fingerprint().as_hex().to_owned();
            self.save_settings(&session, settings).await?;
        }
        // To a server that is met later, everything is new.
        for namespace in objects::SYNCHRONISED {
            for record in self.records_of(&session, namespace).await? {
                let Ok(opened) = session.vault.open_record(&record) else {
                    continue;
                };
                let note = format!("{DIRTY_PREFIX}{}", objects::wire_id(&record.name));
                session.dirty.borrow_mut().remove(&note);
                let key = (namespace, opened.id.clone());
                session.revisions.borrow_mut().remove(&key);
                let text = &opened.plaintext;
                objects::write(&self.platform, &session, namespace, opened.id, text).await?;
            }
        }
        let mut batch = Batch::default();
        for namespace in [Namespace::Summary, Namespace::Message] {
            let records = self.records_of(&session, namespace).await?;
            batch.delete.extend(records.into_iter().map(|r| r.name));
        }
        for id in [SYNC_ID, MAILBOXES_ID] {
            local::remove_cached(&session, &mut batch, Namespace::State, id);
        }
        self.platform.store().commit(batch).await?;
        let mut header = session.header.borrow().clone();
        header.account_id.clear();
        header.credentials_revision = 0;
        self.platform
            .store()
            .set_header(&header.to_bytes()?)
            .await?;
        let token = jmap::current_token(&session);
        session.header.replace(header);
        session.token.replace(None);
        session.sync.replace(SyncState::default());
        session.summaries.borrow_mut().clear();
        session.mailboxes.borrow_mut().clear();
        if let Some(token) = token {
            // It ends by itself where the server cannot be told.
            let _unreachable = self.end_token(&token).await;
        }
        Ok(())
    }

    /// A usable own certificate that names the address, made if there is none.
    async fn key_naming(
        &self,
        session: &Session,
        address: &str,
        profile: Profile,
        progress: Progress<'_>,
    ) -> Result<Certificate, ClientError> {
        let now = self.now();
        let found = {
            let keyring = session.keyring.borrow();
            let mut fitting = keyring
                .slots()
                .filter_map(|slot| keyring.certificate(slot))
                .filter(|c| c.has_address(address) && c.check_encryption(now).is_ok());
            fitting.next().cloned()
        };
        if let Some(found) = found {
            return Ok(found);
        }
        progress(Step::MakingKeys);
        let mut rng = self.platform.entropy().rng();
        let id = UserId::new("", address);
        let made = generate(profile, &[id], now, &mut rng)
            .map_err(|e| ClientError::Internal(e.to_string()))?;
        let print = made.secret.fingerprint().as_hex().to_owned();
        self.keep_key(session, &print, &made.secret.to_bytes())
            .await?;
        let mut settings = session.settings.borrow().clone();
        settings.revocations.insert(print, made.revocation);
        self.save_settings(session, settings).await?;
        self.load_keys(session).await?;
        Ok(made.secret.certificate())
    }

    /// The private key and the settings as they travel with a registration: an account without
    /// its key must never come into being.
    async fn initial_objects(
        &self,
        session: &Session,
        certificate: &Certificate,
    ) -> Result<Vec<SealedObject>, ClientError> {
        let key = certificate.fingerprint().as_hex().to_owned();
        let mut sealed = Vec::new();
        for (namespace, id) in [
            (Namespace::Keyring, key.as_str()),
            (Namespace::Settings, SETTINGS_ID),
        ] {
            let id = ObjectId(id.to_owned());
            let name = session.vault.record_name(namespace, &id);
            let stored = self.platform.store().get(&[name]).await?;
            let record = stored.into_iter().flatten().next();
            let record = record.ok_or(ClientError::Damaged)?;
            let plaintext = session
                .vault
                .open_record(&record)
                .map_err(|_| ClientError::Damaged)?
                .plaintext;
            let record = local::seal(
                &self.platform,
                session,
                namespace,
                &id,
                Revision::FIRST,
                &plaintext,
            )?;
            sealed.push(SealedObject {
                id: objects::wire_id(&record.name),
                revision: record.revision.0,
                data: record.bytes.into(),
            });
        }
        Ok(sealed)
    }

    /// Writes what the local account holds into the server's account, sealed by its vault.
    pub(crate) async fn bring_over(&self, from: &Session, to: &Session) -> Result<(), ClientError> {
        self.bring_keys(from, to).await?;
        let contacts: Vec<Contact> = from.contacts.borrow().values().cloned().collect();
        for contact in contacts {
            let known = to.contacts.borrow().get(&contact.address).cloned();
            let merged = match known {
                None => contact,
                Some(known) => united(known, contact),
            };
            self.save_contact(to, merged).await?;
        }
        let mut settings = to.settings.borrow().clone();
        {
            let ours = from.settings.borrow();
            if settings.display_name.is_empty() {
                settings.display_name = ours.display_name.clone();
            }
            for (print, revocation) in &ours.revocations {
                settings
                    .revocations
                    .entry(print.clone())
                    .or_insert_with(|| revocation.clone());
            }
            settings
                .more
                .backed_up
                .extend(ours.more.backed_up.iter().cloned());
            if settings.more.in_use.is_empty() {
                settings.more.in_use = ours.more.in_use.clone();
            }
        }
        self.save_settings(to, settings).await?;
        let sites: Vec<_> = from.sites.borrow().values().cloned().collect();
        for record in sites {
            self.save_site(to, record).await?;
        }
        for namespace in AS_IT_IS {
            for record in self.records_of(from, namespace).await? {
                let Ok(opened) = from.vault.open_record(&record) else {
                    continue;
                };
                let sealed = local::seal(
                    &self.platform,
                    to,
                    namespace,
                    &opened.id,
                    Revision::FIRST,
                    &opened.plaintext,
                )?;
                let mut batch = Batch::default();
                batch.put.push(crypto_core::vault::Put {
                    record: sealed,
                    replaces: crypto_core::vault::Replaces::Anything,
                });
                self.platform.store().commit(batch).await?;
            }
        }
        self.bring_values(from, to).await
    }

    async fn bring_keys(&self, from: &Session, to: &Session) -> Result<(), ClientError> {
        for record in self.records_of(from, Namespace::Keyring).await? {
            let Ok(opened) = from.vault.open_record(&record) else {
                continue;
            };
            let known = to
                .keyring
                .borrow()
                .slots()
                .any(|slot| slot.object_id() == opened.id);
            if !known {
                self.keep_key(to, &opened.id.0, &opened.plaintext).await?;
            }
        }
        self.load_keys(to).await.map(drop)
    }

    /// Removes the records of an account whose content lies elsewhere now.
    pub(crate) async fn remove_objects_of(&self, session: &Session) -> Result<(), ClientError> {
        let mut batch = Batch::default();
        for namespace in Namespace::ALL {
            let records = self.records_of(session, namespace).await?;
            batch.delete.extend(records.into_iter().map(|r| r.name));
        }
        self.platform.store().commit(batch).await?;
        Ok(())
    }

    pub(crate) async fn records_of(
        &self,
        session: &Session,
        namespace: Namespace,
    ) -> Result<Vec<Record>, ClientError> {
        let collection = session.vault.collection(namespace);
        Ok(self.platform.store().load(&collection).await?)
    }
}

/// Two notes about one person: the first one's key stays in use.
fn united(mut known: Contact, other: Contact) -> Contact {
    if known.name.is_empty() {
        known.name = other.name;
    }
    if known.fingerprint == other.fingerprint {
        let both = Certificate::parse(&known.certificate)
            .ok()
            .zip(Certificate::parse(&other.certificate).ok())
            .and_then(|(a, b)| a.merge(&b).ok());
        if let Some(merged) = both {
            known.certificate = merged.to_bytes();
        }
        known.first_seen = known.first_seen.min(other.first_seen);
    } else if known.offered.is_none() {
        known.offered = Some(OfferedKey {
            certificate: other.certificate,
            fingerprint: other.fingerprint,
        });
        known.more.offered_by = other.more.source;
    }
    known.more.declined.extend(other.more.declined);
    known
}
