//! Who is told when something changes: one channel an account, in memory.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::broadcast;

use crate::store::{Committed, DataType};

/// What listeners of an account are told.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// These types have these states now.
    Changed(Arc<[(DataType, i64)]>),
    /// Sessions have ended: look whether yours is among them.
    SessionsEnded,
}

/// All channels.
#[derive(Default)]
pub(crate) struct Push {
    channels: Mutex<HashMap<i64, broadcast::Sender<Event>>>,
}

impl Push {
    /// Listens to an account.
    pub(crate) fn subscribe(&self, account: i64) -> broadcast::Receiver<Event> {
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        channels.retain(|_, sender| sender.receiver_count() > 0);
        channels
            .entry(account)
            .or_insert_with(|| broadcast::channel(64).0)
            .subscribe()
    }

    /// Tells what a write changed.
    pub(crate) fn changed(&self, committed: Committed) {
        for (account, kinds) in committed {
            self.send(account, Event::Changed(kinds.into()));
        }
    }

    /// Tells that sessions of an account ended.
    pub(crate) fn sessions_ended(&self, account: i64) {
        self.send(account, Event::SessionsEnded);
    }

    fn send(&self, account: i64, event: Event) {
        let channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = channels.get(&account) {
            // An error only says that nobody listens any more.
            let _ = sender.send(event);
        }
    }
}
