//! The headless mail client: sign up, log in, synchronise, read, send.
//!
//! Everything a person does with an account is a method of [`Client`], written once over the
//! [`ports`] of a platform: a browser's worker, an extension's background, a native test. Keys
//! live here and nowhere else; what leaves is the plain data of [`view`].
//!
//! The attackers are the server, which sees only what is sealed and must prove itself before it
//! is believed, and the senders of mail, whose messages are opened under the limits of
//! `crypto_core`.

mod account;
pub mod autocrypt;
mod client;
mod contacts;
mod device;
pub mod drafts;
mod error;
pub mod files;
pub mod found;
mod http;
mod import;
mod jmap;
mod judge;
mod keyfile;
pub mod keys;
mod lines;
pub mod link;
mod local;
pub mod local_account;
mod login;
mod mailbox;
mod objects;
mod open;
mod opened;
pub mod people;
pub mod ports;
pub mod publish;
mod reading;
pub mod recovery;
pub mod seal;
mod seen;
mod send;
mod session;
pub mod sites;
mod sync;
mod unlock;
pub mod view;
mod wkd;

pub use client::{Client, NewAccount, Progress};
pub use error::ClientError;
pub use mailbox::AttachmentFile;
pub use sync::SyncReport;
