//! One line of the list.

use crate::ui::components::{Avatar, Glyph, icon, protection_word, signature_word, words};
use crate::ui::i18n::t;
use crate::ui::route::Route;
use mail_client::view::{MessageSummary, Protection, SignatureState, Trust};
use ui_kit::format;
use yew::prelude::*;

/// Properties of [`Row`].
#[derive(Properties, PartialEq)]
pub(crate) struct RowProps {
    pub(crate) item: MessageSummary,
    pub(crate) mailbox: AttrValue,
    /// Its place, from 0, and how many there are.
    pub(crate) index: usize,
    pub(crate) count: usize,
    pub(crate) is_selected: bool,
    /// The one row the Tab key stops at.
    pub(crate) is_cursor: bool,
    /// Show to whom it went rather than from whom it came.
    pub(crate) is_outgoing: bool,
}

/// Which small shape tells the state in the list; quiet when all is well.
fn mark(item: &MessageSummary) -> (Glyph, &'static str) {
    if item.problem.is_some() {
        return (Glyph::Stop, "is-bad");
    }
    match (&item.verdict.signature, item.verdict.protection) {
        (SignatureState::Bad { .. }, _) => (Glyph::Stop, "is-bad"),
        (
            SignatureState::OtherSigner { .. }
            | SignatureState::Good {
                trust: Trust::Changed,
                ..
            },
            _,
        ) => (Glyph::Warn, "is-careful"),
        (_, Protection::Sealed) => (Glyph::Sealed, "is-quiet"),
        (_, Protection::SignedOnly) => (Glyph::SignedOnly, "is-quiet"),
        (_, Protection::Open) => (Glyph::Open, "is-careful"),
    }
}

/// A link to the message; the whole line is the target.
#[component]
pub(crate) fn Row(props: &RowProps) -> Html {
    let item = &props.item;
    let href = Route::Mail {
        mailbox: props.mailbox.to_string(),
        message: Some(item.id.clone()),
    }
    .href();
    let (who, person) = if props.is_outgoing {
        let first = item.to.first().cloned().unwrap_or_default();
        (t!("row-to", names = format::people(&item.to)), first)
    } else {
        (format::person(&item.from), item.from.clone())
    };
    let (glyph, tone) = mark(item);
    let subject = if item.problem.is_some() {
        t!("row-problem")
    } else if item.subject.trim().is_empty() {
        t!("no-subject")
    } else {
        format::clean(&item.subject)
    };
    let preview = item.problem.clone().unwrap_or_else(|| item.preview.clone());
    let trust = match &item.verdict.signature {
        SignatureState::Good { trust, .. } => Some(format!("{trust:?}").to_lowercase()),
        _ => None,
    };
    html! {
        <li aria-posinset={(props.index + 1).to_string()} aria-setsize={props.count.to_string()}>
            <a id={format!("row-{}", props.index)} {href} class={classes!("row", (!item.seen).then_some("is-unread"), props.is_selected.then_some("is-selected"))}
                tabindex={if props.is_cursor { "0" } else { "-1" }} aria-current={props.is_selected.then_some("true")} draggable="false"
                data-testid="message-row" data-id={item.id.clone()} data-seen={item.seen.to_string()} data-flagged={item.flagged.to_string()}
                data-protection={protection_word(item.verdict.protection)} data-signature={signature_word(&item.verdict.signature)}
                data-trust={trust} data-problem={item.problem.is_some().to_string()}>
                <Avatar {person} />
                <span class="row-main">
                    <span class="row-top">
                        if !item.seen {
                            <span class="row-dot" title={t!("unread")}><span class="visually-hidden">{ t!("unread") }</span></span>
                        }
                        <bdi class="row-from" data-testid="row-from">{ who }</bdi>
                        <time class="row-date" datetime={format::machine_date(item.received_at)}>{ format::short_date(item.received_at) }</time>
                    </span>
                    <span class="row-middle">
                        <bdi class="row-subject" data-testid="row-subject">{ subject }</bdi>
                        <span class="row-marks">
                            if item.answered {
                                <span title={t!("answered")}>{ icon(Glyph::Reply) }<span class="visually-hidden">{ t!("answered") }</span></span>
                            }
                            if item.has_attachments {
                                <span title={t!("has-files")}>{ icon(Glyph::Clip) }<span class="visually-hidden">{ t!("has-files") }</span></span>
                            }
                            if item.flagged {
                                <span class="is-starred" title={t!("starred")}>{ icon(Glyph::Star) }<span class="visually-hidden">{ t!("starred") }</span></span>
                            }
                            <span class={tone} title={words(&item.verdict)}>{ icon(glyph) }<span class="visually-hidden">{ words(&item.verdict) }</span></span>
                        </span>
                    </span>
                    <span class="row-preview" data-testid="row-preview">{ format::clean(&preview) }</span>
                </span>
            </a>
        </li>
    }
}
