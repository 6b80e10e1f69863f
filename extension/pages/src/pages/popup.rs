//! The popup: unlock and lock, what this page can do, the ways to everything else.

use ext_protocol::failure::Failure;
use ext_protocol::page::{Answer, Request, Site};
use ext_protocol::provider::SelfTest;
use ext_protocol::view::VaultState;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::background::{Background, another, use_background};
use super::shell::{Starting, brand, use_title};
use super::unlock::UnlockForm;
use crate::components::{FailureNote, Switch};
use crate::format;
use crate::i18n::t;
use crate::mark;
use ext_browser::{permissions, tabs};
use ui_kit::icon::{Glyph, icon};

fn open(page: &str) {
    let opened = tabs::create(page);
    spawn_local(async move {
        if let Ok(promise) = opened {
            let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
        }
        if let Some(window) = ui_kit::dom::window() {
            let _ = window.close();
        }
    });
}

/// A way to a page of ours.
fn way(page: &'static str, testid: &'static str, glyph: Glyph, words: String) -> Html {
    let onclick = Callback::from(move |event: MouseEvent| {
        event.prevent_default();
        open(page);
    });
    html! { <li><a href={page} data-testid={testid} {onclick}>{ icon(glyph) }<span>{ words }</span></a></li> }
}

/// The popup.
#[component]
pub(super) fn Popup() -> Html {
    let background = use_background();
    use_title(t!("app-name"));
    let content = match background.status.as_deref() {
        None => html! { <Starting /> },
        Some(Err(failure)) => html! { <Starting failure={failure.clone()} /> },
        Some(Ok(status)) => match status.vault {
            VaultState::NotSetUp => {
                let set_up = Callback::from(|_: MouseEvent| open("welcome.html"));
                html! {
                    <main class="popup" data-testid="popup" data-state="not-set-up">
                        { brand() }
                        <p>{ t!("popup-welcome") }</p>
                        <div class="actions"><button type="button" class="button seal" data-testid="set-up" onclick={set_up}>{ t!("set-up") }</button></div>
                    </main>
                }
            }
            VaultState::Locked => html! {
                <main class="popup" data-testid="popup" data-state="locked">
                    <header class="popup-head">{ brand() }if let Some(mark) = status.mark { { mark::picture(mark) } }</header>
                    <p class="hint">{ format::clean(&status.me.address) }</p>
                    <UnlockForm />
                    <ThisSite />
                </main>
            },
            VaultState::Unlocked => html! {
                <main class="popup" data-testid="popup" data-state="unlocked">
                    <Head />
                    <ThisSite />
                    <nav class="ways" aria-label={t!("ways")}>
                        <ul>
                            { way("manager.html#/keys", "way-keys", Glyph::Key, t!("keys")) }
                            { way("manager.html#/contacts", "way-contacts", Glyph::People, t!("contacts")) }
                            { way("manager.html#/files", "way-files", Glyph::File, t!("way-files")) }
                            { way("webmail.html", "way-webmail", Glyph::Inbox, t!("way-webmail")) }
                            { way("manager.html#/settings", "way-settings", Glyph::Settings, t!("settings")) }
                        </ul>
                    </nav>
                </main>
            },
        },
    };
    html! { <ContextProvider<Background> context={background}>{ content }</ContextProvider<Background>> }
}

#[component]
fn Head() -> Html {
    let failure = use_state_eq(|| None::<Failure>);
    let Some(background) = use_context::<Background>() else {
        return Html::default();
    };
    let me = background.me();
    let mark = match background.status.as_deref() {
        Some(Ok(status)) => status.mark,
        _ => None,
    };
    let lock = {
        let (background, failure) = (background.clone(), failure.setter());
        Callback::from(move |_: MouseEvent| {
            let (background, failure) = (background.clone(), failure.clone());
            spawn_local(async move {
                failure.set(background.order(Request::Lock).await.err());
                background.refresh();
            });
        })
    };
    html! {
        <>
            <header class="popup-head">
                if let Some(mark) = mark { { mark::picture(mark) } }
                <div class="popup-me">
                    <p class="person-name"><bdi>{ format::person(&me) }</bdi></p>
                    <p class="person-address">{ format::clean(&me.address) }</p>
                </div>
                <button type="button" class="button small" data-testid="lock" title={t!("lock-hint")} onclick={lock}>{ icon(Glyph::Locked) }{ t!("lock") }</button>
            </header>
            if let Some(failure) = &*failure {
                <FailureNote failure={failure.clone()} />
            }
        </>
    }
}

#[derive(Clone, PartialEq)]
enum Here {
    Asking,
    Nothing,
    Site(Site),
    Failed(Failure),
}

