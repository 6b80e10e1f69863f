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
/// browser's own spelling.
pub fn shown(address: &str) -> String {
    let address = format::clean(address);
    if address.is_ascii() {
        return address;
    }
    let host = |domain: &str| {
        let url = web_sys::Url::new(&format!("https://{domain}/")).ok()?;
        Some(url.host()).filter(|host| !host.is_empty())
    };
    match address.rsplit_once('@') {
        Some((local, domain)) => match host(domain) {
            Some(host) => format!("{local}@{host}"),
            None => address,
        },
        None => address,
    }
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
                <span class="note-body">{ t!("look-alike", address = shown(address)) }</span>
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
