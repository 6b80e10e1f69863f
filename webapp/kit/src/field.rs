//! A labelled input. Passphrases stay in the browser's own field until they are sent to where the
//! keys are: they never enter a page's state.

use wasm_bindgen::JsCast;
use yew::prelude::*;

use crate::dom;
use crate::icon::{Glyph, icon};
use crate::t;

/// Properties of [`Field`].
#[derive(Properties, PartialEq)]
pub struct FieldProps {
    /// Doubles as `data-testid`.
    pub id: AttrValue,
    /// Above it.
    pub label: AttrValue,
    /// To read it by.
    pub node: NodeRef,
    /// A passphrase, with an eye to show it.
    #[prop_or_default]
    pub is_secret: bool,
    /// A passphrase that is being chosen is shown from the start.
    #[prop_or_default]
    pub is_shown: bool,
    /// What the browser may fill in; nothing unless told.
    #[prop_or(AttrValue::Static("off"))]
    pub autocomplete: AttrValue,
    /// Which keyboard a telephone shows.
    #[prop_or_default]
    pub inputmode: Option<AttrValue>,
    /// In the empty field.
    #[prop_or_default]
    pub placeholder: Option<AttrValue>,
    /// What stands in it at first.
    #[prop_or_default]
    pub value: Option<AttrValue>,
    /// Below it.
    #[prop_or_default]
    pub hint: Option<AttrValue>,
    /// What is wrong with it.
    #[prop_or_default]
    pub fault: Option<AttrValue>,
    /// `data-testid` of the fault; `ID-fault` unless told.
    #[prop_or_default]
    pub fault_testid: Option<AttrValue>,
    /// Stands behind the input, inside the same box.
    #[prop_or_default]
    pub suffix: Html,
    /// At each change.
    #[prop_or_default]
    pub oninput: Callback<InputEvent>,
    /// The keyboard starts here.
    #[prop_or_default]
    pub autofocus: bool,
    /// It cannot be changed now.
    #[prop_or_default]
    pub disabled: bool,
}

/// The field.
#[component]
pub fn Field(props: &FieldProps) -> Html {
    let is_shown = use_state_eq(|| props.is_shown);
    // Set once, not by drawing: a later drawing must not take away what was typed meanwhile.
    use_effect_with((), {
        let (node, autofocus) = (props.node.clone(), props.autofocus);
        let initial = props.value.clone();
        move |()| {
            if let Some(input) = node.cast::<web_sys::HtmlInputElement>() {
                if let Some(initial) = initial.filter(|_| input.value().is_empty()) {
                    input.set_value(&initial);
                }
                if autofocus {
                    dom::focus(&input);
                }
            }
        }
    });
    let kind = if props.is_secret && !*is_shown {
        "password"
    } else {
        "text"
    };
    let hint_id = format!("{}-hint", props.id);
    let fault_id = format!("{}-fault", props.id);
    let described: Vec<_> = [
        props.hint.as_ref().map(|_| hint_id.clone()),
        props.fault.as_ref().map(|_| fault_id.clone()),
    ]
    .into_iter()
    .flatten()
    .collect();
    let toggle = {
        let is_shown = is_shown.clone();
        Callback::from(move |_: MouseEvent| is_shown.set(!*is_shown))
    };
    html! {
        <div class="field">
            <label for={props.id.clone()}>{ props.label.clone() }</label>
            <div class={classes!("input", props.fault.is_some().then_some("is-wrong"))}>
                <input id={props.id.clone()} data-testid={props.id.clone()} ref={props.node.clone()} type={kind}
                    autocomplete={props.autocomplete.clone()} inputmode={props.inputmode.clone()}
                    placeholder={props.placeholder.clone()} disabled={props.disabled}
                    autocapitalize="none" spellcheck="false" oninput={props.oninput.clone()}
                    aria-describedby={(!described.is_empty()).then(|| described.join(" "))}
                    aria-invalid={props.fault.is_some().then_some("true")} />
                { props.suffix.clone() }
                if props.is_secret {
                    <button type="button" class="icon-button" aria-label={t!("show-passphrase")} title={t!("show-passphrase")}
                        aria-pressed={is_shown.to_string()} onclick={toggle}>
                        { icon(Glyph::Eye) }
                    </button>
                }
            </div>
            if let Some(hint) = &props.hint {
                <p class="hint" id={hint_id}>{ hint.clone() }</p>
            }
            <div aria-live="polite">
                if let Some(fault) = &props.fault {
                    <p class="fault" id={fault_id.clone()} data-testid={props.fault_testid.clone().unwrap_or(fault_id.into())}>{ icon(Glyph::Warn) }{ fault.clone() }</p>
                }
            </div>
        </div>
    }
}

/// What stands in a field now.
pub fn value_of(node: &NodeRef) -> String {
    node.cast::<web_sys::HtmlInputElement>()
        .map(|input| input.value())
        .unwrap_or_default()
}

/// What stands in the field an event came from: input, text area or choice.
pub fn input_value(event: &yew::Event) -> String {
    let Some(target) = event.target() else {
        return String::new();
    };
    if let Some(input) = target.dyn_ref::<web_sys::HtmlInputElement>() {
        input.value()
    } else if let Some(area) = target.dyn_ref::<web_sys::HtmlTextAreaElement>() {
        area.value()
    } else if let Some(choice) = target.dyn_ref::<web_sys::HtmlSelectElement>() {
        choice.value()
    } else {
        String::new()
    }
}
