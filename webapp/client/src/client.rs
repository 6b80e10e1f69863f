//! The client: what a person does with an account, over the ports of a platform.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use crypto_core::{
    ids::{ObjectId, Revision, UnixTime},
    kdf::{Salt, StretchedKey},
    openpgp::{Profile, UserId, generate},
    secret::{Passphrase, Secret},
    srp::{Group, make_verifier},
    vault::{Namespace, ObjectStore, Vault, VaultKey},
};
use wire::{
    auth::{
        ChangePassphraseRequest, Credentials, LoginGrant, RegisterRequest, RegisterResponse,
        ServerInfo,
    },
    objects::SealedObject,
    routes,
};

use crate::{
    account::{MoreSettings, SETTINGS_ID, Settings, normalize_address},
    device::DeviceHeader,
    error::ClientError,
    http, jmap, local,
    local_account::{AccountKind, UnlockParameters},
    login, objects,
    ports::{Clock, Entropy, Platform},
    session::{Session, SyncState},
    unlock::Stored,
    view::{Notice, Person, Step},
};

/// A mail client for one account on one device.
///
/// Cheap to share by `Rc`; flows may run interleaved.
pub struct Client<P: Platform> {
    pub(crate) platform: P,
    pub(crate) session: RefCell<Option<Rc<Session>>>,
    /// Held while a message is handed over, so that it is not handed over twice.
    pub(crate) sending: futures::lock::Mutex<()>,
}

/// What a new account needs.
pub struct NewAccount<'a> {
    /// The whole address.
    pub address: &'a str,
    /// The name others see; may be empty.
    pub name: &'a str,
    /// The passphrase.
    pub passphrase: &'a Passphrase,
    /// Publish the certificate to everybody.
    pub publish: bool,
    /// What kind of keys to make.
    pub profile: Profile,
}

/// Told about the steps of long work.
pub type Progress<'a> = &'a dyn Fn(Step);

impl<P: Platform> Client<P> {
    /// A locked client.
    pub fn new(platform: P) -> Self {
        Self {
            platform,
            session: RefCell::new(None),
            sending: futures::lock::Mutex::new(()),
        }
    }

    /// The address of the account on this device, if there is one.
    ///
    /// # Errors
    /// [`ClientError::Store`] when the store cannot be read.
    pub async fn stored_address(&self) -> Result<Option<String>, ClientError> {
        Ok(self.header().await?.map(|h| h.address))
    }

    /// What the server is and which addresses it gives out.
    ///
    /// # Errors
    /// [`ClientError::Offline`] or [`ClientError::Protocol`].
    pub async fn server_info(&self) -> Result<ServerInfo, ClientError> {
        http::get_json(self.platform.transport(), routes::SERVER_INFO, None).await
    }

