//! Accounts without a server: keys, contacts and drafts in a sealed vault on this device, behind
//! one passphrase.
//!
//! A local account is an ordinary one that has not met a server: its header names no account id,
//! its objects are sealed in the same namespaces, and every change leaves the same note that a
//! server lacks it. Linking it to a server later sends what the notes name.
//!
//! Argon2id takes 64 MiB, which a background that lives long must not hold; so everything here
//! takes a [`StretchedKey`] that may have been made elsewhere, from [`UnlockParameters`].

use std::rc::Rc;

use crypto_core::{
    ids::ObjectId,
    kdf::{KdfParameters, Salt, StretchedKey},
    openpgp::{Profile, SecretCertificate, UserId, generate},
    secret::{Passphrase, Secret},
    vault::{Namespace, ObjectStore, VaultKey},
};
use rand::RngCore;
use zeroize::Zeroizing;

use crate::{
    account::{MoreSettings, SETTINGS_ID, Settings, normalize_address},
    client::{Client, Progress},
    device::DeviceHeader,
    error::ClientError,
    keyfile::KeyFile,
    local, login, objects,
    people::KeySource,
    ports::{Entropy, Platform},
    session::Session,
    sites::Ring,
    view::{Notice, Step},
};

/// What is needed to stretch a passphrase; nothing secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnlockParameters {
    /// Salt of Argon2id.
    pub salt: Salt,
    /// Its cost.
    pub kdf: KdfParameters,
}

/// A passphrase that was stretched elsewhere, with what it was stretched by.
#[derive(Debug)]
pub struct StretchedPassphrase {
    /// By what.
    pub parameters: UnlockParameters,
    /// What Argon2id made of it.
    pub key: StretchedKey,
}

/// What lies on this device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountKind {
    /// Nothing: first run.
    None,
    /// An account without a server.
    Local {
        /// The person's address.
        address: String,
    },
    /// An account on a server.
    OnServer {
        /// Its address.
        address: String,
    },
}

/// What a new local account needs.
pub struct NewLocalAccount<'a> {
    /// The person's own address; empty to take it from the keys that are brought.
    pub address: &'a str,
    /// The name others see; may be empty.
    pub name: &'a str,
    /// Where the first keys come from.
    pub keys: FirstKeys<'a>,
}

/// The first keys of a local account.
pub enum FirstKeys<'a> {
    /// Made now.
    Make(Profile),
    /// Brought from another program.
    Bring {
        /// Exported private keys, armored or binary; certificates beside them become contacts.
        file: &'a [u8],
        /// What locks them, if anything does.
        passphrase: Option<&'a Passphrase>,
    },
    /// From a recovery sheet.
    Restore {
        /// The code on the sheet, as it was typed.
        code: &'a Passphrase,
        /// The sealed backup on the sheet, armored.
        backup: &'a [u8],
    },
}

/// What opens the vault without the passphrase, for as long as an unlocked session lasts.
///
/// # Security
/// Whoever has it reads everything. It belongs into memory that ends with the browser
/// (`storage.session`), never onto a disk and never to a page.
#[derive(Clone)]
pub struct SessionKey(Secret<[u8; 64]>);

impl SessionKey {
    /// Takes the bytes that [`SessionKey::expose`] lent.
    #[must_use]
    pub fn from_bytes(bytes: Secret<[u8; 64]>) -> Self {
        Self(bytes)
    }

    /// Lends the bytes, to be kept in memory that ends with the browser.
    #[must_use]
    pub fn expose(&self) -> &[u8; 64] {
        self.0.expose()
    }
}

impl SessionKey {
    fn join(vault: &Secret<[u8; 32]>, login: &Secret<[u8; 32]>) -> Self {
        let mut both = Zeroizing::new([0; 64]);
        both.iter_mut()
            .zip(vault.expose().iter().chain(login.expose()))
            .for_each(|(to, from)| *to = *from);
        Self(Secret::new(*both))
    }

    /// The vault's key and the login secret.
    fn parts(&self) -> (Secret<[u8; 32]>, Secret<[u8; 32]>) {
        let half = |skip: usize| {
            let mut one = Zeroizing::new([0; 32]);
            one.iter_mut()
                .zip(self.0.expose().iter().skip(skip))
                .for_each(|(to, from)| *to = *from);
            Secret::new(*one)
        };
        (half(0), half(32))
    }
}

