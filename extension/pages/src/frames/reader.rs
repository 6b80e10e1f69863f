//! The reader: one message, opened, with its verdict above it.

use std::rc::Rc;

use ext_protocol::content::AnswerKind;
use ext_protocol::failure::{Failure, FailureKind};
use ext_protocol::frame::{Answer, Event, Request, Step};
use ext_protocol::view::{Attachment, KeyOffer, OpenedMessage, Person};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::host::Host;
use crate::components::{
    Busy, FailureNote, Field, LetterHead, MessageBody, VerdictLine, protection_word,
    signature_word, value_of,
};
use crate::errors::{self, unexpected};
use crate::guard::GuardedButton;
use crate::i18n::t;
use crate::{dom, format, mark};
use ui_kit::files::{may_run, safe_name};
use ui_kit::icon::{Glyph, icon};
use ui_kit::lookalike::LookAlikes;

/// Properties of [`Reader`].
#[derive(Properties, PartialEq)]
pub(super) struct ReaderProps {
    /// As the page shows it.
    pub(super) sender: Person,
    /// Names of encrypted attachments, if it is about such.
    pub(super) attachments: Vec<String>,
    pub(super) can_answer: bool,
}

#[derive(Clone, PartialEq)]
enum Stage {
    Opening,
    Open(Rc<OpenedMessage>),
    Failed(Failure),
}

fn outcome(answer: Result<Answer, Failure>) -> Stage {
    match answer {
        Ok(Answer::Opened(message)) => Stage::Open(Rc::new(*message)),
        Ok(_) => Stage::Failed(unexpected("another answer than asked for")),
        Err(failure) => Stage::Failed(failure),
    }
}

/// The reader.
#[component]
pub(super) fn Reader(props: &ReaderProps) -> Html {
    let stage = use_state_eq(|| Stage::Opening);
    let is_remote = use_state_eq(|| false);
    let progress = use_state_eq(|| None::<(u8, Step)>);
    let host = use_context::<Host>();
    let ask = {
        let (host, stage) = (host.clone(), stage.setter());
        move |remote: bool, password: Option<String>| {
            let Some(host) = host.clone() else { return };
            let stage = stage.clone();
            spawn_local(async move {
                let answer = host.link.ask(Request::Open { remote, password }).await;
                stage.set(outcome(answer));
            });
        }
    };
    use_effect_with((), {
        let (host, stage, ask) = (host.clone(), stage.setter(), ask.clone());
        let progress = progress.setter();
        move |()| {
            let Some(host) = host else { return };
            host.listen(Callback::from(move |event: Rc<Event>| {
                if let Event::Progress { percent, step } = &*event {
                    progress.set(Some((*percent, *step)));
                }
            }));
            match host.early_opening() {
                Some(pending) => spawn_local(async move {
                    match pending.outcome().await {
                        Some(answer) => stage.set(outcome(answer)),
                        None => ask(false, None),
                    }
                }),
                None => ask(false, None),
            }
        }
    });
    let Some(host) = host else {
        return Html::default();
    };
    let again = {
        let (ask, stage) = (ask.clone(), stage.clone());
        Callback::from(move |password: Option<String>| {
            stage.set(Stage::Opening);
            ask(false, password);
        })
    };
    let on_remote = {
        let (ask, is_remote) = (ask.clone(), is_remote.clone());
        Callback::from(move |()| {
            is_remote.set(true);
            ask(true, None);
        })
    };
    match &*stage {
        Stage::Opening => html! {
            <main class="frame one-line" data-testid="reader" data-state="opening" aria-busy="true">
                { mark::picture(host.mark) }
                <div class="one-line-text">
                    <p>{ opening_text(&props.attachments) }</p>
                    <Busy text={step_text(progress.map(|p| p.1))} percent={progress.map(|p| p.0)} />
                </div>
            </main>
        },
        Stage::Failed(failure) => html! {
            <main class="frame one-line is-failed" data-testid="reader" data-state="failed">
                { mark::picture(host.mark) }
                <div class="failed-body"><Problem failure={failure.clone()} on_again={again} /></div>
            </main>
        },
        Stage::Open(message) => html! {
            <main class="frame reader-frame" data-testid="reader" data-state="open"
                data-protection={protection_word(message.verdict.protection)} data-signature={signature_word(&message.verdict.signature)}>
                <VerdictLine verdict={message.verdict.clone()} mark={mark::picture(host.mark)} />
                <LookAlikes people={vec![props.sender.clone(), message.from.clone()]} />
                <article class="reader-letter">
                    <LetterHead message={message.clone()} is_short={!message.verdict.headers_protected} />
                    <MessageBody message={message.clone()} is_remote={*is_remote} {on_remote} />
                    <Attachments files={message.attachments.clone()} />
                    if let Some(offer) = &message.attached_key {
                        <Offer offer={offer.clone()} from={message.from.clone()} />
                    }
                </article>
                if props.can_answer {
                    <Answering />
                }
            </main>
        },
    }
}

