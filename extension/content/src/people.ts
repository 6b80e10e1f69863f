// Addresses as the page shows them: claims of the page, checked by whoever uses them.

import { onCard } from "./cards.js";
import type { Person, Recipients } from "./generated/protocol.js";
import type { Rules, Scope } from "./rules.js";

/** No quotation mark before it, but a name may hold an apostrophe. */
const ADDRESS = /[^\s<>()[\],;:"'\u00ab\u00bb][^\s<>()[\],;:"\u00ab\u00bb]*@[^\s<>()[\],;:"'\u00ab\u00bb]+\.?[^\s<>()[\],;:"'.]/;
const MOST = 500;

/** The first address in a text. */
export function addressIn(text: string): string {
  return ADDRESS.exec(text)?.[0] ?? "";
}

/** Everybody whom elements of this role show. */
export function people(rules: Rules, role: string, scope: Scope): Person[] {
  const found = new Map<string, Person>();
  for (const element of rules.allOf(role, scope)) {
    for (const person of peopleIn(rules, role, element)) {
      const key = person.address.toLowerCase();
      if (!found.has(key) && found.size < MOST) found.set(key, person);
    }
  }
  return [...found.values()];
}

function peopleIn(rules: Rules, role: string, element: HTMLElement): Person[] {
  if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement) {
    return element.value.split(/[,;\n]/).flatMap((piece) => {
      const address = addressIn(piece);
      const name = piece.split("<")[0]?.replace(/["']/g, "").trim() ?? "";
      return address === "" ? [] : [{ name: name === address ? "" : name, address }];
    });
  }
  const address =
    addressIn(rules.attribute(role, element)) || addressIn(element.textContent ?? "") || onCard(rules, element);
  if (address === "") return [];
  const name = rules.attribute("personName", element);
  return [{ name: name === address ? "" : name, address }];
}

export function recipients(rules: Rules, scope: Scope): Recipients {
  const to = people(rules, "recipientTo", scope);
  const cc = people(rules, "recipientCc", scope);
  const bcc = people(rules, "recipientBcc", scope);
  if (to.length + cc.length + bcc.length > 0) return { to, cc, bcc };
  return { to: people(rules, "recipient", scope), cc: [], bcc: [] };
}

/** Who is logged in to the page. */
export function account(rules: Rules, scope: Scope, document: Document): string {
  for (const place of [scope, document]) {
    const element = rules.firstOf("account", place);
    if (element !== undefined) {
      const value = element instanceof HTMLInputElement ? element.value : "";
      const address =
        addressIn(value) || addressIn(rules.attribute("account", element)) || addressIn(element.textContent ?? "");
      if (address !== "") return address;
    }
  }
  return addressIn(document.title);
}
