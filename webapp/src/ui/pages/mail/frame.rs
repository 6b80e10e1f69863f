//! HTML mail. The worker has cleaned it; here it is shown in a sandboxed frame without scripts,
//! whose own policy lets nothing load until the person asks for pictures.

use crate::ui::components::{Dialog, Glyph, icon};
use crate::ui::dom;
use crate::ui::i18n::t;
use std::rc::Rc;
use ui_kit::letter::{self, Written};
use wasm_bindgen::JsCast;
use web_sys::HtmlIFrameElement;
use yew::prelude::*;

const FRAME_ID: &str = "message-frame";

/// The words the frame shows, for a quote.
pub(crate) fn shown_text() -> Option<String> {
    let frame: HtmlIFrameElement = dom::document()?
        .get_element_by_id(FRAME_ID)?
        .dyn_into()
        .ok()?;
    letter::shown_text(&frame)
}

/// Properties of [`MessageFrame`].
#[derive(Properties, PartialEq)]
pub(crate) struct MessageFrameProps {
    /// Cleaned by the worker.
    pub(crate) html: String,
    /// It names pictures that are not loaded.
    pub(crate) has_remote: bool,
}

/// The frame, the button for its pictures and the question about its links.
#[component]
pub(crate) fn MessageFrame(props: &MessageFrameProps) -> Html {
    let shows_pictures = use_state_eq(|| false);
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
    let src = if *shows_pictures {
        "message-remote.html"
    } else {
        "message.html"
    };
    let show = {
        let shows_pictures = shows_pictures.clone();
        Callback::from(move |_: MouseEvent| shows_pictures.set(true))
    };
    let close = {
        let link = link.setter();
        Callback::from(move |()| link.set(None))
    };
    html! {
        <>
            if props.has_remote && !*shows_pictures {
                <div class="note pictures">
                    { icon(Glyph::Pictures) }
                    <p class="note-body">{ t!("pictures-text") }</p>
                    <button type="button" class="button small" data-testid="show-pictures" onclick={show}>{ t!("pictures-show") }</button>
                </div>
            }
            <iframe key={src} id={FRAME_ID} ref={frame} class="message-frame" data-testid="message-frame" {src} title={t!("message-frame")}
                sandbox={letter::SANDBOX} referrerpolicy="no-referrer" {onload}></iframe>
            if let Some(href) = &*link {
                <LinkQuestion href={href.clone()} on_close={close} />
            }
        </>
    }
}

#[derive(Properties, PartialEq)]
struct LinkQuestionProps {
    href: String,
    on_close: Callback<()>,
}

/// Where a link really leads: host in the browser's own spelling, so that look-alike letters
/// show as `xn--`.
#[component]
fn LinkQuestion(props: &LinkQuestionProps) -> Html {
    let letter::Target {
        is_web,
        host,
        address: target,
    } = letter::target(&props.href);
    let close = props.on_close.reform(|_: MouseEvent| ());
    html! {
        <Dialog title={t!("link-title")} testid="link-dialog" on_close={props.on_close.clone()}>
            if is_web {
                <p>{ t!("link-text", host = host) }</p>
            } else {
                <p>{ t!("link-other") }</p>
            }
            <p class="mono boxed" data-testid="link-target">{ target.clone() }</p>
            <div class="actions">
                if is_web {
                    <a class="button seal" href={target} target="_blank" rel="noopener noreferrer nofollow" data-testid="link-open" onclick={close.clone()}>{ t!("link-open") }</a>
                }
                <button type="button" class="button quiet" data-testid="link-cancel" onclick={close}>{ t!("cancel") }</button>
            </div>
        </Dialog>
    }
}
