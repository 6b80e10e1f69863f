//! One own key, and what can be done with it.

use ext_protocol::page::{OwnKey, Request, RevocationReason};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::components::{Busy, Dialog, FailureNote, Field, value_of};
use crate::dom;
use crate::errors::unexpected;
use crate::format;
use crate::i18n::t;
use crate::pages::background::{Background, Deed, run};
use crate::pages::passphrase::OldPassphrase;
use ui_kit::files::safe_name;
use ui_kit::icon::{Glyph, icon};
use ui_kit::lookalike;

/// Properties of [`KeyCard`].
#[derive(Properties, PartialEq)]
pub(super) struct KeyCardProps {
    pub(super) own: OwnKey,
    pub(super) on_change: Callback<()>,
}

#[derive(Clone, Copy, PartialEq)]
enum Asking {
    Nothing,
    Private,
    Revoke,
    Delete,
}

/// The card.
#[component]
pub(super) fn KeyCard(props: &KeyCardProps) -> Html {
    let deed = use_state_eq(|| Deed::<String>::Idle);
    let asking = use_state_eq(|| Asking::Nothing);
    let Some(background) = use_context::<Background>() else {
        return Html::default();
    };
    let key = &props.own;
    let name = key
        .people
        .first()
        .map(format::person)
        .unwrap_or_else(|| t!("person-unknown"));
    let file_name = key
        .people
        .first()
        .map(|p| p.address.clone())
        .filter(|a| !a.is_empty())
        .unwrap_or_else(|| key.fingerprint.clone());
    let order = |request: Request, done: String| {
        let (background, deed) = (background.clone(), deed.clone());
        let on_change = props.on_change.clone();
        Callback::from(move |()| {
            let (background, request) = (background.clone(), request.clone());
            let (done, on_change) = (done.clone(), on_change.clone());
            run(&deed, async move {
                background.order(request).await?;
                on_change.emit(());
                Ok(done)
            });
        })
    };
    let export = {
        let (background, deed) = (background.clone(), deed.clone());
        let (fingerprint, file_name) = (key.fingerprint.clone(), file_name.clone());
        Callback::from(move |_: MouseEvent| {
            let background = background.clone();
            let request = Request::ExportCertificate {
                fingerprint: fingerprint.clone(),
            };
            let name = safe_name(&format!("{file_name}.asc"));
            run(&deed, async move {
                let armored = background.text(request).await?;
                dom::download(&name, armored.as_bytes())
                    .map_err(|_| unexpected("the browser refused to save it"))?;
                Ok(t!("key-exported"))
            });
        })
    };
    let ask = |what: Asking| {
        let asking = asking.setter();
        Callback::from(move |_: MouseEvent| asking.set(what))
    };
    let close = {
        let asking = asking.setter();
        Callback::from(move |()| asking.set(Asking::Nothing))
    };
    let fingerprint = key.fingerprint.clone();
    let use_it = order(
        Request::UseKey {
            fingerprint: fingerprint.clone(),
        },
        t!("key-used"),
    );
    let publish = order(
        Request::Publish {
            fingerprint: fingerprint.clone(),
            to_everybody: true,
        },
        t!("key-published"),
    );
    let delete = order(
        Request::DeleteKey {
            fingerprint: fingerprint.clone(),
        },
        t!("key-deleted"),
    );
    let on_revoke = {
        let (background, deed, close) = (background.clone(), deed.clone(), close.clone());
        let (on_change, fingerprint) = (props.on_change.clone(), fingerprint.clone());
        Callback::from(move |reason: RevocationReason| {
            close.emit(());
            let (background, on_change) = (background.clone(), on_change.clone());
            let request = Request::RevokeKey {
                fingerprint: fingerprint.clone(),
                reason,
            };
            run(&deed, async move {
                background.order(request).await?;
                on_change.emit(());
                Ok(t!("key-revoked-done"))
            });
        })
    };
    let on_delete = {
        let close = close.clone();
        Callback::from(move |_: MouseEvent| {
            close.emit(());
            delete.emit(());
        })
    };
    html! {
        <li class={classes!("sheet", "card", "key-card", key.in_use.then_some("is-used"))} data-testid="own-key" data-fingerprint={key.fingerprint.clone()} data-used={key.in_use.to_string()} data-revoked={key.revoked.to_string()}>
            <header class="key-head">
                { icon(Glyph::Key) }
                <h2><bdi>{ name }</bdi></h2>
                if key.in_use { <span class="tag is-good">{ icon(Glyph::Check) }{ t!("key-in-use") }</span> }
                if key.revoked { <span class="tag is-bad">{ icon(Glyph::Stop) }{ t!("key-revoked") }</span> }
                if !key.backed_up && !key.revoked { <span class="tag is-careful">{ icon(Glyph::Warn) }{ t!("key-not-backed-up") }</span> }
            </header>
            <dl class="facts">
                for person in key.people.iter().filter(|p| !p.address.is_empty()) {
                    <><dt>{ t!("address") }</dt><dd>{ lookalike::shown(&person.address) }</dd></>
                }
                <dt>{ t!("fingerprint") }</dt><dd class="mono" data-testid="own-fingerprint">{ format::fingerprint(&key.fingerprint) }</dd>
                <dt>{ t!("algorithms") }</dt><dd>{ key.algorithms.clone() }</dd>
                <dt>{ t!("key-created") }</dt><dd>{ format::day(key.created_at) }</dd>
                <dt>{ t!("key-expires") }</dt><dd>{ key.expires_at.map_or_else(|| t!("expiry-never"), format::day) }</dd>
            </dl>
            <div class="note-actions">
                if !key.in_use && !key.revoked {
                    <button type="button" class="button small" data-testid="key-use" onclick={use_it.reform(|_: MouseEvent| ())}>{ t!("key-use") }</button>
                }
                <button type="button" class="button small" data-testid="key-export" onclick={export}>{ icon(Glyph::Save) }{ t!("key-export") }</button>
                <button type="button" class="button small" data-testid="key-export-private" onclick={ask(Asking::Private)}>{ t!("key-export-private") }</button>
                if key.in_use && !key.publishable {
                    <a class="button small" href="#/account" data-testid="key-publish-how" title={t!("key-publish-how-hint")}>{ t!("key-publish-how") }</a>
                }
                if key.publishable {
                    <button type="button" class="button small" data-testid="key-publish" title={t!("key-publish-hint")} onclick={publish.reform(|_: MouseEvent| ())}>{ t!("key-publish") }</button>
                }
                if !key.revoked {
                    <button type="button" class="button small quiet" data-testid="key-revoke" onclick={ask(Asking::Revoke)}>{ t!("key-revoke") }</button>
                }
                if !key.in_use {
                    <button type="button" class="button small quiet" data-testid="key-delete" onclick={ask(Asking::Delete)}>{ t!("key-delete") }</button>
                }
            </div>
            { match &*deed {
                Deed::Working => html! { <Busy text={t!("step-wait")} /> },
                Deed::Done(text) => html! { <p class="done" role="status">{ icon(Glyph::Check) }{ text.clone() }</p> },
                Deed::Failed(failure) => html! { <FailureNote failure={failure.clone()} /> },
                Deed::Idle => Html::default(),
            } }
            if *asking == Asking::Private {
                <ExportPrivate fingerprint={fingerprint} {file_name} on_close={close.clone()} />
            }
            if *asking == Asking::Revoke {
                <Revoke on_close={close.clone()} {on_revoke} />
            }
            if *asking == Asking::Delete {
                <Dialog title={t!("key-delete-title")} testid="delete-dialog" on_close={close.clone()}>
                    <p>{ t!("key-delete-text") }</p>
                    if !key.backed_up { <p class="fault">{ icon(Glyph::Warn) }{ t!("key-delete-no-backup") }</p> }
                    <div class="actions">
                        <button type="button" class="button" data-testid="delete-yes" onclick={on_delete}>{ t!("key-delete") }</button>
                        <button type="button" class="button quiet" onclick={close.reform(|_: MouseEvent| ())}>{ t!("cancel") }</button>
                    </div>
                </Dialog>
            }
        </li>
    }
}

