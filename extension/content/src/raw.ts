// Autocrypt, where a page shows the raw source of a message because the person asked for it. Of
// the source only the fields Autocrypt, From and Date are read, and told to the background, which
// decides what they are worth.

import { Refused } from "./connection.js";
import type { Context } from "./context.js";

/** No header section that matters is longer. */
const HEAD_LIMIT = 256 * 1024;
const AUTOCRYPT_LIMIT = 10_240;
const LINE_LIMIT = 998;

export class RawSources {
  readonly #seen = new WeakSet<Element>();

  constructor(private readonly context: Context) {}

  scan(): void {
    const { rules, connection } = this.context;
    const addresses = rules.provider.labels["rawAddress"];
    if (addresses?.some((part) => location.search.includes(part)) === false) return;
    for (const source of rules.all("rawSource", document)) {
      // Mail may bring an element that looks like the page's own.
      if (this.#seen.has(source) || rules.around("message", source) || rules.around("messageBody", source)) continue;
      const found = autocryptIn(source.innerText.slice(0, HEAD_LIMIT));
      if (found === undefined) continue;
      this.#seen.add(source);
      connection.call({ type: "autocrypt", ...found }, "done").catch((error: unknown) => {
        // Once the person has unlocked, the next look tries again.
        if (error instanceof Refused && error.failure.kind === "locked") this.#seen.delete(source);
      });
    }
  }
}

/** One field of each, or nothing: a message with two of them says nothing (Autocrypt 1.1, 2.3). */
function autocryptIn(text: string): { header: string; from: string; date: number } | undefined {
  const head = /^[\s\S]*?(?=\r?\n\r?\n)/.exec(text.trimStart())?.[0].replace(/\r?\n[ \t]+/g, " ") ?? "";
  const one = (name: string) => {
    const lines = head.split(/\r?\n/).filter((line) => line.slice(0, name.length + 1).toLowerCase() === `${name}:`);
    return lines.length === 1 ? (lines[0] ?? "").slice(name.length + 1).trim() : "";
  };
  const [header, from, date] = [one("autocrypt"), one("from"), Date.parse(one("date").replace(/\(.*/, ""))];
  if (header === "" || header.length > AUTOCRYPT_LIMIT || from === "" || from.length > LINE_LIMIT) return undefined;
  return Number.isNaN(date) ? undefined : { header, from, date: Math.max(0, Math.floor(date / 1000)) };
}
