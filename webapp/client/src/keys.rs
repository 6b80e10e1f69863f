//! One's own keys: make, bring, use, back up, withdraw.
//!
//! The attacker wrote the file that is imported, or had a locked private key in hands and altered
//! it; `crypto_core` refuses what does not fit. Importing merges only: no revocation and no subkey
//! is lost, and nothing is replaced silently.

use crypto_core::{
    ids::{Fingerprint, UnixTime},
    keyring::{SlotError, SlotId},
    openpgp::{
        self, Certificate, CertificateStatus, GeneratedKey, LockError, Profile, SecretCertificate,
        UserId,
    },
    secret::Passphrase,
    vault::{Batch, Namespace, ObjectStore},
};
use serde::{Deserialize, Serialize};

use crate::{
    account::normalize_address,
    client::Client,
    contacts::problem_sentence,
    error::ClientError,
    local, objects,
    ports::{Entropy, Platform},
    session::{DIRTY_PREFIX, Session},
    view::Person,
};

/// One of one's own keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnKey {
    /// Upper-case hexadecimal.
    pub fingerprint: String,
    /// Names and addresses it is made out to.
    pub people: Vec<Person>,
    /// In the field's terms, such as `Ed25519, X25519`.
    pub algorithms: String,
    /// Unix seconds.
    pub created_at: u64,
    /// Unix seconds.
    pub expires_at: Option<u64>,
    /// Withdrawn.
    pub revoked: bool,
    /// The one that signs and that others are given.
    pub in_use: bool,
    /// It is on a recovery sheet.
    pub backed_up: bool,
    /// The site's keyring it was made for, if it was.
    pub site: Option<String>,
    /// Why it cannot be used now, one sentence.
    pub problem: Option<String>,
}

/// A key in a file, before it is taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPreview {
    /// Upper-case hexadecimal.
    pub fingerprint: String,
    /// User ids, as the certificate says.
    pub user_ids: Vec<String>,
    /// It is a private key.
    pub private: bool,
    /// It is locked by a passphrase.
    pub locked: bool,
    /// This very key is known already; importing merges.
    pub known: bool,
    /// The fingerprint remembered for the same address, if it differs.
    pub replaces: Option<String>,
    /// Why it cannot be used, one sentence.
    pub problem: Option<String>,
}

/// What became of one key of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Upper-case hexadecimal.
    pub fingerprint: String,
    /// The addresses it was taken in for.
    pub addresses: Vec<String>,
    /// It is one's own private key.
    pub private: bool,
    /// The outcome.
    pub outcome: ImportOutcome,
}

/// Outcomes of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportOutcome {
    /// New here.
    New,
    /// Known, and it brought something new.
    Updated,
    /// Known, and nothing was new.
    Unchanged,
    /// Another key is in use for the address: this one waits for the person's word
    /// ([`Client::accept_key_in`]).
    Offered,
    /// It brought the withdrawal of a key.
    Revoked,
}

/// Why a key is withdrawn (RFC 9580, section 5.2.3.31).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RevocationReason {
    /// Another is used from now on.
    Superseded,
    /// Somebody else may have it.
    Compromised,
    /// It is used no longer.
    Retired,
}

impl<P: Platform> Client<P> {
    /// One's own keys, the one in use first.
    ///
    /// # Errors
    /// [`ClientError::Locked`].
    pub fn own_keys(&self) -> Result<Vec<OwnKey>, ClientError> {
        let session = self.open_session()?;
        let now = self.now();
        let keyring = session.keyring.borrow();
        let own = session.own_slot.borrow();
        let settings = session.settings.borrow();
        let sites = session.sites.borrow();
        let mut keys: Vec<OwnKey> = keyring
            .slots()
            .filter_map(|slot| Some((slot, keyring.certificate(slot)?)))
            .map(|(slot, certificate)| {
                let fingerprint = slot.fingerprint().as_hex().to_owned();
                OwnKey {
                    people: certificate
                        .user_ids()
                        .into_iter()
                        .map(|id| Person {
                            name: id.name,
                            address: id.address,
                        })
                        .collect(),
                    algorithms: certificate.algorithms(),
                    created_at: certificate.created().0,
                    expires_at: certificate.expires().map(|at| at.0),
                    revoked: is_revoked(certificate, now),
                    in_use: own.as_ref() == Some(slot),
                    backed_up: settings.more.backed_up.contains(&fingerprint),
                    site: sites
                        .values()
                        .find(|site| site.made.contains(&fingerprint))
                        .map(|site| site.keyring.origin.clone()),
                    problem: problem_of(certificate, now),
                    fingerprint,
                }
            })
            .collect();
        keys.sort_by_key(|key| (!key.in_use, key.revoked, std::cmp::Reverse(key.created_at)));
        Ok(keys)
    }

