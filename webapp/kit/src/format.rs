//! Names, dates, numbers, sizes and fingerprints, as the reader's language writes them.

use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use mail_view::Person;
use std::cell::RefCell;
use wasm_bindgen::JsValue;

use crate::{lookalike, t};

thread_local! {
    static LANGUAGE: RefCell<String> = const { RefCell::new(String::new()) };
    // Making a formatter costs more than using it a hundred times.
    static TIME: Function = date_format(&[("timeStyle", "short")]);
    static DAY: Function = date_format(&[("day", "numeric"), ("month", "short")]);
    static DATE: Function = date_format(&[("dateStyle", "medium")]);
    static FULL: Function = date_format(&[
        ("weekday", "short"),
        ("day", "numeric"),
        ("month", "short"),
        ("year", "numeric"),
        ("hour", "numeric"),
        ("minute", "2-digit"),
    ]);
}

/// Tells the language of the texts in use; before that, the browser's is taken.
pub fn set_language(tag: &str) {
    LANGUAGE.with(|l| tag.clone_into(&mut l.borrow_mut()));
}

fn options(pairs: &[(&str, &str)]) -> Object {
    let options = Object::new();
    for (name, value) in pairs {
        let _ = Reflect::set(&options, &JsValue::from(*name), &JsValue::from(*value));
    }
    options
}

/// The reader's own regional variant of the language in use, else that language.
fn locales() -> Array {
    let language = LANGUAGE.with(|l| l.borrow().clone());
    let prefix = language.split('-').next().unwrap_or_default().to_owned();
    let regional = super::dom::languages()
        .into_iter()
        .find(|l| l.split('-').next() == Some(prefix.as_str()));
    Array::of1(&JsValue::from(regional.unwrap_or(language)))
}

fn date_format(pairs: &[(&str, &str)]) -> Function {
    Intl::DateTimeFormat::new(&locales(), &options(pairs)).format()
}

fn run(format: &'static std::thread::LocalKey<Function>, seconds: u64) -> String {
    let date = JsValue::from_f64(seconds as f64 * 1000.0);
    format
        .with(|f| f.call1(&JsValue::UNDEFINED, &date))
        .ok()
        .and_then(|text| text.as_string())
        .unwrap_or_default()
}

/// For lists: the time today, the day this year, else the date.
pub fn short_date(seconds: u64) -> String {
    let now = Date::new_0();
    let then = Date::new(&JsValue::from_f64(seconds as f64 * 1000.0));
    if now.get_full_year() != then.get_full_year() {
        run(&DATE, seconds)
    } else if now.get_month() == then.get_month() && now.get_date() == then.get_date() {
        run(&TIME, seconds)
    } else {
        run(&DAY, seconds)
    }
}

/// For an opened message: day of the week, date and time.
pub fn full_date(seconds: u64) -> String {
    run(&FULL, seconds)
}

/// The date alone.
pub fn day(seconds: u64) -> String {
    run(&DATE, seconds)
}

/// For `<time datetime>`.
pub fn machine_date(seconds: u64) -> String {
    Date::new(&JsValue::from_f64(seconds as f64 * 1000.0))
        .to_iso_string()
        .into()
}

/// A whole number with the language's separators.
pub fn number(value: u64) -> String {
    Intl::NumberFormat::new(&locales(), &Object::new())
        .format()
        .call1(&JsValue::UNDEFINED, &JsValue::from_f64(value as f64))
        .ok()
        .and_then(|text| text.as_string())
        .unwrap_or_else(|| value.to_string())
}

