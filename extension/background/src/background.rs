//! The background as a whole: what is open, who is connected, what waits for whom.

use std::{
    cell::{Cell, RefCell},
    collections::{HashMap, HashSet},
    rc::Rc,
};

use crypto_core::ids::UnixTime;
use ext_protocol::{
    content,
    envelope::Reply,
    failure::{Failure, FailureKind},
    frame, page,
    provider::RuleSet,
    transfer::Part,
    view::{OpenedMessage, VaultState},
};
use futures::{
    channel::oneshot,
    future::{LocalBoxFuture, Shared},
};
use mail_client::{
    Client,
    found::OpenedLetter,
    sites::{Ring, SiteKeyring},
};
use serde::Serialize;

use crate::{
    frames::{Frame, Registry},
    host::{Host, Memory, PortId},
    limits::{self, Limiter},
    parts::Parts,
    sender::{Peer, Sender, Spot, identify},
    settings::Kept,
    sites::Choices,
};

/// What a content script hears.
pub(crate) type ToContent = Reply<content::Answer, content::Event>;
/// What a frame hears.
pub(crate) type ToFrame = Reply<frame::Answer, frame::Event>;
/// What a page of ours hears.
pub(crate) type ToPage = Reply<page::Answer, page::Event>;

/// The background.
pub struct Background<H: Host> {
    pub(crate) host: H,
    pub(crate) ports: RefCell<HashMap<PortId, Rc<Connected>>>,
    pub(crate) frames: RefCell<Registry>,
    /// Whose signature rules must carry.
    pub(crate) release_key: &'static [u8],
    pub(crate) rules: RefCell<Rc<RuleSet>>,
    pub(crate) kept: RefCell<Kept>,
    pub(crate) sites: RefCell<Choices>,
    pub(crate) vault: RefCell<crate::vault::Held>,
    /// Held while the vault is opened, so that it is opened once.
    pub(crate) opening: futures::lock::Mutex<Option<Rc<Client<H::Platform>>>>,
    /// Opened messages, by frame, while unlocked.
    pub(crate) opened: RefCell<HashMap<String, Rc<Letter>>>,
    /// Messages that are being opened, by frame, whether that has asked yet or not.
    pub(crate) ahead: RefCell<HashMap<String, Ahead>>,
    /// Files of editors, by frame.
    pub(crate) files: RefCell<HashMap<String, Parts>>,
    /// Files of drafts that lie in the vault already, by frame.
    pub(crate) written: RefCell<HashSet<(String, u32)>>,
    /// How a reader's message is being answered.
    pub(crate) answered: RefCell<HashMap<String, content::AnswerKind>>,
    /// Containers in which the person pressed the button that leads to a recovery sheet.
    pub(crate) sent_away: RefCell<HashSet<String>>,
    /// Readers in which the person has just pressed "reply" or "forward", with when.
    pub(crate) may_quote: RefCell<HashMap<String, u64>>,
    /// The height a content script was told last, by frame.
    pub(crate) heights: RefCell<HashMap<String, u32>>,
    /// Frames that are given room before their message is open, with what they asked for since.
    pub(crate) expected: RefCell<HashMap<String, u32>>,
    /// Clicks that came before the page asked for them.
    pub(crate) early: RefCell<HashMap<String, Decision>>,
    /// Key pairs made for a page that has not said yet whether it keeps them, by frame.
    pub(crate) unkept: RefCell<HashMap<String, Unkept>>,
    pub(crate) waits: Waits,
    /// Events for content scripts that have to come back first, with when they were put there.
    pub(crate) queued: RefCell<HashMap<Spot, Vec<(u64, content::Event)>>>,
    pub(crate) unlock_window: Cell<Option<i32>>,
    pub(crate) api_calls: RefCell<Limiter>,
    pub(crate) api_heavy: RefCell<Limiter>,
    pub(crate) content_calls: RefCell<Limiter>,
    pub(crate) lookups: RefCell<Limiter>,
    pub(crate) openings: RefCell<Limiter>,
    pub(crate) new_frames: RefCell<Limiter>,
    pub(crate) new_heights: RefCell<Limiter>,
    /// Numbers for files on their way out.
    pub(crate) next_file: Cell<u32>,
    /// What the icon shows, as the session's memory has it.
    pub(crate) shown: futures::lock::Mutex<String>,
    /// When the server was last asked, and when it last answered; milliseconds since 1970.
    pub(crate) synchronised: Cell<crate::account::Times>,
}

