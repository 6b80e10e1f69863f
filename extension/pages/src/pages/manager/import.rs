//! Keys from a file or from the clipboard: shown first, taken in when the person says so.

use ext_protocol::page::{Answer, KeyFile, KeyPreview, Request};
use yew::prelude::*;

use super::pick::FilePick;
use crate::components::{Busy, FailureNote, Field, input_value, value_of};
use crate::format;
use crate::i18n::t;
use crate::pages::background::{Background, Deed, another, run, use_when_done};
use crate::transfer::encode;
use ui_kit::icon::{Glyph, icon};

/// Properties of [`Import`].
#[derive(Properties, PartialEq)]
pub(super) struct ImportProps {
    pub(super) on_done: Callback<()>,
}

#[derive(Clone, PartialEq)]
struct Preview {
    data: Vec<u8>,
    keys: Vec<KeyPreview>,
}

/// Choose, look, take in.
#[component]
pub(super) fn Import(props: &ImportProps) -> Html {
    let preview = use_state_eq(|| Deed::<Preview>::Idle);
    let deed = use_state_eq(|| Deed::<()>::Idle);
    let pasted = use_state_eq(String::new);
    let passphrase = use_node_ref();
    use_when_done(&deed, &props.on_done);
    let Some(background) = use_context::<Background>() else {
        return Html::default();
    };
    let look = {
        let (background, preview) = (background.clone(), preview.clone());
        Callback::from(move |data: Vec<u8>| {
            let background = background.clone();
            run(&preview, async move {
                let request = Request::PreviewKeyFile {
                    file: encode(&data),
                };
                match background.ask(request).await? {
                    Answer::KeyFilePreview { keys } => Ok(Preview { data, keys }),
                    _ => Err(another()),
                }
            });
        })
    };
    let on_file = look.reform(|(_, data): (String, Vec<u8>)| data);
    let on_paste = {
        let pasted = pasted.clone();
        Callback::from(move |event: InputEvent| {
            let text = input_value(&event);
            if text.contains("-----END PGP") {
                look.emit(text.clone().into_bytes());
            }
            pasted.set(text);
        })
    };
    let is_locked = match &*preview {
        Deed::Done(found) => found.keys.iter().any(|key| key.private && key.locked),
        _ => false,
    };
    let onsubmit = {
        let (preview, deed, passphrase) = (preview.clone(), deed.clone(), passphrase.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if let Deed::Done(found) = &*preview {
                let request = Request::ImportKeyFile(KeyFile {
                    file: encode(&found.data),
                    passphrase: is_locked.then(|| value_of(&passphrase)),
                });
                let background = background.clone();
                run(&deed, async move { background.order(request).await });
            }
        })
    };
    let can_take = match &*preview {
        Deed::Done(found) => found.keys.iter().any(|key| key.problem.is_none()),
        _ => false,
    };
    html! {
        <form class="sheet card" data-testid="import" {onsubmit}>
            <h2>{ t!("key-import") }</h2>
            <p>{ t!("key-import-text") }</p>
            <FilePick label={t!("from-file-pick")} testid="key-file" {on_file} />
            <div class="field">
                <label for="key-paste">{ t!("key-paste") }</label>
                <textarea id="key-paste" class="boxed mono armor" rows="4" data-testid="key-paste" spellcheck="false" autocomplete="off" value={(*pasted).clone()} oninput={on_paste} />
            </div>
            { match &*preview {
                Deed::Working => html! { <Busy text={t!("step-wait")} /> },
                Deed::Failed(failure) => html! { <FailureNote failure={failure.clone()} /> },
                Deed::Done(found) => html! {
                    <ul class="previews" aria-label={t!("key-previews")}>
                        for key in found.keys.iter() { { card(key) } }
                    </ul>
                },
                Deed::Idle => Html::default(),
            } }
            if is_locked {
                <Field id="file-passphrase" label={t!("file-passphrase")} node={passphrase} is_secret={true} hint={t!("file-passphrase-hint")} />
            }
            if deed.is_working() {
                <Busy text={t!("step-wait")} />
            }
            if let Deed::Failed(failure) = &*deed {
                <FailureNote failure={failure.clone()} />
            }
            <div class="actions"><button type="submit" class="button seal" data-testid="import-submit" disabled={!can_take || deed.is_working()}>{ t!("key-take-in") }</button></div>
        </form>
    }
}

/// What a file holds, one key.
fn card(key: &KeyPreview) -> Html {
    html! {
        <li class="preview" data-testid="key-preview" data-private={key.private.to_string()} data-fingerprint={key.fingerprint.clone()}>
            { icon(if key.private { Glyph::Key } else { Glyph::People }) }
            <div>
                for id in key.user_ids.iter() { <p><bdi>{ format::clean(id) }</bdi></p> }
                <p class="mono">{ format::fingerprint(&key.fingerprint) }</p>
                <p class="hint">{ if key.private { t!("key-private") } else { t!("key-public") } }</p>
                if let Some(old) = &key.replaces {
                    <p class="fault">{ icon(Glyph::Warn) }{ t!("key-replaces", old = format::fingerprint(old)) }</p>
                }
                if let Some(problem) = &key.problem {
                    <p class="fault">{ icon(Glyph::Warn) }{ format::clean(problem) }</p>
                }
            </div>
        </li>
    }
}
