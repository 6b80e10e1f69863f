//! The browser behind [`Host`], and what the loader calls.
//!
//! The loader registers the browser's listeners on the first turn and queues what they hear until
//! this program is there; everything else is here.

mod kdf;
mod mail;

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use base64::engine::{Engine, general_purpose::URL_SAFE_NO_PAD as BASE64URL_NOPAD};
use crypto_core::{kdf::StretchedKey, secret::Passphrase};
use ext_browser::{
    action, alarms, i18n, permissions,
    runtime::{self, Port},
    scripting::{self, ContentScript},
    storage::{self, Area},
    tabs, windows,
};
use ext_protocol::view::VaultState;
use js_sys::{Promise, Reflect};
use mail_client::{ClientError, local_account::UnlockParameters};
use rand::RngCore;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use zeroize::Zeroizing;

use crate::{
    background::Background,
    decode,
    host::{Host, Icon, Memory, PortId, SiteScripts},
    sender::{Own, Peer, Sender, Spot},
};
use webapp::worker::{WebPlatform, open_named};

/// The one-shot message that asks a content script or frame to connect again.
#[derive(Serialize)]
struct ComeBack {
    #[serde(rename = "type")]
    kind: &'static str,
}

const COME_BACK: ComeBack = ComeBack { kind: "connect" };

/// The browser.
pub struct Web {
    own: Own,
    ports: RefCell<HashMap<PortId, Port>>,
}

impl Web {
    /// Finds out what is true of ourselves.
    fn new() -> Self {
        let page = runtime::get_url("frame-elsewhere.html");
        let base = |url: &str| url.rsplit_once('/').map(|(base, _)| format!("{base}/"));
        let bases = [format!("{}/", own_origin()), runtime::get_url("")]
            .into_iter()
            .chain(base(&page))
            .collect();
        Self {
            own: Own {
                extension: runtime::id(),
                bases,
            },
            ports: RefCell::default(),
        }
    }

    fn fixed_base(&self) -> &str {
        self.own.bases.first().map_or("", String::as_str)
    }

    fn is_firefox(&self) -> bool {
        self.fixed_base().starts_with("moz-extension:")
    }

    /// The match pattern of an origin. Firefox knows no ports in them: the scripts run on all
    /// ports there, and are told nothing on those that were not switched on.
    fn pattern(&self, origin: &str) -> String {
        let without_port = || {
            let mut url = url::Url::parse(origin).ok()?;
            url.set_port(None).ok()?;
            Some(url.origin().ascii_serialization())
        };
        let host = self.is_firefox().then(without_port).flatten();
        format!("{}/*", host.as_deref().unwrap_or(origin))
    }

    fn scripts(&self, site: &SiteScripts) -> Vec<ContentScript> {
        let script = |id: &str, file: &str, world: &str, run_at: &str| ContentScript {
            id: format!("{id} {}", site.origin),
            js: vec![file.to_owned()],
            matches: vec![self.pattern(&site.origin)],
            all_frames: site.api,
            run_at: run_at.to_owned(),
            world: world.to_owned(),
            persist_across_sessions: true,
        };
        let mut scripts = Vec::new();
        if !site.built_in {
            scripts.push(script("content", CONTENT_FILE, "ISOLATED", "document_idle"));
        }
        if site.api {
            scripts.push(script("page", PAGE_WORLD_FILE, "MAIN", "document_start"));
        }
        scripts
    }
}

/// The database of the local account; one for the extension.
const STORE: &str = "letterlock extension";
const CONTENT_FILE: &str = "content.js";
const PAGE_WORLD_FILE: &str = "api-page.js";

/// The origin of the document or worker we run in.
fn own_origin() -> String {
    let global: JsValue = js_sys::global().into();
    Reflect::get(&global, &"location".into())
        .and_then(|location| Reflect::get(&location, &"origin".into()))
        .ok()
        .and_then(|origin| origin.as_string())
        .unwrap_or_default()
}

/// For what can only fail in ways that nobody can do anything about but read of them.
fn note<T>(what: &str, result: Result<T, ext_browser::BrowserError>) -> Option<T> {
    match result {
        Ok(done) => Some(done),
        Err(error) => {
            web_sys::console::warn_1(&format!("{what}: {error}").into());
            None
        }
    }
}

/// For a promise whose rejection says only that nobody listens.
fn ignore(promise: Result<Promise, ext_browser::BrowserError>) {
    if let Ok(promise) = promise {
        wasm_bindgen_futures::spawn_local(async move {
            // Nobody listens: then nobody misses it.
            let _nobody = ext_browser::wait(promise).await;
        });
    }
}

fn area(memory: Memory) -> Area {
    match memory {
        Memory::Session => Area::Session,
        Memory::Disk => Area::Local,
    }
}

impl Host for Web {
    type Platform = WebPlatform;

    async fn platform(&self, server: &str) -> Result<WebPlatform, ClientError> {
        open_named(server, STORE).await
    }

