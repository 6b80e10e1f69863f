//! The list. Only the rows near the window exist in the page, so ten thousand cost no more than
//! ten; two spacers keep the scroll bar honest.

use super::row::Row;
use super::use_shortcuts;
use crate::ui::components::{Glyph, ProgressBar, icon};
use crate::ui::dom;
use crate::ui::i18n::t;
use crate::ui::route::{self, Route};
use mail_client::view::MessageSummary;
use std::rc::Rc;
use yew::prelude::*;

/// Height of a row in pixels; `--row` in mail.css is the same.
const ROW: usize = 84;
/// Rows drawn beyond each edge, so that fast scrolling meets no blank.
const BEYOND: usize = 8;

/// Properties of [`MessageList`].
#[derive(Properties, PartialEq)]
pub(crate) struct MessageListProps {
    pub(crate) items: Rc<Vec<MessageSummary>>,
    pub(crate) is_loading: bool,
    /// The slug, for links.
    pub(crate) mailbox: String,
    pub(crate) selected: Option<String>,
    pub(crate) is_outgoing: bool,
    pub(crate) is_inbox: bool,
    pub(crate) on_first_letter: Callback<()>,
}

/// Which rows are drawn: from the first shown and how many fit.
fn window_of(first: usize, fit: usize, count: usize) -> std::ops::Range<usize> {
    let start = first.saturating_sub(BEYOND).min(count);
    let end = (first + fit + BEYOND).min(count);
    start..end.max(start)
}

/// Where to scroll so that a row is wholly seen; `None` when it is.
fn scroll_for(row: usize, top: usize, height: usize) -> Option<usize> {
    let (start, end) = (row * ROW, (row + 1) * ROW);
    if start < top {
        Some(start)
    } else if end > top + height {
        Some(end.saturating_sub(height))
    } else {
        None
    }
}

/// Scrolls a row into sight.
fn reveal(frame: &NodeRef, row: usize) {
    if let Some(frame) = frame.cast::<web_sys::Element>() {
        let (top, height) = (frame.scroll_top().max(0), frame.client_height().max(0));
        if let Some(to) = scroll_for(row, top as usize, height as usize) {
            frame.set_scroll_top(i32::try_from(to).unwrap_or(i32::MAX));
        }
    }
}

/// Gives the keyboard to a row; false when it is not drawn.
fn focus_row(index: usize) -> bool {
    let row = dom::document().and_then(|d| d.get_element_by_id(&format!("row-{index}")));
    if let Some(row) = &row {
        dom::focus(row);
    }
    row.is_some()
}

