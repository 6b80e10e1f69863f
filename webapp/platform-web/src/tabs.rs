//! What tabs of one browser tell each other, and which of them synchronises.
//!
//! Both are conveniences. A message may get lost and a lock may be missing (pages that are not
//! in a secure context have none): the store's compare-and-swap keeps things right, these only
//! keep them quick and quiet.

use std::{cell::RefCell, fmt, rc::Rc};

use futures::channel::oneshot;
use gloo::events::EventListener;
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{BroadcastChannel, MessageEvent};

use crate::persistence::get;

/// What one tab tells the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TabNews {
    /// Stored objects have changed: read again what is shown.
    Changed,
    /// The person locked.
    Locked,
    /// The person logged out; nothing is stored any more.
    LoggedOut,
}

impl TabNews {
    fn word(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Locked => "locked",
            Self::LoggedOut => "logged-out",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Changed, Self::Locked, Self::LoggedOut]
            .into_iter()
            .find(|news| news.word() == word)
    }
}

/// A channel between the tabs that have the same store open. Ends when dropped.
pub struct Tabs {
    channel: BroadcastChannel,
    _listener: EventListener,
}

impl Tabs {
    /// Joins the channel of this name; only pages of the same origin can. `None` when the
    /// browser has no channels.
    #[must_use]
    pub fn open(name: &str, mut on_news: impl FnMut(TabNews) + 'static) -> Option<Self> {
        let channel = BroadcastChannel::new(name).ok()?;
        let listener = EventListener::new(&channel, "message", move |event| {
            let word = event
                .dyn_ref::<MessageEvent>()
                .and_then(|event| event.data().as_string());
            // Anything else comes from another version of the program and is dropped.
            if let Some(news) = word.as_deref().and_then(TabNews::parse) {
                on_news(news);
            }
        });
        Some(Self {
            channel,
            _listener: listener,
        })
    }

    /// Tells the other tabs, not this one.
    pub fn tell(&self, news: TabNews) {
        // Fails only on a closed channel, which this one is not.
        drop(self.channel.post_message(&news.word().into()));
    }
}

impl Drop for Tabs {
    fn drop(&mut self) {
        self.channel.close();
    }
}

impl fmt::Debug for Tabs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tabs(..)")
    }
}

/// A lock that one tab holds at a time (Web Locks). Released when dropped, and by the browser
/// when the tab goes away.
pub struct TabLock {
    release: Option<Function>,
}

impl TabLock {
    /// Waits until the lock of this name is ours. A browser without locks gives it to everybody.
    pub async fn acquire(name: &str) -> Self {
        let release = request(name, false).await;
        Self { release }
    }

    /// Takes the lock if no other tab has it. A browser without locks gives it to everybody.
    pub async fn try_acquire(name: &str) -> Option<Self> {
        if locks().is_none() {
            return Some(Self { release: None });
        }
        let release = request(name, true).await?;
        Some(Self {
            release: Some(release),
        })
    }
}

impl Drop for TabLock {
    fn drop(&mut self) {
        if let Some(release) = &self.release {
            drop(release.call0(&JsValue::UNDEFINED));
        }
    }
}

impl fmt::Debug for TabLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TabLock(..)")
    }
}

fn locks() -> Option<JsValue> {
    get(&get(&js_sys::global(), "navigator")?, "locks")
}

/// `navigator.locks.request(name, {ifAvailable}, callback)`; answers the function that releases
/// it, or `None` when it was not to be had.
async fn request(name: &str, if_available: bool) -> Option<Function> {
    let locks = locks()?;
    let request: Function = get(&locks, "request")?.dyn_into().ok()?;
    let options = Object::new();
    Reflect::set(&options, &"ifAvailable".into(), &if_available.into()).ok()?;
    let (sender, receiver) = oneshot::channel();
    let sender = Rc::new(RefCell::new(Some(sender)));
    // Called once, with the lock or null. The lock is held until the promise it answers is kept.
    let callback = Closure::<dyn FnMut(JsValue) -> JsValue>::new(move |lock: JsValue| {
        let Some(sender) = sender.borrow_mut().take() else {
            return JsValue::UNDEFINED;
        };
        if lock.is_null() {
            drop(sender.send(None));
            return JsValue::UNDEFINED;
        }
        let mut keep = None;
        let held = Promise::new(&mut |resolve, _| keep = Some(resolve));
        match sender.send(keep) {
            Ok(()) => held.into(),
            // Nobody waits any more: give it back.
            Err(_) => JsValue::UNDEFINED,
        }
    });
    request
        .call3(&locks, &name.into(), &options, callback.as_ref())
        .ok()?;
    receiver.await.ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_are_written() {
        for news in [TabNews::Changed, TabNews::Locked, TabNews::LoggedOut] {
            assert_eq!(TabNews::parse(news.word()), Some(news));
        }
        assert_eq!(TabNews::parse("unlocked"), None);
    }
}
