//! The line to the background: numbered requests become futures, events go to one listener.
//!
//! The browser may stop the background at any second. The line then reconnects with the next
//! request: a frame says hello with its session first, and what may be asked twice is asked again.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use ext_protocol::envelope::{Call, FRAME_PORT, PAGE_PORT, Reply};
use ext_protocol::failure::{Failure, FailureKind};
use ext_protocol::{frame, page};
use futures::channel::oneshot;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;

use ext_browser::runtime::{self, Port};

use crate::errors::unexpected;

/// What is spoken over a port.
pub(crate) trait Tongue: 'static {
    type Request: Serialize + Clone + 'static;
    type Answer: DeserializeOwned + 'static;
    type Event: DeserializeOwned + 'static;
    const PORT: &'static str;

    /// True when asking twice does no harm.
    fn may_repeat(request: &Self::Request) -> bool;

    /// What to say first on the next connection, after this answer to the last such greeting.
    fn next_greeting(answer: &Self::Answer) -> Option<Self::Request>;
}

/// What frames speak.
pub(crate) struct FrameTongue;

impl Tongue for FrameTongue {
    type Request = frame::Request;
    type Answer = frame::Answer;
    type Event = frame::Event;
    const PORT: &'static str = FRAME_PORT;

    fn may_repeat(request: &frame::Request) -> bool {
        use frame::Request;
        matches!(
            request,
            Request::Open { .. }
                | Request::Attachment { .. }
                | Request::Recipients { .. }
                | Request::AcceptKey { .. }
                | Request::Unlock
        )
    }

    fn next_greeting(answer: &frame::Answer) -> Option<frame::Request> {
        match answer {
            frame::Answer::Ready { session, .. } => Some(frame::Request::Hello {
                token: session.clone(),
                parent: parent_origin(),
            }),
            _ => None,
        }
    }
}

/// Origin of the document around this one, where the browser tells: said by `loader/frame.js`.
fn parent_origin() -> Option<String> {
    let start = js_sys::Reflect::get(&js_sys::global(), &"letterlockStart".into()).ok()?;
    let parent = js_sys::Reflect::get(&start, &"parent".into()).ok()?;
    parent.as_string()
}

/// What pages speak.
pub(crate) struct PageTongue;

impl Tongue for PageTongue {
    type Request = page::Request;
    type Answer = page::Answer;
    type Event = page::Event;
    const PORT: &'static str = PAGE_PORT;

    fn may_repeat(request: &page::Request) -> bool {
        use page::Request;
        matches!(
            request,
            Request::Status
                | Request::Keys
                | Request::Contacts
                | Request::Drafts
                | Request::Settings
                | Request::Sites
                | Request::CurrentSite
                | Request::PreviewKeyFile { .. }
                | Request::ExportCertificate { .. }
                | Request::LookUp { .. }
                | Request::Lock
        )
    }

    fn next_greeting(_: &page::Answer) -> Option<page::Request> {
        None
    }
}

/// What the line tells without being asked.
pub(crate) enum News<T: Tongue> {
    /// An event of the protocol.
    Event(T::Event),
    /// The greeting was answered on a new connection.
    Greeted(T::Answer),
    /// The connection is gone; the next request makes another.
    Gone,
}

type Outcome<T> = Result<<T as Tongue>::Answer, Failure>;
type Waiting<T> = Rc<RefCell<HashMap<u32, oneshot::Sender<Outcome<T>>>>>;

struct Inner<T: Tongue> {
    port: RefCell<Option<Connection>>,
    waiting: Waiting<T>,
    next: Cell<u32>,
    /// Counts connections: what was sent on an earlier one is forgotten over there.
    epoch: Cell<u32>,
    greeting: RefCell<Option<T::Request>>,
    connecting: futures::lock::Mutex<()>,
    on_news: Box<dyn Fn(News<T>)>,
}

struct Connection {
    port: Port,
    _on_message: Closure<dyn FnMut(JsValue)>,
    _on_disconnect: Closure<dyn FnMut()>,
}

