//! Letters that were begun in a page and not sent: kept until they are sealed into the page, or
//! thrown away.

use std::rc::Rc;

use ext_protocol::failure::Failure;
use ext_protocol::page::{Answer, KeptLetter, Request};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::files::{Outcome, Results, outcome};
use crate::components::{Busy, Dialog, FailureNote};
use crate::i18n::t;
use crate::pages::background::{Background, Deed, another, run};
use crate::{dom, format};
use ui_kit::icon::{Glyph, icon};

/// The page.
#[component]
pub(super) fn Drafts() -> Html {
    let drafts = use_state_eq(|| Deed::<Rc<Vec<KeptLetter>>>::Idle);
    let turn = use_state_eq(|| 0_u32);
    let failure = use_state_eq(|| None::<Failure>);
    let background = use_context::<Background>();
    use_effect_with(*turn, {
        let (background, drafts) = (background.clone(), drafts.clone());
        move |_| {
            if let Some(background) = background {
                run(&drafts, async move {
                    match background.ask(Request::Drafts).await? {
                        Answer::Drafts { drafts } => Ok(Rc::new(drafts)),
                        _ => Err(another()),
                    }
                });
            }
        }
    });
    let Some(background) = background else {
        return Html::default();
    };
    let on_discard = {
        let (failure, turn) = (failure.setter(), turn.clone());
        Callback::from(move |key: String| {
            let (background, failure, turn) = (background.clone(), failure.clone(), turn.clone());
            spawn_local(async move {
                let request = Request::DiscardDraft { key };
                failure.set(background.order(request).await.err());
                turn.set(turn.wrapping_add(1));
            });
        })
    };
    html! {
        <>
            <p class="lead">{ t!("drafts-text") }</p>
            if let Some(failure) = &*failure {
                <FailureNote failure={failure.clone()} />
            }
            { match &*drafts {
                Deed::Idle | Deed::Working => html! { <Busy text={t!("step-wait")} /> },
                Deed::Failed(failure) => html! { <FailureNote failure={failure.clone()} /> },
                Deed::Done(list) if list.is_empty() => html! {
                    <p class="empty" data-testid="drafts-empty">{ t!("drafts-empty") }</p>
                },
                Deed::Done(list) => html! {
                    <ul class="cards">
                        for draft in list.iter() {
                            <DraftCard key={draft.key.clone()} draft={Rc::new(draft.clone())} on_discard={on_discard.clone()} />
                        }
                    </ul>
                },
            } }
        </>
    }
}

#[derive(Properties, PartialEq)]
struct DraftCardProps {
    draft: Rc<KeptLetter>,
    on_discard: Callback<String>,
}

#[component]
fn DraftCard(props: &DraftCardProps) -> Html {
    let draft = &props.draft;
    let copied = use_state_eq(|| None::<bool>);
    let asking = use_state_eq(|| false);
    let files = use_state_eq(|| Deed::<Outcome>::Idle);
    let Some(background) = use_context::<Background>() else {
        return Html::default();
    };
    let on_copy = {
        let (draft, copied) = (Rc::clone(draft), copied.setter());
        Callback::from(move |_: MouseEvent| {
            let (draft, copied) = (Rc::clone(&draft), copied.clone());
            spawn_local(async move { copied.set(Some(dom::copy(&draft.text).await)) });
        })
    };
    let on_files = {
        let (key, files) = (draft.key.clone(), files.clone());
        Callback::from(move |_: MouseEvent| {
            let (background, key) = (background.clone(), key.clone());
            run(&files, async move {
                outcome(&background, Request::DraftFiles { key }).await
            });
        })
    };
    let ask = |is_asking: bool| {
        let asking = asking.setter();
        Callback::from(move |()| asking.set(is_asking))
    };
    let on_yes = {
        let (key, on_discard, close) = (draft.key.clone(), props.on_discard.clone(), ask(false));
        Callback::from(move |_: MouseEvent| {
            close.emit(());
            on_discard.emit(key.clone());
        })
    };
    let subject = if draft.subject.trim().is_empty() {
        t!("draft-no-subject")
    } else {
        format::clean(&draft.subject)
    };
    let place = draft.site.trim_start_matches("https://");
    let place = [place, &draft.from].map(format::clean);
    let place = place.iter().filter(|part| !part.is_empty());
    let place = place.cloned().collect::<Vec<_>>().join(" · ");
    html! {
        <li class="sheet card" data-testid="draft-card" data-key={draft.key.clone()}>
            <header class="key-head">
                { icon(Glyph::Drafts) }
                <h2><bdi>{ subject }</bdi></h2>
                <time class="hint" datetime={format::machine_date(draft.saved_at)}>{ format::full_date(draft.saved_at) }</time>
            </header>
            if !place.is_empty() { <p class="hint"><bdi>{ place }</bdi></p> }
            // In reach of the keyboard: it may be longer than its box.
            <p class="draft-text" tabindex="0" role="group" aria-label={t!("draft-words")} data-testid="draft-text">{ draft.text.clone() }</p>
            <div class="note-actions">
                <button type="button" class="button small" data-testid="draft-copy" onclick={on_copy}>{ icon(Glyph::Copy) }{ t!("copy") }</button>
                if !draft.files.is_empty() {
                    <button type="button" class="button small" data-testid="draft-files" disabled={files.is_working()} onclick={on_files}>{ icon(Glyph::Clip) }{ t!("draft-files", n = draft.files.len()) }</button>
                }
                <button type="button" class="button small quiet" data-testid="draft-discard" onclick={ask(true).reform(|_: MouseEvent| ())}>{ icon(Glyph::Trash) }{ t!("discard") }</button>
                <span role="status">
                    { match *copied { Some(true) => t!("copied"), Some(false) => t!("not-copied"), None => String::new() } }
                </span>
            </div>
            { match &*files {
                Deed::Idle => Html::default(),
                Deed::Working => html! { <Busy text={t!("step-wait")} /> },
                Deed::Failed(failure) => html! { <FailureNote failure={failure.clone()} /> },
                Deed::Done(done) => html! { <Results outcome={done.clone()} /> },
            } }
            if *asking {
                <Dialog title={t!("discard-title")} testid="draft-discard-dialog" on_close={ask(false)}>
                    <p>{ t!("draft-discard-text") }</p>
                    <div class="actions">
                        <button type="button" class="button" data-testid="draft-discard-yes" onclick={on_yes}>{ t!("discard") }</button>
                        <button type="button" class="button quiet" onclick={ask(false).reform(|_: MouseEvent| ())}>{ t!("cancel") }</button>
                    </div>
                </Dialog>
            }
        </li>
    }
}
