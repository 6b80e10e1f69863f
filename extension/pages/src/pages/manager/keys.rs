//! One's own keys: the one in use, others, and the ways to get more.

use std::rc::Rc;

use ext_protocol::page::{Answer, OwnKey, Request};
use gloo::events::EventListener;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::generate::Generate;
use super::import::Import;
use super::key::KeyCard;
use crate::components::{Busy, FailureNote};
use crate::dom;
use crate::i18n::t;
use crate::pages::background::{Background, Deed, another, run, use_when_done};
use crate::pages::from_sheet::FromSheet;
use ui_kit::icon::{Glyph, icon};

#[derive(Clone, Copy, PartialEq)]
enum Adding {
    Nothing,
    Generate,
    Import,
    Restore,
}

/// `#/keys/restore` leads to the recovery sheet at once.
fn asked_for() -> Adding {
    let hash = dom::window()
        .and_then(|window| window.location().hash().ok())
        .unwrap_or_default();
    if hash == "#/keys/restore" {
        Adding::Restore
    } else {
        Adding::Nothing
    }
}

/// Properties of [`Restore`].
#[derive(Properties, PartialEq)]
struct RestoreProps {
    on_done: Callback<()>,
}

/// Keys from a recovery sheet, beside those that are there.
#[component]
fn Restore(props: &RestoreProps) -> Html {
    let deed = use_state_eq(|| Deed::<()>::Idle);
    use_when_done(&deed, &props.on_done);
    let Some(background) = use_context::<Background>() else {
        return Html::default();
    };
    let on_sheet = {
        let deed = deed.clone();
        Callback::from(move |(code, backup): (String, String)| {
            let background = background.clone();
            let request = Request::RestoreKeys { code, backup };
            run(&deed, async move { background.order(request).await });
        })
    };
    html! {
        <FromSheet class={classes!("sheet", "card")} heading={html! { <h2>{ t!("key-restore") }</h2> }} action={t!("key-restore-go")}
            is_working={deed.is_working()} {on_sheet} on_back={props.on_done.clone()}>
            if deed.is_working() {
                <Busy text={t!("step-wait")} />
            }
            if let Deed::Failed(failure) = &*deed {
                <FailureNote failure={failure.clone()} />
            }
        </FromSheet>
    }
}

/// The page.
#[component]
pub(super) fn Keys() -> Html {
    let keys = use_state_eq(|| Deed::<Rc<Vec<OwnKey>>>::Idle);
    let adding = use_state_eq(asked_for);
    use_effect_with((), {
        let adding = adding.setter();
        move |()| {
            let listener = dom::window().map(|window| {
                EventListener::new(&window, "hashchange", move |_| adding.set(asked_for()))
            });
            move || drop(listener)
        }
    });
    let turn = use_state_eq(|| 0_u32);
    let background = use_context::<Background>();
    use_effect_with(*turn, {
        let (background, keys) = (background.clone(), keys.clone());
        move |_| {
            if let Some(background) = background {
                // The cards stay while the list is asked for again: they may have something to say.
                let keys = keys.setter();
                spawn_local(async move {
                    keys.set(match background.ask(Request::Keys).await {
                        Ok(Answer::Keys { keys }) => Deed::Done(Rc::new(keys)),
                        Ok(_) => Deed::Failed(another()),
                        Err(failure) => Deed::Failed(failure),
                    });
                });
            }
        }
    });
    let on_change = {
        let (turn, adding) = (turn.clone(), adding.clone());
        Callback::from(move |()| {
            turn.set(turn.wrapping_add(1));
            adding.set(Adding::Nothing);
        })
    };
    let show = |what: Adding| {
        let adding = adding.clone();
        Callback::from(move |_: MouseEvent| {
            adding.set(if *adding == what {
                Adding::Nothing
            } else {
                what
            });
        })
    };
    html! {
        <>
            <p class="lead">{ t!("keys-text") }</p>
            <div class="actions">
                <button type="button" class="button" data-testid="key-generate" aria-expanded={(*adding == Adding::Generate).to_string()} onclick={show(Adding::Generate)}>{ icon(Glyph::Plus) }{ t!("key-generate") }</button>
                <button type="button" class="button" data-testid="key-import" aria-expanded={(*adding == Adding::Import).to_string()} onclick={show(Adding::Import)}>{ icon(Glyph::File) }{ t!("key-import") }</button>
                <button type="button" class="button" data-testid="key-restore" aria-expanded={(*adding == Adding::Restore).to_string()} onclick={show(Adding::Restore)}>{ icon(Glyph::Refresh) }{ t!("key-restore") }</button>
                <a class="button" href="#/sheet" data-testid="key-sheet">{ icon(Glyph::Print) }{ t!("sheet-title") }</a>
            </div>
            if *adding == Adding::Generate { <Generate on_done={on_change.clone()} /> }
            if *adding == Adding::Import { <Import on_done={on_change.clone()} /> }
            if *adding == Adding::Restore { <Restore on_done={on_change.clone()} /> }
            { match &*keys {
                Deed::Idle | Deed::Working => html! { <Busy text={t!("step-wait")} /> },
                Deed::Failed(failure) => html! { <FailureNote failure={failure.clone()} /> },
                Deed::Done(keys) if keys.is_empty() => html! { <p class="empty">{ t!("keys-empty") }</p> },
                Deed::Done(keys) => html! {
                    <ul class="cards">
                        for key in keys.iter() {
                            <KeyCard key={key.fingerprint.clone()} own={key.clone()} on_change={on_change.clone()} />
                        }
                    </ul>
                },
            } }
        </>
    }
}
