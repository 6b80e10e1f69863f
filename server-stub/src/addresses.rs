//! Addresses of this server.
//!
//! Local parts are a small set of ASCII, in lower case: no quoting, no sub-addresses, nothing
//! that looks like another address.

/// The longest local part (RFC 5321, section 4.5.3.1.1), in bytes.
const MAX_LOCAL: usize = 64;
/// The longest address (RFC 5321, section 4.5.3.1.3), in bytes.
pub(crate) const MAX_ADDRESS: usize = 254;

/// Lower case, if it can be an address at all; says nothing about whether somebody has it.
pub(crate) fn normal(address: &str) -> Option<String> {
    let well_formed = address.len() <= MAX_ADDRESS
        && address.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && !domain.is_empty() && !domain.contains('@')
        })
        && !address.chars().any(|c| c.is_control() || c.is_whitespace());
    well_formed.then(|| address.to_lowercase())
}

/// The normal form of an address that this server could give out.
pub(crate) fn own(address: &str, domains: &[String]) -> Option<String> {
    let address = normal(address)?;
    let (local, domain) = address.split_once('@')?;
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let fits = local.len() <= MAX_LOCAL
        && local.chars().all(allowed)
        && edge(local.chars().next())
        && edge(local.chars().next_back())
        && !local.contains("..");
    (fits && domains.iter().any(|own| own == domain)).then(|| address.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_addresses_of_own_domains_are_given_out() {
        let domains = ["example.org".to_owned()];
        assert_eq!(
            own("Alice@Example.org", &domains).as_deref(),
            Some("alice@example.org")
        );
        for good in ["a@example.org", "a.b-c_d9@example.org"] {
            assert!(own(good, &domains).is_some(), "{good}");
        }
        for bad in [
            "",
            "@",
            "alice",
            "@example.org",
            "alice@example.net",
            "a b@example.org",
            ".a@example.org",
            "a.@example.org",
            "a..b@example.org",
            "a+b@example.org",
            "a@b@example.org",
            "älice@example.org",
            "\"a\"@example.org",
            "a\r\n@example.org",
        ] {
            assert_eq!(own(bad, &domains), None, "{bad}");
        }
        assert_eq!(
            own(&format!("{}@example.org", "a".repeat(65)), &domains),
            None
        );
    }
}
