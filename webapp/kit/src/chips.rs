//! A row of recipients: each a chip with the state of its key, and a field for the next.

use mail_view::{Person, Trust};
use yew::prelude::*;

use crate::address;
use crate::icon::{Glyph, icon};
use crate::{lookalike, t};

/// Properties of [`Recipients`].
#[derive(Properties, PartialEq)]
pub struct RecipientsProps {
    /// Of the field; doubles as `data-testid`.
    pub id: AttrValue,
    /// Before the chips.
    pub label: AttrValue,
    /// In the empty field.
    pub placeholder: AttrValue,
    /// The [`Chip`]s.
    pub children: Html,
    /// Told who was typed or pasted.
    pub on_add: Callback<Vec<Person>>,
    /// Backspace in the empty field: the last one shall go.
    pub on_take_back: Callback<()>,
}

/// The row. Enter, comma, semicolon or leaving the field makes a chip; Backspace in the empty
/// field takes the last one back.
#[component]
pub fn Recipients(props: &RecipientsProps) -> Html {
    let node = use_node_ref();
    let take = {
        let (node, on_add) = (node.clone(), props.on_add.clone());
        Callback::from(move |()| {
            if let Some(input) = node.cast::<web_sys::HtmlInputElement>() {
                let people = address::parse(&input.value());
                if !people.is_empty() {
                    input.set_value("");
                    on_add.emit(people);
                }
            }
        })
    };
    let onkeydown = {
        let (node, take, back) = (node.clone(), take.clone(), props.on_take_back.clone());
        Callback::from(move |event: KeyboardEvent| {
            let is_empty = node
                .cast::<web_sys::HtmlInputElement>()
                .is_none_or(|input| input.value().trim().is_empty());
            match event.key().as_str() {
                "Enter" | "," | ";" if !event.is_composing() => {
                    event.prevent_default();
                    take.emit(());
                }
                "Backspace" if is_empty => back.emit(()),
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
            <ul class="chips">{ props.children.clone() }</ul>
            <input id={props.id.clone()} data-testid={props.id.clone()} ref={node} class="bare" type="text" inputmode="email" autocomplete="off"
                autocapitalize="none" spellcheck="false" {onkeydown} {oninput} {onblur} placeholder={props.placeholder.clone()} />
        </div>
    }
}

/// What is known of a recipient's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is looked for.
    Looking,
    /// A usable key is known.
    Ready(Trust),
    /// The key differs from the one remembered.
    KeyChanged,
    /// There is a key, but it cannot be used.
    Unusable,
    /// No key was found.
    NoKey,
    /// It is not an address.
    NotAnAddress,
    /// Nobody could be asked.
    Unknown,
}

/// How a chip looks and what it says of its key.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// A stable word for tests.
    pub word: &'static str,
    /// Its tone.
    pub class: &'static str,
    /// Its shape.
    pub glyph: Glyph,
    /// In words.
    pub says: String,
    /// How far the key is trusted, as a stable word.
    pub trust: Option<&'static str>,
}

/// How a standing is drawn.
pub fn look(standing: Standing) -> Look {
    let (word, class, glyph, says) = match standing {
        Standing::Looking => ("looking", "is-plain", Glyph::More, t!("recipient-looking")),
        Standing::Ready(trust) => {
            let glyph = match trust {
                Trust::Verified => Glyph::CheckTwice,
                _ => Glyph::Sealed,
            };
            let says = match trust {
                Trust::Verified => t!("recipient-verified"),
                Trust::Known => t!("recipient-known"),
                Trust::New => t!("recipient-new"),
                Trust::Changed => t!("recipient-key-changed"),
                Trust::Own => t!("recipient-own"),
            };
            ("ready", "is-good", glyph, says)
        }
        Standing::KeyChanged => {
            let says = t!("recipient-key-changed");
            ("key-changed", "is-careful", Glyph::Warn, says)
        }
        Standing::Unusable => {
            let says = t!("recipient-unusable");
            ("unusable", "is-careful", Glyph::Warn, says)
        }
        Standing::NoKey => ("no-key", "is-careful", Glyph::Warn, t!("recipient-no-key")),
        Standing::NotAnAddress => {
            let says = t!("recipient-not-an-address");
            ("not-an-address", "is-careful", Glyph::Warn, says)
        }
        Standing::Unknown => {
            let says = t!("recipient-unknown");
            ("unknown", "is-careful", Glyph::Question, says)
        }
    };
    Look {
        word,
        class,
        glyph,
        says,
        trust: match standing {
            Standing::Ready(trust) => Some(trust.word()),
            _ => None,
        },
    }
}

/// The button of a chip: take it away, or bring it back.
#[derive(Clone, Debug, PartialEq)]
pub struct ChipButton {
    /// What it does, in words.
    pub label: AttrValue,
    /// Its shape.
    pub glyph: Glyph,
}

impl ChipButton {
    /// Takes the recipient away.
    pub fn remove(name: &str) -> Self {
        Self {
            label: t!("recipient-remove", name = name).into(),
            glyph: Glyph::Close,
        }
    }
}

/// Properties of [`Chip`].
#[derive(Properties, PartialEq)]
pub struct ChipProps {
    /// As shown.
    pub name: AttrValue,
    /// The whole address, shown on hover.
    pub address: AttrValue,
    /// The state of the key.
    pub look: Look,
    /// Which field it stands in, where there are several.
    #[prop_or_default]
    pub field: Option<&'static str>,
    /// What can be done with it.
    pub button: ChipButton,
    /// The button was pressed.
    pub onclick: Callback<MouseEvent>,
}

/// A recipient.
#[component]
pub fn Chip(props: &ChipProps) -> Html {
    let look = &props.look;
    let label = props.button.label.clone();
    html! {
        <li class={classes!("chip", look.class)} data-testid="chip" data-field={props.field} data-address={props.address.clone()}
            data-state={look.word} data-trust={look.trust} title={format!("{} · {}", lookalike::shown(&props.address), look.says)}>
            { icon(look.glyph) }
            <bdi class="chip-name">{ props.name.clone() }</bdi>
            <span class="visually-hidden">{ look.says.clone() }</span>
            <button type="button" class="chip-remove" data-testid="chip-remove" aria-label={label.clone()} title={label} onclick={props.onclick.clone()}>{ icon(props.button.glyph) }</button>
        </li>
    }
}
