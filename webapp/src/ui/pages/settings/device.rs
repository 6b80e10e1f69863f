//! Leaving this device.

use crate::protocol::Failure;
use crate::ui::actor::Actor;
use crate::ui::components::{Dialog, FailureNote};
use crate::ui::i18n::t;
use crate::ui::route::{self, Route};
use crate::ui::state::Store;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// Logging out, explained before it is done.
#[component]
pub(crate) fn Device() -> Html {
    let is_asking = use_state_eq(|| false);
    let failure = use_state_eq(|| None::<Failure>);
    let (Some(store), Some(actor)) = (use_context::<Store>(), use_context::<Actor>()) else {
        return Html::default();
    };
    let ask = {
        let is_asking = is_asking.clone();
        Callback::from(move |_: MouseEvent| is_asking.set(true))
    };
    let cancel = {
        let is_asking = is_asking.clone();
        Callback::from(move |()| is_asking.set(false))
    };
    let leave = {
        let (actor, failure) = (actor.clone(), failure.clone());
        Callback::from(move |_: MouseEvent| {
            let (actor, failure) = (actor.clone(), failure.clone());
            spawn_local(async move {
                match actor.log_out().await {
                    Ok(()) => route::replace(&Route::Welcome),
                    Err(problem) => failure.set(Some(problem)),
                }
            });
        })
    };
    html! {
        <section class="sheet card">
            <h2>{ t!("device") }</h2>
            <p>{ t!("device-text") }</p>
            <div class="actions">
                <button type="button" class="button" data-testid="logout-button" onclick={ask}>{ t!("log-out") }</button>
            </div>
            if *is_asking {
                <Dialog title={t!("log-out-title")} testid="logout-dialog" on_close={cancel.clone()}>
                    <p>{ t!("log-out-text") }</p>
                    if store.outbox > 0 {
                        <p class="note note-careful">{ t!("log-out-outbox", n = store.outbox) }</p>
                    }
                    if let Some(failure) = &*failure {
                        <FailureNote failure={failure.clone()} />
                    }
                    <div class="actions">
                        <button type="button" class="button" data-testid="logout-confirm" onclick={leave}>{ t!("log-out") }</button>
                        <button type="button" class="button quiet" data-testid="logout-cancel" onclick={cancel.reform(|_: MouseEvent| ())}>{ t!("cancel") }</button>
                    </div>
                </Dialog>
            }
        </section>
    }
}
