// Addresses that a page keeps on a card and does not show in the recipient's chip. The card is the
// page's own: it is opened as the person would, read, and closed again.

import { addressIn } from "./people.js";
import type { Rules } from "./rules.js";
import { until } from "./until.js";

const CARD_LIMIT_MS = 1_500;
const ROLES = ["recipientTo", "recipientCc", "recipientBcc"];

/** Chips that no card opened for are not tried again. */
const told = new WeakMap<Element, string>();

/** The address on an element's card. Where people have cards, somebody whose card was not read is
 * told by name: the editor does not leave them out without a word. */
export function onCard(rules: Rules, element: HTMLElement): string {
  return told.get(element) || (rules.has("card") ? element.innerText : "");
}

/** Reads the cards of recipients whose chips do not say their address, up to one that does not
 * come: after a while the others' can be read. Tells whether that is so. */
export async function readCards(rules: Rules, window: Element): Promise<boolean> {
  if (!rules.has("card")) return false;
  const document = window.ownerDocument;
  for (const role of ROLES) {
    for (const chip of rules.allOf(role, window)) {
      if (told.has(chip) || addressIn(rules.attribute(role, chip) || (chip.textContent ?? "")) !== "") continue;
      // A card that stays open would give the next chip somebody else's address.
      if (rules.firstOf("card", document) !== undefined) return false;
      told.set(chip, "");
      click(chip);
      const shown = () => addressIn(rules.firstOf("card", document)?.textContent ?? "") || undefined;
      const address = await until(document, shown, CARD_LIMIT_MS);
      rules.expect("card", address);
      if (address !== undefined) told.set(chip, address);
      const card = rules.firstOf("card", document) ?? chip;
      for (const type of ["keydown", "keyup"]) {
        card.dispatchEvent(new KeyboardEvent(type, { key: "Escape", code: "Escape", bubbles: true, composed: true }));
      }
      // One that comes late is not the next one's.
      if (address === undefined) return true;
      await until(document, () => rules.firstOf("card", document) === undefined || undefined, CARD_LIMIT_MS);
    }
  }
  return false;
}

/** As a mouse does it: many pages listen to the press and not to the click. */
export function click(element: HTMLElement): void {
  for (const type of ["mousedown", "mouseup", "click"]) {
    element.dispatchEvent(new MouseEvent(type, { bubbles: true, cancelable: true, composed: true, view: window }));
  }
}