    /// Makes a further key pair and keeps it. It is not put into use by itself. Answers its
    /// fingerprint. `expires_at` is in Unix seconds.
    ///
    /// # Errors
    /// [`ClientError::BadAddress`], [`ClientError::BadInput`] for an end in the past, store
    /// errors.
    pub async fn generate_key(
        &self,
        person: &Person,
        profile: Profile,
        expires_at: Option<u64>,
    ) -> Result<String, ClientError> {
        let session = self.open_session()?;
        let people = std::slice::from_ref(person);
        let key = self
            .make_key(&session, people, profile, expires_at.map(UnixTime))
            .await?;
        Ok(key.fingerprint().as_hex().to_owned())
    }

    /// Makes a key pair and keeps it with the certificate that withdraws it.
    pub(crate) async fn make_key(
        &self,
        session: &Session,
        people: &[Person],
        profile: Profile,
        expires: Option<UnixTime>,
    ) -> Result<SecretCertificate, ClientError> {
        let made = self.new_key(people, profile, expires)?;
        self.keep_made(session, made).await
    }

    /// Makes a key pair that lies nowhere yet.
    pub(crate) fn new_key(
        &self,
        people: &[Person],
        profile: Profile,
        expires: Option<UnixTime>,
    ) -> Result<GeneratedKey, ClientError> {
        let now = self.now();
        if expires.is_some_and(|end| end <= now) {
            return Err(ClientError::BadInput("The end lies in the past.".into()));
        }
        let ids = people
            .iter()
            .map(|person| {
                let address = normalize_address(&person.address).ok_or(ClientError::BadAddress)?;
                Ok(UserId::new(person.name.trim(), address))
            })
            .collect::<Result<Vec<_>, ClientError>>()?;
        let mut rng = self.platform.entropy().rng();
        let mut made = openpgp::generate(profile, &ids, now, &mut rng)
            .map_err(|e| ClientError::BadInput(format!("The key could not be made: {e}.")))?;
        if expires.is_some() {
            made.secret = made
                .secret
                .expiring(expires, now, &mut rng)
                .map_err(|e| ClientError::Internal(e.to_string()))?;
        }
        Ok(made)
    }

    /// Keeps a key pair with the certificate that withdraws it.
    pub(crate) async fn keep_made(
        &self,
        session: &Session,
        made: GeneratedKey,
    ) -> Result<SecretCertificate, ClientError> {
        let key = made.secret;
        let print = key.fingerprint().as_hex().to_owned();
        self.keep_key(session, &print, &key.to_bytes()).await?;
        let mut settings = session.settings.borrow().clone();
        settings.revocations.insert(print, made.revocation);
        self.save_settings(session, settings).await?;
        self.load_keys(session).await?;
        self.try_push(session).await?;
        Ok(key)
    }

    /// One's certificate in ASCII armor, without what others added to it.
    ///
    /// # Errors
    /// [`ClientError::NotFound`], [`ClientError::Locked`].
    pub fn export_certificate(&self, fingerprint: &str) -> Result<String, ClientError> {
        let session = self.open_session()?;
        let slot = own_slot(&session, fingerprint).ok_or(ClientError::NotFound)?;
        let keyring = session.keyring.borrow();
        let certificate = keyring.certificate(&slot).ok_or(ClientError::NotFound)?;
        Ok(certificate.without_foreign().to_armor())
    }

