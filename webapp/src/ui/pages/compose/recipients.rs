//! A row of recipients: each a chip with its state, and a field for the next.

use crate::ui::actor::Actor;
use crate::ui::components::{Glyph, icon};
use crate::ui::format;
use crate::ui::i18n::t;
use crate::ui::state::{Field, Recipient};
use mail_client::view::{Person, RecipientState, Trust};
use yew::prelude::*;

/// Properties of [`Recipients`].
#[derive(Properties, PartialEq)]
pub(crate) struct RecipientsProps {
    pub(crate) field: Field,
    pub(crate) id: AttrValue,
    pub(crate) label: AttrValue,
    pub(crate) people: Vec<Recipient>,
}

/// Splits what was typed or pasted: `Bob Example <bob@example.org>, carol@example.org`.
fn parse(text: &str) -> Vec<Person> {
    text.split([',', ';', '\n', '\t'])
        .filter_map(|part| {
            let part = part.trim();
            let (name, address) = match part.rsplit_once('<') {
                Some((name, rest)) => (
                    name.trim().trim_matches('"').trim(),
                    rest.trim_end_matches('>').trim(),
                ),
                None => ("", part),
            };
            (!address.is_empty()).then(|| Person {
                name: name.to_owned(),
                address: address.to_owned(),
            })
        })
        .collect()
}

fn add(actor: &Actor, field: Field, text: &str) {
    for person in parse(text) {
        let address = person.address.clone();
        actor.edit_draft(move |draft| draft.add(field, person));
        actor.look_up(&address);
    }
}

/// The row. Enter, comma, semicolon or leaving the field makes a chip; Backspace in the empty
/// field takes the last one back.
#[component]
pub(crate) fn Recipients(props: &RecipientsProps) -> Html {
    let node = use_node_ref();
    let Some(actor) = use_context::<Actor>() else {
        return Html::default();
    };
    let field = props.field;
    let take = {
        let (actor, node) = (actor.clone(), node.clone());
        Callback::from(move |()| {
            if let Some(input) = node.cast::<web_sys::HtmlInputElement>() {
                let text = input.value();
                if !text.trim().is_empty() {
                    input.set_value("");
                    add(&actor, field, &text);
                }
            }
        })
    };
    let onkeydown = {
        let (actor, node, take) = (actor.clone(), node.clone(), take.clone());
        let last = props.people.last().map(|r| r.person.address.clone());
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
                        actor.edit_draft(move |draft| draft.remove(&address));
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
    html! {
        <div class="recipients">
            <label for={props.id.clone()}>{ props.label.clone() }</label>
            <ul class="chips">
                for recipient in props.people.iter() {
                    <Chip key={recipient.person.address.clone()} {field} recipient={recipient.clone()} />
                }
            </ul>
            <input id={props.id.clone()} data-testid={props.id.clone()} ref={node} class="bare" type="text" inputmode="email" autocomplete="off"
                autocapitalize="none" spellcheck="false" {onkeydown} {oninput} {onblur}
                placeholder={props.people.is_empty().then(|| t!("recipient-placeholder"))} />
        </div>
    }
}

/// How a chip looks and what it says of its seal.
struct Look {
    word: &'static str,
    class: &'static str,
    glyph: Glyph,
    says: String,
    trust: Option<&'static str>,
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
        Some(RecipientState::Ready { trust, .. }) => {
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
            "is-plain",
            Glyph::Question,
            t!("recipient-unknown"),
        ),
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
    let look = look(props.recipient.state.as_ref());
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
        <li class={classes!("chip", look.class)} data-testid="chip" data-field={field} data-address={person.address.clone()}
            data-state={look.word} data-trust={look.trust} title={format!("{} · {}", person.address, look.says)}>
            { icon(look.glyph) }
            <bdi class="chip-name">{ name.clone() }</bdi>
            <span class="visually-hidden">{ look.says }</span>
            <button type="button" class="chip-remove" data-testid="chip-remove" aria-label={t!("recipient-remove", name = name)} onclick={remove}>{ icon(Glyph::Close) }</button>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_addresses_are_split() {
        let people = parse("\"Bob Example\" <bob@letterlock.test>, carol@letterlock.test; ");
        let shape: Vec<_> = people
            .iter()
            .map(|p| (p.name.as_str(), p.address.as_str()))
            .collect();
        assert_eq!(
            shape,
            [
                ("Bob Example", "bob@letterlock.test"),
                ("", "carol@letterlock.test")
            ]
        );
        assert!(parse(" , ;").is_empty());
    }
}
