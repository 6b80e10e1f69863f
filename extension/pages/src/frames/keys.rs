//! Key frames of the client API: what a webmail's page asks for, and only the person may grant.
//! Passphrases are never typed here: what needs one goes on in a window of our own.

use ext_protocol::failure::Failure;
use ext_protocol::frame::Request;
use ext_protocol::view::Person;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::host::Host;
use crate::components::{Busy, FailureNote, Field, value_of};
use crate::guard::GuardedButton;
use crate::i18n::t;
use crate::{format, mark};
use ui_kit::icon::{Glyph, icon};
use ui_kit::lookalike;

#[derive(Clone, PartialEq)]
enum Stage {
    Asking,
    Working,
    Done,
    Declined,
    Failed(Failure),
}

fn order(host: Option<Host>, stage: UseStateSetter<Stage>, request: Request, then: Stage) {
    let Some(host) = host else { return };
    stage.set(Stage::Working);
    spawn_local(async move {
        stage.set(match host.order(request).await {
            Ok(()) => then,
            Err(failure) => Stage::Failed(failure),
        });
    });
}

/// What the button that goes on does, and the one that does not.
fn answers(host: &Option<Host>, stage: &UseStateHandle<Stage>) -> (Callback<()>, Callback<()>) {
    let go = {
        let (host, stage) = (host.clone(), stage.setter());
        move |()| order(host.clone(), stage.clone(), Request::Confirm, Stage::Done)
    };
    let stop = {
        let (host, stage) = (host.clone(), stage.setter());
        move |()| {
            order(
                host.clone(),
                stage.clone(),
                Request::Cancel,
                Stage::Declined,
            )
        }
    };
    (Callback::from(go), Callback::from(stop))
}

#[derive(Properties, PartialEq)]
struct SheetProps {
    testid: AttrValue,
    title: AttrValue,
    stage: Stage,
    done: AttrValue,
    working: AttrValue,
    children: Html,
}

/// The sheet all key frames are written on: picture, title, and what became of it.
#[component]
fn Sheet(props: &SheetProps) -> Html {
    let Some(host) = use_context::<Host>() else {
        return Html::default();
    };
    let body = match &props.stage {
        Stage::Asking => props.children.clone(),
        Stage::Working => html! { <Busy text={props.working.clone()} /> },
        Stage::Done => html! {
            <p class="done" role="status" data-testid="key-done">{ icon(Glyph::Check) }{ props.done.clone() }</p>
        },
        Stage::Declined => {
            html! { <p role="status" data-testid="key-declined">{ t!("declined") }</p> }
        }
        Stage::Failed(failure) => html! {
            <>{ props.children.clone() }<FailureNote failure={failure.clone()} /></>
        },
    };
    html! {
        <main class="frame key-frame" data-testid={props.testid.clone()} data-question="">
            <header class="key-head">{ mark::picture(host.mark) }<h1>{ props.title.clone() }</h1></header>
            { body }
        </main>
    }
}

/// Properties of [`Generator`].
#[derive(Properties, PartialEq)]
pub(super) struct GeneratorProps {
    pub(super) people: Vec<Person>,
}

/// Makes a key pair for the addresses the page names.
#[component]
pub(super) fn Generator(props: &GeneratorProps) -> Html {
    let stage = use_state_eq(|| Stage::Asking);
    let name = use_node_ref();
    let host = use_context::<Host>();
    let make = {
        let (host, stage, name) = (host.clone(), stage.setter(), name.clone());
        Callback::from(move |()| {
            let request = Request::Generate {
                name: value_of(&name),
            };
            order(host.clone(), stage.clone(), request, Stage::Done);
        })
    };
    let (_, cancel) = answers(&host, &stage);
    let first = props
        .people
        .first()
        .map(|person| format::clean(&person.name))
        .unwrap_or_default();
    html! {
        <Sheet testid="generator" title={t!("generator-title")} stage={(*stage).clone()} done={t!("generator-done")} working={t!("generator-working")}>
            <p>{ t!("generator-text") }</p>
            <dl class="facts">
                for person in props.people.iter() {
                    <><dt>{ t!("address") }</dt><dd>{ lookalike::shown(&person.address) }</dd></>
                }
            </dl>
            <Field id="generator-name" label={t!("your-name")} node={name} value={first} hint={t!("name-hint")} autocomplete="name" />
            <div class="actions">
                <GuardedButton class="seal" testid="generator-make" onclick={make}>{ t!("generator-make") }</GuardedButton>
                <GuardedButton class="quiet" testid="generator-cancel" onclick={cancel}>{ t!("cancel") }</GuardedButton>
            </div>
        </Sheet>
    }
}

