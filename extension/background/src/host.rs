//! What the background asks of the browser, as one small trait: the real one is in `web`, tests
//! bring their own.

use crypto_core::{kdf::StretchedKey, secret::Passphrase};
use ext_protocol::view::VaultState;
use mail_client::{ClientError, local_account::UnlockParameters, ports::Platform};
use serde::Serialize;

use crate::sender::{Own, Spot};

/// Names a port while it is open.
pub type PortId = u32;

/// What the toolbar icon says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// The keys are not at hand.
    Locked,
    /// They are.
    Unlocked,
    /// Something waits for the person.
    NeedsYou,
}

/// The content script for a site beyond those of the manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteScripts {
    /// Origin.
    pub origin: String,
    /// It may call the client API: the page-world half is needed, too, and inner frames.
    pub api: bool,
    /// The manifest runs the content script there already.
    pub built_in: bool,
}

/// Memory that ends with the browser, and the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// Ends with the browser; never on a disk.
    Session,
    /// On the disk, in the clear: nothing secret.
    Disk,
}

/// The browser. None of the futures is `Send`: there is one thread.
#[allow(async_fn_in_trait)] // never Send, see above
pub trait Host: 'static {
    /// What the mail client runs on.
    type Platform: Platform;

    /// Opens the store on this device and makes the client's ports, for an account of the server
    /// at this origin; empty for none.
    async fn platform(&self, server: &str) -> Result<Self::Platform, ClientError>;
    /// Argon2id, where its 64 MiB are given back afterwards.
    async fn stretch(
        &self,
        passphrase: &Passphrase,
        parameters: &UnlockParameters,
    ) -> Result<StretchedKey, ClientError>;

    /// Milliseconds since 1970.
    fn now(&self) -> u64;
    /// 128 unguessable bits, as text for an address.
    fn random(&self) -> String;
    /// What is true of ourselves.
    fn own(&self) -> &Own;
    /// The address of a file of ours; `fixed` where an address that changes would not load.
    fn address(&self, file: &str, fixed: bool) -> String;
    /// A text of `_locales`.
    fn text(&self, key: &str) -> String;

    /// A time in words, in this language (BCP 47; empty for the browser's).
    fn date(&self, seconds: u64, language: &str) -> String;

    /// The keys came or went: what the webmail page shows depends on it.
    fn vault_changed(&self, state: VaultState);

    /// Sends a message; false when the port is gone.
    fn send(&self, port: PortId, message: &impl Serialize) -> bool;
    /// Ends a connection.
    fn cut(&self, port: PortId);
    /// Asks a content script without a port to come back.
    fn call_back(&self, spot: &Spot);
    /// Asks our frames and pages without a port to come back.
    fn call_back_own(&self);

    /// Reads everything in a memory.
    async fn recall(&self, memory: Memory) -> Vec<(String, String)>;
    /// Writes; false when there is no room.
    async fn keep(&self, memory: Memory, key: &str, text: &str) -> bool;
    /// Removes.
    async fn forget(&self, memory: Memory, key: &str);

    /// Opens a small window with a page of ours.
    async fn open_window(&self, address: &str, width: u32, height: u32) -> Option<i32>;
    /// Brings it to the front; false when it is gone.
    async fn focus_window(&self, window: i32) -> bool;
    /// Closes it.
    async fn close_window(&self, window: i32);
    /// Opens a tab.
    fn open_tab(&self, address: &str);
    /// The tab before the person, or this one: number and address as far as we may know it.
    async fn tab(&self, which: Option<i32>) -> Option<(i32, String)>;

    /// Rings once.
    async fn set_alarm(&self, name: &str, at: u64);
    /// Takes an alarm back.
    async fn clear_alarm(&self, name: &str);
    /// Draws the toolbar icon. False: the browser did not.
    async fn icon(&self, icon: Icon, vault: VaultState) -> bool;
    /// A mark on the icon while a tab is shown; all tabs for `None`.
    fn badge(&self, tab: Option<i32>, shown: bool);

    /// Registers the content scripts of these sites and no others.
    async fn register(&self, sites: &[SiteScripts]);
    /// Runs them in tabs that are open already.
    async fn inject(&self, site: &SiteScripts);
    /// Gives a host permission back.
    async fn give_back(&self, origin: &str);
    /// Whether the browser lets us into an origin.
    async fn allowed(&self, origin: &str) -> bool;

    /// Goes on with work that nobody waits for.
    fn spawn(&self, work: impl Future<Output = ()> + 'static);
    /// Shows the browser that there is work still.
    async fn stir(&self);
    /// Waits.
    async fn sleep(&self, millis: u32);
}
