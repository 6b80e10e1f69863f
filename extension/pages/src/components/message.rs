//! An opened message: its head, and its words as text or in the sandboxed frame.

use std::rc::Rc;

use ext_protocol::view::OpenedMessage;
use ui_kit::message::{self, Asks, Head};
use yew::prelude::*;

use crate::format;
use crate::guard::GuardedButton;
use crate::i18n::t;

/// Properties of [`LetterHead`].
#[derive(Properties, PartialEq)]
pub(crate) struct LetterHeadProps {
    pub(crate) message: Rc<OpenedMessage>,
    /// The subject the page around us shows, so that it is not told twice.
    #[prop_or_default]
    pub(crate) is_short: bool,
}

/// What the letter itself says of sender, recipients and subject.
#[component]
pub(crate) fn LetterHead(props: &LetterHeadProps) -> Html {
    let message = &props.message;
    let subject = message.subject.as_ref().filter(|s| !s.trim().is_empty());
    html! {
        <>
            if let Some(subject) = subject {
                <h1 class="letter-subject" data-testid="subject-inside" dir="auto">{ format::clean(subject) }</h1>
            }
            if !props.is_short {
                <Head from={message.from.clone()} to={message.to.clone()} cc={message.cc.clone()} date={message.date} />
            }
        </>
    }
}

/// Properties of [`MessageBody`].
#[derive(Properties, PartialEq)]
pub(crate) struct MessageBodyProps {
    pub(crate) message: Rc<OpenedMessage>,
    /// What the HTML wants from the network may be loaded.
    pub(crate) is_remote: bool,
    /// The person asks for it.
    pub(crate) on_remote: Callback<()>,
}

/// HTML when the sender wrote some, else the text.
#[component]
pub(crate) fn MessageBody(props: &MessageBodyProps) -> Html {
    let message = &props.message;
    let remote_button = html! {
        <GuardedButton class="small" testid="show-pictures" onclick={props.on_remote.clone()}>{ t!("pictures-show") }</GuardedButton>
    };
    html! {
        <message::Body html={message.html.clone().map(AttrValue::from)} text={message.text.clone().map(AttrValue::from)}
            has_remote={message.has_remote} is_remote={props.is_remote} {remote_button} asks={Asks::InFlow} />
    }
}
