//! Messages in pieces, through the public interface: the same as whole ones, and refused where
//! anything is missing, changed or out of order.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test reports a failed expectation by panicking"
)]

mod common;
mod detached;
mod faults;
mod roundtrip;