/// The line. Clones are the same line.
pub(crate) struct Link<T: Tongue>(Rc<Inner<T>>);

impl<T: Tongue> Clone for Link<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Tongue> PartialEq for Link<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// An answer that is awaited.
pub(crate) struct Pending<T: Tongue>(oneshot::Receiver<Outcome<T>>);

impl<T: Tongue> Pending<T> {
    /// `None` when the connection ended before the answer.
    pub(crate) async fn outcome(self) -> Option<Outcome<T>> {
        self.0.await.ok()
    }
}

impl<T: Tongue> Link<T> {
    /// A line that connects with the first request.
    pub(crate) fn new(on_news: impl Fn(News<T>) + 'static) -> Self {
        Self(Rc::new(Inner {
            port: RefCell::new(None),
            waiting: Waiting::<T>::default(),
            next: Cell::new(1),
            epoch: Cell::new(0),
            greeting: RefCell::new(None),
            connecting: futures::lock::Mutex::new(()),
            on_news: Box::new(on_news),
        }))
    }

    /// Takes over a port that the loader opened, and what it said meanwhile. Requests with the
    /// numbers below `next` are the loader's; [`Self::expect`] awaits their answers.
    pub(crate) fn adopt(&self, port: Port, next: u32) {
        self.0.next.set(next);
        self.0.epoch.set(1);
        self.listen(port);
    }

    /// Awaits the answer to a request that was posted already.
    pub(crate) fn expect(&self, id: u32) -> Pending<T> {
        let (sender, receiver) = oneshot::channel();
        self.0.waiting.borrow_mut().insert(id, sender);
        Pending(receiver)
    }

    /// Handles a message that came before anybody listened.
    pub(crate) fn hear(&self, message: JsValue) {
        hear(&self.0, message);
    }

    /// What every further connection begins with.
    pub(crate) fn greet_with(&self, request: T::Request) {
        *self.0.greeting.borrow_mut() = Some(request);
    }

    /// The number of the present connection; 0 while there is none.
    pub(crate) fn epoch(&self) -> u32 {
        if self.0.port.borrow().is_some() {
            self.0.epoch.get()
        } else {
            0
        }
    }

    /// True while there is a connection.
    pub(crate) fn is_connected(&self) -> bool {
        self.0.port.borrow().is_some()
    }

    /// Asks, and waits for the answer to exactly this request.
    ///
    /// # Errors
    ///
    /// What the background failed with, or `Internal` when it was stopped meanwhile and the
    /// request must not be repeated.
    pub(crate) async fn ask(&self, request: T::Request) -> Outcome<T> {
        let may_repeat = T::may_repeat(&request);
        for is_last in [false, true] {
            self.connect().await?;
            let id = self.number();
            let pending = self.expect(id);
            if let Err(failure) = self.post(id, request.clone()) {
                self.0.waiting.borrow_mut().remove(&id);
                // The port was closed, but its event is still to come.
                gone(&self.0);
                if is_last {
                    return Err(failure);
                }
                continue;
            }
            match pending.outcome().await {
                Some(outcome) => return outcome,
                None if may_repeat && !is_last => {}
                None => break,
            }
        }
        Err(unexpected("the background was stopped"))
    }

    /// Asks without waiting; the answer is dropped. Says nothing when there is no connection.
    pub(crate) fn tell(&self, request: T::Request) {
        if self.0.port.borrow().is_none() {
            return;
        }
        let id = self.number();
        let pending = self.expect(id);
        if self.post(id, request).is_ok() {
            spawn_local(async move {
                let _ = pending.outcome().await;
            });
        }
    }

