//! Rich text: a field of the browser's own editing, and what may come into it.
//!
//! # Security
//! HTML from the clipboard or a quote is read by the browser's parser into a document that runs and
//! loads nothing; from there only the elements below are made anew, without any attribute but a
//! web or mail address on links. Nothing is ever written as a string of HTML.

use ui_kit::dom;
use wasm_bindgen::JsCast;
use web_sys::{Document, DocumentFragment, DomParser, Element, Node, SupportedType};

/// Elements that are made anew; others give way to what they hold.
const KEPT: [&str; 19] = [
    "P",
    "DIV",
    "BR",
    "B",
    "STRONG",
    "I",
    "EM",
    "U",
    "S",
    "UL",
    "OL",
    "LI",
    "BLOCKQUOTE",
    "PRE",
    "CODE",
    "H1",
    "H2",
    "H3",
    "A",
];

/// Elements that go with all they hold.
const DROPPED: [&str; 14] = [
    "SCRIPT", "STYLE", "TEMPLATE", "HEAD", "TITLE", "IFRAME", "OBJECT", "EMBED", "NOSCRIPT", "SVG",
    "MATH", "SELECT", "TEXTAREA", "META",
];

/// Elements that stand on a line of their own, when they are not kept.
const LINES: [&str; 7] = [
    "TR", "SECTION", "ARTICLE", "TABLE", "HEADER", "FOOTER", "H4",
];

/// Deeper elements are flattened to their text.
const DEEPEST: u32 = 48;

const ELEMENT: u16 = Node::ELEMENT_NODE;
const TEXT: u16 = Node::TEXT_NODE;

/// Reads HTML and makes the harmless part of it anew.
pub(crate) fn clean(html: &str) -> Option<DocumentFragment> {
    let document = dom::document()?;
    let parsed = DomParser::new()
        .ok()?
        .parse_from_string(html, SupportedType::TextHtml)
        .ok()?;
    let fragment = document.create_document_fragment();
    if let Some(body) = parsed.body() {
        copy(&document, &body, &fragment, 0);
    }
    Some(fragment)
}

fn copy(document: &Document, from: &Node, to: &Node, depth: u32) {
    let children = from.child_nodes();
    for index in 0..children.length() {
        let Some(child) = children.get(index) else {
            continue;
        };
        match child.node_type() {
            TEXT => {
                let text = child.text_content().unwrap_or_default();
                let _ = to.append_child(&document.create_text_node(&text));
            }
            ELEMENT => {
                let element: &Element = child.unchecked_ref();
                let name = element.tag_name().to_ascii_uppercase();
                if DROPPED.contains(&name.as_str()) {
                    continue;
                }
                if depth >= DEEPEST {
                    let text = child.text_content().unwrap_or_default();
                    let _ = to.append_child(&document.create_text_node(&text));
                } else if KEPT.contains(&name.as_str())
                    && let Ok(made) = document.create_element(&name)
                {
                    if name == "A" {
                        let href = element.get_attribute("href").unwrap_or_default();
                        if is_safe_link(&href) {
                            let _ = made.set_attribute("href", &href);
                        }
                    }
                    copy(document, &child, &made, depth + 1);
                    let _ = to.append_child(&made);
                } else {
                    copy(document, &child, to, depth + 1);
                    if LINES.contains(&name.as_str())
                        && let Ok(line) = document.create_element("BR")
                    {
                        let _ = to.append_child(&line);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Web and mail addresses only.
fn is_safe_link(href: &str) -> bool {
    let start: String = href.trim_start().chars().take(8).collect();
    let start = start.to_ascii_lowercase();
    ["https://", "http://", "mailto:"]
        .iter()
        .any(|scheme| start.starts_with(scheme))
}

/// An address as a person types it into the link field.
pub(crate) fn link_from(typed: &str) -> Option<String> {
    let typed = typed.trim();
    if typed.is_empty() || typed.contains(char::is_whitespace) {
        None
    } else if is_safe_link(typed) {
        Some(typed.to_owned())
    } else if typed.contains('@') && !typed.contains(':') {
        Some(format!("mailto:{typed}"))
    } else if typed.contains('.') && !typed.contains(':') {
        Some(format!("https://{typed}"))
    } else {
        None
    }
}

/// Puts cleaned HTML where the cursor stands, as one step that can be undone where the browser
/// lets us.
pub(crate) fn insert(field: &Element, html: &str) {
    let Some(fragment) = clean(html) else { return };
    let Some(document) = dom::document() else {
        return;
    };
    // A holder of our own: its inner HTML is what our rules made, not what came in.
    let Ok(holder) = document.create_element("div") else {
        return;
    };
    let _ = holder.append_child(&fragment);
    if !command("insertHTML", Some(&holder.inner_html())) {
        let _ = field.append_child(&holder);
    }
}

/// Fills the field.
pub(crate) fn fill(field: &Element, html: &str) {
    field.set_text_content(None);
    if let Some(fragment) = clean(html) {
        let _ = field.append_child(&fragment);
    }
}

/// Fills the field with plain text, a line a paragraph.
pub(crate) fn fill_text(field: &Element, text: &str) {
    field.set_text_content(None);
    let Some(document) = dom::document() else {
        return;
    };
    for line in text.lines() {
        if let Ok(paragraph) = document.create_element("div") {
            if line.is_empty() {
                if let Ok(empty) = document.create_element("br") {
                    let _ = paragraph.append_child(&empty);
                }
            } else {
                paragraph.set_text_content(Some(line));
            }
            let _ = field.append_child(&paragraph);
        }
    }
}

/// Runs one of the browser's editing commands on the selection; false when it refuses.
pub(crate) fn command(name: &str, value: Option<&str>) -> bool {
    let Some(document) = dom::document() else {
        return false;
    };
    // web-sys has it on HtmlDocument, which a document of a page always is.
    let document: web_sys::HtmlDocument = document.unchecked_into();
    document
        .exec_command_with_show_ui_and_value(name, false, value.unwrap_or_default())
        .unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_and_mail_addresses_are_links() {
        assert!(is_safe_link("https://example.org"));
        assert!(is_safe_link(" HTTP://example.org"));
        assert!(is_safe_link("mailto:a@example.org"));
        assert!(!is_safe_link("javascript:alert(1)"));
        assert!(!is_safe_link("data:text/html,x"));
        assert!(!is_safe_link("//example.org"));
    }

    #[test]
    fn typed_links_are_completed() {
        assert_eq!(
            link_from("example.org/a").as_deref(),
            Some("https://example.org/a")
        );
        assert_eq!(
            link_from("a@example.org").as_deref(),
            Some("mailto:a@example.org")
        );
        assert_eq!(link_from("javascript:alert(1)"), None);
        assert_eq!(link_from("two words"), None);
        assert_eq!(link_from(""), None);
    }
}
