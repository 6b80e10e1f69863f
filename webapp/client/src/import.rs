//! Taking keys in: what other programs export, what came with mail, what a page hands over.
//!
//! Importing merges only: no revocation and no subkey is lost, and nothing is replaced silently.

use crypto_core::{
    keyring::{Keyring, SlotId},
    openpgp::{Certificate, SecretCertificate, UserId},
    secret::Passphrase,
};
use zeroize::Zeroizing;

use crate::{
    account::normalize_address,
    client::Client,
    error::ClientError,
    found::OpenedLetter,
    keyfile::KeyFile,
    keys::{ImportOutcome, Imported, KeyPreview, addresses, own_slot, problem_of, what_changed},
    people::KeySource,
    ports::Platform,
    session::Session,
    sites::Ring,
};

/// Addresses one certificate may be taken in for.
const MAX_ADDRESSES: usize = 20;
/// User ids of one certificate that are shown.
const SHOWN_USER_IDS: usize = 50;

/// A private key as the vault takes it.
type KeyBytes = Zeroizing<Vec<u8>>;

impl<P: Platform> Client<P> {
    /// What a file holds, without taking anything in: armored blocks of either kind, several in a
    /// row, or binary.
    ///
    /// # Errors
    /// [`ClientError::WrongKind`] when there is no key in it; [`ClientError::TooLarge`].
    pub fn preview_key_file(
        &self,
        ring: &Ring,
        file: &[u8],
    ) -> Result<Vec<KeyPreview>, ClientError> {
        let session = self.open_session()?;
        self.previews(Some(&session), ring, file)
    }

    /// The same before there is an account, for keys that will be its first: nothing is known yet.
    ///
    /// # Errors
    /// Those of [`Self::preview_key_file`].
    pub fn preview_first_keys(&self, file: &[u8]) -> Result<Vec<KeyPreview>, ClientError> {
        self.previews(None, &Ring::Main, file)
    }

    fn previews(
        &self,
        session: Option<&Session>,
        ring: &Ring,
        file: &[u8],
    ) -> Result<Vec<KeyPreview>, ClientError> {
        let file = KeyFile::parse(file)?;
        let mut previews = Vec::new();
        for key in &file.private {
            let mut preview = self.preview_with(session, ring, &key.certificate())?;
            preview.private = true;
            preview.locked = key.is_locked();
            preview.replaces = None;
            previews.push(preview);
        }
        for certificate in &file.public {
            let preview = self.preview_with(session, ring, certificate)?;
            // Exports have both parts of a key pair; the private one says it all.
            if !previews
                .iter()
                .any(|p| p.private && p.fingerprint == preview.fingerprint)
            {
                previews.push(preview);
            }
        }
        if previews.is_empty() && file.other.is_empty() {
            return Err(ClientError::WrongKind("there is no key in it"));
        }
        Ok(previews)
    }

    /// What a certificate says about itself, and what is known about it.
    pub(crate) fn preview(
        &self,
        session: &Session,
        ring: &Ring,
        certificate: &Certificate,
    ) -> Result<KeyPreview, ClientError> {
        self.preview_with(Some(session), ring, certificate)
    }

    fn preview_with(
        &self,
        session: Option<&Session>,
        ring: &Ring,
        certificate: &Certificate,
    ) -> Result<KeyPreview, ClientError> {
        let now = self.now();
        let fingerprint = certificate.fingerprint();
        let ids = certificate.user_ids();
        let addresses = addresses(certificate);
        let mut replaces = None;
        // For every address: a known key may have grown another one.
        let mut known = !addresses.is_empty();
        for address in &addresses {
            let contact = session.map(|session| session.contact(ring, address));
            match contact.transpose()?.flatten() {
                Some(contact) if contact.fingerprint == fingerprint.as_hex() => {}
                Some(contact) => {
                    known = false;
                    replaces.get_or_insert(contact.fingerprint);
                }
                None => known = false,
            }
        }
        known |= session.is_some_and(|session| own_slot(session, fingerprint.as_hex()).is_some());
        let too_many = addresses.len() > MAX_ADDRESSES;
        Ok(KeyPreview {
            fingerprint: fingerprint.as_hex().to_owned(),
            user_ids: ids
                .iter()
                .take(SHOWN_USER_IDS)
                .map(UserId::to_text)
                .collect(),
            private: false,
            locked: false,
            known,
            replaces,
            problem: if too_many {
                Some("The key names too many addresses.".to_owned())
            } else if ids.iter().all(|id| id.address.is_empty()) {
                Some("The key names no address.".to_owned())
            } else {
                problem_of(certificate, now)
            },
        })
    }

