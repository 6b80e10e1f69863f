//! What the pages share in looks while they start.

use ext_protocol::failure::Failure;
use yew::prelude::*;

use crate::components::{Busy, FailureNote};
use crate::i18n::t;

pub(super) use ui_kit::entry::{EntryFrame, brand, use_heading_focus, use_title};

/// Properties of [`Starting`].
#[derive(Properties, PartialEq)]
pub(super) struct StartingProps {
    #[prop_or_default]
    pub(super) failure: Option<Failure>,
}

/// Until the background answers.
#[component]
pub(super) fn Starting(props: &StartingProps) -> Html {
    html! {
        <main class="waiting" data-testid="starting">
            if let Some(failure) = &props.failure {
                <FailureNote failure={failure.clone()} />
            } else {
                <Busy text={t!("step-wait")} />
            }
        </main>
    }
}
