//! The editor: laid over the page's compose body, it seals a letter before the page sees any of
//! it. The page gets ciphertext, or what the person chose to give in so many words.

mod foot;
mod letter;
mod panels;
mod recipients;
mod trouble;
mod words;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use ext_protocol::failure::{Failure, FailureKind};
use ext_protocol::frame::{Answer, Draft, Event as FrameEvent, Request, Role};
use ext_protocol::view::RecipientState;
use gloo::timers::callback::Timeout;
use ui_kit::files::EnclosedList;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::host::Host;
use crate::components::{Busy, FailureNote, value_of};
use crate::errors::unexpected;
use crate::i18n::t;
use crate::{mark, transfer};
use foot::{Foot, kept_word, kept_words};
use letter::{Change, DraftState, Letter, LetterFile, Phase};
use panels::{AskDiscard, AskPage, AskPlain, LeftBehind, NotInserted, WasTyped};
use recipients::Chips;
use trouble::{SHORTEST_PASSWORD, Troubles};
use words::Words;

/// The draft is kept this long after the last change, milliseconds.
const KEEP_AFTER: u32 = 1_200;

/// Properties of [`Editor`].
#[derive(Properties)]
pub(super) struct EditorProps {
    pub(super) host: Host,
    /// [`Role::Editor`].
    pub(super) role: Role,
}

impl PartialEq for EditorProps {
    /// What an editor begins with matters once; a new beginning comes with another key.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// What happens to the editor.
pub(in crate::frames) enum Message {
    Change(Change),
    Event(Rc<FrameEvent>),
    Looked(Vec<String>, Result<Vec<RecipientState>, Failure>),
    Files(Vec<web_sys::File>),
    FileRead(Result<LetterFile, String>),
    Keep,
    WasKept(Result<(), Failure>),
    Seal,
    Sealed(Result<(), Failure>),
    Ask(Option<Question>),
    InsertPlain,
    Discard,
    Stop,
    /// The page may have the letter it asks for, or not.
    AnswerPage(bool),
    Dragging(bool),
}

/// What is asked before it is done.
#[derive(Clone, PartialEq)]
pub(super) enum Question {
    /// Really unsealed?
    Plain,
    /// Really throw it away?
    Discard,
    /// The page wants it, sealed to these.
    Page {
        recipients: Vec<String>,
        draft: bool,
    },
}

/// The editor.
pub(super) struct Editor {
    host: Host,
    letter: Rc<Letter>,
    draft: Draft,
    words: NodeRef,
    password: NodeRef,
    fault: Option<String>,
    question: Option<Question>,
    timer: Option<Timeout>,
    is_asked_again: bool,
    is_dragging: bool,
    is_looking: bool,
    /// By file, the connection over which it was sent.
    sent: Rc<RefCell<HashMap<u32, u32>>>,
}

/// Sends the files the background does not have yet.
async fn send_files(
    host: &Host,
    files: &[Rc<LetterFile>],
    sent: &RefCell<HashMap<u32, u32>>,
) -> Result<(), Failure> {
    for file in files {
        let known = sent.borrow().get(&file.number).copied();
        let Some(data) = &file.data else { continue };
        if known == Some(host.link.epoch()) {
            continue;
        }
        // A background that was stopped may have found the file in the kept draft again; it drops
        // what it has when more of it comes, and takes it the second time.
        if send_file(host, file.number, data).await.is_err() {
            send_file(host, file.number, data).await?;
        }
        sent.borrow_mut().insert(file.number, host.link.epoch());
    }
    Ok(())
}

async fn send_file(host: &Host, number: u32, data: &[u8]) -> Result<(), Failure> {
    for part in transfer::split(number, data) {
        host.order(Request::Part(part)).await?;
    }
    Ok(())
}

/// Sends files and then the request that names them; once more if the background was stopped
/// between the two.
async fn send(
    host: Host,
    files: Vec<Rc<LetterFile>>,
    sent: Rc<RefCell<HashMap<u32, u32>>>,
    request: Request,
    may_repeat: bool,
) -> Result<(), Failure> {
    let before = host.link.epoch();
    let first = match send_files(&host, &files, &sent).await {
        Ok(()) => host.order(request.clone()).await,
        Err(failure) => Err(failure),
    };
    match first {
        Err(failure)
            if may_repeat
                && failure.kind == FailureKind::Internal
                && host.link.epoch() != before =>
        {
            send_files(&host, &files, &sent).await?;
            host.order(request).await
        }
        other => other,
    }
}

impl Component for Editor {
    type Message = Message;
    type Properties = EditorProps;