/// A key pair that lies nowhere yet.
pub(crate) struct Unkept {
    pub(crate) key: mail_client::sites::UnkeptKey,
    /// Milliseconds since 1970; then it is forgotten.
    pub(crate) until: u64,
}

/// An opening that several may wait for.
pub(crate) type Ahead = Shared<LocalBoxFuture<'static, Result<Rc<Letter>, Failure>>>;

/// A message that was opened for a frame.
pub(crate) struct Letter {
    pub(crate) letter: OpenedLetter,
    /// As the frame was told, but for the HTML, which is sanitised anew when it is asked for.
    pub(crate) view: OpenedMessage,
    /// A file of it could not be had.
    pub(crate) is_partial: bool,
}

/// Who waits for what a peer will say.
#[derive(Default)]
pub(crate) struct Waits {
    /// Editors, for what the page could not take.
    pub(crate) inserts: RefCell<HashMap<String, oneshot::Sender<Vec<String>>>>,
    /// Readers, for an attachment from the page.
    pub(crate) fetches: RefCell<HashMap<(String, u32), Fetching>>,
    /// The page, for the content of an editor: `None` when the person declined.
    pub(crate) contents: RefCell<HashMap<String, oneshot::Sender<Option<frame::Outgoing>>>>,
    /// The page, for a click in a frame.
    pub(crate) decisions: RefCell<HashMap<String, oneshot::Sender<Decision>>>,
    /// The page, for a frame that has to come back first.
    pub(crate) returns: RefCell<HashMap<String, oneshot::Sender<()>>>,
    /// Calls of the client API that need the keys.
    pub(crate) unlocks: RefCell<Vec<oneshot::Sender<()>>>,
    /// Sealing that the person may stop, by frame.
    pub(crate) stops: RefCell<HashMap<String, oneshot::Sender<()>>>,
}

/// Waits for an attachment; `None` when the page could not have it.
pub(crate) type Fetching = oneshot::Sender<Option<Bytes>>;
/// Somebody's file.
pub(crate) type Bytes = zeroize::Zeroizing<Vec<u8>>;

/// What the person decided in a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Said yes.
    Confirmed,
    /// Chose a name for a new key pair.
    Named(String),
    /// Said no, or closed it.
    Cancelled,
}

/// A port with whoever is at its other end.
pub(crate) struct Connected {
    pub(crate) id: PortId,
    pub(crate) peer: Peer,
    /// The frame that has said hello on it.
    pub(crate) frame: RefCell<Option<String>>,
    /// Files this peer has sent (pages and content scripts).
    pub(crate) parts: RefCell<Parts>,
}

impl<H: Host> Background<H> {
    /// Begins: takes up what a former life left in the browser's memory.
    pub async fn start(host: H) -> Rc<Self> {
        Self::start_with(host, crate::rules::RELEASE_KEY).await
    }

    /// The same, with rules signed by another release key than the package's.
    pub async fn start_with(host: H, release_key: &'static [u8]) -> Rc<Self> {
        let (session, disk) =
            futures::join!(host.recall(Memory::Session), host.recall(Memory::Disk));
        let now = UnixTime(host.now() / 1000);
        let rules = crate::settings::rules(&disk, release_key, now).await;
        let background = Rc::new(Self {
            release_key,
            rules: RefCell::new(Rc::new(rules)),
            kept: RefCell::new(Kept::read(&disk)),
            sites: RefCell::new(crate::settings::sites(&disk)),
            vault: RefCell::new(crate::vault::Held::read(&session)),
            host,
            ports: RefCell::default(),
            frames: RefCell::default(),
            opening: futures::lock::Mutex::new(None),
            opened: RefCell::default(),
            ahead: RefCell::default(),
            files: RefCell::default(),
            written: RefCell::default(),
            answered: RefCell::default(),
            may_quote: RefCell::default(),
            sent_away: RefCell::default(),
            heights: RefCell::default(),
            expected: RefCell::default(),
            early: RefCell::default(),
            unkept: RefCell::default(),
            waits: Waits::default(),
            queued: RefCell::default(),
            unlock_window: Cell::new(None),
            api_calls: RefCell::new(Limiter::new(limits::API_CALLS)),
            api_heavy: RefCell::new(Limiter::new(limits::API_HEAVY)),
            content_calls: RefCell::new(Limiter::new(limits::CONTENT)),
            lookups: RefCell::new(Limiter::new(limits::LOOKUPS)),
            openings: RefCell::new(Limiter::new(limits::OPENINGS)),
            new_frames: RefCell::new(Limiter::new(limits::FRAMES)),
            new_heights: RefCell::new(Limiter::new(limits::HEIGHTS)),
            next_file: Cell::new(1),
            shown: futures::lock::Mutex::new(crate::icon::shown(&session)),
            synchronised: Cell::default(),
        });
        background.frames.borrow_mut().load(
            session
                .iter()
                .filter(|(key, _)| key.starts_with(FRAME_KEY))
                .map(|(_, text)| text.as_str()),
        );
        background.lock_if_late().await;
        background.show_icon();
        background
    }