/// Properties of [`ConfirmImport`].
#[derive(Properties, PartialEq)]
pub(super) struct ConfirmImportProps {
    pub(super) user_ids: Vec<String>,
    pub(super) fingerprint: String,
    pub(super) replaces: Option<String>,
    /// The site that asks.
    pub(super) origin: String,
}

/// Asks whether a key that a page brings may be kept.
#[component]
pub(super) fn ConfirmImport(props: &ConfirmImportProps) -> Html {
    let stage = use_state_eq(|| Stage::Asking);
    let host = use_context::<Host>();
    let (keep, refuse) = answers(&host, &stage);
    html! {
        <Sheet testid="confirm-import" title={t!("import-title")} stage={(*stage).clone()} done={t!("import-done")} working={t!("step-wait")}>
            <p>{ t!("import-text", origin = format::clean(&props.origin)) }</p>
            <dl class="facts">
                for id in props.user_ids.iter() {
                    <><dt>{ t!("user-id") }</dt><dd>{ format::clean(id) }</dd></>
                }
                <dt>{ t!("fingerprint") }</dt><dd class="mono" data-testid="import-fingerprint">{ format::fingerprint(&props.fingerprint) }</dd>
            </dl>
            if let Some(old) = &props.replaces {
                <div class="note note-careful" data-testid="import-replaces">
                    { icon(Glyph::Warn) }
                    <div class="note-body">
                        <p>{ t!("import-replaces") }</p>
                        <p class="mono">{ format::fingerprint(old) }</p>
                    </div>
                </div>
            }
            <div class="actions">
                <GuardedButton testid="import-keep" onclick={keep}>{ t!("key-keep") }</GuardedButton>
                <GuardedButton class="quiet" testid="import-refuse" onclick={refuse}>{ t!("import-refuse") }</GuardedButton>
            </div>
        </Sheet>
    }
}

#[derive(Properties, PartialEq)]
struct ElsewhereProps {
    testid: AttrValue,
    title: AttrValue,
    text: AttrValue,
    action: AttrValue,
    done: AttrValue,
}

/// Something that goes on in a window of our own.
#[component]
fn Elsewhere(props: &ElsewhereProps) -> Html {
    let stage = use_state_eq(|| Stage::Asking);
    let host = use_context::<Host>();
    let (go, cancel) = answers(&host, &stage);
    html! {
        <Sheet testid={props.testid.clone()} title={props.title.clone()} stage={(*stage).clone()} done={props.done.clone()} working={t!("step-wait")}>
            <p>{ props.text.clone() }</p>
            <div class="actions">
                <GuardedButton testid="key-go" glyph={Glyph::Window} onclick={go}>{ props.action.clone() }</GuardedButton>
                <GuardedButton class="quiet" testid="key-cancel" onclick={cancel}>{ t!("cancel") }</GuardedButton>
            </div>
        </Sheet>
    }
}

/// Makes a recovery sheet.
#[component]
pub(super) fn Backup() -> Html {
    html! { <Elsewhere testid="backup" title={t!("backup-title")} text={t!("backup-text")} action={t!("backup-go")} done={t!("elsewhere-opened")} /> }
}

/// Takes keys back from a recovery sheet.
#[component]
pub(super) fn Restore() -> Html {
    html! { <Elsewhere testid="restore" title={t!("restore-title")} text={t!("restore-text")} action={t!("restore-go")} done={t!("elsewhere-opened")} /> }
}
