//! The entry point of the extension's own pages; started by `loader/page.js`.

fn main() {
    ext_pages::run_page();
}
