//! What all requests share.

use std::{ops::Deref, sync::Arc};

use tokio::sync::{Semaphore, watch};
use zeroize::Zeroizing;

use crate::{
    addresses,
    config::Config,
    gates::Gates,
    handshakes::Handshakes,
    push::Push,
    secret::ServerSecret,
    store::{Store, StoreError, Write, tokens::Scope},
    tokens,
    uploads::Uploads,
};

/// How long a mail-only token lasts, in seconds: a year.
const MAIL_TOKEN_SECONDS: u64 = 365 * 24 * 60 * 60;

/// A server that is open: its database, and what it holds in memory. Cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Inner>);

/// The fields of [`AppState`]; public only as the target of its `Deref`.
pub struct Inner {
    pub(crate) config: Config,
    pub(crate) store: Store,
    pub(crate) secret: ServerSecret,
    pub(crate) gates: Gates,
    pub(crate) handshakes: Handshakes,
    pub(crate) push: Push,
    pub(crate) uploads: Uploads,
    /// How many messages are sealed at the same time: one a processor.
    pub(crate) sealers: Arc<Semaphore>,
    /// True when the server shuts down, so that push streams end.
    pub(crate) shutdown: watch::Sender<bool>,
}

impl Deref for AppState {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl std::fmt::Debug for AppState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AppState(..)")
    }
}

/// Why a server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No domain was given, or one that is none.
    #[error("a server needs at least one domain, such as example.org")]
    NoDomain,
    /// The data directory cannot be made or its secret cannot be read or written.
    #[error("the data directory cannot be used")]
    Data(#[source] std::io::Error),
    /// The database cannot be opened or brought up to date; it may be damaged.
    #[error("the database cannot be opened")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Why no token was made.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Nobody has this address.
    #[error("there is no account with this address")]
    UnknownAddress,
    /// The database failed.
    #[error("the database failed")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<StoreError> for TokenError {
    fn from(error: StoreError) -> Self {
        Self::Database(Box::new(error))
    }
}

impl AppState {
    /// Opens the data directory, makes what is missing and brings the schema up to date.
    ///
    /// # Errors
    ///
    /// See [`OpenError`].
    pub async fn open(config: Config) -> Result<Self, OpenError> {
        let fits = |domain: &String| addresses::normal(&format!("a@{domain}")).is_some();
        if config.domains.is_empty() || !config.domains.iter().all(fits) {
            return Err(OpenError::NoDomain);
        }
        std::fs::create_dir_all(&config.data).map_err(OpenError::Data)?;
        let secret =
            ServerSecret::open(&config.data.join("server.key")).map_err(OpenError::Data)?;
        let store = Store::open(&config.data.join("letterlock.db"))
            .await
            .map_err(|error| OpenError::Database(Box::new(error)))?;
        let limits = &config.limits;
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self(Arc::new(Inner {
            gates: Gates::new(&config),
            handshakes: Handshakes::new(limits.handshakes),
            push: Push::default(),
            uploads: Uploads::new(
                limits.uploads_per_account,
                limits.uploads_total,
                limits.upload_seconds,
            ),
            sealers: Arc::new(Semaphore::new(processors)),
            shutdown: watch::Sender::new(false),
            store,
            secret,
            config,
        })))
    }

    /// Makes a bearer token limited to mail, for an operator or a JMAP tool; good for a year.
    /// It can neither touch sealed objects nor change credentials.
    ///
    /// # Errors
    ///
    /// See [`TokenError`].
    pub async fn make_mail_token(&self, address: &str) -> Result<Zeroizing<String>, TokenError> {
        let address = addresses::normal(address).ok_or(TokenError::UnknownAddress)?;
        let account = self
            .store
            .account_id(&address)
            .await?
            .ok_or(TokenError::UnknownAddress)?;
        let (token, hash) = tokens::make();
        let now = self.now();
        let mut write = self.store.begin().await?;
        let expires = now.saturating_add(MAIL_TOKEN_SECONDS);
        write
            .insert_token(account, &hash, Scope::MailOnly, now, expires)
            .await?;
        write.commit().await?;
        Ok(token)
    }

    /// Ends push streams and closes the database; a clone used afterwards answers `unavailable`.
    pub async fn close(&self) {
        self.end_streams();
        self.store.close().await;
    }

    /// Forgets what is too old; called once in a while.
    pub(crate) fn tidy(&self) {
        let now = self.now();
        self.uploads.expire(now);
        self.handshakes.expire(now);
    }

    /// Tells push streams to end.
    pub(crate) fn end_streams(&self) {
        self.shutdown.send_replace(true);
    }

    /// Seconds since 1970.
    pub(crate) fn now(&self) -> u64 {
        self.config.clock.now().0
    }

    /// Commits a write and tells those who listen.
    pub(crate) async fn commit(&self, write: Write) -> Result<(), StoreError> {
        let committed = write.commit().await?;
        self.push.changed(committed);
        Ok(())
    }
}
