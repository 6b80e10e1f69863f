//! Settings: passphrase, locking, appearance, one's certificate, this device.

mod certificate;
mod device;
mod passphrase;

use super::mail::Shell;
use crate::ui::actor::Actor;
use crate::ui::components::{Glyph, IconButton};
use crate::ui::i18n::t;
use crate::ui::route::{self, Route};
use crate::ui::server::SETTINGS_PAGE;
use crate::ui::state::{Action, Preferences, Store, Theme};
use certificate::Certificate;
use device::Device;
use passphrase::ChangePassphrase;
use ui_kit::entry::{use_heading_focus, use_title};
use wasm_bindgen::JsCast;
use yew::prelude::*;

/// Minutes offered; 0 is never.
const IDLE_CHOICES: [u32; 6] = [1, 5, 15, 30, 60, 0];

/// The page.
#[component]
pub(crate) fn Settings() -> Html {
    use_title(t!("settings"));
    let heading = use_heading_focus();
    let back = Callback::from(|_: MouseEvent| route::go(&Route::inbox()));
    let in_extension = use_context::<Store>().is_some_and(|store| store.in_extension);
    html! {
        <Shell current={Some("settings".to_owned())} title={t!("settings")} pane="single" testid="page-settings" is_compose_quiet={true}>
            <div class="settings">
                <header class="pane-head">
                    <IconButton class="back-button" glyph={Glyph::Back} label={t!("back-to-mail")} testid="settings-back" onclick={back} />
                    <h1 ref={heading} tabindex="-1">{ t!("settings") }</h1>
                </header>
                <Choices {in_extension} />
                if !in_extension {
                    <ChangePassphrase />
                }
                <Certificate />
                if in_extension {
                    <section class="sheet card">
                        <h2>{ t!("extension-settings") }</h2>
                        <p>{ t!("extension-settings-text") }</p>
                        <div class="actions"><a class="button" href={SETTINGS_PAGE} target="_blank" rel="noopener" data-testid="extension-settings">{ t!("extension-settings-open") }</a></div>
                    </section>
                } else {
                    <Device />
                }
            </div>
        </Shell>
    }
}

fn chosen(event: &Event) -> String {
    event
        .target()
        .and_then(|t| t.dyn_into::<web_sys::HtmlSelectElement>().ok())
        .map(|select| select.value())
        .unwrap_or_default()
}

#[derive(Properties, PartialEq)]
struct ChoicesProps {
    in_extension: bool,
}

/// Theme and, outside the extension, idle time: kept in this browser at once.
#[component]
fn Choices(props: &ChoicesProps) -> Html {
    let (Some(store), Some(actor)) = (use_context::<Store>(), use_context::<Actor>()) else {
        return Html::default();
    };
    let preferences = store.preferences.clone();
    let change = |change: fn(&mut Preferences, String)| {
        let (actor, preferences) = (actor.clone(), preferences.clone());
        Callback::from(move |event: Event| {
            let mut preferences = preferences.clone();
            change(&mut preferences, chosen(&event));
            actor.dispatch(Action::Preferences(preferences));
        })
    };
    let on_theme = change(|p, word| p.theme = Theme::of_word(&word));
    let on_idle = change(|p, text| p.idle_minutes = text.parse().unwrap_or(p.idle_minutes));
    let themes = [
        (Theme::System, t!("theme-system")),
        (Theme::Light, t!("theme-light")),
        (Theme::Dark, t!("theme-dark")),
    ];
    html! {
        <section class="sheet card">
            <h2>{ t!("settings-page") }</h2>
            <div class="setting">
                <label for="theme">{ t!("theme") }</label>
                <select id="theme" data-testid="theme-select" onchange={on_theme}>
                    for (theme, name) in themes {
                        <option value={theme.word()} selected={theme == preferences.theme}>{ name }</option>
                    }
                </select>
            </div>
            if !props.in_extension {
                <>
                    <div class="setting">
                        <label for="idle">{ t!("idle") }</label>
                        <select id="idle" data-testid="idle-select" aria-describedby="idle-hint" onchange={on_idle}>
                            for minutes in IDLE_CHOICES {
                                <option value={minutes.to_string()} selected={f64::from(minutes) == preferences.idle_minutes}>
                                    { if minutes == 0 { t!("idle-never") } else { t!("idle-minutes", n = minutes) } }
                                </option>
                            }
                        </select>
                    </div>
                    <p class="hint" id="idle-hint">{ t!("idle-hint") }</p>
                </>
            }
        </section>
    }
}
