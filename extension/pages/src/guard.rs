//! Clicks that count: what matters in a frame happens only when the person could see the button.
//!
//! # Security
//! The page around a frame may lay something over it, make it transparent, or move it under the
//! pointer at the last moment ("clickjacking"). So a click counts only if the browser made it from
//! the person's own input, if the whole button was on the screen and, where the browser can tell
//! (`IntersectionObserver` with `trackVisibility`), not covered, faded or bent, without a break
//! for [`VISIBLE_MS`].

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, IntersectionObserver, IntersectionObserverEntry};
use yew::prelude::*;

use crate::i18n::t;
use ui_kit::dom;
use ui_kit::icon::{Glyph, icon};

/// How long a button must have been seen before its click counts, milliseconds.
pub(crate) const VISIBLE_MS: f64 = 400.0;

/// What is known when a click comes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sight {
    /// The browser made the event from input.
    pub(crate) is_trusted: bool,
    /// Milliseconds; the button has been wholly visible since. `None`: it is not.
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
    /// The button is covered or cut off.
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

/// Watches one element.
struct Watch {
    observer: IntersectionObserver,
    _on_change: Closure<dyn FnMut(Array)>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.observer.disconnect();
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

fn watch(element: &Element, since: Since, on_change: Callback<bool>) -> Option<Watch> {
    let closure = Closure::new(move |entries: Array| {
        for entry in entries.iter() {
            let entry: IntersectionObserverEntry = entry.unchecked_into();
            // Firefox has no `isVisible`: there, being wholly inside the view has to do.
            let is_visible = Reflect::get(&entry, &"isVisible".into())
                .ok()
                .and_then(|v| v.as_bool())
                .unwrap_or(true);
            let is_whole = entry.is_intersecting() && entry.intersection_ratio() > 0.95;
            let seen = is_visible && is_whole;
            if seen != since.get().is_some() {
                since.set(seen.then(clock));
                on_change.emit(seen);
            }
        }
    });
    let make = |tracks: bool| {
        let options = Object::new();
        let thresholds = Array::of3(&0.5.into(), &0.96.into(), &1.into());
        let _ = Reflect::set(&options, &"threshold".into(), &thresholds);
        if tracks {
            let _ = Reflect::set(&options, &"trackVisibility".into(), &JsValue::TRUE);
            let _ = Reflect::set(&options, &"delay".into(), &100.into());
        }
        IntersectionObserver::new_with_options(
            closure.as_ref().unchecked_ref(),
            options.unchecked_ref(),
        )
    };
    let observer = make(true).or_else(|_| make(false)).ok()?;
    observer.observe(element);
    Some(Watch {
        observer,
        _on_change: closure,
    })
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
    #[prop_or_default]
    pub(crate) children: Html,
}

/// A button whose clicks are ruled on.
#[component]
pub(crate) fn GuardedButton(props: &GuardedButtonProps) -> Html {
    let node = use_node_ref();
    let since = use_memo((), |()| Since::default());
    // waiting, ready, covered: for tests, and for the line below the button.
    let state = use_state_eq(|| "waiting");
    let is_warned = use_state_eq(|| false);
    use_effect_with((), {
        let (node, since) = (node.clone(), (*since).clone());
        let (state, is_warned) = (state.setter(), is_warned.setter());
        move |()| {
            let timer: Rc<Cell<Option<gloo::timers::callback::Timeout>>> = Rc::default();
            let on_change = Callback::from(move |seen: bool| {
                timer.take();
                if seen {
                    state.set("waiting");
                    is_warned.set(false);
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
                .and_then(|element| watch(&element, since, on_change));
            move || drop(watch)
        }
    });
    let onclick = {
        let (since, is_warned) = ((*since).clone(), is_warned.clone());
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
                    is_warned.set(false);
                    action.emit(());
                }
                Ruling::Covered => is_warned.set(true),
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
            if *is_warned {
                <p class="covered" role="alert">{ icon(Glyph::Warn) }{ t!("guard-covered") }</p>
            }
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
    fn a_click_by_a_program_never_counts() {
        let synthetic = Sight {
            is_trusted: false,
            now: 1e9,
            ..sight()
        };
        assert_eq!(rule(synthetic), Ruling::Synthetic);
    }
}
