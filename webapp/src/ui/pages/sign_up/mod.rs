//! Making an account: address and name, passphrase, ready. One question a screen, and nothing
//! ticked that publishes anything.

mod steps;

use crate::protocol::{Failure, FailureKind, Request};
use crate::ui::actor::Actor;
use crate::ui::components::{FailureNote, value_of};
use crate::ui::i18n::t;
use crate::ui::route::{self, Route};
use steps::{AddressStep, PassphraseStep, ReadyStep};
use ui_kit::entry::{EntryFrame, use_title};
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