    /// The browser.
    pub fn host(&self) -> &H {
        &self.host
    }

    /// Just installed: the first run begins.
    pub fn first_run(&self) {
        if self.vault_state() == VaultState::NotSetUp {
            self.host.open_tab(&self.host.address("welcome.html", true));
        }
    }

    /// A port was opened. False: nobody we talk to, and it is cut.
    pub fn connect(&self, port: PortId, name: &str, sender: &Sender) -> bool {
        let peer = identify(name, sender, self.host.own());
        let Some(peer) = peer.filter(|peer| self.has_room_for(peer)) else {
            self.host.cut(port);
            return false;
        };
        let connected = Connected {
            id: port,
            peer,
            frame: RefCell::default(),
            parts: RefCell::default(),
        };
        self.ports.borrow_mut().insert(port, Rc::new(connected));
        true
    }

    /// Whether one more port may be opened: a page can make documents and frames without end.
    fn has_room_for(&self, peer: &Peer) -> bool {
        let tab_of = |peer: &Peer| match peer {
            Peer::Content(spot) => Some(spot.tab),
            Peer::Frame { tab, .. } => Some(*tab),
            Peer::Page { .. } | Peer::Webmail => None,
        };
        let Some(tab) = tab_of(peer) else { return true };
        let ports = self.ports.borrow();
        let in_tab = ports
            .values()
            .filter(|port| tab_of(&port.peer) == Some(tab));
        in_tab.count() < PORTS_IN_TAB
    }

    /// A port is gone.
    pub fn disconnect(self: &Rc<Self>, port: PortId) {
        let gone = self.ports.borrow_mut().remove(&port);
        if let Some(Peer::Content(spot)) = gone.as_ref().map(|gone| &gone.peer) {
            // The page has gone: it will not say any more whether it keeps a key.
            let frames = self.frames.borrow();
            self.unkept
                .borrow_mut()
                .retain(|frame, _| frames.placed_by(frame, spot).is_none());
        }
        let id = gone.and_then(|gone| gone.frame.borrow().clone());
        let Some(frame) = id.and_then(|id| self.frame(&id).ok()) else {
            return;
        };
        if matches!(frame.place, crate::frames::Place::Window { .. }) {
            // A window that was closed said no.
            if let Some(waiting) = self.waits.decisions.borrow_mut().remove(&frame.id) {
                let _gone = waiting.send(Decision::Cancelled);
            }
            self.forget_frame(&frame.id);
        } else {
            let this = Rc::clone(self);
            self.host.spawn(async move {
                this.host.sleep(GONE_MILLIS).await;
                this.forget_plaintext_of_gone(&frame.id);
            });
        }
    }

    /// Forgets what was opened for a frame, or is being opened.
    pub(crate) fn forget_opened(&self, frame: &str) {
        self.opened.borrow_mut().remove(frame);
        self.ahead.borrow_mut().remove(frame);
    }

    /// Forgets what was opened for a frame that did not come back, and its files.
    pub(crate) fn forget_plaintext_of_gone(&self, frame: &str) {
        if self.frame_port(frame).is_none() {
            self.forget_opened(frame);
            self.files.borrow_mut().remove(frame);
            self.waits.contents.borrow_mut().remove(frame);
        }
    }

    /// Cuts a port: what came was none of the peer's requests, or it may not ask it.
    pub fn refuse(&self, port: PortId) {
        self.ports.borrow_mut().remove(&port);
        self.host.cut(port);
    }

    /// Which kind of peer is at a port.
    pub fn peer(&self, port: PortId) -> Option<Peer> {
        Some(self.ports.borrow().get(&port)?.peer.clone())
    }

