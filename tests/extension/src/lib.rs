//! What the tests of the extension are made of.
//!
//! Real browsers load the extension as it was built; every name of the web leads to listeners of
//! the tests ([`web`]), among them a page with Gmail's structure at `https://mail.google.com`
//! ([`gmail`]) that writes down everything it can see. Nothing sleeps for a fixed time.

#![allow(
    clippy::indexing_slicing,
    reason = "invariant: indexing a JSON value gives null and never panics"
)]

pub mod axe;
pub mod extension;
pub mod frames;
pub mod gmail;
pub mod life;
pub mod manager;
pub mod peers;
pub mod person;
pub mod privileged;
pub mod roundcube;
pub mod web;
pub mod webmail;
