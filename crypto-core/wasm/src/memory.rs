//! Memory that is wiped when it is given back.
//!
//! What reads, copies and grows on the way to a key leaves pieces of it in freed blocks. Wiping
//! every block costs a third of the time of a large message, and large buffers, which hold
//! plaintext, are wiped by whoever owns them; so small blocks are wiped here.

use std::alloc::{GlobalAlloc, Layout, System};

use zeroizing_alloc::ZeroAlloc;

/// Blocks up to this size are wiped, in bytes: far more than any key or passphrase needs.
const SMALL: usize = 16 << 10;

/// The platform's allocator, behind the one that wipes.
static WIPING: ZeroAlloc<System> = ZeroAlloc(System);

#[global_allocator]
static ALLOCATOR: WipesSmall = WipesSmall;

struct WipesSmall;

#[allow(
    unsafe_code,
    reason = "every call is handed on unchanged, to one allocator or to the other, and both take and give blocks of the same one"
)]
unsafe impl GlobalAlloc for WipesSmall {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc`, which is the same there.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc_zeroed`, which is the same there.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the block came from `System`, which both give back to; the contract is the same.
        unsafe {
            if layout.size() <= SMALL {
                WIPING.dealloc(block, layout);
            } else {
                System.dealloc(block, layout);
            }
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: as for `dealloc`.
        unsafe {
            if layout.size() <= SMALL {
                WIPING.realloc(block, layout, new_size)
            } else {
                System.realloc(block, layout, new_size)
            }
        }
    }
}
