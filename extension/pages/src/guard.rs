//! Clicks that count: what matters in a frame happens only when the person could see the button.
//!
//! # Security
//! The page around a frame may lay something over it, make it transparent, or move it under the
//! pointer at the last moment ("clickjacking"). It may also leave the button in sight and cover
//! what is asked, or change the question just before the click. So a click counts only if the
//! browser made it from the person's own input, and if the whole button and all that belongs to it
//! (the element around it with `data-question`, and what [`GuardedButtonProps::also`] names) was
//! on the screen and, where the browser can tell (`IntersectionObserver` with `trackVisibility`),
//! not covered, faded or bent, and said the same, without a break for [`VISIBLE_MS`].
//!
//! Of a question that is higher than its frame a large piece must be in sight; it is shown from
//! its beginning, so that the way to its button leads past all of it.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    Element, IntersectionObserver, IntersectionObserverEntry, MutationObserver,
    MutationObserverInit,
};
use yew::prelude::*;

use crate::i18n::t;
use ui_kit::dom;
use ui_kit::icon::{Glyph, icon};

/// How long a button must have been seen before its click counts, milliseconds.
pub(crate) const VISIBLE_MS: f64 = 400.0;

/// How much of a question that is higher than its frame must be in sight: at least so many pixels,
/// and this share of the frame.
const PIECE: (f64, f64) = (240.0, 0.6);

/// What is known when a click comes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sight {
    /// The browser made the event from input.
    pub(crate) is_trusted: bool,
    /// Milliseconds; the button and its question have been wholly visible, and the same, since.
    /// `None`: they are not.
    pub(crate) visible_since: Option<f64>,
    /// The document is on the screen at all.
    pub(crate) is_shown: bool,
    /// Milliseconds.
    pub(crate) now: f64,
}

/// What becomes of a click.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ruling {
    /// It counts.
    Counts,
    /// It came too early to be meant: nothing is said, the next one will do.
    TooEarly,
    /// The button or its question is covered or cut off.
    Covered,
    /// A program made it.
    Synthetic,
}

/// Decides about a click.
pub(crate) fn rule(sight: Sight) -> Ruling {
    match sight.visible_since {
        _ if !sight.is_trusted => Ruling::Synthetic,
        _ if !sight.is_shown => Ruling::Covered,
        None => Ruling::Covered,
        Some(since) if sight.now - since < VISIBLE_MS => Ruling::TooEarly,
        Some(_) => Ruling::Counts,
    }
}

/// Whether enough of an element is on the screen: of its area this share, in a frame of this
/// height this piece of its height.
fn is_whole(ratio: f64, piece: f64, frame: f64, is_button: bool) -> bool {
    ratio > 0.95 || (!is_button && piece >= PIECE.0 && piece >= frame * PIECE.1)
}

/// A button and what has to be read before it is pressed.
#[derive(Default)]
struct Parts {
    /// The button first. With whether each is in sight.
    all: Vec<(Element, Cell<bool>)>,
}

impl Parts {
    fn of(button: Element, also: Option<&str>) -> Self {
        let question = button.closest("[data-question]").ok().flatten();
        let more = also.and_then(|also| dom::document()?.query_selector(also).ok()?);
        let all = [Some(button), question, more];
        Self {
            all: all
                .into_iter()
                .flatten()
                .map(|part| (part, Cell::new(false)))
                .collect(),
        }
    }

    fn note(&self, entry: &IntersectionObserverEntry) {
        // Firefox has no `isVisible`: there, being wholly inside the view has to do.
        let is_visible = Reflect::get(entry, &"isVisible".into())
            .ok()
            .and_then(|v| v.as_bool())
            .unwrap_or(true);
        let frame = dom::window()
            .and_then(|window| window.inner_height().ok()?.as_f64())
            .unwrap_or(f64::MAX);
        let target = entry.target();
        for (number, (part, seen)) in self.all.iter().enumerate() {
            if *part == target {
                let piece = entry.intersection_rect().height();
                let whole = is_whole(entry.intersection_ratio(), piece, frame, number == 0);
                seen.set(is_visible && entry.is_intersecting() && whole);
            }
        }
    }

    fn all_seen(&self) -> bool {
        !self.all.is_empty() && self.all.iter().all(|(_, seen)| seen.get())
    }

    /// Scrolls our own document, so that what was missed comes into sight if the page allows it.
    fn show(&self) {
        for (part, _) in self.all.iter().rev().filter(|(_, seen)| !seen.get()) {
            let options = Object::new();
            let _ = Reflect::set(&options, &"block".into(), &"nearest".into());
            let scroll = Reflect::get(part, &"scrollIntoView".into());
            if let Ok(scroll) = scroll.and_then(|f| f.dyn_into::<js_sys::Function>()) {
                let _ = scroll.call1(part, &options);
            }
        }
    }
}

