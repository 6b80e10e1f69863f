//! What the pages share: the line to the background, who the person is, files on their way.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use ext_protocol::failure::{Failure, FailureKind};
use ext_protocol::page::{Answer, Event, Request};
use ext_protocol::view::{Mark, Person, VaultState};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::errors::unexpected;
use crate::i18n;
use crate::link::{Link, News, PageTongue};
use crate::transfer::{Joiner, split};

/// Who and in what state, as the background said last.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Status {
    pub(super) vault: VaultState,
    pub(super) me: Person,
    pub(super) mark: Option<Mark>,
}

/// The line, with the status and what was heard. Clones are the same.
#[derive(Clone)]
pub(super) struct Background {
    link: Link<PageTongue>,
    joiner: Rc<RefCell<Joiner>>,
    next_file: Rc<Cell<u32>>,
    /// `None` until the first answer.
    pub(super) status: Option<Rc<Result<Status, Failure>>>,
    /// Per cent of long work.
    pub(super) percent: Option<u8>,
    refresh: Callback<()>,
}

impl PartialEq for Background {
    fn eq(&self, other: &Self) -> bool {
        self.link == other.link && self.status == other.status && self.percent == other.percent
    }
}

impl Background {
    /// Asks. One who finds it locked was not told, because the background was stopped before: the
    /// page then asks for the passphrase.
    pub(super) async fn ask(&self, request: Request) -> Result<Answer, Failure> {
        let outcome = self.link.ask(request).await;
        if let Err(failure) = &outcome
            && failure.kind == FailureKind::Locked
        {
            self.refresh();
        }
        outcome
    }

    /// Asks for something to be done; a text that comes with "done" is not needed here.
    pub(super) async fn order(&self, request: Request) -> Result<(), Failure> {
        match self.ask(request).await? {
            Answer::Done | Answer::Text { .. } => Ok(()),
            _ => Err(another()),
        }
    }

    /// Asks for something that is answered by a text.
    pub(super) async fn text(&self, request: Request) -> Result<String, Failure> {
        match self.ask(request).await? {
            Answer::Text { text } => Ok(text),
            _ => Err(another()),
        }
    }

    /// Sends a file in parts, and returns its number.
    pub(super) async fn send_file(&self, data: &[u8]) -> Result<u32, Failure> {
        let number = self.next_file.get();
        self.next_file.set(number.wrapping_add(1));
        for part in split(number, data) {
            self.order(Request::Part(part)).await?;
        }
        Ok(number)
    }

    /// A file that has come whole, once.
    pub(super) fn finished_file(&self, file: u32) -> Option<Vec<u8>> {
        self.joiner.borrow_mut().finish(file)
    }

    /// Asks for the status once more.
    pub(super) fn refresh(&self) {
        self.refresh.emit(());
    }

    pub(super) fn vault(&self) -> Option<VaultState> {
        match self.status.as_deref() {
            Some(Ok(status)) => Some(status.vault),
            _ => None,
        }
    }

    pub(super) fn me(&self) -> Person {
        match self.status.as_deref() {
            Some(Ok(status)) => status.me.clone(),
            _ => Person::default(),
        }
    }
}

/// The failure of an answer that belongs to another question.
pub(super) fn another() -> Failure {
    unexpected("another answer than asked for")
}

/// Tells once when a deed is done.
#[hook]
pub(super) fn use_when_done(deed: &Deed<()>, on_done: &Callback<()>) {
    use_effect_with(matches!(deed, Deed::Done(())), {
        let on_done = on_done.clone();
        move |is_done: &bool| {
            if *is_done {
                on_done.emit(());
            }
        }
    });
}

/// The line for a page. The status is asked for at once, and again whenever the vault is opened or
/// locked elsewhere.
#[hook]
pub(super) fn use_background() -> Background {
    let status = use_state_eq(|| None::<Rc<Result<Status, Failure>>>);
    let percent = use_state_eq(|| None::<u8>);
    let asked = use_state_eq(|| 0_u32);
    let joiner = use_memo((), |()| RefCell::new(Joiner::default()));
    let next_file = use_memo((), |()| Cell::new(1_u32));
    let link = use_memo((), {
        let (joiner, percent) = (joiner.clone(), percent.setter());
        let (asked, count) = (asked.setter(), Rc::new(Cell::new(0_u32)));
        move |()| {
            Link::<PageTongue>::new(move |news| match news {
                News::Event(Event::Part(part)) => joiner.borrow_mut().take(&part),
                News::Event(Event::Progress { percent: now }) => percent.set(Some(now)),
                News::Event(Event::Vault { .. }) => {
                    count.set(count.get() + 1);
                    asked.set(count.get());
                }
                News::Greeted(_) | News::Gone => {}
            })
        }
    });
    let again = use_state_eq(|| 0_u32);
    use_effect_with((*asked, *again), {
        let (link, status) = ((*link).clone(), status.setter());
        move |_| {
            spawn_local(async move {
                let answer = match link.ask(Request::Status).await {
                    Ok(Answer::Status {
                        vault,
                        me,
                        mark,
                        language,
                    }) => {
                        i18n::choose(&language);
                        Ok(Status { vault, me, mark })
                    }
                    Ok(_) => Err(another()),
                    Err(failure) => Err(failure),
                };
                status.set(Some(Rc::new(answer)));
            });
        }
    });
    let refresh = {
        let again = again.clone();
        Callback::from(move |()| again.set(again.wrapping_add(1)))
    };
    Background {
        link: (*link).clone(),
        joiner,
        next_file,
        status: (*status).clone(),
        percent: *percent,
        refresh,
    }
}

/// A deed that is under way, done or failed; for buttons.
#[derive(Clone, PartialEq)]
pub(super) enum Deed<T> {
    Idle,
    Working,
    Done(T),
    Failed(Failure),
}

impl<T> Deed<T> {
    pub(super) fn is_working(&self) -> bool {
        matches!(self, Self::Working)
    }
}

/// Runs a deed and shows its state.
pub(super) fn run<T: PartialEq + 'static>(
    deed: &UseStateHandle<Deed<T>>,
    work: impl Future<Output = Result<T, Failure>> + 'static,
) {
    let setter = deed.setter();
    setter.set(Deed::Working);
    spawn_local(async move {
        setter.set(match work.await {
            Ok(done) => Deed::Done(done),
            Err(failure) => Deed::Failed(failure),
        });
    });
}
