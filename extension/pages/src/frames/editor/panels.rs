//! What the editor tells and asks, in the flow of its page: a frame may be lower than a dialog.

use yew::prelude::*;

use crate::dom;
use crate::format;
use crate::guard::GuardedButton;
use crate::i18n::t;
use ext_protocol::view::Person;
use ui_kit::icon::{Glyph, icon};
use ui_kit::lookalike::{self, LookAlikes};

/// Moves the keyboard to a question when it appears.
#[hook]
fn use_focus() -> NodeRef {
    let node = use_node_ref();
    use_effect_with(node.clone(), |node| {
        if let Some(element) = node.cast::<web_sys::Element>() {
            dom::focus(&element);
            let room = dom::window().and_then(|w| w.inner_height().ok()?.as_f64());
            // What is longer than the frame is read from its beginning.
            let is_long = room.is_some_and(|room| f64::from(element.client_height()) > room * 0.7);
            element.scroll_into_view_with_bool(is_long);
        }
    });
    node
}

/// Properties of [`WasTyped`].
#[derive(Properties, PartialEq)]
pub(super) struct WasTypedProps {
    pub(super) on_seen: Callback<()>,
}

/// Text stood in the page's own box: its provider may have saved it.
#[component]
pub(super) fn WasTyped(props: &WasTypedProps) -> Html {
    html! {
        <section class="note note-careful" role="status" data-testid="was-typed">
            { icon(Glyph::Warn) }
            <p class="note-body">{ t!("was-typed") }</p>
            <button type="button" class="button small quiet" data-testid="was-typed-seen" onclick={props.on_seen.reform(|_: MouseEvent| ())}>{ t!("understood") }</button>
        </section>
    }
}

/// The forwarded message had files that are not here. It stays: what is missing is missing.
#[component]
pub(super) fn LeftBehind() -> Html {
    html! {
        <section class="note note-careful" role="status" data-testid="left-behind">
            { icon(Glyph::Warn) }
            <p class="note-body">{ t!("left-behind") }</p>
        </section>
    }
}

/// Properties of [`AskPlain`] and [`AskDiscard`].
#[derive(Properties, PartialEq)]
pub(super) struct AskProps {
    pub(super) on_yes: Callback<()>,
    pub(super) on_no: Callback<()>,
}

/// Unsealed, in so many words.
#[component]
pub(super) fn AskPlain(props: &AskProps) -> Html {
    let node = use_focus();
    html! {
        <section ref={node} tabindex="-1" class="note note-careful question" role="group" aria-label={t!("plain-title")} data-testid="ask-plain" data-question="">
            { icon(Glyph::Open) }
            <div class="note-body">
                <p><strong>{ t!("plain-title") }</strong></p>
                <p>{ t!("plain-text") }</p>
                <div class="note-actions">
                    <GuardedButton class="small" testid="plain-yes" onclick={props.on_yes.clone()}>{ t!("plain-yes") }</GuardedButton>
                    <button type="button" class="button small quiet" data-testid="plain-no" onclick={props.on_no.reform(|_: MouseEvent| ())}>{ t!("plain-no") }</button>
                </div>
            </div>
        </section>
    }
}

/// Before words are lost.
#[component]
pub(super) fn AskDiscard(props: &AskProps) -> Html {
    let node = use_focus();
    html! {
        <section ref={node} tabindex="-1" class="note question" role="group" aria-label={t!("discard-title")} data-testid="ask-discard" data-question="">
            { icon(Glyph::Trash) }
            <div class="note-body">
                <p><strong>{ t!("discard-title") }</strong></p>
                <p>{ t!("discard-text") }</p>
                <div class="note-actions">
                    <GuardedButton class="small" testid="discard-yes" onclick={props.on_yes.clone()}>{ t!("discard") }</GuardedButton>
                    <button type="button" class="button small quiet" data-testid="discard-no" onclick={props.on_no.reform(|_: MouseEvent| ())}>{ t!("discard-no") }</button>
                </div>
            </div>
        </section>
    }
}