    /// Makes keys and an account, and enters it.
    ///
    /// The private key travels with the registration, sealed, so that an account without its
    /// key can never come into being.
    ///
    /// # Errors
    /// [`ClientError::AddressTaken`], [`ClientError::BadAddress`], [`ClientError::Offline`] and
    /// whatever [`Client::log_in`] can answer.
    pub async fn sign_up(
        &self,
        new: NewAccount<'_>,
        progress: Progress<'_>,
    ) -> Result<(), ClientError> {
        self.refuse_over_local().await?;
        let address = normalize_address(new.address).ok_or(ClientError::BadAddress)?;
        let name = new.name.trim().to_owned();
        let now = self.platform.clock().now();
        let mut rng = self.platform.entropy().rng();

        progress(Step::StretchingPassphrase);
        let (credentials, stretched, vault_key) =
            self.make_credentials(&address, new.passphrase, None)?;

        progress(Step::MakingKeys);
        // The address alone: the certificate lies on the server in the clear, the name does not.
        let user_id = UserId::new("", address.clone());
        let key = generate(new.profile, &[user_id], now, &mut rng)
            .map_err(|e| ClientError::Internal(e.to_string()))?;
        let vault = Vault::new(&vault_key);
        let seal = |namespace, id: &str, plaintext: &[u8], rng: &mut _| {
            vault
                .seal(
                    namespace,
                    &ObjectId(id.to_owned()),
                    Revision::FIRST,
                    plaintext,
                    rng,
                )
                .map_err(|e| ClientError::Internal(e.to_string()))
        };
        let fingerprint = key.secret.fingerprint();
        let settings = Settings {
            display_name: name,
            revocations: BTreeMap::from([(
                fingerprint.as_hex().to_owned(),
                key.revocation.clone(),
            )]),
            changed_at: now.0,
            more: MoreSettings::default(),
        };
        let records = [
            seal(
                Namespace::Keyring,
                fingerprint.as_hex(),
                &key.secret.to_bytes(),
                &mut rng,
            )?,
            seal(
                Namespace::Settings,
                SETTINGS_ID,
                &local::encode(&settings)?,
                &mut rng,
            )?,
        ];

        progress(Step::Registering);
        let request = RegisterRequest {
            address: address.clone(),
            credentials,
            certificate: key.secret.certificate().to_bytes().into(),
            publish: new.publish,
            initial_objects: records
                .iter()
                .map(|record| SealedObject {
                    id: objects::wire_id(&record.name),
                    revision: record.revision.0,
                    data: record.bytes.clone().into(),
                })
                .collect(),
        };
        let _: RegisterResponse =
            http::post_json(self.platform.transport(), routes::REGISTER, None, &request).await?;

        progress(Step::LoggingIn);
        self.enter(&address, &stretched, None, None, progress).await
    }

    /// Enters an account from this device. What is stored here stays, of whichever account.
    ///
    /// # Errors
    /// [`ClientError::LoginFailed`], [`ClientError::ServerNotTrusted`], [`ClientError::Offline`],
    /// [`ClientError::TooManyRequests`], store errors.
    pub async fn log_in(
        &self,
        address: &str,
        passphrase: &Passphrase,
        progress: Progress<'_>,
    ) -> Result<(), ClientError> {
        self.refuse_over_local().await?;
        let address = normalize_address(address).ok_or(ClientError::LoginFailed)?;
        progress(Step::LoggingIn);
        let challenge = login::start(&self.platform, &address).await?;
        progress(Step::StretchingPassphrase);
        let stretched = login::stretch(passphrase, &challenge.salt, &challenge.kdf)?;
        progress(Step::LoggingIn);
        self.enter(&address, &stretched, Some(challenge), None, progress)
            .await
    }

    /// Opens what is stored on this device, without the server. Call [`Client::connect`] after.
    ///
    /// # Errors
    /// [`ClientError::NoAccount`], [`ClientError::WrongPassphrase`], store errors.
    pub async fn unlock(
        &self,
        passphrase: &Passphrase,
        progress: Progress<'_>,
    ) -> Result<Vec<Notice>, ClientError> {
        let header = self.header().await?.ok_or(ClientError::NoAccount)?;
        progress(Step::StretchingPassphrase);
        let stretched = login::stretch(passphrase, &header.salt, &header.kdf_parameters()?)?;
        let vault_key = VaultKey::unwrap(
            &header.wrapped_vault_key,
            &stretched.unlock_key(),
            &header.address,
        )
        .map_err(|_| ClientError::WrongPassphrase)?;
        progress(Step::OpeningVault);
        let session = self.make_session(header, stretched.login_secret(), vault_key);
        let mut notices = self.open_vault(session).await?;
        notices.extend(self.open_mail().await?);
        Ok(notices)
    }

    /// Fills a session from this device's store and makes it the open one.
    pub(crate) async fn open_vault(&self, session: Session) -> Result<Vec<Notice>, ClientError> {
        let stored = self.stored(&session).await?;
        self.open_with(session, stored).await
    }

