//! The extension's background: it holds the vault and trusts nobody else.
//!
//! Whoever connects is known by what the browser proves ([`sender`]), has one closed enum of
//! requests ([`decode`]), and is cut when it says anything else. The mail client does the work;
//! this crate decides who may have what done:
//!
//! | module | peer |
//! |---|---|
//! | `content` | content scripts: ciphertext, heights, nothing else |
//! | `api` | pages that the person approved, each with keyrings of its own |
//! | `frame_calls`, `reader`, `editor` | our frames inside pages |
//! | `page_calls`, `site_calls`, `account` | our own pages, where the person is |
//! | `web::mail` | the webmail page, in the webmail's own protocol |
//!
//! The background may be stopped at any second. What an unlocked session and the open frames
//! need lies in the browser's memory ([`frames`], `vault`) and comes back from there.
//!
//! Everything but [`web`] is plain Rust over the trait [`host::Host`] and is tested natively.

mod account;
mod api;
mod autocrypt_from;
mod background;
mod content;
mod convert;
pub mod decode;
mod drafts;
mod editor;
mod failure;
mod frame_calls;
pub mod frames;
mod heights;
pub mod host;
mod icon;
pub mod limits;
mod lookups;
mod page_calls;
pub mod parts;
mod quotes;
mod reader;
pub mod rules;
pub mod sender;
mod set_up;
mod settings;
mod site_calls;
pub mod sites;
mod vault;
pub mod web;

pub use background::Background;
pub use vault::LOCK_ALARM;
