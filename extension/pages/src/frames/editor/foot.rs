//! The foot of the editor: the one main button, the choices, and in words what will happen.

use std::rc::Rc;

use yew::prelude::*;

use super::letter::{Change, DraftState, Letter, Outlook};
use crate::format;
use crate::guard::GuardedButton;
use crate::i18n::t;
use ui_kit::dom;
use ui_kit::files::{Picker, open_picker};
use ui_kit::icon::{Glyph, icon};

/// Properties of [`Foot`].
#[derive(Properties, PartialEq)]
pub(super) struct FootProps {
    pub(super) letter: Rc<Letter>,
    pub(super) on_change: Callback<Change>,
    /// The main button, if pressing it does something.
    pub(super) on_seal: Callback<()>,
    /// Unsealed: it is asked for once more.
    pub(super) on_plain: Callback<()>,
    pub(super) on_files: Callback<Vec<web_sys::File>>,
    pub(super) on_discard: Callback<()>,
}

/// So few and so short are named at the button itself.
const NAMED: usize = 2;
const NAMED_CHARACTERS: usize = 80;

/// For whom, where that is short enough to stand beside the button: then this line has to be in
/// sight when it is pressed, and not the list above.
fn named(outlook: &Outlook) -> Option<String> {
    let Outlook::Ready(people) = outlook else {
        return None;
    };
    let characters: usize = people.iter().map(|address| address.chars().count()).sum();
    if people.is_empty() || people.len() > NAMED || characters > NAMED_CHARACTERS {
        return None;
    }
    // Each by itself: letters written from the right must not mix two addresses.
    let people: Vec<String> = people
        .iter()
        .map(|address| format!("\u{2068}{}\u{2069}", format::clean(address)))
        .collect();
    Some(people.join(", "))
}

fn sentence(outlook: &Outlook) -> String {
    match outlook {
        Outlook::Working => String::new(),
        Outlook::Nobody => t!("outlook-nobody"),
        Outlook::Looking => t!("outlook-looking"),
        Outlook::Trouble(n) => t!("outlook-trouble", n = *n),
        Outlook::Ready(people) => match named(outlook) {
            Some(people) => t!("outlook-ready-for", people = people),
            None => t!("outlook-ready", n = people.len()),
        },
        Outlook::SignedOnly => t!("outlook-signed-only"),
        Outlook::Plain => t!("outlook-plain"),
        Outlook::PageAsks => t!("outlook-page-asks"),
    }
}

/// The bar.
#[component]
pub(super) fn Foot(props: &FootProps) -> Html {
    let picker = use_node_ref();
    let letter = &props.letter;
    let outlook = letter.outlook();
    let is_ready = matches!(
        outlook,
        Outlook::Ready(_) | Outlook::SignedOnly | Outlook::Plain
    );
    let main = {
        let (on_seal, on_plain, outlook) = (
            props.on_seal.clone(),
            props.on_plain.clone(),
            outlook.clone(),
        );
        Callback::from(move |()| match outlook {
            Outlook::Ready(_) | Outlook::SignedOnly => on_seal.emit(()),
            Outlook::Plain => on_plain.emit(()),
            // A button that does nothing leads to what is to do.
            Outlook::Nobody => dom::focus_id("to-input"),
            Outlook::Trouble(_) => {
                let first = dom::document()
                    .and_then(|d| d.query_selector("#troubles button").ok().flatten());
                if let Some(button) = first {
                    dom::focus(&button);
                }
            }
            Outlook::Looking | Outlook::Working | Outlook::PageAsks => {}
        })
    };
    let pick = {
        let picker = picker.clone();
        Callback::from(move |_: MouseEvent| open_picker(&picker))
    };
    let toggle = |testid: &'static str,
                  is_on: bool,
                  label: String,
                  hint: String,
                  change: Change| {
        let onclick = props.on_change.reform(move |_: MouseEvent| change.clone());
        html! {
            <button type="button" class={classes!("toggle", is_on.then_some("is-on"))} data-testid={testid} aria-pressed={is_on.to_string()} title={hint} {onclick}>
                { icon(if is_on { Glyph::Check } else { Glyph::Close }) }{ label }
            </button>
        }
    };
    let (label, glyph) = match outlook {
        Outlook::SignedOnly => (t!("encrypt-signed"), Glyph::SignedOnly),
        Outlook::Plain => (t!("encrypt-plain"), Glyph::Open),
        _ => (t!("encrypt"), Glyph::Sealed),
    };
    let size = letter.files_size();
    // Whoever seals must have seen for whom.
    let also = AttrValue::Static(match named(&outlook) {
        Some(_) => "#outlook",
        None => ".editor .recipients",
    });
    html! {
        <footer class="editor-foot" data-question="">
            <div class="toggles" role="group" aria-label={t!("choices")}>
                { toggle("encrypt-toggle", letter.encrypt, t!("choice-encrypt"), t!("choice-encrypt-hint"), Change::Encrypt(!letter.encrypt)) }
                { toggle("sign", letter.sign, t!("choice-sign"), t!("choice-sign-hint"), Change::Sign(!letter.sign)) }
                if letter.encrypt {
                    { toggle("hide-subject", letter.hide_subject, t!("choice-hide-subject"), t!("choice-hide-subject-hint"), Change::HideSubject(!letter.hide_subject)) }
                }
                { toggle("rich", letter.is_rich, t!("choice-rich"), t!("choice-rich-hint"), Change::Rich(!letter.is_rich)) }
            </div>
            <div class="editor-actions">
                if !letter.page_encrypts {
                    <GuardedButton class="seal" testid="encrypt" {glyph} aria_disabled={!is_ready} describedby="outlook" {also} onclick={main}>{ label }</GuardedButton>
                }
                if letter.takes_files {
                    <button type="button" class="button" data-testid="attach-button" onclick={pick}>{ icon(Glyph::Clip) }<span class="roomy-only">{ t!("attach") }</span></button>
                    <Picker node={picker} label={t!("attach")} testid="attach-input" on_files={props.on_files.clone()} />
                }
                <p id="outlook" class="outlook" data-testid="outlook" data-state={outlook.word()} role="status">
                    { sentence(&outlook) }
                    if size > 0 {
                        <>{ " · " }{ t!("files-size", size = format::size(size)) }</>
                    }
                </p>
                <GuardedButton class="quiet" testid="discard" glyph={Glyph::Trash} label={t!("discard")} onclick={props.on_discard.clone()} />
            </div>
        </footer>
    }
}

/// Whether the draft is kept, in words.
pub(super) fn kept_words(kept: DraftState) -> String {
    match kept {
        DraftState::Nothing => String::new(),
        DraftState::Changed | DraftState::Working => t!("draft-keeping"),
        DraftState::Safe => t!("draft-kept"),
        DraftState::Failed => t!("draft-not-kept"),
    }
}

/// A stable word for tests.
pub(super) fn kept_word(kept: DraftState) -> &'static str {
    match kept {
        DraftState::Nothing => "nothing",
        DraftState::Changed => "changed",
        DraftState::Working => "keeping",
        DraftState::Safe => "kept",
        DraftState::Failed => "not-kept",
    }
}
