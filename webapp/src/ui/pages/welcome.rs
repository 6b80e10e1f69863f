//! No account on this device: make one or enter one.

use crate::ui::i18n::t;
use crate::ui::route::Route;
use ui_kit::entry::{EntryFrame, use_heading_focus, use_title};
use yew::prelude::*;

/// The first page of all.
#[component]
pub(crate) fn Welcome() -> Html {
    use_title(t!("welcome-title"));
    let heading = use_heading_focus();
    html! {
        <EntryFrame testid="page-welcome">
            <h1 ref={heading} tabindex="-1">{ t!("welcome-heading") }</h1>
            <p>{ t!("welcome-text") }</p>
            <div class="actions stacked">
                <a class="button seal" href={Route::SignUp.href()} data-testid="welcome-create">{ t!("welcome-create") }</a>
                <a class="button" href={Route::LogIn.href()} data-testid="welcome-login">{ t!("welcome-login") }</a>
            </div>
            <p class="hint">{ t!("welcome-hint") }</p>
        </EntryFrame>
    }
}
