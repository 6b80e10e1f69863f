//! A device: a store that outlives the client on it.

use std::{cell::Cell, rc::Rc};

use crypto_core::{bulk::NativeEngine, ids::UnixTime, vault::MemoryStore};
use mail_client::{
    Client,
    ports::{Clock, Entropy, Platform},
};
use rand::SeedableRng as _;
use rand_chacha::ChaCha20Rng;

use crate::{
    server::{InProcess, TestServer},
    web::LocalWeb,
};

/// A clock that stands still until it is told to go on.
#[derive(Clone)]
pub struct FixedClock(Rc<Cell<u64>>);

impl FixedClock {
    /// Stands at the system's present time: the server judges by its own clock.
    pub fn now_once() -> Self {
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |d| d.as_secs());
        Self(Rc::new(Cell::new(now)))
    }

    /// Goes on by so many seconds.
    pub fn advance(&self, seconds: u64) {
        self.0.set(self.0.get() + seconds);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> UnixTime {
        UnixTime(self.0.get())
    }
}

/// Randomness that is the same in every run, and different for every device and call.
pub struct SeededEntropy {
    seed: u64,
    calls: Cell<u64>,
}

impl Entropy for SeededEntropy {
    type Rng = ChaCha20Rng;

    fn rng(&self) -> ChaCha20Rng {
        let call = self.calls.get();
        self.calls.set(call + 1);
        let mut rng = ChaCha20Rng::seed_from_u64(self.seed);
        rng.set_stream(call);
        rng
    }
}

/// The ports of a test.
pub struct TestPlatform {
    transport: InProcess,
    web: LocalWeb,
    store: MemoryStore,
    engine: NativeEngine,
    clock: FixedClock,
    entropy: SeededEntropy,
}

impl Platform for TestPlatform {
    type Transport = InProcess;
    type Web = LocalWeb;
    type Store = MemoryStore;
    type Engine = NativeEngine;
    type Clock = FixedClock;
    type Entropy = SeededEntropy;

    fn transport(&self) -> &InProcess {
        &self.transport
    }
    fn web(&self) -> &LocalWeb {
        &self.web
    }
    fn store(&self) -> &MemoryStore {
        &self.store
    }
    fn engine(&self) -> &NativeEngine {
        &self.engine
    }
    fn clock(&self) -> &FixedClock {
        &self.clock
    }
    fn entropy(&self) -> &SeededEntropy {
        &self.entropy
    }
}

/// Something with a disk on which clients run.
pub struct Device {
    server: Rc<TestServer>,
    /// Its disk.
    pub store: MemoryStore,
    /// Its clock.
    pub clock: FixedClock,
    /// Its way to strangers' servers.
    pub web: LocalWeb,
    seed: u64,
    clients: Cell<u64>,
}

impl Device {
    /// A new device; `seed` tells it from others.
    pub fn new(server: &Rc<TestServer>, seed: u64) -> Self {
        Self {
            server: Rc::clone(server),
            store: MemoryStore::new(),
            clock: FixedClock::now_once(),
            web: LocalWeb::default(),
            seed,
            clients: Cell::new(0),
        }
    }

    /// Flips a bit in every record on its disk, and says how many there are.
    pub fn damage_disk(&self) -> usize {
        let records = self.store.records();
        let count = records.len();
        for mut record in records {
            if let Some(last) = record.bytes.last_mut() {
                *last ^= 1;
            }
            self.store.overwrite(record);
        }
        count
    }

    /// A client on this device, as after opening a tab.
    pub fn open(&self) -> Client<TestPlatform> {
        let client = self.clients.get();
        self.clients.set(client + 1);
        Client::new(TestPlatform {
            transport: InProcess(Rc::clone(&self.server)),
            web: self.web.clone(),
            store: self.store.clone(),
            engine: NativeEngine,
            clock: self.clock.clone(),
            entropy: SeededEntropy {
                seed: self.seed * 1000 + client,
                calls: Cell::new(0),
            },
        })
    }
}
