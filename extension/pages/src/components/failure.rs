//! What happened, what is safe, what to do; the code under Details.

use crate::errors;
use crate::i18n::t;
use ext_protocol::failure::Failure;
use ui_kit::icon::{Glyph, icon};
use yew::prelude::*;

/// Properties of [`FailureNote`].
#[derive(Properties, PartialEq)]
pub(crate) struct FailureNoteProps {
    pub(crate) failure: Failure,
    /// What to do about it, as buttons.
    #[prop_or_default]
    pub(crate) children: Html,
}

/// An error where it happened, read aloud at once.
#[component]
pub(crate) fn FailureNote(props: &FailureNoteProps) -> Html {
    let failure = &props.failure;
    html! {
        <div class="note note-bad" role="alert" data-testid="failure" data-kind={errors::name(failure.kind)}>
            { icon(Glyph::Stop) }
            <div class="note-body">
                <p>{ errors::sentence(failure.kind) }</p>
                { props.children.clone() }
                <details>
                    <summary>{ t!("details") }</summary>
                    <p class="mono">{ errors::details(failure) }</p>
                </details>
            </div>
        </div>
    }
}