    fn create(ctx: &Context<Self>) -> Self {
        let host = ctx.props().host.clone();
        Self::begin(ctx, host)
    }

    fn update(&mut self, ctx: &Context<Self>, message: Message) -> bool {
        match message {
            Message::Change(change) => self.change(ctx, change),
            Message::Event(event) => self.hear(ctx, &event),
            Message::Looked(addresses, outcome) => self.looked(ctx, addresses, outcome),
            Message::Files(files) => {
                for file in files {
                    let number = self.host.file_number();
                    let app = ctx.link().clone();
                    spawn_local(async move {
                        let read = ui_kit::files::read(&file).await;
                        app.send_message(Message::FileRead(match read {
                            Some(data) => Ok(LetterFile::picked(&file, number, data)),
                            None => Err(file.name()),
                        }));
                    });
                }
            }
            Message::FileRead(Ok(file)) => self.change(ctx, Change::AddFile(Rc::new(file))),
            Message::FileRead(Err(name)) => {
                self.fault = Some(t!("file-unreadable", name = crate::format::clean(&name)));
            }
            Message::Keep => self.keep(ctx),
            Message::WasKept(outcome) => self.was_kept(ctx, outcome),
            Message::Seal => self.seal(ctx),
            Message::Sealed(outcome) => self.sealed(ctx, outcome),
            Message::Ask(question) => self.question = question,
            Message::InsertPlain => self.insert_plain(ctx),
            Message::Discard => {
                self.timer = None;
                self.question = None;
                self.run(ctx, Request::Discard);
            }
            Message::Stop => self.host.link.tell(Request::Cancel),
            Message::AnswerPage(yes) => self.answer_page(ctx, yes),
            Message::Dragging(is) => self.is_dragging = is,
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let letter = &self.letter;
        let app = ctx.link();
        let on_change = app.callback(Message::Change);
        let on_files = app.callback(Message::Files);
        let is_working = matches!(letter.phase, Phase::Working { .. });
        let on_subject = on_change
            .reform(|event: InputEvent| Change::Subject(crate::components::input_value(&event)));
        let ondragover = app.callback(|event: DragEvent| {
            event.prevent_default();
            Message::Dragging(true)
        });
        let ondragleave = app.callback(|_: DragEvent| Message::Dragging(false));
        let ondrop = app.batch_callback(|event: DragEvent| {
            event.prevent_default();
            let files = event.data_transfer().and_then(|data| data.files());
            let files = files
                .map(|list| ui_kit::files::all(&list))
                .unwrap_or_default();
            vec![Message::Dragging(false), Message::Files(files)]
        });
        let (state, busy) = match &letter.phase {
            Phase::Writing => ("writing", None),
            Phase::Working { percent, step } => ("working", Some((*percent, *step))),
            Phase::Failed(_) => ("failed", None),
            Phase::Inserted => ("inserted", None),
            Phase::NotInserted { .. } => ("not-inserted", None),
        };
        let takes = letter.takes_files;
        html! {
            <main class={classes!("frame", "editor", (self.is_dragging && takes).then_some("is-dragging"))} data-testid="editor" data-state={state}
                ondragover={takes.then_some(ondragover)} ondragleave={takes.then_some(ondragleave)} ondrop={takes.then_some(ondrop)}>
                <header class="editor-head">
                    { mark::picture(self.host.mark) }
                    <h1>{ t!("editor-title") }</h1>
                    <p class="draft-state" data-testid="draft-state" data-state={kept_word(letter.kept)} role="status">{ kept_words(letter.kept) }</p>
                </header>
                if letter.was_typed {
                    <WasTyped on_seen={on_change.reform(|()| Change::NoticeSeen)} />
                }
                if letter.left_behind {
                    <LeftBehind />
                }
                <div class="editor-sheet" inert={is_working}>
                    if !letter.page_encrypts {
                        <Chips letter={letter.clone()} on_change={on_change.clone()} />
                        <Troubles letter={letter.clone()} password={self.password.clone()} on_change={on_change.clone()}
                            on_plain={app.callback(|()| Message::Ask(Some(Question::Plain)))} />
                        <div class="compose-row">
                            <label for="subject">{ t!("subject") }</label>
                            <input id="subject" data-testid="subject" class="bare" type="text" autocomplete="off" value={letter.subject.clone()} oninput={on_subject} />
                            if letter.encrypt && letter.hide_subject {
                                <span class="subject-note" title={t!("choice-hide-subject-hint")}>{ t!("subject-hidden") }</span>
                            }
                        </div>
                    }
                    <Words node={self.words.clone()} is_rich={letter.is_rich} text={self.draft.text.clone()} html={self.draft.html.clone().map(AttrValue::from)}
                        is_first={!letter.everybody().is_empty()} on_typed={on_change.reform(|()| Change::Typed)} on_files={on_files.clone()} />
                    <EnclosedList files={letter.enclosed()} on_remove={on_change.reform(Change::RemoveFile)} />
                    if self.is_dragging && takes {
                        <p class="drop-here">{ t!("drop-here") }</p>
                    }
                </div>
                if let Some(fault) = &self.fault {
                    <p class="fault" role="alert" data-testid="editor-fault">{ fault.clone() }</p>
                }
                if let Some((percent, step)) = busy {
                    <Busy text={super::reader::step_text(step)} percent={percent} on_stop={app.callback(|()| Message::Stop)} />
                }
                { self.outcome() }
                { self.ask(ctx) }
                <Foot letter={letter.clone()} on_change={on_change} on_files={on_files} on_seal={app.callback(|()| Message::Seal)}
                    on_plain={app.callback(|()| Message::Ask(Some(Question::Plain)))}
                    on_discard={app.callback(|()| Message::Ask(Some(Question::Discard)))} />
            </main>
        }
    }
}

impl Editor {
    fn begin(ctx: &Context<Self>, host: Host) -> Self {
        host.listen(ctx.link().callback(Message::Event));
        let (letter, draft) = Letter::from_role(&ctx.props().role).unwrap_or_default();
        host.number_files_from(letter.first_free_number());
        let editor = Self {
            host,
            letter: Rc::new(letter),
            draft,
            words: NodeRef::default(),
            password: NodeRef::default(),
            fault: None,
            question: None,
            timer: None,
            is_asked_again: false,
            is_dragging: false,
            is_looking: false,
            sent: Rc::default(),
        };
        ctx.link()
            .send_message(Message::Change(Change::Looked(Vec::new())));
        editor
    }

