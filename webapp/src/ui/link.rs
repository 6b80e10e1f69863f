//! The line to the worker: numbered requests become futures, events go to one listener.

use super::errors::unexpected;
use crate::protocol::{Answer, Event, Failure, FromWorker, Numbered, Request};
use futures::channel::oneshot;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageEvent, Worker};

/// What the worker says without being asked.
pub(crate) enum News {
    /// It runs and waits for [`Request::Start`].
    Ready,
    /// An event of the protocol.
    Event(Event),
    /// It died; the text stands under Details.
    Fault(String),
}

type Waiting = Rc<RefCell<HashMap<u32, oneshot::Sender<Answer>>>>;

/// The line. Dropped only with the page.
pub(crate) struct Link {
    worker: Worker,
    waiting: Waiting,
    next: Cell<u32>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(web_sys::Event)>,
}

impl Link {
    /// Takes the worker that boot.js started, and what it said before anybody listened.
    ///
    /// # Errors
    ///
    /// A sentence for Details when the page was not loaded through boot.js.
    pub(crate) fn take(on_news: impl Fn(News) + 'static) -> Result<Self, String> {
        let global = js_sys::global();
        let worker: Worker = js_sys::Reflect::get(&global, &"letterlockWorker".into())
            .ok()
            .and_then(|w| w.dyn_into().ok())
            .ok_or_else(|| "no worker was started".to_owned())?;
        let died = js_sys::Reflect::get(&global, &"letterlockFault".into());
        if let Some(fault) = died.ok().and_then(|f| f.as_string()) {
            return Err(fault);
        }
        let on_news = Rc::new(on_news);
        let waiting = Waiting::default();

        let hear = {
            let (waiting, on_news) = (waiting.clone(), on_news.clone());
            move |data: JsValue| match serde_wasm_bindgen::from_value(data) {
                Ok(FromWorker::Ready) => on_news(News::Ready),
                Ok(FromWorker::Event(event)) => on_news(News::Event(event)),
                Ok(FromWorker::Answer(Numbered { number, body })) => {
                    let sender = waiting.borrow_mut().remove(&number);
                    if let Some(sender) = sender {
                        let _ = sender.send(body);
                    }
                }
                // The protocol is closed: anything else is dropped.
                Err(_) => {}
            }
        };
        let early = js_sys::Reflect::get(&global, &"letterlockEarly".into())
            .ok()
            .and_then(|list| list.dyn_into::<js_sys::Array>().ok())
            .unwrap_or_default();
        let hear_late = hear.clone();
        let on_message = Closure::new(move |event: MessageEvent| hear_late(event.data()));
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
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
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        for data in early.iter() {
            hear(data);
        }
        Ok(Self {
            worker,
            waiting,
            next: Cell::new(1),
            _on_message: on_message,
            _on_error: on_error,
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
        let posted = serde_wasm_bindgen::to_value(&message)
            .map_err(|e| e.to_string())
            .and_then(|value| {
                self.worker
                    .post_message(&value)
                    .map_err(|_| "the request could not be posted".to_owned())
            });
        if let Err(details) = posted {
            self.waiting.borrow_mut().remove(&number);
            return Err(unexpected(&details));
        }
        match receiver.await {
            Ok(Answer::Failed(failure)) => Err(failure),
            Ok(answer) => Ok(answer),
            Err(_) => Err(unexpected("the worker is gone")),
        }
    }
}
