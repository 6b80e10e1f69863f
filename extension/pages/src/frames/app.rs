//! The root of a frame: says hello, learns its role, and shows the part that fills it.

use ext_protocol::failure::Failure;
use ext_protocol::frame::{Answer, Event, Request, Role};
use ext_protocol::view::{Mark, VaultState};
use gloo::events::EventListener;
use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::editor::Editor;
use super::height::HeightReport;
use super::host::Host;
use super::keys::{Backup, ConfirmImport, Generator, Restore};
use super::reader::Reader;
use crate::components::FailureNote;
use crate::dom;
use crate::errors::unexpected;
use crate::guard::GuardedButton;
use crate::i18n::{self, t};
use crate::link::{FrameTongue, Link, News, Pending};
use crate::mark;
use ext_browser::runtime::Port;

/// What happens to a frame.
pub(super) enum Message {
    /// The background said what the frame is for.
    Ready(Box<Answer>),
    /// It knows the frame and cannot make it what it is for.
    Failed(Failure),
    /// It said something else.
    Event(Event),
    /// The browser stopped it.
    Gone,
    /// Somebody is here again, or the vault's state has changed: connect if need be.
    Wake,
}

struct Known {
    role: Role,
    mark: Mark,
    vault: VaultState,
}

/// The frame.
pub(super) struct FrameApp {
    host: Host,
    known: Option<Known>,
    failure: Option<Failure>,
    /// Counts greetings: an editor that was locked begins anew with what the next one brings.
    generation: u32,
    token: String,
    height: Option<HeightReport>,
    _waking: Vec<EventListener>,
}

/// What `loader/frame.js` left for us.
struct Start {
    token: String,
    hello: Pending<FrameTongue>,
    opened: Option<Pending<FrameTongue>>,
}

fn take_start(link: &Link<FrameTongue>) -> Result<Start, Failure> {
    let start = Reflect::get(&js_sys::global(), &"letterlockStart".into())
        .map_err(|_| unexpected("the loader did not run"))?;
    let field = |name: &str| Reflect::get(&start, &name.into()).unwrap_or(JsValue::UNDEFINED);
    let token = field("token").as_string().unwrap_or_default();
    let port = field("port");
    if field("gone").is_truthy() || !port.is_object() {
        return Err(Failure {
            kind: ext_protocol::failure::FailureKind::NotAllowed,
            detail: "the background closed the line".to_owned(),
        });
    }
    let _ = Reflect::set(&start, &"taken".into(), &JsValue::TRUE);
    link.adopt(port.unchecked_into::<Port>(), 3);
    let hello = link.expect(1);
    let opened = field("asked").is_truthy().then(|| link.expect(2));
    let early: Array = field("early").dyn_into().unwrap_or_default();
    for message in early.iter() {
        link.hear(message);
    }
    Ok(Start {
        token,
        hello,
        opened,
    })
}

/// The session outlives the frame's document, where the browser lets it.
fn keep_session(token: &str, session: &str) {
    let storage = dom::window().and_then(|w| w.session_storage().ok().flatten());
    if let Some(storage) = storage {
        let _ = storage.set_item(token, session);
    }
}

impl Component for FrameApp {
    type Message = Message;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        let on_news = ctx.link().callback(|news: News<FrameTongue>| match news {
            News::Event(event) => Message::Event(event),
            News::Greeted(answer) => Message::Ready(Box::new(answer)),
            News::Gone => Message::Gone,
        });
        let link = Link::new(move |news| on_news.emit(news));
        let (token, opened) = match take_start(&link) {
            Ok(start) => {
                let (line, app) = (link.clone(), ctx.link().clone());
                spawn_local(async move {
                    match start.hello.outcome().await {
                        Some(Ok(answer)) => {
                            line.greeted(&answer);
                            app.send_message(Message::Ready(Box::new(answer)));
                        }
                        // It is known, and what it was made for cannot be done: a draft, say,
                        // that is not the person's own.
                        Some(Err(failure)) => app.send_message(Message::Failed(failure)),
                        None => {}
                    }
                });
                (start.token, start.opened)
            }
            // Nobody's frame: it stays empty.
            Err(_) => (String::new(), None),
        };
        let waking = dom::window()
            .map(|window| {
                ["letterlock-wake", "focus", "pointerenter"]
                    .into_iter()
                    .map(|name| {
                        let wake = ctx.link().callback(|()| Message::Wake);
                        EventListener::new(&window, name, move |_| wake.emit(()))
                    })
                    .collect()
            })
            .unwrap_or_default();
        Self {
            host: Host::new(link, opened),
            known: None,
            failure: None,
            generation: 0,
            token,
            height: None,
            _waking: waking,
        }
    }

    fn update(&mut self, ctx: &Context<Self>, message: Message) -> bool {
        match message {
            Message::Ready(answer) => self.greeted(*answer),
            Message::Failed(failure) => {
                // Once greeted, a failed reconnection is told where something was asked.
                if self.known.is_none() {
                    self.fail(failure);
                }
                true
            }
            Message::Event(Event::Vault { state }) => {
                self.vault_changed(ctx, state);
                true
            }
            Message::Event(event) => {
                self.host.hear(event);
                false
            }
            Message::Gone => false,
            Message::Wake => {
                if !self.host.link.is_connected() && self.known.is_some() {
                    let line = self.host.link.clone();
                    spawn_local(async move {
                        let _ = line.connect().await;
                    });
                }
                false
            }
        }
    }

    fn rendered(&mut self, _: &Context<Self>, first: bool) {
        if first {
            let place = dom::document().and_then(|d| d.get_element_by_id("app"));
            self.height = place.and_then(|place| HeightReport::new(&place, self.host.link.clone()));
        }
    }

    fn view(&self, _: &Context<Self>) -> Html {
        if let Some(failure) = &self.failure {
            return html! { <main class="frame" data-testid="frame-failed"><FailureNote failure={failure.clone()} /></main> };
        }
        // Whoever was not greeted stands somewhere it does not belong, or is too late: not a line
        // is shown there, and nothing tells one reason from another.
        let Some(known) = &self.known else {
            return Html::default();
        };
        let host = self.host.with_mark(known.mark);
        html! {
            <ContextProvider<Host> context={host}>{ self.role(known) }</ContextProvider<Host>>
        }
    }
}

