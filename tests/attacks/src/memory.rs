//! How much memory somebody used at most.
//!
//! "Bounded" is a claim about a maximum, and a maximum cannot be seen from outside: so the
//! allocator counts.

#![allow(
    unsafe_code,
    reason = "a global allocator cannot be written without it; this one counts and forwards to the system's"
)]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

thread_local! {
    // Counted for each thread, since tests run beside each other. Cells of numbers need neither
    // memory nor a destructor, so they can be used from within an allocator.
    static NOW: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

/// The system's allocator with a counter.
pub struct Counting;

// SAFETY: every request goes to the system's allocator unchanged; counting touches no memory
// that was handed out.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grow(layout.size());
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        grow(layout.size());
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        shrink(layout.size());
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }
}

fn grow(size: usize) {
    let size = isize::try_from(size).unwrap_or(isize::MAX);
    let _ = NOW.try_with(|now| {
        now.set(now.get().saturating_add(size));
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(now.get())));
    });
}

fn shrink(size: usize) {
    let size = isize::try_from(size).unwrap_or(isize::MAX);
    let _ = NOW.try_with(|now| now.set(now.get().saturating_sub(size)));
}

/// Runs something on this thread; says how many bytes more than before it held at most.
///
/// Counts nothing unless [`Counting`] is the program's allocator.
pub fn peak_of<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = NOW.with(Cell::get);
    PEAK.with(|peak| peak.set(before));
    let result = work();
    let most = PEAK.with(Cell::get).saturating_sub(before);
    (result, usize::try_from(most).unwrap_or(0))
}
