//! The entry point of the worker that holds the keys.

fn main() {
    console_error_panic_hook::set_once();
    platform_web::charsets::use_the_browsers();
    if let Err(error) = webapp::worker::start() {
        web_sys::console::error_1(&error);
    }
}
