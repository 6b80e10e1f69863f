//! The words of a letter: HTML in its sandboxed frame, plain text with its links and quotes.
//!
//! # Security
//! The HTML has been cleaned before it gets here; it is still only written into a document of its
//! own whose frame has no scripts and whose policy lets nothing load until the person asks. The
//! frame may not paint outside itself, so the verdict line above it cannot be imitated in place.
//! Links do not navigate: where one leads is told to `on_link`, which asks first.

use crate::dom;
use gloo::events::{EventListener, EventListenerOptions};
use linkify::{LinkFinder, LinkKind};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Document, Element, HtmlElement, HtmlIFrameElement, MouseEvent};
use yew::prelude::*;

/// The `sandbox` of a frame that shows mail: no scripts. `allow-same-origin` is for us, so that we
/// can write into it; without scripts nothing in it can use that.
pub const SANDBOX: &str = "allow-same-origin allow-popups allow-popups-to-escape-sandbox";

/// `MouseEvent.button` of the right one.
const RIGHT_BUTTON: i16 = 2;

/// Taller mail scrolls inside its frame.
const TALLEST: i32 = 30_000;

/// The words the frame shows, for a quote.
pub fn shown_text(frame: &HtmlIFrameElement) -> Option<String> {
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
pub struct Written {
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
///
/// `None` while the frame holds no document of ours, which is so before its load event.
pub fn write(frame: &HtmlIFrameElement, html: &str, on_link: &Callback<String>) -> Option<Written> {
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
    // The middle button opens links too, and says so by `auxclick`.
    for kind in ["click", "auxclick"] {
        let options = EventListenerOptions {
            phase: gloo::events::EventListenerPhase::Capture,
            passive: false,
        };
        let on_link = on_link.clone();
        listeners.push(EventListener::new_with_options(
            &document,
            kind,
            options,
            move |event| {
                let button = event.unchecked_ref::<MouseEvent>().button();
                // The right button opens nothing but the browser's menu.
                if button == RIGHT_BUTTON {
                    return;
                }
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
    }
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

/// Neighbouring lines, quoted or not.
#[derive(Debug, PartialEq, Eq)]
struct Block {
    is_quote: bool,
    text: String,
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for line in text.trim_end().lines() {
        let is_quote = line.starts_with('>');
        match blocks.last_mut() {
            Some(last) if last.is_quote == is_quote => {
                last.text.push('\n');
                last.text.push_str(line);
            }
            _ => blocks.push(Block {
                is_quote,
                text: line.to_owned(),
            }),
        }
    }
    blocks
}

/// Plain text as it is read: quotes set apart, web links to follow.
pub fn plain(text: &str) -> Html {
    blocks(text).into_iter().map(block).collect()
}

fn block(block: Block) -> Html {
    let content = linked(&block.text);
    if block.is_quote {
        html! { <blockquote class="quote">{ content }</blockquote> }
    } else {
        html! { <div class="plain">{ content }</div> }
    }
}

/// Links of plain text show where they lead, so they are followed without a question. Words that
/// show something else than the browser would go to stay words.
fn linked(text: &str) -> Html {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    finder
        .spans(text)
        .map(|span| {
            let words = span.as_str().to_owned();
            match span.kind() {
                Some(LinkKind::Url) if tells_its_host(&words) => html! {
                    <a href={words.clone()} target="_blank" rel="noopener noreferrer nofollow">{ words }</a>
                },
                _ => html! { { words } },
            }
        })
        .collect()
}

/// Whether an address on the web can be read as it is followed: a plain host right behind the
/// scheme, without letters beyond ASCII, which look like others, or a user's name that could be
/// taken for it; and nowhere a character that cannot be seen or turns the direction of writing.
fn tells_its_host(address: &str) -> bool {
    let rest = address
        .strip_prefix("https://")
        .or_else(|| address.strip_prefix("http://"));
    let Some(rest) = rest else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-.:[]".contains(c);
    !host.is_empty()
        && host.chars().all(is_plain)
        && address
            .chars()
            .all(|c| c.is_ascii_graphic() || c.is_alphanumeric())
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// It is a web page, so it can be opened.
    pub is_web: bool,
    /// The host in the browser's own spelling, so that look-alike letters show as `xn--`.
    pub host: String,
    /// The whole address.
    pub address: String,
}

/// Reads a link as the browser would.
pub fn target(href: &str) -> Target {
    match web_sys::Url::new(href) {
        Ok(url) => Target {
            is_web: matches!(url.protocol().as_str(), "http:" | "https:"),
            host: url.host(),
            address: url.href(),
        },
        Err(_) => Target {
            is_web: false,
            host: String::new(),
            address: href.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_shows_another_host_is_no_link() {
        for good in [
            "https://example.org/a?b=c#d",
            "http://127.0.0.1:8080/",
            "https://[::1]/",
            "https://xn--80ak6aa92e.test/",
            "https://example.org/@somebody",
            "https://example.org/wiki/K\u{f6}ln",
        ] {
            assert!(tells_its_host(good), "{good}");
        }
        for bad in [
            "https://bank.example.org@evil.test/",
            "https://bank.example.org\\@evil.test/",
            "https://\u{430}\u{440}\u{440}\u{4cf}\u{435}.test/",
            "https://example.org/\u{202E}gro.knab",
            "https://example.org\u{2044}evil.test/",
            "https://example.org/\u{200B}x",
            "https:///evil.test",
            "ftp://example.org/",
            "javascript:alert(1)",
        ] {
            assert!(!tells_its_host(bad), "{bad}");
        }
    }

    #[test]
    fn quotes_are_kept_apart() {
        let found = blocks("Hello\n\n> old\n> older\nBye\n\n");
        let shape: Vec<_> = found
            .iter()
            .map(|b| (b.is_quote, b.text.as_str()))
            .collect();
        assert_eq!(
            shape,
            [(false, "Hello\n"), (true, "> old\n> older"), (false, "Bye")]
        );
    }
}