    pub(crate) fn connected(&self, port: PortId) -> Option<Rc<Connected>> {
        self.ports.borrow().get(&port).cloned()
    }

    /// Answers a call.
    pub(crate) fn reply<A: Serialize, E: Serialize>(
        &self,
        port: PortId,
        id: u32,
        result: Result<A, Failure>,
    ) {
        let reply: Reply<A, E> = match result {
            Ok(answer) => Reply::Answer { id, answer },
            Err(failure) => Reply::Failed { id, failure },
        };
        self.host.send(port, &reply);
    }

    /// The port of a frame.
    pub(crate) fn frame_port(&self, frame: &str) -> Option<PortId> {
        let ports = self.ports.borrow();
        let port = ports
            .values()
            .find(|port| port.frame.borrow().as_deref() == Some(frame))?;
        Some(port.id)
    }

    /// Tells a frame something, if it is connected.
    pub(crate) fn tell_frame(&self, frame: &str, event: frame::Event) -> bool {
        let Some(port) = self.frame_port(frame) else {
            return false;
        };
        self.host.send(port, &ToFrame::Event { event })
    }

    /// Whether a frame can be told something. One whose port ended with a former life of ours is
    /// asked to come back, and has a while for it.
    pub(crate) async fn frame_is_there(&self, frame: &str) -> bool {
        if self.frame_port(frame).is_some() {
            return true;
        }
        let (sender, receiver) = oneshot::channel();
        self.waits
            .returns
            .borrow_mut()
            .insert(frame.to_owned(), sender);
        self.host.call_back_own();
        let patience = self.host.sleep(RETURN_MILLIS);
        futures::pin_mut!(patience);
        futures::future::select(receiver, patience).await;
        self.waits.returns.borrow_mut().remove(frame);
        self.frame_port(frame).is_some()
    }

    /// Tells a content script something; one without a port is asked to come back for it.
    pub(crate) fn tell_content(&self, spot: &Spot, event: content::Event) {
        let port = self.content_port(spot);
        match port {
            Some(port) => {
                self.host.send(port, &ToContent::Event { event });
            }
            None => {
                let now = self.host.now();
                let mut queued = self.queued.borrow_mut();
                // Those that never came back are forgotten.
                queued.retain(|_, events| {
                    events
                        .last()
                        .is_some_and(|(at, _)| now.saturating_sub(*at) < QUEUE_MILLIS)
                });
                queued.entry(spot.clone()).or_default().push((now, event));
                drop(queued);
                self.host.call_back(spot);
            }
        }
    }

    fn content_port(&self, spot: &Spot) -> Option<PortId> {
        let ports = self.ports.borrow();
        let port = ports
            .values()
            .filter(|port| matches!(&port.peer, Peer::Content(at) if at == spot))
            // The newest: an older one may be a document that has just gone.
            .max_by_key(|port| port.id)?;
        Some(port.id)
    }

    /// Sends what waited for a content script.
    pub(crate) fn deliver_queued(&self, spot: &Spot, port: PortId) {
        let events = self.queued.borrow_mut().remove(spot).unwrap_or_default();
        let now = self.host.now();
        for (at, event) in events {
            if now.saturating_sub(at) < QUEUE_MILLIS {
                self.host.send(port, &ToContent::Event { event });
            }
        }
    }

    /// A number for a file on its way out, unique for as long as we live.
    pub(crate) fn file_number(&self) -> u32 {
        let number = self.next_file.get();
        self.next_file.set(number.wrapping_add(1).max(1));
        number
    }

    /// Writes a frame down, so that it outlives us; one with a very long message does not.
    pub(crate) fn keep_frame(self: &Rc<Self>, frame: &Frame) {
        let (key, text) = (format!("{FRAME_KEY}{}", frame.id), frame.to_json());
        let around = self.frames.borrow().weight_around(frame);
        let most = if around > KEPT_SITE_LIMIT {
            KEPT_SMALL_LIMIT
        } else {
            KEPT_FRAME_LIMIT
        };
        if text.len() > most {
            return;
        }
        let (this, id) = (Rc::clone(self), frame.id.clone());
        self.host.spawn(async move {
            let session = Memory::Session;
            if !this.host.keep(session, &key, &text).await {
                // Frames of pages that have gone without a word make room. Without any, this one
                // lives as long as we do.
                this.make_room(&id);
                this.host.keep(session, &key, &text).await;
            }
        });
    }

