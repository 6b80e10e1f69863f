//! A further key pair.

use ext_protocol::page::{KeyProfile, Request};
use ext_protocol::view::Person;
use wasm_bindgen::JsCast;
use yew::prelude::*;

use crate::components::{Busy, FailureNote, Field, input_value, value_of};
use crate::i18n::t;
use crate::pages::background::{Background, Deed, run, use_when_done};

/// Properties of [`Generate`].
#[derive(Properties, PartialEq)]
pub(super) struct GenerateProps {
    pub(super) on_done: Callback<()>,
}

fn profile(value: &str) -> KeyProfile {
    match value {
        "modern" => KeyProfile::Modern,
        "post-quantum" => KeyProfile::PostQuantum,
        _ => KeyProfile::Compatible,
    }
}

/// For whom, of what kind, until when.
#[component]
pub(super) fn Generate(props: &GenerateProps) -> Html {
    let (name, address, expiry) = (use_node_ref(), use_node_ref(), use_node_ref());
    let kind = use_state_eq(|| "compatible".to_owned());
    let deed = use_state_eq(|| Deed::<()>::Idle);
    use_when_done(&deed, &props.on_done);
    let Some(background) = use_context::<Background>() else {
        return Html::default();
    };
    let me = background.me();
    let onsubmit = {
        let (name, address, expiry) = (name.clone(), address.clone(), expiry.clone());
        let (kind, deed, background) = (kind.clone(), deed.clone(), background.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let years: u32 = expiry
                .cast::<web_sys::HtmlSelectElement>()
                .and_then(|choice| choice.value().parse().ok())
                .unwrap_or_default();
            let request = Request::GenerateKey {
                person: Person {
                    name: value_of(&name).trim().to_owned(),
                    address: value_of(&address).trim().to_owned(),
                },
                profile: profile(&kind),
                expires_in_days: (years > 0).then_some(years * 365),
            };
            let background = background.clone();
            run(&deed, async move { background.order(request).await });
        })
    };
    let onchange = {
        let kind = kind.clone();
        Callback::from(move |event: Event| {
            if event
                .target()
                .is_some_and(|t| t.dyn_ref::<web_sys::HtmlInputElement>().is_some())
            {
                kind.set(input_value(&event));
            }
        })
    };
    let option = |value: &'static str, label: String, hint: String| {
        html! {
            <label class="check">
                <input type="radio" name="profile" {value} checked={*kind == value} data-testid={format!("profile-{value}")} onchange={onchange.clone()} />
                <span>{ label }<small>{ hint }</small></span>
            </label>
        }
    };
    html! {
        <form class="sheet card" data-testid="generate" {onsubmit}>
            <h2>{ t!("key-generate") }</h2>
            <Field id="generate-address" label={t!("address")} node={address} value={me.address.clone()} inputmode="email" autofocus={true} />
            <Field id="generate-name" label={t!("your-name")} node={name} value={me.name.clone()} hint={t!("name-hint")} />
            <fieldset class="plain-set">
                <legend>{ t!("profile") }</legend>
                { option("compatible", t!("profile-compatible"), t!("profile-compatible-hint")) }
                { option("modern", t!("profile-modern"), t!("profile-modern-hint")) }
                { option("post-quantum", t!("profile-post-quantum"), t!("profile-post-quantum-hint")) }
            </fieldset>
            <div class="field">
                <label for="generate-expiry">{ t!("expiry") }</label>
                <select id="generate-expiry" ref={expiry} data-testid="generate-expiry">
                    <option value="0" selected={true}>{ t!("expiry-never") }</option>
                    for years in [1_u32, 2, 5] {
                        <option value={years.to_string()}>{ t!("expiry-years", n = years) }</option>
                    }
                </select>
            </div>
            if deed.is_working() {
                <Busy text={t!("generator-working")} percent={background.percent} />
            }
            if let Deed::Failed(failure) = &*deed {
                <FailureNote failure={failure.clone()} />
            }
            <div class="actions"><button type="submit" class="button seal" data-testid="generate-submit" disabled={deed.is_working()}>{ t!("generator-make") }</button></div>
        </form>
    }
}
