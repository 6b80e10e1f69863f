//! Names and addresses, as they are written and as they are read.

use super::{compose::BuildError, names};

/// The longest address that is written (RFC 5321, section 4.5.3.1.3, without the brackets).
const MAX_ADDRESS: usize = 254;

/// A person or a role: a name for people and an address for machines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Address {
    /// The display name; empty when there is none. On read mail it is one clean line.
    pub name: String,
    /// The address, `local@domain`. On read mail it is empty when what stood there was not one.
    pub address: String,
}

impl Address {
    /// A name and an address, unchecked: building a message checks them.
    pub fn new(name: impl Into<String>, address: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            address: address.into(),
        }
    }

    /// True when the name looks like another address than the real one.
    ///
    /// `"bob@example.net" <mallory@example.org>` is shown by many programs as bob. Whoever shows a
    /// misleading address shows the address itself and not the name.
    pub fn is_misleading(&self) -> bool {
        let name = self.name.to_lowercase();
        let address = self.address.to_lowercase();
        name.split(|c: char| c.is_whitespace() || "<>()[]\"',;:".contains(c))
            .any(|word| names::looks_like_address(word) && word != address)
    }

    /// The address as it may be shown: the name on one line, without control characters and
    /// overrides of direction, and left out altogether when it is misleading.
    ///
    /// For names from anywhere: read mail, User IDs of certificates, contacts.
    #[must_use]
    pub fn shown(&self) -> Self {
        let shown = Self::new(
            names::one_line(&self.name, names::MAX_NAME),
            self.address.clone(),
        );
        if shown.is_misleading() {
            shown.bare()
        } else {
            shown
        }
    }

    /// The same address without its name, as it stands outside an encrypted message.
    pub(super) fn bare(&self) -> Self {
        Self::new("", self.address.clone())
    }

    /// Refuses what must not be written into a header.
    pub(super) fn check(&self) -> Result<(), BuildError> {
        if is_writable(&self.address) {
            Ok(())
        } else {
            Err(BuildError::Address)
        }
    }
}

/// Printable ASCII, one `@`, dot-atoms on both sides (RFC 5322, section 3.4.1).
///
/// Quoted local parts and addresses beyond ASCII (RFC 6532) are refused: without SMTPUTF8 on the
/// whole way they cannot be delivered, and both are favourites of header injection.
fn is_writable(address: &str) -> bool {
    let Some((local, domain)) = address.split_once('@') else {
        return false;
    };
    let is_atom = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
    };
    address.len() <= MAX_ADDRESS && local.split('.').all(is_atom) && domain.split('.').all(is_atom)
}

/// Turns what the parser found into an address; the flag is true when it was not one.
pub(super) fn from_parsed(name: Option<&str>, address: Option<&str>) -> (Address, bool) {
    let name = names::one_line(name.unwrap_or_default(), names::MAX_NAME);
    let address = address.unwrap_or_default();
    if names::looks_like_address(address) && address.len() <= MAX_ADDRESS {
        (Address::new(name, address), false)
    } else if name.is_empty() {
        // Nothing to write to, but the reader should see what was claimed.
        (
            Address::new(names::one_line(address, names::MAX_NAME), ""),
            true,
        )
    } else {
        (Address::new(name, ""), true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_addresses_are_written() {
        for good in [
            "a@b",
            "first.last+tag@sub.example.org",
            "o'neil@example.org",
        ] {
            assert_eq!(Address::new("", good).check(), Ok(()), "{good}");
        }
        for bad in [
            "",
            "nobody",
            "@example.org",
            "a@",
            "a@b@c",
            "a b@example.org",
            "a@example.org\r\nBcc: c@example.org",
            "a@exam\0ple.org",
            "<a@example.org>",
            "a@example.org>",
            "a..b@example.org",
            "\"quoted\"@example.org",
            "ü@example.org",
            "a@example.org,b@example.org",
        ] {
            assert_eq!(
                Address::new("", bad).check(),
                Err(BuildError::Address),
                "{bad:?}"
            );
        }
        let long = format!("{}@example.org", "a".repeat(250));
        assert!(Address::new("", long).check().is_err());
    }

    #[test]
    fn a_name_that_looks_like_another_address_is_misleading() {
        let bad = "mallory@example.org";
        assert!(Address::new("bob@example.net", bad).is_misleading());
        assert!(Address::new("Bob (bob@example.net)", bad).is_misleading());
        assert!(Address::new("Bob via 'bob@example.net'", bad).is_misleading());
        assert!(!Address::new("Mallory", bad).is_misleading());
        assert!(!Address::new("Mallory@Example.org", bad).is_misleading());
        assert!(!Address::new("a @ b", bad).is_misleading());
    }

    #[test]
    fn what_is_shown_cannot_pretend_to_be_somebody_else() {
        let shown = |name| Address::new(name, "mallory@example.org").shown().name;
        assert_eq!(shown("Mallory \u{202E}\r\n M."), "Mallory M.");
        assert_eq!(shown("bob@example.net"), "");
        // Hidden characters do not hide the address either.
        assert_eq!(shown("bob\u{202E}@example.net"), "");
    }
}
