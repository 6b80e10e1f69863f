//! Names and spans of time in words; dates, numbers and sizes come from the kit.

use super::i18n::t;
use mail_client::view::Person;
use ui_kit::format::rounded;
pub(crate) use ui_kit::format::{
    clean, fingerprint, full_date, machine_date, number, short_date, size, tint,
};

/// A span of time in words, rounded to what a person would say.
pub(crate) fn span(seconds: u64) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    const MONTH: u64 = 30 * DAY;
    const YEAR: u64 = 365 * DAY;
    match seconds {
        0..2 => t!("span-instant"),
        2..MINUTE => t!("span-seconds", n = rounded(seconds)),
        MINUTE..HOUR => t!("span-minutes", n = rounded(seconds / MINUTE)),
        HOUR..DAY => t!("span-hours", n = rounded(seconds / HOUR)),
        DAY..MONTH => t!("span-days", n = rounded(seconds / DAY)),
        MONTH..YEAR => t!("span-months", n = rounded(seconds / MONTH)),
        _ => {
            let years = rounded(seconds / YEAR);
            if years >= 1_000_000 {
                t!("span-ages")
            } else {
                t!("span-years", n = years, shown = number(years))
            }
        }
    }
}

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

/// Several people in one line.
pub(crate) fn people(list: &[Person]) -> String {
    list.iter().map(person).collect::<Vec<_>>().join(", ")
}

/// The first letter of a name, for the picture beside it.
pub(crate) fn initial(person: &Person) -> String {
    self::person(person)
        .chars()
        .find(|c| c.is_alphanumeric())
        .map(|c| c.to_uppercase().collect())
        .unwrap_or_else(|| "·".to_owned())
}
