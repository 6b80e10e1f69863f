//! Long work of the worker, in words.

use crate::protocol::ProgressStep;
use crate::ui::i18n::t;
use crate::ui::state::Store;
use ui_kit::progress::Busy;
use yew::prelude::*;

fn sentence(step: ProgressStep) -> String {
    match step {
        ProgressStep::StretchingPassphrase => t!("progress-stretching"),
        ProgressStep::MakingKeys => t!("progress-keys"),
        ProgressStep::Registering => t!("progress-registering"),
        ProgressStep::LoggingIn => t!("progress-login"),
        ProgressStep::OpeningVault => t!("progress-vault"),
        ProgressStep::Synchronising => t!("progress-sync"),
        ProgressStep::Sealing => t!("progress-sealing"),
        ProgressStep::Sending => t!("progress-sending"),
    }
}

/// Properties of [`ProgressBar`].
#[derive(Properties, PartialEq)]
pub(crate) struct ProgressBarProps {
    /// Ends the work, where it can be ended.
    #[prop_or_default]
    pub(crate) on_stop: Option<Callback<()>>,
}

/// Drawn for as long as the work lasts.
#[component]
pub(crate) fn ProgressBar(props: &ProgressBarProps) -> Html {
    let progress = use_context::<Store>().and_then(|store| store.progress);
    let text = progress.map_or_else(|| t!("progress-wait"), |p| sentence(p.step));
    let percent = progress
        .filter(|p| p.of > 1)
        .and_then(|p| u8::try_from(u64::from(p.done) * 100 / u64::from(p.of)).ok());
    let step = progress.map(|p| format!("{:?}", p.step));
    html! { <Busy {text} {step} {percent} on_stop={props.on_stop.clone()} /> }
}
