//! Something that is on or off.

use wasm_bindgen::JsCast;
use yew::prelude::*;

/// Properties of [`Switch`].
#[derive(Properties, PartialEq)]
pub(crate) struct SwitchProps {
    pub(crate) label: AttrValue,
    #[prop_or_default]
    pub(crate) hint: Option<AttrValue>,
    pub(crate) testid: AttrValue,
    pub(crate) is_on: bool,
    #[prop_or_default]
    pub(crate) disabled: bool,
    pub(crate) on_change: Callback<bool>,
}

/// A check box with its words, the whole of which can be pressed.
#[component]
pub(crate) fn Switch(props: &SwitchProps) -> Html {
    let onchange = {
        let on_change = props.on_change.clone();
        Callback::from(move |event: Event| {
            let input = event
                .target()
                .and_then(|t| t.dyn_into::<web_sys::HtmlInputElement>().ok());
            if let Some(input) = input {
                on_change.emit(input.checked());
            }
        })
    };
    html! {
        <label class="switch">
            <input type="checkbox" role="switch" checked={props.is_on} disabled={props.disabled} data-testid={props.testid.clone()} {onchange} />
            <span class="switch-words">{ props.label.clone() }
                if let Some(hint) = &props.hint {
                    <small>{ hint.clone() }</small>
                }
            </span>
            <span class="switch-track" aria-hidden="true"><i></i></span>
        </label>
    }
}