    /// Makes a change, and whatever follows from it.
    fn change(&mut self, ctx: &Context<Self>, change: Change) {
        // The words move with the field's kind.
        if let Change::Rich(is_rich) = change {
            let (text, html) = words::read(&self.words);
            self.draft.text = text;
            self.draft.html = html.filter(|_| is_rich);
        }
        let is_draft = Rc::make_mut(&mut self.letter).apply(change);
        if is_draft {
            self.fault = None;
            let app = ctx.link().clone();
            self.timer = Some(Timeout::new(KEEP_AFTER, move || {
                app.send_message(Message::Keep);
            }));
        }
        self.look_up(ctx);
    }

    /// Looks the unknown recipients up, in one go and one at a time.
    fn look_up(&mut self, ctx: &Context<Self>) {
        let addresses = self.letter.unknown();
        if addresses.is_empty() || self.is_looking || self.letter.page_encrypts {
            return;
        }
        self.is_looking = true;
        let (host, app) = (self.host.clone(), ctx.link().clone());
        spawn_local(async move {
            let request = Request::Recipients {
                addresses: addresses.clone(),
            };
            let outcome = match host.link.ask(request).await {
                Ok(Answer::Recipients { states }) => Ok(states),
                Ok(_) => Err(unexpected("another answer than asked for")),
                Err(failure) => Err(failure),
            };
            app.send_message(Message::Looked(addresses, outcome));
        });
    }

