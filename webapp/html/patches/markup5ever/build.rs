//! Writes the named characters as one text: a line each, `name TAB characters`, in order of names.

use std::fmt::Write;
use std::path::Path;

fn main() {
    let mut lines: Vec<(&str, String)> = web_atoms::NAMED_ENTITIES
        .entries()
        // The others are prefixes of names, which the text shows by itself.
        .filter(|(_, (first, _))| *first != 0)
        .map(|(name, (first, second))| {
            let characters = [*first, *second]
                .into_iter()
                .filter(|c| *c != 0)
                .map(|c| char::from_u32(c).expect("named characters are characters"));
            (*name, characters.collect())
        })
        .collect();
    lines.sort();
    let mut text = String::new();
    for (name, characters) in lines {
        // A name of a line break exists, so lines end in what no name stands for.
        write!(text, "{name}\t{characters}\0").expect("strings take everything");
    }
    let folder = std::env::var("OUT_DIR").expect("cargo sets it");
    std::fs::write(Path::new(&folder).join("entities.txt"), text).expect("cargo made the folder");
    println!("cargo::rerun-if-changed=build.rs");
}
