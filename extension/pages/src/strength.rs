//! Passphrases: drawn ones of known strength, and a floor for typed ones.
//!
//! The webmail judges what is typed by zxcvbn, whose dictionaries are 634 KB compressed: a quarter
//! of the whole extension's package. Here a passphrase is offered instead, drawn by the browser's
//! random source from 2,048 words (11 bits each), and what a person types is judged by a floor:
//! each run of letters counts as an ordinary word however odd it is, digits by their number, names
//! and the most used passwords as nearly nothing. The floor may call a good passphrase weak; a test
//! holds it below zxcvbn's estimate, so it does not call a weak one good.

use zeroize::Zeroizing;

/// Words of a drawn passphrase.
pub(crate) const WORDS: usize = 5;

/// Guesses a second of the attacker we have in mind: 1,000 graphics cards, each limited by its
/// memory to about 2,500 Argon2id computations of 64 MiB and three passes.
const GUESSES_A_SECOND: f64 = 2_500_000.0;

const BITS_A_WORD: f64 = 11.0;

/// Fewer characters than this are refused.
pub(crate) const SHORTEST: usize = 8;

/// How long a passphrase would resist.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Strength {
    /// Power of ten of the seconds a thief needs.
    pub(crate) log10_seconds: f64,
    /// 0 and 1 weak, 2 fair, 3 good, 4 strong: minutes, a day, a year, a century.
    pub(crate) score: u8,
}

impl Strength {
    fn of_bits(bits: f64) -> Self {
        // On average half of the guesses are needed.
        let log2 = bits - 1.0 - GUESSES_A_SECOND.log2();
        let log10_seconds = (log2 * std::f64::consts::LOG10_2).max(0.0);
        const DAY: f64 = 86_400.0;
        let score = match 10_f64.powf(log10_seconds.min(18.0)) {
            s if s < 60.0 => 0,
            s if s < DAY => 1,
            s if s < 365.0 * DAY => 2,
            s if s < 36_500.0 * DAY => 3,
            _ => 4,
        };
        Self {
            log10_seconds,
            score,
        }
    }

    /// That of a drawn passphrase.
    pub(crate) fn drawn() -> Self {
        Self::of_bits(WORDS as f64 * BITS_A_WORD)
    }
}

/// Draws a passphrase. `random` fills a slice with random numbers; `None` when it cannot.
pub(crate) fn draw(random: impl FnOnce(&mut [u8]) -> Option<()>) -> Option<Zeroizing<String>> {
    let list = bip39::Language::English.word_list();
    let mut bytes = Zeroizing::new([0_u8; 2 * WORDS]);
    random(bytes.as_mut_slice())?;
    let mut phrase = Zeroizing::new(String::with_capacity(WORDS * 9));
    for pair in bytes.chunks_exact(2) {
        let number = pair
            .iter()
            .fold(0_usize, |n, byte| (n << 8) | usize::from(*byte));
        // 2,048 divides 65,536: every word is as likely as any other.
        let word = list.get(number % list.len())?;
        if !phrase.is_empty() {
            phrase.push(' ');
        }
        phrase.push_str(word);
    }
    Some(phrase)
}

/// A drawn passphrase from the browser's random source.
pub(crate) fn draw_here() -> Option<Zeroizing<String>> {
    let crypto = ui_kit::dom::window()?.crypto().ok()?;
    draw(|bytes| crypto.get_random_values_with_u8_array(bytes).ok().map(drop))
}

/// What most people who choose badly choose.
const COMMON: [&str; 40] = [
    "password",
    "passwort",
    "letmein",
    "welcome",
    "iloveyou",
    "qwerty",
    "qwertz",
    "azerty",
    "dragon",
    "monkey",
    "football",
    "baseball",
    "sunshine",
    "princess",
    "superman",
    "batman",
    "trustno",
    "master",
    "shadow",
    "michael",
    "jennifer",
    "charlie",
    "jordan",
    "hunter",
    "harley",
    "ranger",
    "thomas",
    "killer",
    "pepper",
    "ginger",
    "summer",
    "winter",
    "freedom",
    "whatever",
    "computer",
    "internet",
    "secret",
    "admin",
    "login",
    "letterlock",
];

