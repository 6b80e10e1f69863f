//! How long a passphrase would resist, in words and folds.

use yew::prelude::*;

use crate::format;
use crate::t;

/// Properties of [`StrengthLine`].
#[derive(Properties, PartialEq)]
pub struct StrengthLineProps {
    /// 0 and 1 weak, 2 fair, 3 good, 4 strong.
    pub score: u8,
    /// What a thief needs.
    pub seconds: f64,
    /// `data-testid`.
    #[prop_or(AttrValue::Static("strength"))]
    pub testid: AttrValue,
}

/// Four folds, a word, and the time a thief would need.
#[component]
pub fn StrengthLine(props: &StrengthLineProps) -> Html {
    let score = props.score.min(4);
    let (class, word) = match score {
        0 | 1 => ("is-bad", t!("strength-weak")),
        2 => ("is-careful", t!("strength-fair")),
        3 => ("is-good", t!("strength-good")),
        _ => ("is-good", t!("strength-strong")),
    };
    html! {
        <div class={classes!("strength", class)} data-testid={props.testid.clone()} data-score={score.to_string()}>
            <span class="strength-folds" aria-hidden="true">
                for step in 1..=4_u8 {
                    <i class={(score >= step).then_some("is-folded")}></i>
                }
            </span>
            <p><strong>{ word }</strong>{ " " }{ t!("strength-thief", span = format::span(props.seconds)) }</p>
        </div>
    }
}
