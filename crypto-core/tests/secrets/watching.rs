//! An allocator that looks into every block before it gives it back: whoever left a secret in it
//! did not wipe it.

#![allow(
    unsafe_code,
    reason = "a global allocator cannot be written without it; this one reads blocks that their owner has just given up, and forwards to the system's"
)]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    backtrace::Backtrace,
    cell::Cell,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU8, AtomicUsize, Ordering},
    },
};

/// How much of a secret must stand in a block for it to be found. Shorter pieces are met by chance.
const NEEDLE: usize = 16;
const MOST: usize = 64;

// Not on the heap: what is looked for must not be found where it is kept.
static NEEDLES: [[AtomicU8; NEEDLE]; MOST] = [const { [const { AtomicU8::new(0) }; NEEDLE] }; MOST];
static COUNT: AtomicUsize = AtomicUsize::new(0);
static FOUND: Mutex<Vec<String>> = Mutex::new(Vec::new());

thread_local! {
    static WATCHING: Cell<bool> = const { Cell::new(false) };
}

/// The system's allocator, with eyes.
pub(crate) struct Watching;

// SAFETY: every request goes to the system's allocator unchanged. The default `realloc` is kept,
// so that a block that moves is looked into as well.
unsafe impl GlobalAlloc for Watching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // Zeroed, so that what is found in a block was written into it since.
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if WATCHING.try_with(Cell::get).unwrap_or(false) {
            // SAFETY: the block is still ours, has this size, and was zeroed when it was made, so
            // that every byte of it can be read.
            let bytes = unsafe { std::slice::from_raw_parts(block, layout.size()) };
            look(bytes);
        }
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }
}

/// Larger blocks are Argon2's, which is checked by what comes out of it.
const LARGEST: usize = 4 << 20;

fn look(bytes: &[u8]) {
    if bytes.len() > LARGEST {
        return;
    }
    for needle in NEEDLES.iter().take(COUNT.load(Ordering::Relaxed)) {
        let needle: [u8; NEEDLE] = std::array::from_fn(|at| needle[at].load(Ordering::Relaxed));
        let place = bytes.windows(NEEDLE).position(|window| window == needle);
        if let Some(place) = place {
            WATCHING.set(false);
            let way = Backtrace::force_capture().to_string();
            FOUND
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(format!(
                    "at {place} in a block of {} bytes\n{}",
                    bytes.len(),
                    shorten(&way)
                ));
            WATCHING.set(true);
            return;
        }
    }
}

/// The frames that tell whose block it was.
fn shorten(way: &str) -> String {
    way.lines()
        .filter(|line| !line.trim_start().starts_with("at "))
        .filter(|line| {
            !line.contains("watching") && !line.contains("alloc::") && !line.contains("std::")
        })
        .take(14)
        .collect::<Vec<_>>()
        .join("\n")
}

/// From now on these bytes are a secret: every stretch of 16 of them, from every 16th place on.
pub(crate) fn is_secret(bytes: &[u8]) {
    for piece in bytes.chunks_exact(NEEDLE) {
        // Zeros are met everywhere.
        if piece.iter().filter(|byte| **byte != 0).count() < NEEDLE / 2 {
            continue;
        }
        let place = COUNT.fetch_add(1, Ordering::Relaxed);
        assert!(place < MOST, "too many secrets for one test");
        for (to, from) in NEEDLES[place].iter().zip(piece) {
            to.store(*from, Ordering::Relaxed);
        }
    }
}

/// Runs something on this thread, and returns where secrets were left behind.
pub(crate) fn watched<T>(work: impl FnOnce() -> T) -> Vec<String> {
    WATCHING.set(true);
    let result = work();
    drop(result);
    WATCHING.set(false);
    std::mem::take(&mut *FOUND.lock().unwrap_or_else(PoisonError::into_inner))
}
