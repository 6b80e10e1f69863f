// Encrypted and signed mail in the page: each piece of armor, each set of encrypted attachments
// and each clipped message gets a reader frame in its place.

import { armorAlone, blockInText, continues, findBlocks, mayHoldArmor, WRITTEN, type Block } from "./armor.js";
import type { Context, FrameOwner } from "./context.js";
import { fetchFile, sendFile } from "./files.js";
import { makeHost, PlacedFrame, quietButton, style } from "./frames.js";
import type { AnswerKind, ContentEvent, PageAttachment, Person, Source } from "./generated/protocol.js";
import { addressIn } from "./people.js";

/** How far below the window's edge a message is opened before it is scrolled to. */
const AHEAD_PX = 400;
/** So many are opened without being asked where they stand. */
const FEW = 2;
/** A page may write a message's head after its body: the next change looks again, and this, if there
 * is none. */
const LATE_MS = 40;
const MOST_ATTACHMENTS = 20;
/** How long a reader that is answered stays known after its place in the page is gone. */
const ANSWER_MS = 15_000;

interface PageFile extends PageAttachment {
  url: string;
}

/** What a page shows as one message. */
interface Message {
  element: HTMLElement;
  sender: Person;
  id: string;
  name: string;
}

export class Reading {
  /** Bodies and messages that were looked at, until the page changes them. */
  #seen = new WeakSet<Element>();
  #ended = false;
  /** Bodies that were found before their sender, and waited for it once. */
  #late = new WeakSet<Element>();
  #files = new WeakMap<Element, string>();
  /** Names of messages: what stands in one and is read apart belongs together. */
  #names = new WeakMap<Element, string>();
  #waiting = new Map<Element, Reader>();
  readonly #readers = new Set<Reader>();
  /** What we said at messages whose files the page does not give away. */
  readonly #notes = new Map<Element, HTMLElement>();
  readonly #nearby: IntersectionObserver;

