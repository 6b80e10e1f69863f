//! Files: sealed for others or with a password, and opened again. All on this device.

use std::rc::Rc;

use ext_protocol::failure::Failure;
use ext_protocol::page::{Answer, NamedFile, Request};
use ext_protocol::view::Verdict;
use yew::prelude::*;

use super::pick::FilePick;
use crate::components::{Busy, FailureNote, Field, Switch, VerdictLine, value_of};
use crate::errors::unexpected;
use crate::format;
use crate::i18n::t;
use crate::pages::background::{Background, Deed, another, run};
use ui_kit::dom;
use ui_kit::files::{may_run, safe_name};
use ui_kit::icon::{Glyph, IconButton, icon};

#[derive(Clone, Copy, PartialEq)]
enum Doing {
    Sealing,
    Opening,
}

#[derive(Debug, PartialEq)]
struct Chosen {
    name: String,
    data: Vec<u8>,
}

#[derive(Clone, PartialEq)]
pub(super) struct Outcome {
    files: Vec<Rc<Chosen>>,
    verdicts: Vec<Verdict>,
}

async fn send(background: &Background, chosen: &[Rc<Chosen>]) -> Result<Vec<NamedFile>, Failure> {
    let mut files = Vec::with_capacity(chosen.len());
    for one in chosen {
        files.push(NamedFile {
            file: background.send_file(&one.data).await?,
            name: one.name.clone(),
        });
    }
    Ok(files)
}

/// The files that answer a request.
pub(super) async fn outcome(background: &Background, request: Request) -> Result<Outcome, Failure> {
    let Answer::Files { files, verdicts } = background.ask(request).await? else {
        return Err(another());
    };
    let files = files
        .into_iter()
        .map(|file| {
            let data = background
                .finished_file(file.file)
                .ok_or_else(|| unexpected("pieces of a file are missing"))?;
            Ok(Rc::new(Chosen {
                name: file.name,
                data,
            }))
        })
        .collect::<Result<_, Failure>>()?;
    Ok(Outcome { files, verdicts })
}