/// The site of the tab: what Letterlock does there, and the switch.
#[component]
fn ThisSite() -> Html {
    let here = use_state_eq(|| Here::Asking);
    let failure = use_state_eq(|| None::<Failure>);
    let background = use_context::<Background>();
    let load = {
        let (background, here) = (background.clone(), here.setter());
        Callback::from(move |()| {
            let Some(background) = background.clone() else {
                return;
            };
            let here = here.clone();
            spawn_local(async move {
                here.set(match background.ask(Request::CurrentSite).await {
                    Ok(Answer::Site { site: Some(site) }) => Here::Site(site),
                    Ok(Answer::Site { site: None }) => Here::Nothing,
                    Ok(_) => Here::Failed(another()),
                    Err(failure) => Here::Failed(failure),
                });
            });
        })
    };
    use_effect_with((), {
        let load = load.clone();
        move |()| load.emit(())
    });
    let Some(background) = background else {
        return Html::default();
    };
    let site = match &*here {
        Here::Asking => return html! { <section class="this-site" aria-busy="true"></section> },
        Here::Nothing => {
            return html! { <section class="this-site" data-testid="no-site"><p class="hint">{ t!("site-none") }</p></section> };
        }
        Here::Failed(failure) => {
            return html! { <section class="this-site"><FailureNote failure={failure.clone()} /></section> };
        }
        Here::Site(site) => site.clone(),
    };
    let switch = |scan: bool, api: bool| {
        let (background, site) = (background.clone(), site.clone());
        let (failure, load) = (failure.setter(), load.clone());
        move || {
            // Within the click: the browser refuses the question later.
            let asked = (!site.built_in && (scan || api))
                .then(|| permissions::request(&[pattern(&site.origin)]));
            let (background, origin) = (background.clone(), site.origin.clone());
            let (failure, load) = (failure.clone(), load.clone());
            spawn_local(async move {
                if let Some(asked) = asked {
                    let granted = match asked {
                        Ok(promise) => wasm_bindgen_futures::JsFuture::from(promise)
                            .await
                            .is_ok_and(|granted| granted.is_truthy()),
                        Err(_) => false,
                    };
                    if !granted {
                        load.emit(());
                        return;
                    }
                }
                let request = Request::SwitchSite { origin, scan, api };
                failure.set(background.order(request).await.err());
                load.emit(());
            });
        }
    };
    let host = site
        .origin
        .split_once("://")
        .map_or(site.origin.clone(), |(_, host)| host.to_owned());
    let on_scan = {
        let (on, off) = (switch(true, site.api), switch(false, site.api));
        Callback::from(move |is_on: bool| if is_on { on() } else { off() })
    };
    let on_api = {
        let (on, off) = (switch(site.scan, true), switch(site.scan, false));
        Callback::from(move |is_on: bool| if is_on { on() } else { off() })
    };
    let state = match (site.scan, site.api) {
        (true, true) => "both",
        (true, false) => "scan",
        (false, true) => "api",
        (false, false) => "off",
    };
    html! {
        <section class="this-site" data-testid="this-site" data-origin={site.origin.clone()} data-state={state} aria-label={t!("site-label")}>
            <h2><bdi>{ format::clean(&host) }</bdi></h2>
            if site.asks_api && !site.api {
                <p class="note note-careful asks" role="status" data-testid="asks-api">{ icon(Glyph::Question) }<span class="note-body">{ t!("site-asks") }</span></p>
            }
            <Switch label={t!("site-scan")} hint={t!("site-scan-hint")} testid="site-scan" is_on={site.scan} on_change={on_scan} />
            if site.api || site.asks_api || !site.built_in {
                <Switch label={t!("site-api")} hint={t!("site-api-hint")} testid="site-api" is_on={site.api} on_change={on_api} />
            }
            if let (true, Some(test)) = (site.scan, &site.self_test) {
                <SelfTestNote test={test.clone()} />
            }
            if let Some(failure) = &*failure {
                <FailureNote failure={failure.clone()} />
            }
        </section>
    }
}

/// The match pattern of an origin. Firefox knows no ports in patterns: there it stands for all of
/// the host's.
pub(super) fn pattern(origin: &str) -> String {
    let is_firefox = ui_kit::dom::window()
        .and_then(|w| w.navigator().user_agent().ok())
        .is_some_and(|agent| agent.contains("Firefox/"));
    pattern_for(origin, is_firefox)
}

fn pattern_for(origin: &str, is_firefox: bool) -> String {
    let bare = match origin.rsplit_once(':') {
        Some((bare, port))
            if is_firefox && !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) =>
        {
            bare
        }
        _ => origin,
    };
    format!("{bare}/*")
}

/// Properties of [`SelfTestNote`].
#[derive(Properties, PartialEq)]
pub(super) struct SelfTestNoteProps {
    pub(super) test: SelfTest,
}

/// Whether Letterlock still understands the page.
#[component]
pub(super) fn SelfTestNote(props: &SelfTestNoteProps) -> Html {
    let test = &props.test;
    let (class, glyph, text) = if !test.missing.is_empty() {
        (
            "is-careful",
            Glyph::Warn,
            t!("self-test-missing", n = test.missing.len()),
        )
    } else if test.found.is_empty() && test.fallbacks.is_empty() {
        return Html::default();
    } else {
        ("is-good", Glyph::Check, t!("self-test-good"))
    };
    html! {
        <div class={classes!("self-test", class)} data-testid="self-test" data-missing={test.missing.len().to_string()}>
            { icon(glyph) }
            <div>
                <p>{ text }</p>
                <details>
                    <summary>{ t!("details") }</summary>
                    <p class="mono">{ t!("self-test-details", provider = test.provider.clone(),
                        found = test.found.join(", "), fallbacks = test.fallbacks.join(", "), missing = test.missing.join(", ")) }</p>
                </details>
            </div>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_have_ports_only_where_the_browser_knows_them() {
        let local = "http://localhost:8082";
        assert_eq!(pattern_for(local, false), "http://localhost:8082/*");
        assert_eq!(pattern_for(local, true), "http://localhost/*");
        let mail = "https://mail.example.org";
        assert_eq!(pattern_for(mail, true), "https://mail.example.org/*");
    }
}
