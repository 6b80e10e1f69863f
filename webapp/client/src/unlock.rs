//! From sealed objects on this device to an open session.

use std::rc::Rc;

use crypto_core::{
    ids::ObjectId,
    keyring::LockedKeyring,
    openpgp::{Limits, SecretCertificate},
    secret::Passphrase,
    vault::{Namespace, ObjectStore, Record},
};

use crate::{
    account::Contact,
    client::Client,
    error::ClientError,
    local, objects,
    ports::Platform,
    session::{DIRTY_PREFIX, MAILBOXES_ID, SYNC_ID, Session, SyncState},
    sites::take_sites,
    view::{MailboxView, Notice},
};

/// The sealed objects that make a session.
pub(crate) struct Stored {
    keyring: Vec<Record>,
    contacts: Vec<Record>,
    settings: Vec<Record>,
    sites: Vec<Record>,
    state: Vec<Record>,
}

impl Stored {
    /// Whether these are the objects of this very vault: collections are keyed hashes, and under
    /// another key nothing is found at all.
    pub(crate) fn is_of(&self, session: &Session) -> bool {
        let all = [
            &self.settings,
            &self.keyring,
            &self.contacts,
            &self.sites,
            &self.state,
        ];
        let opens = |record: &Record| session.vault.open_record(record).is_ok();
        all.into_iter().flatten().any(opens)
    }
}

impl<P: Platform> Client<P> {
    /// Fills the caches from the device's store; answers how many objects were damaged.
    pub(crate) async fn load_session(&self, session: &Session) -> Result<usize, ClientError> {
        let stored = self.stored(session).await?;
        Ok(self.take_stored(session, stored))
    }

    /// Reads what makes a session, all at once.
    pub(crate) async fn stored(&self, session: &Session) -> Result<Stored, ClientError> {
        let collections = [
            Namespace::Keyring,
            Namespace::Contact,
            Namespace::Settings,
            Namespace::Site,
            Namespace::State,
        ]
        .map(|namespace| session.vault.collection(namespace));
        let loaded = self.platform.store().load_all(&collections).await?;
        let mut loaded = loaded.into_iter();
        let mut next = || loaded.next().unwrap_or_default();
        Ok(Stored {
            keyring: next(),
            contacts: next(),
            settings: next(),
            sites: next(),
            state: next(),
        })
    }

    /// Fills the caches with what was read; answers how many objects were damaged.
    pub(crate) fn take_stored(&self, session: &Session, stored: Stored) -> usize {
        let mut damaged = take_keys(session, stored.keyring);
        let contacts = local::open_all::<Contact>(session, Namespace::Contact, &stored.contacts);
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
        let settings = local::open_all(session, Namespace::Settings, &stored.settings);
        damaged += settings.damaged;
        for (id, revision, value) in settings.objects {
            session
                .revisions
                .borrow_mut()
                .insert((Namespace::Settings, id), revision);
            session.settings.replace(value);
        }
        session.choose_slot();
        damaged += take_sites(session, &stored.sites);
        damaged += take_state(session, &stored.state);
        damaged += self.platform.store().take_damaged();
        if damaged > 0 {
            // Whatever was lost is fetched again: forget how far we had come.
            session.sync.replace(SyncState::default());
        }
        damaged
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

    /// Takes the private keys of the store into the keyring; answers how many are damaged.
    pub(crate) async fn load_keys(&self, session: &Session) -> Result<usize, ClientError> {
        let records = self
            .platform
            .store()
            .load(&session.vault.collection(Namespace::Keyring))
            .await?;
        Ok(take_keys(session, records))
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

fn take_keys(session: &Session, records: Vec<Record>) -> usize {
    let all = records.len();
    let Ok(keyring) = LockedKeyring::new(records).unlock(&session.vault) else {
        return all;
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
    damaged
}

fn take_state(session: &Session, records: &[Record]) -> usize {
    let mut damaged = 0;
    let (mut sync, mut mailboxes) = (None, None);
    for record in records {
        let Ok(opened) = session.vault.open_record(record) else {
            damaged += 1;
            continue;
        };
        match opened.id.0.as_str() {
            SYNC_ID => sync = postcard::from_bytes::<SyncState>(&opened.plaintext).ok(),
            MAILBOXES_ID => {
                mailboxes = postcard::from_bytes::<Vec<MailboxView>>(&opened.plaintext).ok();
            }
            id if id.starts_with(DIRTY_PREFIX) => {
                if let Ok(note) = postcard::from_bytes(&opened.plaintext) {
                    session.dirty.borrow_mut().insert(id.to_owned(), note);
                }
            }
            _ => {}
        }
    }
    session.sync.replace(sync.unwrap_or_default());
    session.mailboxes.replace(mailboxes.unwrap_or_default());
    damaged
}
