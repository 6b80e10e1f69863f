//! Uploaded bytes and messages not yet sent, in memory only.
//!
//! Nothing in here ever touches the disk: these are the only plaintexts the server holds, and
//! they are gone after an hour, after delivery, or when somebody else needs the room.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
};

use axum::body::Bytes;

/// What is kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Key {
    /// An upload, by its random name.
    Upload(String),
    /// The message behind an email that may still be submitted.
    Original(i64),
}

struct Entry {
    bytes: Bytes,
    order: u64,
    expires: u64,
}

#[derive(Default)]
struct Account {
    entries: HashMap<Key, Entry>,
    size: usize,
}

#[derive(Default)]
struct All {
    accounts: BTreeMap<i64, Account>,
    size: usize,
    counter: u64,
}

/// All uploads.
pub(crate) struct Uploads {
    all: Mutex<All>,
    per_account: usize,
    total: usize,
    lifetime: u64,
}

impl Uploads {
    pub(crate) fn new(per_account: usize, total: usize, lifetime: u64) -> Self {
        Self {
            all: Mutex::new(All::default()),
            per_account,
            total,
            lifetime,
        }
    }

    /// Keeps bytes; the account's oldest make room for them. False when there is no room even
    /// then.
    pub(crate) fn insert(&self, account: i64, key: Key, bytes: Bytes, now: u64) -> bool {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.expire(now);
        all.remove(account, &key);
        if bytes.len() > self.per_account {
            return false;
        }
        let room = self.per_account - bytes.len();
        while all
            .accounts
            .get(&account)
            .is_some_and(|own| own.size > room)
        {
            all.remove_oldest(account);
        }
        if all.size.saturating_add(bytes.len()) > self.total {
            return false;
        }
        all.counter += 1;
        let (order, expires) = (all.counter, now.saturating_add(self.lifetime));
        all.size += bytes.len();
        let own = all.accounts.entry(account).or_default();
        own.size += bytes.len();
        own.entries.insert(
            key,
            Entry {
                bytes,
                order,
                expires,
            },
        );
        true
    }

    /// The bytes, if they are still there.
    pub(crate) fn get(&self, account: i64, key: &Key, now: u64) -> Option<Bytes> {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = all.accounts.get(&account)?.entries.get(key)?;
        (entry.expires > now).then(|| entry.bytes.clone())
    }

    /// Forgets one.
    pub(crate) fn forget(&self, account: i64, key: &Key) {
        self.all
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(account, key);
    }

    /// Forgets what is too old.
    pub(crate) fn expire(&self, now: u64) {
        self.all
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .expire(now);
    }
}

impl All {
    fn remove(&mut self, account: i64, key: &Key) {
        let Some(own) = self.accounts.get_mut(&account) else {
            return;
        };
        if let Some(entry) = own.entries.remove(key) {
            own.size -= entry.bytes.len();
            self.size -= entry.bytes.len();
        }
        if own.entries.is_empty() {
            self.accounts.remove(&account);
        }
    }

    fn remove_oldest(&mut self, account: i64) {
        let oldest = self.accounts.get(&account).and_then(|own| {
            own.entries
                .iter()
                .min_by_key(|(_, entry)| entry.order)
                .map(|(key, _)| key.clone())
        });
        if let Some(key) = oldest {
            self.remove(account, &key);
        }
    }

    fn expire(&mut self, now: u64) {
        let old: Vec<(i64, Key)> = self
            .accounts
            .iter()
            .flat_map(|(account, own)| {
                own.entries
                    .iter()
                    .filter(|(_, entry)| entry.expires <= now)
                    .map(|(key, _)| (*account, key.clone()))
            })
            .collect();
        for (account, key) in old {
            self.remove(account, &key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload(name: &str) -> Key {
        Key::Upload(name.to_owned())
    }

    #[test]
    fn the_oldest_of_the_same_account_makes_room() {
        let uploads = Uploads::new(10, 15, 60);
        assert!(uploads.insert(1, upload("a"), Bytes::from_static(b"123456"), 0));
        assert!(uploads.insert(1, upload("b"), Bytes::from_static(b"123456"), 0));
        assert_eq!(uploads.get(1, &upload("a"), 0), None);
        assert!(uploads.get(1, &upload("b"), 0).is_some());
        assert_eq!(uploads.get(2, &upload("b"), 0), None);
        assert!(!uploads.insert(2, upload("c"), Bytes::from_static(b"1234567890"), 0));
        assert!(!uploads.insert(1, upload("d"), Bytes::from_static(b"12345678901"), 0));
    }

    #[test]
    fn what_is_too_old_is_gone_and_its_room_is_free() {
        let uploads = Uploads::new(10, 10, 60);
        assert!(uploads.insert(1, upload("a"), Bytes::from_static(b"1234567890"), 0));
        assert_eq!(uploads.get(1, &upload("a"), 60), None);
        assert!(uploads.insert(2, upload("b"), Bytes::from_static(b"1234567890"), 60));
    }
}
