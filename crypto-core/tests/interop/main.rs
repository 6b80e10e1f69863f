//! Keys and messages exchanged with other software, both ways.
//!
//! The peers are GnuPG 2.2, Sequoia's `sqop` and OpenPGP.js; `cargo xtask interop` asks more of
//! them, and more peers, through the command line `letterlock-sop`. A peer that is missing fails its
//! tests with a word on what to install: a test that is skipped proves nothing.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test reports a failed expectation by panicking"
)]

mod common;
mod gnupg;
mod openpgp_js;
mod sequoia;
