//! HTML mail. The worker has cleaned it; here it is written into a sandboxed frame without
//! scripts, whose own policy lets nothing load until the person asks for pictures.
//!
//! The frame may not paint outside itself, so the verdict line above it cannot be imitated in
//! place. Links do not navigate: where one really leads is shown first.

use crate::ui::components::{Dialog, Glyph, icon};
use crate::ui::dom;
use crate::ui::i18n::t;
use gloo::events::{EventListener, EventListenerOptions};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Document, Element, HtmlElement, HtmlIFrameElement};
use yew::prelude::*;

const FRAME_ID: &str = "message-frame";
/// Taller mail scrolls inside its frame.
const TALLEST: i32 = 30_000;

/// The words the frame shows, for a quote.
pub(crate) fn shown_text() -> Option<String> {
    let frame: HtmlIFrameElement = dom::document()?
        .get_element_by_id(FRAME_ID)?
        .dyn_into()
        .ok()?;
    let body: HtmlElement = frame.content_document()?.body()?;
    Some(body.inner_text())
}

/// Gives the frame the height of what it holds.
fn fit(frame: &HtmlIFrameElement, document: &Document) {
    if let Some(body) = document.body() {
        let height = body.offset_height().clamp(24, TALLEST) + 2;
        dom::set_style(frame, "height", &format!("{height}px"));
    }
}

/// What must live as long as the document in the frame.
struct Written {
    _listeners: Vec<EventListener>,
    observer: Option<web_sys::ResizeObserver>,
    _on_resize: Closure<dyn FnMut()>,
}

impl Drop for Written {
    fn drop(&mut self) {
        if let Some(observer) = &self.observer {
            observer.disconnect();
        }
    }
}

/// Writes the message into the frame's document. Objects of the frame belong to its own realm,
/// where `instanceof` of ours is false: hence the unchecked casts.
fn write(frame: &HtmlIFrameElement, html: &str, on_link: &Callback<String>) -> Option<Written> {
    let document = frame.content_document()?;
    let body = document.body()?;
    // Before its load event the frame holds an empty page of no address.
    if !document.url().ok()?.contains("/message") {
        return None;
    }
    body.set_inner_html(html);
    if let Ok(links) = document.query_selector_all("a[href], area[href]") {
        for index in 0..links.length() {
            if let Some(link) = links.get(index) {
                let link: Element = link.unchecked_into();
                let _ = link.set_attribute("target", "_blank");
                let _ = link.set_attribute("rel", "noopener noreferrer nofollow");
            }
        }
    }
    fit(frame, &document);

    let mut listeners = Vec::new();
    let options = EventListenerOptions {
        phase: gloo::events::EventListenerPhase::Capture,
        passive: false,
    };
    let on_link = on_link.clone();
    listeners.push(EventListener::new_with_options(
        &document,
        "click",
        options,
        move |event| {
            let Some(target) = event.target() else { return };
            let target: Element = target.unchecked_into();
            if let Ok(Some(link)) = target.closest("a[href], area[href]") {
                event.prevent_default();
                if let Some(href) = link.get_attribute("href") {
                    on_link.emit(href);
                }
            }
        },
    ));
    let loaded = (frame.clone(), document.clone());
    listeners.push(EventListener::new_with_options(
        &document,
        "load",
        EventListenerOptions::run_in_capture_phase(),
        move |_| fit(&loaded.0, &loaded.1),
    ));
    let resized = (frame.clone(), document.clone());
    let on_resize = Closure::new(move || fit(&resized.0, &resized.1));
    let observer = web_sys::ResizeObserver::new(on_resize.as_ref().unchecked_ref()).ok();
    if let Some(observer) = &observer {
        observer.observe(&body);
    }
    Some(Written {
        _listeners: listeners,
        observer,
        _on_resize: on_resize,
    })
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
                *written.borrow_mut() = write(&frame, &html, &on_link);
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
                sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox" referrerpolicy="no-referrer" {onload}></iframe>
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
    let url = web_sys::Url::new(&props.href).ok();
    let is_web = url
        .as_ref()
        .is_some_and(|u| matches!(u.protocol().as_str(), "http:" | "https:"));
    let host = url.as_ref().map(web_sys::Url::host).unwrap_or_default();
    let target = url.map_or_else(|| props.href.clone(), |u| u.href());
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
