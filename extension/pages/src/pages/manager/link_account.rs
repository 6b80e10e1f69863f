//! From keys on this device alone to an account on a server: which server, then a new account or
//! the one that is there.

use ext_protocol::page::{Answer, Request, ServerAccount};
use yew::prelude::*;

use crate::components::{Busy, FailureNote, Field, Switch, value_of};
use crate::i18n::t;
use crate::pages::background::{Background, Deed, another, run};
use crate::pages::passphrase::OldPassphrase;

/// Properties of [`LinkAccount`].
#[derive(Properties, PartialEq)]
pub(super) struct LinkAccountProps {
    /// The account of this device, to be entered once more.
    #[prop_or_default]
    pub(super) again: Option<ServerAccount>,
    /// Told what was done.
    pub(super) on_change: Callback<String>,
}

/// A server that answered.
#[derive(Clone, PartialEq)]
struct Found {
    server: String,
    domains: Vec<String>,
    is_open: bool,
}

/// What the person wants there.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Make,
    Enter,
}

/// The questions.
#[component]
pub(super) fn LinkAccount(props: &LinkAccountProps) -> Html {
    let found = use_state_eq(|| match &props.again {
        Some(account) => Deed::Done(Found {
            server: account.server.clone(),
            domains: Vec::new(),
            is_open: false,
        }),
        None => Deed::Idle,
    });
    let node = use_node_ref();
    let Some(background) = use_context::<Background>() else {
        return Html::default();
    };
    let onsubmit = {
        let (node, found) = (node.clone(), found.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let (background, server) = (background.clone(), value_of(&node));
            run(&found, async move {
                match background.ask(Request::ServerInfo { server }).await? {
                    Answer::ServerInfo {
                        server,
                        domains,
                        registration_open,
                    } => Ok(Found {
                        server,
                        domains,
                        is_open: registration_open,
                    }),
                    _ => Err(another()),
                }
            });
        })
    };
    let other = {
        let found = found.clone();
        Callback::from(move |()| found.set(Deed::Idle))
    };
    if let Deed::Done(found) = &*found {
        let again = props.again.clone();
        let on_change = props.on_change.clone();
        return html! { <Choose found={found.clone()} {again} {on_change} on_other={other} /> };
    }
    html! {
        <form class="sheet card" data-testid="account-none" {onsubmit}>
            <h2>{ t!("account-none") }</h2>
            <p>{ t!("account-none-text") }</p>
            <Field id="account-server-address" label={t!("account-server-label")} {node} placeholder="mail.example.org" inputmode="url"
                autocomplete="url" hint={t!("account-server-hint")} />
            if found.is_working() {
                <Busy text={t!("account-asking")} />
            }
            if let Deed::Failed(failure) = &*found {
                <FailureNote failure={failure.clone()} />
            }
            <div class="actions"><button type="submit" class="button seal" data-testid="account-next" disabled={found.is_working()}>{ t!("next") }</button></div>
        </form>
    }
}

#[derive(Properties, PartialEq)]
struct ChooseProps {
    found: Found,
    again: Option<ServerAccount>,
    on_change: Callback<String>,
    on_other: Callback<()>,
}