    /// The same with what was read already.
    pub(crate) async fn open_with(
        &self,
        session: Session,
        stored: Stored,
    ) -> Result<Vec<Notice>, ClientError> {
        let mut notices = Vec::new();
        let damaged = self.take_stored(&session, stored);
        if damaged > 0 {
            notices.push(Notice::StorageDamaged { objects: damaged });
        }
        if session.own_slot.borrow().is_none() && !session.is_local() {
            // The key is not here (a damaged store): the server has it, sealed.
            session.sync.replace(SyncState::default());
            objects::pull(&self.platform, &session).await?;
            self.load_keys(&session).await?;
        }
        self.session.replace(Some(Rc::new(session)));
        Ok(notices)
    }

    /// Logs in to the server after [`Client::unlock`].
    ///
    /// # Errors
    /// [`ClientError::Offline`]; [`ClientError::PassphraseChanged`] when another device changed
    /// the passphrase; [`ClientError::ServerNotTrusted`].
    pub async fn connect(&self) -> Result<(), ClientError> {
        let session = self.open_session()?;
        jmap::connect(&self.platform, &session).await.map(drop)
    }

    /// Forgets keys and token. What is stored stays, sealed.
    pub fn lock(&self) {
        if let Some(session) = self.session.borrow_mut().take() {
            session.closed.set(true);
            session.token.borrow_mut().take();
            session.summaries.borrow_mut().clear();
            session.contacts.borrow_mut().clear();
        }
    }

    /// Ends the session on the server if it can be reached, and removes everything from this
    /// device.
    ///
    /// # Errors
    /// Store errors. An unreachable server is none: its token ends by itself.
    pub async fn log_out(&self) -> Result<(), ClientError> {
        let token = self
            .session
            .borrow()
            .as_ref()
            .and_then(|s| jmap::current_token(s));
        self.lock();
        if let Some(token) = token {
            let _unreachable_is_fine = self.end_token(&token).await;
        }
        self.platform.store().clear().await?;
        Ok(())
    }

    /// Ends a session on the server.
    pub(crate) async fn end_token(&self, token: &str) -> Result<(), ClientError> {
        let empty = serde_json::json!({});
        let transport = self.platform.transport();
        http::post_unit(transport, routes::LOGOUT, Some(token), &empty).await
    }

    /// An account without a server lies on this device alone: it is linked to a server's account
    /// and never written over.
    async fn refuse_over_local(&self) -> Result<(), ClientError> {
        match self.account_kind().await? {
            AccountKind::Local { .. } => Err(ClientError::Exists),
            _ => Ok(()),
        }
    }

    /// Replaces the passphrase: a new salt, a new verifier, and the vault's key wrapped anew.
    /// No sealed object changes.
    ///
    /// # Errors
    /// [`ClientError::WrongPassphrase`] when `old` is wrong; [`ClientError::Conflict`] when
    /// another device was faster.
    pub async fn change_passphrase(
        &self,
        old: &Passphrase,
        new: &Passphrase,
        progress: Progress<'_>,
    ) -> Result<(), ClientError> {
        let session = self.open_session()?;
        if session.is_local() {
            return self.change_passphrase_here(old, new, progress).await;
        }
        let address = session.header.borrow().address.clone();
        progress(Step::LoggingIn);
        let challenge = login::start(&self.platform, &address).await?;
        progress(Step::StretchingPassphrase);
        let old = login::stretch(old, &challenge.salt, &challenge.kdf)?;
        let grant = login::finish(&self.platform, &address, &old.login_secret(), challenge)
            .await
            .map_err(|e| match e {
                ClientError::LoginFailed => ClientError::WrongPassphrase,
                other => other,
            })?;
        progress(Step::StretchingPassphrase);
        let (credentials, stretched, _) =
            self.make_credentials(&address, new, Some(&session.vault_key))?;
        progress(Step::Registering);
        self.replace_credentials(&session, grant, credentials, &stretched)
            .await
    }

