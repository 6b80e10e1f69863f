//! Who wrote a message whose source is shown: the From field, as it stands there.
//!
//! The attacker writes the field. `"bob@example.org" <mallory@example.net>` is from Mallory,
//! whatever a person would read; and a message of two writers says nothing about either's key.

use crypto_core::mime::{Limits, read_header};

/// The one address in a From field; `None` when there is none, or more than one.
pub(crate) fn one_writer(from: &str) -> Option<String> {
    if from.contains(['\r', '\n', '\0']) {
        return None;
    }
    let header = format!("From: {from}\r\n\r\n");
    let read = read_header(header.as_bytes(), &Limits::default()).ok()?;
    match read.from.as_slice() {
        [one] if !one.address.is_empty() => Some(one.address.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::one_writer;

    #[test]
    fn the_address_counts_and_not_what_looks_like_it() {
        for (from, writer) in [
            ("bob@example.org", "bob@example.org"),
            ("Bob <bob@example.org>", "bob@example.org"),
            (
                "\"bob@example.org\" <mallory@example.net>",
                "mallory@example.net",
            ),
            (
                "bob@example.org <mallory@example.net>",
                "mallory@example.net",
            ),
            ("=?utf-8?q?B=C3=B6b?= <bob@example.org>", "bob@example.org"),
        ] {
            assert_eq!(one_writer(from).as_deref(), Some(writer), "{from}");
        }
    }

    #[test]
    fn two_writers_or_none_are_nobody() {
        for from in [
            "",
            "nobody",
            "bob@example.org, mallory@example.net",
            "Bob <bob@example.org>, <mallory@example.net>",
            "bob@example.org\r\nFrom: mallory@example.net",
        ] {
            assert_eq!(one_writer(from), None, "{from}");
        }
    }
}
