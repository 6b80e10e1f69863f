//! Which server the mail lies on: asked where the page did not come from one, as in the extension.

use crate::protocol::Failure;
use crate::ui::actor::Actor;
use crate::ui::components::{FailureNote, Field, ProgressBar, value_of};
use crate::ui::dom;
use crate::ui::i18n::t;
use crate::ui::server;
use ui_kit::entry::{EntryFrame, use_heading_focus, use_title};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// One field: the server's address.
#[component]
pub(crate) fn Server() -> Html {
    use_title(t!("server-title"));
    let heading = use_heading_focus();
    let node = use_node_ref();
    let is_busy = use_state_eq(|| false);
    let failure = use_state_eq(|| None::<Failure>);
    let is_bad = use_state_eq(|| false);
    let Some(actor) = use_context::<Actor>() else {
        return Html::default();
    };
    let onsubmit = {
        let (node, is_busy) = (node.clone(), is_busy.clone());
        let (failure, is_bad) = (failure.clone(), is_bad.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let origin = server::origin(&value_of(&node));
            is_bad.set(origin.is_none());
            let Some(origin) = origin.filter(|_| !*is_busy) else {
                return;
            };
            is_busy.set(true);
            failure.set(None);
            let (actor, is_busy, failure) = (actor.clone(), is_busy.clone(), failure.clone());
            spawn_local(async move {
                if let Err(problem) = actor.choose_server(origin).await {
                    is_busy.set(false);
                    failure.set(Some(problem));
                }
            });
        })
    };
    let fault = (*is_bad).then(|| AttrValue::from(t!("server-bad")));
    html! {
        <EntryFrame testid="page-server">
            <h1 ref={heading} tabindex="-1">{ t!("server-heading") }</h1>
            <form {onsubmit}>
                if let Some(failure) = &*failure {
                    <FailureNote failure={failure.clone()} />
                }
                <Field id="server-address" label={t!("server-label")} {node} autocomplete="url" inputmode="url"
                    hint={AttrValue::from(t!("server-hint"))} {fault} />
                if *is_busy {
                    <ProgressBar />
                }
                <div class="actions">
                    <button type="submit" class="button seal" data-testid="server-submit" disabled={*is_busy}>{ t!("next") }</button>
                </div>
            </form>
        </EntryFrame>
    }
}

/// The way to another server, where the person said which one it is.
#[component]
pub(crate) fn OtherServer() -> Html {
    let Some(origin) = server::chosen() else {
        return Html::default();
    };
    let onclick = Callback::from(|_: MouseEvent| {
        server::keep(None);
        dom::reload();
    });
    html! {
        <p class="hint">
            { origin }{ " · " }
            <button type="button" class="link" {onclick} data-testid="server-other">{ t!("server-other") }</button>
        </p>
    }
}
