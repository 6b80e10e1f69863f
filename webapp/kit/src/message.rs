//! An opened message: its people, and its words as text, or as HTML in its sandboxed frame with
//! the button for its pictures and the question about its links.

use std::rc::Rc;

use mail_view::Person;
use web_sys::HtmlIFrameElement;
use yew::prelude::*;

use crate::avatar::Avatar;
use crate::dialog::Dialog;
use crate::dom;
use crate::format;
use crate::icon::{Glyph, icon};
use crate::letter::{self, Written};
use crate::{lookalike, t};

/// Properties of [`Head`].
#[derive(Properties, PartialEq)]
pub struct HeadProps {
    /// Who wrote it.
    pub from: Person,
    /// To whom.
    pub to: Vec<Person>,
    /// Copies.
    pub cc: Vec<Person>,
    /// Where answers go, if not to the sender.
    #[prop_or_default]
    pub reply_to: Vec<Person>,
    /// Unix seconds.
    pub date: Option<u64>,
}

/// Sender, recipients and date.
#[component]
pub fn Head(props: &HeadProps) -> Html {
    let answers_elsewhere = props.reply_to.as_slice() != std::slice::from_ref(&props.from);
    html! {
        <header class="letter-head">
            <Avatar person={props.from.clone()} />
            <div class="letter-people">
                <p class="letter-from" data-testid="reader-from">{ sender(&props.from) }</p>
                { row(t!("to"), &props.to, Some("reader-to")) }
                { row(t!("cc"), &props.cc, None) }
                if answers_elsewhere {
                    { row(t!("reply-to"), &props.reply_to, None) }
                }
            </div>
            if let Some(date) = props.date {
                <time class="letter-date" data-testid="reader-date" datetime={format::machine_date(date)}>{ format::full_date(date) }</time>
            }
        </header>
    }
}

fn sender(person: &Person) -> Html {
    let name = format::clean(person.name.trim());
    let address = lookalike::shown(&person.address);
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
                <bdi class="letter-person" title={lookalike::shown(&person.address)}>{ format::person(person) }</bdi>
            }
        </p>
    }
}

/// Where a question about a link stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// In a dialog over the page.
    InDialog,
    /// Below the message: a frame may be lower than a dialog needs.
    InFlow,
}

/// Properties of [`Body`].
#[derive(Properties, PartialEq)]
pub struct BodyProps {
    /// Cleaned before it got here.
    pub html: Option<AttrValue>,
    /// Plain text.
    pub text: Option<AttrValue>,
    /// The HTML wants something from the network.
    pub has_remote: bool,
    /// That may be loaded.
    pub is_remote: bool,
    /// Asks for it.
    pub remote_button: Html,
    /// Where links are asked about.
    pub asks: Asks,
    /// The frame's id, to find what it shows.
    #[prop_or_default]
    pub frame_id: Option<AttrValue>,
}

/// HTML when the sender wrote some, else the text.
#[component]
pub fn Body(props: &BodyProps) -> Html {
    match (&props.html, &props.text) {
        (Some(html), _) => html! {
            <>
                if props.has_remote && !props.is_remote {
                    <div class="note pictures" data-question="">
                        { icon(Glyph::Pictures) }
                        <p class="note-body">{ t!("pictures-text") }</p>
                        { props.remote_button.clone() }
                    </div>
                }
                <HtmlFrame html={html.clone()} is_remote={props.is_remote} asks={props.asks} id={props.frame_id.clone()} />
            </>
        },
        (None, Some(text)) if !text.trim().is_empty() => html! {
            <div class="letter-text" data-testid="message-text" dir="auto">{ letter::plain(text) }</div>
        },
        _ => html! { <p class="hint" data-testid="message-text">{ t!("no-text") }</p> },
    }
}

fn own_address() -> String {
    let document = dom::document();
    document.and_then(|d| d.url().ok()).unwrap_or_default()
}