    /// Hands the server what belongs to a new passphrase, then writes it down here.
    pub(crate) async fn replace_credentials(
        &self,
        session: &Session,
        grant: LoginGrant,
        credentials: Credentials,
        stretched: &StretchedKey,
    ) -> Result<(), ClientError> {
        session.token.replace(Some(grant.token.clone().into()));
        let header = header_from(
            grant.address,
            grant.account_id,
            &credentials,
            grant.credentials_revision + 1,
        )?;
        http::post_unit(
            self.platform.transport(),
            routes::CHANGE_PASSPHRASE,
            Some(&grant.token),
            &ChangePassphraseRequest {
                credentials_revision: grant.credentials_revision,
                credentials,
            },
        )
        .await?;
        self.platform
            .store()
            .set_header(&header.to_bytes()?)
            .await?;
        session.header.replace(header);
        session.login_secret.replace(stretched.login_secret());
        Ok(())
    }

    /// The name and address of the unlocked account.
    ///
    /// # Errors
    /// [`ClientError::Locked`].
    pub fn me(&self) -> Result<Person, ClientError> {
        Ok(self.open_session()?.me())
    }

    /// One's own certificate in ASCII armor, and its fingerprint.
    ///
    /// # Errors
    /// [`ClientError::Locked`].
    pub fn own_certificate(&self) -> Result<(String, String), ClientError> {
        let certificate = self
            .open_session()?
            .own_certificate()
            .ok_or(ClientError::Locked)?;
        Ok((
            certificate.to_armor(),
            certificate.fingerprint().as_hex().to_owned(),
        ))
    }

    /// The unlocked session.
    pub(crate) fn open_session(&self) -> Result<Rc<Session>, ClientError> {
        self.session.borrow().clone().ok_or(ClientError::Locked)
    }

    pub(crate) async fn header(&self) -> Result<Option<DeviceHeader>, ClientError> {
        let bytes = self.platform.store().header().await?;
        Ok(bytes.and_then(|b| DeviceHeader::parse(&b)))
    }

    /// Salt, verifier and wrapped key for a passphrase; a new vault key unless one is given.
    pub(crate) fn make_credentials(
        &self,
        address: &str,
        passphrase: &Passphrase,
        vault_key: Option<&VaultKey>,
    ) -> Result<(Credentials, StretchedKey, VaultKey), ClientError> {
        let UnlockParameters { salt, kdf } = self.new_parameters();
        let stretched = login::stretch(passphrase, &salt, &kdf)?;
        let vault_key = match vault_key {
            Some(known) => known.clone(),
            None => VaultKey::make(&mut self.platform.entropy().rng()),
        };
        let parameters = UnlockParameters { salt, kdf };
        let credentials = self.credentials(address, &parameters, &stretched, &vault_key);
        Ok((credentials, stretched, vault_key))
    }

    /// What the server keeps of a stretched passphrase.
    pub(crate) fn credentials(
        &self,
        address: &str,
        parameters: &UnlockParameters,
        stretched: &StretchedKey,
        vault_key: &VaultKey,
    ) -> Credentials {
        let group = Group::Bits3072;
        let salt = &parameters.salt;
        let mut rng = self.platform.entropy().rng();
        Credentials {
            salt: salt.to_vec().into(),
            kdf: login::kdf_to_wire(&parameters.kdf),
            group: login::group_to_wire(group),
            verifier: make_verifier(group, address, &stretched.login_secret(), salt).into(),
            wrapped_vault_key: vault_key
                .wrap(&stretched.unlock_key(), address, &mut rng)
                .into(),
        }
    }