impl std::fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionKey(..)")
    }
}

impl<P: Platform> Client<P> {
    /// What lies on this device.
    ///
    /// # Errors
    /// [`ClientError::Store`].
    pub async fn account_kind(&self) -> Result<AccountKind, ClientError> {
        Ok(match self.header().await? {
            None => AccountKind::None,
            Some(header) if header.account_id.is_empty() => AccountKind::Local {
                address: header.address,
            },
            Some(header) => AccountKind::OnServer {
                address: header.address,
            },
        })
    }

    /// True while keys are at hand.
    #[must_use]
    pub fn is_unlocked(&self) -> bool {
        self.session.borrow().is_some()
    }

    /// A fresh salt and today's cost, for a new passphrase.
    #[must_use]
    pub fn new_parameters(&self) -> UnlockParameters {
        let mut salt: Salt = [0; 16];
        self.platform.entropy().rng().fill_bytes(&mut salt);
        UnlockParameters {
            salt,
            kdf: KdfParameters::DEFAULT,
        }
    }

    /// By what the passphrase of this device's account is stretched.
    ///
    /// # Errors
    /// [`ClientError::NoAccount`], [`ClientError::Store`].
    pub async fn unlock_parameters(&self) -> Result<UnlockParameters, ClientError> {
        let header = self.header().await?.ok_or(ClientError::NoAccount)?;
        Ok(UnlockParameters {
            salt: header.salt,
            kdf: header.kdf_parameters()?,
        })
    }

    /// Makes an account without a server, with its first keys, and opens it. Answers the
    /// fingerprint of the key in use.
    ///
    /// # Errors
    /// [`ClientError::Exists`] when an account is here; [`ClientError::BadAddress`];
    /// [`ClientError::WrongKind`], [`ClientError::WrongPassphrase`] and
    /// [`ClientError::PasswordNeeded`] for keys that are brought; [`ClientError::StorageFull`].
    pub async fn create_local(
        &self,
        new: NewLocalAccount<'_>,
        passphrase: StretchedPassphrase,
        progress: Progress<'_>,
    ) -> Result<String, ClientError> {
        if self.header().await?.is_some() {
            return Err(ClientError::Exists);
        }
        progress(Step::MakingKeys);
        let first = self.first_keys(&new).await?;
        let mut rng = self.platform.entropy().rng();
        let vault_key = VaultKey::make(&mut rng);
        let header = local_header(&first.address, &passphrase, &vault_key, &mut rng);
        progress(Step::OpeningVault);
        let session = self.make_session(header, passphrase.key.login_secret(), vault_key);
        for key in &first.keys {
            self.keep_key(&session, key.fingerprint().as_hex(), &key.to_bytes())
                .await?;
        }
        let in_use = first
            .keys
            .first()
            .map(|key| key.fingerprint().as_hex().to_owned())
            .unwrap_or_default();
        let settings = Settings {
            display_name: new.name.trim().to_owned(),
            revocations: first.revocations,
            changed_at: 0,
            more: MoreSettings {
                in_use: in_use.clone(),
                ..MoreSettings::default()
            },
        };
        self.save_settings(&session, settings).await?;
        self.load_keys(&session).await?;
        let session = Rc::new(session);
        self.session.replace(Some(Rc::clone(&session)));
        for certificate in first.contacts {
            self.take_certificate(&session, &Ring::Main, &certificate, KeySource::Imported)
                .await?;
        }
        // Last: without it nothing of the above is an account.
        let bytes = session.header.borrow().to_bytes()?;
        if let Err(error) = self.platform.store().set_header(&bytes).await {
            self.lock();
            return Err(error.into());
        }
        Ok(in_use)
    }

    /// As [`Client::unlock`], with a passphrase stretched elsewhere, and without the mail:
    /// [`Client::open_mail`] comes before anything that shows mail.
    ///
    /// # Errors
    /// [`ClientError::NoAccount`], [`ClientError::WrongPassphrase`], store errors.
    pub async fn unlock_stretched(&self, key: &StretchedKey) -> Result<Vec<Notice>, ClientError> {
        let header = self.header().await?.ok_or(ClientError::NoAccount)?;
        let vault_key = unwrap(&header, key)?;
        let session = self.make_session(header, key.login_secret(), vault_key);
        self.open_vault(session).await
    }

