//! What a person may choose; the passphrase; newer rules for webmails.

use ext_protocol::failure::{Failure, FailureKind};
use ext_protocol::page::{Answer, Request, Settings};
use ext_protocol::view::Mark;
use yew::prelude::*;

use super::pick::{FilePick, read_text};
use crate::components::{Busy, FailureNote, Switch, input_value, value_of};
use crate::errors;
use crate::i18n::{self, t};
use crate::mark::MarkChoice;
use crate::pages::background::{Background, Deed, another, run};
use crate::pages::passphrase::{Choice, Fault, NewPassphrase, OldPassphrase, check};
use ui_kit::icon::{Glyph, icon};

const MINUTES: [u32; 6] = [5, 15, 30, 60, 240, 0];

/// The page.
#[component]
pub(super) fn SettingsPage() -> Html {
    let loaded = use_state_eq(|| Deed::<Settings>::Idle);
    let saved = use_state_eq(|| Deed::<()>::Idle);
    let background = use_context::<Background>();
    use_effect_with((), {
        let (background, loaded) = (background.clone(), loaded.clone());
        move |()| {
            if let Some(background) = background {
                run(&loaded, async move {
                    match background.ask(Request::Settings).await? {
                        Answer::Settings(settings) => Ok(settings),
                        _ => Err(another()),
                    }
                });
            }
        }
    });
    let Some(background) = background else {
        return Html::default();
    };
    let settings = match &*loaded {
        Deed::Idle | Deed::Working => return html! { <Busy text={t!("step-wait")} /> },
        Deed::Failed(failure) => return html! { <FailureNote failure={failure.clone()} /> },
        Deed::Done(settings) => settings.clone(),
    };
    let keep = {
        let (background, loaded, saved) = (background.clone(), loaded.setter(), saved.clone());
        Callback::from(move |settings: Settings| {
            loaded.set(Deed::Done(settings.clone()));
            let background = background.clone();
            run(&saved, async move {
                background.order(Request::SetSettings(settings)).await?;
                background.refresh();
                Ok(())
            });
        })
    };
    let set = |change: fn(&mut Settings, bool)| {
        let (settings, keep) = (settings.clone(), keep.clone());
        Callback::from(move |is_on: bool| {
            let mut settings = settings.clone();
            change(&mut settings, is_on);
            keep.emit(settings);
        })
    };
    let choose = |change: fn(&mut Settings, String)| {
        let (settings, keep) = (settings.clone(), keep.clone());
        Callback::from(move |event: Event| {
            let mut settings = settings.clone();
            change(&mut settings, input_value(&event));
            keep.emit(settings);
        })
    };
    let on_minutes = choose(|settings, value| {
        settings.lock_after_minutes = value.parse().unwrap_or(15);
    });
    let on_language = choose(|settings, value| settings.language = value);
    let on_mark = {
        let (settings, keep) = (settings.clone(), keep.clone());
        Callback::from(move |mark: Mark| {
            keep.emit(Settings {
                mark,
                ..settings.clone()
            });
        })
    };
    let known_minutes = MINUTES.contains(&settings.lock_after_minutes);
    html! {
        <>
            <div aria-live="polite" class="saved">
                { match &*saved {
                    Deed::Done(()) => html! { <p class="done">{ icon(Glyph::Check) }{ t!("settings-saved") }</p> },
                    Deed::Failed(failure) => html! { <FailureNote failure={failure.clone()} /> },
                    Deed::Idle | Deed::Working => Html::default(),
                } }
            </div>
            <section class="sheet card">
                <h2>{ t!("settings-writing") }</h2>
                <Switch label={t!("choice-hide-subject")} hint={t!("choice-hide-subject-hint")} testid="set-hide-subject" is_on={settings.hide_subject} on_change={set(|s, is| s.hide_subject = is)} />
                <Switch label={t!("choice-sign")} hint={t!("choice-sign-hint")} testid="set-sign" is_on={settings.sign} on_change={set(|s, is| s.sign = is)} />
                <Switch label={t!("choice-rich")} hint={t!("choice-rich-hint")} testid="set-rich" is_on={settings.rich_text} on_change={set(|s, is| s.rich_text = is)} />
                <Switch label={t!("settings-wkd")} hint={t!("settings-wkd-hint")} testid="set-wkd" is_on={settings.wkd} on_change={set(|s, is| s.wkd = is)} />
            </section>
            <section class="sheet card">
                <h2>{ t!("settings-picture") }</h2>
                <p>{ t!("welcome-picture-text") }</p>
                <MarkChoice mark={settings.mark} on_choose={on_mark} />
            </section>
            <section class="sheet card">
                <h2>{ t!("settings-here") }</h2>
                <div class="field">
                    <label for="lock-after">{ t!("lock-after") }</label>
                    <select id="lock-after" data-testid="lock-after" onchange={on_minutes}>
                        if !known_minutes {
                            <option value={settings.lock_after_minutes.to_string()} selected={true}>{ t!("minutes", n = settings.lock_after_minutes) }</option>
                        }
                        for minutes in MINUTES {
                            <option value={minutes.to_string()} selected={minutes == settings.lock_after_minutes}>
                                { if minutes == 0 { t!("lock-never") } else { t!("minutes", n = minutes) } }
                            </option>
                        }
                    </select>
                    <p class="hint">{ t!("lock-after-hint") }</p>
                </div>
                <div class="field">
                    <label for="language">{ t!("language") }</label>
                    <select id="language" data-testid="language" onchange={on_language}>
                        <option value="" selected={settings.language.is_empty()}>{ t!("language-browser") }</option>
                        for tag in i18n::available() {
                            <option value={tag} selected={settings.language == tag}>{ language_name(tag) }</option>
                        }
                    </select>
                </div>
            </section>
            <ChangePassphrase />
            <Rules />
        </>
    }
}

