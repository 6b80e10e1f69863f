//! The page: Letterlock's user interface.

fn main() {
    webapp::ui::run();
}
