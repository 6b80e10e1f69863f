//! What guards the tab: locking after a time without input, of which only input in this tab
//! counts, and a question before an unsent letter is closed away.

use super::dom;
use gloo::events::{EventListener, EventListenerOptions};
use gloo::timers::callback::Interval;
use std::cell::Cell;
use std::rc::Rc;
use yew::prelude::*;

const INPUTS: [&str; 5] = [
    "keydown",
    "pointerdown",
    "pointermove",
    "wheel",
    "touchstart",
];

/// Calls `on_idle` once `minutes` have passed without input; `None` and 0 never do.
///
/// The clock is compared rather than a timer trusted: a sleeping machine stops timers, and must
/// be found locked when it wakes.
#[hook]
pub(crate) fn use_idle_lock(minutes: Option<f64>, on_idle: Callback<()>) {
    let bits = minutes.filter(|m| *m > 0.0).map(f64::to_bits);
    use_effect_with(bits, move |bits| {
        let watch = bits
            .map(f64::from_bits)
            .zip(dom::window())
            .map(|(minutes, window)| {
                let limit = minutes * 60_000.0;
                let last = Rc::new(Cell::new(dom::now_ms()));
                let is_over = {
                    let last = last.clone();
                    move || dom::now_ms() - last.get() >= limit
                };
                let check = {
                    let (is_over, on_idle) = (is_over.clone(), on_idle.clone());
                    move || {
                        if is_over() {
                            on_idle.emit(());
                        }
                    }
                };
                let mut listeners: Vec<EventListener> = INPUTS
                    .into_iter()
                    .map(|name| {
                        let (last, check, is_over) = (last.clone(), check.clone(), is_over.clone());
                        let options = EventListenerOptions::run_in_capture_phase();
                        EventListener::new_with_options(&window, name, options, move |_| {
                            // Waking the machine up is not using it.
                            if is_over() {
                                check();
                            } else {
                                last.set(dom::now_ms());
                            }
                        })
                    })
                    .collect();
                let seen_again = check.clone();
                listeners.push(EventListener::new(&window, "visibilitychange", move |_| {
                    seen_again();
                }));
                let pause = (limit / 4.0).clamp(250.0, 15_000.0);
                let interval = Interval::new(pause as u32, check);
                (listeners, interval)
            });
        move || drop(watch)
    });
}

/// Asks before the tab is closed over an unsent letter.
#[hook]
pub(crate) fn use_leave_question(is_needed: bool) {
    use_effect_with(is_needed, |is_needed| {
        let listener = is_needed.then(dom::window).flatten().map(|window| {
            let options = EventListenerOptions::enable_prevent_default();
            EventListener::new_with_options(&window, "beforeunload", options, |event| {
                event.prevent_default();
            })
        });
        move || drop(listener)
    });
}
