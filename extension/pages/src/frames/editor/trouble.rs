//! The one thing in the editor in amber: recipients who would break the seal, with honest choices.

use std::rc::Rc;

use ext_protocol::failure::Failure;
use ext_protocol::frame::Request;
use ext_protocol::view::{Person, RecipientState};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::letter::{Change, Letter};
use crate::components::{FailureNote, Field};
use crate::format;
use crate::frames::host::Host;
use crate::guard::GuardedButton;
use crate::i18n::t;
use ui_kit::icon::{Glyph, icon};
use ui_kit::lookalike::LookAlikes;

/// Shorter passwords are refused: the sealed letter can be guessed at without end.
pub(super) const SHORTEST_PASSWORD: usize = 10;

/// Properties of [`Troubles`].
#[derive(Properties, PartialEq)]
pub(super) struct TroublesProps {
    pub(super) letter: Rc<Letter>,
    /// The field the password is typed in.
    pub(super) password: NodeRef,
    pub(super) on_change: Callback<Change>,
    /// The person would rather go on unsealed: it is asked for once more.
    pub(super) on_plain: Callback<()>,
}

/// One note a troubled recipient; the password's field once there is one.
#[component]
pub(super) fn Troubles(props: &TroublesProps) -> Html {
    let letter = &props.letter;
    let by_password = letter.by_password();
    let no_password = props
        .on_change
        .reform(|_: MouseEvent| Change::UsePassword(false));
    html! {
        <div class="troubles" id="troubles" aria-live="polite">
            <LookAlikes people={letter.written_to()} />
            for (person, state) in letter.troubled() {
                <Trouble key={person.address.clone()} person={person.clone()} state={state.clone()} on_change={props.on_change.clone()} on_plain={props.on_plain.clone()} />
            }
            if !by_password.is_empty() {
                <section class="note" data-testid="password-note" aria-label={t!("message-password")}>
                    { icon(Glyph::Key) }
                    <div class="note-body">
                        <p>{ t!("password-text", names = by_password.iter().map(|p| format::person(p)).collect::<Vec<_>>().join(", ")) }</p>
                        <Field id="seal-password" label={t!("message-password")} node={props.password.clone()} is_secret={true} is_shown={true}
                            hint={t!("password-hint", n = SHORTEST_PASSWORD)} />
                    </div>
                    <button type="button" class="button small quiet" data-testid="password-drop" onclick={no_password}>{ t!("password-drop") }</button>
                </section>
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct TroubleProps {
    person: Person,
    state: RecipientState,
    on_change: Callback<Change>,
    on_plain: Callback<()>,
}

#[component]
fn Trouble(props: &TroubleProps) -> Html {
    let is_comparing = use_state_eq(|| false);
    let name = format::person(&props.person);
    let address = props.person.address.clone();
    let (text, can_retry, can_go_on) = match &props.state {
        RecipientState::KeyChanged { .. } => {
            (t!("trouble-key-changed", name = name.clone()), false, false)
        }
        RecipientState::Unusable { reason } => (
            t!(
                "trouble-unusable",
                name = name.clone(),
                reason = format::clean(reason)
            ),
            true,
            true,
        ),
        RecipientState::NoKey => (t!("trouble-no-key", name = name.clone()), true, true),
        RecipientState::Unknown => (t!("trouble-unknown", name = name.clone()), true, true),
        RecipientState::NotAnAddress => (
            t!("trouble-not-an-address", name = name.clone()),
            false,
            false,
        ),
        RecipientState::Ready { .. } => return Html::default(),
    };
    let change = |change: Change| {
        let on_change = props.on_change.clone();
        Callback::from(move |_: MouseEvent| on_change.emit(change.clone()))
    };
    let compare = {
        let is_comparing = is_comparing.clone();
        Callback::from(move |_: MouseEvent| is_comparing.set(!*is_comparing))
    };
    html! {
        <section class="note note-careful" data-testid="chip-trouble" data-address={address.clone()} aria-label={name.clone()}>
            { icon(Glyph::Warn) }
            <div class="note-body">
                <p>{ text }</p>
                if let (true, RecipientState::KeyChanged { old, new, .. }) = (*is_comparing, &props.state) {
                    <Comparison person={props.person.clone()} old={old.clone()} new={new.clone()} on_change={props.on_change.clone()} />
                }
                <div class="note-actions">
                    if matches!(props.state, RecipientState::KeyChanged { .. }) {
                        <button type="button" class="button small" data-testid="chip-compare" aria-expanded={is_comparing.to_string()} onclick={compare}>{ t!("trouble-compare") }</button>
                    }
                    if can_retry {
                        <button type="button" class="button small" data-testid="chip-retry" onclick={change(Change::LookAgain(address.clone()))}>{ t!("trouble-retry") }</button>
                    }
                    <button type="button" class="button small" data-testid="chip-drop" onclick={change(Change::Remove(address.clone()))}>{ t!("trouble-leave-out") }</button>
                    if can_go_on {
                        <button type="button" class="button small" data-testid="chip-password" onclick={change(Change::UsePassword(true))}>{ t!("trouble-password") }</button>
                        <button type="button" class="button small quiet" data-testid="chip-plain" onclick={props.on_plain.reform(|_: MouseEvent| ())}>{ t!("trouble-plain") }</button>
                    }
                </div>
            </div>
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct ComparisonProps {
    person: Person,
    old: String,
    new: String,
    on_change: Callback<Change>,
}

/// Both fingerprints, and what each choice means. Nothing is chosen beforehand: the safe way out
/// is to ask the person, not the page.
#[component]
fn Comparison(props: &ComparisonProps) -> Html {
    let failure = use_state_eq(|| None::<Failure>);
    let host = use_context::<Host>();
    let accept = {
        let (address, new) = (props.person.address.clone(), props.new.clone());
        let (failure, on_change) = (failure.setter(), props.on_change.clone());
        Callback::from(move |()| {
            let Some(host) = host.clone() else { return };
            let request = Request::AcceptKey {
                address: address.clone(),
                fingerprint: new.clone(),
            };
            let (address, failure, on_change) =
                (address.clone(), failure.clone(), on_change.clone());
            spawn_local(async move {
                match host.order(request).await {
                    Ok(()) => on_change.emit(Change::LookAgain(address)),
                    Err(problem) => failure.set(Some(problem)),
                }
            });
        })
    };
    html! {
        <div class="comparison" data-testid="key-comparison" data-question="">
            <p>{ t!("key-text", name = format::person(&props.person)) }</p>
            <dl class="facts">
                <dt>{ t!("key-old") }</dt><dd class="mono" data-testid="key-old">{ format::fingerprint(&props.old) }</dd>
                <dt>{ t!("key-new") }</dt><dd class="mono" data-testid="key-new">{ format::fingerprint(&props.new) }</dd>
            </dl>
            if let Some(failure) = &*failure {
                <FailureNote failure={failure.clone()} />
            }
            <GuardedButton class="small" testid="key-accept" onclick={accept}>{ t!("key-accept") }</GuardedButton>
        </div>
    }
}
