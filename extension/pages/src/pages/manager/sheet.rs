//! The recovery sheet: black on one page, what this is, the code in numbered groups, the QR, the
//! fingerprint, the date, where to use it.

use ext_protocol::page::{Answer, Request};
use yew::prelude::*;

use crate::components::{Busy, FailureNote, value_of};
use crate::dom;
use crate::format;
use crate::i18n::t;
use crate::pages::background::{Background, Deed, another, run};
use crate::pages::passphrase::OldPassphrase;
use ui_kit::icon::{Glyph, icon};

#[derive(Clone, PartialEq)]
struct Recovery {
    code: Vec<String>,
    backup: String,
    qr: Vec<String>,
    fingerprint: String,
}

/// Asks for the passphrase once more, then shows the sheet to print.
#[component]
pub(super) fn Sheet() -> Html {
    let passphrase = use_node_ref();
    let deed = use_state_eq(|| Deed::<Recovery>::Idle);
    let Some(background) = use_context::<Background>() else {
        return Html::default();
    };
    let me = background.me();
    let onsubmit = {
        let (passphrase, deed, background) = (passphrase.clone(), deed.clone(), background.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if deed.is_working() {
                return;
            }
            let request = Request::RecoverySheet {
                passphrase: value_of(&passphrase),
            };
            let background = background.clone();
            run(&deed, async move {
                match background.ask(request).await? {
                    Answer::RecoverySheet {
                        code,
                        backup,
                        qr,
                        fingerprint,
                    } => Ok(Recovery {
                        code,
                        backup,
                        qr,
                        fingerprint,
                    }),
                    _ => Err(another()),
                }
            });
        })
    };
    if let Deed::Done(recovery) = &*deed {
        return paper(recovery, &format::clean(&me.address));
    }
    html! {
        <>
            <p class="lead">{ t!("sheet-text") }</p>
            <form class="sheet card narrow" data-testid="sheet-form" {onsubmit}>
                <p>{ t!("sheet-passphrase") }</p>
                <OldPassphrase id="sheet-passphrase" node={passphrase} autofocus={true} />
                if deed.is_working() {
                    <Busy text={t!("unlocking")} />
                }
                if let Deed::Failed(failure) = &*deed {
                    <FailureNote failure={failure.clone()} />
                }
                <div class="actions"><button type="submit" class="button seal" data-testid="sheet-make" disabled={deed.is_working()}>{ t!("sheet-make") }</button></div>
            </form>
        </>
    }
}

fn paper(recovery: &Recovery, address: &str) -> Html {
    let qr = |(at, code): (usize, &String)| {
        // A picture in an image element: nothing in it can run.
        let src = format!(
            "data:image/svg+xml;charset=utf-8,{}",
            String::from(js_sys::encode_uri_component(code))
        );
        let words = t!("paper-qr-part", n = at + 1, of = recovery.qr.len());
        html! {
            <figure>
                <img class="paper-qr" data-testid="recovery-qr" {src} alt={t!("paper-qr")} width="240" height="240" />
                <figcaption>{ words }</figcaption>
            </figure>
        }
    };
    let now = (dom::now_ms() / 1000.0) as u64;
    let print = Callback::from(|_: MouseEvent| {
        if let Some(window) = dom::window() {
            let _ = window.print();
        }
    });
    let save = {
        let backup = recovery.backup.clone();
        let name = ui_kit::files::safe_name(&format!("{address}-recovery.asc"));
        Callback::from(move |_: MouseEvent| {
            let _ = dom::download(&name, backup.as_bytes());
        })
    };
    html! {
        <>
            <div class="actions screen-only">
                <button type="button" class="button seal" data-testid="sheet-print" onclick={print}>{ icon(Glyph::Print) }{ t!("sheet-print") }</button>
                <button type="button" class="button" data-testid="sheet-save" onclick={save}>{ icon(Glyph::Save) }{ t!("sheet-save") }</button>
            </div>
            <p class="hint screen-only">{ t!("sheet-print-hint") }</p>
            <article class="paper" data-testid="sheet-paper">
                <header>
                    { icon(Glyph::Mark) }
                    <h2>{ t!("paper-title") }</h2>
                    <p>{ format::day(now) }</p>
                </header>
                <p>{ t!("paper-text", address = address) }</p>
                <div class="paper-body">
                    <section>
                        <h3>{ t!("paper-code") }</h3>
                        <ol class="paper-code" data-testid="recovery-groups">
                            for group in recovery.code.iter() { <li class="mono">{ group.clone() }</li> }
                        </ol>
                    </section>
                </div>
                <dl class="facts">
                    <dt>{ t!("address") }</dt><dd>{ address.to_owned() }</dd>
                    <dt>{ t!("fingerprint") }</dt><dd class="mono">{ format::fingerprint(&recovery.fingerprint) }</dd>
                </dl>
                <p>{ t!("paper-use") }</p>
                <section class="paper-backup">
                    <h3>{ t!("recovery-backup") }</h3>
                    <pre class="mono" data-testid="recovery-text">{ recovery.backup.clone() }</pre>
                </section>
                if !recovery.qr.is_empty() {
                    <section class="paper-codes">
                        <h3>{ t!("paper-qr-heading") }</h3>
                        <p>{ t!("paper-qr-text") }</p>
                        <div>{ for recovery.qr.iter().enumerate().map(qr) }</div>
                    </section>
                }
            </article>
        </>
    }
}
