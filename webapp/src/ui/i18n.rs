//! Every text a person reads, from Fluent files compiled in.
//!
//! `t!("id", name = value)` is the one way to a text. A test below checks that each id named in
//! the source stands in the catalogue, so a missing text fails the build.

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource};

/// The catalogues: language tag and source. The first is the fallback.
const CATALOGUES: &[(&str, &str)] = &[("en", include_str!("../../locales/en.ftl"))];

thread_local! {
    static CATALOGUE: FluentBundle<FluentResource> =
        ui_kit::texts::bundle(CATALOGUES, &super::dom::languages());
}

/// The text of an id, with its arguments.
macro_rules! t {
    ($id:literal) => { $crate::ui::i18n::text($id, None) };
    ($id:literal, $($key:ident = $value:expr),+ $(,)?) => {{
        let mut arguments = fluent_bundle::FluentArgs::new();
        $( arguments.set(stringify!($key), $value); )+
        $crate::ui::i18n::text($id, Some(&arguments))
    }};
}
pub(crate) use t;

/// Looks a text up; an unknown id is shown as itself rather than as nothing.
pub(crate) fn text(id: &str, arguments: Option<&FluentArgs<'_>>) -> String {
    CATALOGUE.with(|bundle| {
        let Some(pattern) = bundle.get_message(id).and_then(|m| m.value()) else {
            return id.to_owned();
        };
        let mut errors = Vec::new();
        bundle
            .format_pattern(pattern, arguments, &mut errors)
            .into_owned()
    })
}

/// The language in use, for `lang` and for dates and numbers.
pub(crate) fn language() -> String {
    CATALOGUE.with(|bundle| {
        bundle
            .locales
            .first()
            .map(ToString::to_string)
            .unwrap_or_else(|| "en".to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    /// Ids named by `t!("…")` in the files of a folder.
    fn ids_in(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                ids_in(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("i18n.rs") {
                let source = std::fs::read_to_string(&path).unwrap();
                for (at, call) in source.match_indices("t!(") {
                    // `format!(` and `assert!(` end alike.
                    let is_other = source[..at].ends_with(|c: char| c.is_alphanumeric());
                    let rest = source[at + call.len()..].trim_start();
                    if let (false, Some(id)) = (is_other, rest.strip_prefix('"')) {
                        found.insert(id.split('"').next().unwrap().to_owned());
                    }
                }
            }
        }
    }

    #[test]
    fn every_catalogue_parses_and_has_every_text() {
        let mut used = BTreeSet::new();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ui");
        ids_in(&root, &mut used);
        assert!(
            used.len() > 100,
            "the search for ids is broken: {}",
            used.len()
        );
        for (tag, source) in CATALOGUES {
            let resource = match FluentResource::try_new((*source).to_owned()) {
                Ok(resource) => resource,
                Err((_, errors)) => panic!("{tag}: {errors:?}"),
            };
            let mut bundle = FluentBundle::new(vec![tag.parse().unwrap()]);
            if let Err(errors) = bundle.add_resource(resource) {
                panic!("{tag}: {errors:?}");
            }
            let missing: Vec<_> = used.iter().filter(|id| !bundle.has_message(id)).collect();
            assert!(missing.is_empty(), "{tag} lacks {missing:?}");
            let unused: Vec<_> = source
                .lines()
                .filter_map(|line| line.split_once(" =").map(|(id, _)| id))
                .filter(|id| !id.is_empty() && !id.starts_with([' ', '#', '-', '.']))
                .filter(|id| !used.contains(*id))
                .collect();
            assert!(
                unused.is_empty(),
                "{tag} has texts nobody shows: {unused:?}"
            );
        }
    }
}
