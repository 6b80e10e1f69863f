//! The webmail's own texts; what the extension says alike stands in the kit's catalogue.

use ui_kit::texts::{self, Catalogues};

pub(crate) use ui_kit::t;

/// The first is the fallback. Static, because a catalogue in use is known by where it lies.
static CATALOGUES: &Catalogues = &[("en", include_str!("../../locales/en.ftl"))];

/// Takes the texts in the browser's language.
pub(crate) fn start() {
    texts::start(CATALOGUES, "");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_catalogue_parses_and_has_every_text() {
        let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ui");
        assert_eq!(texts::faults(CATALOGUES, &source), Vec::<String>::new());
    }
}