  constructor(
    private readonly context: Context,
    private readonly answer: (message: HTMLElement, kind: AnswerKind, frame: string) => void,
  ) {
    this.#nearby = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (entry.isIntersecting) this.#open(entry.target);
      }
    }, { rootMargin: `${AHEAD_PX}px` });
  }

  /** The page changed inside this body or message: it is looked at again. */
  changed(element: Element): void {
    const { rules } = this.context;
    for (const role of ["messageBody", "message"]) {
      const around = rules.around(role, element);
      if (around !== undefined) this.#seen.delete(around);
    }
  }

  scan(root: Document | Element): void {
    const { rules } = this.context;
    for (const reader of [...this.#readers]) {
      const { host, original } = reader;
      if (host.isConnected && (original ?? host).isConnected) continue;
      // The page took one of them away: what is left is not kept out of sight, and read again.
      if (original?.style.display) this.changed(original);
      reader.restore();
      this.#forget(reader);
    }
    const fresh: Reader[] = [];
    for (const body of rules.allOf("messageBody", root)) {
      if (this.#seen.has(body)) continue;
      const text = body.textContent ?? "";
      const message = mayHoldArmor(text) && !isEdited(body) ? this.#message(body) : undefined;
      if (message?.sender.address === "" && !this.#late.has(body)) {
        this.#late.add(body);
        setTimeout(() => this.#ended || this.scan(root), LATE_MS);
        continue;
      }
      this.#seen.add(body);
      fresh.push(...this.#body(body, text, message));
    }
    // Few messages have attachments: they are looked for once in all, not in each message.
    const holders = new Set<HTMLElement>();
    for (const item of rules.allOf("attachment", root)) {
      const element = rules.around("message", item);
      if (element !== undefined) holders.add(element);
    }
    for (const element of holders) {
      const reader = this.#attachments(element);
      if (reader !== undefined) fresh.push(reader);
    }
    this.#show(fresh);
  }

  end(): void {
    this.#ended = true;
    this.#nearby.disconnect();
    for (const note of this.#notes.values()) note.remove();
    for (const reader of [...this.#readers]) {
      reader.restore();
      this.#forget(reader);
    }
  }

  #body(body: HTMLElement, text: string, message: Message | undefined): Reader[] {
    const before = [...this.#readers].find((reader) => reader.original === body);
    if (message === undefined && before === undefined) return [];
    const armored = this.context.rules.is("wholeBody", body) ? armorAlone(body, text) : undefined;
    if (before !== undefined) {
      // What the page did under the reader changed nothing.
      if (before.armored === armored) return [];
      before.restore();
      this.#forget(before);
    }
    if (message === undefined) return [];
    if (armored !== undefined) {
      return [this.#place(message, { type: "inline", armored }, [], (host) => {
        body.before(host);
        style(body, { display: "none" });
        return body;
      })];
    }
    const readers: Reader[] = [];
    // From the end, so that a change for one block does not move the places of the others.
    for (const block of findBlocks(body).reverse()) {
      const clipped = block.cut ? this.#clipped(message.element, block.armored) : undefined;
      if (block.cut && clipped === undefined) continue;
      const source = clipped ?? { type: "inline" as const, armored: block.armored };
      readers.push(this.#place(message, source, [], (host) => hide(block, host)));
    }
    return readers;
  }

  /** A clipped message: the page has an address where all of it can be had. A link in the body may
   * be the sender's: then the address is made of what the page says of this message. */
  #clipped(message: HTMLElement, start: string): Clipped | undefined {
    const { rules } = this.context;
    const link = rules.own("clippedLink", message);
    rules.expect("clippedLink", rules.firstOf("clippedLink", message));
    let address = "";
    if (link !== undefined) {
      address = rules.around("message", link) === message ? (link.getAttribute("href") ?? "") : "";
    } else if (rules.firstOf("clippedLink", message) !== undefined) {
      const id = rules.attribute("clippedId", message).replace(/^#/, "");
      const pattern = rules.provider.labels["clippedAddress"]?.[0] ?? "";
      if (id !== "") address = pattern.replace("{id}", encodeURIComponent(id));
    }
    return address === "" ? undefined : { type: "clipped", address, start };
  }

  #attachments(element: HTMLElement): Reader | undefined {
    const { rules } = this.context;
    // Roles may stand within each other: a file is its own message's, and counted once. What stands
    // in the body is the sender's.
    const items = rules
      .allOf("attachment", element)
      .filter((item) => rules.around("message", item) === element && !rules.sent(item));
    if (items.length === 0) return undefined;
    const listed = items.map((item) => this.#file(item)).filter((file) => looksSealed(file, rules.provider.labels));
    const files = listed.filter((file) => file.url !== "").slice(0, MOST_ATTACHMENTS);
    const names = listed.map((file) => `${file.name} ${file.url}`).join("\n");
    if (this.#files.get(element) === names || names === "") return undefined;
    this.#files.set(element, names);
    for (const reader of [...this.#readers]) {
      if (reader.files.length > 0 && element.contains(reader.host)) {
        reader.restore();
        this.#forget(reader);
      }
    }
    this.context.quietly(() => this.#note(element, files.length === 0));
    if (files.length === 0) return undefined;
    const message = this.#message(element);
    const attachments = files.map(({ name, mediaType, size }) => ({ name, mediaType, size }));
    const place = rules.firstOf("messageBody", element) ?? element;
    return this.#place(message, { type: "attachments", attachments }, files, (host) => {
      place.after(host);
      return undefined;
    });
  }

  /** Sealed files that the page keeps to itself: the person can save them, and is told so. */
  #note(element: HTMLElement, isKept: boolean): void {
    this.#notes.get(element)?.remove();
    this.#notes.delete(element);
    for (const [gone, note] of this.#notes) if (!note.isConnected) this.#notes.delete(gone);
    if (!isKept) return;
    const { host, root } = makeHost(element.ownerDocument, "div", "note", { display: "block", margin: "4px 0" });
    root.append(this.context.text("keptFiles"));
    (this.context.rules.firstOf("messageBody", element) ?? element).after(host);
    this.#notes.set(element, host);
  }

  /** `download_url` says media type, name and address, with colons between; no address is empty. */
  #file(item: HTMLElement): PageFile {
    const { rules } = this.context;
    const holder = item.matches("[download_url]") ? item : (item.querySelector("[download_url]") ?? item);
    const told = holder.getAttribute("download_url") ?? "";
    const parts = /^([^:]*):([^:]*):(.+)$/s.exec(told);
    const link = rules.firstOf("attachmentLink", item);
    const url = parts?.[3] ?? link?.getAttribute("href") ?? "";
    const shown = rules.firstOf("attachmentName", item)?.textContent?.trim() ?? "";
    const name = shown !== "" ? shown : decoded(parts?.[2] ?? "");
    return { name, mediaType: parts?.[1] ?? "", size: null, url };
  }

  #message(inside: HTMLElement): Message {
    const { rules } = this.context;
    const around = rules.around("message", inside);
    rules.expect("message", around);
    const element = around ?? inside;
    const scope = around ?? inside.ownerDocument;
    // A page of no known structure is all body.
    const sender = rules.own("sender", scope) ?? (rules.id === "generic" ? rules.firstOf("sender", scope) : undefined);
    const address =
      sender === undefined
        ? ""
        : addressIn(rules.attribute("sender", sender)) || addressIn(sender.textContent ?? "");
    const name = sender === undefined ? "" : rules.attribute("personName", sender);
    const marked = rules.around("messageId", inside) ?? rules.firstOf("messageId", element);
    const id = marked === undefined ? "" : rules.attribute("messageId", marked).replace(/^#/, "");
    if (around !== undefined) {
      rules.expect("sender", address);
      rules.expect("messageId", id);
    }
    const key = this.#names.get(element) ?? crypto.randomUUID();
    if (around !== undefined) this.#names.set(element, key);
    return { element, sender: { name: name === address ? "" : name, address }, id, name: key };
  }

  #place(
    message: Message,
    source: Source | Clipped,
    files: PageFile[],
    put: (host: HTMLElement) => HTMLElement | undefined,
  ): Reader {
    const { host, root } = makeHost(message.element.ownerDocument, "div", "reader", {
      display: "block",
      "min-height": "48px",
      margin: "4px 0",
    });
    const original = this.context.quietly(() => put(host));
    const reader = new Reader(this.context, message, source, files, host, root, original, this.#answer);
    this.#readers.add(reader);
    return reader;
  }

  /** What was sealed apart is forwarded with the text: it is opened, wherever it stands. */
  readonly #answer = ({ message }: Reader, kind: AnswerKind, frame: string): void => {
    for (const piece of this.#readers) {
      if (piece.message.element !== message.element) continue;
      piece.answered = true;
      this.#open(piece.host);
    }
    this.answer(message.element, kind, frame);
  };

  /** One or two are opened at once. Of more, those that can be seen: where they are is known once
   * the browser has laid the page out, and asking for it now would make it do so twice. */
  #show(readers: Reader[]): void {
    for (const reader of readers) {
      this.#waiting.set(reader.host, reader);
      if (readers.length <= FEW) this.#open(reader.host);
      else this.#nearby.observe(reader.host);
    }
  }

  #open(host: Element): void {
    const reader = this.#waiting.get(host);
    if (reader === undefined) return;
    this.#waiting.delete(host);
    this.#nearby.unobserve(host);
    void reader.open();
  }

  #forget(reader: Reader): void {
    this.#readers.delete(reader);
    this.#waiting.delete(reader.host);
    this.#nearby.unobserve(reader.host);
    this.#seen.delete(reader.message.element);
    this.#files.delete(reader.message.element);
    reader.close();
  }
}

