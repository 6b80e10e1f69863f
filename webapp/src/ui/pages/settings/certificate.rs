//! One's own certificate, to give away.

use crate::protocol::Failure;
use crate::ui::actor::Actor;
use crate::ui::components::{FailureNote, Glyph, icon};
use crate::ui::dom;
use crate::ui::errors;
use crate::ui::i18n::t;
use crate::ui::state::{Phase, Store};
use ui_kit::format;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// Fingerprint, armor, copy and save.
#[component]
pub(crate) fn Certificate() -> Html {
    let armored = use_state_eq(|| None::<Result<String, Failure>>);
    let (store, actor) = (use_context::<Store>(), use_context::<Actor>());
    use_effect_with((), {
        let (actor, setter) = (actor.clone(), armored.setter());
        move |()| {
            spawn_local(async move {
                if let Some(actor) = actor {
                    let found = actor.certificate().await;
                    setter.set(Some(found.map(|(armored, _)| armored)));
                }
            });
        }
    });
    let (Some(store), Some(actor)) = (store, actor) else {
        return Html::default();
    };
    let (address, fingerprint) = match &store.phase {
        Phase::Entered { me, fingerprint } => (me.address.clone(), fingerprint.clone()),
        _ => return Html::default(),
    };
    let content = match &*armored {
        None => Html::default(),
        Some(Err(failure)) => html! { <FailureNote failure={failure.clone()} /> },
        Some(Ok(armored)) => {
            let copy = {
                let (actor, armored) = (actor.clone(), armored.clone());
                Callback::from(move |_: MouseEvent| {
                    let (actor, armored) = (actor.clone(), armored.clone());
                    spawn_local(async move {
                        let told = if dom::copy(&armored).await {
                            t!("toast-copied")
                        } else {
                            t!("toast-not-copied")
                        };
                        actor.toast(told, None);
                    });
                })
            };
            let save = {
                let (actor, armored, address) = (actor.clone(), armored.clone(), address.clone());
                Callback::from(move |_: MouseEvent| {
                    let name = format!("{address}.asc");
                    if dom::download(&name, armored.as_bytes()).is_err() {
                        actor.complain(&errors::unexpected("download"));
                    }
                })
            };
            html! {
                <>
                    <details>
                        <summary>{ t!("certificate-show") }</summary>
                        <pre class="mono boxed" data-testid="certificate-text" tabindex="0">{ armored.clone() }</pre>
                    </details>
                    <div class="actions">
                        <button type="button" class="button" data-testid="certificate-copy" onclick={copy}>{ icon(Glyph::Copy) }{ t!("copy") }</button>
                        <button type="button" class="button" data-testid="certificate-save" onclick={save}>{ icon(Glyph::Save) }{ t!("save") }</button>
                    </div>
                </>
            }
        }
    };
    html! {
        <section class="sheet card">
            <h2>{ t!("certificate") }</h2>
            <p>{ t!("certificate-text") }</p>
            <dl class="facts">
                <dt>{ t!("address") }</dt><dd>{ address.clone() }</dd>
                <dt>{ t!("fingerprint") }</dt><dd class="mono" data-testid="certificate-fingerprint">{ format::fingerprint(&fingerprint) }</dd>
            </dl>
            { content }
        </section>
    }
}