    /// Connects if there is no connection, and greets.
    ///
    /// # Errors
    ///
    /// When the background cannot be reached or refuses the greeting.
    pub(crate) async fn connect(&self) -> Result<(), Failure> {
        let _turn = self.0.connecting.lock().await;
        if self.0.port.borrow().is_some() {
            return Ok(());
        }
        let port = runtime::connect(T::PORT).map_err(|_| Failure {
            kind: FailureKind::NotAllowed,
            detail: "the extension was updated or switched off".to_owned(),
        })?;
        self.0.epoch.set(self.0.epoch.get().wrapping_add(1).max(1));
        self.listen(port);
        let greeting = self.0.greeting.borrow().clone();
        if let Some(greeting) = greeting {
            let id = self.number();
            let pending = self.expect(id);
            self.post(id, greeting)?;
            match pending.outcome().await {
                Some(Ok(answer)) => {
                    self.greeted(&answer);
                    (self.0.on_news)(News::Greeted(answer));
                }
                Some(Err(failure)) => return Err(failure),
                None => return Err(unexpected("the background closed the line")),
            }
        }
        Ok(())
    }

    /// Greets once more on the present connection, to learn what has changed. `None` when there is
    /// no connection or nothing to greet with.
    pub(crate) async fn greet_again(&self) -> Option<Outcome<T>> {
        let greeting = self.0.greeting.borrow().clone()?;
        let id = self.number();
        let pending = self.expect(id);
        self.post(id, greeting).ok()?;
        let outcome = pending.outcome().await?;
        if let Ok(answer) = &outcome {
            self.greeted(answer);
        }
        Some(outcome)
    }

    /// Remembers what the next connection begins with.
    pub(crate) fn greeted(&self, answer: &T::Answer) {
        if let Some(next) = T::next_greeting(answer) {
            self.greet_with(next);
        }
    }

    fn number(&self) -> u32 {
        let id = self.0.next.get();
        self.0.next.set(id.wrapping_add(1).max(1));
        id
    }

    fn post(&self, id: u32, request: T::Request) -> Result<(), Failure> {
        let serializer = serde_wasm_bindgen::Serializer::json_compatible();
        let message = Call { id, request }
            .serialize(&serializer)
            .map_err(|e| unexpected(&e.to_string()))?;
        let port = self.0.port.borrow().as_ref().map(|c| c.port.clone());
        port.ok_or(())
            .and_then(|port| port.post(&message).map_err(|_| ()))
            .map_err(|()| unexpected("the request could not be posted"))
    }

    fn listen(&self, port: Port) {
        let inner = self.0.clone();
        let on_message = Closure::new(move |message: JsValue| hear(&inner, message));
        port.on_message(on_message.as_ref().unchecked_ref::<js_sys::Function>());
        let inner = self.0.clone();
        let epoch = inner.epoch.get();
        let on_disconnect = Closure::new(move || {
            if inner.epoch.get() == epoch {
                gone(&inner);
            }
        });
        port.on_disconnect(on_disconnect.as_ref().unchecked_ref::<js_sys::Function>());
        *self.0.port.borrow_mut() = Some(Connection {
            port,
            _on_message: on_message,
            _on_disconnect: on_disconnect,
        });
    }
}

fn hear<T: Tongue>(inner: &Rc<Inner<T>>, message: JsValue) {
    let reply: Reply<T::Answer, T::Event> = match serde_wasm_bindgen::from_value(message) {
        Ok(reply) => reply,
        // The protocol is closed: anything else is dropped.
        Err(_) => return,
    };
    let (id, outcome) = match reply {
        Reply::Answer { id, answer } => (id, Ok(answer)),
        Reply::Failed { id, failure } => (id, Err(failure)),
        Reply::Event { event } => {
            (inner.on_news)(News::Event(event));
            return;
        }
    };
    let sender = inner.waiting.borrow_mut().remove(&id);
    if let Some(sender) = sender {
        let _ = sender.send(outcome);
    }
}

fn gone<T: Tongue>(inner: &Rc<Inner<T>>) {
    let old = inner.port.borrow_mut().take();
    // This may run inside one of the closures that `old` owns: it is dropped a turn later.
    spawn_local(async move { drop(old) });
    // Nobody is left to answer: every request ends instead of waiting for ever.
    let waiting = std::mem::take(&mut *inner.waiting.borrow_mut());
    drop(waiting);
    (inner.on_news)(News::Gone);
}
