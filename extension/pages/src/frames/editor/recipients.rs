//! The row of recipients: each a chip with the state of its key, and a field for further ones.

use std::rc::Rc;

use ext_protocol::view::{KeySource, Person, RecipientState, Trust};
use yew::prelude::*;

use super::letter::{Change, Letter};
use crate::format;
use crate::i18n::t;
use ui_kit::chips::{self, ChipButton, Look, Recipients, Standing};
use ui_kit::icon::Glyph;

/// Properties of [`Chips`].
#[derive(Properties, PartialEq)]
pub(super) struct ChipsProps {
    pub(super) letter: Rc<Letter>,
    pub(super) on_change: Callback<Change>,
}

/// The row.
#[component]
pub(super) fn Chips(props: &ChipsProps) -> Html {
    let on_take_back = {
        let on_change = props.on_change.clone();
        let last = props.letter.extra.last().map(|p| p.address.clone());
        Callback::from(move |()| {
            if let Some(address) = last.clone() {
                on_change.emit(Change::Remove(address));
            }
        })
    };
    let people = props.letter.everybody();
    let placeholder = if people.is_empty() {
        t!("recipient-placeholder")
    } else {
        t!("recipient-more")
    };
    html! {
        <div class="compose-row">
            <Recipients id="to-input" label={t!("to")} {placeholder} on_add={props.on_change.reform(Change::Add)} {on_take_back}>
                for person in people {
                    <Chip key={person.address.clone()} person={person.clone()} state={props.letter.state(&person.address).cloned()}
                        is_left_out={props.letter.is_left_out(&person.address)} is_sealing={props.letter.encrypt} on_change={props.on_change.clone()} />
                }
            </Recipients>
        </div>
    }
}

fn source_words(source: KeySource) -> String {
    match source {
        KeySource::Own => t!("source-own"),
        KeySource::Imported => t!("source-imported"),
        KeySource::Mail => t!("source-mail"),
        KeySource::Autocrypt => t!("source-autocrypt"),
        KeySource::Wkd => t!("source-wkd"),
        KeySource::Directory => t!("source-directory"),
    }
}

fn look(state: Option<&RecipientState>) -> Look {
    let standing = match state {
        None => Standing::Looking,
        Some(RecipientState::Ready { trust, .. }) => Standing::Ready(*trust),
        Some(RecipientState::KeyChanged { .. }) => Standing::KeyChanged,
        Some(RecipientState::Unusable { .. }) => Standing::Unusable,
        Some(RecipientState::NoKey) => Standing::NoKey,
        Some(RecipientState::NotAnAddress) => Standing::NotAnAddress,
        Some(RecipientState::Unknown) => Standing::Unknown,
    };
    let mut look = chips::look(standing);
    if let Some(RecipientState::Ready { trust, source, .. }) = state
        && *trust != Trust::Own
    {
        look.says = t!(
            "recipient-from",
            says = look.says,
            source = source_words(*source)
        );
    }
    look
}

#[derive(Properties, PartialEq)]
struct ChipProps {
    person: Person,
    state: Option<RecipientState>,
    is_left_out: bool,
    is_sealing: bool,
    on_change: Callback<Change>,
}

#[component]
fn Chip(props: &ChipProps) -> Html {
    let person = &props.person;
    let mut look = look(props.state.as_ref());
    if props.is_left_out {
        look = Look {
            word: "left-out",
            class: "is-left-out",
            glyph: Glyph::Close,
            says: t!("recipient-left-out"),
            trust: None,
        };
    } else if !props.is_sealing {
        look.class = "is-plain";
    }
    let name = match &props.state {
        Some(RecipientState::Ready { name, .. })
            if person.name.trim().is_empty() && !name.trim().is_empty() =>
        {
            format::clean(name.trim())
        }
        _ => format::person(person),
    };
    let address = person.address.clone();
    let (button, change) = if props.is_left_out {
        let label = t!("recipient-back", name = name.clone()).into();
        let glyph = Glyph::Plus;
        let button = ChipButton { label, glyph };
        (button, Change::BringBack(address.clone()))
    } else {
        let button = ChipButton::remove(&name);
        (button, Change::Remove(address.clone()))
    };
    let onclick = props.on_change.reform(move |_: MouseEvent| change.clone());
    html! { <chips::Chip {name} {address} {look} {button} {onclick} /> }
}
