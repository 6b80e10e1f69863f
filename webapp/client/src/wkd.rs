//! The Web Key Directory of an address's domain (draft-koch-openpgp-webkey-service).
//!
//! The attacker is the domain, which may give out any key, answer slowly or without end; and
//! whoever watches the wire, who learns that somebody looks for a key at this domain. A key is
//! taken only when it names the very address, is remembered at first use, and never replaces one.

use crypto_core::openpgp::Certificate;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha1::{Digest as _, Sha1};

use crate::{
    account::normalize_address,
    client::Client,
    ports::{Platform, TransportError, WebFetch, WebLimits},
    session::Session,
};

/// The largest answer, in bytes.
const MAX_ANSWER: usize = 256 * 1024;
/// The longest time for both methods together, in seconds.
const MAX_SECONDS: u32 = 5;
/// How long an answer is used before the domain is asked again, in seconds.
const TTL: u64 = 300;

/// All but the unreserved characters of RFC 3986, section 2.3.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

impl<P: Platform> Client<P> {
    /// Asks the domain of an address: the advanced method, then the direct one. `None` when it
    /// has no key for it.
    ///
    /// # Errors
    /// [`TransportError::TimedOut`] when a key may be there and nobody answered in time.
    pub(crate) async fn wkd(
        &self,
        session: &Session,
        typed: &str,
    ) -> Result<Option<Certificate>, TransportError> {
        let Some(address) = normalize_address(typed) else {
            return Ok(None);
        };
        let begun = self.now();
        if let Some((at, known)) = session.domains.borrow().get(&address)
            && begun.0.saturating_sub(at.0) < TTL
        {
            return Ok(known.clone());
        }
        let Some(urls) = urls(typed) else {
            return Ok(None);
        };
        let mut timed_out = false;
        let mut found = None;
        for url in urls {
            let spent = u32::try_from(self.now().0.saturating_sub(begun.0)).unwrap_or(MAX_SECONDS);
            let limits = WebLimits {
                bytes: MAX_ANSWER,
                seconds: MAX_SECONDS.saturating_sub(spent),
            };
            if limits.seconds == 0 {
                timed_out = true;
                break;
            }
            match self.platform.web().get(&url, limits).await {
                Ok(answer) if answer.status == 200 && answer.body.len() <= MAX_ANSWER => {
                    found = choose(&answer.body, &address, |c| {
                        c.check_encryption(begun).is_ok()
                    });
                }
                Err(TransportError::TimedOut) => {
                    // The time was for both methods.
                    timed_out = true;
                    break;
                }
                // No such host, no permission, or nothing there: the same to us.
                Ok(_) | Err(TransportError::Unreachable | TransportError::TooLarge) => {}
            }
            if found.is_some() {
                break;
            }
        }
        if found.is_none() && timed_out {
            return Err(TransportError::TimedOut);
        }
        let mut domains = session.domains.borrow_mut();
        domains.insert(address, (begun, found.clone()));
        Ok(found)
    }
}

/// Of the certificates in an answer, one that names the address, a usable one first.
fn choose(
    body: &[u8],
    address: &str,
    is_usable: impl Fn(&Certificate) -> bool,
) -> Option<Certificate> {
    let all = Certificate::parse_many(body).ok()?;
    let (usable, others): (Vec<_>, Vec<_>) = all
        .into_iter()
        .filter(|certificate| certificate.has_address(address))
        .map(|certificate| certificate.without_foreign())
        .partition(is_usable);
    usable.into_iter().chain(others).next()
}

/// Where the key of an address lies: advanced, then direct method (section 3.1).
fn urls(typed: &str) -> Option<[String; 2]> {
    let (local, domain) = typed.trim().split_once('@')?;
    let domain = domain.to_lowercase();
    // Whatever could end the host part of a URL has no place in it. Letters of other alphabets
    // are the platform's to translate (RFC 3490).
    let is_host = domain.contains('.')
        && domain.split('.').all(|label| {
            !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        })
        && domain
            .rsplit('.')
            .next()
            .is_some_and(|top| !top.chars().all(|c| c.is_ascii_digit()));
    if !is_host {
        return None;
    }
    let hash = zbase32(&Sha1::digest(local.to_ascii_lowercase()));
    let path = "/.well-known/openpgpkey";
    let query = utf8_percent_encode(local, ESCAPED);
    Some([
        format!("https://openpgpkey.{domain}{path}/{domain}/hu/{hash}?l={query}"),
        format!("https://{domain}{path}/hu/{hash}?l={query}"),
    ])
}

/// Base 32 for people (RFC 6189, section 5.1.6): five bits a digit, the first bit first.
fn zbase32(bytes: &[u8]) -> String {
    const DIGITS: [char; 32] = [
        'y', 'b', 'n', 'd', 'r', 'f', 'g', '8', 'e', 'j', 'k', 'm', 'c', 'p', 'q', 'x', 'o', 't',
        '1', 'u', 'w', 'i', 's', 'z', 'a', '3', '4', '5', 'h', '7', '6', '9',
    ];
    let bit = |at: usize| {
        let byte = bytes.get(at / 8).copied().unwrap_or(0);
        usize::from((byte >> (7 - at % 8)) & 1)
    };
    (0..(bytes.len() * 8).div_ceil(5))
        .map(|digit| (0..5).fold(0, |value, at| (value << 1) | bit(digit * 5 + at)))
        .filter_map(|value| DIGITS.get(value))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::urls;

    #[test]
    fn the_example_of_the_draft() {
        let [advanced, direct] = urls("Joe.Doe@Example.ORG").unwrap();
        assert_eq!(
            advanced,
            "https://openpgpkey.example.org/.well-known/openpgpkey/example.org/hu/\
             iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=Joe.Doe"
        );
        assert_eq!(
            direct,
            "https://example.org/.well-known/openpgpkey/hu/\
             iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=Joe.Doe"
        );
    }

    #[test]
    fn only_names_of_hosts_are_asked() {
        for address in [
            "ann@127.0.0.1",
            "ann@localhost",
            "ann@example.org:8080",
            "ann@example.org/x",
            "ann@[::1]",
            "ann@a..b",
            "ann@x?y.org",
            "ann@evil.org#.example.org",
            "ann",
        ] {
            assert!(urls(address).is_none(), "{address}");
        }
        assert!(urls("ann@müller.example").is_some());
    }
}
