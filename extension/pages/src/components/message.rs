//! An opened message: its head, and its words as text or in the sandboxed frame.

use std::rc::Rc;

use ext_protocol::view::{OpenedMessage, Person};
use ui_kit::icon::{Glyph, icon};
use ui_kit::letter::{self, Written};
use web_sys::HtmlIFrameElement;
use yew::prelude::*;

use super::Avatar;
use crate::format;
use crate::guard::GuardedButton;
use crate::i18n::t;

/// Properties of [`LetterHead`].
#[derive(Properties, PartialEq)]
pub(crate) struct LetterHeadProps {
    pub(crate) message: Rc<OpenedMessage>,
    /// The subject the page around us shows, so that it is not told twice.
    #[prop_or_default]
    pub(crate) is_short: bool,
}

fn row(label: String, list: &[Person]) -> Html {
    if list.is_empty() {
        return Html::default();
    }
    html! {
        <p class="letter-row"><span class="letter-label">{ label }</span>
            for person in list.iter() {
                <span class="letter-person" title={format::clean(&person.address)}><bdi>{ format::person(person) }</bdi></span>
            }
        </p>
    }
}

/// What the letter itself says of sender, recipients and subject.
#[component]
pub(crate) fn LetterHead(props: &LetterHeadProps) -> Html {
    let message = &props.message;
    let subject = message.subject.as_ref().filter(|s| !s.trim().is_empty());
    html! {
        <>
            if let Some(subject) = subject {
                <h1 class="letter-subject" data-testid="subject-inside" dir="auto">{ format::clean(subject) }</h1>
            }
            if !props.is_short {
                <div class="letter-head">
                    <Avatar person={message.from.clone()} />
                    <div class="letter-people">
                        <p><span class="person-name"><bdi>{ format::person(&message.from) }</bdi></span>{ " " }
                            if !message.from.name.is_empty() {
                                <span class="person-address">{ format::clean(&message.from.address) }</span>
                            }
                        </p>
                        { row(t!("to"), &message.to) }
                        { row(t!("cc"), &message.cc) }
                    </div>
                    if let Some(date) = message.date {
                        <time class="letter-date" datetime={format::machine_date(date)}>{ format::full_date(date) }</time>
                    }
                </div>
            }
        </>
    }
}

/// Properties of [`MessageBody`].
#[derive(Properties, PartialEq)]
pub(crate) struct MessageBodyProps {
    pub(crate) message: Rc<OpenedMessage>,
    /// What the HTML wants from the network may be loaded.
    pub(crate) is_remote: bool,
    /// The person asks for it.
    pub(crate) on_remote: Callback<()>,
}

/// HTML when the sender wrote some, else the text.
#[component]
pub(crate) fn MessageBody(props: &MessageBodyProps) -> Html {
    let message = &props.message;
    match (&message.html, &message.text) {
        (Some(html), _) => html! {
            <HtmlFrame html={html.clone()} is_remote={props.is_remote} has_remote={message.has_remote} on_remote={props.on_remote.clone()} />
        },
        (None, Some(text)) if !text.trim().is_empty() => html! {
            <div class="letter-text" data-testid="message-text" dir="auto">{ letter::plain(text) }</div>
        },
        _ => html! { <p class="hint" data-testid="message-text">{ t!("no-text") }</p> },
    }
}

#[derive(Properties, PartialEq)]
struct HtmlFrameProps {
    html: String,
    is_remote: bool,
    has_remote: bool,
    on_remote: Callback<()>,
}

#[component]
fn HtmlFrame(props: &HtmlFrameProps) -> Html {
    let link = use_state_eq(|| None::<String>);
    let frame = use_node_ref();
    let written = use_mut_ref(|| None::<Written>);
    let on_link = {
        let link = link.setter();
        Callback::from(move |href: String| link.set(Some(href)))
    };
    let onload = {
        let (frame, written) = (frame.clone(), written.clone());
        let html: Rc<str> = props.html.as_str().into();
        Callback::from(move |_: Event| {
            if let Some(frame) = frame.cast::<HtmlIFrameElement>() {
                *written.borrow_mut() = letter::write(&frame, &html, &on_link);
            }
        })
    };
    // Listeners must not outlive the component that owns their callbacks.
    use_effect_with((), {
        let written = written.clone();
        move |()| {
            move || {
                written.borrow_mut().take();
            }
        }
    });
    let src = letter_file(props.is_remote, &own_address());
    let close = {
        let link = link.setter();
        Callback::from(move |()| link.set(None))
    };
    html! {
        <>
            if props.has_remote && !props.is_remote {
                <div class="note pictures">
                    { icon(Glyph::Pictures) }
                    <p class="note-body">{ t!("pictures-text") }</p>
                    <GuardedButton class="small" testid="show-pictures" onclick={props.on_remote.clone()}>{ t!("pictures-show") }</GuardedButton>
                </div>
            }
            <iframe key={src} ref={frame} class="message-frame" data-testid="message-frame" {src} title={t!("message-frame")}
                sandbox={letter::SANDBOX} referrerpolicy="no-referrer" {onload}></iframe>
            if let Some(href) = &*link {
                <LinkQuestion key={href.clone()} href={href.clone()} on_close={close} />
            }
        </>
    }
}

fn own_address() -> String {
    let document = crate::dom::document();
    document.and_then(|d| d.url().ok()).unwrap_or_default()
}

/// The empty document that the letter is written into. Chromium lets a frame inside a web page
/// load only what is web-accessible there, by the same name as the frame itself.
fn letter_file(is_remote: bool, frame: &str) -> &'static str {
    let is_elsewhere = frame.contains("/frame-elsewhere.html");
    match (is_remote, is_elsewhere) {
        (false, false) => "message.html",
        (true, false) => "message-remote.html",
        (false, true) => "message-elsewhere.html",
        (true, true) => "message-remote-elsewhere.html",
    }
}

#[derive(Properties, PartialEq)]
struct LinkQuestionProps {
    href: String,
    on_close: Callback<()>,
}

/// Where a link really leads, before it is followed. It stands in the flow and not in a dialog:
/// a frame may be lower than a dialog needs.
#[component]
fn LinkQuestion(props: &LinkQuestionProps) -> Html {
    let node = use_node_ref();
    use_effect_with(node.clone(), |node| {
        if let Some(element) = node.cast::<web_sys::Element>() {
            ui_kit::dom::focus(&element);
            element.scroll_into_view_with_bool(false);
        }
    });
    let target = letter::target(&props.href);
    let close = props.on_close.reform(|_: MouseEvent| ());
    html! {
        <section ref={node} class="note link-question" tabindex="-1" role="group" aria-label={t!("link-title")} data-testid="link-dialog">
            { icon(Glyph::Chain) }
            <div class="note-body">
                if target.is_web {
                    <p>{ t!("link-text", host = target.host.clone()) }</p>
                } else {
                    <p>{ t!("link-other") }</p>
                }
                <p class="mono boxed" data-testid="link-target">{ target.address.clone() }</p>
                <div class="note-actions">
                    if target.is_web {
                        <a class="button small" href={target.address.clone()} target="_blank" rel="noopener noreferrer nofollow" data-testid="link-open" onclick={close.clone()}>{ t!("link-open") }</a>
                    }
                    <button type="button" class="button small quiet" data-testid="link-cancel" onclick={close}>{ t!("cancel") }</button>
                </div>
            </div>
        </section>
    }
}
