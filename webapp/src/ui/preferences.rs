//! The choices that stay in the browser: theme and idle time. Neither is a secret.

use super::dom;
use super::state::{Preferences, Theme};

const IDLE_MINUTES: f64 = 15.0;

impl Theme {
    /// The word kept in the browser; the system's theme keeps none.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    pub(crate) fn of_word(word: &str) -> Self {
        match word {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }
}

/// Reads them; anything unreadable counts as not chosen.
pub(crate) fn load() -> Preferences {
    Preferences {
        theme: Theme::of_word(&dom::read_preference("theme").unwrap_or_default()),
        idle_minutes: dom::read_preference("idle-minutes")
            .and_then(|text| text.parse().ok())
            .filter(|minutes: &f64| minutes.is_finite() && *minutes >= 0.0)
            .unwrap_or(IDLE_MINUTES),
    }
}

/// Keeps them and puts the theme on the page.
pub(crate) fn keep(preferences: &Preferences) {
    let theme = preferences.theme;
    dom::write_preference("theme", (theme != Theme::System).then(|| theme.word()));
    let minutes = preferences.idle_minutes;
    let text = minutes.to_string();
    dom::write_preference("idle-minutes", (minutes != IDLE_MINUTES).then_some(&text));
    show(theme);
}

fn show(theme: Theme) {
    let Some(root) = dom::document().and_then(|d| d.document_element()) else {
        return;
    };
    let _ = match theme {
        Theme::System => root.remove_attribute("data-theme"),
        _ => root.set_attribute("data-theme", theme.word()),
    };
}