impl FrameApp {
    fn fail(&mut self, failure: Failure) {
        if self.known.is_none() {
            // Nobody has said in which language.
            i18n::choose("");
        }
        self.failure = Some(failure);
    }

    fn greeted(&mut self, answer: Answer) -> bool {
        let Answer::Ready {
            session,
            role,
            mark,
            vault,
            language,
        } = answer
        else {
            self.fail(unexpected("the greeting was not answered"));
            return true;
        };
        keep_session(&self.token, &session);
        i18n::choose(&language);
        // A frame that goes on after the background was stopped keeps what is typed in it.
        let goes_on = self
            .known
            .as_ref()
            .is_some_and(|known| known.vault == vault && is_same_kind(&known.role, &role));
        if vault != VaultState::Unlocked {
            self.host.forget();
        }
        if goes_on {
            if let Some(known) = &mut self.known {
                known.mark = mark;
            }
        } else {
            self.generation += 1;
            self.known = Some(Known { role, mark, vault });
        }
        self.failure = None;
        if let Some(height) = &self.height {
            height.repeat();
        }
        true
    }

    fn vault_changed(&mut self, ctx: &Context<Self>, state: VaultState) {
        let Some(known) = &mut self.known else { return };
        if known.vault == state {
            return;
        }
        if state == VaultState::Unlocked {
            // What a locked frame was not told comes with another greeting.
            let (line, app) = (self.host.link.clone(), ctx.link().clone());
            spawn_local(async move {
                if let Some(Ok(answer)) = line.greet_again().await {
                    app.send_message(Message::Ready(Box::new(answer)));
                }
            });
        } else {
            known.vault = state;
            self.generation += 1;
            self.host.forget();
        }
    }

    fn role(&self, known: &Known) -> Html {
        let key = self.generation;
        if known.vault != VaultState::Unlocked {
            return html! { <Locked key={key} is_set_up={known.vault != VaultState::NotSetUp} text={locked_text(&known.role)} /> };
        }
        match known.role.clone() {
            Role::Reader {
                sender,
                attachments,
                can_answer,
            } => html! { <Reader {key} {sender} {attachments} {can_answer} /> },
            role @ Role::Editor { .. } => {
                html! { <Editor {key} host={self.host.with_mark(known.mark)} {role} /> }
            }
            Role::Generator { people } => html! { <Generator {key} {people} /> },
            Role::ConfirmImport {
                user_ids,
                fingerprint,
                replaces,
                origin,
            } => html! { <ConfirmImport {key} {user_ids} {fingerprint} {replaces} {origin} /> },
            Role::Backup => html! { <Backup {key} /> },
            Role::Restore => html! { <Restore {key} /> },
        }
    }
}

fn is_same_kind(one: &Role, other: &Role) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other)
}

fn locked_text(role: &Role) -> String {
    match role {
        Role::Reader { sender, .. } if sender.name.is_empty() && sender.address.is_empty() => {
            t!("locked-reader-plain")
        }
        Role::Reader { sender, .. } => {
            t!("locked-reader", name = crate::format::person(sender))
        }
        Role::Editor { .. } => t!("locked-editor"),
        _ => t!("locked-other"),
    }
}

#[derive(Properties, PartialEq)]
struct LockedProps {
    is_set_up: bool,
    text: String,
}

/// One short line with a single button.
#[component]
fn Locked(props: &LockedProps) -> Html {
    let failure = use_state_eq(|| None::<Failure>);
    let Some(host) = use_context::<Host>() else {
        return Html::default();
    };
    let unlock = {
        let (host, failure) = (host.clone(), failure.setter());
        Callback::from(move |()| {
            let (host, failure) = (host.clone(), failure.clone());
            spawn_local(async move {
                let done = host.order(Request::Unlock).await;
                failure.set(done.err());
            });
        })
    };
    html! {
        <main class="frame one-line" data-testid="reader" data-state="locked">
            { mark::picture(host.mark) }
            <p class="one-line-text">{ props.text.clone() }</p>
            <GuardedButton class="small" testid="unlock" onclick={unlock}>
                { if props.is_set_up { t!("unlock") } else { t!("set-up") } }
            </GuardedButton>
            if let Some(failure) = &*failure {
                <FailureNote failure={failure.clone()} />
            }
        </main>
    }
}
