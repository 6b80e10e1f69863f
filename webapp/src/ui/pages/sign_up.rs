//! Making an account: address and name, passphrase, ready. One question a screen, and nothing
//! ticked that publishes anything.

use super::frame::{EntryFrame, use_title};
use crate::protocol::{Failure, FailureKind, Request};
use crate::ui::actor::Actor;
use crate::ui::components::{
    FailureNote, Field, Glyph, NewPassphrase, PassphraseFault, ProgressBar, check_passphrase, icon,
    value_of,
};
use crate::ui::i18n::t;
use crate::ui::route::{self, Route};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Address,
    Passphrase,
    Ready,
}

impl Step {
    fn word(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Passphrase => "passphrase",
            Self::Ready => "ready",
        }
    }

    fn number(self) -> u8 {
        match self {
            Self::Address => 1,
            Self::Passphrase => 2,
            Self::Ready => 3,
        }
    }
}

/// What the server said about its addresses.
#[derive(Clone, Debug, PartialEq)]
enum Server {
    Asking,
    Open(Vec<String>),
    Failed(Failure),
}

/// The three steps. All fields stay in the page while it lasts, so going back loses nothing.
#[component]
pub(crate) fn SignUp() -> Html {
    use_title(t!("signup-title"));
    let actor = use_context::<Actor>();
    let step = use_state_eq(|| Step::Address);
    let server = use_state_eq(|| Server::Asking);
    let failure = use_state_eq(|| None::<Failure>);
    let is_busy = use_state_eq(|| false);
    let address = use_state_eq(String::new);
    let name = use_state_eq(String::new);
    let domain = use_state_eq(String::new);
    let (first, second) = (use_node_ref(), use_node_ref());

    use_effect_with((), {
        let (actor, setter) = (actor.clone(), server.setter());
        move |()| {
            spawn_local(async move {
                let Some(actor) = actor else { return };
                setter.set(match actor.server_info().await {
                    Ok((domains, true)) => Server::Open(domains),
                    Ok((_, false)) => Server::Failed(Failure {
                        kind: FailureKind::RegistrationClosed,
                        details: String::new(),
                    }),
                    Err(failure) => Server::Failed(failure),
                });
            });
        }
    });

    let domains = match &*server {
        Server::Open(domains) => domains.clone(),
        Server::Asking | Server::Failed(_) => Vec::new(),
    };
    let chosen = if domain.is_empty() {
        domains.first().cloned().unwrap_or_default()
    } else {
        (*domain).clone()
    };
    // A whole address may be typed; its own domain is then the one that counts.
    let whole = if address.contains('@') || chosen.is_empty() {
        (*address).clone()
    } else {
        format!("{}@{chosen}", *address)
    };

    let go = |to: Step| {
        let (step, failure) = (step.clone(), failure.clone());
        Callback::from(move |()| {
            failure.set(None);
            step.set(to);
        })
    };
    let create = {
        let (first, whole, name) = (first.clone(), whole.clone(), (*name).clone());
        let (is_busy, failure, step) = (is_busy.clone(), failure.clone(), step.clone());
        Callback::from(move |publish: bool| {
            let Some(actor) = actor.clone() else { return };
            if *is_busy {
                return;
            }
            is_busy.set(true);
            failure.set(None);
            let request = Request::SignUp {
                address: whole.clone(),
                name: name.trim().to_owned(),
                passphrase: value_of(&first),
                publish,
            };
            let (is_busy, failure, step) = (is_busy.clone(), failure.clone(), step.clone());
            spawn_local(async move {
                match actor.enter(request).await {
                    Ok(()) => {
                        route::replace(&Route::inbox());
                        actor.toast(t!("toast-created"), None);
                    }
                    Err(problem) => {
                        is_busy.set(false);
                        // Back to the question whose answer does not do.
                        if matches!(
                            problem.kind,
                            FailureKind::AddressTaken | FailureKind::BadAddress
                        ) {
                            step.set(Step::Address);
                        }
                        failure.set(Some(problem));
                    }
                }
            });
        })
    };

    html! {
        <EntryFrame testid="page-signup" step={step.word()}>
            <p class="steps">{ t!("signup-step", n = step.number()) }</p>
            if let Server::Failed(failure) = &*server {
                <FailureNote failure={failure.clone()} />
            }
            if let Some(failure) = &*failure {
                <FailureNote failure={failure.clone()} />
            }
            if *step == Step::Address {
                <AddressStep domains={domains} chosen={chosen} address={(*address).clone()} name={(*name).clone()}
                    on_domain={let d = domain.clone(); Callback::from(move |v| d.set(v))}
                    on_next={{
                        let (address, name, next) = (address.clone(), name.clone(), go(Step::Passphrase));
                        Callback::from(move |(a, n): (String, String)| {
                            address.set(a);
                            name.set(n);
                            next.emit(());
                        })
                    }} />
            }
            // Hidden rather than removed: the passphrase stays in its field and nowhere else.
            <div hidden={*step != Step::Passphrase}>
                <PassphraseStep first={first} second={second} is_current={*step == Step::Passphrase}
                    known={vec![whole.clone(), (*name).clone()]}
                    on_back={go(Step::Address)} on_next={go(Step::Ready)} />
            </div>
            if *step == Step::Ready {
                <ReadyStep address={whole} name={(*name).clone()} is_busy={*is_busy} on_back={go(Step::Passphrase)} on_create={create} />
            }
        </EntryFrame>
    }
}

#[derive(Properties, PartialEq)]
struct AddressStepProps {
    domains: Vec<String>,
    chosen: String,
    address: String,
    name: String,
    on_domain: Callback<String>,
    on_next: Callback<(String, String)>,
}

#[component]
fn AddressStep(props: &AddressStepProps) -> Html {
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
            <Field id="signup-name" label={t!("signup-name")} node={name} autocomplete="name" value={props.name.clone()} hint={t!("signup-name-hint")} />
            <div class="actions">
                <button type="submit" class="button seal" data-testid="signup-next">{ t!("next") }</button>
                <a class="button quiet" href={Route::Welcome.href()}>{ t!("back") }</a>
            </div>
        </form>
    }
}

#[derive(Properties, PartialEq)]
struct PassphraseStepProps {
    first: NodeRef,
    second: NodeRef,
    is_current: bool,
    known: Vec<String>,
    on_back: Callback<()>,
    on_next: Callback<()>,
}

#[component]
fn PassphraseStep(props: &PassphraseStepProps) -> Html {
    let fault = use_state_eq(|| None::<PassphraseFault>);
    let score = use_state_eq(|| None::<u8>);
    let is_warned = use_state_eq(|| false);
    use_effect_with(props.is_current, {
        let first = props.first.clone();
        move |is_current| {
            if *is_current && let Some(field) = first.cast::<web_sys::Element>() {
                crate::ui::dom::focus(&field);
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
struct ReadyStepProps {
    address: String,
    name: String,
    is_busy: bool,
    on_back: Callback<()>,
    on_create: Callback<bool>,
}

#[component]
fn ReadyStep(props: &ReadyStepProps) -> Html {
    let heading = super::frame::use_heading_focus();
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
