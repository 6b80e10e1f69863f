//! The decision about a changed key: both fingerprints, and what each choice means.

use crate::protocol::Failure;
use crate::ui::actor::Actor;
use crate::ui::components::{Dialog, FailureNote};
use crate::ui::i18n::t;
use mail_client::view::Person;
use ui_kit::format;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// Properties of [`KeyQuestion`].
#[derive(Properties, PartialEq)]
pub(crate) struct KeyQuestionProps {
    pub(crate) person: Person,
    /// Fingerprints, upper-case hexadecimal.
    pub(crate) old: String,
    pub(crate) new: String,
    pub(crate) on_close: Callback<()>,
    /// Takes the recipient off.
    pub(crate) on_refuse: Callback<()>,
}

/// Nothing is chosen beforehand: the safe way out is to ask the person, not the page.
#[component]
pub(crate) fn KeyQuestion(props: &KeyQuestionProps) -> Html {
    let failure = use_state_eq(|| None::<Failure>);
    let Some(actor) = use_context::<Actor>() else {
        return Html::default();
    };
    let accept = {
        let (address, new) = (props.person.address.clone(), props.new.clone());
        let (failure, on_close) = (failure.clone(), props.on_close.clone());
        Callback::from(move |_: MouseEvent| {
            let (actor, address, new) = (actor.clone(), address.clone(), new.clone());
            let (failure, on_close) = (failure.clone(), on_close.clone());
            spawn_local(async move {
                match actor.accept_key(&address, &new).await {
                    Ok(()) => {
                        actor.look_up(&address);
                        on_close.emit(());
                    }
                    Err(problem) => failure.set(Some(problem)),
                }
            });
        })
    };
    let refuse = {
        let (on_close, on_refuse) = (props.on_close.clone(), props.on_refuse.clone());
        Callback::from(move |_: MouseEvent| {
            on_close.emit(());
            on_refuse.emit(());
        })
    };
    let name = format::person(&props.person);
    html! {
        <Dialog title={t!("key-title", name = name.clone())} testid="key-dialog" on_close={props.on_close.clone()}>
            <p>{ t!("key-text", name = name) }</p>
            <dl class="facts">
                <dt>{ t!("key-old") }</dt><dd class="mono" data-testid="key-old">{ format::fingerprint(&props.old) }</dd>
                <dt>{ t!("key-new") }</dt><dd class="mono" data-testid="key-new">{ format::fingerprint(&props.new) }</dd>
            </dl>
            if let Some(failure) = &*failure {
                <FailureNote failure={failure.clone()} />
            }
            <div class="actions">
                <button type="button" class="button" data-testid="key-accept" onclick={accept}>{ t!("key-accept") }</button>
                <button type="button" class="button" data-testid="key-refuse" onclick={refuse}>{ t!("key-refuse") }</button>
            </div>
        </Dialog>
    }
}
