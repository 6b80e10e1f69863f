//! In the extension: keys are here, and no account on a server yet, so there is no mail.

use crate::ui::i18n::t;
use crate::ui::server::ACCOUNT_PAGE;
use ui_kit::entry::{EntryFrame, use_heading_focus, use_title};
use yew::prelude::*;

/// Properties of [`NoServer`].
#[derive(Properties, PartialEq)]
pub(crate) struct NoServerProps {
    pub(crate) address: AttrValue,
}

/// What is missing, and the one way to it.
#[component]
pub(crate) fn NoServer(props: &NoServerProps) -> Html {
    use_title(t!("no-server-title"));
    let heading = use_heading_focus();
    html! {
        <EntryFrame testid="page-no-server">
            <h1 ref={heading} tabindex="-1">{ t!("no-server-heading") }</h1>
            <p>{ t!("no-server-text", address = props.address.to_string()) }</p>
            <div class="actions"><a class="button seal" href={ACCOUNT_PAGE} data-testid="no-server-account">{ t!("no-server-account") }</a></div>
        </EntryFrame>
    }
}