/// Arrow keys and j, k move; Enter follows the link.
#[component]
pub(crate) fn MessageList(props: &MessageListProps) -> Html {
    let (frame, above, below) = (use_node_ref(), use_node_ref(), use_node_ref());
    let first = use_state_eq(|| 0_usize);
    let fit = use_state_eq(|| 12_usize);
    let cursor = use_state_eq(|| 0_usize);
    let wants_focus = use_mut_ref(|| false);
    let was_reading = use_mut_ref(|| false);
    let count = props.items.len();
    let range = window_of(*first, *fit, count);

    let measure = {
        let (frame, first, fit) = (frame.clone(), first.setter(), fit.setter());
        Callback::from(move |()| {
            if let Some(frame) = frame.cast::<web_sys::Element>() {
                first.set(frame.scroll_top().max(0) as usize / ROW);
                fit.set(frame.client_height().max(0) as usize / ROW + 2);
            }
        })
    };
    use_effect_with((), {
        let measure = measure.clone();
        move |()| {
            measure.emit(());
            let listener = dom::window().map(|window| {
                gloo::events::EventListener::new(&window, "resize", move |_| measure.emit(()))
            });
            move || drop(listener)
        }
    });
    // Another mailbox begins at its top.
    use_effect_with(props.mailbox.clone(), {
        let (frame, cursor, measure) = (frame.clone(), cursor.setter(), measure.clone());
        move |_| {
            if let Some(frame) = frame.cast::<web_sys::Element>() {
                frame.set_scroll_top(0);
            }
            cursor.set(0);
            measure.emit(());
        }
    });
    // The row that is read is the row the keys go on from.
    let selected_at = props
        .selected
        .as_ref()
        .and_then(|id| props.items.iter().position(|m| m.id == *id));
    use_effect_with(selected_at, {
        let cursor = cursor.setter();
        move |at| {
            if let Some(at) = at {
                cursor.set(*at);
            }
        }
    });
    // Back from a message: the row it stood in is seen and has the keyboard again. Where there is
    // one pane the list was not drawn meanwhile, and is measured anew.
    use_effect_with(props.selected.is_some(), {
        let (was_reading, cursor) = (was_reading.clone(), *cursor);
        let (frame, measure) = (frame.clone(), measure.clone());
        let wants_focus = wants_focus.clone();
        move |is_reading| {
            let came_back = was_reading.replace(*is_reading) && !is_reading;
            let is_free = dom::document()
                .and_then(|d| d.active_element())
                .is_none_or(|e| {
                    e.tag_name() == "BODY" || e.closest(".reader-pane").ok().flatten().is_some()
                });
            if came_back {
                reveal(&frame, cursor);
                measure.emit(());
                if is_free {
                    *wants_focus.borrow_mut() = !focus_row(cursor);
                }
            }
        }
    });
    use_effect_with((range.clone(), count), {
        let (above, below) = (above.clone(), below.clone());
        move |(range, count)| {
            let spacers = [(above, range.start), (below, count - range.end.min(*count))];
            for (node, rows) in spacers {
                if let Some(spacer) = node.cast::<web_sys::Element>() {
                    dom::set_style(&spacer, "height", &format!("{}px", rows * ROW));
                }
            }
        }
    });
    use_effect({
        let (wants_focus, cursor) = (wants_focus.clone(), *cursor);
        move || {
            if *wants_focus.borrow() {
                let row =
                    dom::document().and_then(|d| d.get_element_by_id(&format!("row-{cursor}")));
                if let Some(row) = row {
                    dom::focus(&row);
                    *wants_focus.borrow_mut() = false;
                }
            }
        }
    });

    let go_to = {
        let (frame, cursor, wants_focus, measure) = (
            frame.clone(),
            cursor.clone(),
            wants_focus.clone(),
            measure.clone(),
        );
        let (items, selected, mailbox) = (
            props.items.clone(),
            props.selected.clone(),
            props.mailbox.clone(),
        );
        Callback::from(move |target: isize| {
            let Some(last) = items.len().checked_sub(1) else {
                return;
            };
            let target = target.max(0) as usize;
            let target = target.min(last);
            reveal(&frame, target);
            measure.emit(());
            if selected.is_some() {
                if let Some(item) = items.get(target) {
                    route::replace(&Route::Mail {
                        mailbox: mailbox.clone(),
                        message: Some(item.id.clone()),
                    });
                }
            } else {
                // The row may not be drawn yet: then it gets the keyboard once it is.
                *wants_focus.borrow_mut() = !focus_row(target);
            }
            cursor.set(target);
        })
    };
    let step = {
        let (go_to, cursor) = (go_to.clone(), *cursor as isize);
        Callback::from(move |by: isize| go_to.emit(cursor + by))
    };
    use_shortcuts({
        let (step, frame, go_to, at) =
            (step.clone(), frame.clone(), go_to.clone(), *cursor as isize);
        let is_reading = props.selected.is_some();
        Callback::from(move |key: String| {
            // The first j lands on the row the keys stand on, later ones move.
            let is_inside = frame.cast::<web_sys::Element>().is_some_and(|frame| {
                let active = dom::document().and_then(|d| d.active_element());
                active.is_some_and(|a| frame.contains(Some(&a)))
            });
            match key.as_str() {
                "j" if is_inside || is_reading => step.emit(1),
                "k" if is_inside || is_reading => step.emit(-1),
                "j" | "k" => go_to.emit(at),
                _ => {}
            }
        })
    });
    let onkeydown = {
        let (go_to, cursor, page) = (go_to, *cursor as isize, *fit as isize);
        Callback::from(move |event: KeyboardEvent| {
            let target = match event.key().as_str() {
                "ArrowDown" => cursor + 1,
                "ArrowUp" => cursor - 1,
                "PageDown" => cursor + page,
                "PageUp" => cursor - page,
                "Home" => 0,
                "End" => isize::MAX,
                _ => return,
            };
            event.prevent_default();
            go_to.emit(target);
        })
    };
    let onscroll = measure.reform(|_: Event| ());

    html! {
        <div class="list" ref={frame} {onscroll} data-testid="message-list" data-count={count.to_string()} data-loading={props.is_loading.to_string()}>
            if props.is_loading {
                <div class="list-wait"><ProgressBar /></div>
            } else if count == 0 {
                <Empty is_inbox={props.is_inbox} on_first_letter={props.on_first_letter.clone()} />
            } else {
                <>
                    <div ref={above} class="spacer" aria-hidden="true"></div>
                    <ul class="rows" {onkeydown}>
                        for (index, item) in props.items.iter().enumerate().skip(range.start).take(range.len()) {
                            <Row key={item.id.clone()} item={item.clone()} mailbox={props.mailbox.clone()} {index} {count}
                                is_selected={props.selected.as_deref() == Some(item.id.as_str())} is_cursor={index == (*cursor).min(count - 1)} is_outgoing={props.is_outgoing} />
                        }
                    </ul>
                    <div ref={below} class="spacer" aria-hidden="true"></div>
                </>
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct EmptyProps {
    is_inbox: bool,
    on_first_letter: Callback<()>,
}

/// An empty mailbox says what belongs here and gives the one thing to do.
#[component]
fn Empty(props: &EmptyProps) -> Html {
    html! {
        <div class="empty" data-testid="list-empty">
            { icon(Glyph::Unread) }
            if props.is_inbox {
                <p>{ t!("empty-inbox") }</p>
                <button type="button" class="button" data-testid="list-empty-action" onclick={props.on_first_letter.reform(|_: MouseEvent| ())}>{ t!("empty-inbox-action") }</button>
            } else {
                <p>{ t!("empty-mailbox") }</p>
            }
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rows_near_the_window_are_drawn() {
        assert_eq!(window_of(0, 10, 10_000), 0..18);
        assert_eq!(window_of(500, 10, 10_000), 492..518);
        assert_eq!(window_of(9_995, 10, 10_000), 9_987..10_000);
        assert_eq!(window_of(50, 10, 3), 3..3);
        assert_eq!(window_of(0, 10, 0), 0..0);
    }

    #[test]
    fn a_row_outside_is_scrolled_to_its_nearer_edge() {
        assert_eq!(scroll_for(3, 0, 10 * ROW), None);
        assert_eq!(scroll_for(3, 4 * ROW, 10 * ROW), Some(3 * ROW));
        assert_eq!(scroll_for(12, 0, 10 * ROW), Some(3 * ROW));
    }
}