    /// One's private key in ASCII armor, locked by a passphrase. Ask for the account's passphrase
    /// before ([`Client::check_passphrase`]).
    ///
    /// Tell the person when [`OwnKey::algorithms`] names ML-KEM: mail from the webmail is sealed to
    /// that part of the key alone, and a program without RFC 9980 (GnuPG 2.2) opens no such mail.
    ///
    /// # Errors
    /// [`ClientError::NotFound`], [`ClientError::BadInput`] for an empty passphrase.
    pub fn export_private_key(
        &self,
        fingerprint: &str,
        locked_by: &Passphrase,
    ) -> Result<String, ClientError> {
        let session = self.open_session()?;
        let slot = own_slot(&session, fingerprint).ok_or(ClientError::NotFound)?;
        let mut rng = self.platform.entropy().rng();
        session
            .keyring
            .borrow()
            .export_locked(&slot, locked_by, &mut rng)
            .map_err(|error| match error {
                SlotError::NoSuchSlot => ClientError::NotFound,
                SlotError::Failed(LockError::EmptyPassphrase) => {
                    ClientError::BadInput("An empty passphrase protects nothing.".into())
                }
                other => ClientError::Internal(other.to_string()),
            })
    }

    /// Makes a key the one that is used.
    ///
    /// # Errors
    /// [`ClientError::NotFound`]; [`ClientError::BadInput`] with a sentence when it cannot be used
    /// or, for an account on a server, does not name the account's address.
    pub async fn use_key(&self, fingerprint: &str) -> Result<(), ClientError> {
        let session = self.open_session()?;
        let slot = own_slot(&session, fingerprint).ok_or(ClientError::NotFound)?;
        let problem = {
            let keyring = session.keyring.borrow();
            let certificate = keyring.certificate(&slot).ok_or(ClientError::NotFound)?;
            let address = session.header.borrow().address.clone();
            if !session.is_local() && !certificate.has_address(&address) {
                Some("The key does not name the address of your account.".to_owned())
            } else {
                problem_of(certificate, self.now())
            }
        };
        if let Some(problem) = problem {
            return Err(ClientError::BadInput(problem));
        }
        let mut settings = session.settings.borrow().clone();
        settings.more.in_use = slot.fingerprint().as_hex().to_owned();
        self.save_settings(&session, settings).await?;
        self.try_push(&session).await?;
        match session.own_certificate() {
            Some(certificate) => self.tell_directory(&session, &certificate).await,
            None => Ok(()),
        }
    }

    /// Withdraws a key for good. Answers the revoked certificate in ASCII armor, to be given to
    /// others. It opens old mail still. If it was in use, another usable key of the same address
    /// takes its place, if there is one.
    ///
    /// # Errors
    /// [`ClientError::NotFound`].
    pub async fn revoke_key(
        &self,
        fingerprint: &str,
        reason: RevocationReason,
    ) -> Result<String, ClientError> {
        let session = self.open_session()?;
        let slot = own_slot(&session, fingerprint).ok_or(ClientError::NotFound)?;
        let keyring = session.keyring.borrow().clone();
        let certificate = keyring
            .certificate(&slot)
            .cloned()
            .ok_or(ClientError::NotFound)?;
        let reason = match reason {
            RevocationReason::Superseded => openpgp::RevocationReason::Superseded,
            RevocationReason::Compromised => openpgp::RevocationReason::Compromised,
            RevocationReason::Retired => openpgp::RevocationReason::Retired,
        };
        let made = {
            let mut rng = self.platform.entropy().rng();
            keyring.revocation_because(&slot, reason, self.now(), &mut rng)
        };
        // A private part on a card cannot sign; the certificate made with the key can.
        let stored = session
            .settings
            .borrow()
            .revocations
            .get(fingerprint)
            .cloned();
        let revocation = made
            .ok()
            .or(stored)
            .ok_or_else(|| ClientError::BadInput("The key cannot sign its withdrawal.".into()))?;
        let revoked = certificate
            .revoke(revocation.as_bytes())
            .map_err(|e| ClientError::Internal(e.to_string()))?;
        let was_in_use = session.own_slot.borrow().as_ref() == Some(&slot);
        self.refresh_own(&session, &revoked).await?;
        self.replace_if_in_use(&session, &revoked).await?;
        self.try_push(&session).await?;
        if was_in_use {
            // The withdrawal first: the directory takes it for the certificate it has.
            self.tell_directory(&session, &revoked).await?;
            let next = session.own_certificate();
            if let Some(next) = next.filter(|next| next.fingerprint() != revoked.fingerprint()) {
                self.tell_directory(&session, &next).await?;
            }
        }
        Ok(revoked.without_foreign().to_armor())
    }

