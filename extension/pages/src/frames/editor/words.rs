//! The field the letter is written in: plain, or rich with a small toolbar. Its words stay in the
//! browser's own field and are read when they are wanted.

use ui_kit::icon::{Glyph, IconButton};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlTextAreaElement};
use yew::prelude::*;

use crate::dom;
use crate::editable;
use crate::i18n::t;

/// The plain field, if it is that. `NodeRef::cast` does not look what it casts.
fn plain_field(node: &NodeRef) -> Option<HtmlTextAreaElement> {
    node.get()?.dyn_into().ok()
}

/// Reads the words: plain text, and HTML if the field is rich.
pub(super) fn read(node: &NodeRef) -> (String, Option<String>) {
    if let Some(area) = plain_field(node) {
        return (area.value(), None);
    }
    match node.cast::<HtmlElement>() {
        Some(field) => {
            let html = field.inner_html();
            (field.inner_text(), Some(html))
        }
        None => (String::new(), None),
    }
}

/// Properties of [`Words`].
#[derive(Properties, PartialEq)]
pub(super) struct WordsProps {
    pub(super) node: NodeRef,
    pub(super) is_rich: bool,
    /// What it begins with; only the first drawing of each kind of field takes it.
    pub(super) text: AttrValue,
    pub(super) html: Option<AttrValue>,
    /// The keyboard starts here.
    pub(super) is_first: bool,
    pub(super) on_typed: Callback<()>,
    /// Files from the clipboard.
    pub(super) on_files: Callback<Vec<web_sys::File>>,
}

/// The field.
#[component]
pub(super) fn Words(props: &WordsProps) -> Html {
    use_effect_with(props.is_rich, {
        let (node, text, html) = (props.node.clone(), props.text.clone(), props.html.clone());
        let is_first = props.is_first;
        move |is_rich| {
            if let Some(area) = plain_field(&node) {
                area.set_value(&text);
                if is_first {
                    dom::focus(&area);
                    let _ = area.set_selection_range(0, 0);
                    area.set_scroll_top(0);
                }
            } else if let (true, Some(field)) = (*is_rich, node.cast::<Element>()) {
                // An empty one says: begin with the plain text.
                match html.as_ref().filter(|html| !html.is_empty()) {
                    Some(html) => editable::fill(&field, html),
                    None => editable::fill_text(&field, &text),
                }
                // Paragraphs, not naked lines; and no style attributes, which the policy refuses.
                editable::command("defaultParagraphSeparator", Some("div"));
                editable::command("styleWithCSS", Some("false"));
                if is_first {
                    dom::focus(&field);
                }
            }
        }
    });
    let oninput = props.on_typed.reform(|_: InputEvent| ());
    let onpaste = {
        let (on_files, on_typed) = (props.on_files.clone(), props.on_typed.clone());
        let (node, is_rich) = (props.node.clone(), props.is_rich);
        Callback::from(move |event: Event| {
            let Some(event) = event.dyn_ref::<web_sys::ClipboardEvent>() else {
                return;
            };
            let Some(data) = event.clipboard_data() else {
                return;
            };
            let files = data.files().map(|list| ui_kit::files::all(&list));
            if let Some(files) = files.filter(|list| !list.is_empty()) {
                event.prevent_default();
                on_files.emit(files);
                return;
            }
            let html = data.get_data("text/html").unwrap_or_default();
            if let (true, false, Some(field)) = (is_rich, html.is_empty(), node.cast::<Element>()) {
                event.prevent_default();
                editable::insert(&field, &html);
                on_typed.emit(());
            }
        })
    };
    if props.is_rich {
        html! {
            <div key="rich" class="rich">
                <Toolbar on_typed={props.on_typed.clone()} />
                <div ref={props.node.clone()} class="compose-body rich-body" data-testid="body-rich" contenteditable="true" role="textbox" aria-multiline="true"
                    aria-label={t!("letter-text")} data-placeholder={t!("letter-placeholder")} spellcheck="true" dir="auto" {oninput} {onpaste}></div>
            </div>
        }
    } else {
        html! {
            <textarea key="plain" ref={props.node.clone()} class="compose-body" data-testid="body" autocomplete="off" aria-label={t!("letter-text")}
                placeholder={t!("letter-placeholder")} dir="auto" spellcheck="true" {oninput} {onpaste} />
        }
    }
}

