//! The entry point of the worker that holds the keys.

/// Wipes every block that is given back: the OpenPGP library leaves secret numbers in some.
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

fn main() {
    console_error_panic_hook::set_once();
    platform_web::charsets::use_the_browsers();
    if let Err(error) = webapp::worker::start() {
        web_sys::console::error_1(&error);
    }
}