/// Properties of [`AskPage`].
#[derive(Properties, PartialEq)]
pub(super) struct AskPageProps {
    pub(super) recipients: Vec<String>,
    pub(super) is_draft: bool,
    pub(super) is_signed: bool,
    pub(super) on_answer: Callback<bool>,
}

/// The page wants the letter, sealed to whom it names.
#[component]
pub(super) fn AskPage(props: &AskPageProps) -> Html {
    let node = use_focus();
    let person = |address: &String| Person {
        name: String::new(),
        address: address.clone(),
    };
    let people: Vec<Person> = props.recipients.iter().map(person).collect();
    let names = props
        .recipients
        .iter()
        .map(|address| lookalike::shown(address))
        .collect::<Vec<_>>()
        .join(", ");
    html! {
        <section ref={node} tabindex="-1" class="note note-careful question" role="group" aria-label={t!("page-asks-title")} data-testid="ask-page" data-question="">
            { icon(Glyph::Question) }
            <div class="note-body">
                <p><strong>{ t!("page-asks-title") }</strong></p>
                if props.is_draft {
                    <p>{ t!("page-asks-draft") }</p>
                } else {
                    <p>{ t!("page-asks-text", names = names) }</p>
                    <LookAlikes {people} />
                    if props.is_signed {
                        <p>{ t!("page-asks-signed") }</p>
                    }
                }
                <div class="note-actions">
                    <GuardedButton class="small" testid="page-yes" onclick={props.on_answer.reform(|()| true)}>{ t!("page-asks-yes") }</GuardedButton>
                    <button type="button" class="button small quiet" data-testid="page-no" onclick={props.on_answer.reform(|_: MouseEvent| false)}>{ t!("page-asks-no") }</button>
                </div>
            </div>
        </section>
    }
}

/// Properties of [`NotInserted`].
#[derive(Properties, PartialEq)]
pub(super) struct NotInsertedProps {
    /// Roles such as `body`.
    pub(super) failed: Vec<String>,
    pub(super) body: String,
}

fn role_words(role: &str) -> String {
    match role {
        "body" => t!("role-body"),
        "subject" => t!("role-subject"),
        "files" => t!("role-files"),
        "recipients" => t!("role-recipients"),
        other => format::clean(other),
    }
}

/// The page could not take something: the sealed letter, to copy by hand.
#[component]
pub(super) fn NotInserted(props: &NotInsertedProps) -> Html {
    let node = use_focus();
    let copied = use_state_eq(|| None::<bool>);
    let copy = {
        let (body, copied) = (props.body.clone(), copied.setter());
        Callback::from(move |_: MouseEvent| {
            let (body, copied) = (body.clone(), copied.clone());
            wasm_bindgen_futures::spawn_local(async move {
                copied.set(Some(dom::copy(&body).await));
            });
        })
    };
    let roles = props
        .failed
        .iter()
        .map(|role| role_words(role))
        .collect::<Vec<_>>()
        .join(", ");
    html! {
        <section ref={node} tabindex="-1" class="note note-careful question" role="group" aria-label={t!("not-inserted-label")} data-testid="not-inserted">
            { icon(Glyph::Warn) }
            <div class="note-body">
                <p>{ t!("not-inserted", roles = roles) }</p>
                if !props.body.is_empty() {
                    <textarea class="boxed mono armor" readonly={true} rows="5" aria-label={t!("sealed-letter")} data-testid="armor" value={props.body.clone()} />
                    <div class="note-actions">
                        <button type="button" class="button small" data-testid="armor-copy" onclick={copy}>{ icon(Glyph::Copy) }{ t!("copy") }</button>
                        <span role="status">
                            { match *copied { Some(true) => t!("copied"), Some(false) => t!("not-copied"), None => String::new() } }
                        </span>
                    </div>
                }
            </div>
        </section>
    }
}
