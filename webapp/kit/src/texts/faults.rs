//! What is wrong with a catalogue, for the tests of the programs.

use std::collections::BTreeSet;
use std::path::Path;

use fluent_bundle::{FluentBundle, FluentResource};

use super::{Catalogues, OWN, source};

/// How a text is asked for. In two parts, so that this is none.
const CALL: &str = concat!("t", "!(");

/// Ids named by `t!("…")` in the Rust files of a folder.
pub(super) fn ids_in(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for path in std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
    {
        if path.is_dir() {
            found.extend(ids_in(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            found.extend(ids_of(&text));
        }
    }
    found
}

fn ids_of(text: &str) -> BTreeSet<String> {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let code = code.collect::<Vec<_>>().join("\n");
    let mut before = ' ';
    code.split(CALL)
        .filter_map(|part| {
            // `format!(` and `assert!(` end alike.
            let is_other = before.is_alphanumeric() || before == '_';
            before = part.chars().next_back().unwrap_or(' ');
            let id = part.trim_start().strip_prefix('"')?.split('"').next()?;
            (!is_other).then(|| id.to_owned())
        })
        .collect()
}

/// The ids that a catalogue has.
fn ids_said(source: &str) -> impl Iterator<Item = &str> {
    source
        .lines()
        .filter_map(|line| line.split_once(" =").map(|(id, _)| id))
        .filter(|id| !id.is_empty() && !id.starts_with([' ', '#', '-', '.']))
}

/// Faults of one source: what does not parse, what it lacks of `used`, what is not `wanted`.
pub(super) fn of_source(
    text: &str,
    used: &BTreeSet<String>,
    wanted: impl Fn(&str) -> bool,
) -> Vec<String> {
    let mut faults = Vec::new();
    let mut bundle = FluentBundle::new(Vec::new());
    match FluentResource::try_new(text.to_owned()) {
        Ok(resource) => {
            if let Err(errors) = bundle.add_resource(resource) {
                faults.push(format!("said twice: {errors:?}"));
            }
        }
        Err((_, errors)) => faults.push(format!("does not parse: {errors:?}")),
    }
    let missing = used.iter().filter(|id| !bundle.has_message(id));
    faults.extend(missing.map(|id| format!("lacks {id}")));
    let unused = ids_said(text).filter(|id| !wanted(id));
    faults.extend(unused.map(|id| format!("nobody shows {id}")));
    faults
}

/// What is wrong with a program's catalogues: faults of their syntax, ids that the source in a
/// folder names and neither they nor the kit have, texts that nobody shows, and the kit's texts in
/// the kit's own words.
pub fn faults(catalogues: &Catalogues, folder: &Path) -> Vec<String> {
    let used = ids_in(folder);
    let mut faults = Vec::new();
    if used.len() < 100 {
        faults.push(format!("only {} ids were found in the source", used.len()));
    }
    for (tag, text) in catalogues {
        let language = tag.parse().unwrap_or_default();
        let own = source(OWN, &language);
        let kits: BTreeSet<String> = ids_said(own).map(str::to_owned).collect();
        let program: BTreeSet<String> = used.difference(&kits).cloned().collect();
        let of_text = of_source(text, &program, |id| used.contains(id) || kits.contains(id));
        faults.extend(of_text.into_iter().map(|fault| format!("{tag}: {fault}")));
        let same = text
            .lines()
            .filter(|line| line.contains(" = ") && !line.contains('{'))
            .filter(|line| own.lines().any(|other| other == *line));
        faults.extend(same.map(|line| format!("{tag}: the kit says this already: {line}")));
    }
    faults
}
