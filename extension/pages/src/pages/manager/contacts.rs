//! People whose keys are remembered.

use std::rc::Rc;

use ext_protocol::page::{Answer, ContactView, Request};
use ext_protocol::view::{KeySource, RecipientState, Trust};
use yew::prelude::*;

use super::import::Import;
use crate::components::{Avatar, Busy, Dialog, FailureNote, Field, value_of};
use crate::format;
use crate::i18n::t;
use crate::pages::background::{Background, Deed, another, run};
use ui_kit::icon::{Glyph, icon};
use ui_kit::lookalike::{self, LookAlikes};

/// The page.
#[component]
pub(super) fn Contacts() -> Html {
    let contacts = use_state_eq(|| Deed::<Rc<Vec<ContactView>>>::Idle);
    let found = use_state_eq(|| Deed::<(String, RecipientState)>::Idle);
    let is_importing = use_state_eq(|| false);
    let filter = use_state_eq(String::new);
    let turn = use_state_eq(|| 0_u32);
    let address = use_node_ref();
    let background = use_context::<Background>();
    use_effect_with(*turn, {
        let (background, contacts) = (background.clone(), contacts.clone());
        move |_| {
            if let Some(background) = background {
                run(&contacts, async move {
                    match background.ask(Request::Contacts).await? {
                        Answer::Contacts { contacts } => Ok(Rc::new(contacts)),
                        _ => Err(another()),
                    }
                });
            }
        }
    });
    let Some(background) = background else {
        return Html::default();
    };
    let on_change = {
        let (turn, is_importing) = (turn.clone(), is_importing.clone());
        Callback::from(move |()| {
            turn.set(turn.wrapping_add(1));
            is_importing.set(false);
        })
    };
    let onsubmit = {
        let (address, found, background) = (address.clone(), found.clone(), background.clone());
        let on_change = on_change.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let typed = value_of(&address).trim().to_owned();
            if typed.is_empty() {
                return;
            }
            let (background, on_change) = (background.clone(), on_change.clone());
            run(&found, async move {
                let request = Request::LookUp {
                    address: typed.clone(),
                };
                match background.ask(request).await? {
                    Answer::Recipient { state } => {
                        on_change.emit(());
                        Ok((typed, state))
                    }
                    _ => Err(another()),
                }
            });
        })
    };
    let toggle = {
        let is_importing = is_importing.clone();
        Callback::from(move |_: MouseEvent| is_importing.set(!*is_importing))
    };
    let on_filter = {
        let filter = filter.clone();
        Callback::from(move |event: InputEvent| {
            filter.set(crate::components::input_value(&event).to_lowercase());
        })
    };
    html! {
        <>
            <p class="lead">{ t!("contacts-text") }</p>
            <form class="look-up" {onsubmit}>
                <Field id="look-up" label={t!("contacts-look-up")} node={address} inputmode="email" placeholder={t!("recipient-placeholder")} />
                <button type="submit" class="button" data-testid="look-up-submit" disabled={found.is_working()}>{ t!("contacts-look") }</button>
            </form>
            { match &*found {
                Deed::Idle => Html::default(),
                Deed::Working => html! { <Busy text={t!("outlook-looking")} /> },
                Deed::Failed(failure) => html! { <FailureNote failure={failure.clone()} /> },
                Deed::Done((address, state)) => html! {
                    <p class="found" role="status" data-testid="looked-up">{ found_words(address, state) }</p>
                },
            } }
            <div class="actions"><button type="button" class="button" data-testid="contact-import" aria-expanded={is_importing.to_string()} onclick={toggle}>{ icon(Glyph::File) }{ t!("contacts-import") }</button></div>
            if *is_importing { <Import on_done={on_change.clone()} /> }
            { match &*contacts {
                Deed::Idle | Deed::Working => html! { <Busy text={t!("step-wait")} /> },
                Deed::Failed(failure) => html! { <FailureNote failure={failure.clone()} /> },
                Deed::Done(list) if list.is_empty() => html! { <p class="empty" data-testid="contacts-empty">{ t!("contacts-empty") }</p> },
                Deed::Done(list) => html! {
                    <>
                        if list.len() > 8 {
                            <input type="search" class="search" aria-label={t!("contacts-filter")} placeholder={t!("contacts-filter")} oninput={on_filter} />
                        }
                        <ul class="contacts sheet">
                            for contact in list.iter().filter(|c| matches(c, &filter)) {
                                <Contact key={contact.person.address.clone()} contact={contact.clone()} on_change={on_change.clone()} />
                            }
                        </ul>
                    </>
                },
            } }
        </>
    }
}

fn matches(contact: &ContactView, filter: &str) -> bool {
    filter.is_empty()
        || contact.person.name.to_lowercase().contains(filter)
        || contact.person.address.to_lowercase().contains(filter)
}

