//! What a person sees of the extension.
//!
//! Two programs share this library. `frames` is the reader, the editor and the key frames that
//! stand inside somebody's page: small, because one starts with every sealed message. `pages` is
//! what has a window of its own: popup, unlock window, first run, key manager.
//!
//! ```text
//! loader/frame.js ─ port "frame" ─┐
//! loader/page.js  ─ port "page" ──┴─> Link ──> background (keys, vault, network)
//!                                      │
//!                       frames / pages (Yew): what is known, what is shown
//! ```
//!
//! # Security
//! Nothing here holds keys. A frame shows one message or one letter and forgets it when the vault
//! is locked; a passphrase is typed in our own top-level pages only. A page that embeds a frame is
//! an adversary: it may move, cover or fake it, so what matters happens through `guard`, the
//! person's own picture stands beside every verdict, and no message is ever posted to the page.

mod components;
mod editable;
mod errors;
mod frames;
mod guard;
mod i18n;
mod link;
mod mark;
mod pages;
mod strength;
mod transfer;

use ui_kit::dom;
use ui_kit::format;

pub use frames::run as run_frame;
pub use pages::run as run_page;