fn opening_text(attachments: &[String]) -> String {
    match attachments {
        [] => t!("reader-opening"),
        [one] => t!("reader-opening-file", name = format::clean(one)),
        more => t!("reader-opening-files", n = more.len()),
    }
}

pub(super) fn step_text(step: Option<Step>) -> String {
    match step {
        Some(Step::Fetching) => t!("step-fetching"),
        Some(Step::Sealing) => t!("step-sealing"),
        Some(Step::Opening) => t!("step-opening"),
        Some(Step::Inserting) => t!("step-inserting"),
        None => t!("step-wait"),
    }
}

#[derive(Properties, PartialEq)]
struct ProblemProps {
    failure: Failure,
    /// Tries again, with a password if one was asked for.
    on_again: Callback<Option<String>>,
}

#[component]
fn Problem(props: &ProblemProps) -> Html {
    let node = use_node_ref();
    let open = {
        let (node, on_again) = (node.clone(), props.on_again.clone());
        Callback::from(move |()| {
            let password = value_of(&node);
            if !password.is_empty() {
                on_again.emit(Some(password));
            }
        })
    };
    let onsubmit = Callback::from(|event: SubmitEvent| event.prevent_default());
    match props.failure.kind {
        kind @ (FailureKind::PasswordNeeded | FailureKind::WrongPassword) => html! {
            <form class="note password-note" {onsubmit}>
                { icon(Glyph::Sealed) }
                <div class="note-body">
                    <p>{ t!("reader-password") }</p>
                    <Field id="message-password" label={t!("message-password")} node={node} is_secret={true} hint={t!("message-password-hint")}
                        fault={(kind == FailureKind::WrongPassword).then(|| AttrValue::from(errors::sentence(kind)))} />
                    <div class="actions"><GuardedButton testid="message-password-open" onclick={open}>{ t!("open") }</GuardedButton></div>
                </div>
            </form>
        },
        _ => html! {
            <FailureNote failure={props.failure.clone()}>
                <div class="note-actions">
                    <button type="button" class="button small" data-testid="try-again" onclick={props.on_again.reform(|_: MouseEvent| None)}>{ t!("try-again") }</button>
                </div>
            </FailureNote>
        },
    }
}

/// Properties of [`Attachments`].
#[derive(Properties, PartialEq)]
struct AttachmentsProps {
    files: Vec<Attachment>,
}

/// Files of the message: saved, never opened in our own origin.
#[component]
fn Attachments(props: &AttachmentsProps) -> Html {
    if props.files.is_empty() {
        return Html::default();
    }
    html! {
        <section class="files" aria-label={t!("files")}>
            <h2>{ t!("files-count", n = props.files.len()) }</h2>
            <ul>
                for file in props.files.iter() {
                    <File key={file.index} file={file.clone()} />
                }
            </ul>
        </section>
    }
}

async fn fetch(host: &Host, index: u32) -> Result<(String, Vec<u8>), Failure> {
    match host.link.ask(Request::Attachment { index }).await? {
        Answer::File { file, name, .. } => host
            .finished_file(file)
            .map(|data| (name, data))
            .ok_or_else(|| unexpected("pieces of the file are missing")),
        _ => Err(unexpected("another answer than asked for")),
    }
}

#[derive(Properties, PartialEq)]
struct FileProps {
    file: Attachment,
}