#[derive(Properties, PartialEq)]
struct ToolbarProps {
    on_typed: Callback<()>,
}

/// Few commands, those that come through in every mail program.
#[component]
fn Toolbar(props: &ToolbarProps) -> Html {
    let is_linking = use_state_eq(|| false);
    let link = use_node_ref();
    // A press must not take the selection away from the field.
    let onmousedown = Callback::from(|event: MouseEvent| {
        let on_input = event
            .target()
            .is_some_and(|t| t.dyn_ref::<web_sys::HtmlInputElement>().is_some());
        if !on_input {
            event.prevent_default();
        }
    });
    let run = |command: &'static str, value: Option<&'static str>| {
        let on_typed = props.on_typed.clone();
        Callback::from(move |_: MouseEvent| {
            editable::command(command, value);
            on_typed.emit(());
        })
    };
    let selection = use_mut_ref(|| None::<web_sys::Range>);
    let start_link = {
        let (is_linking, selection) = (is_linking.clone(), selection.clone());
        Callback::from(move |_: MouseEvent| {
            let chosen = dom::window().and_then(|w| w.get_selection().ok().flatten());
            *selection.borrow_mut() = chosen.and_then(|s| s.get_range_at(0).ok());
            is_linking.set(!*is_linking);
        })
    };
    let set_link = {
        let (is_linking, selection, link) = (is_linking.clone(), selection.clone(), link.clone());
        let on_typed = props.on_typed.clone();
        Callback::from(move |()| {
            let typed = crate::components::value_of(&link);
            let chosen = dom::window().and_then(|w| w.get_selection().ok().flatten());
            if let (Some(address), Some(chosen), Some(range)) = (
                editable::link_from(&typed),
                chosen,
                selection.borrow_mut().take(),
            ) {
                let _ = chosen.remove_all_ranges();
                let _ = chosen.add_range(&range);
                if range.collapsed() {
                    editable::command("insertText", Some(&address));
                } else {
                    editable::command("createLink", Some(&address));
                }
                on_typed.emit(());
            }
            is_linking.set(false);
        })
    };
    let onkeydown = {
        let (set_link, is_linking) = (set_link.clone(), is_linking.clone());
        Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
            "Enter" => {
                event.prevent_default();
                set_link.emit(());
            }
            "Escape" => is_linking.set(false),
            _ => {}
        })
    };
    let open = |name: &'static str| format!("format-{name}");
    html! {
        <div class="format-bar" role="toolbar" aria-label={t!("format")} {onmousedown}>
            <IconButton glyph={Glyph::Bold} label={t!("format-bold")} testid={open("bold")} onclick={run("bold", None)} />
            <IconButton glyph={Glyph::Italic} label={t!("format-italic")} testid={open("italic")} onclick={run("italic", None)} />
            <IconButton glyph={Glyph::Underline} label={t!("format-underline")} testid={open("underline")} onclick={run("underline", None)} />
            <IconButton glyph={Glyph::Bullets} label={t!("format-bullets")} testid={open("bullets")} onclick={run("insertUnorderedList", None)} />
            <IconButton glyph={Glyph::Numbers} label={t!("format-numbers")} testid={open("numbers")} onclick={run("insertOrderedList", None)} />
            <IconButton glyph={Glyph::Quotation} label={t!("format-quote")} testid={open("quote")} onclick={run("formatBlock", Some("blockquote"))} />
            <IconButton glyph={Glyph::Chain} label={t!("format-link")} testid={open("link")} expanded={*is_linking} onclick={start_link} />
            if *is_linking {
                <span class="link-field">
                    <input ref={link} type="text" class="bare" aria-label={t!("format-link-address")} placeholder="https://" data-testid="link-address" {onkeydown} />
                    <button type="button" class="button small" data-testid="link-set" onclick={set_link.reform(|_: MouseEvent| ())}>{ t!("format-link-set") }</button>
                </span>
            }
        </div>
    }
}
