//! An account lies here, locked.

use crate::protocol::{Failure, Request};
use crate::ui::actor::Actor;
use crate::ui::components::{FailureNote, Field, ProgressBar, value_of};
use crate::ui::dom;
use crate::ui::i18n::t;
use crate::ui::route::Route;
use ui_kit::entry::{EntryFrame, use_title};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// Properties of [`Unlock`].
#[derive(Properties, PartialEq)]
pub(crate) struct UnlockProps {
    pub(crate) address: AttrValue,
}

/// One field. The place the person was at is shown again afterwards.
#[component]
pub(crate) fn Unlock(props: &UnlockProps) -> Html {
    use_title(t!("unlock-title"));
    let passphrase = use_node_ref();
    let is_busy = use_state_eq(|| false);
    let failure = use_state_eq(|| None::<Failure>);
    let Some(actor) = use_context::<Actor>() else {
        return Html::default();
    };
    let onsubmit = {
        let passphrase = passphrase.clone();
        let (is_busy, failure) = (is_busy.clone(), failure.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let secret = value_of(&passphrase);
            if *is_busy || secret.is_empty() {
                return;
            }
            is_busy.set(true);
            failure.set(None);
            let (actor, node) = (actor.clone(), passphrase.clone());
            let (is_busy, failure) = (is_busy.clone(), failure.clone());
            spawn_local(async move {
                let request = Request::Unlock { passphrase: secret };
                // On success this page goes away by itself: the phase has changed.
                if let Err(problem) = actor.enter(request).await {
                    is_busy.set(false);
                    failure.set(Some(problem));
                    if let Some(field) = node.cast::<web_sys::HtmlInputElement>() {
                        field.select();
                        dom::focus(&field);
                    }
                }
            });
        })
    };
    html! {
        <EntryFrame testid="page-unlock">
            <h1>{ t!("unlock-heading") }</h1>
            <p class="unlock-address" data-testid="unlock-address">{ props.address.clone() }</p>
            <form {onsubmit}>
                if let Some(failure) = &*failure {
                    <FailureNote failure={failure.clone()} />
                }
                <input type="text" class="visually-hidden" autocomplete="username" readonly={true} tabindex="-1" aria-hidden="true" value={props.address.clone()} />
                <Field id="unlock-passphrase" label={t!("passphrase")} node={passphrase} is_secret={true}
                    autocomplete="current-password" autofocus={true} />
                if *is_busy {
                    <ProgressBar on_stop={Callback::from(|()| dom::reload())} />
                }
                <div class="actions">
                    <button type="submit" class="button seal" data-testid="unlock-submit" disabled={*is_busy}>{ t!("unlock-submit") }</button>
                    <a class="button quiet" href={Route::LogIn.href()} data-testid="unlock-other">{ t!("unlock-other") }</a>
                </div>
            </form>
            <p class="hint">{ t!("unlock-hint") }</p>
        </EntryFrame>
    }
}
