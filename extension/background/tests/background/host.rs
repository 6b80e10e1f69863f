//! A browser that does what it is told, and writes down what it was asked.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};

use crypto_core::{
    bulk::NativeEngine,
    ids::UnixTime,
    kdf::StretchedKey,
    secret::{Passphrase, Secret},
};
use ext_background::{
    host::{Host, Icon, Memory, PortId, SiteScripts},
    sender::{Own, Spot},
};
use ext_protocol::view::VaultState;
use futures::{executor::LocalSpawner, task::LocalSpawnExt as _};
use mail_client::{
    ClientError,
    local_account::UnlockParameters,
    ports::{
        Clock, Entropy, HttpRequest, HttpResponse, Platform, Transport, TransportError, WebFetch,
        WebLimits,
    },
};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use serde::Serialize;
use serde_json::Value;

use crate::store::Shelf;

/// What outlives the background.
#[derive(Clone)]
pub(crate) struct Shared(pub(crate) Rc<Inner>);

pub(crate) struct Inner {
    pub(crate) store: Shelf,
    pub(crate) session: RefCell<BTreeMap<String, String>>,
    pub(crate) disk: RefCell<BTreeMap<String, String>>,
    pub(crate) now: Cell<u64>,
    /// The next write to the session's memory finds no room.
    pub(crate) full_once: Cell<bool>,
    pub(crate) next_random: Cell<u64>,
    pub(crate) stretched: Cell<usize>,
    pub(crate) sent: RefCell<Vec<(PortId, Value)>>,
    pub(crate) cut: RefCell<Vec<PortId>>,
    pub(crate) called_back: RefCell<Vec<Spot>>,
    pub(crate) called_own: Cell<usize>,
    pub(crate) windows: RefCell<Vec<String>>,
    pub(crate) opened_tabs: RefCell<Vec<String>>,
    pub(crate) tab: RefCell<Option<(i32, String)>>,
    pub(crate) alarms: RefCell<BTreeMap<String, u64>>,
    pub(crate) icon: RefCell<Option<Icon>>,
    /// The browser does not draw the icon.
    pub(crate) draws_nothing: Cell<bool>,
    pub(crate) badges: RefCell<Vec<Option<i32>>>,
    pub(crate) registered: RefCell<Vec<SiteScripts>>,
    pub(crate) allowed: RefCell<Vec<String>>,
    pub(crate) vaults: RefCell<Vec<VaultState>>,
    /// Addresses of strangers' servers that were asked.
    pub(crate) asked: RefCell<Vec<String>>,
}

impl Shared {
    pub(crate) fn new() -> Self {
        Self(Rc::new(Inner {
            store: Shelf::default(),
            session: RefCell::default(),
            disk: RefCell::default(),
            now: Cell::new(1_790_000_000_000),
            full_once: Cell::new(false),
            next_random: Cell::new(1),
            stretched: Cell::new(0),
            sent: RefCell::default(),
            cut: RefCell::default(),
            called_back: RefCell::default(),
            called_own: Cell::new(0),
            windows: RefCell::default(),
            opened_tabs: RefCell::default(),
            tab: RefCell::default(),
            alarms: RefCell::default(),
            icon: RefCell::default(),
            draws_nothing: Cell::default(),
            badges: RefCell::default(),
            registered: RefCell::default(),
            allowed: RefCell::default(),
            vaults: RefCell::default(),
            asked: RefCell::default(),
        }))
    }

    fn random(&self) -> u64 {
        let number = self.0.next_random.get();
        self.0.next_random.set(number + 1);
        number
    }
}

pub(crate) struct FakeHost {
    pub(crate) shared: Shared,
    pub(crate) own: Own,
    pub(crate) spawner: LocalSpawner,
}

pub(crate) const BASE: &str = "chrome-extension://abc/";

impl FakeHost {
    pub(crate) fn new(shared: &Shared, spawner: LocalSpawner) -> Self {
        Self {
            shared: shared.clone(),
            own: Own {
                extension: "abc".into(),
                bases: vec![BASE.into(), "chrome-extension://changing/".into()],
            },
            spawner,
        }
    }

    fn inner(&self) -> &Inner {
        &self.shared.0
    }

    fn memory(&self, memory: Memory) -> &RefCell<BTreeMap<String, String>> {
        match memory {
            Memory::Session => &self.inner().session,
            Memory::Disk => &self.inner().disk,
        }
    }
}

impl Host for FakeHost {
    type Platform = FakePlatform;

    async fn platform(&self, server: &str) -> Result<FakePlatform, ClientError> {
        Ok(FakePlatform {
            shared: self.shared.clone(),
            store: self.inner().store.clone(),
            transport: match server {
                "" => NoServer::None,
                _ => NoServer::Silent,
            },
        })
    }

    fn vault_changed(&self, state: VaultState) {
        self.inner().vaults.borrow_mut().push(state);
    }

    async fn stretch(
        &self,
        passphrase: &Passphrase,
        parameters: &UnlockParameters,
    ) -> Result<StretchedKey, ClientError> {
        self.inner().stretched.set(self.inner().stretched.get() + 1);
        // No Argon2id: these tests are about who may call it.
        let mut key = [0; 32];
        let bytes = parameters.salt.iter().chain(passphrase.expose().as_bytes());
        for (at, byte) in bytes.enumerate() {
            key[at % 32] ^= byte.rotate_left(at as u32 / 32);
        }
        Ok(StretchedKey::from_bytes(Secret::new(key)))
    }

