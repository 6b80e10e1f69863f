//! Sites: which webmail stands at which origin, and what the person switched on there.

use ext_protocol::{
    page::Site,
    provider::{Provider, RuleSet, SelfTest},
};
use serde::{Deserialize, Serialize};
use url::Url;

/// The provider that fits every page.
pub const GENERIC: &str = "generic";

/// What the person decided about an origin, and what was seen there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Origin.
    pub origin: String,
    /// Mail is found in its pages.
    pub scan: bool,
    /// It may call the client API.
    pub api: bool,
    /// Its page asked for the client API.
    pub asks_api: bool,
    /// Names of its keyrings: told while locked, too, because the page made them up itself.
    pub keyrings: Vec<String>,
    /// The last self-test.
    pub self_test: Option<SelfTest>,
}

/// The decisions, by origin.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices(Vec<Choice>);

/// What is on at an origin now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct On {
    /// Mail is found.
    pub scan: bool,
    /// The client API.
    pub api: bool,
}

/// The provider whose pages stand at an origin, but for the generic one.
#[must_use]
pub fn built_in<'a>(rules: &'a RuleSet, origin: &str) -> Option<&'a Provider> {
    rules
        .providers
        .iter()
        .find(|provider| provider.matches.iter().any(|pattern| fits(pattern, origin)))
}

/// The provider for an origin: a known one, else the generic one.
#[must_use]
pub fn provider<'a>(rules: &'a RuleSet, origin: &str) -> Option<&'a Provider> {
    built_in(rules, origin).or_else(|| rules.providers.iter().find(|p| p.id == GENERIC))
}

/// Whether a match pattern of ours covers an origin: the browser decides where scripts run, this
/// only finds the same rules again. `https://host/*` and `https://*.host/*` are all we write.
fn fits(pattern: &str, origin: &str) -> bool {
    let Some((scheme, rest)) = pattern.split_once("://") else {
        return false;
    };
    let host = rest.split('/').next().unwrap_or_default();
    let Some((of_scheme, of_host)) = origin.split_once("://") else {
        return false;
    };
    scheme == of_scheme
        && match host.strip_prefix("*.") {
            Some(domain) => {
                of_host == domain
                    || of_host
                        .strip_suffix(domain)
                        .is_some_and(|before| before.ends_with('.'))
            }
            None => host == of_host,
        }
}

/// The origin a person named, checked: `https` anywhere, `http` on this machine only.
#[must_use]
pub fn checked_origin(named: &str) -> Option<String> {
    let url = Url::parse(named).ok()?;
    let origin = crate::sender::origin(named)?;
    let host = url.host_str()?;
    let local = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    // A star would be a pattern where a host belongs.
    let one_host = !host.contains('*');
    let whole = origin == named.trim_end_matches('/');
    (whole && one_host && (url.scheme() == "https" || local)).then_some(origin)
}

impl Choices {
    /// The decision about an origin.
    #[must_use]
    pub fn get(&self, origin: &str) -> Option<&Choice> {
        self.0.iter().find(|choice| choice.origin == origin)
    }

    /// The decision about an origin, to be changed; made if there is none.
    pub fn entry(&mut self, rules: &RuleSet, origin: &str) -> &mut Choice {
        let at = self.0.iter().position(|choice| choice.origin == origin);
        let at = at.unwrap_or_else(|| {
            self.0.push(Choice {
                origin: origin.to_owned(),
                scan: built_in(rules, origin).is_some(),
                ..Choice::default()
            });
            self.0.len() - 1
        });
        #[allow(
            clippy::indexing_slicing,
            reason = "at is the place of one that is there"
        )]
        &mut self.0[at]
    }

    /// Forgets what self-tests said: other rules are in use.
    pub fn forget_self_tests(&mut self) {
        for choice in &mut self.0 {
            choice.self_test = None;
        }
    }

    /// Forgets an origin.
    pub fn remove(&mut self, origin: &str) -> Option<Choice> {
        let at = self.0.iter().position(|choice| choice.origin == origin)?;
        Some(self.0.remove(at))
    }

    /// What is on at an origin.
    #[must_use]
    pub fn on(&self, rules: &RuleSet, origin: &str) -> On {
        match self.get(origin) {
            Some(choice) => On {
                scan: choice.scan,
                api: choice.api,
            },
            None => On {
                scan: built_in(rules, origin).is_some(),
                api: false,
            },
        }
    }

    /// Everything, for our own pages and for registering scripts.
    pub fn all(&self) -> impl Iterator<Item = &Choice> {
        self.0.iter()
    }

    /// An origin as the pages show it.
    #[must_use]
    pub fn view(&self, rules: &RuleSet, origin: &str) -> Site {
        let on = self.on(rules, origin);
        let choice = self.get(origin);
        Site {
            origin: origin.to_owned(),
            provider: provider(rules, origin).map_or_else(|| GENERIC.into(), |p| p.id.clone()),
            built_in: built_in(rules, origin).is_some(),
            scan: on.scan,
            api: on.api,
            asks_api: choice.is_some_and(|choice| choice.asks_api && !choice.api),
            self_test: choice.and_then(|choice| choice.self_test.clone()),
        }
    }
}

