//! The one thing on the page in amber: a recipient who would break the seal, with the choices.

use super::key::KeyQuestion;
use crate::ui::actor::Actor;
use crate::ui::components::{Glyph, icon};
use crate::ui::i18n::t;
use crate::ui::state::{Draft, Recipient};
use mail_client::view::RecipientState;
use std::rc::Rc;
use ui_kit::format;
use yew::prelude::*;

/// Properties of [`Troubles`].
#[derive(Properties, PartialEq)]
pub(crate) struct TroublesProps {
    pub(crate) draft: Rc<Draft>,
}

/// One note a troubled recipient.
#[component]
pub(crate) fn Troubles(props: &TroublesProps) -> Html {
    html! {
        <div class="troubles" id="troubles" aria-live="polite">
            for recipient in props.draft.recipients().filter(|r| r.is_trouble()) {
                <Trouble key={recipient.person.address.clone()} recipient={recipient.clone()} />
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct TroubleProps {
    recipient: Recipient,
}

#[component]
fn Trouble(props: &TroubleProps) -> Html {
    let is_comparing = use_state_eq(|| false);
    let Some(actor) = use_context::<Actor>() else {
        return Html::default();
    };
    let person = &props.recipient.person;
    let name = format::person(person);
    let (text, can_retry, keys) = match &props.recipient.state {
        Some(RecipientState::KeyChanged { old, new }) => (
            t!("trouble-key-changed", name = name),
            false,
            Some((old.clone(), new.clone())),
        ),
        Some(RecipientState::Unusable { reason }) => (
            t!(
                "trouble-unusable",
                name = name,
                reason = format::clean(reason)
            ),
            true,
            None,
        ),
        Some(RecipientState::NoKey) => (t!("trouble-no-key", name = name), true, None),
        Some(RecipientState::NotAnAddress) => {
            (t!("trouble-not-an-address", name = name), false, None)
        }
        _ => return Html::default(),
    };
    let drop_it = {
        let (actor, address) = (actor.clone(), person.address.clone());
        Callback::from(move |()| {
            let address = address.clone();
            actor.edit_draft(move |draft| draft.remove(&address));
        })
    };
    let retry = {
        let (actor, address) = (actor.clone(), person.address.clone());
        Callback::from(move |_: MouseEvent| actor.look_up(&address))
    };
    let compare = {
        let is_comparing = is_comparing.clone();
        Callback::from(move |_: MouseEvent| is_comparing.set(true))
    };
    let close = {
        let is_comparing = is_comparing.clone();
        Callback::from(move |()| is_comparing.set(false))
    };
    html! {
        <div class="note note-careful" data-testid="chip-trouble" data-address={person.address.clone()}>
            { icon(Glyph::Warn) }
            <p class="note-body">{ text }</p>
            <div class="note-actions">
                if keys.is_some() {
                    <button type="button" class="button small" data-testid="chip-compare" onclick={compare}>{ t!("trouble-compare") }</button>
                }
                if can_retry {
                    <button type="button" class="button small" data-testid="chip-retry" onclick={retry}>{ t!("trouble-retry") }</button>
                }
                <button type="button" class="button small" data-testid="chip-drop" onclick={drop_it.reform(|_: MouseEvent| ())}>{ t!("trouble-drop") }</button>
            </div>
            if let (true, Some((old, new))) = (*is_comparing, keys) {
                <KeyQuestion person={person.clone()} {old} {new} on_close={close} on_refuse={drop_it} />
            }
        </div>
    }
}