const ROWS: [&str; 6] = [
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "01234567890",
    "1qaz2wsx3edc4rfv5tgb6yhn",
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Letters,
    Digits,
    Space,
    Other,
}

fn kind(c: char) -> Kind {
    if c.is_alphabetic() {
        Kind::Letters
    } else if c.is_ascii_digit() {
        Kind::Digits
    } else if c.is_whitespace() || matches!(c, '-' | '_' | '.') {
        Kind::Space
    } else {
        Kind::Other
    }
}

/// True for neighbours on the keyboard or in the alphabet, either way round, and repetitions.
fn is_walk(run: &str) -> bool {
    let mut chars = run.chars();
    let first = chars.next();
    if chars.all(|c| Some(c) == first) {
        return true;
    }
    let back: String = run.chars().rev().collect();
    run.chars().count() > 2
        && ROWS
            .iter()
            .any(|row| row.contains(run) || row.contains(&back))
}

/// Bits of a run of letters, in lower case.
fn letters(run: &str, words: &[&str; 2048]) -> f64 {
    let length = run.chars().count();
    if is_walk(run) {
        3.0
    } else if length <= 3 {
        (length as f64 * 2.0).max(2.0)
    } else if words.binary_search(&run).is_ok() {
        // Drawn words are worth their full 11 bits only when a machine drew them.
        10.0
    } else if length == 4 {
        9.0
    } else {
        // Two words written together count as little more than one.
        (12.0 + (length as f64 - 9.0).max(0.0) * 1.5).min(24.0)
    }
}

fn digits(run: &str) -> f64 {
    let length = run.chars().count() as f64;
    let is_year = run.len() == 4 && (run.starts_with("19") || run.starts_with("20"));
    if is_walk(run) {
        2.0 + length.log2()
    } else if is_year {
        6.0
    } else {
        // Dates are what people remember.
        (length * 3.3).min(if length <= 8.0 { 14.0 } else { 24.0 })
    }
}

fn plain(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '@' | '4' => 'a',
            '0' => 'o',
            '1' | '!' | '|' => 'i',
            '3' => 'e',
            '$' | '5' => 's',
            '7' => 't',
            other => other,
        })
        .collect()
}