/// A language in its own words.
fn language_name(tag: &str) -> String {
    match tag {
        "en" => "English".to_owned(),
        other => other.to_owned(),
    }
}

#[component]
fn ChangePassphrase() -> Html {
    let (old, new) = (use_node_ref(), use_node_ref());
    let choice = use_state_eq(|| None::<Choice>);
    let fault = use_state_eq(|| None::<Fault>);
    let deed = use_state_eq(|| Deed::<()>::Idle);
    use_effect_with(matches!(*deed, Deed::Done(())), {
        let choice = choice.setter();
        move |is_done| {
            if *is_done {
                choice.set(None);
            }
        }
    });
    let Some(background) = use_context::<Background>() else {
        return Html::default();
    };
    let me = background.me();
    let known = vec![me.address, me.name];
    let begin = {
        let (choice, deed) = (choice.setter(), deed.setter());
        Callback::from(move |event: MouseEvent| {
            // The button that sends the form is drawn in its place: this press is not for that one.
            event.prevent_default();
            deed.set(Deed::Idle);
            choice.set(Some(Choice::draw()));
        })
    };
    let onsubmit = {
        let (old, new, choice) = (old.clone(), new.clone(), choice.clone());
        let (fault, deed, known) = (fault.clone(), deed.clone(), known.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Some(choice) = &*choice else { return };
            match check(choice, &value_of(&new), &known) {
                Ok(new) => {
                    fault.set(None);
                    let request = Request::ChangePassphrase {
                        old: value_of(&old),
                        new,
                    };
                    let background = background.clone();
                    run(&deed, async move { background.order(request).await });
                }
                Err(problem) => fault.set(Some(problem)),
            }
        })
    };
    let on_choice = {
        let (choice, fault) = (choice.clone(), fault.clone());
        Callback::from(move |new: Choice| {
            fault.set(None);
            choice.set(Some(new));
        })
    };
    html! {
        <form class="sheet card" data-testid="change-passphrase" {onsubmit}>
            <h2>{ t!("change-passphrase") }</h2>
            <p>{ t!("change-passphrase-text") }</p>
            if let Some(choice) = &*choice {
                <OldPassphrase id="passphrase-old" node={old} autofocus={true} />
                <NewPassphrase choice={choice.clone()} {on_choice} node={new} fault={*fault} {known} autofocus={false} />
                if deed.is_working() {
                    <Busy text={t!("unlocking")} />
                }
                if let Deed::Failed(failure) = &*deed {
                    <FailureNote failure={failure.clone()} />
                }
                <div class="actions"><button type="submit" class="button" data-testid="change-submit" disabled={deed.is_working()}>{ t!("change-passphrase") }</button></div>
            } else {
                if matches!(*deed, Deed::Done(())) {
                    <p class="done" role="status">{ icon(Glyph::Check) }{ t!("change-passphrase-done") }</p>
                }
                <div class="actions"><button type="button" class="button" data-testid="change-begin" onclick={begin}>{ t!("change-passphrase") }</button></div>
            }
        </form>
    }
}

/// Newer rules for webmails, when a page has changed and the extension has not yet.
#[component]
fn Rules() -> Html {
    let rules = use_state_eq(|| None::<String>);
    let signature = use_state_eq(|| None::<String>);
    let deed = use_state_eq(|| Deed::<()>::Idle);
    let Some(background) = use_context::<Background>() else {
        return Html::default();
    };
    let on_rules = {
        let rules = rules.setter();
        Callback::from(move |(_, data): (String, Vec<u8>)| rules.set(Some(read_text(&data))))
    };
    let on_signature = {
        let signature = signature.setter();
        Callback::from(move |(_, data): (String, Vec<u8>)| signature.set(Some(read_text(&data))))
    };
    let both = rules.as_ref().zip(signature.as_ref());
    let update = {
        let deed = deed.clone();
        let both = both.map(|(rules, signature)| (rules.clone(), signature.clone()));
        Callback::from(move |_: MouseEvent| {
            if let Some((rules, signature)) = both.clone() {
                let background = background.clone();
                run(&deed, async move {
                    background
                        .order(Request::UpdateRules { rules, signature })
                        .await
                });
            }
        })
    };
    html! {
        <details class="sheet card">
            <summary>{ t!("rules") }</summary>
            <p>{ t!("rules-text") }</p>
            <FilePick label={if rules.is_some() { t!("rules-chosen") } else { t!("rules-pick") }} testid="rules-file" on_file={on_rules} />
            <FilePick label={if signature.is_some() { t!("signature-chosen") } else { t!("signature-pick") }} testid="signature-file" on_file={on_signature} />
            { match &*deed {
                Deed::Working => html! { <Busy text={t!("step-wait")} /> },
                Deed::Done(()) => html! { <p class="done" role="status">{ icon(Glyph::Check) }{ t!("rules-done") }</p> },
                Deed::Failed(failure) => refused(failure),
                Deed::Idle => Html::default(),
            } }
            <div class="actions"><button type="button" class="button" data-testid="rules-update" disabled={both.is_none()} onclick={update}>{ t!("rules-update") }</button></div>
        </details>
    }
}

/// Why rules were not taken: what is a damaged message elsewhere is no letter here.
fn refused(failure: &Failure) -> Html {
    let sentence = match failure.kind {
        FailureKind::Damaged | FailureKind::WrongKind => t!("rules-refused"),
        FailureKind::Exists => t!("rules-not-newer"),
        other => errors::sentence(other),
    };
    html! {
        <ui_kit::note::FailureNote kind={errors::name(failure.kind)} {sentence} details={errors::details(failure)} />
    }
}
