// The content script: finds mail and compose windows in a page and places our frames. It holds no
// keys and never sees a decrypted word.

import { ApiHost } from "./api/host.js";
import { Composing } from "./compose.js";
import { Connection, type Peer } from "./connection.js";
import type { Context, FrameOwner } from "./context.js";
import type { ContentAnswer, ContentEvent, Provider } from "./generated/protocol.js";
import { standsInItsOwnSite } from "./place.js";
import { RawSources } from "./raw.js";
import { Reading } from "./reading.js";
import { Rules } from "./rules.js";

type Welcome = Extract<ContentAnswer, { type: "welcome" }>;

/** Between two looks at a page that does not rest lies so many times what a look took, and at least
 * so much, twice as much after each: whoever opens a message waits for the first of these pauses,
 * and a page that never rests is looked at seldom. */
const PAUSE_TIMES = 20;
const LEAST_PAUSE_MS = 12;
const MOST_PAUSE_MS = 150;
const SELF_TEST_MS = 3_000;

const texts = new Map<string, string>();
const frames = new Map<string, FrameOwner>();

class Content implements Peer {
  readonly connection = new Connection(this);
  readonly #api = new ApiHost(this.connection, frames, (key) => text(key));
  #site: Site | undefined;

  async start(): Promise<void> {
    this.#api.listen();
    try {
      await this.connection.wake();
    } catch {
      // Nobody there: the page is left alone.
    }
  }

  welcomed(welcome: Welcome, again: boolean): void {
    for (const [key, value] of Object.entries(welcome.strings)) texts.set(key, value);
    this.#api.allowed(welcome.api);
    // On a site that calls the client API the page itself says what is mail.
    const provider = welcome.api ? null : welcome.provider;
    if (provider === null) {
      this.#site?.end();
      this.#site = undefined;
    } else if (this.#site === undefined) {
      this.#site = new Site(this.connection, provider);
    } else if (again) {
      this.#site.again();
    }
    if (!again && provider !== null && new Rules(provider).firstOf("apiSite", document) !== undefined) {
      this.connection.tell({ type: "asksApi" });
    }
  }

  happened(event: ContentEvent): void {
    switch (event.type) {
      case "vault":
        break;
      case "part":
        this.#site?.part(event);
        break;
      case "switchedOff":
        this.#site?.end();
        this.#site = undefined;
        this.#api.end();
        break;
      case "api":
        this.#api.noticed(event.notice);
        break;
      default:
        frames.get(event.frame)?.happened(event);
    }
  }

  orphaned(): void {
    this.#site?.end();
    this.#site = undefined;
    this.#api.end();
    this.connection.end();
  }
}

function text(key: string): string {
  return texts.get(key) ?? "";
}

/** One switched-on site: watches the page and keeps our elements in it. */
class Site {
  readonly #rules: Rules;
  readonly #reading: Reading;
  readonly #composing: Composing;
  readonly #raw: RawSources;
  readonly #observer: MutationObserver;
  #timer = 0;
  /** The page may be looked at again from here on. */
  #next = 0;
  /** How many looks the page has had without a rest between them. */
  #looks = 0;
  /** Where the page changed since the last look. */
  readonly #touched = new Set<Element>();
  #selfTest = 0;
  #told = "";

  constructor(
    private readonly connection: Connection,
    provider: Provider,
  ) {
    this.#rules = new Rules(provider);
    const context: Context = {
      connection,
      rules: this.#rules,
      frames,
      text,
      quietly: (change) => this.#quietly(change),
      wake: () => {
        connection.wake().catch(() => undefined);
      },
    };
    this.#composing = new Composing(context);
    this.#raw = new RawSources(context);
    this.#reading = new Reading(context, (message, kind, frame) => this.#composing.answer(message, kind, frame));
    this.#observer = new MutationObserver((records) => this.#changed(records));
    this.#watch();
    window.addEventListener("blur", this.#turned);
    this.#soon();
  }

  again(): void {
    this.#composing.again();
    this.#soon();
  }

  part(part: Extract<ContentEvent, { type: "part" }>): void {
    this.#composing.arrivals.take(part);
  }

  end(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#selfTest);
    window.removeEventListener("blur", this.#turned);
    this.#watch = () => undefined;
    this.#observer.disconnect();
    this.#composing.end();
    this.#reading.end();
  }

  #watch = (): void => {
    this.#observer.observe(document.documentElement, { childList: true, subtree: true });
  };

  #turned = (): void => {
    if (frames.size > 0) this.connection.wake().catch(() => undefined);
  };

