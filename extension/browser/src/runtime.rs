//! `runtime`: ports between our worlds.

use js_sys::{Function, Promise};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use crate::{BrowserError, root::root};

#[wasm_bindgen]
extern "C" {
    /// One end of a connection.
    #[derive(Clone, Debug, PartialEq)]
    pub type Port;

    #[wasm_bindgen(method, getter)]
    fn name(this: &Port) -> String;
    #[wasm_bindgen(method, getter)]
    fn sender(this: &Port) -> Option<MessageSender>;
    #[wasm_bindgen(method, catch, js_name = postMessage)]
    fn post_message(this: &Port, message: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method, js_name = disconnect)]
    fn cut(this: &Port);
    #[wasm_bindgen(method, getter, js_name = onMessage)]
    fn message_event(this: &Port) -> PortEvent;
    #[wasm_bindgen(method, getter, js_name = onDisconnect)]
    fn disconnect_event(this: &Port) -> PortEvent;

    type PortEvent;
    #[wasm_bindgen(method, js_name = addListener)]
    fn add_listener(this: &PortEvent, listener: &Function);

    type MessageSender;
    #[wasm_bindgen(method, getter)]
    fn tab(this: &MessageSender) -> Option<SenderTab>;
    #[wasm_bindgen(method, getter, js_name = frameId)]
    fn frame_id(this: &MessageSender) -> Option<i32>;
    #[wasm_bindgen(method, getter)]
    fn url(this: &MessageSender) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn origin(this: &MessageSender) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn id(this: &MessageSender) -> Option<String>;

    type SenderTab;
    #[wasm_bindgen(method, getter, js_name = id)]
    fn tab_id(this: &SenderTab) -> Option<i32>;
    #[wasm_bindgen(method, getter, js_name = url)]
    fn tab_url(this: &SenderTab) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = windowId)]
    fn window_id(this: &SenderTab) -> Option<i32>;
}

/// What the browser says about who opened a port. Only this decides what the peer may ask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sender {
    /// Of the document that opened the port; ours or a page's.
    pub url: String,
    /// Its origin, where the browser tells it (Chromium); empty in Firefox.
    pub origin: String,
    /// The extension's id.
    pub extension: String,
    /// The tab, if it stands in one.
    pub tab: Option<TabInfo>,
    /// 0 for the tab's top document.
    pub frame_id: Option<i32>,
}

/// A tab.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TabInfo {
    /// Its number.
    pub id: i32,
    /// Address of its top document; empty where the browser does not tell.
    pub url: String,
    /// The window it stands in.
    pub window: Option<i32>,
}

impl Port {
    /// What it was opened as.
    #[must_use]
    pub fn port_name(&self) -> String {
        self.name()
    }

    /// Who opened it. Empty on the side that opened it.
    #[must_use]
    pub fn proven_sender(&self) -> Sender {
        let Some(sender) = self.sender() else {
            return Sender::default();
        };
        Sender {
            url: sender.url().unwrap_or_default(),
            origin: sender.origin().unwrap_or_default(),
            extension: sender.id().unwrap_or_default(),
            tab: sender.tab().and_then(|tab| {
                Some(TabInfo {
                    id: tab.tab_id()?,
                    url: tab.tab_url().unwrap_or_default(),
                    window: tab.window_id(),
                })
            }),
            frame_id: sender.frame_id(),
        }
    }

    /// Sends a message: a plain JSON object.
    ///
    /// # Errors
    /// When the port is cut, or the message too large (64 MiB in Chromium).
    pub fn post(&self, message: &JsValue) -> Result<(), JsValue> {
        self.post_message(message)
    }

    /// Calls `listener` with each message. The caller keeps the function alive.
    pub fn on_message(&self, listener: &Function) {
        self.message_event().add_listener(listener);
    }

    /// Calls `listener` when the other side is gone. The caller keeps the function alive.
    pub fn on_disconnect(&self, listener: &Function) {
        self.disconnect_event().add_listener(listener);
    }

    /// Ends the connection.
    pub fn disconnect(&self) {
        self.cut();
    }
}

/// Opens a port to the background.
///
/// # Errors
/// When the extension was updated or removed meanwhile.
pub fn connect(name: &str) -> Result<Port, JsValue> {
    let options = js_sys::Object::new();
    js_sys::Reflect::set(&options, &"name".into(), &name.into())?;
    let root = root().map_err(|error| JsValue::from_str(&error.0))?;
    root.runtime().connect(&options)
}

/// The whole address of a file of the extension; empty outside an extension.
#[must_use]
pub fn get_url(path: &str) -> String {
    root()
        .and_then(|root| Ok(root.runtime().get_url(path)?))
        .unwrap_or_default()
}

/// The extension's id; empty outside an extension.
#[must_use]
pub fn id() -> String {
    root().map(|root| root.runtime().id()).unwrap_or_default()
}

/// Sends a one-shot message to all of our pages and frames that listen.
///
/// # Errors
/// When the browser refuses. The promise rejects when nobody listens.
pub fn broadcast(message: &JsValue) -> Result<Promise, BrowserError> {
    Ok(root()?.runtime().send_message(message)?)
}

/// The version in the manifest.
///
/// # Errors
/// Outside an extension.
pub fn version() -> Result<String, BrowserError> {
    let manifest = root()?.runtime().get_manifest()?;
    let version = js_sys::Reflect::get(&manifest, &"version".into())?;
    version
        .as_string()
        .ok_or_else(|| BrowserError("the manifest has no version".to_owned()))
}
