//! The questions of a newcomer: address and name, passphrase, picture.

use ext_protocol::view::Mark;
use yew::prelude::*;

use super::is_address;
use crate::components::{Busy, FailureNote, Field, value_of};
use crate::i18n::t;
use crate::mark::{self, MarkChoice};
use crate::pages::background::Deed;
use crate::pages::passphrase::{Choice, Fault, NewPassphrase, check, no_reset};
use crate::pages::shell::use_heading_focus;

/// Properties of [`AddressStep`].
#[derive(Properties, PartialEq)]
pub(super) struct AddressStepProps {
    pub(super) address: String,
    pub(super) name: String,
    pub(super) on_next: Callback<(String, String)>,
    pub(super) on_file: Callback<()>,
    pub(super) on_sheet: Callback<()>,
    pub(super) on_server: Callback<()>,
}

/// Who are you?
#[component]
pub(super) fn AddressStep(props: &AddressStepProps) -> Html {
    let (address, name) = (use_node_ref(), use_node_ref());
    let is_wrong = use_state_eq(|| false);
    let onsubmit = {
        let (address, name, is_wrong) = (address.clone(), name.clone(), is_wrong.clone());
        let on_next = props.on_next.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let typed = value_of(&address).trim().to_owned();
            if is_address(&typed) {
                on_next.emit((typed, value_of(&name).trim().to_owned()));
            } else {
                is_wrong.set(true);
            }
        })
    };
    let fault = is_wrong.then(|| AttrValue::from(t!("welcome-address-fault")));
    html! {
        <form {onsubmit}>
            <p class="steps">{ t!("step-of", n = 1) }</p>
            <h1>{ t!("welcome-heading") }</h1>
            <p>{ t!("welcome-text") }</p>
            <Field id="address" label={t!("welcome-address")} node={address} value={props.address.clone()} inputmode="email" autocomplete="email"
                placeholder={t!("recipient-placeholder")} {fault} autofocus={true} />
            <Field id="name" label={t!("your-name")} node={name} value={props.name.clone()} autocomplete="name" hint={t!("name-hint")} />
            <div class="actions"><button type="submit" class="button seal" data-testid="next">{ t!("next") }</button></div>
            <p class="links">
                { t!("welcome-have-key") }{ " " }
                <button type="button" class="link-button" data-testid="from-file" onclick={props.on_file.reform(|_: MouseEvent| ())}>{ t!("welcome-from-file") }</button>
                <button type="button" class="link-button" data-testid="from-sheet" onclick={props.on_sheet.reform(|_: MouseEvent| ())}>{ t!("welcome-from-sheet") }</button>
                <button type="button" class="link-button" data-testid="from-server" onclick={props.on_server.reform(|_: MouseEvent| ())}>{ t!("welcome-from-server") }</button>
            </p>
        </form>
    }
}

/// Properties of [`PassphraseStep`].
#[derive(Properties, PartialEq)]
pub(super) struct PassphraseStepProps {
    pub(super) choice: Choice,
    pub(super) on_choice: Callback<Choice>,
    pub(super) node: NodeRef,
    pub(super) known: Vec<String>,
    pub(super) on_back: Callback<()>,
    pub(super) on_next: Callback<()>,
}

/// What opens it all?
#[component]
pub(super) fn PassphraseStep(props: &PassphraseStepProps) -> Html {
    let fault = use_state_eq(|| None::<Fault>);
    let onsubmit = {
        let (choice, node, known) = (
            props.choice.clone(),
            props.node.clone(),
            props.known.clone(),
        );
        let (fault, on_next) = (fault.clone(), props.on_next.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            match check(&choice, &value_of(&node), &known) {
                Ok(_) => {
                    fault.set(None);
                    on_next.emit(());
                }
                Err(problem) => fault.set(Some(problem)),
            }
        })
    };
    let on_choice = {
        let (fault, on_choice) = (fault.clone(), props.on_choice.clone());
        Callback::from(move |choice: Choice| {
            fault.set(None);
            on_choice.emit(choice);
        })
    };
    let text = match props.choice {
        Choice::Drawn(_) => t!("welcome-passphrase-drawn"),
        Choice::Own => t!("welcome-passphrase-own"),
    };
    html! {
        <form {onsubmit}>
            <p class="steps">{ t!("step-of", n = 2) }</p>
            <h1>{ t!("welcome-passphrase-heading") }</h1>
            <p>{ text }</p>
            <NewPassphrase choice={props.choice.clone()} {on_choice} node={props.node.clone()} fault={*fault} known={props.known.clone()} />
            { no_reset() }
            <div class="actions">
                <button type="submit" class="button seal" data-testid="next">{ t!("next") }</button>
                <button type="button" class="button quiet" data-testid="back" onclick={props.on_back.reform(|_: MouseEvent| ())}>{ t!("back") }</button>
            </div>
        </form>
    }
}

/// Properties of [`PictureStep`].
#[derive(Properties, PartialEq)]
pub(super) struct PictureStepProps {
    pub(super) mark: Mark,
    pub(super) on_mark: Callback<Mark>,
    pub(super) deed: Deed<()>,
    /// Keys come from a server instead of being made.
    pub(super) is_server: bool,
    pub(super) on_back: Callback<()>,
    pub(super) on_create: Callback<()>,
}

/// By what will you know us?
#[component]
pub(super) fn PictureStep(props: &PictureStepProps) -> Html {
    let heading = use_heading_focus();
    let onsubmit = {
        let on_create = props.on_create.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            on_create.emit(());
        })
    };
    let is_working = props.deed.is_working();
    html! {
        <form {onsubmit}>
            <p class="steps">{ t!("step-of", n = 3) }</p>
            <h1 ref={heading} tabindex="-1">{ t!("welcome-picture-heading") }</h1>
            <p>{ t!("welcome-picture-text") }</p>
            <div class="mark-sample">{ mark::picture(props.mark) }<span>{ mark::says(props.mark) }</span></div>
            <div inert={is_working}><MarkChoice mark={props.mark} on_choose={props.on_mark.clone()} /></div>
            if is_working {
                <Busy text={if props.is_server { t!("from-server-entering") } else { t!("welcome-creating") }} />
            }
            if let Deed::Failed(failure) = &props.deed {
                <FailureNote failure={failure.clone()} />
            }
            <div class="actions">
                <button type="submit" class="button seal" data-testid="create" disabled={is_working}>
                    { if props.is_server { t!("from-server-create") } else { t!("welcome-create") } }
                </button>
                <button type="button" class="button quiet" data-testid="back" disabled={is_working} onclick={props.on_back.reform(|_: MouseEvent| ())}>{ t!("back") }</button>
            </div>
        </form>
    }
}
