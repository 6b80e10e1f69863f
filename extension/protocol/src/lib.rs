//! What the worlds of the extension say to each other: types only.
//!
//! The background holds the keys and trusts nobody else. Whoever connects to it is known by what
//! the browser proves (the extension's own pages by their address, a frame by its one-time token
//! and the tab it stands in, a content script by its tab, frame and the origin the browser
//! reports) and never by what a message says. Each kind of peer has one closed enum of requests;
//! the background decodes only that one, and a message that is none of them ends the connection.
//!
//! | module | peer | may see |
//! |---|---|---|
//! | [`content`] | content script in somebody's page | ciphertext, addresses the page shows, heights |
//! | [`api`] | the page, through the content script | what the client API promises, its own keyring |
//! | [`frame`] | reader, editor and key frames of ours inside somebody's page | one message or draft |
//! | [`page`] | popup, key manager, first run, settings | everything but private keys |
//!
//! Messages are JSON (a browser's extension messaging may carry nothing else), so bytes are
//! base64 and long ones travel in parts ([`transfer`]).

pub mod api;
pub mod content;
pub mod envelope;
pub mod failure;
pub mod frame;
pub mod page;
pub mod provider;
pub mod transfer;
#[cfg(test)]
mod typescript;
pub mod view;
