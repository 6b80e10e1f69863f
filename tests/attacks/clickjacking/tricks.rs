//! What a page can do to a frame.

use std::time::Duration;

use anyhow::Result;
use thirtyfour::action_chain::ActionChain;

use crate::stage::Stage;

/// A way to have a click land where it is not meant.
pub(super) struct Trick {
    pub(super) name: &'static str,
    /// Page code, after [`HELPERS`]
    pub(super) lay: &'static str,
    /// The frame comes under the pointer between two clicks
    pub(super) is_sudden: bool,
    /// It is out of sight before that
    pub(super) hides: bool,
    /// Firefox can tell as well
    pub(super) in_firefox: bool,
}

const fn laid(name: &'static str, lay: &'static str, in_firefox: bool) -> Trick {
    Trick {
        name,
        lay,
        is_sudden: false,
        hides: true,
        in_firefox,
    }
}

const fn sudden(name: &'static str, lay: &'static str, hides: bool, in_firefox: bool) -> Trick {
    Trick {
        name,
        lay,
        is_sudden: true,
        hides,
        in_firefox,
    }
}

/// The page styles what is around our element, and puts everything back.
pub(super) const HELPERS: &str = r"
const host = document.querySelector(arguments[0]);
const box = host.parentElement;
window.laid ??= [];
const put = (element, name, value) => {
  window.laid.push([element, name, element.style.getPropertyValue(name), element.style.getPropertyPriority(name)]);
  element.style.setProperty(name, value, 'important');
};
const add = (element) => { window.laid.push([element]); document.body.append(element); return element; };
const lift = () => {
  for (const [element, name, value, priority] of window.laid.reverse()) {
    if (name === undefined) element.remove();
    else element.style.setProperty(name, value, priority);
  }
  window.laid = [];
};
const cover = (through) => {
  const at = host.getBoundingClientRect();
  const lid = add(document.createElement('div'));
  for (const [name, value] of Object.entries({ position: 'fixed', left: `${at.x}px`, top: `${at.y}px`,
    width: `${at.width}px`, height: `${at.height}px`, background: '#fff', 'z-index': '2147483647',
    'pointer-events': through })) lid.style.setProperty(name, value);
  return lid;
};
// A lure at the place of the button; its click brings the frame back under the pointer.
const lure = (back) => {
  const decoy = add(document.createElement('button'));
  decoy.textContent = 'Win a prize';
  for (const [name, value] of Object.entries({ position: 'fixed', left: `${arguments[1] - 60}px`,
    top: `${arguments[2] - 30}px`, width: '120px', height: '60px', 'z-index': '2147483647' })) {
    decoy.style.setProperty(name, value);
  }
  decoy.addEventListener('click', () => { decoy.remove(); back(); }, { once: true });
};
";

pub(super) const TRICKS: &[Trick] = &[
    laid("transparent", "put(box, 'opacity', '0');", false),
    laid("nearly transparent", "put(host, 'opacity', '0.01');", false),
    laid(
        "faded by a filter",
        "put(box, 'filter', 'opacity(0.02)');",
        false,
    ),
    laid("covered, clicks go through", "cover('none');", false),
    laid(
        "blended away",
        "put(box, 'mix-blend-mode', 'multiply'); put(document.body, 'background', '#000'); cover('none').style.background = '#0008';",
        false,
    ),
    laid("scaled down", "put(box, 'transform', 'scale(0.3)');", false),
    laid("turned", "put(box, 'transform', 'rotate(4deg)');", false),
    laid(
        "clipped by a path",
        "put(box, 'clip-path', 'circle(4px at 50% 50%)');",
        false,
    ),
    laid(
        "clipped by its box",
        "put(host, 'margin-left', '-20000px'); put(box, 'overflow', 'hidden');",
        true,
    ),
    laid(
        "moved out of the window",
        "put(host, 'position', 'fixed'); put(host, 'left', '-20000px');",
        true,
    ),
    laid("not displayed", "put(host, 'display', 'none');", false),
    sudden(
        "swapped in between two clicks",
        "put(host, 'visibility', 'visible'); put(host, 'position', 'relative'); put(host, 'left', '-20000px'); \
         lure(() => host.style.setProperty('left', '0', 'important'));",
        true,
        true,
    ),
    sudden(
        "uncovered between two clicks",
        "const lid = cover('none'); lure(() => lid.remove());",
        true,
        false,
    ),
    sudden(
        "moved under the pointer while in sight",
        "put(host, 'position', 'relative'); put(host, 'top', '-90px'); \
         lure(() => host.style.setProperty('top', '0', 'important'));",
        false,
        false,
    ),
];

/// Clicks by script inside the frame, which no page can make; the guard refuses them all the same.
pub(super) const CLICKS: &str = r#"
const button = document.querySelector(`[data-testid="${arguments[0]}"]`);
button.click();
for (const kind of ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click']) {
  button.dispatchEvent(new MouseEvent(kind, { bubbles: true, cancelable: true, detail: 1 }));
}
button.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
"#;

/// Two clicks in quick succession at one place.
pub(super) async fn twice(stage: &Stage, x: i64, y: i64) -> Result<()> {
    let handle = stage.alice.page.driver().handle().clone();
    let quick = Some(Duration::from_millis(20));
    ActionChain::new_with_delay(handle, None, quick)
        .move_to(x, y)
        .click()
        .click()
        .perform()
        .await?;
    Ok(())
}
