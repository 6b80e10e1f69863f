//! Rebuilds when a migration is added: the compiler does not watch that folder by itself.
#![allow(
    clippy::print_stdout,
    reason = "cargo reads a build script's standard output"
)]

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
