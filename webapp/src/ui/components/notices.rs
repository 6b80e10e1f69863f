//! Lines at the head of the page about the connection, the store and the session.

use super::{Glyph, IconButton, icon};
use crate::ui::actor::Actor;
use crate::ui::i18n::t;
use crate::ui::route::{self, Route};
use crate::ui::state::{Action, Store};
use mail_client::view::Notice;
use yew::prelude::*;

struct Line {
    kind: &'static str,
    text: String,
    glyph: Glyph,
    /// The session is over: offers to log in again.
    ends_session: bool,
}

fn line(notice: &Notice) -> Option<Line> {
    let (kind, text, glyph, ends_session) = match notice {
        Notice::Online => return None,
        Notice::Offline => ("Offline", t!("notice-offline"), Glyph::Offline, false),
        Notice::StorageFull => ("StorageFull", t!("notice-storage-full"), Glyph::Warn, false),
        Notice::StorageDamaged { objects } => (
            "StorageDamaged",
            t!("notice-storage-damaged", n = *objects),
            Glyph::Warn,
            false,
        ),
        Notice::PassphraseChanged => (
            "PassphraseChanged",
            t!("notice-passphrase-changed"),
            Glyph::Warn,
            true,
        ),
        Notice::SessionEnded => (
            "SessionEnded",
            t!("notice-session-ended"),
            Glyph::Warn,
            true,
        ),
    };
    Some(Line {
        kind,
        text,
        glyph,
        ends_session,
    })
}

/// All of them.
#[component]
pub(crate) fn Notices() -> Html {
    let (Some(store), Some(actor)) = (use_context::<Store>(), use_context::<Actor>()) else {
        return Html::default();
    };
    let lines = store
        .notices
        .iter()
        .enumerate()
        .filter_map(|(index, notice)| Some((index, line(notice)?)));
    html! {
        <div class="notices" role="status">
            for (index, line) in lines {
                <div key={line.kind} class="notice" data-testid="notice" data-kind={line.kind}>
                    { icon(line.glyph) }
                    <p>{ line.text }</p>
                    if line.ends_session {
                        <button type="button" class="button small" data-testid="notice-action" onclick={{
                            let actor = actor.clone();
                            Callback::from(move |_: MouseEvent| {
                                actor.lock();
                                route::go(&Route::LogIn);
                            })
                        }}>{ t!("log-in-again") }</button>
                    }
                    <IconButton glyph={Glyph::Close} label={t!("close")} testid="notice-close" onclick={{
                        let actor = actor.clone();
                        Callback::from(move |_: MouseEvent| actor.dispatch(Action::CloseNotice(index)))
                    }} />
                </div>
            }
        </div>
    }
}
