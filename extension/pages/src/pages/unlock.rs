//! Unlocking: a form for popup, manager and the window that frames ask for.

use ext_protocol::failure::FailureKind;
use ext_protocol::page::Request;
use ext_protocol::view::VaultState;
use yew::prelude::*;

use super::background::{Background, Deed, run, use_background};
use super::passphrase::OldPassphrase;
use super::shell::{Starting, brand, use_title};
use crate::components::{Busy, FailureNote, value_of};
use crate::errors;
use crate::format;
use crate::i18n::t;
use crate::mark;
use ext_browser::tabs;

/// Properties of [`UnlockForm`].
#[derive(Properties, PartialEq)]
pub(super) struct UnlockFormProps {
    #[prop_or_default]
    pub(super) on_open: Callback<()>,
}

/// One field and one button.
#[component]
pub(super) fn UnlockForm(props: &UnlockFormProps) -> Html {
    let node = use_node_ref();
    let deed = use_state_eq(|| Deed::<()>::Idle);
    let background = use_context::<Background>();
    use_effect_with(matches!(*deed, Deed::Done(())), {
        let (on_open, background) = (props.on_open.clone(), background.clone());
        move |is_open| {
            if *is_open {
                if let Some(background) = background {
                    background.refresh();
                }
                on_open.emit(());
            }
        }
    });
    let Some(background) = background else {
        return Html::default();
    };
    let onsubmit = {
        let (background, deed, node) = (background.clone(), deed.clone(), node.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let passphrase = value_of(&node);
            if passphrase.is_empty() || deed.is_working() {
                return;
            }
            let background = background.clone();
            run(&deed, async move {
                background.order(Request::Unlock { passphrase }).await
            });
        })
    };
    let fault = match &*deed {
        Deed::Failed(failure) if failure.kind == FailureKind::WrongPassphrase => {
            Some(AttrValue::from(errors::sentence(failure.kind)))
        }
        _ => None,
    };
    html! {
        <form class="unlock-form" data-testid="unlock-form" {onsubmit}>
            <OldPassphrase id="passphrase" {node} fault={fault.clone()} autofocus={true} />
            if let (Deed::Failed(failure), None) = (&*deed, fault) {
                <FailureNote failure={failure.clone()} />
            }
            if deed.is_working() {
                <Busy text={t!("unlocking")} />
            }
            <div class="actions">
                <button type="submit" class="button seal" data-testid="unlock-submit" disabled={deed.is_working()}>{ t!("unlock") }</button>
            </div>
        </form>
    }
}

/// The window.
#[component]
pub(super) fn UnlockPage() -> Html {
    let background = use_background();
    use_title(t!("unlock-title"));
    let close = Callback::from(|()| {
        if let Some(window) = ui_kit::dom::window() {
            let _ = window.close();
        }
    });
    let vault = background.vault();
    use_effect_with(vault, |vault| {
        if *vault == Some(VaultState::NotSetUp) {
            let _ = tabs::create("welcome.html");
        }
    });
    let status = background.status.clone();
    let content = match status.as_deref() {
        None => html! { <Starting /> },
        Some(Err(failure)) => html! { <Starting failure={failure.clone()} /> },
        Some(Ok(status)) if status.vault == VaultState::Unlocked => html! {
            <main class="unlock-window" data-testid="unlocked">
                { brand() }
                <p role="status">{ t!("unlocked-text") }</p>
                <div class="actions"><button type="button" class="button" data-testid="window-close" onclick={close.reform(|_: MouseEvent| ())}>{ t!("close") }</button></div>
            </main>
        },
        Some(Ok(status)) => html! {
            <main class="unlock-window" data-testid="unlock-page">
                <header class="unlock-head">
                    { brand() }
                    if let Some(mark) = status.mark { { mark::picture(mark) } }
                </header>
                <h1>{ t!("unlock-heading") }</h1>
                <p class="unlock-address">{ format::clean(&status.me.address) }</p>
                <UnlockForm on_open={close} />
                <p class="hint">{ t!("unlock-hint") }</p>
            </main>
        },
    };
    html! { <ContextProvider<Background> context={background}>{ content }</ContextProvider<Background>> }
}
