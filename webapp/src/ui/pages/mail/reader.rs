//! The message, with its verdict line above it.

use super::actions::Actions;
use super::attachments::Attachments;
use super::body::Body;
use crate::protocol::OpenedMessage;
use crate::ui::actor::Actor;
use crate::ui::components::{Avatar, FailureNote, Glyph, IconButton, ProgressBar, Verdict, icon};
use crate::ui::dom;
use crate::ui::format;
use crate::ui::i18n::t;
use crate::ui::route::{self, Route};
use crate::ui::state::{Reading, Store};
use mail_client::view::Person;
use std::rc::Rc;
use yew::prelude::*;

/// Properties of [`Reader`].
#[derive(Properties, PartialEq)]
pub(crate) struct ReaderProps {
    /// The slug of the mailbox to go back to.
    pub(crate) mailbox: String,
}

/// Whatever the reader holds: nothing, a wait, a message, a failure.
#[component]
pub(crate) fn Reader(props: &ReaderProps) -> Html {
    let (Some(store), Some(actor)) = (use_context::<Store>(), use_context::<Actor>()) else {
        return Html::default();
    };
    let back = {
        let mailbox = props.mailbox.clone();
        Callback::from(move |()| {
            route::go(&Route::Mail {
                mailbox: mailbox.clone(),
                message: None,
            });
        })
    };
    let (state, id) = match &store.reading {
        Reading::Nothing => ("empty", None),
        Reading::Loading(id) => ("loading", Some(id.clone())),
        Reading::Open(opened) => ("open", Some(opened.view.summary.id.clone())),
        Reading::Failed(id, _) => ("failed", Some(id.clone())),
    };
    let content = match &store.reading {
        Reading::Nothing => html! {
            <div class="empty reader-empty">{ icon(Glyph::Mark) }<p>{ t!("reader-empty") }</p></div>
        },
        Reading::Loading(_) => html! {
            <>
                <BackBar on_back={back} />
                <ProgressBar />
            </>
        },
        Reading::Failed(id, failure) => {
            let (actor, id) = (actor.clone(), id.clone());
            let again = Callback::from(move |_: MouseEvent| actor.open(&id));
            html! {
                <>
                    <BackBar on_back={back} />
                    <FailureNote failure={failure.clone()}>
                        <button type="button" class="button small" onclick={again}>{ t!("try-again") }</button>
                    </FailureNote>
                </>
            }
        }
        Reading::Open(opened) => html! {
            <Opened key={opened.view.summary.id.clone()} message={opened.clone()} mailbox={props.mailbox.clone()} on_back={back} />
        },
    };
    html! { <div class="reader" data-testid="reader" data-state={state} data-id={id}>{ content }</div> }
}

#[derive(Properties, PartialEq)]
struct BackBarProps {
    on_back: Callback<()>,
}

#[component]
fn BackBar(props: &BackBarProps) -> Html {
    html! {
        <div class="toolbar">
            <IconButton class="back-button" glyph={Glyph::Back} label={t!("back-to-list")} testid="back" onclick={props.on_back.reform(|_: MouseEvent| ())} />
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct OpenedProps {
    message: Rc<OpenedMessage>,
    mailbox: String,
    on_back: Callback<()>,
}

#[component]
fn Opened(props: &OpenedProps) -> Html {
    let heading = use_node_ref();
    // The heading gets the keyboard, so that a screen reader reads on from there; with the list
    // beside it the keyboard stays where the person is moving through messages.
    use_effect_with((), {
        let heading = heading.clone();
        move |()| {
            let is_in_list = dom::document()
                .and_then(|d| d.active_element())
                .is_some_and(|e| e.class_list().contains("row"));
            let is_wide = dom::window()
                .and_then(|w| w.match_media("(min-width: 720px)").ok().flatten())
                .is_some_and(|m| m.matches());
            if !(is_in_list && is_wide)
                && let Some(element) = heading.cast::<web_sys::Element>()
            {
                dom::focus(&element);
            }
        }
    });
    let view = &props.message.view;
    let summary = &view.summary;
    let subject = if summary.subject.trim().is_empty() {
        t!("no-subject")
    } else {
        format::clean(&summary.subject)
    };
    let at = view.date.unwrap_or(summary.received_at);
    html! {
        <article aria-label={subject.clone()}>
            <Actions message={props.message.clone()} mailbox={props.mailbox.clone()} on_back={props.on_back.clone()} />
            <div class="sheet letter">
                <h1 class="letter-subject" ref={heading} tabindex="-1" data-testid="reader-subject">{ subject }</h1>
                <Verdict verdict={summary.verdict.clone()} />
                <header class="letter-head">
                    <Avatar person={summary.from.clone()} />
                    <div class="letter-people">
                        <p class="letter-from" data-testid="reader-from">{ one(&summary.from) }</p>
                        { row(t!("to"), &summary.to, Some("reader-to")) }
                        { row(t!("cc"), &view.cc, None) }
                        if !view.reply_to.is_empty() && view.reply_to.as_slice() != std::slice::from_ref(&summary.from) {
                            { row(t!("reply-to"), &view.reply_to, None) }
                        }
                    </div>
                    <time class="letter-date" data-testid="reader-date" datetime={format::machine_date(at)}>{ format::full_date(at) }</time>
                </header>
                <Body message={props.message.clone()} />
                <Attachments id={summary.id.clone()} files={view.attachments.clone()} />
            </div>
        </article>
    }
}

fn one(person: &Person) -> Html {
    let name = format::clean(person.name.trim());
    let address = format::clean(&person.address);
    html! {
        if name.is_empty() {
            <bdi class="person-name">{ format::person(person) }</bdi>
        } else {
            <><bdi class="person-name">{ name }</bdi>{ " " }<bdi class="person-address">{ address }</bdi></>
        }
    }
}

fn row(label: String, people: &[Person], testid: Option<&'static str>) -> Html {
    if people.is_empty() {
        return Html::default();
    }
    html! {
        <p class="letter-row" data-testid={testid}>
            <span class="letter-label">{ label }</span>
            for person in people {
                <bdi class="letter-person" title={format::clean(&person.address)}>{ format::person(person) }</bdi>
            }
        </p>
    }
}