interface Clipped {
  type: "clipped";
  address: string;
  /** The armor as far as the page shows it. */
  start: string;
}

class Reader implements FrameOwner {
  #frame: PlacedFrame | undefined;
  #closed = false;
  /** Its message is answered in the page: the editor will ask for what this reader holds. */
  answered = false;

  constructor(
    private readonly context: Context,
    readonly message: Message,
    private readonly source: Source | Clipped,
    readonly files: PageFile[],
    readonly host: HTMLElement,
    private readonly root: ShadowRoot,
    /** What the page showed there: a wrapper of ours, or the whole body. */
    readonly original: HTMLElement | undefined,
    private readonly answer: (reader: Reader, kind: AnswerKind, frame: string) => void,
  ) {}

  get frame(): PlacedFrame {
    if (this.#frame === undefined) throw new Error("not open");
    return this.#frame;
  }

  get armored(): string | undefined {
    return this.source.type === "inline" ? this.source.armored : undefined;
  }

  async open(): Promise<void> {
    const { connection, frames } = this.context;
    try {
      const source = await this.#resolved();
      const { sender, id, name } = this.message;
      const answer = await connection.call(
        { type: "openReader", source, sender, messageId: id, message: name },
        "frame",
      );
      if (this.#closed || !this.host.isConnected) {
        connection.tell({ type: "closed", frame: answer.frame });
        return;
      }
      this.#frame = PlacedFrame.inside(
        answer.frame, "reader", this.host, this.root, answer.url,
        this.context.text("readerTitle"), () => this.context.wake(),
      );
      frames.set(answer.frame, this);
      if (this.original !== undefined) this.#toggle(this.original);
    } catch {
      // Nobody answers: the page is left as it was, with its armor.
      if (!this.#closed) this.restore();
    }
  }

  happened(event: ContentEvent): void {
    switch (event.type) {
      case "height":
        this.#frame?.height(event.pixels);
        break;
      case "fetch":
        void this.#fetch(event.attachment);
        break;
      case "answer":
        this.answer(this, event.kind, event.frame);
        break;
      case "close":
        this.restore();
        break;
    }
  }

  lost(): void {
    this.restore();
  }

  /** The page as it was. */
  restore(): void {
    this.context.quietly(() => {
      const { original } = this;
      original?.style.removeProperty("display");
      if (original?.dataset["letterlock"]) {
        const parent = original.parentNode;
        original.replaceWith(...original.childNodes);
        parent?.normalize();
      }
      this.host.remove();
    });
  }

  close(): void {
    this.#closed = true;
    if (this.#frame === undefined) return;
    const frame = this.#frame.id;
    this.context.frames.delete(frame);
    // A page may draw its messages anew to make place for the answer.
    setTimeout(() => {
      this.context.connection.tell({ type: "closed", frame });
    }, this.answered ? ANSWER_MS : 0);
  }

  async #resolved(): Promise<Source> {
    if (this.source.type !== "clipped") return this.source;
    const { address, start } = this.source;
    const page = await (await fetchFile(address)).text();
    // Parsed, never shown: scripts do not run and nothing is loaded in such a document.
    const parsed = new DOMParser().parseFromString(page, "text/html");
    const blocks = findBlocks(parsed.body, true).filter((found) => !found.cut);
    const found = [...blocks.map((block) => block.armored), blockInText(page) ?? ""];
    const armored = found.find((whole) => continues(start, whole));
    if (armored === undefined) throw new Error("no armor");
    return { type: "inline", armored };
  }

  async #fetch(attachment: number): Promise<void> {
    const { connection } = this.context;
    let file: number | null = null;
    try {
      const url = this.files[attachment]?.url;
      if (url !== undefined) file = await sendFile(connection, await fetchFile(url));
    } catch {
      file = null;
    }
    connection.tell({ type: "fetched", frame: this.frame.id, attachment, file });
  }

