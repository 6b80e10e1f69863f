//! What happened, what is safe, what to do; the code under Details.

use yew::prelude::*;

use crate::icon::{Glyph, icon};
use crate::t;

/// Properties of [`FailureNote`].
#[derive(Properties, PartialEq)]
pub struct FailureNoteProps {
    /// The kind of failure, as a stable word for tests.
    pub kind: AttrValue,
    /// What happened, what is safe and what to do, in words.
    pub sentence: AttrValue,
    /// For experts.
    pub details: AttrValue,
    /// What to do about it, as buttons.
    #[prop_or_default]
    pub children: Html,
}

/// An error where it happened, read aloud at once.
#[component]
pub fn FailureNote(props: &FailureNoteProps) -> Html {
    html! {
        <div class="note note-bad" role="alert" data-testid="failure" data-kind={props.kind.clone()}>
            { icon(Glyph::Stop) }
            <div class="note-body">
                <p>{ props.sentence.clone() }</p>
                { props.children.clone() }
                <details>
                    <summary>{ t!("details") }</summary>
                    <p class="mono">{ props.details.clone() }</p>
                </details>
            </div>
        </div>
    }
}
