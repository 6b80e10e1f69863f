// Addresses that a page keeps on a card and does not show in the recipient's chip. The card is the
// page's own: it is opened as the person would, read, and closed again.

import { addressIn } from "./people.js";
import type { Rules } from "./rules.js";

const CARD_LIMIT_MS = 1_500;
const ROLES = ["recipientTo", "recipientCc", "recipientBcc"];

/** Chips that no card opened for are not tried again. */
const told = new WeakMap<Element, string>();

/** The address on an element's card, if it was looked for; the words of the chip if none was there. */
export function onCard(element: Element): string {
  return told.get(element) ?? "";
}

/** Reads the cards of all recipients whose chips do not say their address. */
export async function readCards(rules: Rules, window: Element): Promise<void> {
  if (!rules.has("card")) return;
  const document = window.ownerDocument;
  for (const role of ROLES) {
    for (const chip of rules.every(role, window)) {
      if (told.has(chip) || addressIn(rules.attribute(role, chip) || (chip.textContent ?? "")) !== "") continue;
      // A card that stays open would give the next chip somebody else's address.
      if (rules.find("card", document) !== undefined) return;
      told.set(chip, "");
      click(chip);
      const address = await until(document, () => addressIn(rules.find("card", document)?.textContent ?? ""));
      rules.expect("card", address !== undefined);
      // Somebody of whom no address is known is told by name: the editor does not leave them out
      // without a word.
      told.set(chip, address ?? chip.innerText);
      const card = rules.find("card", document) ?? chip;
      for (const type of ["keydown", "keyup"]) {
        card.dispatchEvent(new KeyboardEvent(type, { key: "Escape", code: "Escape", bubbles: true, composed: true }));
      }
      await until(document, () => (rules.find("card", document) === undefined ? "closed" : ""));
    }
  }
}

/** As a mouse does it: many pages listen to the press and not to the click. */
export function click(element: HTMLElement): void {
  for (const type of ["mousedown", "mouseup", "click"]) {
    element.dispatchEvent(new MouseEvent(type, { bubbles: true, cancelable: true, composed: true, view: window }));
  }
}

function until(document: Document, reached: () => string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const look = () => {
      const result = reached();
      if (result !== "") finish(result);
    };
    const observer = new MutationObserver(look);
    const timer = setTimeout(() => finish(undefined), CARD_LIMIT_MS);
    const finish = (result: string | undefined) => {
      observer.disconnect();
      clearTimeout(timer);
      resolve(result);
    };
    observer.observe(document.documentElement, { childList: true, subtree: true, characterData: true });
    look();
  });
}
