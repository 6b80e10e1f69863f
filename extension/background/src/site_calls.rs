//! Sites: switched on and off by the person, on pages of ours only.
//!
//! The page asks the browser for the host permission in a click and then says so here. Scripts
//! are registered with the browser, which keeps them over restarts; they are compared with the
//! decisions at every start of the browser, so that neither side can drift.

use std::rc::Rc;

use ext_protocol::{
    content,
    failure::{Failure, FailureKind},
    page::Answer,
};

use crate::{
    background::{Background, Connected, ToContent},
    failure::{failed, failure},
    host::{Host, Memory, SiteScripts},
    rules,
    sender::{Peer, origin},
    settings::RULES_KEY,
    sites,
};

impl<H: Host> Background<H> {
    /// The site under the popup.
    pub(crate) async fn current_site(&self, port: &Connected) -> Result<Answer, Failure> {
        let Peer::Page { about, .. } = &port.peer else {
            return Err(Failure::new(FailureKind::NotAllowed));
        };
        let tab = self.host.tab(*about).await;
        let site = tab
            .and_then(|(_, address)| origin(&address))
            .and_then(|origin| sites::checked_origin(&origin))
            .map(|origin| self.sites.borrow().view(&self.rules.borrow(), &origin));
        Ok(Answer::Site { site })
    }

    /// All sites: the known ones, and those the person decided about.
    pub(crate) fn all_sites(&self) -> Answer {
        let rules = self.rules.borrow();
        let choices = self.sites.borrow();
        let mut origins: Vec<String> = rules
            .providers
            .iter()
            .flat_map(|provider| &provider.matches)
            .filter(|pattern| !pattern.contains("://*."))
            .filter_map(|pattern| origin(pattern.trim_end_matches('*')))
            .collect();
        for choice in choices.all() {
            if !origins.contains(&choice.origin) {
                origins.push(choice.origin.clone());
            }
        }
        Answer::Sites {
            sites: origins
                .iter()
                .map(|origin| choices.view(&rules, origin))
                .collect(),
        }
    }

    /// Switches a site on, or changes it.
    pub async fn switch_site(
        self: &Rc<Self>,
        named: &str,
        scan: bool,
        api: bool,
    ) -> Result<(), Failure> {
        let origin = sites::checked_origin(named)
            .ok_or_else(|| failed(FailureKind::WrongKind, "not the address of a web site"))?;
        let built_in = sites::built_in(&self.rules.borrow(), &origin).is_some();
        if !built_in && (scan || api) && !self.host.allowed(&origin).await {
            return Err(failed(FailureKind::NotAllowed, "the browser was not asked"));
        }
        {
            let rules = self.rules.borrow().clone();
            let mut choices = self.sites.borrow_mut();
            let choice = choices.entry(&rules, &origin);
            choice.scan = scan;
            choice.api = api;
            choice.asks_api &= !api;
        }
        self.write_sites().await;
        let here: Vec<_> = {
            let ports = self.ports.borrow();
            let content = ports.values().filter_map(|port| match &port.peer {
                Peer::Content(spot) if spot.origin == origin => Some((port.id, spot.clone())),
                _ => None,
            });
            content.collect()
        };
        for (port, spot) in &here {
            self.host.badge(Some(spot.tab), false);
            // What a script may do it learns when it says hello: it comes again.
            if scan || api {
                self.refuse(*port);
            }
        }
        self.show_icon();
        self.register_sites().await;
        if scan || api {
            let site = SiteScripts {
                origin: origin.clone(),
                api,
                built_in,
            };
            self.host.inject(&site).await;
            for (_, spot) in &here {
                self.host.call_back(spot);
            }
        }
        self.tell_site(&origin, scan, api);
        Ok(())
    }

    /// Switches a site off and forgets it, with its keyrings and the permission for it.
    pub(crate) async fn remove_site(self: &Rc<Self>, named: &str) -> Result<(), Failure> {
        let origin = sites::checked_origin(named).unwrap_or_else(|| named.to_owned());
        let removed = self.sites.borrow_mut().remove(&origin);
        if let Some(choice) = removed
            && !choice.keyrings.is_empty()
            && let Ok(client) = self.unlocked().await
        {
            for name in choice.keyrings {
                let keyring = mail_client::sites::SiteKeyring {
                    origin: origin.clone(),
                    name,
                };
                crate::vault::not_found_is_none(client.remove_site_keyring(&keyring).await)?;
            }
        }
        self.write_sites().await;
        self.register_sites().await;
        self.tell_site(&origin, false, false);
        if sites::built_in(&self.rules.borrow(), &origin).is_none() {
            self.host.give_back(&origin).await;
        }
        self.show_icon();
        Ok(())
    }