    /// Takes in what the person saw in the preview: private keys as their own, certificates for
    /// the addresses they name.
    ///
    /// # Errors
    /// [`ClientError::PasswordNeeded`] and [`ClientError::WrongPassphrase`] for locked private
    /// keys; [`ClientError::WrongKind`]; [`ClientError::BadInput`] with a sentence. Nothing is
    /// taken in then.
    pub async fn import_key_file(
        &self,
        ring: &Ring,
        file: &[u8],
        passphrase: Option<&Passphrase>,
    ) -> Result<Vec<Imported>, ClientError> {
        let session = self.open_session()?;
        session.check_ring(ring)?;
        let file = KeyFile::parse(file)?.unlock(passphrase)?;
        self.take_file(&session, ring, file, KeySource::Imported)
            .await
    }

    /// Takes in certificates for the addresses they name; a file with any secret packet is
    /// refused as a whole. A key that differs from a remembered one is offered, not used.
    ///
    /// # Errors
    /// [`ClientError::WrongKind`] for private keys and for what is no certificate.
    pub async fn import_certificates(
        &self,
        ring: &Ring,
        file: &[u8],
        source: KeySource,
    ) -> Result<Vec<Imported>, ClientError> {
        let session = self.open_session()?;
        session.check_ring(ring)?;
        let file = KeyFile::parse(file)?;
        if !file.private.is_empty() {
            return Err(ClientError::WrongKind(
                "a private key where a certificate belongs",
            ));
        }
        self.take_file(&session, ring, file, source).await
    }

    /// Leaves only those keys of a letter that say something new about its sender: of any other
    /// address a letter is no witness.
    ///
    /// # Errors
    /// [`ClientError::Locked`]; [`ClientError::NotFound`] for the ring.
    pub fn keep_keys_of_sender(
        &self,
        ring: &Ring,
        letter: &mut OpenedLetter,
    ) -> Result<(), ClientError> {
        let session = self.open_session()?;
        let Some(sender) = normalize_address(&letter.from.address) else {
            letter.keys.clear();
            return Ok(());
        };
        let contact = session.contact(ring, &sender)?;
        let known = contact.map(|contact| contact.fingerprint);
        letter.keys.retain(|key| {
            let certificate = Certificate::parse(&key.certificate);
            certificate.is_ok_and(|certificate| addresses(&certificate).contains(&sender))
                && known.as_ref() != Some(&key.preview.fingerprint)
        });
        for key in &mut letter.keys {
            key.preview.replaces.clone_from(&known);
        }
        Ok(())
    }

    /// Takes in a certificate for one of the addresses it names, and for no other.
    ///
    /// # Errors
    /// [`ClientError::WrongKind`] when it does not name the address, and for what is no
    /// certificate; [`ClientError::BadAddress`].
    pub async fn import_certificate_of(
        &self,
        ring: &Ring,
        typed: &str,
        file: &[u8],
        source: KeySource,
    ) -> Result<ImportOutcome, ClientError> {
        let session = self.open_session()?;
        session.check_ring(ring)?;
        let address = normalize_address(typed).ok_or(ClientError::BadAddress)?;
        let certificate = Certificate::parse(file)
            .map_err(|_| ClientError::WrongKind("there is no key in it"))?;
        if !addresses(&certificate).contains(&address) {
            return Err(ClientError::WrongKind("the key does not name the address"));
        }
        let outcome = if own_slot(&session, certificate.fingerprint().as_hex()).is_some() {
            self.refresh_own(&session, &certificate).await?
        } else {
            self.meet(&session, ring, &address, &certificate, source)
                .await?
        };
        self.try_push(&session).await?;
        Ok(outcome)
    }

    /// Takes in private keys first, so that certificates beside them are known as one's own.
    pub(crate) async fn take_file(
        &self,
        session: &Session,
        ring: &Ring,
        file: KeyFile,
        source: KeySource,
    ) -> Result<Vec<Imported>, ClientError> {
        let revoked = check(session, ring, &file)?;
        let mut done = Vec::new();
        for key in &file.private {
            done.push(self.take_private(session, ring, key).await?);
        }
        for certificate in file.public.iter().chain(&revoked) {
            let one = self
                .take_certificate(session, ring, certificate, source)
                .await?;
            let is_shown = done
                .iter()
                .any(|d: &Imported| d.private && d.fingerprint == one.fingerprint);
            if !is_shown || one.outcome == ImportOutcome::Revoked {
                done.push(one);
            }
        }
        self.try_push(session).await?;
        Ok(done)
    }

    async fn take_private(
        &self,
        session: &Session,
        ring: &Ring,
        key: &SecretCertificate,
    ) -> Result<Imported, ClientError> {
        let print = key.fingerprint().as_hex().to_owned();
        let keyring = session.keyring.borrow().clone();
        let present = own_slot(session, &print);
        let (bytes, outcome) = match &present {
            None => (Some(key.to_bytes()), ImportOutcome::New),
            Some(slot) => merged_key(&keyring, slot, key)?,
        };
        if let Some(bytes) = bytes {
            self.keep_key(session, &print, &bytes).await?;
            self.load_keys(session).await?;
        }
        if let Ring::Site(site) = ring {
            self.lend(session, site, &print, present.is_none()).await?;
        }
        Ok(Imported {
            addresses: addresses(&key.certificate()),
            fingerprint: print,
            private: true,
            outcome,
        })
    }

