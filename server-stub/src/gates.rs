//! Bounds of frequency and of simultaneous work.

use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use axum::http::{HeaderMap, header};
use governor::{
    DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock as _,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    config::{Config, Rate},
    problem::ApiProblem,
};

/// Who asks, as far as the network tells: an IPv4 address or an IPv6 network of 64 bits, since
/// one visitor easily has all addresses of such a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Peer(u64);

impl Peer {
    /// The peer of requests that came without a network, as in tests.
    pub(crate) const NONE: Self = Self(0);
}

impl From<IpAddr> for Peer {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(u64::from(u32::from(address)) | 1 << 63),
            IpAddr::V6(address) => Self((u128::from(address) >> 64) as u64 & !(1 << 63)),
        }
    }
}

/// How often a key is used; forgets keys that are at rest.
pub(crate) struct KeyedGate<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
    uses: AtomicU32,
}

impl<K: Hash + Eq + Clone> KeyedGate<K> {
    fn new(rate: Rate) -> Self {
        Self {
            limiter: RateLimiter::keyed(quota(rate)),
            uses: AtomicU32::new(0),
        }
    }

    /// Lets one request of this key pass.
    pub(crate) fn pass(&self, key: &K) -> Result<(), ApiProblem> {
        // The map would otherwise grow with every address that was ever tried.
        if self.uses.fetch_add(1, Ordering::Relaxed) % 4096 == 4095 {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(key).map_err(|until| {
            let wait = until.wait_time_from(self.limiter.clock().now());
            ApiProblem::too_many_requests(wait.as_secs().saturating_add(1))
        })
    }
}

fn quota(rate: Rate) -> Quota {
    // A period of zero would mean "never limited": then once a nanosecond is the same.
    Quota::with_period(rate.every)
        .unwrap_or_else(|| Quota::per_second(std::num::NonZeroU32::MAX))
        .allow_burst(rate.burst)
}

/// What one account does at the same time.
struct AccountWork {
    requests: Arc<Semaphore>,
    uploads: Arc<Semaphore>,
    streams: Arc<Semaphore>,
}

/// All bounds together.
pub(crate) struct Gates {
    pub(crate) login_address: KeyedGate<u64>,
    pub(crate) login_peer: KeyedGate<Peer>,
    login_total: DefaultDirectRateLimiter,
    pub(crate) register_peer: KeyedGate<Peer>,
    pub(crate) lookup_account: KeyedGate<i64>,
    pub(crate) directory_peer: KeyedGate<Peer>,
    pub(crate) account: KeyedGate<i64>,
    pub(crate) submission: KeyedGate<i64>,
    in_flight: Arc<Semaphore>,
    /// One permit a KiB of uploads on their way in.
    upload_room: Arc<Semaphore>,
    /// One permit a KiB of messages that are being sealed.
    work_room: Arc<Semaphore>,
    room: u32,
    message_size: usize,
    work: Mutex<HashMap<i64, AccountWork>>,
    concurrent_requests: usize,
    concurrent_uploads: usize,
    push_streams: usize,
}

/// A place that is free again when this is dropped.
pub(crate) type Place = OwnedSemaphorePermit;

impl Gates {
    pub(crate) fn new(config: &Config) -> Self {
        let rates = &config.rates;
        let room = u32::try_from(config.limits.uploads_total / 1024).unwrap_or(u32::MAX >> 4);
        Self {
            login_address: KeyedGate::new(rates.login_per_address),
            login_peer: KeyedGate::new(rates.login_per_peer),
            login_total: RateLimiter::direct(quota(rates.login_total)),
            register_peer: KeyedGate::new(rates.register_per_peer),
            lookup_account: KeyedGate::new(rates.lookup_per_account),
            directory_peer: KeyedGate::new(rates.directory_per_peer),
            account: KeyedGate::new(rates.requests_per_account),
            submission: KeyedGate::new(rates.submissions_per_account),
            in_flight: Arc::new(Semaphore::new(config.limits.requests_in_flight)),
            upload_room: Arc::new(Semaphore::new(room as usize)),
            work_room: Arc::new(Semaphore::new(room as usize)),
            room,
            message_size: config.limits.message_size,
            work: Mutex::new(HashMap::new()),
            concurrent_requests: config.limits.concurrent_requests,
            concurrent_uploads: config.limits.concurrent_uploads,
            push_streams: config.limits.push_streams,
        }
    }