/// A new account or the one that is there.
#[component]
fn Choose(props: &ChooseProps) -> Html {
    let way = use_state_eq(|| {
        if props.found.is_open {
            Way::Make
        } else {
            Way::Enter
        }
    });
    let publish = use_state_eq(|| false);
    let (local, domain) = (use_node_ref(), use_node_ref());
    let (address, passphrase) = (use_node_ref(), use_node_ref());
    let deed = use_state_eq(|| Deed::<()>::Idle);
    use_effect_with(matches!(*deed, Deed::Done(())), {
        let on_change = props.on_change.clone();
        move |is_done| {
            if *is_done {
                on_change.emit(t!("account-linked-done"));
            }
        }
    });
    let Some(background) = use_context::<Background>() else {
        return Html::default();
    };
    let me = background.me().address;
    let onsubmit = {
        let (local, domain) = (local.clone(), domain.clone());
        let (address, passphrase) = (address.clone(), passphrase.clone());
        let (server, deed) = (props.found.server.clone(), deed.clone());
        let (way, publish) = (*way, *publish);
        let background = background.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if deed.is_working() {
                return;
            }
            let (server, passphrase) = (server.clone(), value_of(&passphrase));
            let request = match way {
                Way::Make => {
                    let domain = domain
                        .cast::<web_sys::HtmlSelectElement>()
                        .map(|choice| choice.value())
                        .unwrap_or_default();
                    Request::MakeAccount {
                        server,
                        address: format!("{}@{domain}", value_of(&local).trim()),
                        passphrase,
                        publish,
                    }
                }
                Way::Enter => Request::EnterAccount {
                    server,
                    address: value_of(&address).trim().to_owned(),
                    passphrase,
                },
            };
            let background = background.clone();
            run(&deed, async move { background.order(request).await });
        })
    };
    let choose = |to: Way| {
        let (way, deed) = (way.setter(), deed.setter());
        Callback::from(move |_: MouseEvent| {
            way.set(to);
            deed.set(Deed::Idle);
        })
    };
    let server = props.found.server.rsplit("://").next().unwrap_or_default();
    let is_new = *way == Way::Make;
    let on_publish = {
        let publish = publish.setter();
        Callback::from(move |is_on: bool| publish.set(is_on))
    };
    let is_again = props.again.is_some();
    html! {
        <form class="sheet card" data-testid="account-choose" data-way={if is_new { "make" } else { "enter" }} {onsubmit}>
            if is_new {
                <h2>{ t!("account-make", server = server) }</h2>
                <p>{ t!("account-make-text") }</p>
                <div class="field">
                    <label for="account-local">{ t!("account-address") }</label>
                    <div class="input joined">
                        <input id="account-local" ref={local} data-testid="account-local" type="text" autocomplete="off" autocapitalize="none" spellcheck="false"
                            value={me.split('@').next().unwrap_or_default().to_owned()} required={true} />
                        <span aria-hidden="true">{ "@" }</span>
                        <select ref={domain} aria-label={t!("account-domain")} data-testid="account-domain">
                            for domain in props.found.domains.iter() {
                                <option value={domain.clone()}>{ domain.clone() }</option>
                            }
                        </select>
                    </div>
                </div>
                <OldPassphrase id="account-passphrase" node={passphrase} hint={AttrValue::from(t!("account-make-passphrase"))} />
                <Switch label={t!("account-publish")} hint={t!("account-publish-hint")} testid="account-make-publish" is_on={*publish} on_change={on_publish} />
            } else {
                <h2>{ if is_again { t!("account-again") } else { t!("account-enter", server = server) } }</h2>
                <p>{ if is_again { t!("account-again-text") } else { t!("account-enter-text") } }</p>
                <Field key="address" id="account-address" label={t!("account-address")} node={address} inputmode="email" autocomplete="username"
                    value={props.again.as_ref().map(|account| AttrValue::from(account.address.clone()))} />
                <OldPassphrase key="enter" id="account-passphrase" node={passphrase} hint={AttrValue::from(t!("account-enter-passphrase"))} />
            }
            if deed.is_working() {
                <Busy text={t!("account-linking")} percent={background.percent} />
            }
            if let Deed::Failed(failure) = &*deed {
                <FailureNote failure={failure.clone()} />
            }
            <div class="actions">
                <button type="submit" class="button seal" data-testid="account-submit" disabled={deed.is_working()}>
                    { if is_new { t!("account-make-button") } else { t!("account-enter-button") } }
                </button>
                if !is_again {
                    <button type="button" class="button quiet" data-testid="account-other" disabled={deed.is_working()} onclick={props.on_other.reform(|_: MouseEvent| ())}>{ t!("account-other") }</button>
                }
            </div>
            if !is_again {
                <p class="links">
                    if is_new {
                        <button type="button" class="link-button" data-testid="account-have" onclick={choose(Way::Enter)}>{ t!("account-have") }</button>
                    } else if props.found.is_open {
                        <button type="button" class="link-button" data-testid="account-new" onclick={choose(Way::Make)}>{ t!("account-new") }</button>
                    } else {
                        { t!("account-closed") }
                    }
                </p>
            }
        </form>
    }
}
