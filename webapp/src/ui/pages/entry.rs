//! Before anything else: starting, and not being able to start.

use crate::ui::components::ProgressBar;
use crate::ui::dom;
use crate::ui::i18n::t;
use ui_kit::entry::{EntryFrame, use_title};
use yew::prelude::*;

/// The worker has not answered yet.
#[component]
pub(crate) fn Starting() -> Html {
    html! {
        <main class="starting" data-testid="page-starting">
            <ProgressBar />
        </main>
    }
}

/// Properties of [`Fault`].
#[derive(Properties, PartialEq)]
pub(crate) struct FaultProps {
    pub(crate) details: AttrValue,
}

/// The worker cannot be reached.
#[component]
pub(crate) fn Fault(props: &FaultProps) -> Html {
    use_title(t!("fault-title"));
    let again = Callback::from(|_: MouseEvent| dom::reload());
    html! {
        <EntryFrame testid="page-fault">
            <div role="alert">
                <h1>{ t!("fault-title") }</h1>
                <p>{ t!("fault-text") }</p>
                <details><summary>{ t!("details") }</summary><p class="mono">{ props.details.clone() }</p></details>
            </div>
            <div class="actions"><button type="button" class="button seal" onclick={again}>{ t!("fault-again") }</button></div>
        </EntryFrame>
    }
}
