//! A background in its browser, driven step by step.

use std::rc::Rc;

use ext_background::{
    Background, decode,
    host::PortId,
    sender::{Peer, Sender},
};
use futures::executor::LocalPool;
use serde_json::{Value, json};

use crate::host::{BASE, FakeHost, Inner, Shared};

pub(crate) const GMAIL: &str = "https://mail.google.com";
pub(crate) const PASSPHRASE: &str = "a passphrase for tests";

pub(crate) struct World {
    pub(crate) shared: Shared,
    pool: LocalPool,
    pub(crate) background: Rc<Background<FakeHost>>,
    next_port: PortId,
    next_call: u32,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Shared::new())
    }

    fn with(shared: Shared) -> Self {
        Self::trusting(shared, ext_background::rules::RELEASE_KEY)
    }

    /// With a release key of the tests' own: the project's private half is known to nobody here.
    pub(crate) fn trusting(shared: Shared, release_key: &'static [u8]) -> Self {
        let mut pool = LocalPool::new();
        let host = FakeHost::new(&shared, pool.spawner());
        let background = pool.run_until(Background::start_with(host, release_key));
        let mut world = Self {
            shared,
            pool,
            background,
            next_port: 1,
            next_call: 1,
        };
        world.settle();
        world
    }

    /// With a vault for Ann, unlocked.
    pub(crate) fn set_up() -> Self {
        let mut world = Self::new();
        let page = world.page("welcome.html");
        let answer = world.call(
            page,
            json!({"type": "setUp", "name": "Ann", "address": "ann@example.org",
                   "passphrase": PASSPHRASE, "mark": {"picture": 3, "colour": 2}, "import": null}),
        );
        assert_eq!(answer["type"], "answer", "{answer}");
        world
    }

    /// The browser stops the background and starts it again.
    pub(crate) fn restart(self) -> Self {
        let World {
            shared,
            background,
            pool,
            ..
        } = self;
        drop((background, pool));
        shared.0.sent.borrow_mut().clear();
        Self::with(shared)
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.shared.0
    }

    pub(crate) fn settle(&mut self) {
        self.pool.run_until_stalled();
    }

    pub(crate) fn run<T>(&mut self, work: impl Future<Output = T>) -> T {
        self.pool.run_until(work)
    }

    pub(crate) fn advance_minutes(&self, minutes: u64) {
        let now = &self.inner().now;
        now.set(now.get() + minutes * 60_000);
    }

    pub(crate) fn connect(&mut self, name: &str, sender: &Sender) -> Option<PortId> {
        let port = self.next_port;
        self.next_port += 1;
        self.background.connect(port, name, sender).then_some(port)
    }

    pub(crate) fn page(&mut self, file: &str) -> PortId {
        let sender = Sender {
            extension: "abc".into(),
            url: format!("{BASE}{file}"),
            origin: String::new(),
            tab: None,
            sub: None,
        };
        self.connect("page", &sender).unwrap()
    }

    pub(crate) fn content(&mut self, origin: &str, tab: i32) -> PortId {
        let sender = Sender {
            extension: "abc".into(),
            url: format!("{origin}/mail/u/0"),
            origin: String::new(),
            tab: Some((tab, format!("{origin}/mail/u/0"))),
            sub: Some(0),
        };
        self.connect("content", &sender).unwrap()
    }

    /// In a tab of which the browser does not tell the address.
    pub(crate) fn frame_port(&mut self, tab: i32) -> PortId {
        self.frame_port_under(tab, "")
    }

    /// In a tab with this page in it.
    pub(crate) fn frame_port_under(&mut self, tab: i32, top: &str) -> PortId {
        let sender = Sender {
            extension: "abc".into(),
            url: format!("{BASE}frame.html"),
            origin: String::new(),
            tab: Some((tab, top.into())),
            sub: Some(7),
        };
        self.connect("frame", &sender).unwrap()
    }

    /// A frame that has said hello; answers its port and what it was told.
    pub(crate) fn frame(&mut self, tab: i32, url: &str) -> (PortId, Value) {
        let port = self.frame_port(tab);
        let token = url.split_once('#').unwrap().1.to_owned();
        let reply = self.call(port, json!({"type": "hello", "token": token}));
        (port, reply)
    }

    /// Says something and lets everything happen that follows.
    pub(crate) fn say(&mut self, port: PortId, request: Value) -> u32 {
        let id = self.next_call;
        self.next_call += 1;
        let message = json!({"id": id, "request": request});
        let background = &self.background;
        let taken = match background.peer(port) {
            Some(Peer::Page { .. }) => {
                decode::decode_page(message).map(|call| background.page_call(port, call))
            }
            Some(Peer::Frame { .. }) => {
                decode::decode_frame(message).map(|call| background.frame_call(port, call))
            }
            Some(Peer::Content(_)) => {
                decode::decode_content(message).map(|call| background.content_call(port, call))
            }
            Some(Peer::Webmail) | None => Ok(()),
        };
        if taken.is_err() {
            background.refuse(port);
        }
        self.settle();
        id
    }

    /// What was answered, if it was.
    pub(crate) fn answer(&self, port: PortId, id: u32) -> Option<Value> {
        let sent = self.inner().sent.borrow();
        let mine = |(to, message): &&(PortId, Value)| *to == port && message["id"] == id;
        sent.iter().find(mine).map(|(_, message)| message.clone())
    }

    /// Asks, and demands an answer.
    pub(crate) fn call(&mut self, port: PortId, request: Value) -> Value {
        let id = self.say(port, request.clone());
        self.answer(port, id)
            .unwrap_or_else(|| panic!("no answer to {request}"))
    }

    /// The events a port was told, and forgets them.
    pub(crate) fn events(&self, port: PortId) -> Vec<Value> {
        let mut sent = self.inner().sent.borrow_mut();
        let mut events = Vec::new();
        sent.retain(|(to, message)| {
            let mine = *to == port && message["type"] == "event";
            if mine {
                events.push(message["event"].clone());
            }
            !mine
        });
        events
    }

    pub(crate) fn is_cut(&self, port: PortId) -> bool {
        self.inner().cut.borrow().contains(&port)
    }

    /// Switches a site on as the popup does.
    pub(crate) fn approve(&mut self, origin: &str, scan: bool, api: bool) {
        self.inner().allowed.borrow_mut().push(origin.to_owned());
        let popup = self.page("popup.html");
        let request = json!({"type": "switchSite", "origin": origin, "scan": scan, "api": api});
        assert_eq!(self.call(popup, request)["type"], "answer");
    }

    /// A letter from Ann to herself.
    pub(crate) fn letter(&mut self) -> String {
        let page = self.page("manager.html");
        let reply = self.call(page, json!({"type": "welcomeLetter"}));
        reply["answer"]["text"].as_str().unwrap().to_owned()
    }

    /// A call of the client API; its result.
    pub(crate) fn api(&mut self, content: PortId, call: Value) -> Value {
        let reply = self.call(content, json!({"type": "api", "call": call}));
        assert_eq!(reply["type"], "answer", "{reply}");
        reply["answer"]["result"].clone()
    }
}