/// Addresses as they are typed: by commas, blanks or lines.
fn addresses(typed: &str) -> Vec<String> {
    typed
        .split([',', ';', ' ', '\n', '\t'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

/// True for names of sealed files.
fn is_sealed(name: &str) -> bool {
    let name = name.to_lowercase();
    [".pgp", ".gpg", ".asc"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

/// The page.
#[component]
pub(super) fn FilesPage() -> Html {
    let doing = use_state_eq(|| Doing::Sealing);
    // Files are read one after the other: each must see those before it.
    let chosen = use_mut_ref(Vec::<Rc<Chosen>>::new);
    let turn = use_state_eq(|| 0_u32);
    let sign = use_state_eq(|| true);
    let deed = use_state_eq(|| Deed::<Outcome>::Idle);
    let is_incomplete = use_state_eq(|| false);
    let (to, password) = (use_node_ref(), use_node_ref());
    let count = use_mut_ref(|| 0_u32);
    let Some(background) = use_context::<Background>() else {
        return Html::default();
    };
    let draw = {
        let (turn, count) = (turn.setter(), count.clone());
        move || {
            let now = *count.borrow() + 1;
            *count.borrow_mut() = now;
            turn.set(now);
        }
    };
    let on_file = {
        let (chosen, doing, deed, draw) =
            (chosen.clone(), doing.setter(), deed.setter(), draw.clone());
        Callback::from(move |(name, data): (String, Vec<u8>)| {
            if chosen.borrow().is_empty() {
                doing.set(if is_sealed(&name) {
                    Doing::Opening
                } else {
                    Doing::Sealing
                });
            }
            chosen.borrow_mut().push(Rc::new(Chosen { name, data }));
            deed.set(Deed::Idle);
            draw();
        })
    };
    let remove = |index: usize| {
        let (chosen, draw) = (chosen.clone(), draw.clone());
        Callback::from(move |_: MouseEvent| {
            if index < chosen.borrow().len() {
                chosen.borrow_mut().remove(index);
            }
            draw();
        })
    };
    let onsubmit = {
        let (doing, chosen, sign, deed) =
            (doing.clone(), chosen.clone(), sign.clone(), deed.clone());
        let (to, password, background) = (to.clone(), password.clone(), background.clone());
        let is_incomplete = is_incomplete.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let (doing, sign, background) = (*doing, *sign, background.clone());
            let chosen = chosen.borrow().clone();
            let recipients = addresses(&value_of(&to));
            let password = Some(value_of(&password)).filter(|p| !p.is_empty());
            let lacks = chosen.is_empty()
                || (doing == Doing::Sealing && recipients.is_empty() && password.is_none());
            is_incomplete.set(lacks);
            if lacks || deed.is_working() {
                return;
            }
            run(&deed, async move {
                let files = send(&background, &chosen).await?;
                let request = match doing {
                    Doing::Sealing => Request::EncryptFiles {
                        files,
                        recipients,
                        password,
                        sign,
                    },
                    Doing::Opening => Request::DecryptFiles { files, password },
                };
                outcome(&background, request).await
            });
        })
    };
    let tab = |what: Doing, testid: &'static str, words: String| {
        let (doing, deed) = (doing.clone(), deed.setter());
        let is_current = *doing == what;
        let onclick = Callback::from(move |_: MouseEvent| {
            doing.set(what);
            deed.set(Deed::Idle);
        });
        html! {
            <button type="button" role="tab" class={classes!("tab", is_current.then_some("is-current"))} aria-selected={is_current.to_string()} data-testid={testid} {onclick}>{ words }</button>
        }
    };
    let is_sealing = *doing == Doing::Sealing;
    let (submit, working) = if is_sealing {
        (t!("files-seal"), t!("step-sealing"))
    } else {
        (t!("files-open"), t!("step-opening"))
    };
    let list = chosen.borrow().clone();
    html! {
        <>
            <p class="lead">{ t!("files-text") }</p>
            <div class="tabs" role="tablist">
                { tab(Doing::Sealing, "tab-seal", t!("files-seal")) }
                { tab(Doing::Opening, "tab-open", t!("files-open")) }
            </div>
            <form class="sheet card" data-testid="files-form" data-turn={turn.to_string()} {onsubmit}>
                <FilePick label={t!("files-pick")} testid="files-input" is_many={true} {on_file} />
                <ul class="files">
                    for (index, file) in list.iter().enumerate() {
                        <li class="file" data-testid="file" data-name={file.name.clone()}>
                            { icon(Glyph::File) }
                            <span class="file-name"><bdi>{ format::clean(&file.name) }</bdi></span>
                            <span class="file-size">{ format::size(file.data.len() as u64) }</span>
                            <IconButton glyph={Glyph::Close} label={t!("remove-file", name = format::clean(&file.name))} testid="file-remove" onclick={remove(index)} />
                        </li>
                    }
                </ul>
                if is_sealing {
                    <Field id="files-to" label={t!("files-to")} node={to} hint={t!("files-to-hint")} placeholder={t!("recipient-placeholder")} />
                    <Field id="files-password" label={t!("files-password")} node={password} is_secret={true} hint={t!("files-password-hint")} />
                    <Switch label={t!("choice-sign")} hint={t!("choice-sign-hint")} testid="files-sign" is_on={*sign} on_change={Callback::from(move |is| sign.set(is))} />
                } else {
                    <Field id="files-password" label={t!("files-password-open")} node={password} is_secret={true} hint={t!("files-password-open-hint")} />
                }
                if *is_incomplete {
                    <p class="fault" role="alert">{ icon(Glyph::Warn) }{ if is_sealing { t!("files-incomplete") } else { t!("files-incomplete-open") } }</p>
                }
                if deed.is_working() {
                    <Busy text={working} percent={background.percent} />
                }
                if let Deed::Failed(failure) = &*deed {
                    <FailureNote failure={failure.clone()} />
                }
                <div class="actions"><button type="submit" class="button seal" data-testid="files-submit" disabled={deed.is_working()}>{ submit }</button></div>
            </form>
            if let Deed::Done(done) = &*deed {
                <Results outcome={done.clone()} />
            }
        </>
    }
}

/// Properties of [`Results`].
#[derive(Properties, PartialEq)]
pub(super) struct ResultsProps {
    pub(super) outcome: Outcome,
}

/// Files that wait to be saved.
#[component]
pub(super) fn Results(props: &ResultsProps) -> Html {
    let save = |file: &Rc<Chosen>| {
        let file = file.clone();
        Callback::from(move |_: MouseEvent| {
            let _ = dom::download(&safe_name(&file.name), &file.data);
        })
    };
    html! {
        <section class="results" aria-label={t!("files-results")} data-testid="files-results">
            <h2>{ t!("files-results") }</h2>
            for (index, file) in props.outcome.files.iter().enumerate() {
                <div class="result">
                    if let Some(verdict) = props.outcome.verdicts.get(index) {
                        <VerdictLine verdict={verdict.clone()} />
                    }
                    <div class="file" data-testid="result" data-name={file.name.clone()}>
                        { icon(if may_run(&file.name) { Glyph::Warn } else { Glyph::File }) }
                        <span class="file-name"><bdi>{ format::clean(&file.name) }</bdi></span>
                        <span class="file-size">{ format::size(file.data.len() as u64) }</span>
                        <button type="button" class="button small" data-testid="result-save" onclick={save(file)}>{ icon(Glyph::Save) }{ t!("save") }</button>
                    </div>
                    if may_run(&file.name) { <p class="hint file-warning">{ t!("file-runs") }</p> }
                </div>
            }
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_split_as_people_type_them() {
        assert_eq!(
            addresses("a@x.org, b@x.org;c@x.org\n d@x.org "),
            ["a@x.org", "b@x.org", "c@x.org", "d@x.org"]
        );
        assert!(addresses(" , ").is_empty());
    }

    #[test]
    fn sealed_files_are_known_by_their_ending() {
        assert!(is_sealed("minutes.csv.PGP"));
        assert!(is_sealed("encrypted.asc"));
        assert!(!is_sealed("minutes.csv"));
    }
}
