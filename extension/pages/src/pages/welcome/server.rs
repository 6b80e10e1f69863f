//! First run of somebody whose keys are in an account on a Letterlock server.

use yew::prelude::*;

use super::{Origin, is_address};
use crate::components::{Field, value_of};
use crate::i18n::t;
use crate::pages::passphrase::OldPassphrase;

/// Properties of [`FromServer`].
#[derive(Properties, PartialEq)]
pub(super) struct FromServerProps {
    /// The passphrase's field: it is read when everything is answered.
    pub(super) node: NodeRef,
    /// Where the keys come from, address, name.
    pub(super) on_next: Callback<(Origin, String, String)>,
    pub(super) on_back: Callback<()>,
}

/// Server, address, passphrase.
#[component]
pub(super) fn FromServer(props: &FromServerProps) -> Html {
    let (server, address) = (use_node_ref(), use_node_ref());
    let is_wrong = use_state_eq(|| false);
    let onsubmit = {
        let (server, address) = (server.clone(), address.clone());
        let (passphrase, is_wrong) = (props.node.clone(), is_wrong.clone());
        let on_next = props.on_next.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let typed = value_of(&address).trim().to_owned();
            let server = value_of(&server).trim().to_owned();
            let is_whole = is_address(&typed) && !server.is_empty();
            is_wrong.set(!is_address(&typed));
            if is_whole && !value_of(&passphrase).is_empty() {
                on_next.emit((Origin::Server(server), typed, String::new()));
            }
        })
    };
    let fault = is_wrong.then(|| AttrValue::from(t!("welcome-address-fault")));
    html! {
        <form {onsubmit}>
            <h1>{ t!("from-server-heading") }</h1>
            <p>{ t!("from-server-text") }</p>
            <Field id="account-server-address" label={t!("account-server-label")} node={server} placeholder="mail.example.org" inputmode="url"
                autocomplete="url" autofocus={true} />
            <Field id="account-address" label={t!("account-address")} node={address} inputmode="email" autocomplete="username" {fault} />
            <OldPassphrase id="account-passphrase" node={props.node.clone()} />
            <div class="actions">
                <button type="submit" class="button seal" data-testid="next">{ t!("next") }</button>
                <button type="button" class="button quiet" data-testid="back" onclick={props.on_back.reform(|_: MouseEvent| ())}>{ t!("back") }</button>
            </div>
        </form>
    }
}
