//! The own texts of frames and pages; what the webmail says alike stands in the kit's catalogue.

use ui_kit::texts::{self, Catalogues};

pub(crate) use ui_kit::t;

/// The first is the fallback. Static, because a catalogue in use is known by where it lies.
static CATALOGUES: &Catalogues = &[("en", include_str!("../locales/en.ftl"))];

/// The tags of the languages there are, for choosing.
pub(crate) fn available() -> impl Iterator<Item = &'static str> {
    CATALOGUES.iter().map(|(tag, _)| *tag)
}

/// Takes the texts in the person's choice (BCP 47); empty leaves it to the browser.
pub(crate) fn choose(tag: &str) {
    texts::start(CATALOGUES, tag);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_catalogue_parses_and_has_every_text() {
        let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        assert_eq!(texts::faults(CATALOGUES, &source), Vec::<String>::new());
    }
}
