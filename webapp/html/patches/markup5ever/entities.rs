//! Names of characters, such as `&nbsp;`. The release has a perfect hash table of all names and of
//! each of their beginnings: 10,000 entries of 16 bytes. Here is a text of 28 KB, split into lines
//! when the first name is looked up.

use std::sync::OnceLock;

type Characters = (u32, u32);

static TEXT: &str = include_str!(concat!(env!("OUT_DIR"), "/entities.txt"));

/// All names with their characters, and the beginnings of names.
pub struct NamedEntities;

/// A map of names to their code points; the second is 0 where there is one alone. A beginning of a
/// name has zeros.
pub static NAMED_ENTITIES: NamedEntities = NamedEntities;

fn lines() -> &'static [(&'static str, Characters)] {
    static LINES: OnceLock<Vec<(&str, Characters)>> = OnceLock::new();
    LINES.get_or_init(|| {
        TEXT.split_terminator('\0')
            .filter_map(|line| line.split_once('\t'))
            .map(|(name, characters)| {
                let mut codes = characters.chars().map(u32::from);
                let first = codes.next().unwrap_or(0);
                (name, (first, codes.next().unwrap_or(0)))
            })
            .collect()
    })
}

impl NamedEntities {
    /// The code points of a name, zeros for the beginning of one.
    pub fn get(&self, name: &str) -> Option<&'static Characters> {
        static BEGINNING: Characters = (0, 0);
        let lines = lines();
        let at = lines.partition_point(|(other, _)| *other < name);
        match lines.get(at) {
            Some((found, characters)) if *found == name => Some(characters),
            Some((found, _)) if found.starts_with(name) => Some(&BEGINNING),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_says_what_the_table_of_the_release_says() {
        let all = web_atoms::NAMED_ENTITIES.entries();
        assert!(all.len() > 9_000, "{}", all.len());
        for (name, characters) in all {
            assert_eq!(NAMED_ENTITIES.get(name), Some(characters), "{name}");
        }
        for name in ["&", "amp;x", "AMp", "nosuch", "zzz", "\u{e9}", ";"] {
            let theirs = web_atoms::NAMED_ENTITIES.get(name);
            assert_eq!(NAMED_ENTITIES.get(name), theirs, "{name}");
        }
    }
}
