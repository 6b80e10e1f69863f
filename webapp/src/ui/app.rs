//! The root: store and actor by context, and the gate that decides which page may be seen.

use super::actor::Actor;
use super::components::Toasts;
use super::i18n::t;
use super::idle::{use_idle_lock, use_leave_question};
use super::pages::{
    Compose, Fault, LogIn, Mail, NoServer, Settings, SignUp, Starting, Unlock, Welcome,
};
use super::preferences;
use super::route::{self, Route, use_route};
use super::server::WELCOME_PAGE;
use super::state::{Action, Phase, State, Store};
use yew::prelude::*;

/// The whole page.
#[component]
pub(crate) fn App() -> Html {
    let store = use_reducer(|| State::new(preferences::load()));
    let actor = use_memo((), |()| Actor::begin(store.dispatcher()));
    let chosen = store.preferences.clone();
    use_effect_with(chosen, preferences::keep);
    html! {
        <ContextProvider<Store> context={store}>
            <ContextProvider<Actor> context={(*actor).clone()}>
                <Gate />
                <Toasts />
            </ContextProvider<Actor>>
        </ContextProvider<Store>>
    }
}

/// Nothing behind it is drawn unless the account is open.
#[component]
fn Gate() -> Html {
    let route = use_route();
    let (Some(store), Some(actor)) = (use_context::<Store>(), use_context::<Actor>()) else {
        return Html::default();
    };
    let is_open = matches!(store.phase, Phase::Entered { .. });
    let in_extension = store.in_extension;
    // In the extension the background has a clock for everything that is open.
    use_idle_lock(
        (is_open && !in_extension).then_some(store.preferences.idle_minutes),
        Callback::from(move |()| {
            actor.lock();
            actor.dispatch(Action::Announce(t!("locked-after-idle")));
        }),
    );
    let has_draft = store.draft.is_some();
    let is_unsent = store.draft.as_ref().is_some_and(|d| d.is_worth_keeping());
    use_leave_question(is_unsent);
    let is_nowhere = match route {
        Route::Mail { .. } | Route::Settings => false,
        Route::Compose => !has_draft,
        _ => true,
    };
    use_effect_with((is_open, is_nowhere), |(is_open, is_nowhere)| {
        if *is_open && *is_nowhere {
            route::replace(&Route::inbox());
        }
    });
    let is_first_run = in_extension && store.phase == Phase::Nothing;
    use_effect_with(is_first_run, |is_first_run| {
        if let (true, Some(window)) = (*is_first_run, super::dom::window()) {
            // A page that cannot go there shows the same in words.
            let _stays = window.location().replace(WELCOME_PAGE);
        }
    });
    match (&store.phase, route) {
        (Phase::Starting, _) => html! { <Starting /> },
        (Phase::Broken(details), _) => html! { <Fault details={details.clone()} /> },
        (Phase::NoServer { address }, _) => html! { <NoServer address={address.clone()} /> },
        (Phase::Nothing, _) if in_extension => html! { <Starting /> },
        (Phase::Nothing | Phase::Locked { .. }, Route::LogIn) => html! { <LogIn /> },
        (Phase::Nothing, Route::SignUp) => html! { <SignUp /> },
        (Phase::Nothing, _) => html! { <Welcome /> },
        (Phase::Locked { address }, _) => html! { <Unlock address={address.clone()} /> },
        (Phase::Entered { .. }, Route::Compose) if has_draft => html! { <Compose /> },
        (Phase::Entered { .. }, Route::Settings) => html! { <Settings /> },
        (Phase::Entered { .. }, Route::Mail { mailbox, message }) => {
            html! { <Mail {mailbox} {message} /> }
        }
        (Phase::Entered { .. }, _) => html! { <Starting /> },
    }
}