  #changed(records: MutationRecord[]): void {
    let ours = true;
    for (const record of records) {
      const target = record.target;
      if (target.nodeType !== Node.ELEMENT_NODE) continue;
      ours = false;
      this.#touched.add(target as Element);
    }
    if (!ours) this.#soon();
  }

  /** A page at rest is looked at as soon as it changes, before the browser lays out what we hide;
   * one that goes on changing, after a pause. */
  #soon(): void {
    if (this.#timer !== 0) return;
    const wait = this.#next - performance.now();
    // Not 0 while it looks: what it changes itself starts no other look.
    this.#timer = -1;
    if (wait > 0) this.#timer = setTimeout(() => this.#scan(), wait);
    else this.#scan();
  }

  #scan(): void {
    const began = performance.now();
    try {
      this.#look();
    } catch (error) {
      // A page may be made so that it trips us: the next change is looked at all the same.
      console.error(error);
    } finally {
      const ended = performance.now();
      this.#looks = began - this.#next > MOST_PAUSE_MS ? 0 : this.#looks + 1;
      // The first look is at code that has not run before: how long it takes says nothing of the page.
      const pause = Math.max(this.#next && (ended - began) * PAUSE_TIMES, LEAST_PAUSE_MS * 2 ** this.#looks);
      this.#next = ended + Math.min(pause, MOST_PAUSE_MS);
      this.#timer = 0;
      if (this.#touched.size > 0) this.#soon();
    }
  }

  #look(): void {
    for (const element of this.#touched) this.#reading.changed(element);
    this.#touched.clear();
    const roots = this.#rules.has("root") ? this.#rules.allOf("root", document) : [];
    for (const root of roots) this.#reading.scan(root);
    for (const root of this.#rules.has("composeRoot") ? this.#rules.allOf("composeRoot", document) : [document]) {
      this.#composing.scan(root);
    }
    this.#raw.scan();
    if (roots.length === 0) this.#reading.scan(document.createElement("div"));
    this.#testLater();
  }

  /** Says which selectors fail on this page, when that changes. */
  #testLater(): void {
    if (this.#selfTest !== 0) return;
    this.#selfTest = setTimeout(() => {
      this.#selfTest = 0;
      const rules = this.#rules;
      if (rules.firstOf("message", document)) rules.expect("messageBody", rules.firstOf("messageBody", document));
      const report = rules.report();
      const key = JSON.stringify(report);
      if (key === this.#told || report.found.length === 0) return;
      this.#told = key;
      this.connection.tell({ type: "selfTest", ...report });
    }, SELF_TEST_MS);
  }

  /** Not looking is cheaper than looking away: nothing is written down of what we move. */
  #quietly<T>(change: () => T): T {
    const pending = this.#observer.takeRecords();
    this.#observer.disconnect();
    try {
      return change();
    } finally {
      this.#watch();
      if (pending.length > 0) this.#changed(pending);
    }
  }
}

// The background runs this in tabs that were open when a site was switched on, and a browser may
// have done so before: one is enough, but it asks anew what it may do.
const world = globalThis as { letterlock?: Content };
if (world.letterlock !== undefined) {
  world.letterlock.connection.wake().catch(() => undefined);
} else if (standsInItsOwnSite()) {
  world.letterlock = new Content();
  void world.letterlock.start();
}
