//! The words of a message: plain text with its links and quotes, or HTML in its frame.

use crate::protocol::OpenedMessage;
use crate::ui::dom;
use crate::ui::i18n::t;
use std::rc::Rc;
use ui_kit::letter;
use ui_kit::message::{self, Asks};
use wasm_bindgen::JsCast;
use yew::prelude::*;

const FRAME_ID: &str = "message-frame";

/// The words the frame shows, for a quote.
pub(crate) fn shown_text() -> Option<String> {
    let frame: web_sys::HtmlIFrameElement = dom::document()?
        .get_element_by_id(FRAME_ID)?
        .dyn_into()
        .ok()?;
    letter::shown_text(&frame)
}

/// Properties of [`Body`].
#[derive(Properties, PartialEq)]
pub(crate) struct BodyProps {
    pub(crate) message: Rc<OpenedMessage>,
}

/// HTML when the sender wrote some, else the text.
#[component]
pub(crate) fn Body(props: &BodyProps) -> Html {
    let shows_pictures = use_state_eq(|| false);
    let view = &props.message.view;
    let show = {
        let shows_pictures = shows_pictures.clone();
        Callback::from(move |_: MouseEvent| shows_pictures.set(true))
    };
    let remote_button = html! {
        <button type="button" class="button small" data-testid="show-pictures" onclick={show}>{ t!("pictures-show") }</button>
    };
    html! {
        <message::Body html={view.html.clone().map(AttrValue::from)} text={view.text.clone().map(AttrValue::from)}
            has_remote={props.message.has_remote_content} is_remote={*shows_pictures} {remote_button} asks={Asks::InDialog} frame_id={FRAME_ID} />
    }
}
