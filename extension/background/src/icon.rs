//! The toolbar icon: locked, unlocked, or waiting for the person.

use std::rc::Rc;

use ext_protocol::view::VaultState;

use crate::{
    background::Background,
    host::{Host, Icon, Memory},
    sites::Choice,
};

/// What the icon shows, in the session's memory.
const ICON_KEY: &str = "icon";

/// What a former life of ours has drawn.
pub(crate) fn shown(session: &[(String, String)]) -> String {
    let found = session.iter().find(|(key, _)| key == ICON_KEY);
    found.map(|(_, text)| text.clone()).unwrap_or_default()
}

impl<H: Host> Background<H> {
    /// Shows by the icon how things stand.
    pub(crate) fn show_icon(self: &Rc<Self>) {
        let this = Rc::clone(self);
        self.host.spawn(async move { this.draw_icon().await });
    }

    /// The browser keeps an icon as long as the session's memory, so a woken background that finds
    /// it right there leaves it: drawing it anew takes 5 to 20 ms. One after the other, each as
    /// things stand then; what was not drawn is not noted.
    async fn draw_icon(&self) {
        let mut shown = self.shown.lock().await;
        let vault = self.vault_state();
        let icon = match vault {
            _ if self.needs_the_person() => Icon::NeedsYou,
            VaultState::Unlocked => Icon::Unlocked,
            VaultState::Locked | VaultState::NotSetUp => Icon::Locked,
        };
        let now = format!("{icon:?} {vault:?}");
        if *shown == now {
            return;
        }
        shown.clear();
        self.host.forget(Memory::Session, ICON_KEY).await;
        if self.host.icon(icon, vault).await {
            self.host.keep(Memory::Session, ICON_KEY, &now).await;
            *shown = now;
        }
    }

    fn needs_the_person(&self) -> bool {
        let sites = self.sites.borrow();
        let asks = |site: &Choice| site.asks_api && !site.api;
        !self.waits.unlocks.borrow().is_empty() || sites.all().any(asks)
    }
}
