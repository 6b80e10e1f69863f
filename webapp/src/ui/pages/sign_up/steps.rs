//! The three questions of the sign-up.

use crate::ui::components::{
    Field, Glyph, NewPassphrase, PassphraseFault, ProgressBar, check_passphrase, icon, value_of,
};
use crate::ui::dom;
use crate::ui::i18n::t;
use crate::ui::route::Route;
use ui_kit::entry::use_heading_focus;
use wasm_bindgen::JsCast;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub(super) struct AddressStepProps {
    pub(super) domains: Vec<String>,
    pub(super) chosen: String,
    pub(super) address: String,
    pub(super) name: String,
    pub(super) on_domain: Callback<String>,
    pub(super) on_next: Callback<(String, String)>,
}

/// Which address, under which name.
#[component]
pub(super) fn AddressStep(props: &AddressStepProps) -> Html {
    let (address, name) = (use_node_ref(), use_node_ref());
    let fault = use_state_eq(|| false);
    let onsubmit = {
        let (address, name) = (address.clone(), name.clone());
        let (fault, on_next) = (fault.clone(), props.on_next.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let typed = value_of(&address).trim().to_lowercase();
            let is_wrong =
                typed.is_empty() || typed.starts_with('@') || typed.contains(char::is_whitespace);
            fault.set(is_wrong);
            if !is_wrong {
                on_next.emit((typed, value_of(&name)));
            }
        })
    };
    let onchange = props.on_domain.reform(|event: Event| {
        event
            .target()
            .and_then(|t| t.dyn_into::<web_sys::HtmlSelectElement>().ok())
            .map(|select| select.value())
            .unwrap_or_default()
    });
    let suffix = if props.domains.len() > 1 {
        html! {
            <select class="domain" data-testid="signup-domain" aria-label={t!("signup-domain")} {onchange}>
                for domain in props.domains.iter() {
                    <option value={domain.clone()} selected={*domain == props.chosen}>{ format!("@{domain}") }</option>
                }
            </select>
        }
    } else if props.chosen.is_empty() {
        Html::default()
    } else {
        html! { <span class="domain" data-testid="signup-domain-fixed">{ format!("@{}", props.chosen) }</span> }
    };
    html! {
        <form {onsubmit}>
            <h1>{ t!("signup-address-heading") }</h1>
            <Field id="signup-address" label={t!("address")} node={address} autocomplete="username" inputmode="email"
                value={props.address.clone()} suffix={suffix} autofocus={true}
                fault={(*fault).then(|| AttrValue::from(t!("signup-address-fault")))} />
            <Field id="signup-name" label={t!("signup-name")} node={name} autocomplete="off" value={props.name.clone()} hint={t!("signup-name-hint")} />
            <div class="actions">
                <button type="submit" class="button seal" data-testid="signup-next">{ t!("next") }</button>
                <a class="button quiet" href={Route::Welcome.href()}>{ t!("back") }</a>
            </div>
        </form>
    }
}

#[derive(Properties, PartialEq)]
pub(super) struct PassphraseStepProps {
    pub(super) first: NodeRef,
    pub(super) second: NodeRef,
    pub(super) is_current: bool,
    pub(super) known: Vec<String>,
    pub(super) on_back: Callback<()>,
    pub(super) on_next: Callback<()>,
}

/// The passphrase, and that nobody can reset it.
#[component]
pub(super) fn PassphraseStep(props: &PassphraseStepProps) -> Html {
    let fault = use_state_eq(|| None::<PassphraseFault>);
    let score = use_state_eq(|| None::<u8>);
    let is_warned = use_state_eq(|| false);
    use_effect_with(props.is_current, {
        let first = props.first.clone();
        move |is_current| {
            if *is_current && let Some(field) = first.cast::<web_sys::Element>() {
                dom::focus(&field);
            }
        }
    });
    let onsubmit = {
        let (first, second) = (props.first.clone(), props.second.clone());
        let (fault, score, is_warned) = (fault.clone(), score.clone(), is_warned.clone());
        let on_next = props.on_next.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if let Err(found) = check_passphrase(&value_of(&first), &value_of(&second)) {
                fault.set(Some(found));
                return;
            }
            fault.set(None);
            // A weak one is told, then left to the person who presses again.
            if score.is_some_and(|s| s < 2) && !*is_warned {
                is_warned.set(true);
            } else {
                on_next.emit(());
            }
        })
    };
    let on_score = {
        let (score, is_warned) = (score.clone(), is_warned.clone());
        Callback::from(move |found| {
            is_warned.set(false);
            score.set(found);
        })
    };
    html! {
        <form {onsubmit}>
            <h1>{ t!("signup-passphrase-heading") }</h1>
            <p>{ t!("signup-passphrase-text") }</p>
            <NewPassphrase ids={("signup-passphrase", "signup-repeat", "signup-strength")}
                first={props.first.clone()} second={props.second.clone()} known={props.known.clone()} fault={*fault} {on_score} />
            <div class="note note-careful">{ icon(Glyph::Warn) }<p class="note-body">{ t!("signup-no-reset") }</p></div>
            <div aria-live="polite">
                if *is_warned {
                    <p class="fault" data-testid="signup-weak">{ icon(Glyph::Warn) }{ t!("signup-weak") }</p>
                }
            </div>
            <div class="actions">
                <button type="submit" class="button seal" data-testid={if props.is_current { "signup-next" } else { "" }}>{ if *is_warned { t!("signup-anyway") } else { t!("next") } }</button>
                <button type="button" class="button quiet" data-testid={if props.is_current { "signup-back" } else { "" }} onclick={props.on_back.reform(|_: MouseEvent| ())}>{ t!("back") }</button>
            </div>
        </form>
    }
}

#[derive(Properties, PartialEq)]
pub(super) struct ReadyStepProps {
    pub(super) address: String,
    pub(super) name: String,
    pub(super) is_busy: bool,
    pub(super) on_back: Callback<()>,
    pub(super) on_create: Callback<bool>,
}

/// What will be made, and whether anything is published.
#[component]
pub(super) fn ReadyStep(props: &ReadyStepProps) -> Html {
    let heading = use_heading_focus();
    let publish = use_node_ref();
    let onsubmit = {
        let (publish, on_create) = (publish.clone(), props.on_create.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let publish = publish
                .cast::<web_sys::HtmlInputElement>()
                .is_some_and(|box_| box_.checked());
            on_create.emit(publish);
        })
    };
    html! {
        <form {onsubmit}>
            <h1 ref={heading} tabindex="-1">{ t!("signup-ready-heading") }</h1>
            <dl class="facts">
                <dt>{ t!("address") }</dt><dd>{ props.address.clone() }</dd>
                if !props.name.trim().is_empty() {
                    <dt>{ t!("signup-name-short") }</dt><dd>{ props.name.clone() }</dd>
                }
            </dl>
            <p>{ t!("signup-ready-text") }</p>
            <label class="check">
                <input type="checkbox" ref={publish} data-testid="signup-publish" disabled={props.is_busy} />
                <span>{ t!("signup-publish") }<small>{ t!("signup-publish-hint") }</small></span>
            </label>
            if props.is_busy {
                <ProgressBar />
            }
            <div class="actions">
                <button type="submit" class="button seal" data-testid="signup-create" disabled={props.is_busy}>{ t!("signup-create") }</button>
                <button type="button" class="button quiet" data-testid="signup-back" disabled={props.is_busy} onclick={props.on_back.reform(|_: MouseEvent| ())}>{ t!("back") }</button>
            </div>
        </form>
    }
}
