//! `ext-release` through its command line, as `cargo xtask package` and `cargo xtask verify` run
//! it: what it makes is the same to the bit, and what was changed afterwards is refused.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test reports a failed expectation by panicking"
)]

mod checking;
mod common;
mod crx;
mod making;
