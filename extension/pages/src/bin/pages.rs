//! The entry point of the extension's own pages, started by `loader/page.js`; and of the webmail
//! page, started by its own loader. They share one program, so that the package carries what they
//! have in common once.

fn main() {
    let path = web_sys::window().and_then(|window| window.location().pathname().ok());
    if path.is_some_and(|path| path.ends_with("/webmail.html")) {
        webapp::ui::run();
    } else {
        ext_pages::run_page();
    }
}
