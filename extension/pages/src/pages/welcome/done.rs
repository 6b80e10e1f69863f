//! Done: a sealed letter from oneself to open, the recovery sheet, and the way to Gmail.

use std::rc::Rc;

use ext_protocol::page::Request;
use ext_protocol::view::OpenedMessage;
use yew::prelude::*;

use crate::components::{Busy, FailureNote};
use crate::i18n::t;
use crate::pages::background::{Background, Deed, run};
use crate::pages::letter::{self, Letter};
use crate::pages::shell::{EntryFrame, use_heading_focus};
use ext_browser::tabs;
use ui_kit::icon::{Glyph, icon};

/// Properties of [`Done`].
#[derive(Properties, PartialEq)]
pub(super) struct DoneProps {
    /// It was set up just now.
    pub(super) is_new: bool,
}

/// The last screen.
#[component]
pub(super) fn Done(props: &DoneProps) -> Html {
    let heading = use_heading_focus();
    let armored = use_state_eq(|| Deed::<String>::Idle);
    let opened = use_state_eq(|| Deed::<Rc<OpenedMessage>>::Idle);
    let background = use_context::<Background>();
    use_effect_with((), {
        let (background, armored) = (background.clone(), armored.clone());
        move |()| {
            if let Some(background) = background {
                run(&armored, async move {
                    background.text(Request::WelcomeLetter).await
                });
            }
        }
    });
    let Some(background) = background else {
        return Html::default();
    };
    let open = {
        let (background, armored, opened) = (background.clone(), armored.clone(), opened.clone());
        Callback::from(move |_: MouseEvent| {
            if let Deed::Done(armored) = &*armored {
                let (background, armored) = (background.clone(), armored.clone());
                run(
                    &opened,
                    async move { letter::open(&background, armored).await },
                );
            }
        })
    };
    let gmail = Callback::from(|_: MouseEvent| {
        let _ = tabs::create("https://mail.google.com/");
    });
    let heading_text = if props.is_new {
        t!("done-heading")
    } else {
        t!("done-again-heading")
    };
    html! {
        <EntryFrame testid="welcome" step="done">
            <h1 ref={heading} tabindex="-1">{ heading_text }</h1>
            <p>{ t!("done-text") }</p>
            <section class="welcome-letter" aria-label={t!("done-letter")}>
                { match (&*opened, &*armored) {
                    (Deed::Done(message), _) => html! { <Letter message={message.clone()} /> },
                    (Deed::Failed(failure), _) | (_, Deed::Failed(failure)) => html! { <FailureNote failure={failure.clone()} /> },
                    (_, Deed::Done(text)) => html! {
                        <>
                            <pre class="mono boxed armor" aria-hidden="true">{ text.lines().take(5).collect::<Vec<_>>().join("\n") }{ "\n…" }</pre>
                            <button type="button" class="button" data-testid="open-letter" disabled={opened.is_working()} onclick={open}>{ icon(Glyph::Sealed) }{ t!("done-open-letter") }</button>
                        </>
                    },
                    _ => html! { <Busy text={t!("done-sealing")} /> },
                } }
            </section>
            <div class="note">
                { icon(Glyph::Print) }
                <p class="note-body">{ t!("done-sheet") }</p>
                <a class="button small" href="manager.html#/sheet" target="_blank" data-testid="make-sheet">{ t!("sheet-make") }</a>
            </div>
            <div class="actions">
                <button type="button" class="button seal" data-testid="open-gmail" onclick={gmail}>{ t!("done-gmail") }</button>
                <a class="button quiet" href="manager.html#/sites" data-testid="other-sites">{ t!("done-other") }</a>
            </div>
        </EntryFrame>
    }
}
