//! Addresses whose letters may be taken for others: `а` (Cyrillic) for `a`, `xn--` for anything.
//!
//! A domain is shown in the spelling that machines compare (RFC 5890, section 2.3.2.1), as browsers
//! do it, and whoever reads or writes is told. Legitimate addresses of this kind exist (RFC 6532):
//! it is said, and nothing is refused.

use mail_view::Person;
use yew::prelude::*;

use crate::icon::{Glyph, icon};
use crate::{format, t};

/// True for an address that is not written in plain letters alone, openly or as `xn--`.
pub fn is_unusual(address: &str) -> bool {
    let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
    let is_encoded = |label: &str| {
        label
            .get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case("xn--"))
    };
    !address.is_ascii() || domain.split('.').any(is_encoded)
}

/// An address as it is shown: without marks that turn the direction of writing, its domain in the
/// browser's own spelling. What the browser would take for something else than the name of a host,
/// or for a name of plain letters, is shown by the numbers of its characters instead.
pub fn shown(address: &str) -> String {
    let address = format::clean(address);
    if address.is_ascii() {
        return address;
    }
    match address.rsplit_once('@') {
        Some((local, domain)) if !domain.is_ascii() => {
            let host = host(domain).unwrap_or_else(|| by_numbers(domain));
            [local, "@", &host].concat()
        }
        _ => address,
    }
}

fn host(domain: &str) -> Option<String> {
    if !may_be_host(domain) {
        return None;
    }
    let url = web_sys::Url::new(&["https://", domain, "/"].concat()).ok()?;
    Some(url.host()).filter(|host| is_unusual(&["@", host].concat()))
}

/// Letters, digits, hyphens and dots: a browser reads nothing else into it than a name.
fn may_be_host(domain: &str) -> bool {
    domain
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '-' | '.'))
}

/// The text with its characters beyond ASCII as `U+0430`.
fn by_numbers(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            out.push_str(&number(c));
        }
    }
    out
}

fn number(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

/// The characters that make an address unusual, each with its number: `а U+0430`.
fn strange(address: &str) -> String {
    let mut seen = Vec::new();
    for c in address.chars().filter(|c| !c.is_ascii()) {
        if !seen.contains(&c) {
            seen.push(c);
        }
    }
    if seen.is_empty() {
        return "xn--".to_owned();
    }
    let named = seen.into_iter().map(|c| {
        if c.is_alphanumeric() {
            format!("{c} {}", number(c))
        } else {
            number(c)
        }
    });
    named.collect::<Vec<_>>().join(", ")
}

/// Properties of [`LookAlikes`].
#[derive(Properties, PartialEq)]
pub struct LookAlikesProps {
    /// Whose addresses are looked at; one of them once.
    pub people: Vec<Person>,
}

/// A note for each unusual address.
#[component]
pub fn LookAlikes(props: &LookAlikesProps) -> Html {
    let mut unusual: Vec<&String> = Vec::new();
    for Person { address, .. } in &props.people {
        if is_unusual(address) && !unusual.contains(&address) {
            unusual.push(address);
        }
    }
    html! {
        for address in unusual {
            <p class="note note-careful" role="note" data-testid="look-alike" data-address={address.clone()}>
                { icon(Glyph::Warn) }
                <span class="note-body">{ t!("look-alike", address = shown(address), letters = strange(address)) }</span>
            </p>
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_addresses_are_usual() {
        for usual in [
            "ann@example.org",
            "o'brien+x@sub.example.co.uk",
            "xn--x@a.org",
            "",
        ] {
            assert!(!is_unusual(usual), "{usual}");
        }
    }

    #[test]
    fn what_a_browser_would_read_as_another_name_is_none() {
        for domain in [
            "example.org/.\u{430}ttacker.example",
            "example.org#.\u{430}.example",
            "example.org?\u{430}",
            "example.org\\\u{430}.example",
            "exam\u{ad}ple.org",
            "exam\u{200b}ple.org",
            "example.org:443\u{430}",
            "ex%61mple.org\u{430}",
        ] {
            assert!(!may_be_host(domain), "{domain}");
            let shown = shown(&["bob@", domain].concat());
            assert!(shown.contains("U+"), "{shown}");
            assert_ne!(shown, "bob@example.org");
        }
        assert!(may_be_host("ex\u{430}mple.org"));
    }

    #[test]
    fn the_letters_are_named() {
        assert_eq!(strange("b\u{43e}\u{43e}b@example.org"), "\u{43e} U+043E");
        assert_eq!(strange("bob@xn--exmple-4nf.org"), "xn--");
        assert_eq!(strange("bob@exam\u{200b}ple.org"), "U+200B");
    }

    #[test]
    fn other_letters_are_not() {
        for unusual in [
            "\u{430}nn@example.org",
            "ann@ex\u{430}mple.org",
            "ann@xn--exmple-4nf.org",
            "ann@mail.XN--exmple-4nf.org",
        ] {
            assert!(is_unusual(unusual), "{unusual}");
        }
    }
}
