//! `letterlock-sop` through its command line, as others run it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test reports a failed expectation by panicking"
)]

mod common;
mod keys;
mod legacy;
mod messages;
mod signatures;
mod usage;
