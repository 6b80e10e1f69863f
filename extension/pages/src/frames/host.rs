//! What the parts of a frame share: the line to the background, files on their way, events.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use ext_protocol::failure::Failure;
use ext_protocol::frame::{Answer, Event, Request};
use ext_protocol::view::Mark;
use yew::prelude::*;

use crate::errors::unexpected;
use crate::link::{FrameTongue, Link, Pending};
use crate::transfer::Joiner;

/// A page may ask for a letter as soon as its editor is there, and not often.
const MOST_UNHEARD: usize = 16;

type Listener = Callback<Rc<Event>>;

/// The shared things. Clones are the same.
#[derive(Clone)]
pub(crate) struct Host {
    pub(crate) link: Link<FrameTongue>,
    pub(crate) mark: Mark,
    joiner: Rc<RefCell<Joiner>>,
    listener: Rc<RefCell<Option<Listener>>>,
    /// What was told before the part of the frame that it is for stood.
    unheard: Rc<RefCell<Vec<Rc<Event>>>>,
    /// An opening that the loader asked for before this program ran.
    opened: Rc<RefCell<Option<Pending<FrameTongue>>>>,
    next_file: Rc<Cell<u32>>,
}

impl PartialEq for Host {
    fn eq(&self, other: &Self) -> bool {
        self.link == other.link && self.mark == other.mark
    }
}

impl Host {
    pub(super) fn new(link: Link<FrameTongue>, opened: Option<Pending<FrameTongue>>) -> Self {
        Self {
            link,
            mark: Mark {
                picture: 0,
                colour: 0,
            },
            joiner: Rc::default(),
            listener: Rc::default(),
            unheard: Rc::default(),
            opened: Rc::new(RefCell::new(opened)),
            next_file: Rc::new(Cell::new(1)),
        }
    }

    pub(super) fn with_mark(&self, mark: Mark) -> Self {
        Self {
            mark,
            ..self.clone()
        }
    }

    /// The part of the frame that wants to hear of events; one at a time.
    pub(super) fn listen(&self, listener: Listener) {
        *self.listener.borrow_mut() = Some(listener.clone());
        for event in self.unheard.take() {
            listener.emit(event);
        }
    }

    /// Takes an event: pieces of files are put together, the rest is passed on.
    pub(super) fn hear(&self, event: Event) {
        if let Event::Part(part) = &event {
            self.joiner.borrow_mut().take(part);
        }
        let (event, listener) = (Rc::new(event), self.listener.borrow().clone());
        match listener {
            Some(listener) => listener.emit(event),
            None => {
                let mut unheard = self.unheard.borrow_mut();
                // The newest count.
                if unheard.len() == MOST_UNHEARD {
                    unheard.remove(0);
                }
                unheard.push(event);
            }
        }
    }

    pub(super) fn finished_file(&self, file: u32) -> Option<Vec<u8>> {
        self.joiner.borrow_mut().finish(file)
    }

    /// The opening that was asked for already, once.
    pub(super) fn early_opening(&self) -> Option<Pending<FrameTongue>> {
        self.opened.borrow_mut().take()
    }

    /// A number for a file that goes to the background.
    pub(super) fn file_number(&self) -> u32 {
        let number = self.next_file.get();
        self.next_file.set(number.wrapping_add(1));
        number
    }

    pub(super) fn number_files_from(&self, first: u32) {
        self.next_file.set(self.next_file.get().max(first));
    }

    /// Forgets what the vault's being locked makes nobody's business.
    pub(super) fn forget(&self) {
        self.joiner.borrow_mut().clear();
        self.opened.borrow_mut().take();
        self.unheard.borrow_mut().clear();
        self.listener.borrow_mut().take();
    }

    /// Asks for something that is answered by "done".
    pub(super) async fn order(&self, request: Request) -> Result<(), Failure> {
        match self.link.ask(request).await? {
            Answer::Done => Ok(()),
            _ => Err(unexpected("another answer than asked for")),
        }
    }
}
