//! What a recovery sheet says, typed in: for the first run and for the key manager.

use yew::prelude::*;

use crate::components::{Field, value_of};
use crate::i18n::t;
use crate::pages::manager::{FilePick, read_text};

/// Properties of [`FromSheet`].
#[derive(Properties, PartialEq)]
pub(super) struct FromSheetProps {
    pub(super) heading: Html,
    /// What its main button says.
    pub(super) action: AttrValue,
    /// The code and the backup, as they were typed; neither is empty.
    pub(super) on_sheet: Callback<(String, String)>,
    pub(super) on_back: Callback<()>,
    #[prop_or_default]
    pub(super) class: Classes,
    #[prop_or_default]
    pub(super) is_working: bool,
    /// How it went.
    #[prop_or_default]
    pub(super) children: Children,
}

/// Asks for the code and the sealed backup of a recovery sheet.
#[component]
pub(super) fn FromSheet(props: &FromSheetProps) -> Html {
    let code = use_node_ref();
    let backup = use_state_eq(String::new);
    let is_missing = use_state_eq(|| false);
    let on_file = {
        let backup = backup.clone();
        Callback::from(move |(_, data): (String, Vec<u8>)| backup.set(read_text(&data)))
    };
    let oninput = {
        let backup = backup.clone();
        Callback::from(move |event: InputEvent| {
            backup.set(crate::components::input_value(&event));
        })
    };
    let onsubmit = {
        let (code, backup, is_missing) = (code.clone(), backup.clone(), is_missing.clone());
        let on_sheet = props.on_sheet.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let typed = value_of(&code).trim().to_owned();
            if typed.is_empty() || backup.trim().is_empty() {
                is_missing.set(true);
                return;
            }
            is_missing.set(false);
            on_sheet.emit((typed, (*backup).clone()));
        })
    };
    let fault = is_missing.then(|| AttrValue::from(t!("from-sheet-missing")));
    html! {
        <form class={props.class.clone()} data-testid="from-sheet" {onsubmit}>
            { props.heading.clone() }
            <p>{ t!("from-sheet-text") }</p>
            <Field id="recovery-code" label={t!("recovery-code")} node={code} {fault} hint={t!("recovery-code-hint")} autofocus={true} />
            <div class="field">
                <label for="recovery-backup">{ t!("recovery-backup") }</label>
                <textarea id="recovery-backup" class="boxed mono armor" rows="5" data-testid="recovery-backup" spellcheck="false" autocomplete="off"
                    aria-describedby="recovery-backup-hint" value={(*backup).clone()} {oninput} />
                <p class="hint" id="recovery-backup-hint">{ t!("recovery-backup-hint") }</p>
            </div>
            <FilePick label={t!("recovery-pick")} testid="recovery-file" {on_file} />
            { for props.children.iter() }
            <div class="actions">
                <button type="submit" class="button seal" data-testid="next" disabled={props.is_working}>{ props.action.clone() }</button>
                <button type="button" class="button quiet" data-testid="back" onclick={props.on_back.reform(|_: MouseEvent| ())}>{ t!("back") }</button>
            </div>
        </form>
    }
}
