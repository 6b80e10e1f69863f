//! Keys and messages of our own, through the public interface: what works, and what is refused.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test reports a failed expectation by panicking"
)]

mod certificates;
mod common;
mod forge;
mod grammar;
mod hostile;
mod policy;
mod properties;
mod roundtrip;
mod signed;