    /// Opens the vault again, as after the background was stopped: no Argon2id. Without the mail,
    /// as [`Client::unlock_stretched`].
    ///
    /// # Errors
    /// [`ClientError::NoAccount`]; [`ClientError::WrongPassphrase`] when the key belongs to
    /// another account or another time.
    pub async fn resume(&self, key: &SessionKey) -> Result<Vec<Notice>, ClientError> {
        let header = self.header().await?.ok_or(ClientError::NoAccount)?;
        let (vault, login) = key.parts();
        let session = self.make_session(header, login, VaultKey::from_secret(vault));
        let stored = self.stored(&session).await?;
        if !stored.is_of(&session) {
            return Err(ClientError::WrongPassphrase);
        }
        self.open_with(session, stored).await
    }

    /// Hands out what opens the vault without the passphrase. See [`SessionKey`] for where it may
    /// be kept.
    ///
    /// # Errors
    /// [`ClientError::Locked`].
    pub fn hand_out_session_key(&self) -> Result<SessionKey, ClientError> {
        let session = self.open_session()?;
        let login = session.login_secret.borrow();
        Ok(SessionKey::join(&session.vault_key.to_secret(), &login))
    }

    /// Checks the passphrase once more, before something that needs it.
    ///
    /// # Errors
    /// [`ClientError::WrongPassphrase`], [`ClientError::NoAccount`].
    pub async fn check_passphrase(&self, key: &StretchedKey) -> Result<(), ClientError> {
        let header = self.header().await?.ok_or(ClientError::NoAccount)?;
        unwrap(&header, key).map(drop)
    }

    /// Replaces the passphrase, on the server too if there is one. `old` is stretched by
    /// [`Client::unlock_parameters`], `new` by [`Client::new_parameters`]. No sealed object
    /// changes. A [`SessionKey`] from before opens the vault still, but proves the old passphrase
    /// to the server: hand out a new one.
    ///
    /// # Errors
    /// [`ClientError::WrongPassphrase`] when `old` is wrong; [`ClientError::PassphraseChanged`]
    /// when another device changed it; [`ClientError::Conflict`], [`ClientError::Offline`], store
    /// errors.
    pub async fn change_passphrase_stretched(
        &self,
        old: &StretchedKey,
        new: StretchedPassphrase,
    ) -> Result<(), ClientError> {
        let session = self.open_session()?;
        let (address, known) = {
            let header = session.header.borrow();
            unwrap(&header, old)?;
            let known = (header.salt, header.kdf_parameters()?);
            (header.address.clone(), known)
        };
        if !session.is_local() {
            let challenge = login::start(&self.platform, &address).await?;
            if (challenge.salt, challenge.kdf) != known {
                return Err(ClientError::PassphraseChanged);
            }
            let grant = login::finish(&self.platform, &address, &old.login_secret(), challenge)
                .await
                .map_err(|error| match error {
                    ClientError::LoginFailed => ClientError::PassphraseChanged,
                    other => other,
                })?;
            let credentials =
                self.credentials(&address, &new.parameters, &new.key, &session.vault_key);
            return self
                .replace_credentials(&session, grant, credentials, &new.key)
                .await;
        }
        let mut rng = self.platform.entropy().rng();
        let header = local_header(&address, &new, &session.vault_key, &mut rng);
        self.platform
            .store()
            .set_header(&header.to_bytes()?)
            .await?;
        session.header.replace(header);
        session.login_secret.replace(new.key.login_secret());
        Ok(())
    }

    /// [`Client::change_passphrase`] of an account without a server.
    pub(crate) async fn change_passphrase_here(
        &self,
        old: &Passphrase,
        new: &Passphrase,
        progress: Progress<'_>,
    ) -> Result<(), ClientError> {
        progress(Step::StretchingPassphrase);
        let parameters = self.unlock_parameters().await?;
        let old = login::stretch(old, &parameters.salt, &parameters.kdf)?;
        let parameters = self.new_parameters();
        let key = login::stretch(new, &parameters.salt, &parameters.kdf)?;
        self.change_passphrase_stretched(&old, StretchedPassphrase { parameters, key })
            .await
    }