/// The empty document that the letter is written into. Chromium lets a frame of the extension
/// inside a web page load only what is web-accessible there, by the same name as the frame itself.
fn letter_file(is_remote: bool, page: &str) -> &'static str {
    let is_elsewhere = page.contains("/frame-elsewhere.html");
    match (is_remote, is_elsewhere) {
        (false, false) => "message.html",
        (true, false) => "message-remote.html",
        (false, true) => "message-elsewhere.html",
        (true, true) => "message-remote-elsewhere.html",
    }
}

#[derive(Properties, PartialEq)]
struct HtmlFrameProps {
    html: AttrValue,
    is_remote: bool,
    asks: Asks,
    id: Option<AttrValue>,
}

#[component]
fn HtmlFrame(props: &HtmlFrameProps) -> Html {
    let link = use_state_eq(|| None::<AttrValue>);
    let frame = use_node_ref();
    let written = use_mut_ref(|| None::<Written>);
    let on_link = {
        let link = link.setter();
        Callback::from(move |href: String| link.set(Some(href.into())))
    };
    let onload = {
        let (frame, written, html) = (frame.clone(), written.clone(), props.html.clone());
        Callback::from(move |_: Event| {
            if let Some(frame) = frame.cast::<HtmlIFrameElement>() {
                *written.borrow_mut() = letter::write(&frame, &html, &on_link);
            }
        })
    };
    // Listeners must not outlive the component that owns their callbacks.
    use_effect_with((), {
        let written = Rc::clone(&written);
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
            <iframe key={src} id={props.id.clone()} ref={frame} class="message-frame" data-testid="message-frame" {src} title={t!("message-frame")}
                sandbox={letter::SANDBOX} referrerpolicy="no-referrer" {onload}></iframe>
            if let Some(href) = &*link {
                if props.asks == Asks::InDialog {
                    <Dialog title={t!("link-title")} testid="link-dialog" on_close={close.clone()}>
                        { question(href, props.asks, &close) }
                    </Dialog>
                } else {
                    <InFlow key={href.to_string()}>{ question(href, props.asks, &close) }</InFlow>
                }
            }
        </>
    }
}

#[derive(Properties, PartialEq)]
struct InFlowProps {
    children: Html,
}

/// The question where there is no room for a dialog: it comes into sight and takes the keyboard.
#[component]
fn InFlow(props: &InFlowProps) -> Html {
    let node = use_node_ref();
    use_effect_with(node.clone(), |node| {
        if let Some(element) = node.cast::<web_sys::Element>() {
            dom::focus(&element);
            element.scroll_into_view_with_bool(false);
        }
    });
    html! {
        <section ref={node} class="note link-question" tabindex="-1" role="group" aria-label={t!("link-title")} data-testid="link-dialog">
            { icon(Glyph::Chain) }
            <div class="note-body">{ props.children.clone() }</div>
        </section>
    }
}

/// Where a link really leads: host in the browser's own spelling, so that look-alike letters
/// show as `xn--`.
fn question(href: &str, asks: Asks, on_close: &Callback<()>) -> Html {
    let letter::Target {
        is_web,
        host,
        address,
    } = letter::target(href);
    let close = on_close.reform(|_: MouseEvent| ());
    let (row, go, stay) = match asks {
        Asks::InDialog => ("actions", "button seal", "button quiet"),
        Asks::InFlow => ("note-actions", "button small", "button small quiet"),
    };
    html! {
        <>
            if is_web {
                <p>{ t!("link-text", host = host) }</p>
            } else {
                <p>{ t!("link-other") }</p>
            }
            <p class="mono boxed" data-testid="link-target">{ address.clone() }</p>
            <div class={row}>
                if is_web {
                    <a class={go} href={address} target="_blank" rel="noopener noreferrer nofollow" data-testid="link-open" onclick={close.clone()}>{ t!("link-open") }</a>
                }
                <button type="button" class={stay} data-testid="link-cancel" onclick={close}>{ t!("cancel") }</button>
            </div>
        </>
    }
}
