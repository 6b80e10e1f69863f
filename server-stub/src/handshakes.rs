//! Logins between their two steps, in memory: two minutes and one try.

use std::{
    collections::HashMap,
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

/// All logins that wait.
pub(crate) struct Handshakes {
    pending: Mutex<HashMap<String, (u64, Pending)>>,
    capacity: usize,
}

impl Handshakes {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { pending: Mutex::new(HashMap::new()), capacity }
    }

    /// Keeps a login; `None` when too many wait already.
    pub(crate) fn insert(&self, pending: Pending, now: u64) -> Option<String> {
        let mut all = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= self.capacity {
            all.retain(|_, (expires, _)| *expires > now);
            if all.len() >= self.capacity {
                return None;
            }
        }
        let id = crate::ids::make_name();
        all.insert(id.clone(), (now.saturating_add(LIFETIME), pending));
        Some(id)
    }

    /// Forgets logins that were never finished.
    pub(crate) fn expire(&self, now: u64) {
        let mut all = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, (expires, _)| *expires > now);
    }

    /// Takes a login out, if it has not expired; there is no second try.
    pub(crate) fn take(&self, id: &str, now: u64) -> Option<Pending> {
        let mut all = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let (expires, pending) = all.remove(id)?;
        (expires > now).then_some(pending)
    }
}
