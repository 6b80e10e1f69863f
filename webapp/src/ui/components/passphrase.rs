//! A new passphrase: twice, with how long it would resist in words.

use super::{Field, value_of};
use crate::protocol::Strength;
use crate::ui::actor::Actor;
use crate::ui::i18n::t;
use gloo::timers::callback::Timeout;
use std::cell::RefCell;
use std::rc::Rc;
use ui_kit::strength::StrengthLine;
use yew::prelude::*;

/// Fewer characters than this are refused.
pub(crate) const SHORTEST: usize = 8;

/// What is wrong with the two fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PassphraseFault {
    TooShort,
    Differs,
}

/// Compares the two fields.
///
/// # Errors
///
/// What the person has to mend.
pub(crate) fn check(first: &str, second: &str) -> Result<(), PassphraseFault> {
    if first.chars().count() < SHORTEST {
        Err(PassphraseFault::TooShort)
    } else if first != second {
        Err(PassphraseFault::Differs)
    } else {
        Ok(())
    }
}

/// Properties of [`NewPassphrase`].
#[derive(Properties, PartialEq)]
pub(crate) struct NewPassphraseProps {
    /// Ids of the two fields and of the strength line.
    pub(crate) ids: (&'static str, &'static str, &'static str),
    pub(crate) first: NodeRef,
    pub(crate) second: NodeRef,
    /// Words a guesser would try first.
    pub(crate) known: Vec<String>,
    pub(crate) fault: Option<PassphraseFault>,
    /// Told the score after each pause in typing, `None` when the field is empty.
    #[prop_or_default]
    pub(crate) on_score: Callback<Option<u8>>,
    #[prop_or_default]
    pub(crate) autofocus: bool,
}

/// The fields and the strength line.
#[component]
pub(crate) fn NewPassphrase(props: &NewPassphraseProps) -> Html {
    let actor = use_context::<Actor>();
    let strength = use_state(|| None::<Strength>);
    let timer = use_mut_ref(|| None::<Timeout>);
    let oninput = {
        let (node, known, on_score) = (
            props.first.clone(),
            props.known.clone(),
            props.on_score.clone(),
        );
        let setter = strength.setter();
        let timer: Rc<RefCell<Option<Timeout>>> = timer.clone();
        Callback::from(move |_: InputEvent| {
            let Some(actor) = actor.clone() else { return };
            let (node, known, on_score, setter) = (
                node.clone(),
                known.clone(),
                on_score.clone(),
                setter.clone(),
            );
            // Asked after a pause, not at each key.
            *timer.borrow_mut() = Some(Timeout::new(150, move || {
                wasm_bindgen_futures::spawn_local(async move {
                    let passphrase = value_of(&node);
                    let found = if passphrase.is_empty() {
                        None
                    } else {
                        actor.strength(passphrase.clone(), known).await
                    };
                    // What was typed meanwhile gets an answer of its own.
                    if value_of(&node) == passphrase {
                        on_score.emit(found.as_ref().map(|s| s.score));
                        setter.set(found);
                    }
                });
            }));
        })
    };
    let (first_id, second_id, strength_id) = props.ids;
    let too_short = (props.fault == Some(PassphraseFault::TooShort))
        .then(|| t!("passphrase-too-short", n = SHORTEST));
    let differs = (props.fault == Some(PassphraseFault::Differs)).then(|| t!("passphrase-differs"));
    html! {
        <>
            <Field id={first_id} label={t!("passphrase-new")} node={props.first.clone()} is_secret={true}
                autocomplete="new-password" {oninput} fault={too_short.map(AttrValue::from)} fault_testid="signup-short" autofocus={props.autofocus} />
            <div class="strength-place" aria-live="polite">
                if let Some(strength) = &*strength {
                    <StrengthLine score={strength.score} seconds={strength.seconds as f64} testid={strength_id} />
                }
            </div>
            <Field id={second_id} label={t!("passphrase-repeat")} node={props.second.clone()} is_secret={true}
                autocomplete="new-password" fault={differs.map(AttrValue::from)} fault_testid="signup-mismatch" />
        </>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_fields_must_agree() {
        assert_eq!(check("short", "short"), Err(PassphraseFault::TooShort));
        assert_eq!(
            check("long enough", "long enougH"),
            Err(PassphraseFault::Differs)
        );
        assert_eq!(check("long enough", "long enough"), Ok(()));
        // Eight characters, not eight bytes.
        assert_eq!(check("äöüß", "äöüß"), Err(PassphraseFault::TooShort));
    }
}
