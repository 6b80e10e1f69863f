//! Recipients as people type and paste them.

use mail_view::Person;

/// Splits what was typed or pasted: `Bob Example <bob@example.org>, carol@example.org`.
pub fn parse(text: &str) -> Vec<Person> {
    text.split([',', ';', '\n', '\t'])
        .filter_map(|part| {
            let part = part.trim();
            let (name, address) = match part.rsplit_once('<') {
                Some((name, rest)) => (
                    name.trim().trim_matches('"').trim(),
                    rest.trim_end_matches('>').trim(),
                ),
                None => ("", part),
            };
            (!address.is_empty()).then(|| Person {
                name: name.to_owned(),
                address: address.to_owned(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_addresses_are_split() {
        let people = parse("\"Bob Example\" <bob@letterlock.test>, carol@letterlock.test; ");
        let shape: Vec<_> = people
            .iter()
            .map(|p| (p.name.as_str(), p.address.as_str()))
            .collect();
        assert_eq!(
            shape,
            [
                ("Bob Example", "bob@letterlock.test"),
                ("", "carol@letterlock.test")
            ]
        );
        assert!(parse(" , ;").is_empty());
    }
}