/// Watches a button and its question.
struct Watch {
    sight: IntersectionObserver,
    words: Option<MutationObserver>,
    _on_sight: Closure<dyn FnMut(Array)>,
    _on_words: Closure<dyn FnMut()>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.sight.disconnect();
        if let Some(words) = &self.words {
            words.disconnect();
        }
    }
}

type Since = Rc<Cell<Option<f64>>>;

/// Milliseconds by the clock that intersection entries carry.
fn clock() -> f64 {
    let performance = Reflect::get(&js_sys::global(), &"performance".into());
    performance
        .and_then(|p| {
            let now: js_sys::Function = Reflect::get(&p, &"now".into())?.dyn_into()?;
            now.call0(&p)
        })
        .ok()
        .and_then(|now| now.as_f64())
        .unwrap_or_default()
}

fn watch(parts: Rc<Parts>, since: Since, on_change: Callback<bool>) -> Option<Watch> {
    let on_sight = {
        let (parts, since, on_change) = (parts.clone(), since.clone(), on_change.clone());
        Closure::new(move |entries: Array| {
            for entry in entries.iter() {
                parts.note(&entry.unchecked_into());
            }
            let seen = parts.all_seen();
            if seen != since.get().is_some() {
                since.set(seen.then(clock));
                on_change.emit(seen);
            }
        })
    };
    // Other words are another question: it has to be read before it is answered.
    let on_words = Closure::new(move || {
        if since.get().is_some() {
            since.set(Some(clock()));
            on_change.emit(true);
        }
    });
    let make = |tracks: bool| {
        let options = Object::new();
        let thresholds: Array = (0..=25)
            .map(|n| JsValue::from(f64::from(n) / 25.0))
            .collect();
        let _ = Reflect::set(&options, &"threshold".into(), &thresholds);
        if tracks {
            let _ = Reflect::set(&options, &"trackVisibility".into(), &JsValue::TRUE);
            let _ = Reflect::set(&options, &"delay".into(), &100.into());
        }
        IntersectionObserver::new_with_options(
            on_sight.as_ref().unchecked_ref(),
            options.unchecked_ref(),
        )
    };
    let sight = make(true).or_else(|_| make(false)).ok()?;
    let words = MutationObserver::new(on_words.as_ref().unchecked_ref()).ok();
    for (part, _) in &parts.all {
        sight.observe(part);
        let options = MutationObserverInit::new();
        options.set_child_list(true);
        options.set_character_data(true);
        options.set_subtree(true);
        if let Some(words) = &words {
            let _ = words.observe_with_options(part, &options);
        }
    }
    Some(Watch {
        sight,
        words,
        _on_sight: on_sight,
        _on_words: on_words,
    })
}

/// What is said about a click that did nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Warning {
    Nothing,
    Covered,
    /// What was covered or out of sight is seen since.
    SeenNow,
}

/// Properties of [`GuardedButton`].
#[derive(Properties, PartialEq)]
pub(crate) struct GuardedButtonProps {
    /// Called for clicks that count.
    pub(crate) onclick: Callback<()>,
    pub(crate) testid: AttrValue,
    #[prop_or_default]
    pub(crate) class: Classes,
    #[prop_or_default]
    pub(crate) glyph: Option<Glyph>,
    /// For buttons without words, or with too few.
    #[prop_or_default]
    pub(crate) label: Option<AttrValue>,
    #[prop_or_default]
    pub(crate) disabled: bool,
    /// Looks switched off, but says why when it is pressed.
    #[prop_or_default]
    pub(crate) aria_disabled: Option<bool>,
    #[prop_or_default]
    pub(crate) describedby: Option<AttrValue>,
    /// A selector of what must be in sight, too, and stands elsewhere.
    #[prop_or_default]
    pub(crate) also: Option<AttrValue>,
    #[prop_or_default]
    pub(crate) children: Html,
}

