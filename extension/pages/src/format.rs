//! Names and spans of time in words; dates, numbers and sizes come from the kit.

use crate::i18n::t;
use ext_protocol::view::Person;
use ui_kit::format::rounded;
pub(crate) use ui_kit::format::{
    clean, day, fingerprint, full_date, machine_date, number, size, tint,
};

/// The name, or the address where there is none.
pub(crate) fn person(person: &Person) -> String {
    let name = clean(person.name.trim());
    if !name.is_empty() {
        name
    } else if person.address.is_empty() {
        t!("person-unknown")
    } else {
        clean(&person.address)
    }
}

/// The first letter of a name, for the picture beside it.
pub(crate) fn initial(person: &Person) -> String {
    self::person(person)
        .chars()
        .find(|c| c.is_alphanumeric())
        .map_or_else(|| "·".to_owned(), |c| c.to_uppercase().collect())
}

/// A span of time in words, from the power of ten of its seconds.
pub(crate) fn span(log10_seconds: f64) -> String {
    const MINUTE: f64 = 60.0;
    const HOUR: f64 = 60.0 * MINUTE;
    const DAY: f64 = 24.0 * HOUR;
    const MONTH: f64 = 30.0 * DAY;
    const YEAR: f64 = 365.0 * DAY;
    let seconds = 10_f64.powf(log10_seconds.clamp(0.0, 18.0));
    let count = |unit: f64| rounded((seconds / unit) as u64);
    match seconds {
        s if s < 2.0 => t!("span-instant"),
        s if s < MINUTE => t!("span-seconds", n = count(1.0)),
        s if s < HOUR => t!("span-minutes", n = count(MINUTE)),
        s if s < DAY => t!("span-hours", n = count(HOUR)),
        s if s < MONTH => t!("span-days", n = count(DAY)),
        s if s < YEAR => t!("span-months", n = count(MONTH)),
        s if s < 1e6 * YEAR => {
            let years = count(YEAR);
            t!("span-years", n = years, shown = number(years))
        }
        _ => t!("span-ages"),
    }
}