fn found_words(address: &str, state: &RecipientState) -> String {
    let name = format::clean(address);
    match state {
        RecipientState::Ready { .. } => t!("found-ready", name = name),
        RecipientState::KeyChanged { .. } => t!("found-changed", name = name),
        RecipientState::Unusable { reason } => t!(
            "trouble-unusable",
            name = name,
            reason = format::clean(reason)
        ),
        RecipientState::NoKey => t!("found-none", name = name),
        RecipientState::NotAnAddress => t!("trouble-not-an-address", name = name),
        RecipientState::Unknown => t!("trouble-unknown", name = name),
    }
}

fn trust(trust: Trust) -> (&'static str, Glyph, String) {
    match trust {
        Trust::Verified => ("is-good", Glyph::CheckTwice, t!("trust-verified")),
        Trust::Known => ("is-good", Glyph::Check, t!("trust-known")),
        Trust::New => ("is-plain", Glyph::Fresh, t!("trust-new")),
        Trust::Changed => ("is-careful", Glyph::Warn, t!("trust-changed")),
        Trust::Own => ("is-good", Glyph::Check, t!("trust-own")),
    }
}

fn source(source: KeySource) -> String {
    match source {
        KeySource::Own => t!("source-own"),
        KeySource::Imported => t!("source-imported"),
        KeySource::Mail => t!("source-mail"),
        KeySource::Autocrypt => t!("source-autocrypt"),
        KeySource::Wkd => t!("source-wkd"),
        KeySource::Directory => t!("source-directory"),
    }
}

#[derive(Properties, PartialEq)]
struct ContactProps {
    contact: ContactView,
    on_change: Callback<()>,
}

#[component]
fn Contact(props: &ContactProps) -> Html {
    let deed = use_state_eq(|| Deed::<()>::Idle);
    let is_deleting = use_state_eq(|| false);
    let Some(background) = use_context::<Background>() else {
        return Html::default();
    };
    let contact = &props.contact;
    let (class, glyph, word) = trust(contact.trust);
    let order = |request: Request| {
        let (background, deed) = (background.clone(), deed.clone());
        let on_change = props.on_change.clone();
        Callback::from(move |_: MouseEvent| {
            let (background, request) = (background.clone(), request.clone());
            let on_change = on_change.clone();
            run(&deed, async move {
                background.order(request).await?;
                on_change.emit(());
                Ok(())
            });
        })
    };
    let address = contact.person.address.clone();
    let set = |value: bool| {
        let is_deleting = is_deleting.setter();
        Callback::from(move |()| is_deleting.set(value))
    };
    html! {
        <li class="contact" data-testid="contact" data-address={address.clone()} data-fingerprint={contact.fingerprint.clone()}>
            <details>
                <summary>
                    <Avatar person={contact.person.clone()} />
                    <span class="contact-name"><bdi>{ format::person(&contact.person) }</bdi><small>{ lookalike::shown(&address) }</small></span>
                    <span class={classes!("tag", class)}>{ icon(glyph) }{ word }</span>
                </summary>
                <LookAlikes people={vec![contact.person.clone()]} />
                <dl class="facts">
                    <dt>{ t!("fingerprint") }</dt><dd class="mono">{ format::fingerprint(&contact.fingerprint) }</dd>
                    <dt>{ t!("contact-source") }</dt><dd>{ source(contact.source) }</dd>
                    <dt>{ t!("contact-since") }</dt><dd>{ format::day(contact.first_seen) }</dd>
                </dl>
                if let Some(problem) = &contact.problem {
                    <p class="fault">{ icon(Glyph::Warn) }{ format::clean(problem) }</p>
                }
                <button type="button" class="button small quiet" data-testid="contact-delete" onclick={set(true).reform(|_: MouseEvent| ())}>{ t!("contact-forget") }</button>
            </details>
            if let Some(offered) = &contact.offered {
                <div class="note note-careful" data-testid="contact-offered">
                    { icon(Glyph::Warn) }
                    <div class="note-body">
                        <p>{ t!("contact-offered", name = format::person(&contact.person)) }</p>
                        <dl class="facts">
                            <dt>{ t!("key-old") }</dt><dd class="mono">{ format::fingerprint(&contact.fingerprint) }</dd>
                            <dt>{ t!("key-new") }</dt><dd class="mono">{ format::fingerprint(offered) }</dd>
                        </dl>
                        <div class="note-actions">
                            <button type="button" class="button small" data-testid="contact-accept" onclick={order(Request::AcceptKey { address: address.clone(), fingerprint: offered.clone() })}>{ t!("key-accept") }</button>
                        </div>
                    </div>
                </div>
            }
            if let Deed::Failed(failure) = &*deed {
                <FailureNote failure={failure.clone()} />
            }
            if *is_deleting {
                <Dialog title={t!("contact-forget-title", name = format::person(&contact.person))} testid="forget-dialog" on_close={set(false)}>
                    <p>{ t!("contact-forget-text") }</p>
                    <div class="actions">
                        <button type="button" class="button" data-testid="forget-yes" onclick={order(Request::DeleteContact { address: address.clone() })}>{ t!("contact-forget") }</button>
                        <button type="button" class="button quiet" onclick={set(false).reform(|_: MouseEvent| ())}>{ t!("cancel") }</button>
                    </div>
                </Dialog>
            }
        </li>
    }
}
