//! What happened, what is safe, what to do; the code under Details.

use yew::prelude::*;

use crate::protocol::Failure;
use crate::ui::errors;

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
        <ui_kit::note::FailureNote kind={errors::name(failure.kind)} sentence={errors::sentence(failure.kind)} details={errors::details(failure)}>
            { props.children.clone() }
        </ui_kit::note::FailureNote>
    }
}
