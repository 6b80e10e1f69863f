//! Where the API hangs.

use js_sys::Promise;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use crate::runtime::Port;

#[wasm_bindgen]
extern "C" {
    #[derive(Clone)]
    pub(crate) type Root;

    #[wasm_bindgen(thread_local_v2, js_name = browser)]
    static BROWSER: Option<Root>;
    #[wasm_bindgen(thread_local_v2, js_name = chrome)]
    static CHROME: Option<Root>;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn runtime(this: &Root) -> Runtime;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn tabs(this: &Root) -> Tabs;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn windows(this: &Root) -> Windows;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn scripting(this: &Root) -> Scripting;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn permissions(this: &Root) -> Permissions;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn storage(this: &Root) -> Storage;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn alarms(this: &Root) -> Alarms;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn action(this: &Root) -> Action;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn i18n(this: &Root) -> I18n;

    pub(crate) type Runtime;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn id(this: &Runtime) -> String;
    #[wasm_bindgen(method, catch)]
    pub(crate) fn connect(this: &Runtime, options: &JsValue) -> Result<Port, JsValue>;
    #[wasm_bindgen(method, catch, js_name = getURL)]
    pub(crate) fn get_url(this: &Runtime, path: &str) -> Result<String, JsValue>;
    #[wasm_bindgen(method, catch, js_name = sendMessage)]
    pub(crate) fn send_message(this: &Runtime, message: &JsValue) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = getManifest)]
    pub(crate) fn get_manifest(this: &Runtime) -> Result<JsValue, JsValue>;

    pub(crate) type Tabs;
    #[wasm_bindgen(method, catch)]
    pub(crate) fn create(this: &Tabs, options: &JsValue) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = get)]
    pub(crate) fn get_tab(this: &Tabs, tab: i32) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub(crate) fn query(this: &Tabs, query: &JsValue) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = sendMessage)]
    pub(crate) fn send_to_tab(
        this: &Tabs,
        tab: i32,
        message: &JsValue,
        options: &JsValue,
    ) -> Result<Promise, JsValue>;

    pub(crate) type Windows;
    #[wasm_bindgen(method, catch, js_name = create)]
    pub(crate) fn create_window(this: &Windows, options: &JsValue) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = remove)]
    pub(crate) fn remove_window(this: &Windows, window: i32) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = update)]
    pub(crate) fn update_window(
        this: &Windows,
        window: i32,
        options: &JsValue,
    ) -> Result<Promise, JsValue>;

    pub(crate) type Scripting;
    #[wasm_bindgen(method, catch, js_name = registerContentScripts)]
    pub(crate) fn register(this: &Scripting, scripts: &JsValue) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = unregisterContentScripts)]
    pub(crate) fn unregister(this: &Scripting, filter: &JsValue) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = getRegisteredContentScripts)]
    pub(crate) fn registered(this: &Scripting) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = executeScript)]
    pub(crate) fn execute(this: &Scripting, injection: &JsValue) -> Result<Promise, JsValue>;

    pub(crate) type Permissions;
    #[wasm_bindgen(method, catch)]
    pub(crate) fn contains(this: &Permissions, what: &JsValue) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub(crate) fn request(this: &Permissions, what: &JsValue) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = remove)]
    pub(crate) fn remove_permission(this: &Permissions, what: &JsValue)
    -> Result<Promise, JsValue>;

    pub(crate) type Storage;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn session(this: &Storage) -> Option<StorageArea>;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn local(this: &Storage) -> Option<StorageArea>;

    #[derive(Clone)]
    pub(crate) type StorageArea;
    #[wasm_bindgen(method, catch)]
    pub(crate) fn get(this: &StorageArea, keys: &JsValue) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub(crate) fn set(this: &StorageArea, items: &JsValue) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub(crate) fn remove(this: &StorageArea, keys: &JsValue) -> Result<Promise, JsValue>;

    pub(crate) type Alarms;
    #[wasm_bindgen(method, catch, js_name = create)]
    pub(crate) fn create_alarm(
        this: &Alarms,
        name: &str,
        info: &JsValue,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub(crate) fn clear(this: &Alarms, name: &str) -> Result<Promise, JsValue>;

    pub(crate) type Action;
    #[wasm_bindgen(method, catch, js_name = setIcon)]
    pub(crate) fn set_icon(this: &Action, details: &JsValue) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = setTitle)]
    pub(crate) fn set_title(this: &Action, details: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = setBadgeText)]
    pub(crate) fn set_badge_text(this: &Action, details: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = setBadgeBackgroundColor)]
    pub(crate) fn set_badge_colour(this: &Action, details: &JsValue) -> Result<JsValue, JsValue>;

    pub(crate) type I18n;
    #[wasm_bindgen(method, js_name = getMessage)]
    pub(crate) fn get_message(this: &I18n, key: &str) -> String;
    #[wasm_bindgen(method, js_name = getUILanguage)]
    pub(crate) fn get_ui_language(this: &I18n) -> String;
}

/// The API's root; [`BrowserError`](crate::BrowserError) outside an extension.
pub(crate) fn root() -> Result<Root, crate::BrowserError> {
    BROWSER
        .with(Clone::clone)
        .or_else(|| CHROME.with(Clone::clone))
        .ok_or_else(|| crate::BrowserError("not in an extension".to_owned()))
}
