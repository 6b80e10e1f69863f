//! From sealed objects on this device to an open session.

use std::rc::Rc;

use crypto_core::{
    ids::ObjectId,
    keyring::LockedKeyring,
    openpgp::{Limits, SecretCertificate},
    secret::Passphrase,
    vault::{Namespace, ObjectStore},
};

use crate::{
    account::Contact,
    client::Client,
    error::ClientError,
    local, objects,
    ports::Platform,
    session::{DIRTY_PREFIX, MAILBOXES_ID, SYNC_ID, Session, SyncState},
    view::{MailboxView, Notice},
};

impl<P: Platform> Client<P> {
    /// Fills the caches from the device's store; answers how many objects were damaged.
    pub(crate) async fn load_session(&self, session: &Session) -> Result<usize, ClientError> {
        let mut damaged = self.load_keys(session).await?;
        let contacts = local::load::<Contact>(&self.platform, session, Namespace::Contact).await?;
        damaged += contacts.damaged;
        for (id, revision, contact) in contacts.objects {
            session
                .revisions
                .borrow_mut()
                .insert((Namespace::Contact, id.clone()), revision);
            let mut known = session.contacts.borrow_mut();
            if contact.more.forgotten {
                known.remove(&id.0);
            } else {
                known.insert(id.0, contact);
            }
        }
        let settings = local::load(&self.platform, session, Namespace::Settings).await?;
        damaged += settings.damaged;
        for (id, revision, value) in settings.objects {
            session
                .revisions
                .borrow_mut()
                .insert((Namespace::Settings, id), revision);
            session.settings.replace(value);
        }
        session.choose_slot();
        damaged += self.load_sites(session).await?;
        damaged += self.load_state(session).await?;
        damaged += self.platform.store().take_damaged();
        if damaged > 0 {
            // Whatever was lost is fetched again: forget how far we had come.
            session.sync.replace(SyncState::default());
        }
        Ok(damaged)
    }

    /// Reads the lines of the message list from the device's store, once a session. It is a step
    /// of its own because they are many, and a background that only opens letters in other
    /// people's pages needs none. Answers how many were damaged.
    pub(crate) async fn load_lines(&self, session: &Session) -> Result<usize, ClientError> {
        if session.lines_loaded.replace(true) {
            return Ok(0);
        }
        let lines = local::load(&self.platform, session, Namespace::Summary).await?;
        session
            .summaries
            .borrow_mut()
            .extend(lines.objects.into_iter().map(|(id, _, s)| (id.0, s)));
        let damaged = lines.damaged + self.platform.store().take_damaged();
        if damaged > 0 {
            session.sync.replace(SyncState::default());
        }
        Ok(damaged)
    }

    /// Makes an account that was opened for its keys ready for its mail. See
    /// [`Client::unlock_stretched`] and [`Client::resume`].
    ///
    /// # Errors
    /// [`ClientError::Locked`], store errors.
    pub async fn open_mail(&self) -> Result<Vec<Notice>, ClientError> {
        let session = self.open_session()?;
        let objects = self.load_lines(&session).await?;
        Ok(if objects > 0 {
            vec![Notice::StorageDamaged { objects }]
        } else {
            Vec::new()
        })
    }

    async fn load_state(&self, session: &Session) -> Result<usize, ClientError> {
        let sync: Option<SyncState> =
            local::get(&self.platform, session, Namespace::State, SYNC_ID).await?;
        session.sync.replace(sync.unwrap_or_default());
        let mailboxes: Option<Vec<MailboxView>> =
            local::get(&self.platform, session, Namespace::State, MAILBOXES_ID).await?;
        session.mailboxes.replace(mailboxes.unwrap_or_default());
        let mut damaged = 0;
        let records = self
            .platform
            .store()
            .load(&session.vault.collection(Namespace::State))
            .await?;
        for record in &records {
            match session.vault.open_record(record) {
                Ok(opened) => {
                    if opened.id.0.starts_with(DIRTY_PREFIX)
                        && let Ok(note) = postcard::from_bytes(&opened.plaintext)
                    {
                        session.dirty.borrow_mut().insert(opened.id.0.clone(), note);
                    }
                }
                Err(_) => damaged += 1,
            }
        }
        Ok(damaged)
    }

    /// Takes the private keys of the store into the keyring; answers how many are damaged.
    pub(crate) async fn load_keys(&self, session: &Session) -> Result<usize, ClientError> {
        let records = self
            .platform
            .store()
            .load(&session.vault.collection(Namespace::Keyring))
            .await?;
        let all = records.len();
        let Ok(keyring) = LockedKeyring::new(records).unlock(&session.vault) else {
            return Ok(all);
        };
        for slot in keyring.slots() {
            if let Some(record) = keyring.record(slot) {
                session
                    .revisions
                    .borrow_mut()
                    .insert((Namespace::Keyring, slot.object_id()), record.revision);
            }
        }
        let damaged = keyring.damaged();
        session.keyring.replace(Rc::new(keyring));
        session.choose_slot();
        Ok(damaged)
    }

    /// Keeps an imported private key, sealed, and makes it known to other devices.
    ///
    /// # Errors
    /// [`ClientError::BadInput`] with one sentence when the file is no private key or its
    /// passphrase is wrong or missing.
    pub async fn import_key(
        &self,
        file: &[u8],
        passphrase: Option<&Passphrase>,
    ) -> Result<String, ClientError> {
        let session = self.open_session()?;
        let mut secret = SecretCertificate::parse(file)
            .map_err(|e| ClientError::BadInput(format!("This is not a private key: {e}.")))?;
        if secret.is_locked() {
            let passphrase = passphrase.ok_or_else(|| {
                ClientError::BadInput(
                    "This key is locked. Type the passphrase it was exported with.".into(),
                )
            })?;
            secret = secret.unlock(passphrase, &Limits::default()).map_err(|e| {
                ClientError::BadInput(format!("The key could not be unlocked: {e}."))
            })?;
        }
        let fingerprint = secret.fingerprint();
        objects::write(
            &self.platform,
            &session,
            Namespace::Keyring,
            ObjectId(fingerprint.as_hex().to_owned()),
            &secret.to_bytes(),
        )
        .await?;
        self.load_keys(&session).await?;
        match objects::push(&self.platform, &session).await {
            Ok(_) | Err(ClientError::Offline | ClientError::NoServer) => {
                Ok(fingerprint.as_hex().to_owned())
            }
            Err(other) => Err(other),
        }
    }
}
