//! The entry point of the frames inside somebody's page; started by `loader/frame.js`.

fn main() {
    ext_pages::run_frame();
}