    fn looked(
        &mut self,
        ctx: &Context<Self>,
        addresses: Vec<String>,
        outcome: Result<Vec<RecipientState>, Failure>,
    ) {
        self.is_looking = false;
        let mut states = outcome.unwrap_or_default();
        // Whoever got no answer was not found out about; the person may look again.
        states.resize(addresses.len(), RecipientState::Unknown);
        let found = addresses.into_iter().zip(states).collect();
        self.change(ctx, Change::Looked(found));
    }

    fn hear(&mut self, ctx: &Context<Self>, event: &FrameEvent) {
        match event {
            FrameEvent::Recipients(recipients) => {
                self.change(ctx, Change::PageRecipients(recipients.clone()));
            }
            FrameEvent::Progress { percent, step }
                if matches!(self.letter.phase, Phase::Working { .. }) =>
            {
                let phase = Phase::Working {
                    percent: *percent,
                    step: Some(*step),
                };
                self.change(ctx, Change::Phase(phase));
            }
            FrameEvent::NotInserted { failed, body } => {
                let phase = Phase::NotInserted {
                    failed: failed.clone(),
                    body: body.clone(),
                };
                self.change(ctx, Change::Phase(phase));
            }
            FrameEvent::PageWantsContent { recipients, draft } => {
                if self.letter.may_give(recipients, *draft) {
                    self.give_to_page(ctx, recipients.clone());
                } else {
                    self.question = Some(Question::Page {
                        recipients: recipients.clone(),
                        draft: *draft,
                    });
                }
            }
            _ => {}
        }
    }

    fn present(&self) -> Draft {
        let (text, html) = words::read(&self.words);
        self.letter.draft(text, html)
    }

    fn keep(&mut self, ctx: &Context<Self>) {
        self.timer = None;
        if self.letter.kept == DraftState::Working {
            self.is_asked_again = true;
            return;
        }
        if matches!(self.letter.phase, Phase::Working { .. }) {
            return;
        }
        let request = Request::SaveDraft(self.present());
        let (host, files, sent) = (
            self.host.clone(),
            self.letter.files.clone(),
            self.sent.clone(),
        );
        let app = ctx.link().clone();
        self.change(ctx, Change::Kept(DraftState::Working));
        spawn_local(async move {
            let outcome = send(host, files, sent, request, true).await;
            app.send_message(Message::WasKept(outcome));
        });
    }

    fn was_kept(&mut self, ctx: &Context<Self>, outcome: Result<(), Failure>) {
        let is_stale = std::mem::take(&mut self.is_asked_again) || self.timer.is_some();
        let kept = match outcome {
            Ok(()) if is_stale => DraftState::Changed,
            Ok(()) => DraftState::Safe,
            Err(_) => DraftState::Failed,
        };
        self.change(ctx, Change::Kept(kept));
        if is_stale && self.timer.is_none() {
            self.keep(ctx);
        }
    }

    fn seal(&mut self, ctx: &Context<Self>) {
        let password = value_of(&self.password);
        let needs_password = !self.letter.by_password().is_empty();
        if needs_password && password.chars().count() < SHORTEST_PASSWORD {
            self.fault = Some(t!("password-short", n = SHORTEST_PASSWORD));
            ui_kit::dom::focus_id("seal-password");
            return;
        }
        let outgoing = self
            .letter
            .outgoing(self.present(), needs_password.then_some(password));
        self.hand_over(ctx, Request::Encrypt(outgoing));
    }

