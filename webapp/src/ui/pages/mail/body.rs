//! The words of a message: plain text with its links and quotes, or HTML in its frame.

use super::frame::MessageFrame;
use crate::protocol::OpenedMessage;
use crate::ui::i18n::t;
use std::rc::Rc;
use ui_kit::letter;
use yew::prelude::*;

/// Properties of [`Body`].
#[derive(Properties, PartialEq)]
pub(crate) struct BodyProps {
    pub(crate) message: Rc<OpenedMessage>,
}

/// HTML when the sender wrote some, else the text.
#[component]
pub(crate) fn Body(props: &BodyProps) -> Html {
    let view = &props.message.view;
    match (&view.html, &view.text) {
        (Some(html), _) => html! {
            <MessageFrame html={html.clone()} has_remote={props.message.has_remote_content} />
        },
        (None, Some(text)) if !text.trim().is_empty() => html! {
            <div class="letter-text" data-testid="message-text" dir="auto">{ letter::plain(text) }</div>
        },
        _ => html! { <p class="hint" data-testid="message-text">{ t!("no-text") }</p> },
    }
}