    /// Forgets the frames that are not connected now, but for this one.
    fn make_room(self: &Rc<Self>, but: &str) {
        let lost: Vec<String> = {
            let frames = self.frames.borrow();
            let ids = frames.all().map(|frame| frame.id.clone());
            ids.filter(|id| id != but && self.frame_port(id).is_none())
                .collect()
        };
        for id in lost {
            self.forget_frame(&id);
        }
    }

    /// Forgets a frame with all that belongs to it.
    pub(crate) fn forget_frame(self: &Rc<Self>, id: &str) {
        self.frames.borrow_mut().remove(id);
        self.forget_opened(id);
        self.files.borrow_mut().remove(id);
        self.answered.borrow_mut().remove(id);
        self.may_quote.borrow_mut().remove(id);
        self.sent_away.borrow_mut().remove(id);
        self.heights.borrow_mut().remove(id);
        self.expected.borrow_mut().remove(id);
        self.new_heights.borrow_mut().forget(id);
        self.unkept.borrow_mut().remove(id);
        self.early.borrow_mut().remove(id);
        self.written.borrow_mut().retain(|(frame, _)| frame != id);
        self.waits.inserts.borrow_mut().remove(id);
        self.waits.contents.borrow_mut().remove(id);
        self.waits.decisions.borrow_mut().remove(id);
        self.waits.returns.borrow_mut().remove(id);
        self.waits
            .fetches
            .borrow_mut()
            .retain(|(frame, _), _| frame != id);
        if let Some(port) = self.frame_port(id) {
            self.refuse(port);
        }
        let (this, key) = (Rc::clone(self), format!("{FRAME_KEY}{id}"));
        self.host.spawn(async move {
            this.host.forget(Memory::Session, &key).await;
        });
    }

    /// Takes a frame away from its page or closes its window, and forgets it.
    pub(crate) fn close_frame(self: &Rc<Self>, frame: &Frame) {
        match &frame.place {
            crate::frames::Place::Page(spot) => self.tell_content(
                spot,
                content::Event::Close {
                    frame: frame.id.clone(),
                },
            ),
            crate::frames::Place::Window { window } => {
                if let Some(window) = *window {
                    let this = Rc::clone(self);
                    self.host
                        .spawn(async move { this.host.close_window(window).await });
                }
            }
        }
        self.forget_frame(&frame.id);
    }

    /// A frame, as it is now.
    pub(crate) fn frame(&self, id: &str) -> Result<Frame, Failure> {
        self.frames
            .borrow()
            .get(id)
            .cloned()
            .ok_or_else(|| Failure::new(FailureKind::NotFound))
    }

    /// Takes a part from a content script or page.
    pub(crate) fn take_part(&self, port: &Connected, part: &Part) -> Result<(), Failure> {
        port.parts.borrow_mut().add(part).map_err(part_failure)
    }
}

/// Keys of frames in the session's memory begin so.
pub(crate) const FRAME_KEY: &str = "f:";
/// The longest text of a frame that is kept: all together have 10 MB.
const KEPT_FRAME_LIMIT: usize = 1 << 20;
/// The most that the frames of one site may weigh and still be kept; of a site with more, only
/// small ones are.
const KEPT_SITE_LIMIT: usize = 3 << 20;
const KEPT_SMALL_LIMIT: usize = 16 << 10;
/// The most ports of content scripts and frames in one tab.
const PORTS_IN_TAB: usize = 250;
/// How long a frame whose port went may take to come back before its plaintext is forgotten.
pub(crate) const GONE_MILLIS: u32 = 10_000;
/// How long a frame may take to come back when somebody wants something of it.
const RETURN_MILLIS: u32 = 10_000;
/// How long events wait for a content script to come back.
const QUEUE_MILLIS: u64 = 10_000;

pub(crate) fn ring(keyring: &Option<SiteKeyring>) -> Ring {
    match keyring {
        Some(keyring) => Ring::Site(keyring.clone()),
        None => Ring::Main,
    }
}

pub(crate) fn part_failure(error: crate::parts::PartError) -> Failure {
    Failure {
        kind: match error {
            crate::parts::PartError::TooLarge => FailureKind::TooLarge,
            crate::parts::PartError::Malformed => FailureKind::WrongKind,
        },
        detail: error.to_string(),
    }
}