  /** The original can be looked at again. */
  #toggle(original: HTMLElement): void {
    const document = this.host.ownerDocument;
    const button = quietButton(document, this.context.text("showOriginal"), () => {
      const hidden = original.style.display === "none";
      style(original, { display: hidden ? "block" : "none" });
      button.textContent = this.context.text(hidden ? "showOpened" : "showOriginal");
      button.setAttribute("aria-expanded", String(hidden));
    });
    button.setAttribute("aria-expanded", "false");
    this.root.append(button);
  }
}

/** Takes the armor out of sight and puts the host in its place. */
function hide(block: Block, host: HTMLElement): HTMLElement {
  const wrapper = host.ownerDocument.createElement("div");
  wrapper.dataset["letterlock"] = "original";
  wrapper.append(block.range.extractContents());
  style(wrapper, { display: "none", "white-space": "pre-wrap" });
  block.range.insertNode(wrapper);
  wrapper.before(host);
  return wrapper;
}

function isEdited(element: HTMLElement): boolean {
  return element.ownerDocument.designMode === "on" || element.closest(WRITTEN) !== null;
}

/** By name and media type; what it really is, the background finds out. */
function looksSealed(file: PageFile, labels: Record<string, string[]>): boolean {
  const name = file.name.toLowerCase();
  const type = file.mediaType.toLowerCase();
  if (type === "application/pgp-signature") return false;
  if (type.startsWith("application/pgp-")) return true;
  if ((labels["sealedSuffix"] ?? []).some((suffix) => name.endsWith(suffix))) return true;
  const vague = type === "" || type === "application/octet-stream" || type === "text/plain";
  return vague && (labels["sealedName"] ?? []).includes(name);
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