    async fn stretch(
        &self,
        passphrase: &Passphrase,
        parameters: &UnlockParameters,
    ) -> Result<StretchedKey, ClientError> {
        kdf::stretch(
            &format!("{}kdf.wasm", self.fixed_base()),
            passphrase,
            parameters,
        )
        .await
    }

    fn now(&self) -> u64 {
        js_sys::Date::now() as u64
    }

    fn random(&self) -> String {
        let mut bytes = [0; 16];
        rand::rngs::OsRng.fill_bytes(&mut bytes);
        BASE64URL_NOPAD.encode(bytes)
    }

    fn own(&self) -> &Own {
        &self.own
    }

    fn address(&self, file: &str, fixed: bool) -> String {
        if fixed {
            format!("{}{file}", self.fixed_base())
        } else {
            runtime::get_url(file)
        }
    }

    fn text(&self, key: &str) -> String {
        i18n::message(key)
    }

    fn date(&self, seconds: u64, language: &str) -> String {
        let date = js_sys::Date::new(&JsValue::from_f64(seconds as f64 * 1000.0));
        let own = i18n::ui_language();
        let language = if language.is_empty() { &own } else { language };
        String::from(date.to_locale_string(language, &JsValue::UNDEFINED))
    }

    fn vault_changed(&self, state: VaultState) {
        mail::vault_changed(state);
    }

    fn send(&self, port: PortId, message: &impl Serialize) -> bool {
        let port = self.ports.borrow().get(&port).cloned();
        let Some(port) = port else { return false };
        // By way of JSON's text: one serializer in the program instead of two.
        let Ok(text) = serde_json::to_string(message) else {
            return false;
        };
        js_sys::JSON::parse(&text).is_ok_and(|message| port.post(&message).is_ok())
    }

    fn cut(&self, port: PortId) {
        let port = self.ports.borrow_mut().remove(&port);
        if let Some(port) = port {
            port.disconnect();
        }
    }

    fn call_back(&self, spot: &Spot) {
        if let Ok(message) = ext_browser::to_js(&COME_BACK) {
            ignore(tabs::send(spot.tab, spot.sub, &message));
        }
    }

    fn call_back_own(&self) {
        if let Ok(message) = ext_browser::to_js(&COME_BACK) {
            ignore(runtime::broadcast(&message));
        }
    }

    async fn recall(&self, memory: Memory) -> Vec<(String, String)> {
        note("recall", storage::all(area(memory)).await).unwrap_or_default()
    }

    async fn keep(&self, memory: Memory, key: &str, text: &str) -> bool {
        note("keep", storage::set(area(memory), key, text).await).is_some()
    }

    async fn forget(&self, memory: Memory, key: &str) {
        note("forget", storage::remove(area(memory), key).await);
    }

    async fn open_window(&self, address: &str, width: u32, height: u32) -> Option<i32> {
        note(
            "open a window",
            windows::popup(address, width, height).await,
        )
        .flatten()
    }

    async fn focus_window(&self, window: i32) -> bool {
        windows::focus(window).await.is_ok()
    }

    async fn close_window(&self, window: i32) {
        // It may be closed already.
        let _gone = windows::close(window).await;
    }

    fn open_tab(&self, address: &str) {
        ignore(tabs::create(address));
    }

    async fn tab(&self, which: Option<i32>) -> Option<(i32, String)> {
        let tab = match which {
            Some(tab) => note("find a tab", tabs::get(tab).await)?,
            None => note("find the tab", tabs::active().await)??,
        };
        Some((tab.id, tab.url))
    }

    async fn set_alarm(&self, name: &str, at: u64) {
        note("set the alarm", alarms::at(name, at).await);
    }

    async fn clear_alarm(&self, name: &str) {
        note("clear the alarm", alarms::clear(name).await);
    }

    async fn icon(&self, icon: Icon, vault: VaultState) -> bool {
        let name = match icon {
            Icon::Locked => "locked",
            Icon::Unlocked => "unlocked",
            Icon::NeedsYou => "needs",
        };
        let title = i18n::message(match vault {
            VaultState::NotSetUp => "icon_not_set_up",
            VaultState::Locked => "icon_locked",
            VaultState::Unlocked => "icon_unlocked",
        });
        let titled = note("title the icon", action::title(&title)).is_some();
        note("show the icon", action::icon(name).await).is_some() && titled
    }

    fn badge(&self, tab: Option<i32>, shown: bool) {
        // The colour of caution, in the light theme.
        note(
            "mark the icon",
            action::badge(if shown { "!" } else { "" }, "#8A5A00", tab),
        );
    }

    async fn register(&self, sites: &[SiteScripts]) {
        let old = note("list the scripts", scripting::registered().await).unwrap_or_default();
        if !old.is_empty() {
            note("unregister scripts", scripting::unregister(&old).await);
        }
        // One by one, so that a site without permission does not take the others along.
        for site in sites {
            let scripts = self.scripts(site);
            if !scripts.is_empty() {
                note("register scripts", scripting::register(&scripts).await);
            }
        }
    }

