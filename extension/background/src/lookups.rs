//! Looking for keys because a page names addresses.
//!
//! The attacker is a page that has the extension ask whichever servers it likes: to find out what
//! answers in a network it cannot reach, to send somebody requests, or to show there that the
//! extension is used. So a site's addresses are asked about at their own domains only so often,
//! each once, never at names of a private network, and not at all if the person does not want it.
//! What was answered, and that nothing was, is remembered by the client for some minutes.

use std::{collections::HashSet, rc::Rc};

use ext_protocol::failure::Failure;
use mail_client::{
    Client,
    people::{Found, Reach},
    sites::Ring,
    view::RecipientState,
};

use crate::{background::Background, failure::failure, host::Host};

/// Last labels of names that lead into a private network or nowhere (RFC 2606, RFC 6761, RFC
/// 6762, RFC 7686, RFC 8375, and what ICANN set aside).
const PRIVATE: [&str; 12] = [
    "alt",
    "arpa",
    "corp",
    "home",
    "internal",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localhost",
    "onion",
    "private",
];

impl<H: Host> Background<H> {
    /// Looks for the keys of addresses that a page of this origin brought up. Whoever may not be
    /// looked for any further now is [`RecipientState::Unknown`].
    pub(crate) async fn look_up_for(
        self: &Rc<Self>,
        origin: &str,
        client: &Client<H::Platform>,
        ring: &Ring,
        addresses: &[String],
    ) -> Result<Vec<Found>, Failure> {
        let reach = self.reach(client).await?;
        let near = match reach {
            Reach::Everywhere => Reach::Directory,
            near => near,
        };
        let found = client.look_up_many(ring, addresses, near).await;
        let mut found = found.map_err(failure)?;
        if reach == near {
            return Ok(found);
        }
        let mut asked = HashSet::new();
        for (address, one) in addresses.iter().zip(&mut found) {
            let is_missing = matches!(
                one.state,
                RecipientState::NoKey | RecipientState::Unknown | RecipientState::Unusable { .. }
            );
            if !is_missing || !is_public(address) || asked.contains(&address.to_lowercase()) {
                continue;
            }
            let now = self.host.now();
            if self.lookups.borrow_mut().allows(origin, now) {
                asked.insert(address.to_lowercase());
            } else if one.state == RecipientState::NoKey {
                one.state = RecipientState::Unknown;
            }
        }
        let asked: Vec<String> = asked.into_iter().collect();
        let news = client.look_up_many(ring, &asked, reach).await;
        for (asked, news) in asked.iter().zip(news.map_err(failure)?) {
            for (address, one) in addresses.iter().zip(&mut found) {
                if address.to_lowercase() == *asked {
                    *one = news.clone();
                }
            }
        }
        Ok(found)
    }
}

/// Whether an address's domain can be one of the public network.
fn is_public(address: &str) -> bool {
    let domain = address.rsplit('@').next().unwrap_or_default();
    let last = domain.rsplit('.').next().unwrap_or_default();
    domain.contains('.') && !PRIVATE.iter().any(|one| one.eq_ignore_ascii_case(last))
}

#[cfg(test)]
mod tests {
    use super::is_public;

    #[test]
    fn names_of_private_networks_are_not_asked() {
        for address in [
            "a@printer.local",
            "a@router.LAN",
            "a@localhost",
            "a@x.localhost",
            "a@1.168.192.in-addr.arpa",
            "a@host.home.arpa",
            "a@db.internal",
            "a@hidden.onion",
            "a",
        ] {
            assert!(!is_public(address), "{address}");
        }
        for address in ["a@example.org", "a@local.example", "a@b@mail.example"] {
            assert!(is_public(address), "{address}");
        }
    }
}