#[derive(Properties, PartialEq)]
struct RevokeProps {
    on_close: Callback<()>,
    on_revoke: Callback<RevocationReason>,
}

/// Withdrawing cannot be taken back: the reason is asked for, which others will see.
#[component]
fn Revoke(props: &RevokeProps) -> Html {
    let reason = |reason: RevocationReason, testid: &'static str, words: String| {
        let onclick = props.on_revoke.reform(move |_: MouseEvent| reason);
        html! { <button type="button" class="button" data-testid={testid} {onclick}>{ words }</button> }
    };
    html! {
        <Dialog title={t!("key-revoke-title")} testid="revoke-dialog" on_close={props.on_close.clone()}>
            <p>{ t!("key-revoke-text") }</p>
            <div class="actions stacked">
                { reason(RevocationReason::Superseded, "revoke-superseded", t!("revoke-superseded")) }
                { reason(RevocationReason::Compromised, "revoke-compromised", t!("revoke-compromised")) }
                { reason(RevocationReason::Retired, "revoke-retired", t!("revoke-retired")) }
                <button type="button" class="button quiet" onclick={props.on_close.reform(|_: MouseEvent| ())}>{ t!("cancel") }</button>
            </div>
        </Dialog>
    }
}

#[derive(Properties, PartialEq)]
struct ExportPrivateProps {
    fingerprint: String,
    file_name: String,
    on_close: Callback<()>,
}