    /// The keys a new account begins with.
    async fn first_keys(&self, new: &NewLocalAccount<'_>) -> Result<First, ClientError> {
        let mut file = match &new.keys {
            FirstKeys::Make(profile) => {
                let address = normalize_address(new.address).ok_or(ClientError::BadAddress)?;
                // The address alone: certificates travel and are published, the name need not.
                let id = UserId::new("", address.clone());
                let mut rng = self.platform.entropy().rng();
                let made = generate(*profile, &[id], self.now(), &mut rng)
                    .map_err(|e| ClientError::Internal(e.to_string()))?;
                let print = made.secret.fingerprint().as_hex().to_owned();
                return Ok(First {
                    address,
                    keys: vec![made.secret],
                    revocations: [(print, made.revocation)].into(),
                    contacts: Vec::new(),
                });
            }
            FirstKeys::Bring { file, passphrase } => KeyFile::parse(file)?.unlock(*passphrase)?,
            FirstKeys::Restore { code, backup } => self.open_backup(code, backup).await?,
        };
        let wished = normalize_address(new.address);
        if wished.is_none() && !new.address.trim().is_empty() {
            return Err(ClientError::BadAddress);
        }
        let now = self.now();
        // The first that can be used, and names the address if one was given, is put into use.
        file.private.sort_by_key(|key| {
            let certificate = key.certificate();
            let names = wished.as_ref().is_none_or(|a| certificate.has_address(a));
            (!names, certificate.check_encryption(now).is_err())
        });
        let first = file
            .private
            .first()
            .ok_or(ClientError::WrongKind("there is no private key in it"))?;
        let address = wished
            .or_else(|| {
                let ids = first.certificate().user_ids();
                ids.iter().find_map(|id| normalize_address(&id.address))
            })
            .ok_or(ClientError::BadAddress)?;
        Ok(First {
            address,
            keys: file.private,
            revocations: Default::default(),
            contacts: file.public,
        })
    }

    /// Writes a private key into the vault; [`Client::load_keys`] takes it into use.
    pub(crate) async fn keep_key(
        &self,
        session: &Session,
        fingerprint: &str,
        bytes: &Zeroizing<Vec<u8>>,
    ) -> Result<(), ClientError> {
        let id = ObjectId(fingerprint.to_owned());
        objects::write(&self.platform, session, Namespace::Keyring, id, bytes).await
    }

    /// Writes the account's choices.
    pub(crate) async fn save_settings(
        &self,
        session: &Session,
        mut settings: Settings,
    ) -> Result<(), ClientError> {
        settings.changed_at = self.now().0.max(settings.changed_at + 1);
        let plaintext = local::encode(&settings)?;
        session.settings.replace(settings);
        session.choose_slot();
        let id = ObjectId(SETTINGS_ID.to_owned());
        objects::write(&self.platform, session, Namespace::Settings, id, &plaintext).await
    }
}

/// What an account begins with.
struct First {
    address: String,
    /// The one to be used first.
    keys: Vec<SecretCertificate>,
    revocations: std::collections::BTreeMap<String, String>,
    contacts: Vec<crypto_core::openpgp::Certificate>,
}

/// Opens the vault's key with a stretched passphrase.
pub(crate) fn unwrap(header: &DeviceHeader, key: &StretchedKey) -> Result<VaultKey, ClientError> {
    VaultKey::unwrap(
        &header.wrapped_vault_key,
        &key.unlock_key(),
        &header.address,
    )
    .map_err(|_| ClientError::WrongPassphrase)
}

fn local_header(
    address: &str,
    passphrase: &StretchedPassphrase,
    vault_key: &VaultKey,
    rng: &mut (impl RngCore + rand::CryptoRng),
) -> DeviceHeader {
    let kdf = passphrase.parameters.kdf;
    DeviceHeader {
        address: address.to_owned(),
        account_id: String::new(),
        salt: passphrase.parameters.salt,
        kdf: (kdf.memory_kib(), kdf.passes(), kdf.lanes()),
        wrapped_vault_key: vault_key.wrap(&passphrase.key.unlock_key(), address, rng),
        credentials_revision: 0,
    }
}
