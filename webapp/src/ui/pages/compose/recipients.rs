//! A row of recipients: each a chip with its state, and a field for the next.

use crate::ui::actor::Actor;
use crate::ui::i18n::t;
use crate::ui::state::{Field, Recipient};
use mail_client::view::{Person, RecipientState};
use ui_kit::chips::{self, ChipButton, Standing};
use ui_kit::format;
use yew::prelude::*;

/// Properties of [`Recipients`].
#[derive(Properties, PartialEq)]
pub(crate) struct RecipientsProps {
    pub(crate) field: Field,
    pub(crate) id: AttrValue,
    pub(crate) label: AttrValue,
    pub(crate) people: Vec<Recipient>,
}

/// The row.
#[component]
pub(crate) fn Recipients(props: &RecipientsProps) -> Html {
    let Some(actor) = use_context::<Actor>() else {
        return Html::default();
    };
    let field = props.field;
    let on_add = {
        let actor = actor.clone();
        Callback::from(move |people: Vec<Person>| {
            for person in people {
                let address = person.address.clone();
                actor.edit_draft(move |draft| draft.add(field, person));
                actor.look_up(&address);
            }
        })
    };
    let on_take_back = {
        let last = props.people.last().map(|r| r.person.address.clone());
        Callback::from(move |()| {
            if let Some(address) = last.clone() {
                actor.edit_draft(move |draft| draft.remove(&address));
            }
        })
    };
    let placeholder = match props.people.as_slice() {
        [] => t!("recipient-placeholder"),
        _ => String::new(),
    };
    html! {
        <chips::Recipients id={props.id.clone()} label={props.label.clone()} {placeholder} {on_add} {on_take_back}>
            for recipient in props.people.iter() {
                <Chip key={recipient.person.address.clone()} {field} recipient={recipient.clone()} />
            }
        </chips::Recipients>
    }
}

fn standing(state: Option<&RecipientState>) -> Standing {
    match state {
        None => Standing::Looking,
        Some(RecipientState::Ready { trust, .. }) => Standing::Ready(*trust),
        Some(RecipientState::KeyChanged { .. }) => Standing::KeyChanged,
        Some(RecipientState::Unusable { .. }) => Standing::Unusable,
        Some(RecipientState::NoKey) => Standing::NoKey,
        Some(RecipientState::NotAnAddress) => Standing::NotAnAddress,
        Some(RecipientState::Unknown) => Standing::Unknown,
    }
}

#[derive(Properties, PartialEq)]
struct ChipProps {
    field: Field,
    recipient: Recipient,
}

#[component]
fn Chip(props: &ChipProps) -> Html {
    let actor = use_context::<Actor>();
    let person = &props.recipient.person;
    let mut look = chips::look(standing(props.recipient.state.as_ref()));
    if props.recipient.state == Some(RecipientState::Unknown) {
        // The letter waits in the outbox and the key is looked for again: nothing is to be done.
        look.class = "is-plain";
    }
    let field = match props.field {
        Field::To => "to",
        Field::Cc => "cc",
    };
    let remove = {
        let address = person.address.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some(actor) = &actor {
                let address = address.clone();
                actor.edit_draft(move |draft| draft.remove(&address));
            }
        })
    };
    let name = format::person(person);
    html! {
        <chips::Chip address={person.address.clone()} {look} {field} button={ChipButton::remove(&name)} {name} onclick={remove} />
    }
}
