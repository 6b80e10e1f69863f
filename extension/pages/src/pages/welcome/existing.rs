//! Another way in: keys from a file, as GnuPG exports them.

use ext_protocol::page::{KeyFile, KeyPreview, Request};
use yew::prelude::*;

use super::{Origin, is_address};
use crate::components::{FailureNote, Field, value_of};
use crate::format;
use crate::i18n::t;
use crate::pages::background::{Background, Deed, another, run};
use crate::pages::manager::FilePick;
use crate::transfer::encode;
use ui_kit::icon::{Glyph, icon};

type OnNext = Callback<(Origin, String, String)>;

/// Properties of [`FromFile`].
#[derive(Properties, PartialEq)]
pub(super) struct ExistingProps {
    /// Where the keys come from, address, name.
    pub(super) on_next: OnNext,
    pub(super) on_back: Callback<()>,
}

/// Splits a user id as `Alice Example <alice@example.org>`.
fn parts(user_id: &str) -> (String, String) {
    match user_id.rsplit_once('<') {
        Some((name, rest)) => (
            name.trim().to_owned(),
            rest.trim_end_matches('>').trim().to_owned(),
        ),
        None if is_address(user_id) => (String::new(), user_id.trim().to_owned()),
        None => (user_id.trim().to_owned(), String::new()),
    }
}

#[derive(Clone, PartialEq)]
struct Chosen {
    data: Vec<u8>,
    keys: Vec<KeyPreview>,
}

/// A key file.
#[component]
pub(super) fn FromFile(props: &ExistingProps) -> Html {
    let chosen = use_state_eq(|| Deed::<Chosen>::Idle);
    let (passphrase, address) = (use_node_ref(), use_node_ref());
    let is_wrong = use_state_eq(|| false);
    let Some(background) = use_context::<Background>() else {
        return Html::default();
    };
    let on_file = {
        let (background, chosen) = (background.clone(), chosen.clone());
        Callback::from(move |(_, data): (String, Vec<u8>)| {
            let background = background.clone();
            run(&chosen, async move {
                let request = Request::PreviewKeyFile {
                    file: encode(&data),
                };
                match background.ask(request).await? {
                    ext_protocol::page::Answer::KeyFilePreview { keys } => {
                        Ok(Chosen { data, keys })
                    }
                    _ => Err(another()),
                }
            });
        })
    };
    let own = match &*chosen {
        Deed::Done(found) => found.keys.iter().find(|key| key.private).cloned(),
        _ => None,
    };
    let suggestion = own
        .as_ref()
        .and_then(|key| key.user_ids.first())
        .map(|id| parts(id))
        .unwrap_or_default();
    let onsubmit = {
        let (chosen, own, passphrase, address) = (
            chosen.clone(),
            own.clone(),
            passphrase.clone(),
            address.clone(),
        );
        let (on_next, is_wrong, name) = (
            props.on_next.clone(),
            is_wrong.clone(),
            suggestion.0.clone(),
        );
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let (Deed::Done(found), Some(key)) = (&*chosen, &own) else {
                return;
            };
            let typed = value_of(&address).trim().to_owned();
            if !is_address(&typed) {
                is_wrong.set(true);
                return;
            }
            let file = KeyFile {
                file: encode(&found.data),
                passphrase: key.locked.then(|| value_of(&passphrase)),
            };
            on_next.emit((Origin::File(file), typed, name.clone()));
        })
    };
    let fault = is_wrong.then(|| AttrValue::from(t!("welcome-address-fault")));
    html! {
        <form {onsubmit}>
            <h1>{ t!("from-file-heading") }</h1>
            <p>{ t!("from-file-text") }</p>
            <p class="mono boxed">{ "gpg --export-secret-keys --armor NAME > my-key.asc" }</p>
            <FilePick label={t!("from-file-pick")} testid="key-file" {on_file} />
            { match &*chosen {
                Deed::Failed(failure) => html! { <FailureNote failure={failure.clone()} /> },
                Deed::Done(_) if own.is_none() => html! {
                    <p class="fault" role="alert">{ icon(Glyph::Warn) }{ t!("from-file-no-private") }</p>
                },
                _ => Html::default(),
            } }
            if let Some(key) = &own {
                <dl class="facts" data-testid="key-preview">
                    for id in key.user_ids.iter() {
                        <><dt>{ t!("user-id") }</dt><dd>{ format::clean(id) }</dd></>
                    }
                    <dt>{ t!("fingerprint") }</dt><dd class="mono">{ format::fingerprint(&key.fingerprint) }</dd>
                </dl>
                if let Some(problem) = &key.problem {
                    <p class="fault">{ icon(Glyph::Warn) }{ format::clean(problem) }</p>
                }
                <Field id="address" label={t!("welcome-address")} node={address} value={suggestion.1} {fault} inputmode="email" />
                if key.locked {
                    <Field id="file-passphrase" label={t!("file-passphrase")} node={passphrase} is_secret={true} hint={t!("file-passphrase-hint")} />
                }
            }
            <div class="actions">
                <button type="submit" class="button seal" data-testid="next" disabled={own.is_none()}>{ t!("next") }</button>
                <button type="button" class="button quiet" data-testid="back" onclick={props.on_back.reform(|_: MouseEvent| ())}>{ t!("back") }</button>
            </div>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_ids_are_split() {
        let both = parts("Alice Example <alice@example.org>");
        assert_eq!(both, ("Alice Example".into(), "alice@example.org".into()));
        let address = parts("alice@example.org");
        assert_eq!(address, (String::new(), "alice@example.org".into()));
        assert_eq!(parts("Alice"), ("Alice".into(), String::new()));
    }
}