    /// The person answered the browser's question after the popup had gone: finds mail there.
    pub async fn permission_added(self: &Rc<Self>, patterns: &[String]) {
        for pattern in patterns {
            let origin = pattern.strip_suffix("/*").and_then(sites::checked_origin);
            let Some(origin) = origin else { continue };
            if self.sites.borrow().get(&origin).is_none() {
                // A site that asks for more than the browser allows is refused there.
                let _refused = self.switch_site(&origin, true, false).await;
            }
        }
    }

    /// The person took a permission back in the browser's own pages.
    pub async fn permission_removed(self: &Rc<Self>, patterns: &[String]) {
        for pattern in patterns {
            let origin = pattern.strip_suffix("/*").and_then(sites::checked_origin);
            let Some(origin) = origin else { continue };
            let known = self.sites.borrow().get(&origin).is_some();
            if known && sites::built_in(&self.rules.borrow(), &origin).is_none() {
                {
                    let rules = self.rules.borrow().clone();
                    let mut choices = self.sites.borrow_mut();
                    let choice = choices.entry(&rules, &origin);
                    choice.scan = false;
                    choice.api = false;
                }
                self.write_sites().await;
                self.register_sites().await;
                self.tell_site(&origin, false, false);
            }
        }
    }

    /// Brings the registered scripts in line with the decisions.
    pub async fn register_sites(&self) {
        let sites: Vec<SiteScripts> = {
            let rules = self.rules.borrow();
            let choices = self.sites.borrow();
            choices
                .all()
                .filter(|choice| choice.scan || choice.api)
                .map(|choice| SiteScripts {
                    origin: choice.origin.clone(),
                    api: choice.api,
                    built_in: sites::built_in(&rules, &choice.origin).is_some(),
                })
                .collect()
        };
        self.host.register(&sites).await;
    }

    /// Content scripts of a site hear that it was switched off; its frames go.
    fn tell_site(self: &Rc<Self>, origin: &str, scan: bool, api: bool) {
        if scan || api {
            return;
        }
        let event = ToContent::Event {
            event: content::Event::SwitchedOff,
        };
        for port in self.ports.borrow().values() {
            if matches!(&port.peer, Peer::Content(spot) if spot.origin == origin) {
                self.host.send(port.id, &event);
            }
        }
        let frames = self.frames.borrow().of_origin(origin);
        for frame in frames {
            self.forget_frame(&frame);
        }
    }

    /// Replaces the rules by newer ones with a good signature.
    pub(crate) async fn update_rules(
        self: &Rc<Self>,
        text: &str,
        signature: &str,
    ) -> Result<(), Failure> {
        use mail_client::ports::{Clock as _, Platform as _};
        let platform = self.host.platform("").await.map_err(failure)?;
        let in_use = self.rules.borrow().version;
        let set = rules::check(
            platform.engine(),
            self.release_key,
            text,
            signature,
            in_use,
            platform.clock().now(),
        )
        .await
        .map_err(|error| {
            let kind = match error {
                rules::RulesError::NotSigned => FailureKind::Damaged,
                rules::RulesError::NotNewer => FailureKind::Exists,
                rules::RulesError::Malformed => FailureKind::WrongKind,
            };
            failed(kind, &error.to_string())
        })?;
        let json = crate::settings::kept_rules(text, signature)
            .ok_or_else(|| Failure::new(FailureKind::Internal))?;
        if !self.host.keep(Memory::Disk, RULES_KEY, &json).await {
            return Err(Failure::new(FailureKind::StorageFull));
        }
        self.rules.replace(Rc::new(set));
        // What the old rules missed says nothing about these.
        self.sites.borrow_mut().forget_self_tests();
        self.write_sites().await;
        Ok(())
    }
}
