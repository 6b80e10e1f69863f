//! Long work: a bar with what is happening. Work under 300 ms shows nothing.

use crate::protocol::ProgressStep;
use crate::ui::i18n::t;
use crate::ui::state::Store;
use gloo::timers::callback::Timeout;
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

/// Drawn for as long as the work lasts; shows itself after 300 ms.
#[component]
pub(crate) fn ProgressBar(props: &ProgressBarProps) -> Html {
    let is_late = use_state(|| false);
    use_effect_with((), {
        let setter = is_late.setter();
        move |()| {
            let timer = Timeout::new(300, move || setter.set(true));
            move || drop(timer)
        }
    });
    let progress = use_context::<Store>().and_then(|store| store.progress);
    if !*is_late {
        return Html::default();
    }
    let text = progress.map_or_else(|| t!("progress-wait"), |p| sentence(p.step));
    let known = progress.filter(|p| p.of > 1);
    let step = progress.map(|p| format!("{:?}", p.step));
    html! {
        <div class="progress" data-testid="progress" data-step={step}>
            <div class="progress-line">
                <p role="status">{ text.clone() }</p>
                if let Some(on_stop) = &props.on_stop {
                    <button type="button" class="button small" data-testid="progress-stop" onclick={on_stop.reform(|_: MouseEvent| ())}>
                        { t!("progress-stop") }
                    </button>
                }
            </div>
            if let Some(known) = known {
                <progress max={known.of.to_string()} value={known.done.to_string()} aria-label={text}></progress>
            } else {
                <progress aria-label={text}></progress>
            }
        </div>
    }
}
