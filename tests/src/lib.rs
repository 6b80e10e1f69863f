//! What the browser tests are made of.
//!
//! Real browsers, the real server binary and the site as it was built; nothing
//! is simulated. `cargo xtask test` provides all of it and tells where it is by
//! environment variables, see [`environment`]. Elements are found by their
//! `data-testid`, states by their `data-*` attributes, never by what a sentence
//! says. Nothing sleeps for a fixed time: every wait is for a condition, with a
//! deadline.

pub mod browser;
pub mod effort;
pub mod environment;
pub mod jmap;
pub mod markers;
pub mod page;
pub mod person;
pub mod process;
pub mod rows;
pub mod server;
pub mod storage;
pub mod tracker;
