// Looking things up in the page by role. Which selectors stand for a role is data: pages change
// more often than code. The first selector that finds something wins; which one it was is
// remembered for the self-test.

import type { Provider, SelfTest } from "./generated/protocol.js";

export type Scope = Document | Element;

export class Rules {
  readonly #first = new Set<string>();
  readonly #later = new Set<string>();
  readonly #missing = new Set<string>();

  constructor(readonly provider: Provider) {}

  get id(): string {
    return this.provider.id;
  }

  has(role: string): boolean {
    return this.#selectors(role).length > 0;
  }

  /** The first element of this role. */
  firstOf(role: string, scope: Scope): HTMLElement | undefined {
    return this.all(role, scope)[0];
  }

  /** All elements of this role, in the page's order. */
  all(role: string, scope: Scope): HTMLElement[] {
    for (const [index, selector] of this.#selectors(role).entries()) {
      const found = query(scope, selector);
      if (found.length > 0) {
        (index === 0 ? this.#first : this.#later).add(role);
        return found;
      }
    }
    return [];
  }

  /** All elements that any of the role's selectors finds: for roles whose variants coexist. */
  allOf(role: string, scope: Scope): HTMLElement[] {
    const found = new Set<HTMLElement>();
    for (const [index, selector] of this.#selectors(role).entries()) {
      for (const element of query(scope, selector)) {
        found.add(element);
        (index === 0 ? this.#first : this.#later).add(role);
      }
    }
    return [...found];
  }

  /** The first element of this role in what the page itself wrote: what stands in the body of a
   * message is its sender's. */
  own(role: string, scope: Scope): HTMLElement | undefined {
    return this.allOf(role, scope).find((element) => !this.sent(element));
  }

  /** Whether an element stands in the body of a message. */
  sent(element: Element): boolean {
    return this.around("messageBody", element) !== undefined;
  }

  /** The nearest ancestor of this role, or the element itself. */
  around(role: string, element: Element): HTMLElement | undefined {
    for (const selector of this.#selectors(role)) {
      try {
        const found = element.closest(selector);
        if (found instanceof HTMLElement) return found;
      } catch {
        // A selector of newer rules that this browser does not know.
      }
    }
    return undefined;
  }

  is(role: string, element: Element): boolean {
    return this.around(role, element) === element;
  }

  /** What the role's attributes say, the first that says something. */
  attribute(role: string, element: Element): string {
    for (const name of this.provider.attributes[role] ?? []) {
      const value = element.getAttribute(name);
      if (value !== null && value.trim() !== "") return value.trim();
    }
    return "";
  }

  /** An element of the page's own whose label is one of the role's labels: for what has no other
   * handle. */
  labelled(role: string, scope: Scope): HTMLElement | undefined {
    const labels = this.provider.labels[role] ?? [];
    if (labels.length === 0) return undefined;
    const wanted = new Set(labels.map((label) => label.toLowerCase()));
    for (const element of query(scope, "[aria-label],[data-tooltip],[title]")) {
      for (const name of ["aria-label", "data-tooltip", "title"]) {
        const label = element.getAttribute(name)?.trim().toLowerCase();
        if (label !== undefined && wanted.has(label) && !this.sent(element)) return element;
      }
    }
    return undefined;
  }

  /** Remembers whether a role that should be there was found. */
  expect(role: string, found: unknown): void {
    if (found) this.#missing.delete(role);
    else if (this.has(role)) this.#missing.add(role);
  }

  report(): SelfTest {
    const sorted = (roles: Iterable<string>) => [...roles].sort();
    const found = new Set([...this.#first, ...this.#later]);
    return {
      provider: this.id,
      missing: sorted(this.#missing),
      fallbacks: sorted([...this.#later].filter((role) => !this.#first.has(role))),
      found: sorted([...found].filter((role) => !this.#missing.has(role))),
    };
  }

  #selectors(role: string): string[] {
    return this.provider.selectors[role] ?? [];
  }
}

function query(scope: Scope, selector: string): HTMLElement[] {
  try {
    return [...scope.querySelectorAll<HTMLElement>(selector)];
  } catch {
    return [];
  }
}
