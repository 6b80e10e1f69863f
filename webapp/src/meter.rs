//! How long a passphrase would resist.
//!
//! Used by the module `passphrase-meter` alone, which is loaded when it is first needed.

use zxcvbn::zxcvbn;

use crate::protocol::Strength;

/// Guesses a second of the attacker we have in mind: 1,000 graphics cards, each limited by its
/// memory to about 2,500 Argon2id computations of 64 MiB and three passes.
const GUESSES_A_SECOND: u64 = 2_500_000;

/// The largest whole number JavaScript holds exactly.
const LARGEST_EXACT: u64 = (1 << 53) - 1;

/// Longer passphrases are judged by their beginning: the estimate's cost grows with the square
/// of the length.
const JUDGED_CHARACTERS: usize = 100;

/// Estimates the resistance of a passphrase; `known` are words a guesser tries first.
pub fn strength(passphrase: &str, known: &[String]) -> Strength {
    let judged: String = passphrase.chars().take(JUDGED_CHARACTERS).collect();
    let judged = zeroize::Zeroizing::new(judged);
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let guesses = zxcvbn(&judged, &known).guesses();
    // On average half of the guesses are needed.
    let seconds = (guesses / 2 / GUESSES_A_SECOND).min(LARGEST_EXACT);
    const DAY: u64 = 86_400;
    let score = match seconds {
        0..60 => 0,
        60..DAY => 1,
        s if s < 365 * DAY => 2,
        s if s < 100 * 365 * DAY => 3,
        _ => 4,
    };
    Strength { score, seconds }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_everybody_uses_are_weak_and_long_random_ones_strong() {
        assert_eq!(strength("password1", &[]).score, 0);
        assert_eq!(
            strength("alice@example.org", &["alice@example.org".into()]).score,
            0
        );
        assert_eq!(
            strength("mottled gazebo 7 unwieldy kelp drumlin", &[]).score,
            4
        );
    }

    #[test]
    fn known_words_do_not_help() {
        let name = "Wilhelmina Featherstonehaugh";
        assert!(strength(name, &[name.into()]).seconds < strength(name, &[]).seconds);
    }
}