    /// Hands the letter over, with its files, and shows that.
    fn hand_over(&mut self, ctx: &Context<Self>, request: Request) {
        self.timer = None;
        self.fault = None;
        self.question = None;
        let phase = Phase::Working {
            percent: 0,
            step: None,
        };
        self.change(ctx, Change::Phase(phase));
        let (host, files, sent) = (
            self.host.clone(),
            self.letter.files.clone(),
            self.sent.clone(),
        );
        let app = ctx.link().clone();
        spawn_local(async move {
            let outcome = send(host, files, sent, request, false).await;
            app.send_message(Message::Sealed(outcome));
        });
    }

    fn run(&mut self, ctx: &Context<Self>, request: Request) {
        let (host, app) = (self.host.clone(), ctx.link().clone());
        spawn_local(async move {
            if let Err(failure) = host.order(request).await {
                app.send_message(Message::Sealed(Err(failure)));
            }
        });
    }

    fn sealed(&mut self, ctx: &Context<Self>, outcome: Result<(), Failure>) {
        let phase = match outcome {
            // Told before: the page could not take it.
            _ if matches!(self.letter.phase, Phase::NotInserted { .. }) => return,
            Ok(()) if self.letter.page_encrypts => Phase::Writing,
            Ok(()) => Phase::Inserted,
            Err(failure) if failure.kind == FailureKind::Cancelled => Phase::Writing,
            Err(failure) => {
                // What was believed of the recipients was wrong: they are looked up again.
                if matches!(
                    failure.kind,
                    FailureKind::RecipientWithoutKey | FailureKind::KeyChanged
                ) {
                    Rc::make_mut(&mut self.letter).states.clear();
                }
                Phase::Failed(failure)
            }
        };
        self.change(ctx, Change::Phase(phase));
    }

    fn insert_plain(&mut self, ctx: &Context<Self>) {
        let (text, _) = words::read(&self.words);
        let subject = self.letter.subject.clone();
        self.hand_over(ctx, Request::InsertPlain { text, subject });
    }

    fn answer_page(&mut self, ctx: &Context<Self>, yes: bool) {
        if let Some(Question::Page { recipients, draft }) = self.question.take() {
            if yes {
                if !draft {
                    Rc::make_mut(&mut self.letter).accept(&recipients);
                }
                self.give_to_page(ctx, recipients);
            } else {
                self.host.link.tell(Request::Cancel);
            }
        }
    }

    fn give_to_page(&mut self, ctx: &Context<Self>, recipients: Vec<String>) {
        let mut outgoing = self.letter.outgoing(self.present(), None);
        outgoing.recipients = ext_protocol::content::Recipients {
            to: recipients
                .into_iter()
                .map(|address| ext_protocol::view::Person {
                    name: String::new(),
                    address,
                })
                .collect(),
            ..Default::default()
        };
        self.hand_over(ctx, Request::Encrypt(outgoing));
    }

    fn outcome(&self) -> Html {
        match &self.letter.phase {
            Phase::Failed(failure) => html! {
                <FailureNote failure={failure.clone()}><p>{ t!("letter-kept") }</p></FailureNote>
            },
            Phase::Inserted => html! {
                <p class="done" role="status" data-testid="inserted">{ ui_kit::icon::icon(ui_kit::icon::Glyph::Check) }{ t!("inserted") }</p>
            },
            Phase::NotInserted { failed, body } => html! {
                <NotInserted failed={failed.clone()} body={body.clone()} />
            },
            Phase::Writing | Phase::Working { .. } => Html::default(),
        }
    }

    fn ask(&self, ctx: &Context<Self>) -> Html {
        let app = ctx.link();
        let close = app.callback(|()| Message::Ask(None));
        match &self.question {
            None => Html::default(),
            Some(Question::Plain) => html! {
                <AskPlain on_yes={app.callback(|()| Message::InsertPlain)} on_no={close} />
            },
            Some(Question::Discard) => html! {
                <AskDiscard on_yes={app.callback(|()| Message::Discard)} on_no={close} />
            },
            Some(Question::Page { recipients, draft }) => html! {
                // Another question has another button: it has to be seen again before it counts.
                <AskPage key={recipients.join(" ")} recipients={recipients.clone()} is_draft={*draft} is_signed={self.letter.sign} on_answer={app.callback(Message::AnswerPage)} />
            },
        }
    }
}