/// Bytes as a person counts them: 1,000 to the kilobyte.
pub fn size(bytes: u64) -> String {
    let (value, unit, digits) = match bytes {
        0..1_000 => (bytes as f64, "byte", 0),
        1_000..1_000_000 => (bytes as f64 / 1e3, "kilobyte", 0),
        1_000_000..1_000_000_000 => (bytes as f64 / 1e6, "megabyte", 1),
        _ => (bytes as f64 / 1e9, "gigabyte", 1),
    };
    // "49 byte" is how English abbreviates it; the long form knows the plural.
    let display = if unit == "byte" { "long" } else { "short" };
    let options = options(&[("style", "unit"), ("unit", unit), ("unitDisplay", display)]);
    let _ = Reflect::set(
        &options,
        &JsValue::from("maximumFractionDigits"),
        &JsValue::from(digits),
    );
    Intl::NumberFormat::new(&locales(), &options)
        .format()
        .call1(&JsValue::UNDEFINED, &JsValue::from_f64(value))
        .ok()
        .and_then(|text| text.as_string())
        .unwrap_or_else(|| bytes.to_string())
}

/// A span of time in words, rounded to what a person would say.
pub fn span(seconds: f64) -> String {
    const MINUTE: f64 = 60.0;
    const HOUR: f64 = 60.0 * MINUTE;
    const DAY: f64 = 24.0 * HOUR;
    const MONTH: f64 = 30.0 * DAY;
    const YEAR: f64 = 365.0 * DAY;
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

/// The name, or the address where there is none.
pub fn person(person: &Person) -> String {
    let name = clean(person.name.trim());
    if !name.is_empty() {
        name
    } else if person.address.is_empty() {
        t!("person-unknown")
    } else {
        lookalike::shown(&person.address)
    }
}

/// Several people in one line.
pub fn people(list: &[Person]) -> String {
    list.iter().map(person).collect::<Vec<_>>().join(", ")
}

/// The first letter of a name, for the picture beside it.
pub fn initial(person: &Person) -> String {
    self::person(person)
        .chars()
        .find(|c| c.is_alphanumeric())
        .map_or_else(|| "·".to_owned(), |c| c.to_uppercase().collect())
}

/// One digit that counts, two below a hundred.
fn rounded(value: u64) -> u64 {
    let mut step = 1;
    while value / step >= 100 {
        step *= 10;
    }
    if step == 1 {
        return value;
    }
    let step = step * 10;
    ((value + step / 2) / step) * step
}

/// Strips what could make a name look like something else: control characters and those that
/// turn the direction of writing.
pub fn clean(text: &str) -> String {
    text.chars()
        .filter(|c| {
            !c.is_control()
                && !matches!(c,
                    '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{202A}'..='\u{202E}'
                    | '\u{2028}' | '\u{2029}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
        })
        .collect()
}

/// Upper-case hexadecimal in groups of four, to be read aloud.
pub fn fingerprint(text: &str) -> String {
    let digits: Vec<char> = text.chars().collect();
    digits
        .chunks(4)
        .map(|group| group.iter().collect::<String>())
        .collect::<Vec<_>>()
        .join(" ")
}

/// One of six quiet tints, always the same for an address.
pub fn tint(address: &str) -> &'static str {
    const TINTS: [&str; 6] = ["tint-0", "tint-1", "tint-2", "tint-3", "tint-4", "tint-5"];
    let sum = address
        .bytes()
        .fold(7_u32, |sum, b| sum.wrapping_mul(31).wrapping_add(b.into()));
    TINTS
        .get(sum as usize % TINTS.len())
        .copied()
        .unwrap_or("tint-0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_rounded_as_people_speak() {
        assert_eq!(rounded(7), 7);
        assert_eq!(rounded(99), 99);
        assert_eq!(rounded(123), 100);
        assert_eq!(rounded(287), 300);
        assert_eq!(rounded(96_000), 100_000);
    }

    #[test]
    fn names_cannot_turn_the_line_around() {
        assert_eq!(clean("Bob\u{202E}elif\u{2069}\n"), "Bobelif");
    }

    #[test]
    fn fingerprints_are_grouped() {
        assert_eq!(fingerprint("ABCDEF0123"), "ABCD EF01 23");
    }
}
