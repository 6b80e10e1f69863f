//! The row of recipients: each a chip with the state of its key, and a field for further ones.

use std::rc::Rc;

use ext_protocol::view::{KeySource, Person, RecipientState, Trust};
use yew::prelude::*;

use super::letter::{Change, Letter, people_in};
use crate::format;
use crate::i18n::t;
use ui_kit::icon::{Glyph, icon};

/// Properties of [`Chips`].
#[derive(Properties, PartialEq)]
pub(super) struct ChipsProps {
    pub(super) letter: Rc<Letter>,
    pub(super) on_change: Callback<Change>,
}

/// The row. Enter, comma, semicolon or leaving the field makes a chip.
#[component]
pub(super) fn Chips(props: &ChipsProps) -> Html {
    let node = use_node_ref();
    let take = {
        let (node, on_change) = (node.clone(), props.on_change.clone());
        Callback::from(move |()| {
            if let Some(input) = node.cast::<web_sys::HtmlInputElement>() {
                let people = people_in(&input.value());
                if !people.is_empty() {
                    input.set_value("");
                    on_change.emit(Change::Add(people));
                }
            }
        })
    };
    let onkeydown = {
        let (node, take, on_change) = (node.clone(), take.clone(), props.on_change.clone());
        let last = props.letter.extra.last().map(|p| p.address.clone());
        Callback::from(move |event: KeyboardEvent| {
            let is_empty = node
                .cast::<web_sys::HtmlInputElement>()
                .is_none_or(|input| input.value().trim().is_empty());
            match event.key().as_str() {
                "Enter" | "," | ";" if !event.is_composing() => {
                    event.prevent_default();
                    take.emit(());
                }
                "Backspace" if is_empty => {
                    if let Some(address) = last.clone() {
                        on_change.emit(Change::Remove(address));
                    }
                }
                _ => {}
            }
        })
    };
    // A pasted list is taken at once.
    let oninput = {
        let (node, take) = (node.clone(), take.clone());
        Callback::from(move |_: InputEvent| {
            let is_list = node
                .cast::<web_sys::HtmlInputElement>()
                .is_some_and(|input| input.value().contains([',', ';']));
            if is_list {
                take.emit(());
            }
        })
    };
    let onblur = take.reform(|_: FocusEvent| ());
    let people = props.letter.everybody();
    let placeholder = if people.is_empty() {
        t!("recipient-placeholder")
    } else {
        t!("recipient-more")
    };
    html! {
        <div class="compose-row">
            <div class="recipients">
                <label for="to-input">{ t!("to") }</label>
                <ul class="chips">
                    for person in people {
                        <Chip key={person.address.clone()} person={person.clone()} state={props.letter.state(&person.address).cloned()}
                            is_left_out={props.letter.is_left_out(&person.address)} is_sealing={props.letter.encrypt} on_change={props.on_change.clone()} />
                    }
                </ul>
                <input id="to-input" data-testid="to-input" ref={node} class="bare" type="text" inputmode="email" autocomplete="off"
                    autocapitalize="none" spellcheck="false" {onkeydown} {oninput} {onblur} {placeholder} />
            </div>
        </div>
    }
}

/// How a chip looks and what it says of its key.
struct Look {
    word: &'static str,
    class: &'static str,
    glyph: Glyph,
    says: String,
    trust: Option<&'static str>,
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
    let make = |word, class, glyph, says| Look {
        word,
        class,
        glyph,
        says,
        trust: None,
    };
    match state {
        None => make("looking", "is-plain", Glyph::More, t!("recipient-looking")),
        Some(RecipientState::Ready { trust, source, .. }) => {
            let (word, says) = match trust {
                Trust::Verified => ("verified", t!("recipient-verified")),
                Trust::Known => ("known", t!("recipient-known")),
                Trust::New => ("new", t!("recipient-new")),
                Trust::Changed => ("changed", t!("recipient-key-changed")),
                Trust::Own => ("own", t!("recipient-own")),
            };
            let glyph = if *trust == Trust::Verified {
                Glyph::CheckTwice
            } else {
                Glyph::Sealed
            };
            let says = match trust {
                Trust::Own => says,
                _ => t!(
                    "recipient-from",
                    says = says,
                    source = source_words(*source)
                ),
            };
            Look {
                trust: Some(word),
                ..make("ready", "is-good", glyph, says)
            }
        }
        Some(RecipientState::KeyChanged { .. }) => make(
            "key-changed",
            "is-careful",
            Glyph::Warn,
            t!("recipient-key-changed"),
        ),
        Some(RecipientState::Unusable { .. }) => make(
            "unusable",
            "is-careful",
            Glyph::Warn,
            t!("recipient-unusable"),
        ),
        Some(RecipientState::NoKey) => {
            make("no-key", "is-careful", Glyph::Warn, t!("recipient-no-key"))
        }
        Some(RecipientState::NotAnAddress) => make(
            "not-an-address",
            "is-careful",
            Glyph::Warn,
            t!("recipient-not-an-address"),
        ),
        Some(RecipientState::Unknown) => make(
            "unknown",
            "is-careful",
            Glyph::Question,
            t!("recipient-unknown"),
        ),
    }
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
    let (glyph, label, change) = if props.is_left_out {
        (
            Glyph::Plus,
            t!("recipient-back", name = name.clone()),
            Change::BringBack(address.clone()),
        )
    } else {
        (
            Glyph::Close,
            t!("recipient-remove", name = name.clone()),
            Change::Remove(address.clone()),
        )
    };
    let onclick = props.on_change.reform(move |_: MouseEvent| change.clone());
    html! {
        <li class={classes!("chip", look.class)} data-testid="chip" data-address={address.clone()} data-state={look.word} data-trust={look.trust}
            title={format!("{} · {}", format::clean(&address), look.says)}>
            { icon(look.glyph) }
            <bdi class="chip-name">{ name }</bdi>
            <span class="visually-hidden">{ look.says }</span>
            <button type="button" class="chip-remove" data-testid="chip-remove" aria-label={label.clone()} title={label} {onclick}>{ icon(glyph) }</button>
        </li>
    }
}
