//! An armored message opened in a page of ours: the welcome letter, or something pasted.

use std::rc::Rc;

use ext_protocol::page::{Answer, Request};
use ext_protocol::view::OpenedMessage;
use yew::prelude::*;

use super::background::{Background, another};
use crate::components::{LetterHead, MessageBody, VerdictLine};

/// Opens armor.
///
/// # Errors
///
/// Those of the background.
pub(super) async fn open(
    background: &Background,
    armored: String,
) -> Result<Rc<OpenedMessage>, ext_protocol::failure::Failure> {
    match background.ask(Request::OpenText { armored }).await? {
        Answer::Opened(message) => Ok(Rc::new(*message)),
        _ => Err(another()),
    }
}

/// Properties of [`Letter`].
#[derive(Properties, PartialEq)]
pub(super) struct LetterProps {
    pub(super) message: Rc<OpenedMessage>,
}

/// Verdict, head and words.
#[component]
pub(super) fn Letter(props: &LetterProps) -> Html {
    let is_remote = use_state_eq(|| false);
    let on_remote = {
        let is_remote = is_remote.clone();
        Callback::from(move |()| is_remote.set(true))
    };
    html! {
        <article class="opened-letter" data-testid="opened-letter">
            <VerdictLine verdict={props.message.verdict.clone()} />
            <LetterHead message={props.message.clone()} />
            <MessageBody message={props.message.clone()} is_remote={*is_remote} {on_remote} />
        </article>
    }
}