/// Judges a typed passphrase; `known` are words a guesser tries first: name, address.
pub(crate) fn judge(passphrase: &str, known: &[String]) -> Strength {
    let words = bip39::Language::English.word_list();
    let mut rest = Zeroizing::new(passphrase.to_lowercase());
    let mut bits = 0.0;
    let known_words = known
        .iter()
        .flat_map(|text| {
            let lower = text.to_lowercase();
            let parts: Vec<String> = lower
                .split(|c: char| !c.is_alphanumeric())
                .filter(|part| part.chars().count() > 2)
                .map(str::to_owned)
                .collect();
            std::iter::once(lower).chain(parts)
        })
        .chain(COMMON.iter().map(ToString::to_string));
    for word in known_words.filter(|word| word.chars().count() > 2) {
        if rest.contains(&word) {
            bits += 2.0;
            *rest = rest.replace(&word, " ");
        } else if plain(&rest).contains(&word) {
            bits += 4.0;
            let plainer = plain(&rest).replace(&word, " ");
            *rest = plainer;
        }
    }
    let mut seen: Vec<String> = Vec::new();
    let mut run = String::new();
    let mut runs: Vec<(Kind, String)> = Vec::new();
    let mut last = None;
    for c in rest.chars() {
        let now = kind(c);
        if last.is_some_and(|last| last != now) {
            runs.push((last.unwrap_or(now), std::mem::take(&mut run)));
        }
        run.push(c);
        last = Some(now);
    }
    if let Some(last) = last {
        runs.push((last, run));
    }
    for (kind, run) in &runs {
        if seen.contains(run) {
            bits += 1.0;
            continue;
        }
        seen.push(run.clone());
        bits += match kind {
            Kind::Letters => letters(run, words),
            Kind::Digits => digits(run),
            Kind::Space => 0.0,
            Kind::Other if is_walk(run) => 3.0,
            Kind::Other => run.chars().count() as f64 * 3.5,
        };
    }
    let capitals = passphrase.chars().filter(|c| c.is_uppercase()).count();
    let is_first = passphrase.chars().next().is_some_and(char::is_uppercase);
    bits += match capitals {
        0 => 0.0,
        1 if is_first => 1.0,
        more if more == passphrase.chars().count() => 1.0,
        more => (more as f64).min(4.0),
    };
    for (_, mut run) in runs {
        zeroize::Zeroize::zeroize(&mut run);
    }
    for mut run in seen {
        zeroize::Zeroize::zeroize(&mut run);
    }
    Strength::of_bits(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawn_passphrase_has_the_strength_it_claims() {
        let zeros = draw(|_| Some(())).unwrap();
        assert_eq!(zeros.split(' ').count(), WORDS);
        let last = draw(|bytes| {
            bytes.fill(255);
            Some(())
        })
        .unwrap();
        assert_ne!(*zeros, *last);
        assert!(draw(|_| None).is_none());
        assert_eq!(Strength::drawn().score, 4);
        // 2^54 guesses at 2.5 million a second: 228 years.
        let years = 10_f64.powf(Strength::drawn().log10_seconds) / (365.0 * 86_400.0);
        assert!((200.0..260.0).contains(&years), "{years}");
        // The same words, typed, are judged no stronger than drawn.
        assert!(judge(&last, &[]).log10_seconds <= Strength::drawn().log10_seconds);
    }

    #[test]
    fn the_word_list_has_the_order_that_is_searched() {
        assert!(bip39::Language::English.word_list().is_sorted());
    }

    /// The floor stays below the field's standard, with half a power of ten of leeway.
    #[test]
    fn what_is_typed_is_never_judged_stronger_than_zxcvbn_does() {
        let known = ["alice@example.org".to_owned(), "Alice Example".to_owned()];
        let known_refs: Vec<&str> = known.iter().map(String::as_str).collect();
        for typed in [
            "password1",
            "P@ssw0rd!",
            "Passwort2024",
            "alice@example.org",
            "aliceexample1984",
            "qwertyuiop",
            "1qaz2wsx",
            "aaaaaaaaaaaa",
            "abcdefgh1234",
            "iloveyou2",
            "letmein2023!",
            "Summer2024!",
            "01.02.1990",
            "19900201",
            "to be or not to be",
            "tobeornottobe",
            "monkeymonkeymonkey",
            "dragonballz",
            "football99!",
            "correct horse battery staple",
            "correcthorsebatterystaple",
            "mottled gazebo 7 unwieldy kelp drumlin",
            "Tr0ub4dor&3",
            "xkqjwpvz",
            "j7$Kq9!x",
            "h7G!x02p_Lq4#zR9",
            "the quick brown fox",
            "jennifer1985",
            "blink182blink182",
            "zaq12wsx",
            "sunshine sunshine sunshine",
            "geheimnis123",
            "Wilhelmina Featherstonehaugh",
        ] {
            let ours = judge(typed, &known).log10_seconds;
            let guesses = zxcvbn::zxcvbn(typed, &known_refs).guesses_log10();
            let theirs = (guesses - 2_f64.log10() - GUESSES_A_SECOND.log10()).max(0.0);
            assert!(
                ours <= theirs + 0.5,
                "{typed}: {ours:.1} against {theirs:.1}"
            );
        }
    }

    #[test]
    fn good_ones_can_be_typed() {
        assert_eq!(
            judge("mottled gazebo 7 unwieldy kelp drumlin", &[]).score,
            4
        );
        assert!(judge("violin harbour sketch pudding north", &[]).score >= 3);
        assert_eq!(judge("password", &[]).score, 0);
        assert_eq!(judge("", &[]).score, 0);
    }
}
