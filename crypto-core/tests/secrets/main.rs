//! Secrets do not outlive their owners, and are not printed.
//!
//! Memory is looked at natively: an allocator searches every block that is given back for the
//! bytes of the secrets of a test. Copies on the stack and in registers are out of its sight.
//!
//! nextest runs each test in a process of its own; with plain `cargo test` they share the list of
//! secrets, which are different ones, so that they do not disturb each other.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test reports a failed expectation by panicking"
)]

mod memory;
mod shown;
mod watching;

#[global_allocator]
static ALLOCATOR: watching::Watching = watching::Watching;

/// Blocks are given back as their owners left them.
const WIPED: bool = false;
