//! The background without a browser: who may ask what, what outlives a stop, and what a page can
//! never get, with the real mail client underneath.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::expect_used,
    reason = "tests"
)]

mod account;
mod ahead;
mod api;
mod api_bounds;
mod api_keys;
mod drafts;
mod forwarded;
mod frames;
mod host;
mod pages;
mod peers;
mod providers;
mod store;
mod vault;
mod world;