#[component]
fn File(props: &FileProps) -> Html {
    let is_busy = use_state_eq(|| false);
    let is_warned = use_state_eq(|| false);
    let failure = use_state_eq(|| None::<Failure>);
    let host = use_context::<Host>();
    let file = &props.file;
    let name = format::clean(&file.name);
    let runs = may_run(&file.name);
    let save = {
        let (is_busy, is_warned, failure) = (is_busy.clone(), is_warned.clone(), failure.clone());
        let index = file.index;
        Callback::from(move |()| {
            let Some(host) = host.clone() else { return };
            if *is_busy {
                return;
            }
            if runs && !*is_warned {
                is_warned.set(true);
                return;
            }
            is_busy.set(true);
            let (is_busy, failure) = (is_busy.clone(), failure.clone());
            spawn_local(async move {
                let saved = fetch(&host, index).await.and_then(|(name, data)| {
                    dom::download(&safe_name(&name), &data)
                        .map_err(|_| unexpected("the browser refused to save it"))
                });
                failure.set(saved.err());
                is_busy.set(false);
            });
        })
    };
    let words = if *is_warned {
        t!("save-anyway")
    } else {
        t!("save")
    };
    html! {
        <li class="file-item" data-question="">
            <div class={classes!("file", runs.then_some("may-run"))} data-testid="attachment" data-name={file.name.clone()} data-size={file.size.to_string()}>
                { icon(if runs { Glyph::Warn } else { Glyph::File }) }
                <span class="file-name"><bdi>{ name.clone() }</bdi></span>
                <span class="file-size">{ format::size(file.size) }</span>
                <GuardedButton class="small" testid="attachment-save" glyph={Glyph::Save} disabled={*is_busy} label={t!("save-file", name = name)} onclick={save}>{ words }</GuardedButton>
            </div>
            if *is_busy {
                <Busy text={t!("step-fetching")} />
            }
            if *is_warned {
                <p class="hint file-warning" role="alert">{ t!("file-runs") }</p>
            }
            if let Some(failure) = &*failure {
                <FailureNote failure={failure.clone()} />
            }
        </li>
    }
}

#[derive(Properties, PartialEq)]
struct OfferProps {
    offer: KeyOffer,
    from: Person,
}

/// A key that came with the message: kept only when the person says so.
#[component]
fn Offer(props: &OfferProps) -> Html {
    let state = use_state_eq(|| None::<Result<(), Failure>>);
    let host = use_context::<Host>();
    let keep = {
        let state = state.clone();
        Callback::from(move |()| {
            let (Some(host), state) = (host.clone(), state.clone()) else {
                return;
            };
            spawn_local(async move {
                state.set(Some(host.order(Request::ImportKey).await));
            });
        })
    };
    let name = format::person(&props.from);
    if matches!(&*state, Some(Ok(()))) {
        return html! { <p class="done" role="status" data-testid="key-kept">{ icon(Glyph::Check) }{ t!("key-kept", name = name) }</p> };
    }
    let replaces = props.offer.replaces.as_ref();
    html! {
        <section class={classes!("note", replaces.is_some().then_some("note-careful"))} data-testid="key-offer" data-question="" aria-label={t!("key-offer-label")}>
            { icon(if replaces.is_some() { Glyph::Warn } else { Glyph::Key }) }
            <div class="note-body">
                if replaces.is_some() {
                    <p>{ t!("key-offer-other", name = name) }</p>
                } else {
                    <p>{ t!("key-offer", name = name) }</p>
                }
                <details>
                    <summary>{ t!("details") }</summary>
                    <dl class="facts">
                        for id in props.offer.user_ids.iter() {
                            <><dt>{ t!("user-id") }</dt><dd>{ format::clean(id) }</dd></>
                        }
                        <dt>{ t!("fingerprint") }</dt><dd class="mono">{ format::fingerprint(&props.offer.fingerprint) }</dd>
                        if let Some(old) = replaces {
                            <><dt>{ t!("key-old") }</dt><dd class="mono">{ format::fingerprint(old) }</dd></>
                        }
                    </dl>
                </details>
                if let Some(Err(failure)) = &*state {
                    <FailureNote failure={failure.clone()} />
                }
            </div>
            <GuardedButton class="small" testid="key-keep" onclick={keep}>{ t!("key-keep") }</GuardedButton>
        </section>
    }
}

/// Reply, reply to all, forward: the page's compose window opens with our editor in it.
#[component]
fn Answering() -> Html {
    let failure = use_state_eq(|| None::<Failure>);
    let host = use_context::<Host>();
    let answer = |kind: AnswerKind| {
        let (host, failure) = (host.clone(), failure.setter());
        Callback::from(move |()| {
            let (Some(host), failure) = (host.clone(), failure.clone()) else {
                return;
            };
            spawn_local(async move {
                failure.set(host.order(Request::Answer { kind }).await.err());
            });
        })
    };
    html! {
        <footer class="reader-foot" data-question="">
            <GuardedButton class="small" testid="reply" glyph={Glyph::Reply} onclick={answer(AnswerKind::Reply)}>{ t!("reply") }</GuardedButton>
            <GuardedButton class="small" testid="reply-all" glyph={Glyph::ReplyAll} onclick={answer(AnswerKind::ReplyAll)}>{ t!("reply-all") }</GuardedButton>
            <GuardedButton class="small" testid="forward" glyph={Glyph::Forward} onclick={answer(AnswerKind::Forward)}>{ t!("forward") }</GuardedButton>
            if let Some(failure) = &*failure {
                <FailureNote failure={failure.clone()} />
            }
        </footer>
    }
}
