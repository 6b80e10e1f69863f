//! Long work: a bar with what is happening, and a way to stop. Work under 300 ms shows nothing.

use gloo::timers::callback::Timeout;
use yew::prelude::*;

use crate::t;

/// Properties of [`Busy`].
#[derive(Properties, PartialEq)]
pub struct BusyProps {
    /// What is happening.
    pub text: AttrValue,
    /// The same as a stable word for tests.
    #[prop_or_default]
    pub step: Option<AttrValue>,
    /// Per cent, if known.
    #[prop_or_default]
    pub percent: Option<u8>,
    /// Ends the work, where it can be ended.
    #[prop_or_default]
    pub on_stop: Option<Callback<()>>,
}

/// Drawn for as long as the work lasts; shows itself after 300 ms.
#[component]
pub fn Busy(props: &BusyProps) -> Html {
    let is_late = use_state_eq(|| false);
    use_effect_with((), {
        let setter = is_late.setter();
        move |()| {
            let timer = Timeout::new(300, move || setter.set(true));
            move || drop(timer)
        }
    });
    if !*is_late {
        return Html::default();
    }
    html! {
        <div class="progress" data-testid="progress" data-step={props.step.clone()}>
            <div class="progress-line">
                <p role="status">{ props.text.clone() }</p>
                if let Some(on_stop) = &props.on_stop {
                    <button type="button" class="button small" data-testid="progress-stop" onclick={on_stop.reform(|_: MouseEvent| ())}>{ t!("stop") }</button>
                }
            </div>
            if let Some(percent) = props.percent.filter(|p| *p > 0) {
                <progress max="100" value={percent.to_string()} aria-label={props.text.clone()}></progress>
            } else {
                <progress aria-label={props.text.clone()}></progress>
            }
        </div>
    }
}
