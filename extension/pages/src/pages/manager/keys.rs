//! One's own keys: the one in use, others, and the ways to get more.

use std::rc::Rc;

use ext_protocol::page::{Answer, OwnKey, Request};
use yew::prelude::*;

use super::generate::Generate;
use super::import::Import;
use super::key::KeyCard;
use crate::components::{Busy, FailureNote};
use crate::i18n::t;
use crate::pages::background::{Background, Deed, another, run};
use ui_kit::icon::{Glyph, icon};

#[derive(Clone, Copy, PartialEq)]
enum Adding {
    Nothing,
    Generate,
    Import,
}

/// The page.
#[component]
pub(super) fn Keys() -> Html {
    let keys = use_state_eq(|| Deed::<Rc<Vec<OwnKey>>>::Idle);
    let adding = use_state_eq(|| Adding::Nothing);
    let turn = use_state_eq(|| 0_u32);
    let background = use_context::<Background>();
    use_effect_with(*turn, {
        let (background, keys) = (background.clone(), keys.clone());
        move |_| {
            if let Some(background) = background {
                run(&keys, async move {
                    match background.ask(Request::Keys).await? {
                        Answer::Keys { keys } => Ok(Rc::new(keys)),
                        _ => Err(another()),
                    }
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
                <a class="button" href="#/sheet" data-testid="key-sheet">{ icon(Glyph::Print) }{ t!("sheet-title") }</a>
            </div>
            if *adding == Adding::Generate { <Generate on_done={on_change.clone()} /> }
            if *adding == Adding::Import { <Import on_done={on_change.clone()} /> }
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
