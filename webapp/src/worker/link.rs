//! Receiving requests and posting answers.

use std::{cell::RefCell, rc::Rc};

use futures::channel::mpsc;
use js_sys::Uint8Array;
use mail_client::Client;
use platform_web::{TabLock, TabNews, Tabs};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};
use zeroize::Zeroizing;

use crate::{
    protocol::{self, Answer, Event, FromWorker, Numbered, Request},
    worker::{dispatch, platform::WebPlatform},
};

/// Takes a message, encoded, to a page.
pub(crate) type Outlet = Box<dyn Fn(&[u8])>;

/// The one page that a worker has.
const PAGE: u32 = 0;

/// What all requests share.
#[derive(Default)]
pub(crate) struct Shared {
    /// The pages, by number.
    pub(crate) pages: RefCell<Vec<(u32, Outlet)>>,
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

    /// Tells every page something on the worker's own account.
    pub(crate) fn tell(&self, event: Event) {
        if let Some(bytes) = protocol::encode(&FromWorker::Event(event)) {
            for (_, outlet) in self.pages.borrow().iter() {
                outlet(&bytes);
            }
        }
    }

    /// Posts to one page; one that went away cannot be told anything.
    pub(crate) fn post(&self, page: u32, message: &FromWorker) {
        let Some(bytes) = protocol::encode(message) else {
            return;
        };
        if let Some((_, outlet)) = self.pages.borrow().iter().find(|(id, _)| *id == page) {
            outlet(&bytes);
        }
    }

    /// Whether the background work goes on.
    pub(crate) fn is_at_work(&self) -> bool {
        let wake = self.wake.borrow();
        wake.as_ref().is_some_and(|sender| !sender.is_closed())
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
}

/// Takes the worker's messages from now on. Called once, by the worker's `main`.
///
/// # Errors
/// When it does not run in a dedicated worker.
pub fn start() -> Result<(), JsValue> {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().dyn_into()?;
    let shared = Rc::new(Shared::default());
    let out = scope.clone();
    shared.pages.borrow_mut().push((
        PAGE,
        Box::new(move |bytes| {
            // A page that went away cannot be told anything.
            drop(out.post_message(&Uint8Array::from(bytes)));
        }),
    ));
    let receiver = Rc::clone(&shared);
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let bytes = event.data().dyn_into::<Uint8Array>();
        let bytes = Zeroizing::new(bytes.map(|bytes| bytes.to_vec()).unwrap_or_default());
        // Anything that is not a request of the closed enum is dropped.
        match protocol::decode::<Numbered<Request>>(&bytes) {
            Some(request) => receive(&receiver, request),
            None => web_sys::console::warn_1(&"a message that is no request was dropped".into()),
        }
    });
    scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    // Lives as long as the worker.
    on_message.forget();
    let online = Rc::clone(&shared);
    let on_online = Closure::<dyn Fn()>::new(move || online.wake(Wake::Sync));
    scope.add_event_listener_with_callback("online", on_online.as_ref().unchecked_ref())?;
    on_online.forget();
    shared.post(PAGE, &FromWorker::Ready);
    Ok(())
}

fn receive(shared: &Rc<Shared>, request: Numbered<Request>) {
    let shared = Rc::clone(shared);
    wasm_bindgen_futures::spawn_local(async move {
        let body = dispatch::answer(&shared, request.body)
            .await
            .unwrap_or_else(Answer::Failed);
        let number = request.number;
        shared.post(PAGE, &FromWorker::Answer(Numbered { number, body }));
    });
}
