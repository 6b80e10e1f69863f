//! People without a server, who write and read in somebody else's pages.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod accounts;
mod directories;
mod foreign;
mod keys;
mod letters;
mod linking;
mod opening;
mod people;
mod sites;
mod world;
