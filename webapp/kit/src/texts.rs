//! Fluent catalogues: which language, and a bundle of its texts.

use fluent_bundle::{FluentBundle, FluentResource};
use fluent_langneg::{NegotiationStrategy, negotiate_languages};
use unic_langid::LanguageIdentifier;

/// Makes the bundle of the first catalogue that fits a wanted language, else of the first at all.
///
/// A catalogue is a language tag and the source of its texts.
pub fn bundle(catalogues: &[(&str, &str)], wanted: &[String]) -> FluentBundle<FluentResource> {
    let wanted: Vec<LanguageIdentifier> = wanted.iter().filter_map(|l| l.parse().ok()).collect();
    let available: Vec<LanguageIdentifier> = catalogues
        .iter()
        .filter_map(|(tag, _)| tag.parse().ok())
        .collect();
    let fallback = available.first().cloned().unwrap_or_default();
    let chosen = negotiate_languages(
        &wanted,
        &available,
        Some(&fallback),
        NegotiationStrategy::Lookup,
    )
    .first()
    .map_or(fallback.clone(), |l| (*l).clone());
    let source = catalogues
        .iter()
        .find(|(tag, _)| chosen == *tag)
        .or_else(|| catalogues.first())
        .map_or("", |(_, source)| *source);
    let mut bundle = FluentBundle::new(vec![chosen]);
    // Isolating marks would end up in quoted letters; `format::clean` has taken every direction
    // mark out of names instead. A right-to-left catalogue will want them on.
    bundle.set_use_isolating(false);
    // A file with a fault still gives its good messages; the crates' tests refuse such a file.
    let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(part, _)| part);
    bundle.add_resource_overriding(resource);
    bundle
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_languages_fall_back_to_the_first() {
        let catalogues = [("en", "hello = Hello"), ("de", "hello = Hallo")];
        let chosen = |wanted: &[&str]| {
            let wanted: Vec<String> = wanted.iter().map(ToString::to_string).collect();
            bundle(&catalogues, &wanted).locales[0].to_string()
        };
        assert_eq!(chosen(&["xx-YY", "not a tag"]), "en");
        assert_eq!(chosen(&["de-AT", "en"]), "de");
    }
}
