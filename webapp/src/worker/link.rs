//! Receiving requests and posting answers.

use std::{cell::RefCell, rc::Rc};

use futures::channel::mpsc;
use mail_client::Client;
use platform_web::{TabLock, TabNews, Tabs};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use crate::{
    protocol::{Answer, Event, FromWorker, Numbered, Request},
    worker::{dispatch, platform::WebPlatform},
};

/// What all requests share.
pub(crate) struct Shared {
    scope: DedicatedWorkerGlobalScope,
    /// Present after [`Request::Start`].
    pub(crate) client: RefCell<Option<Rc<Client<WebPlatform>>>>,
    /// The other tabs of this browser; absent before [`Request::Start`].
    pub(crate) tabs: RefCell<Option<Tabs>>,
    /// What this server's things are called in this browser.
    pub(crate) scope_name: RefCell<String>,
    /// Wakes the background work; gone when nothing runs.
    pub(crate) wake: RefCell<Option<mpsc::UnboundedSender<Wake>>>,
}

/// Why the background work is woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wake {
    /// Something changed or might have: synchronise.
    Sync,
    /// Locked or logged out: end.
    Stop,
}

impl Shared {
    /// The client, once started.
    pub(crate) fn client(&self) -> Option<Rc<Client<WebPlatform>>> {
        self.client.borrow().clone()
    }

    /// Tells the page something on the worker's own account.
    pub(crate) fn tell(&self, event: Event) {
        self.post(&FromWorker::Event(event));
    }

    /// Wakes or stops the background work.
    pub(crate) fn wake(&self, why: Wake) {
        if let Some(sender) = &*self.wake.borrow() {
            // Nobody listens when the work has just ended; then there is nothing to wake.
            let _ended = sender.unbounded_send(why);
        }
    }

    /// Tells the other tabs.
    pub(crate) fn tell_tabs(&self, news: TabNews) {
        if let Some(tabs) = &*self.tabs.borrow() {
            tabs.tell(news);
        }
    }

    /// Waits until no other tab sends or synchronises: two at once would send a waiting message
    /// twice.
    pub(crate) async fn only_tab(&self) -> TabLock {
        let name = format!("{} mail", self.scope_name.borrow());
        TabLock::acquire(&name).await
    }

    fn post(&self, message: &FromWorker) {
        let serializer =
            serde_wasm_bindgen::Serializer::new().serialize_large_number_types_as_bigints(false);
        match message.serialize(&serializer) {
            // A page that went away cannot be told anything.
            Ok(value) => drop(self.scope.post_message(&value)),
            Err(error) => web_sys::console::error_1(&error.into()),
        }
    }
}

/// Takes the worker's messages from now on. Called once, by the worker's `main`.
///
/// # Errors
/// When it does not run in a dedicated worker.
pub fn start() -> Result<(), JsValue> {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().dyn_into()?;
    let shared = Rc::new(Shared {
        scope: scope.clone(),
        client: RefCell::new(None),
        tabs: RefCell::new(None),
        scope_name: RefCell::default(),
        wake: RefCell::new(None),
    });
    let receiver = Rc::clone(&shared);
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        // Anything that is not a request of the closed enum is dropped.
        match serde_wasm_bindgen::from_value::<Numbered<Request>>(event.data()) {
            Ok(request) => receive(&receiver, request),
            Err(_) => web_sys::console::warn_1(&"a message that is no request was dropped".into()),
        }
    });
    scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    // Lives as long as the worker.
    on_message.forget();
    let online = Rc::clone(&shared);
    let on_online = Closure::<dyn Fn()>::new(move || online.wake(Wake::Sync));
    scope.add_event_listener_with_callback("online", on_online.as_ref().unchecked_ref())?;
    on_online.forget();
    shared.post(&FromWorker::Ready);
    Ok(())
}

fn receive(shared: &Rc<Shared>, request: Numbered<Request>) {
    let shared = Rc::clone(shared);
    wasm_bindgen_futures::spawn_local(async move {
        let body = dispatch::answer(&shared, request.body)
            .await
            .unwrap_or_else(Answer::Failed);
        shared.post(&FromWorker::Answer(Numbered {
            number: request.number,
            body,
        }));
    });
}
