//! Logins between their two steps, in memory: two minutes and one try.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use crypto_core::srp::ServerHandshake;

/// How long a login may take between its steps, in seconds.
pub(crate) const LIFETIME: u64 = 120;

/// A login that waits for the client's proof.
pub(crate) struct Pending {
    pub(crate) handshake: ServerHandshake,
    /// The address as the client gave it, in lower case: SRP's identity.
    pub(crate) identity: String,
    pub(crate) salt: Vec<u8>,
    /// `None` when nobody has the address.
    pub(crate) account: Option<Known>,
}

/// The account behind a login.
pub(crate) struct Known {
    pub(crate) account: i64,
    pub(crate) address: String,
    pub(crate) wrapped_vault_key: Vec<u8>,
    pub(crate) revision: u64,
}

#[derive(Default)]
struct All {
    pending: HashMap<String, (u64, Pending)>,
    /// Names with their ends, oldest first; those that were taken are skipped.
    order: VecDeque<(u64, String)>,
}

impl All {
    fn expire(&mut self, now: u64) {
        while self
            .order
            .front()
            .is_some_and(|(expires, _)| *expires <= now)
        {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        if let Some((_, id)) = self.order.pop_front() {
            self.pending.remove(&id);
        }
    }
}

/// All logins that wait.
pub(crate) struct Handshakes {
    all: Mutex<All>,
    capacity: usize,
}

impl Handshakes {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            all: Mutex::new(All::default()),
            capacity,
        }
    }

    /// Keeps a login and names it. When too many wait, the oldest makes room: whoever fills the
    /// room with logins must not keep others from logging in.
    pub(crate) fn insert(&self, pending: Pending, now: u64) -> String {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.expire(now);
        while all.order.len() >= self.capacity.max(1) {
            all.drop_oldest();
        }
        let id = crate::ids::make_name();
        let expires = now.saturating_add(LIFETIME);
        all.order.push_back((expires, id.clone()));
        all.pending.insert(id.clone(), (expires, pending));
        id
    }

    /// Forgets logins that were never finished.
    pub(crate) fn expire(&self, now: u64) {
        self.all
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .expire(now);
    }

    /// Takes a login out, if it has not expired; there is no second try.
    pub(crate) fn take(&self, id: &str, now: u64) -> Option<Pending> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let (expires, pending) = all.pending.remove(id)?;
        (expires > now).then_some(pending)
    }
}
