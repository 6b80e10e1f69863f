//! The keys, listed.

use crate::ui::components::Dialog;
use crate::ui::i18n::t;
use yew::prelude::*;

/// Properties of [`Help`].
#[derive(Properties, PartialEq)]
pub(crate) struct HelpProps {
    pub(crate) on_close: Callback<()>,
}

/// Opened by `?`.
#[component]
pub(crate) fn Help(props: &HelpProps) -> Html {
    let keys = [
        ("j  k", t!("help-move")),
        ("Enter", t!("help-open")),
        ("u  Esc", t!("help-back")),
        ("c", t!("compose")),
        ("r", t!("reply")),
        ("a", t!("reply-all")),
        ("f", t!("forward")),
        ("e", t!("archive")),
        ("#", t!("delete")),
        ("s", t!("star")),
        ("U", t!("mark-unread")),
        ("?", t!("help-title")),
    ];
    html! {
        <Dialog title={t!("help-title")} testid="help-dialog" on_close={props.on_close.clone()}>
            <dl class="keys">
                for (key, what) in keys {
                    <><dt><kbd>{ key }</kbd></dt><dd>{ what }</dd></>
                }
            </dl>
        </Dialog>
    }
}