/// Beside each role that was not found, or by a fall-back only, the selectors that found nothing.
/// A role that the rules do not have stays as it is.
#[must_use]
pub fn with_selectors(rules: &RuleSet, test: SelfTest) -> SelfTest {
    let provider = rules.providers.iter().find(|one| one.id == test.provider);
    let named = |roles: Vec<String>, most: usize| {
        let with = |role: String| {
            let selectors = provider.and_then(|provider| provider.selectors.get(&role));
            match selectors {
                Some(all) if !all.is_empty() => {
                    let failed: Vec<&str> = all.iter().take(most).map(String::as_str).collect();
                    format!("{role} ({})", failed.join(" | "))
                }
                _ => role,
            }
        };
        roles.into_iter().map(with).collect()
    };
    SelfTest {
        missing: named(test.missing, usize::MAX),
        fallbacks: named(test.fallbacks, 1),
        ..test
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> RuleSet {
        let provider = |id: &str, matches: &[&str]| Provider {
            id: id.into(),
            matches: matches.iter().map(|m| (*m).to_owned()).collect(),
            selectors: Default::default(),
            attributes: Default::default(),
            labels: Default::default(),
        };
        RuleSet {
            version: 1,
            providers: vec![
                provider("gmail", &["https://mail.google.com/*"]),
                provider("yahoo", &["https://*.mail.yahoo.com/*"]),
                provider("generic", &[]),
            ],
        }
    }

    #[test]
    fn known_sites_are_on_for_reading_and_off_for_the_api() {
        let choices = Choices::default();
        let gmail = choices.view(&rules(), "https://mail.google.com");
        assert!(gmail.built_in && gmail.scan && !gmail.api);
        assert_eq!(gmail.provider, "gmail");
        let other = choices.view(&rules(), "https://mail.example");
        assert!(!other.built_in && !other.scan && !other.api);
        assert_eq!(other.provider, "generic");
    }

    #[test]
    fn look_alikes_are_not_known_sites() {
        for origin in [
            "http://mail.google.com",
            "https://mail.google.com.evil.example",
            "https://evil.example",
            "https://xmail.google.com",
            "https://mail.google.com:8443",
            "https://evilmail.yahoo.com",
        ] {
            assert!(built_in(&rules(), origin).is_none(), "{origin}");
        }
        for origin in ["https://mail.yahoo.com", "https://de.mail.yahoo.com"] {
            assert!(built_in(&rules(), origin).is_some(), "{origin}");
        }
    }

    #[test]
    fn what_the_person_said_holds() {
        let mut choices = Choices::default();
        choices.entry(&rules(), "https://mail.google.com").scan = false;
        choices.entry(&rules(), "https://mail.example").api = true;
        assert!(!choices.on(&rules(), "https://mail.google.com").scan);
        let on = choices.on(&rules(), "https://mail.example");
        assert!(on.api && !on.scan);
        choices.remove("https://mail.example");
        assert_eq!(choices.on(&rules(), "https://mail.example"), On::default());
    }

    #[test]
    fn only_whole_origins_can_be_switched_on() {
        for good in [
            "https://mail.example",
            "https://mail.example:8443",
            "http://127.0.0.1:8082",
            "http://localhost",
        ] {
            assert!(checked_origin(good).is_some(), "{good}");
        }
        for bad in [
            "http://mail.example",
            "https://mail.example/path",
            "https://*/",
            "chrome-extension://abc",
            "file:///",
            "javascript:alert(1)",
            "https://user@mail.example",
            "",
        ] {
            assert!(checked_origin(bad).is_none(), "{bad}");
        }
    }
}
