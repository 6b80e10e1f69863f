//! Passphrases: the one that unlocks, and a new one, drawn or typed.

use gloo::timers::callback::Timeout;
use yew::prelude::*;
use zeroize::Zeroizing;

use crate::components::{Field, value_of};
use crate::i18n::t;
use crate::strength::{self, SHORTEST, Strength};
use ui_kit::icon::{Glyph, icon};
use ui_kit::strength::StrengthLine;

/// What is wrong with a new passphrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is not the one that was drawn.
    Differs,
    TooShort,
    /// It can be guessed within a day.
    TooWeak,
}

impl Fault {
    fn words(self) -> String {
        match self {
            Self::Differs => t!("passphrase-differs"),
            Self::TooShort => t!("passphrase-too-short", n = SHORTEST),
            Self::TooWeak => t!("passphrase-too-weak"),
        }
    }
}

/// How a new passphrase is chosen.
#[derive(Clone, PartialEq)]
pub(super) enum Choice {
    /// Drawn here, to be typed once.
    Drawn(std::rc::Rc<Zeroizing<String>>),
    /// The person's own.
    Own,
}

impl Choice {
    /// Draws one; without a random source the person has to choose.
    pub(super) fn draw() -> Self {
        strength::draw_here().map_or(Self::Own, |phrase| Self::Drawn(std::rc::Rc::new(phrase)))
    }
}

/// Compares words, whatever stands between them and however they are written.
fn same_words(one: &str, other: &str) -> bool {
    let words = |text: &str| {
        text.split_whitespace()
            .map(str::to_lowercase)
            .collect::<Vec<_>>()
            .join(" ")
    };
    words(one) == words(other)
}

/// Takes what was typed, or tells what is wrong with it.
///
/// # Errors
///
/// What the person has to mend.
pub(super) fn check(choice: &Choice, typed: &str, known: &[String]) -> Result<String, Fault> {
    match choice {
        Choice::Drawn(phrase) if same_words(phrase, typed) => Ok(phrase.as_str().to_owned()),
        Choice::Drawn(_) => Err(Fault::Differs),
        Choice::Own if typed.chars().count() < SHORTEST => Err(Fault::TooShort),
        Choice::Own if strength::judge(typed, known).score < 2 => Err(Fault::TooWeak),
        Choice::Own => Ok(typed.to_owned()),
    }
}

fn line(strength: Strength) -> Html {
    let seconds = 10_f64.powf(strength.log10_seconds.clamp(0.0, 18.0));
    html! { <StrengthLine score={strength.score} {seconds} /> }
}

/// Properties of [`NewPassphrase`].
#[derive(Properties, PartialEq)]
pub(super) struct NewPassphraseProps {
    pub(super) choice: Choice,
    pub(super) on_choice: Callback<Choice>,
    pub(super) node: NodeRef,
    pub(super) fault: Option<Fault>,
    /// Words a guesser tries first.
    pub(super) known: Vec<String>,
    #[prop_or_default]
    pub(super) disabled: bool,
    #[prop_or(true)]
    pub(super) autofocus: bool,
}

