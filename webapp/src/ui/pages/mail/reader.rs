//! The message, with its verdict line above it.

use super::actions::Actions;
use super::attachments::Attachments;
use super::body::Body;
use crate::protocol::OpenedMessage;
use crate::ui::actor::Actor;
use crate::ui::components::{FailureNote, Glyph, IconButton, ProgressBar, VerdictLine, icon};
use crate::ui::dom;
use crate::ui::i18n::t;
use crate::ui::route::{self, Route};
use crate::ui::state::{Reading, Store};
use std::rc::Rc;
use ui_kit::format;
use ui_kit::lookalike::LookAlikes;
use ui_kit::message::Head;
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
                <VerdictLine verdict={summary.verdict.clone()} />
                <LookAlikes people={[&view.reply_to[..], std::slice::from_ref(&summary.from)].concat()} />
                <Head from={summary.from.clone()} to={summary.to.clone()} cc={view.cc.clone()} reply_to={view.reply_to.clone()} date={at} />
                <Body message={props.message.clone()} />
                <Attachments id={summary.id.clone()} files={view.attachments.clone()} />
            </div>
        </article>
    }
}
