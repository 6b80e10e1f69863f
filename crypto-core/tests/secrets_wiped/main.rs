//! The same as `secrets`, in a program whose allocator wipes every block that is given back: what
//! rPGP leaves behind is gone as well. Programs that hold keys for long do well to use it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test reports a failed expectation by panicking"
)]

#[path = "../secrets/memory.rs"]
mod memory;
#[path = "../secrets/watching.rs"]
mod watching;

#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<watching::Watching> =
    zeroizing_alloc::ZeroAlloc(watching::Watching);

/// Nothing is excused here.
const WIPED: bool = true;