    /// Lets one login of anybody pass.
    pub(crate) fn login_total(&self) -> Result<(), ApiProblem> {
        self.login_total
            .check()
            .map_err(|_| ApiProblem::too_many_requests(1))
    }

    /// A place among all requests in work.
    pub(crate) fn enter(&self) -> Result<Place, ApiProblem> {
        Arc::clone(&self.in_flight)
            .try_acquire_owned()
            .map_err(|_| ApiProblem::unavailable())
    }

    /// A place among the JMAP requests of an account; `None` when all are taken.
    pub(crate) fn jmap_request(&self, account: i64) -> Option<Place> {
        self.work_of(account, |work| {
            Arc::clone(&work.requests).try_acquire_owned().ok()
        })
    }

    /// A place among the uploads of an account; `None` when all are taken.
    pub(crate) fn upload(&self, account: i64) -> Option<Place> {
        self.work_of(account, |work| {
            Arc::clone(&work.uploads).try_acquire_owned().ok()
        })
    }

    /// Room in memory for an upload of the announced length, or of the longest when none is
    /// announced; `None` when all uploads on their way in take it.
    pub(crate) fn upload_room(&self, headers: &HeaderMap) -> Option<Place> {
        let announced = headers
            .get(header::CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok())
            .and_then(|text| text.parse::<usize>().ok());
        let size = announced
            .unwrap_or(self.message_size)
            .min(self.message_size);
        let permits = u32::try_from(size.div_ceil(1024)).ok()?;
        Arc::clone(&self.upload_room)
            .try_acquire_many_owned(permits)
            .ok()
    }

    /// Waits for room in memory to seal so many bytes.
    pub(crate) async fn work_room(&self, bytes: usize) -> Option<Place> {
        let permits = u32::try_from(bytes.div_ceil(1024))
            .unwrap_or(u32::MAX)
            .min(self.room);
        Arc::clone(&self.work_room)
            .acquire_many_owned(permits)
            .await
            .ok()
    }

    /// A place among the push streams of an account; `None` when all are taken.
    pub(crate) fn stream(&self, account: i64) -> Option<Place> {
        self.work_of(account, |work| {
            Arc::clone(&work.streams).try_acquire_owned().ok()
        })
    }

    fn work_of<T>(&self, account: i64, take: impl FnOnce(&AccountWork) -> T) -> T {
        let mut work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        if work.len() > 10_000 {
            let idle = |semaphore: &Arc<Semaphore>| Arc::strong_count(semaphore) == 1;
            work.retain(|_, work| {
                !(idle(&work.requests) && idle(&work.uploads) && idle(&work.streams))
            });
        }
        let work = work.entry(account).or_insert_with(|| AccountWork {
            requests: Arc::new(Semaphore::new(self.concurrent_requests)),
            uploads: Arc::new(Semaphore::new(self.concurrent_uploads)),
            streams: Arc::new(Semaphore::new(self.push_streams)),
        });
        take(work)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_v6_network_is_one_peer_and_a_v4_address_is_another() {
        let peer = |text: &str| Peer::from(text.parse::<IpAddr>().unwrap());
        assert_eq!(peer("2001:db8::1"), peer("2001:db8::2"));
        assert_ne!(peer("2001:db8::1"), peer("2001:db8:0:1::1"));
        assert_ne!(peer("192.0.2.1"), peer("192.0.2.2"));
        assert_eq!(peer("::ffff:192.0.2.1"), peer("192.0.2.1"));
    }
}
