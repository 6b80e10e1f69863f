//! What pages of a window of their own share: title, first focus, and the sheet that the first
//! pages are written on.

use yew::prelude::*;

use crate::dom;
use crate::icon::{Glyph, icon};
use crate::t;

/// Names the page in the browser's tab.
#[hook]
pub fn use_title(title: String) {
    use_effect_with(title, |title| {
        if let Some(document) = dom::document() {
            document.set_title(&t!("page-title", title = title.clone()));
        }
    });
}

/// Moves the keyboard to the page's heading when the page appears, so that a screen reader
/// begins there.
#[hook]
pub fn use_heading_focus() -> NodeRef {
    let node = use_node_ref();
    use_effect_with(node.clone(), |node| {
        if let Some(element) = node.cast::<web_sys::Element>() {
            dom::focus(&element);
        }
    });
    node
}

/// The name of the house.
pub fn brand() -> Html {
    html! { <div class="entry-brand">{ icon(Glyph::Mark) }<span>{ t!("app-name") }</span></div> }
}

/// Properties of [`EntryFrame`].
#[derive(Properties, PartialEq)]
pub struct EntryFrameProps {
    /// `data-testid`.
    pub testid: AttrValue,
    /// Which step of several.
    #[prop_or_default]
    pub step: Option<AttrValue>,
    /// What is written on the sheet.
    pub children: Html,
}

/// A sheet on the table: the drawing of a letterlocked packet beside it where there is room.
#[component]
pub fn EntryFrame(props: &EntryFrameProps) -> Html {
    html! {
        <main class="entry" data-testid={props.testid.clone()} data-step={props.step.clone()}>
            <div class="entry-picture" aria-hidden="true">
                <svg viewBox="0 0 480 360" fill="none" stroke-linejoin="round" stroke-linecap="round">
                    <g transform="rotate(-5 240 180)">
                    <path class="packet-shade" d="M60 84h384v220H60z" />
                    <path class="packet-sheet" d="M48 72h384v216H48z" />
                    <path class="packet-fold" d="M356 72v216" />
                    <path class="packet-flap" d="M48 72l112 70h133.600L246.400 218H160L48 288z" />
                    <path class="packet-fold" d="M160 142v76" />
                    <path class="packet-slit" d="M316 106l-92 148" />
                    </g>
                </svg>
                <p>{ t!("tagline") }</p>
            </div>
            <div class="entry-side">
                { brand() }
                <div class="sheet entry-sheet">{ props.children.clone() }</div>
            </div>
        </main>
    }
}
