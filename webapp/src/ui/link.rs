//! The line to the worker: numbered requests become futures, events go to one listener.

use super::errors::unexpected;
use crate::protocol::{self, Answer, Event, Failure, FromWorker, Numbered, Request};
use base64::engine::{Engine as _, general_purpose::STANDARD as BASE64};
use futures::channel::oneshot;
use js_sys::{Function, Uint8Array};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::MessageEvent;
use zeroize::Zeroizing;

#[wasm_bindgen]
extern "C" {
    /// The worker; or, in the extension, what its loader puts into the worker's place.
    type Line;

    /// Messages are base64, because the line carries text alone; absent from a worker.
    #[wasm_bindgen(method, getter, structural, js_name = isText)]
    fn is_text(this: &Line) -> Option<bool>;
    #[wasm_bindgen(method, catch, structural, js_name = postMessage)]
    fn post_message(this: &Line, message: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method, setter, structural)]
    fn set_onmessage(this: &Line, handler: &Function);
    #[wasm_bindgen(method, setter, structural)]
    fn set_onerror(this: &Line, handler: &Function);
    /// The other end went away and will come back with [`FromWorker::Ready`]; never called by a
    /// worker.
    #[wasm_bindgen(method, setter, structural)]
    fn set_onlost(this: &Line, handler: &Function);
}

/// What the worker says without being asked.
pub(crate) enum News {
    /// It runs and waits for [`Request::Start`]; a background says so each time it comes back.
    Ready,
    /// An event of the protocol.
    Event(Event),
    /// It died; the text stands under Details.
    Fault(String),
}

type Waiting = Rc<RefCell<HashMap<u32, oneshot::Sender<Answer>>>>;

/// The line. Dropped only with the page.
pub(crate) struct Link {
    line: Line,
    is_text: bool,
    waiting: Waiting,
    next: Cell<u32>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(web_sys::Event)>,
    _on_lost: Closure<dyn FnMut()>,
}

impl Link {
    /// Takes the worker that boot.js started, and what it said before anybody listened.
    ///
    /// # Errors
    ///
    /// A sentence for Details when the page was not loaded through boot.js.
    pub(crate) fn take(on_news: impl Fn(News) + 'static) -> Result<Self, String> {
        let global = js_sys::global();
        let line: Line = js_sys::Reflect::get(&global, &"letterlockWorker".into())
            .ok()
            .filter(JsValue::is_object)
            .map(JsCast::unchecked_into)
            .ok_or_else(|| "no worker was started".to_owned())?;
        let is_text = line.is_text().unwrap_or(false);
        let died = js_sys::Reflect::get(&global, &"letterlockFault".into());
        if let Some(fault) = died.ok().and_then(|f| f.as_string()) {
            return Err(fault);
        }
        let on_news = Rc::new(on_news);
        let waiting = Waiting::default();

        let hear = {
            let (waiting, on_news) = (waiting.clone(), on_news.clone());
            move |data: JsValue| match received(&data) {
                Some(FromWorker::Ready) => on_news(News::Ready),
                Some(FromWorker::Event(event)) => on_news(News::Event(event)),
                Some(FromWorker::Answer(Numbered { number, body })) => {
                    let sender = waiting.borrow_mut().remove(&number);
                    if let Some(sender) = sender {
                        let _ = sender.send(body);
                    }
                }
                // The protocol is closed: anything else is dropped.
                None => {}
            }
        };
        let early = js_sys::Reflect::get(&global, &"letterlockEarly".into())
            .ok()
            .and_then(|list| list.dyn_into::<js_sys::Array>().ok())
            .unwrap_or_default();
        let hear_late = hear.clone();
        let on_message = Closure::new(move |event: MessageEvent| hear_late(event.data()));
        line.set_onmessage(on_message.as_ref().unchecked_ref());
        let on_error = {
            let waiting = waiting.clone();
            Closure::new(move |event: web_sys::Event| {
                // Nobody is left to answer: every request ends instead of waiting for ever.
                waiting.borrow_mut().clear();
                let text = event
                    .dyn_ref::<web_sys::ErrorEvent>()
                    .map(web_sys::ErrorEvent::message)
                    .unwrap_or_default();
                on_news(News::Fault(text));
            })
        };
        line.set_onerror(on_error.as_ref().unchecked_ref());
        let on_lost = {
            let waiting = waiting.clone();
            // What was asked is answered by nobody now; whoever asked says so and may ask again.
            Closure::new(move || waiting.borrow_mut().clear())
        };
        line.set_onlost(on_lost.as_ref().unchecked_ref());
        for data in early.iter() {
            hear(data);
        }
        Ok(Self {
            line,
            is_text,
            waiting,
            next: Cell::new(1),
            _on_message: on_message,
            _on_error: on_error,
            _on_lost: on_lost,
        })
    }

    /// Asks, and waits for the answer to exactly this request.
    ///
    /// # Errors
    ///
    /// What the worker failed with, or `Internal` when it is gone.
    pub(crate) async fn ask(&self, request: Request) -> Result<Answer, Failure> {
        let number = self.next.get();
        self.next.set(number.wrapping_add(1));
        let (sender, receiver) = oneshot::channel();
        self.waiting.borrow_mut().insert(number, sender);
        let message = Numbered {
            number,
            body: request,
        };
        let posted = protocol::encode(&message).is_some_and(|bytes| self.post(&bytes));
        if !posted {
            self.waiting.borrow_mut().remove(&number);
            return Err(unexpected("the request could not be posted"));
        }
        match receiver.await {
            Ok(Answer::Failed(failure)) => Err(failure),
            Ok(answer) => Ok(answer),
            Err(_) => Err(unexpected("the worker is gone")),
        }
    }

    fn post(&self, bytes: &[u8]) -> bool {
        let message: JsValue = if self.is_text {
            let text = Zeroizing::new(BASE64.encode(bytes));
            text.as_str().into()
        } else {
            Uint8Array::from(bytes).into()
        };
        self.line.post_message(&message).is_ok()
    }
}

fn received(data: &JsValue) -> Option<FromWorker> {
    let bytes = match data.as_string() {
        Some(text) => BASE64.decode(text.as_bytes()).ok()?,
        None => data.dyn_ref::<Uint8Array>()?.to_vec(),
    };
    protocol::decode(&Zeroizing::new(bytes))
}
