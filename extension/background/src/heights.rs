//! How high frames are. The page sees it: so there are few heights, and they seldom change.

use std::rc::Rc;

use ext_protocol::content::Event;

use crate::{background::Background, host::Host, sender::Spot};

/// The height of a frame that holds one line, in CSS pixels.
const ONE_LINE: u32 = 48;
/// Higher frames have heights that are so far apart: a page must not count lines by them.
const STEP: u32 = 96;
/// The highest frame; what is longer scrolls inside.
const HIGHEST: u32 = 20 * STEP;
/// What stands around the shortest text in a reader.
const AROUND: u32 = 2 * STEP;
/// Nothing is expected to be higher: a page that shows a short letter would jump.
const MOST_EXPECTED: u32 = 6 * STEP;

impl<H: Host> Background<H> {
    /// A frame wants another height. The page can have the same text laid out in many widths: it
    /// gets few heights, and not many of them.
    pub(crate) fn relay_height(&self, spot: &Spot, frame: &str, pixels: u32) {
        if let Some(held) = self.expected.borrow_mut().get_mut(frame) {
            // What it shows while its message is opened is soon gone.
            *held = pixels;
            return;
        }
        self.set_height(spot, frame, pixels);
    }

    /// Makes room for a message of so much armor before it is opened: the page is laid out once,
    /// and the text is seen as soon as it is drawn. The page knows the size of the armor.
    pub(crate) fn expect_height(self: &Rc<Self>, spot: &Spot, frame: &str, armored: usize) {
        let (this, spot, id) = (Rc::clone(self), spot.clone(), frame.to_owned());
        let pixels = expected(armored);
        self.expected
            .borrow_mut()
            .insert(frame.to_owned(), ONE_LINE);
        // After the answer: the script has to know the frame first.
        self.host
            .spawn(async move { this.set_height(&spot, &id, pixels) });
    }

    /// The message was opened, or will not be: now the frame has what it asks for. After a failure
    /// it has asked already.
    pub(crate) fn settle_height(&self, spot: &Spot, frame: &str, is_open: bool) {
        let held = self.expected.borrow_mut().remove(frame);
        if let (Some(pixels), false) = (held, is_open) {
            self.set_height(spot, frame, pixels);
        }
    }

    fn set_height(&self, spot: &Spot, frame: &str, pixels: u32) {
        let pixels = coarse(pixels);
        let known = self.heights.borrow().get(frame).copied();
        if known != Some(pixels) {
            let now = self.host.now();
            if !self.new_heights.borrow_mut().allows(frame, now) {
                return;
            }
            self.heights.borrow_mut().insert(frame.to_owned(), pixels);
        }
        self.tell_content(
            spot,
            Event::Height {
                frame: frame.to_owned(),
                pixels,
            },
        );
    }
}

/// The next of the few heights that a frame can have.
fn coarse(pixels: u32) -> u32 {
    if pixels <= ONE_LINE {
        ONE_LINE
    } else {
        pixels.min(HIGHEST).div_ceil(STEP) * STEP
    }
}

/// What a reader will need at least, as far as its armor tells: keys and a signature are some 700
/// characters of it, a line of the letter some 75 bytes and 22 pixels. Only half of that is
/// counted, since much may be HTML, or files.
fn expected(armored: usize) -> u32 {
    let bytes = u32::try_from(armored.saturating_sub(700) / 4 * 3).unwrap_or(u32::MAX);
    let lines = bytes / 75;
    coarse((AROUND + 1).saturating_add(lines.saturating_mul(11))).min(MOST_EXPECTED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_are_few() {
        assert_eq!(coarse(12), ONE_LINE);
        assert_eq!(coarse(48), ONE_LINE);
        assert_eq!(coarse(49), STEP);
        assert_eq!(coarse(u32::MAX), HIGHEST);
    }

    #[test]
    fn long_armor_is_given_more_room_and_never_too_much() {
        assert_eq!(expected(0), 3 * STEP);
        assert_eq!(expected(1_200), 3 * STEP);
        assert!(expected(4_000) > expected(1_200));
        assert_eq!(expected(usize::MAX), MOST_EXPECTED);
    }
}
