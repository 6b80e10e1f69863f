//! The browser's ports as one platform.
//!
//! The extension's background runs on the same one: it shares a program with this worker, and a
//! second type would make a second copy of the whole client in it.

use crypto_webcrypto::WebCryptoEngine;
use mail_client::{ClientError, ports::Platform};
use platform_web::{FetchTransport, FetchWeb, IndexedDbStore, WebClock, WebEntropy};

/// What the client runs on in a browser's worker.
pub struct WebPlatform {
    transport: FetchTransport,
    store: IndexedDbStore,
    engine: WebCryptoEngine,
    clock: WebClock,
    entropy: WebEntropy,
}

impl Platform for WebPlatform {
    type Transport = FetchTransport;
    type Web = FetchWeb;
    type Store = IndexedDbStore;
    type Engine = WebCryptoEngine;
    type Clock = WebClock;
    type Entropy = WebEntropy;

    fn transport(&self) -> &FetchTransport {
        &self.transport
    }
    fn web(&self) -> &FetchWeb {
        &FetchWeb
    }
    fn store(&self) -> &IndexedDbStore {
        &self.store
    }
    fn engine(&self) -> &WebCryptoEngine {
        &self.engine
    }
    fn clock(&self) -> &WebClock {
        &self.clock
    }
    fn entropy(&self) -> &WebEntropy {
        &self.entropy
    }
}

/// What everything of this server is called in this browser: database, channel, locks.
pub(crate) fn scope_name(server: &str) -> String {
    if server.is_empty() {
        "letterlock".to_owned()
    } else {
        format!("letterlock {server}")
    }
}

/// Opens the store and makes the ports for a server; empty is the page's own origin.
pub(crate) async fn open(server: &str) -> Result<WebPlatform, ClientError> {
    open_named(server, &scope_name(server)).await
}

/// The same, with a database of this name.
///
/// # Errors
/// [`ClientError::Store`] when the browser gives no database.
pub async fn open_named(server: &str, database: &str) -> Result<WebPlatform, ClientError> {
    Ok(WebPlatform {
        transport: FetchTransport::new(server),
        store: IndexedDbStore::open(database).await?,
        engine: WebCryptoEngine::default(),
        clock: WebClock,
        entropy: WebEntropy,
    })
}