    async fn inject(&self, site: &SiteScripts) {
        let pattern = [self.pattern(&site.origin)];
        let Some(tabs) = note("find the site's tabs", tabs::matching(&pattern).await) else {
            return;
        };
        for tab in tabs {
            let content = [CONTENT_FILE.to_owned()];
            note(
                "run in a tab",
                scripting::execute(tab.id, &content, "ISOLATED", site.api).await,
            );
            if site.api {
                let page = [PAGE_WORLD_FILE.to_owned()];
                note(
                    "run in a page",
                    scripting::execute(tab.id, &page, "MAIN", true).await,
                );
            }
        }
    }

    async fn give_back(&self, origin: &str) {
        // Those of the manifest stay; that is no fault.
        let _kept = permissions::remove(&[self.pattern(origin)]).await;
    }

    async fn allowed(&self, origin: &str) -> bool {
        permissions::allowed(&[self.pattern(origin)])
            .await
            .unwrap_or(false)
    }

    fn spawn(&self, work: impl Future<Output = ()> + 'static) {
        wasm_bindgen_futures::spawn_local(work);
    }

    async fn stir(&self) {
        // Any call of the API counts.
        note("stir", storage::get(Area::Session, "stir").await);
    }

    async fn sleep(&self, millis: u32) {
        gloo::timers::future::TimeoutFuture::new(millis).await;
    }
}

thread_local! {
    static RUNNING: RefCell<Option<Rc<Background<Web>>>> = const { RefCell::new(None) };
}

fn running() -> Option<Rc<Background<Web>>> {
    RUNNING.with(|running| running.borrow().clone())
}

/// Begins. The loader waits for it before it hands over what it has heard.
pub async fn start() {
    let background = Background::start(Web::new()).await;
    let woken = Rc::clone(&background);
    wasm_bindgen_futures::spawn_local(async move { woken.warm().await });
    RUNNING.with(|running| running.replace(Some(background)));
}

/// A port was opened.
pub fn connected(id: PortId, port: Port) {
    let Some(background) = running() else { return };
    let proven = port.proven_sender();
    let sender = Sender {
        extension: proven.extension,
        url: proven.url,
        origin: proven.origin,
        tab: proven.tab.map(|tab| (tab.id, tab.url)),
        sub: proven.frame_id,
    };
    let name = port.port_name();
    background
        .host()
        .ports
        .borrow_mut()
        .insert(id, port.clone());
    if background.connect(id, &name, &sender) && background.peer(id) == Some(Peer::Webmail) {
        mail::connected(id, port);
    }
}

/// A message came: decoded as what this very peer may say, and nothing else.
pub fn message(id: PortId, message: JsValue) {
    let Some(background) = running() else { return };
    let Some(peer) = background.peer(id) else {
        return;
    };
    if peer == Peer::Webmail {
        return mail::message(&background, id, &message);
    }
    let text = js_sys::JSON::stringify(&message).ok();
    // Passphrases come this way.
    let text = Zeroizing::new(text.and_then(|text| text.as_string()).unwrap_or_default());
    let mut message = serde_json::Deserializer::from_str(&text);
    let refused = match peer {
        Peer::Page { .. } => {
            decode::decode_page(&mut message).map(|call| background.page_call(id, call))
        }
        Peer::Frame { .. } => {
            decode::decode_frame(&mut message).map(|call| background.frame_call(id, call))
        }
        Peer::Content(_) => {
            decode::decode_content(&mut message).map(|call| background.content_call(id, call))
        }
        Peer::Webmail => return,
    };
    if let Err(error) = refused {
        web_sys::console::warn_1(&format!("a peer was cut: {error}").into());
        background.refuse(id);
    }
}

/// A port was closed at the other end.
pub fn disconnected(id: PortId) {
    let Some(background) = running() else { return };
    background.host().ports.borrow_mut().remove(&id);
    background.disconnect(id);
    mail::disconnected(id);
}

/// What an event of the browser brings along.
#[derive(Deserialize)]
struct Happened {
    #[serde(default)]
    name: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    origins: Vec<String>,
}

/// Any other event of the browser: `alarm`, `installed`, `startup`, `permissionsAdded`,
/// `permissionsRemoved`.
pub fn happened(what: String, detail: JsValue) {
    let Some(background) = running() else { return };
    let detail: Happened = ext_browser::from_js(detail).unwrap_or(Happened {
        name: String::new(),
        reason: String::new(),
        origins: Vec::new(),
    });
    wasm_bindgen_futures::spawn_local(async move {
        match what.as_str() {
            "alarm" => background.alarm(&detail.name).await,
            "startup" => background.register_sites().await,
            "installed" => {
                background.register_sites().await;
                if detail.reason == "install" {
                    background.first_run();
                }
            }
            "permissionsAdded" => background.permission_added(&detail.origins).await,
            "permissionsRemoved" => background.permission_removed(&detail.origins).await,
            _ => {}
        }
    });
}