/// A button whose clicks are ruled on.
#[component]
pub(crate) fn GuardedButton(props: &GuardedButtonProps) -> Html {
    let node = use_node_ref();
    let since = use_memo((), |()| Since::default());
    let parts = use_mut_ref(Rc::<Parts>::default);
    // waiting, ready, covered: for tests, and for the line below the button.
    let state = use_state_eq(|| "waiting");
    let warning = use_state_eq(|| Warning::Nothing);
    // A click has counted, and what it asks for has not begun.
    let coming = use_memo((), |()| Cell::new(false));
    // Whoever was warned has to hear what became of it, too.
    let was_warned = use_mut_ref(|| false);
    use_effect_with(props.also.clone(), {
        let (node, since) = (node.clone(), (*since).clone());
        let (state, warning) = (state.setter(), warning.setter());
        let (parts, was_warned) = (parts.clone(), was_warned.clone());
        move |also: &Option<AttrValue>| {
            since.set(None);
            state.set("waiting");
            let timer: Rc<Cell<Option<gloo::timers::callback::Timeout>>> = Rc::default();
            let on_change = Callback::from(move |seen: bool| {
                timer.take();
                if seen {
                    state.set("waiting");
                    if was_warned.take() {
                        warning.set(Warning::SeenNow);
                    }
                    let state = state.clone();
                    let wait = VISIBLE_MS as u32 + 10;
                    timer.set(Some(gloo::timers::callback::Timeout::new(
                        wait,
                        move || {
                            state.set("ready");
                        },
                    )));
                } else {
                    state.set("covered");
                }
            });
            let watch = node
                .cast::<Element>()
                .map(|button| Rc::new(Parts::of(button, also.as_deref())))
                .and_then(|found| {
                    *parts.borrow_mut() = found.clone();
                    watch(found, since, on_change)
                });
            move || drop(watch)
        }
    });
    let onclick = {
        let (since, warning) = ((*since).clone(), warning.setter());
        let (parts, coming) = (parts.clone(), coming.clone());
        let action = props.onclick.clone();
        Callback::from(move |event: MouseEvent| {
            event.prevent_default();
            let sight = Sight {
                is_trusted: event.is_trusted(),
                visible_since: since.get(),
                is_shown: dom::document().is_some_and(|d| !d.hidden()),
                now: clock(),
            };
            match rule(sight) {
                Ruling::Counts => {
                    // The frame may go with what is asked for. Chromium drops the end of a click
                    // that a frame is still at when it goes, so the click ends first. A question
                    // that changed in between was not answered.
                    if coming.replace(true) {
                        return;
                    }
                    let (since, coming, action) = (since.clone(), coming.clone(), action.clone());
                    let warning = warning.clone();
                    gloo::timers::callback::Timeout::new(0, move || {
                        coming.set(false);
                        if since.get() == sight.visible_since {
                            // Not before: a warning that goes is a change of the question, too.
                            warning.set(Warning::Nothing);
                            action.emit(());
                        }
                    })
                    .forget();
                }
                Ruling::Covered => {
                    parts.borrow().show();
                    was_warned.replace(true);
                    warning.set(Warning::Covered);
                }
                Ruling::TooEarly | Ruling::Synthetic => {}
            }
        })
    };
    html! {
        <>
            <button type="button" ref={node} class={classes!("button", props.class.clone())} data-testid={props.testid.clone()}
                data-guard={*state} disabled={props.disabled} aria-disabled={props.aria_disabled.map(|d| d.to_string())}
                aria-label={props.label.clone()} title={props.label.clone()} aria-describedby={props.describedby.clone()} {onclick}>
                if let Some(glyph) = props.glyph { { icon(glyph) } }
                { props.children.clone() }
            </button>
            { match *warning {
                Warning::Nothing => Html::default(),
                Warning::Covered => html! { <p class="covered" role="alert">{ icon(Glyph::Warn) }{ t!("guard-covered") }</p> },
                Warning::SeenNow => html! { <p class="covered" role="alert">{ icon(Glyph::Eye) }{ t!("guard-seen-now") }</p> },
            } }
        </>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sight() -> Sight {
        Sight {
            is_trusted: true,
            visible_since: Some(1_000.0),
            is_shown: true,
            now: 1_400.0,
        }
    }

    #[test]
    fn a_click_on_what_was_seen_counts() {
        assert_eq!(rule(sight()), Ruling::Counts);
    }

    #[test]
    fn a_click_on_what_appeared_just_now_does_not() {
        let early = Sight {
            now: 1_399.0,
            ..sight()
        };
        assert_eq!(rule(early), Ruling::TooEarly);
    }

    #[test]
    fn a_click_on_what_is_covered_or_hidden_does_not() {
        let covered = Sight {
            visible_since: None,
            ..sight()
        };
        assert_eq!(rule(covered), Ruling::Covered);
        let hidden = Sight {
            is_shown: false,
            ..sight()
        };
        assert_eq!(rule(hidden), Ruling::Covered);
    }

    #[test]
    fn a_question_is_seen_in_full_or_in_a_large_piece() {
        assert!(is_whole(0.96, 40.0, 600.0, true));
        assert!(!is_whole(0.9, 40.0, 600.0, true));
        assert!(!is_whole(0.9, 200.0, 220.0, false), "cut off");
        assert!(
            !is_whole(0.5, 60.0, 60.0, false),
            "the page made the frame low"
        );
        assert!(!is_whole(0.5, 300.0, 600.0, false), "half of it is covered");
        assert!(is_whole(0.3, 580.0, 600.0, false), "longer than the frame");
    }

    #[test]
    fn a_click_by_a_program_never_counts() {
        let synthetic = Sight {
            is_trusted: false,
            now: 1e9,
            ..sight()
        };
        assert_eq!(rule(synthetic), Ruling::Synthetic);
    }
}
