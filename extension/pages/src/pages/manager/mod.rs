//! The key manager: keys, contacts, drafts, files, sites, settings, each behind a hash of its own.

mod account;
mod contacts;
mod drafts;
mod files;
mod generate;
mod import;
mod key;
mod keys;
mod link_account;
mod pick;
mod settings;
mod sheet;
mod sites;

use ext_protocol::view::VaultState;
use gloo::events::EventListener;
use yew::prelude::*;

use super::background::{Background, use_background};
use super::shell::{Starting, brand, use_title};
use super::unlock::UnlockForm;
use crate::format;
use crate::i18n::t;
use crate::{dom, mark};
use ext_browser::tabs;
use ui_kit::icon::{Glyph, icon};

pub(super) use pick::{FilePick, read_text};

/// The pages of the manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route {
    Keys,
    Contacts,
    Drafts,
    Files,
    Sites,
    Account,
    Settings,
    Sheet,
}

impl Route {
    /// Unknown hashes lead to the keys.
    fn parse(hash: &str) -> Self {
        match hash.trim_start_matches(['#', '/']) {
            "contacts" => Self::Contacts,
            "drafts" => Self::Drafts,
            "files" => Self::Files,
            "sites" => Self::Sites,
            "account" => Self::Account,
            "settings" => Self::Settings,
            "sheet" | "keys/sheet" => Self::Sheet,
            _ => Self::Keys,
        }
    }

    fn hash(self) -> &'static str {
        match self {
            Self::Keys => "#/keys",
            Self::Contacts => "#/contacts",
            Self::Drafts => "#/drafts",
            Self::Files => "#/files",
            Self::Sites => "#/sites",
            Self::Account => "#/account",
            Self::Settings => "#/settings",
            Self::Sheet => "#/sheet",
        }
    }

    fn title(self) -> String {
        match self {
            Self::Keys => t!("keys"),
            Self::Contacts => t!("contacts"),
            Self::Drafts => t!("drafts"),
            Self::Files => t!("files"),
            Self::Sites => t!("sites"),
            Self::Account => t!("account"),
            Self::Settings => t!("settings"),
            Self::Sheet => t!("sheet-title"),
        }
    }

    fn glyph(self) -> Glyph {
        match self {
            Self::Keys => Glyph::Key,
            Self::Contacts => Glyph::People,
            Self::Drafts => Glyph::Compose,
            Self::Files => Glyph::File,
            Self::Sites => Glyph::Globe,
            Self::Account => Glyph::Swap,
            Self::Settings => Glyph::Settings,
            Self::Sheet => Glyph::Print,
        }
    }
}

const MENU: [Route; 8] = [
    Route::Keys,
    Route::Contacts,
    Route::Drafts,
    Route::Files,
    Route::Sites,
    Route::Sheet,
    Route::Account,
    Route::Settings,
];

fn here() -> Route {
    let hash = dom::window()
        .and_then(|w| w.location().hash().ok())
        .unwrap_or_default();
    Route::parse(&hash)
}

/// The page.
#[component]
pub(super) fn Manager() -> Html {
    let background = use_background();
    let route = use_state_eq(here);
    use_title(route.title());
    use_effect_with((), {
        let route = route.setter();
        move |()| {
            let listener = dom::window().map(|window| {
                EventListener::new(&window, "hashchange", move |_| route.set(here()))
            });
            move || drop(listener)
        }
    });
    let vault = background.vault();
    use_effect_with(vault, |vault| {
        if let (Some(VaultState::NotSetUp), Some(window)) = (vault, dom::window()) {
            let _ = window.location().replace("welcome.html");
        }
    });
    let status = background.status.clone();
    let content = match status.as_deref() {
        None => html! { <Starting /> },
        Some(Err(failure)) => html! { <Starting failure={failure.clone()} /> },
        Some(Ok(status)) if status.vault == VaultState::Unlocked => html! {
            <main class="manager-content" data-testid="manager" data-route={route.hash().trim_start_matches("#/")}>
                <h1 class="manager-title">{ route.title() }</h1>
                { match *route {
                    Route::Keys => html! { <keys::Keys /> },
                    Route::Contacts => html! { <contacts::Contacts /> },
                    Route::Drafts => html! { <drafts::Drafts /> },
                    Route::Files => html! { <files::FilesPage /> },
                    Route::Sites => html! { <sites::Sites /> },
                    Route::Account => html! { <account::Account /> },
                    Route::Settings => html! { <settings::SettingsPage /> },
                    Route::Sheet => html! { <sheet::Sheet /> },
                } }
            </main>
        },
        Some(Ok(status)) => html! {
            <main class="manager-content narrow" data-testid="manager" data-route="locked">
                <h1 class="manager-title">{ t!("unlock-heading") }</h1>
                <p class="hint">{ format::clean(&status.me.address) }</p>
                <div class="sheet card"><UnlockForm /></div>
            </main>
        },
    };
    html! {
        <ContextProvider<Background> context={background}>
            <div class="manager">
                <Side current={*route} />
                { content }
            </div>
        </ContextProvider<Background>>
    }
}

#[derive(Properties, PartialEq)]
struct SideProps {
    current: Route,
}

#[component]
fn Side(props: &SideProps) -> Html {
    let background = use_context::<Background>();
    let status = background.as_ref().and_then(|b| b.status.clone());
    let webmail = Callback::from(|event: MouseEvent| {
        event.prevent_default();
        let _ = tabs::create("webmail.html");
    });
    html! {
        <aside class="side">
            { brand() }
            <nav aria-label={t!("ways")}>
                <ul>
                    for route in MENU {
                        <li><a href={route.hash()} data-testid={format!("nav-{}", route.hash().trim_start_matches("#/"))} class={(route == props.current).then_some("is-current")}
                            aria-current={(route == props.current).then_some("page")}>{ icon(route.glyph()) }<span>{ route.title() }</span></a></li>
                    }
                    <li><a href="webmail.html" data-testid="nav-webmail" onclick={webmail}>{ icon(Glyph::Inbox) }<span>{ t!("way-webmail") }</span></a></li>
                </ul>
            </nav>
            if let Some(Ok(status)) = status.as_deref() {
                <div class="side-me">
                    if let Some(mark) = status.mark { { mark::picture(mark) } }
                    <div>
                        <p class="person-name"><bdi>{ format::person(&status.me) }</bdi></p>
                        <p class="person-address">{ format::clean(&status.me.address) }</p>
                    </div>
                </div>
            }
        </aside>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_found_by_its_hash() {
        for route in MENU {
            assert_eq!(Route::parse(route.hash()), route);
        }
        assert_eq!(Route::parse(""), Route::Keys);
        assert_eq!(Route::parse("#/elsewhere"), Route::Keys);
        assert_eq!(Route::parse("#/keys/sheet"), Route::Sheet);
    }
}