    async fn replace_if_in_use(
        &self,
        session: &Session,
        revoked: &Certificate,
    ) -> Result<(), ClientError> {
        let print = revoked.fingerprint();
        let in_use = session.own_slot.borrow().clone();
        if in_use.is_none_or(|slot| *slot.fingerprint() != print) {
            return Ok(());
        }
        let now = self.now();
        let next = {
            let keyring = session.keyring.borrow();
            let address = session.header.borrow().address.clone();
            keyring
                .slots()
                .filter_map(|slot| Some((slot, keyring.certificate(slot)?)))
                .filter(|(_, c)| c.has_address(&address) && problem_of(c, now).is_none())
                .max_by_key(|(_, c)| c.created())
                .map(|(slot, _)| slot.fingerprint().as_hex().to_owned())
        };
        let Some(next) = next else {
            return Ok(());
        };
        let mut settings = session.settings.borrow().clone();
        settings.more.in_use = next;
        self.save_settings(session, settings).await
    }

    /// Removes a private key from this device. Mail sealed to it can be read no longer.
    ///
    /// # Errors
    /// [`ClientError::NotFound`]; [`ClientError::BadInput`] for the key in use.
    pub async fn delete_key(&self, fingerprint: &str) -> Result<(), ClientError> {
        let session = self.open_session()?;
        let slot = own_slot(&session, fingerprint).ok_or(ClientError::NotFound)?;
        if session.own_slot.borrow().as_ref() == Some(&slot) {
            return Err(ClientError::BadInput(
                "This key is in use. Use another one first.".into(),
            ));
        }
        let name = session
            .vault
            .record_name(Namespace::Keyring, &slot.object_id());
        let dirty = format!("{DIRTY_PREFIX}{}", objects::wire_id(&name));
        let mut batch = Batch::default();
        batch.delete.push(name);
        local::remove_cached(&session, &mut batch, Namespace::State, &dirty);
        self.platform.store().commit(batch).await?;
        session.dirty.borrow_mut().remove(&dirty);
        self.load_keys(&session).await?;
        let lent: Vec<_> = session.sites.borrow().values().cloned().collect();
        for mut site in lent {
            let before = site.keys.len() + site.made.len();
            site.keys.retain(|key| key != fingerprint);
            site.made.retain(|key| key != fingerprint);
            if site.keys.len() + site.made.len() != before {
                self.save_site(&session, site).await?;
            }
        }
        Ok(())
    }

    /// Sends what waits to the server, if there is one and it answers.
    pub(crate) async fn try_push(&self, session: &Session) -> Result<(), ClientError> {
        match objects::push(&self.platform, session).await {
            Ok(_)
            | Err(
                ClientError::NoServer
                | ClientError::Offline
                | ClientError::TooManyRequests
                | ClientError::SessionEnded,
            ) => Ok(()),
            Err(other) => Err(other),
        }
    }
}

/// The addresses a certificate names, in the form keys are found under.
pub(crate) fn addresses(certificate: &Certificate) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for id in certificate.user_ids() {
        if let Some(address) = normalize_address(&id.address)
            && !found.contains(&address)
        {
            found.push(address);
        }
    }
    found
}

/// The slot of one's own key with this fingerprint.
pub(crate) fn own_slot(session: &Session, fingerprint: &str) -> Option<SlotId> {
    let slot = SlotId::of(&Fingerprint::parse(fingerprint)?);
    session
        .keyring
        .borrow()
        .certificate(&slot)
        .is_some()
        .then_some(slot)
}

fn is_revoked(certificate: &Certificate, now: UnixTime) -> bool {
    matches!(certificate.status(now), CertificateStatus::Revoked(_))
}

/// Why a key cannot be used, one sentence.
pub(crate) fn problem_of(certificate: &Certificate, now: UnixTime) -> Option<String> {
    certificate
        .check_encryption(now)
        .err()
        .map(|problem| problem_sentence(&problem))
}

/// What a newer version of a certificate brought.
pub(crate) fn what_changed(
    before: &Certificate,
    after: &Certificate,
    now: UnixTime,
) -> ImportOutcome {
    if !is_revoked(before, now) && is_revoked(after, now) {
        ImportOutcome::Revoked
    } else if before == after {
        ImportOutcome::Unchanged
    } else {
        ImportOutcome::Updated
    }
}