    /// Takes in one certificate: into one's own key if it is that, else for each address.
    pub(crate) async fn take_certificate(
        &self,
        session: &Session,
        ring: &Ring,
        certificate: &Certificate,
        source: KeySource,
    ) -> Result<Imported, ClientError> {
        let fingerprint = certificate.fingerprint().as_hex().to_owned();
        if own_slot(session, &fingerprint).is_some() {
            let outcome = self.refresh_own(session, certificate).await?;
            return Ok(Imported {
                addresses: addresses(certificate),
                fingerprint,
                private: false,
                outcome,
            });
        }
        let addresses = addresses(certificate);
        check_addresses(&addresses)?;
        let mut outcome = ImportOutcome::Unchanged;
        for address in &addresses {
            let one = self
                .meet(session, ring, address, certificate, source)
                .await?;
            outcome = weightier(outcome, one);
        }
        Ok(Imported {
            fingerprint,
            addresses,
            private: false,
            outcome,
        })
    }

    /// Merges news about one's own key into it.
    pub(crate) async fn refresh_own(
        &self,
        session: &Session,
        certificate: &Certificate,
    ) -> Result<ImportOutcome, ClientError> {
        let print = certificate.fingerprint().as_hex().to_owned();
        let slot = own_slot(session, &print).ok_or(ClientError::NotFound)?;
        let keyring = session.keyring.borrow().clone();
        let before = keyring
            .certificate(&slot)
            .cloned()
            .ok_or(ClientError::NotFound)?;
        let merged = before
            .merge(certificate)
            .map_err(|e| ClientError::BadInput(e.to_string()))?;
        let outcome = what_changed(&before, &merged, self.now());
        if outcome != ImportOutcome::Unchanged {
            let bytes = keyring
                .with_certificate(&slot, &merged)
                .map_err(|e| ClientError::Internal(e.to_string()))?;
            self.keep_key(session, &print, &bytes).await?;
            self.load_keys(session).await?;
        }
        Ok(outcome)
    }
}

/// Looks at everything before anything is taken in. Answers the certificates to which a block with
/// a revocation alone was applied: whichever known key made it.
fn check(session: &Session, ring: &Ring, file: &KeyFile) -> Result<Vec<Certificate>, ClientError> {
    for certificate in &file.public {
        if own_slot(session, certificate.fingerprint().as_hex()).is_none() {
            check_addresses(&addresses(certificate))?;
        }
    }
    if file.other.is_empty() {
        return Ok(Vec::new());
    }
    let mut known = session.certificates(ring)?;
    {
        let keyring = session.keyring.borrow();
        let slots = keyring.slots();
        known.extend(slots.filter_map(|slot| keyring.certificate(slot).cloned()));
    }
    known.extend(file.public.iter().cloned());
    known.extend(file.private.iter().map(SecretCertificate::certificate));
    file.other
        .iter()
        .map(|block| {
            known
                .iter()
                .find_map(|certificate| certificate.revoke(block).ok())
                .ok_or(ClientError::WrongKind("there is no known key in it"))
        })
        .collect()
}

fn check_addresses(addresses: &[String]) -> Result<(), ClientError> {
    match addresses.len() {
        0 => Err(ClientError::WrongKind("the key names no address")),
        1..=MAX_ADDRESSES => Ok(()),
        _ => Err(ClientError::WrongKind("the key names too many addresses")),
    }
}

/// The outcome to tell of two.
fn weightier(a: ImportOutcome, b: ImportOutcome) -> ImportOutcome {
    let weight = |outcome| match outcome {
        ImportOutcome::Unchanged => 0,
        ImportOutcome::Updated => 1,
        ImportOutcome::New => 2,
        ImportOutcome::Revoked => 3,
        ImportOutcome::Offered => 4,
    };
    if weight(b) > weight(a) { b } else { a }
}

/// A private key that is here already, with what another copy of it brings.
///
/// A copy may lack private parts (they are on a card): the one that has more is kept, with the
/// certificate of both.
fn merged_key(
    keyring: &Keyring,
    slot: &SlotId,
    key: &SecretCertificate,
) -> Result<(Option<KeyBytes>, ImportOutcome), ClientError> {
    let internal = |e: String| ClientError::Internal(e);
    let known = keyring.certificate(slot).ok_or(ClientError::NotFound)?;
    let merged = known
        .merge(&key.certificate())
        .map_err(|e| internal(e.to_string()))?;
    let ours = keyring
        .with_certificate(slot, &merged)
        .map_err(|e| internal(e.to_string()))?;
    let theirs = key
        .with_certificate(&merged)
        .map_err(|e| internal(e.to_string()))?
        .to_bytes();
    if theirs.len() > ours.len() {
        return Ok((Some(theirs), ImportOutcome::Updated));
    }
    if *known == merged {
        return Ok((None, ImportOutcome::Unchanged));
    }
    Ok((Some(ours), ImportOutcome::Updated))
}
