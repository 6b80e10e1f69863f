//! The height of what a frame holds, told to the background, which tells the content script.
//! The page itself is told nothing.

use std::cell::Cell;
use std::rc::Rc;

use ext_protocol::frame::Request;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, HtmlElement, ResizeObserver};

use crate::link::{FrameTongue, Link};

/// Lower frames cannot be seen, higher ones scroll inside.
const LOWEST: u32 = 24;
const HIGHEST: u32 = 20_000;

/// The height to tell, if it is another than the last one told.
fn news(measured: f64, last: Option<u32>) -> Option<u32> {
    let pixels = (measured.ceil().max(0.0) as u32).clamp(LOWEST, HIGHEST);
    (Some(pixels) != last).then_some(pixels)
}

/// Tells the height of an element for as long as it lives.
pub(super) struct HeightReport {
    observer: ResizeObserver,
    tell: Rc<dyn Fn(bool)>,
    _on_resize: Closure<dyn FnMut()>,
}

impl HeightReport {
    pub(super) fn new(element: &Element, link: Link<FrameTongue>) -> Option<Self> {
        let element: HtmlElement = element.clone().dyn_into().ok()?;
        let last = Cell::new(None);
        let observed = element.clone();
        let tell: Rc<dyn Fn(bool)> = Rc::new(move |anew: bool| {
            if anew {
                last.set(None);
            }
            if !link.is_connected() {
                // Told again when there is a connection.
                last.set(None);
                return;
            }
            let measured = observed.get_bounding_client_rect().height();
            if let Some(pixels) = news(measured, last.get()) {
                last.set(Some(pixels));
                link.tell(Request::Height { pixels });
            }
        });
        let on_resize = {
            let tell = tell.clone();
            Closure::<dyn FnMut()>::new(move || tell(false))
        };
        let observer = ResizeObserver::new(on_resize.as_ref().unchecked_ref()).ok()?;
        observer.observe(&element);
        Some(Self {
            observer,
            tell,
            _on_resize: on_resize,
        })
    }

    /// Tells it once more, to a background that may have forgotten.
    pub(super) fn repeat(&self) {
        (self.tell)(true);
    }
}

impl Drop for HeightReport {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_news_are_told_and_within_bounds() {
        assert_eq!(news(40.2, None), Some(41));
        assert_eq!(news(40.6, Some(41)), None);
        assert_eq!(news(41.5, Some(41)), Some(42));
        assert_eq!(news(0.0, None), Some(LOWEST));
        assert_eq!(news(1e9, None), Some(HIGHEST));
        assert_eq!(news(f64::NAN, None), Some(LOWEST));
    }
}
