//! A new passphrase for the account.

use crate::protocol::Failure;
use crate::ui::actor::Actor;
use crate::ui::components::{
    FailureNote, Field, Glyph, NewPassphrase, PassphraseFault, ProgressBar, check_passphrase, icon,
    value_of,
};
use crate::ui::i18n::t;
use crate::ui::state::Store;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// Old one, new one, new one again.
#[component]
pub(crate) fn ChangePassphrase() -> Html {
    let (old, first, second) = (use_node_ref(), use_node_ref(), use_node_ref());
    let fault = use_state_eq(|| None::<PassphraseFault>);
    let failure = use_state_eq(|| None::<Failure>);
    let is_busy = use_state_eq(|| false);
    let is_done = use_state_eq(|| false);
    // Counts the changes, so that the fields begin anew after each.
    let round = use_state_eq(|| 0_u32);
    let (Some(store), Some(actor)) = (use_context::<Store>(), use_context::<Actor>()) else {
        return Html::default();
    };
    let me = store.me().cloned().unwrap_or_default();
    let onsubmit = {
        let (old, first, second) = (old.clone(), first.clone(), second.clone());
        let (fault, failure) = (fault.clone(), failure.clone());
        let (is_busy, is_done) = (is_busy.clone(), is_done.clone());
        let round = round.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let (before, after) = (value_of(&old), value_of(&first));
            let checked = check_passphrase(&after, &value_of(&second));
            fault.set(checked.err());
            is_done.set(false);
            failure.set(None);
            if *is_busy || before.is_empty() || checked.is_err() {
                return;
            }
            is_busy.set(true);
            let (actor, failure) = (actor.clone(), failure.clone());
            let (is_busy, is_done) = (is_busy.clone(), is_done.clone());
            let round = round.clone();
            spawn_local(async move {
                match actor.change_passphrase(before, after).await {
                    Ok(()) => {
                        round.set(*round + 1);
                        is_done.set(true);
                    }
                    Err(problem) => failure.set(Some(problem)),
                }
                is_busy.set(false);
            });
        })
    };
    html! {
        <section class="sheet card">
            <h2>{ t!("change-passphrase") }</h2>
            <p>{ t!("change-passphrase-text") }</p>
            <form {onsubmit}>
                <input type="text" class="visually-hidden" autocomplete="username" readonly={true} tabindex="-1" aria-hidden="true" value={me.address.clone()} />
                <Field key={format!("old-{}", *round)} id="pass-old" label={t!("passphrase-old")} node={old} is_secret={true} autocomplete="current-password" />
                <NewPassphrase key={format!("new-{}", *round)} ids={("pass-new", "pass-repeat", "pass-strength")} {first} {second} known={vec![me.address.clone(), me.name.clone()]} fault={*fault} />
                if let Some(failure) = &*failure {
                    <FailureNote failure={failure.clone()} />
                }
                if *is_busy {
                    <ProgressBar />
                }
                <div role="status">
                    if *is_done {
                        <p class="done" data-testid="pass-done">{ icon(Glyph::Check) }{ t!("change-passphrase-done") }</p>
                    }
                </div>
                <div class="actions">
                    <button type="submit" class="button" data-testid="pass-submit" disabled={*is_busy}>{ t!("change-passphrase") }</button>
                </div>
            </form>
        </section>
    }
}
