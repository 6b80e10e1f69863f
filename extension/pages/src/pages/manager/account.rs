//! The account on a Letterlock server: none, made or entered here, or there already.

use ext_protocol::failure::{Failure, FailureKind};
use ext_protocol::page::{Answer, Request, ServerAccount};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::link_account::LinkAccount;
use crate::components::{Busy, Dialog, FailureNote, Switch};
use crate::errors;
use crate::format;
use crate::i18n::t;
use crate::pages::background::{Background, Deed, another, run};
use ui_kit::icon::{Glyph, icon};

/// The page.
#[component]
pub(super) fn Account() -> Html {
    let account = use_state_eq(|| None::<Result<Option<ServerAccount>, Failure>>);
    let asked = use_state_eq(|| 0_u32);
    // What was done last: the card that did it may be another one by then.
    let told = use_state_eq(String::new);
    let background = use_context::<Background>();
    use_effect_with(*asked, {
        let (background, account) = (background.clone(), account.setter());
        move |_| {
            if let Some(background) = background {
                spawn_local(async move {
                    account.set(Some(match background.ask(Request::Account).await {
                        Ok(Answer::Account { account }) => Ok(account),
                        Ok(_) => Err(another()),
                        Err(failure) => Err(failure),
                    }));
                });
            }
        }
    });
    let on_change = {
        let (asked, told) = (asked.clone(), told.setter());
        Callback::from(move |text: String| {
            told.set(text);
            asked.set(asked.wrapping_add(1));
            if let Some(background) = &background {
                background.refresh();
            }
        })
    };
    let content = match &*account {
        None => html! { <Busy text={t!("step-wait")} /> },
        Some(Err(failure)) => html! { <FailureNote failure={failure.clone()} /> },
        Some(Ok(None)) => html! { <LinkAccount {on_change} /> },
        Some(Ok(Some(account))) => html! { <Linked account={account.clone()} {on_change} /> },
    };
    html! {
        <>
            <div aria-live="polite" class="saved">
                if !told.is_empty() {
                    <p class="done" data-testid="account-done">{ icon(Glyph::Check) }{ (*told).clone() }</p>
                }
            </div>
            { content }
        </>
    }
}

#[derive(Properties, PartialEq)]
struct LinkedProps {
    account: ServerAccount,
    /// Told what was done.
    on_change: Callback<String>,
}

/// What there is, and what can be done with it.
#[component]
fn Linked(props: &LinkedProps) -> Html {
    let deed = use_state_eq(|| Deed::<()>::Idle);
    let is_leaving = use_state_eq(|| false);
    let Some(background) = use_context::<Background>() else {
        return Html::default();
    };
    let account = &props.account;
    let order = |request: Request, done: String| {
        let (background, deed) = (background.clone(), deed.clone());
        let on_change = props.on_change.clone();
        move || {
            let (background, request) = (background.clone(), request.clone());
            let (done, on_change) = (done.clone(), on_change.clone());
            run(&deed, async move {
                background.order(request).await?;
                on_change.emit(done);
                Ok(())
            });
        }
    };
    let synchronise = {
        let go = order(Request::Synchronise, t!("account-synchronised"));
        Callback::from(move |_: MouseEvent| go())
    };
    let leave = {
        let go = order(Request::LeaveServer, t!("account-left"));
        let is_leaving = is_leaving.setter();
        Callback::from(move |_: MouseEvent| {
            is_leaving.set(false);
            go();
        })
    };
    let publish = account.directory.as_ref().map(|entry| {
        let request = |to_everybody| Request::Publish {
            fingerprint: entry.fingerprint.clone(),
            to_everybody,
        };
        let (show, hide) = (
            order(request(true), t!("key-published")),
            order(request(false), t!("key-withheld")),
        );
        let on_change = Callback::from(move |is_on: bool| if is_on { show() } else { hide() });
        html! {
            <Switch label={t!("account-publish")} hint={t!("account-publish-hint")} testid="account-publish"
                is_on={entry.to_everybody} disabled={deed.is_working()} {on_change} />
        }
    });
    let ask = |yes: bool| {
        let is_leaving = is_leaving.setter();
        Callback::from(move |()| is_leaving.set(yes))
    };
    let server = account
        .server
        .rsplit("://")
        .next()
        .unwrap_or_default()
        .to_owned();
    html! {
        <>
            <section class="sheet card" data-testid="account-linked" data-address={account.address.clone()}>
                <h2><bdi>{ format::clean(&account.address) }</bdi></h2>
                <p>{ t!("account-linked-text") }</p>
                <dl class="facts">
                    <dt>{ t!("account-server") }</dt><dd data-testid="account-server">{ server }</dd>
                    <dt>{ t!("account-synchronised-at") }</dt>
                    <dd>{ account.synchronised_at.map_or_else(|| t!("account-not-yet"), format::full_date) }</dd>
                </dl>
                if let Some(problem) = account.problem {
                    <p class="fault" role="alert" data-testid="account-problem" data-kind={errors::name(problem)}>{ icon(Glyph::Warn) }{ errors::sentence(problem) }</p>
                }
                { publish.unwrap_or_default() }
                <div class="note-actions">
                    <a class="button small" href="webmail.html" data-testid="account-webmail">{ icon(Glyph::Inbox) }{ t!("way-webmail") }</a>
                    <button type="button" class="button small" data-testid="account-synchronise" disabled={deed.is_working()} onclick={synchronise}>{ icon(Glyph::Refresh) }{ t!("account-synchronise") }</button>
                    <button type="button" class="button small quiet" data-testid="account-leave" disabled={deed.is_working()} onclick={ask(true).reform(|_: MouseEvent| ())}>{ t!("account-leave") }</button>
                </div>
                <div aria-live="polite">
                    { match &*deed {
                        Deed::Working => html! { <Busy text={t!("step-wait")} /> },
                        Deed::Failed(failure) => html! { <FailureNote failure={failure.clone()} /> },
                        Deed::Idle | Deed::Done(()) => Html::default(),
                    } }
                </div>
            </section>
            if account.problem == Some(FailureKind::PassphraseChanged) {
                <LinkAccount again={Some(account.clone())} on_change={props.on_change.clone()} />
            }
            if *is_leaving {
                <Dialog title={t!("account-leave-title")} testid="account-leave-dialog" on_close={ask(false)}>
                    <p>{ t!("account-leave-text") }</p>
                    <div class="actions">
                        <button type="button" class="button" data-testid="account-leave-yes" onclick={leave}>{ t!("account-leave") }</button>
                        <button type="button" class="button quiet" onclick={ask(false).reform(|_: MouseEvent| ())}>{ t!("cancel") }</button>
                    </div>
                </Dialog>
            }
        </>
    }
}