    fn now(&self) -> u64 {
        self.inner().now.get()
    }
    fn random(&self) -> String {
        format!("unguessable-{}", self.shared.random())
    }
    fn own(&self) -> &Own {
        &self.own
    }
    fn address(&self, file: &str, fixed: bool) -> String {
        let base = if fixed {
            BASE
        } else {
            "chrome-extension://changing/"
        };
        format!("{base}{file}")
    }
    fn text(&self, key: &str) -> String {
        format!("<{key}>")
    }
    fn date(&self, seconds: u64, _: &str) -> String {
        format!("second {seconds}")
    }

    fn send(&self, port: PortId, message: &impl Serialize) -> bool {
        let message = serde_json::to_value(message).unwrap();
        self.inner().sent.borrow_mut().push((port, message));
        true
    }
    fn cut(&self, port: PortId) {
        self.inner().cut.borrow_mut().push(port);
    }
    fn call_back(&self, spot: &Spot) {
        self.inner().called_back.borrow_mut().push(spot.clone());
    }
    fn call_back_own(&self) {
        self.inner()
            .called_own
            .set(self.inner().called_own.get() + 1);
    }

    async fn recall(&self, memory: Memory) -> Vec<(String, String)> {
        self.memory(memory).borrow().clone().into_iter().collect()
    }
    async fn keep(&self, memory: Memory, key: &str, text: &str) -> bool {
        if memory == Memory::Session && self.inner().full_once.replace(false) {
            return false;
        }
        self.memory(memory)
            .borrow_mut()
            .insert(key.into(), text.into());
        true
    }
    async fn forget(&self, memory: Memory, key: &str) {
        self.memory(memory).borrow_mut().remove(key);
    }

    async fn open_window(&self, address: &str, _: u32, _: u32) -> Option<i32> {
        self.inner().windows.borrow_mut().push(address.to_owned());
        Some(i32::try_from(self.inner().windows.borrow().len()).unwrap())
    }
    async fn focus_window(&self, _: i32) -> bool {
        true
    }
    async fn close_window(&self, _: i32) {}
    fn open_tab(&self, address: &str) {
        self.inner()
            .opened_tabs
            .borrow_mut()
            .push(address.to_owned());
    }
    async fn tab(&self, which: Option<i32>) -> Option<(i32, String)> {
        let tab = self.inner().tab.borrow().clone()?;
        which.is_none_or(|which| which == tab.0).then_some(tab)
    }

    async fn set_alarm(&self, name: &str, at: u64) {
        self.inner().alarms.borrow_mut().insert(name.into(), at);
    }
    async fn clear_alarm(&self, name: &str) {
        self.inner().alarms.borrow_mut().remove(name);
    }
    async fn icon(&self, icon: Icon, _: VaultState) -> bool {
        if self.inner().draws_nothing.get() {
            return false;
        }
        self.inner().icon.replace(Some(icon));
        true
    }
    fn badge(&self, tab: Option<i32>, shown: bool) {
        if shown {
            self.inner().badges.borrow_mut().push(tab);
        }
    }

    async fn register(&self, sites: &[SiteScripts]) {
        self.inner().registered.replace(sites.to_vec());
    }
    async fn inject(&self, _: &SiteScripts) {}
    async fn give_back(&self, origin: &str) {
        self.inner()
            .allowed
            .borrow_mut()
            .retain(|one| one != origin);
    }
    async fn allowed(&self, origin: &str) -> bool {
        self.inner()
            .allowed
            .borrow()
            .iter()
            .any(|one| one == origin)
    }

    fn spawn(&self, work: impl Future<Output = ()> + 'static) {
        self.spawner.spawn_local(work).unwrap();
    }
    async fn stir(&self) {}
    async fn sleep(&self, _: u32) {
        // Time stands still; nothing here waits for it.
        std::future::pending().await
    }
}

pub(crate) struct FakePlatform {
    shared: Shared,
    store: Shelf,
    transport: NoServer,
}

impl Platform for FakePlatform {
    type Transport = NoServer;
    type Web = Shared;
    type Store = Shelf;
    type Engine = NativeEngine;
    type Clock = Shared;
    type Entropy = Shared;

    fn transport(&self) -> &NoServer {
        &self.transport
    }
    fn web(&self) -> &Shared {
        &self.shared
    }
    fn store(&self) -> &Shelf {
        &self.store
    }
    fn engine(&self) -> &NativeEngine {
        &NativeEngine
    }
    fn clock(&self) -> &Shared {
        &self.shared
    }
    fn entropy(&self) -> &Shared {
        &self.shared
    }
}

/// Nobody has a key.
impl WebFetch for Shared {
    async fn get(&self, url: &str, _: WebLimits) -> Result<HttpResponse, TransportError> {
        self.0.asked.borrow_mut().push(url.to_owned());
        Err(TransportError::Unreachable)
    }
}

impl Clock for Shared {
    fn now(&self) -> UnixTime {
        UnixTime(self.0.now.get() / 1000)
    }
}

impl Entropy for Shared {
    type Rng = ChaCha20Rng;
    fn rng(&self) -> ChaCha20Rng {
        ChaCha20Rng::seed_from_u64(self.random())
    }
}

/// A local account's server, which nobody may ask, and one that never answers.
pub(crate) enum NoServer {
    None,
    Silent,
}

impl NoServer {
    fn unreachable<T>(&self) -> Result<T, TransportError> {
        match self {
            Self::None => panic!("a local account has no server to ask"),
            Self::Silent => Err(TransportError::Unreachable),
        }
    }
}

impl Transport for NoServer {
    async fn send(&self, _: HttpRequest) -> Result<HttpResponse, TransportError> {
        self.unreachable()
    }
    async fn events(
        &self,
        _: HttpRequest,
        _: &mut dyn FnMut(&str) -> bool,
    ) -> Result<(), TransportError> {
        self.unreachable()
    }
}