    /// The second half of logging in and signing up: proof, grant, vault, objects.
    ///
    /// With `bring`, what a local account on this device holds is written into the server's
    /// account before that takes the device over.
    pub(crate) async fn enter(
        &self,
        address: &str,
        stretched: &StretchedKey,
        challenge: Option<login::Challenge>,
        bring: Option<&Session>,
        progress: Progress<'_>,
    ) -> Result<(), ClientError> {
        let challenge = match challenge {
            Some(challenge) => challenge,
            None => login::start(&self.platform, address).await?,
        };
        let credentials = Credentials {
            salt: challenge.salt.to_vec().into(),
            kdf: login::kdf_to_wire(&challenge.kdf),
            group: login::group_to_wire(challenge.group),
            verifier: Vec::new().into(),
            wrapped_vault_key: Vec::new().into(),
        };
        let grant: LoginGrant = login::finish(
            &self.platform,
            address,
            &stretched.login_secret(),
            challenge,
        )
        .await?;
        let vault_key =
            VaultKey::unwrap(&grant.wrapped_vault_key.0, &stretched.unlock_key(), address)
                .map_err(|_| ClientError::ServerNotTrusted("the vault's key does not open"))?;
        let mut header = header_from(
            address.to_owned(),
            grant.account_id,
            &credentials,
            grant.credentials_revision,
        )?;
        header.wrapped_vault_key = grant.wrapped_vault_key.0;

        progress(Step::OpeningVault);
        let session = self.make_session(header, stretched.login_secret(), vault_key);
        session.token.replace(Some(grant.token.into()));
        // Another account's objects stay: their names and keys are its own, and a message that
        // waits there to be sent must not be lost by a visit of somebody else.
        let bytes = session.header.borrow().to_bytes()?;
        if bring.is_none() {
            self.platform.store().set_header(&bytes).await?;
        }
        self.load_session(&session).await?;
        self.load_lines(&session).await?;
        objects::pull(&self.platform, &session).await?;
        self.load_keys(&session).await?;
        if session.own_slot.borrow().is_none() {
            return Err(ClientError::ServerNotTrusted(
                "it keeps back the account's private key",
            ));
        }
        if let Some(local) = bring {
            self.bring_over(local, &session).await?;
            self.platform.store().set_header(&bytes).await?;
            self.remove_objects_of(local).await?;
        }
        if let Some(old) = self.session.replace(Some(Rc::new(session))) {
            old.closed.set(true);
        }
        Ok(())
    }

    pub(crate) fn make_session(
        &self,
        header: DeviceHeader,
        login_secret: Secret<[u8; 32]>,
        vault_key: VaultKey,
    ) -> Session {
        Session {
            header: RefCell::new(header),
            login_secret: RefCell::new(login_secret),
            vault: Vault::new(&vault_key),
            vault_key,
            keyring: RefCell::default(),
            own_slot: RefCell::default(),
            settings: RefCell::default(),
            contacts: RefCell::default(),
            parsed: RefCell::default(),
            directory: RefCell::default(),
            domains: RefCell::default(),
            sites: RefCell::default(),
            summaries: RefCell::default(),
            lines_loaded: false.into(),
            mailboxes: RefCell::default(),
            sync: RefCell::default(),
            revisions: RefCell::default(),
            dirty: RefCell::default(),
            token: RefCell::default(),
            threads: RefCell::default(),
            unkept: false.into(),
            closed: false.into(),
        }
    }

    /// The platform's time.
    pub(crate) fn now(&self) -> UnixTime {
        self.platform.clock().now()
    }
}

pub(crate) fn header_from(
    address: String,
    account_id: String,
    credentials: &Credentials,
    credentials_revision: u64,
) -> Result<DeviceHeader, ClientError> {
    Ok(DeviceHeader {
        address,
        account_id,
        salt: Salt::try_from(credentials.salt.0.as_slice())
            .map_err(|_| ClientError::ServerNotTrusted("salt of a wrong length"))?,
        kdf: (
            credentials.kdf.memory_kib,
            credentials.kdf.passes,
            credentials.kdf.lanes,
        ),
        wrapped_vault_key: credentials.wrapped_vault_key.0.clone(),
        credentials_revision,
    })
}