/// The private key for another program, locked by a passphrase of its own.
#[component]
fn ExportPrivate(props: &ExportPrivateProps) -> Html {
    let (passphrase, own) = (use_node_ref(), use_node_ref());
    let deed = use_state_eq(|| Deed::<()>::Idle);
    let is_short = use_state_eq(|| false);
    use_effect_with(matches!(*deed, Deed::Done(())), {
        let on_close = props.on_close.clone();
        move |is_done| {
            if *is_done {
                spawn_local(async move { on_close.emit(()) });
            }
        }
    });
    let Some(background) = use_context::<Background>() else {
        return Html::default();
    };
    let onsubmit = {
        let (passphrase, own) = (passphrase.clone(), own.clone());
        let (deed, is_short) = (deed.clone(), is_short.clone());
        let (fingerprint, file_name) = (props.fingerprint.clone(), props.file_name.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let export_passphrase = value_of(&own);
            if export_passphrase.chars().count() < crate::strength::SHORTEST {
                is_short.set(true);
                return;
            }
            is_short.set(false);
            let request = Request::ExportPrivateKey {
                fingerprint: fingerprint.clone(),
                passphrase: value_of(&passphrase),
                export_passphrase,
            };
            let (background, name) = (
                background.clone(),
                safe_name(&format!("{file_name}-private.asc")),
            );
            run(&deed, async move {
                let armored = background.text(request).await?;
                dom::download(&name, armored.as_bytes())
                    .map_err(|_| unexpected("the browser refused to save it"))
            });
        })
    };
    let fault = is_short
        .then(|| AttrValue::from(t!("passphrase-too-short", n = crate::strength::SHORTEST)));
    html! {
        <Dialog title={t!("export-private-title")} testid="export-dialog" on_close={props.on_close.clone()}>
            <form {onsubmit}>
                <p>{ t!("export-private-text") }</p>
                <p class="hint">{ t!("export-private-others") }</p>
                <OldPassphrase id="export-old" node={passphrase} autofocus={true} />
                <Field id="export-new" label={t!("export-passphrase")} node={own} is_secret={true} autocomplete="new-password" hint={t!("export-passphrase-hint")} {fault} />
                if deed.is_working() {
                    <Busy text={t!("unlocking")} />
                }
                if let Deed::Failed(failure) = &*deed {
                    <FailureNote failure={failure.clone()} />
                }
                <div class="actions">
                    <button type="submit" class="button" data-testid="export-submit" disabled={deed.is_working()}>{ t!("save") }</button>
                    <button type="button" class="button quiet" onclick={props.on_close.reform(|_: MouseEvent| ())}>{ t!("cancel") }</button>
                </div>
            </form>
        </Dialog>
    }
}
