//! Entering an account on this device.

use crate::protocol::{Failure, Request};
use crate::ui::actor::Actor;
use crate::ui::components::{FailureNote, Field, ProgressBar, value_of};
use crate::ui::dom;
use crate::ui::i18n::t;
use crate::ui::route::{self, Route};
use crate::ui::state::{Phase, Store};
use ui_kit::entry::{EntryFrame, use_title};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// Address and passphrase.
#[component]
pub(crate) fn LogIn() -> Html {
    use_title(t!("login-title"));
    let (address, passphrase) = (use_node_ref(), use_node_ref());
    let is_busy = use_state_eq(|| false);
    let failure = use_state_eq(|| None::<Failure>);
    let incomplete = use_state_eq(|| false);
    let (Some(actor), Some(store)) = (use_context::<Actor>(), use_context::<Store>()) else {
        return Html::default();
    };
    let known = match &store.phase {
        Phase::Locked { address } => Some(address.clone()),
        _ => None,
    };
    let onsubmit = {
        let (address, passphrase) = (address.clone(), passphrase.clone());
        let (is_busy, failure, incomplete) = (is_busy.clone(), failure.clone(), incomplete.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let (who, secret) = (value_of(&address).trim().to_owned(), value_of(&passphrase));
            incomplete.set(who.is_empty() || secret.is_empty());
            if *is_busy || who.is_empty() || secret.is_empty() {
                return;
            }
            is_busy.set(true);
            failure.set(None);
            let (actor, is_busy, failure) = (actor.clone(), is_busy.clone(), failure.clone());
            spawn_local(async move {
                let request = Request::LogIn {
                    address: who,
                    passphrase: secret,
                };
                match actor.enter(request).await {
                    Ok(()) => route::replace(&Route::inbox()),
                    Err(problem) => {
                        is_busy.set(false);
                        failure.set(Some(problem));
                    }
                }
            });
        })
    };
    let fault = (*incomplete).then(|| AttrValue::from(t!("login-incomplete")));
    html! {
        <EntryFrame testid="page-login">
            <h1>{ t!("login-heading") }</h1>
            <form {onsubmit}>
                if let Some(failure) = &*failure {
                    <FailureNote failure={failure.clone()} />
                }
                <Field id="login-address" label={t!("address")} node={address} autocomplete="username" inputmode="email"
                    value={known.clone().map(AttrValue::from)} autofocus={known.is_none()} />
                <Field id="login-passphrase" label={t!("passphrase")} node={passphrase} is_secret={true}
                    autocomplete="current-password" autofocus={known.is_some()} fault={fault} />
                if *is_busy {
                    <ProgressBar on_stop={Callback::from(|()| dom::reload())} />
                }
                <div class="actions">
                    <button type="submit" class="button seal" data-testid="login-submit" disabled={*is_busy}>{ t!("login-submit") }</button>
                    <a class="button quiet" href={if known.is_some() { Route::Unlock } else { Route::Welcome }.href()}>{ t!("back") }</a>
                </div>
            </form>
            <p class="hint">{ t!("login-hint") }</p>
        </EntryFrame>
    }
}
