//! What the mail client runs on in the background.

use crypto_webcrypto::WebCryptoEngine;
use mail_client::{ClientError, ports::Platform};
use platform_web::{FetchTransport, FetchWeb, IndexedDbStore, WebClock, WebEntropy};

/// The database of the local account; one for the extension.
const STORE: &str = "letterlock extension";

/// The browser's ports as one platform.
pub struct WebPlatform {
    transport: FetchTransport,
    store: IndexedDbStore,
    engine: WebCryptoEngine,
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
        &WebClock
    }
    fn entropy(&self) -> &WebEntropy {
        &WebEntropy
    }
}

/// Opens the store.
pub(crate) async fn open() -> Result<WebPlatform, ClientError> {
    Ok(WebPlatform {
        // A local account has no server.
        transport: FetchTransport::new(""),
        store: IndexedDbStore::open(STORE).await?,
        engine: WebCryptoEngine::default(),
    })
}
