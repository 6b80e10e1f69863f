//! Every text a person reads, from Fluent catalogues compiled in.
//!
//! `t!("id", name = value)` is the one way to a text. What several programs say alike stands in
//! the kit's own catalogue; a program adds its own with [`start`], and may say one of the kit's
//! texts in other words there. A test of each program (`faults`) checks that every id named in
//! its source stands in a catalogue, and every text in a catalogue is shown.

#[cfg(any(test, feature = "testing"))]
mod faults;

use std::cell::RefCell;

pub use fluent_bundle::FluentArgs;
use fluent_bundle::{FluentBundle, FluentResource};
use fluent_langneg::{NegotiationStrategy, negotiate_languages};
use unic_langid::LanguageIdentifier;

#[cfg(any(test, feature = "testing"))]
pub use faults::faults;

use crate::dom;

/// Language tags and the texts in them. The first is the fallback.
pub type Catalogues = [(&'static str, &'static str)];

/// What the kit itself says.
const OWN: &Catalogues = &[("en", include_str!("../locales/en.ftl"))];

/// The texts in use.
struct Chosen {
    catalogues: &'static Catalogues,
    bundle: FluentBundle<FluentResource>,
}

thread_local! {
    /// The kit's own until a program has started with its.
    static CHOSEN: RefCell<Option<Chosen>> = const { RefCell::new(None) };
}

/// The text of an id, with its arguments.
#[macro_export]
macro_rules! t {
    ($id:literal) => { $crate::texts::text($id, None) };
    ($id:literal, $($key:ident = $value:expr),+ $(,)?) => {{
        let mut arguments = $crate::texts::FluentArgs::new();
        $( arguments.set(stringify!($key), $value); )+
        $crate::texts::text($id, Some(&arguments))
    }};
}

/// Takes the program's catalogues, in the language that fits the person's best: the chosen one
/// (BCP 47), or where that is empty one of the browser's. Tells the document and the formats of
/// dates and numbers too. To read a catalogue takes some milliseconds: one that is in use is left.
pub fn start(catalogues: &'static Catalogues, chosen: &str) {
    let wanted = match chosen {
        "" => dom::languages(),
        tag => vec![tag.to_owned()],
    };
    let language = fitting(catalogues, &wanted);
    let is_in_use = CHOSEN.with_borrow(|now| {
        now.as_ref().is_some_and(|now| {
            std::ptr::eq(now.catalogues, catalogues)
                && now.bundle.locales.first() == Some(&language)
        })
    });
    if is_in_use {
        return;
    }
    let tag = language.to_string();
    let bundle = bundle(catalogues, language);
    CHOSEN.set(Some(Chosen { catalogues, bundle }));
    crate::format::set_language(&tag);
    if let Some(root) = dom::document().and_then(|d| d.document_element()) {
        let _ = root.set_attribute("lang", &tag);
    }
}

/// Looks a text up; an unknown id is shown as itself rather than as nothing.
pub fn text(id: &str, arguments: Option<&FluentArgs<'_>>) -> String {
    CHOSEN.with_borrow_mut(|chosen| {
        let chosen = chosen.get_or_insert_with(|| Chosen {
            catalogues: OWN,
            bundle: bundle(OWN, fitting(OWN, &[])),
        });
        let Some(pattern) = chosen.bundle.get_message(id).and_then(|m| m.value()) else {
            return id.to_owned();
        };
        let mut errors = Vec::new();
        let text = chosen
            .bundle
            .format_pattern(pattern, arguments, &mut errors);
        text.into_owned()
    })
}

/// The language of the first catalogue that fits a wanted one, else of the first at all.
fn fitting(catalogues: &Catalogues, wanted: &[String]) -> LanguageIdentifier {
    let wanted: Vec<LanguageIdentifier> = wanted.iter().filter_map(|l| l.parse().ok()).collect();
    let available: Vec<LanguageIdentifier> = catalogues
        .iter()
        .filter_map(|(tag, _)| tag.parse().ok())
        .collect();
    let fallback = available.first().cloned().unwrap_or_default();
    negotiate_languages(
        &wanted,
        &available,
        Some(&fallback),
        NegotiationStrategy::Lookup,
    )
    .first()
    .map_or(fallback.clone(), |l| (*l).clone())
}

/// Makes the bundle of a catalogue over the kit's own texts.
fn bundle(catalogues: &Catalogues, chosen: LanguageIdentifier) -> FluentBundle<FluentResource> {
    let own = source(OWN, &chosen);
    let programs = source(catalogues, &chosen);
    let mut bundle = FluentBundle::new(vec![chosen]);
    // Isolating marks would end up in quoted letters; `format::clean` has taken every direction
    // mark out of names instead. A right-to-left catalogue will want them on.
    bundle.set_use_isolating(false);
    for source in [own, programs] {
        // A file with a fault still gives its good messages; the crates' tests refuse such a file.
        let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(part, _)| part);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

/// The texts in a language, else in the first.
fn source(catalogues: &Catalogues, language: &LanguageIdentifier) -> &'static str {
    catalogues
        .iter()
        .find(|(tag, _)| *language == *tag)
        .or_else(|| catalogues.first())
        .map_or("", |(_, source)| *source)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(bundle: &FluentBundle<FluentResource>, id: &str) -> String {
        let pattern = bundle.get_message(id).and_then(|m| m.value()).unwrap();
        bundle.format_pattern(pattern, None, &mut Vec::new()).into()
    }

    #[test]
    fn unknown_languages_fall_back_to_the_first() {
        let catalogues = [("en", "hello = Hello"), ("de", "hello = Hallo")];
        let chosen = |wanted: &[&str]| {
            let wanted: Vec<String> = wanted.iter().map(ToString::to_string).collect();
            bundle(&catalogues, fitting(&catalogues, &wanted)).locales[0].to_string()
        };
        assert_eq!(chosen(&["xx-YY", "not a tag"]), "en");
        assert_eq!(chosen(&["de-AT", "en"]), "de");
    }

    #[test]
    fn a_program_may_use_its_own_words() {
        let catalogues = [("en", "close = Shut")];
        let bundle = bundle(&catalogues, fitting(&catalogues, &[]));
        assert_eq!(say(&bundle, "close"), "Shut");
        assert_eq!(say(&bundle, "cancel"), "Cancel");
    }

    /// What the kit says is said by the kit, or by both of the programs; a text of one program
    /// belongs into its own catalogue.
    #[test]
    fn the_kits_own_texts_are_shared() {
        let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let kit = faults::ids_in(&here.join("src"));
        let webmail = faults::ids_in(&here.join("../src/ui"));
        let extension = faults::ids_in(&here.join("../../extension/pages/src"));
        let shared: Vec<_> = webmail.intersection(&extension).cloned().collect();
        for (tag, source) in OWN {
            let faults = faults::of_source(source, &kit, |id| {
                kit.contains(id) || shared.iter().any(|shared| shared == id)
            });
            assert_eq!(faults, Vec::<String>::new(), "{tag}");
        }
    }
}