/// One field: for the words that were drawn, or for one's own.
#[component]
pub(super) fn NewPassphrase(props: &NewPassphraseProps) -> Html {
    let judged = use_state_eq(|| None::<Strength>);
    let timer = use_mut_ref(|| None::<Timeout>);
    let oninput = {
        let (node, known, judged) = (props.node.clone(), props.known.clone(), judged.setter());
        Callback::from(move |_: InputEvent| {
            let (node, known, judged) = (node.clone(), known.clone(), judged.clone());
            // Judged after a pause, not at each key.
            *timer.borrow_mut() = Some(Timeout::new(150, move || {
                let typed = Zeroizing::new(value_of(&node));
                judged.set((!typed.is_empty()).then(|| strength::judge(&typed, &known)));
            }));
        })
    };
    let clear = {
        let node = props.node.clone();
        move || {
            if let Some(input) = node.cast::<web_sys::HtmlInputElement>() {
                input.set_value("");
                ui_kit::dom::focus(&input);
            }
        }
    };
    let another = {
        let (on_choice, clear) = (props.on_choice.clone(), clear.clone());
        Callback::from(move |_: MouseEvent| {
            clear();
            on_choice.emit(Choice::draw());
        })
    };
    let own = {
        let (on_choice, clear, judged) = (props.on_choice.clone(), clear, judged.setter());
        Callback::from(move |_: MouseEvent| {
            clear();
            judged.set(None);
            on_choice.emit(Choice::Own);
        })
    };
    let fault = props.fault.map(|fault| AttrValue::from(fault.words()));
    match &props.choice {
        Choice::Drawn(phrase) => html! {
            <>
                <div class="drawn" data-testid="drawn-passphrase" translate="no">
                    for word in phrase.split(' ') { <span>{ word.to_owned() }{ " " }</span> }
                </div>
                { line(Strength::drawn()) }
                <Field key="drawn" id="passphrase-new" label={t!("passphrase-retype")} node={props.node.clone()} is_secret={true} is_shown={true}
                    fault={fault} autofocus={props.autofocus} disabled={props.disabled} />
                <p class="links">
                    <button type="button" class="link-button" data-testid="passphrase-another" disabled={props.disabled} onclick={another}>{ t!("passphrase-another") }</button>
                    <button type="button" class="link-button" data-testid="passphrase-own" disabled={props.disabled} onclick={own}>{ t!("passphrase-own") }</button>
                </p>
            </>
        },
        Choice::Own => html! {
            <>
                <Field key="own" id="passphrase-new" label={t!("passphrase-new")} node={props.node.clone()} is_secret={true} is_shown={true}
                    autocomplete="new-password" {oninput} fault={fault} autofocus={props.autofocus} disabled={props.disabled} hint={t!("passphrase-own-hint")} />
                <div class="strength-place" aria-live="polite">
                    if let Some(strength) = *judged { { line(strength) } }
                </div>
                <p class="links">
                    <button type="button" class="link-button" data-testid="passphrase-draw" disabled={props.disabled} onclick={another}>{ t!("passphrase-draw") }</button>
                </p>
            </>
        },
    }
}

/// Properties of [`OldPassphrase`].
#[derive(Properties, PartialEq)]
pub(super) struct OldPassphraseProps {
    pub(super) id: AttrValue,
    pub(super) node: NodeRef,
    #[prop_or_default]
    pub(super) fault: Option<AttrValue>,
    #[prop_or_default]
    pub(super) hint: Option<AttrValue>,
    #[prop_or_default]
    pub(super) autofocus: bool,
}

/// The passphrase of the vault, once more.
#[component]
pub(super) fn OldPassphrase(props: &OldPassphraseProps) -> Html {
    html! {
        <Field id={props.id.clone()} label={t!("passphrase")} node={props.node.clone()} is_secret={true}
            autocomplete="current-password" fault={props.fault.clone()} hint={props.hint.clone()} autofocus={props.autofocus} />
    }
}

/// A note that nobody can reset it.
pub(super) fn no_reset() -> Html {
    html! { <div class="note note-careful">{ icon(Glyph::Warn) }<p class="note-body">{ t!("passphrase-no-reset") }</p></div> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawn_words_are_typed_as_people_type() {
        let choice = Choice::Drawn(std::rc::Rc::new(Zeroizing::new(
            "violin harbor sketch pudding north".to_owned(),
        )));
        let typed = " Violin harbor  sketch pudding NORTH ";
        assert_eq!(
            check(&choice, typed, &[]).as_deref(),
            Ok("violin harbor sketch pudding north")
        );
        assert_eq!(check(&choice, "violin harbor", &[]), Err(Fault::Differs));
        assert_eq!(check(&choice, "", &[]), Err(Fault::Differs));
    }

    #[test]
    fn own_ones_have_to_hold() {
        assert_eq!(check(&Choice::Own, "short", &[]), Err(Fault::TooShort));
        assert_eq!(check(&Choice::Own, "password1", &[]), Err(Fault::TooWeak));
        assert!(check(&Choice::Own, "mottled gazebo unwieldy kelp drumlin", &[]).is_ok());
    }
}
