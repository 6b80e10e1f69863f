// Compose windows of the page: each gets a button, and on it our editor in place of the page's
// own box.

import { click, readCards } from "./cards.js";
import type { Context, FrameOwner } from "./context.js";
import { Arrivals } from "./files.js";
import { makeHost, markIcon, PlacedFrame, showFocus, style } from "./frames.js";
import type { AnswerKind, ContentEvent, Recipients } from "./generated/protocol.js";
import { insert, setBody, typedText } from "./insert.js";
import { account, recipients } from "./people.js";
import type { Rules } from "./rules.js";
import { until } from "./until.js";

/** A box lower than this is not for letters. */
const LOWEST_BOX_PX = 84;
const LOWEST_EDITOR_PX = 320;
/** How long the page may take to open its compose window. */
const OPENING_LIMIT_MS = 10_000;
/** How long the page may take to open a menu. */
const MENU_LIMIT_MS = 1_000;
const RECIPIENTS_PAUSE_MS = 150;

/** A compose window of the page. */
export class ComposeWindow {
  constructor(
    readonly rules: Rules,
    readonly root: HTMLElement,
    readonly body: HTMLElement,
  ) {}

  get subject(): HTMLInputElement | undefined {
    const field =
      this.rules.firstOf("subject", this.root) ??
      (this.rules.has("subjectAnywhere") ? this.rules.firstOf("subjectAnywhere", this.root.ownerDocument) : undefined);
    return field instanceof HTMLInputElement ? field : undefined;
  }

  recipients(): Recipients {
    return recipients(this.rules, this.root);
  }

  account(): string {
    return account(this.rules, this.root, this.root.ownerDocument);
  }

  /** Names the letter: what the page calls its draft, or the thread that is answered. */
  draftKey(): string {
    for (const element of this.rules.allOf("draftKey", this.root)) {
      const value = element instanceof HTMLInputElement ? element.value : this.rules.attribute("draftKey", element);
      if (value !== "" && value !== "undefined") return value.slice(0, 200);
    }
    return "";
  }
}

interface Quote {
  frame: string;
  known: Set<HTMLElement>;
  message: HTMLElement;
  timer: number;
}

export class Composing {
  readonly #windows = new Map<HTMLElement, Editor>();
  #quote: Quote | undefined;
  readonly arrivals = new Arrivals();

  constructor(private readonly context: Context) {}

  scan(root: Document | Element): void {
    const { rules } = this.context;
    for (const [body, editor] of [...this.#windows]) {
      if (!body.isConnected) {
        this.#windows.delete(body);
        editor.lost();
      } else {
        editor.stand();
      }
    }
    for (const window of this.#found(root)) {
      if (this.#windows.has(window.body)) continue;
      const editor = new Editor(this.context, window, this.arrivals);
      this.#windows.set(window.body, editor);
      editor.stand();
      rules.expect("subject", window.subject !== undefined || rules.is("inlineReply", window.root));
      const quote = this.#quote;
      if (quote !== undefined && !quote.known.has(window.body)) {
        this.#quoted();
        void editor.open(quote.frame);
      }
    }
  }

  /** Opens the page's own compose window for an answer; our editor follows when it is there. */
  answer(message: HTMLElement, kind: AnswerKind, frame: string): void {
    const { rules } = this.context;
    this.#quoted();
    const timer = setTimeout(() => {
      // The page may have had one open for this message already.
      const quote = this.#quote;
      this.#quote = undefined;
      const open = [...this.#windows].find(([body]) => quote?.message.contains(body));
      if (quote !== undefined) void (open?.[1])?.open(quote.frame);
    }, OPENING_LIMIT_MS / 4);
    this.#quote = { frame, known: new Set(this.#windows.keys()), message, timer };
    void this.#press(rules, message, kind);
  }

  end(): void {
    this.#quoted();
    for (const editor of this.#windows.values()) editor.end();
    this.#windows.clear();
  }

  /** After a new connection the background learns the recipients again. */
  again(): void {
    for (const editor of this.#windows.values()) editor.tellRecipients(true);
  }

  #quoted(): void {
    clearTimeout(this.#quote?.timer);
    this.#quote = undefined;
  }

  /** The page's own control, or the entry of its menu. */
  async #press(rules: Rules, message: HTMLElement, kind: AnswerKind): Promise<void> {
    const thread = rules.around("thread", message) ?? message;
    for (const scope of [message, thread]) {
      const control = rules.own(kind, scope) ?? rules.labelled(kind, scope);
      if (control !== undefined) {
        click(control);
        rules.expect(kind, true);
        return;
      }
    }
    const menu = rules.own("messageMenu", message) ?? rules.labelled("messageMenu", message);
    if (menu !== undefined) {
      click(menu);
      const document = message.ownerDocument;
      const entry = await until(document, () => rules.own(`${kind}Entry`, document), MENU_LIMIT_MS);
      if (entry !== undefined) {
        click(entry);
        return;
      }
    }
    rules.expect(kind, false);
  }

  #found(root: Document | Element): ComposeWindow[] {
    const { rules } = this.context;
    if (rules.has("composeWindow")) {
      const windows: ComposeWindow[] = [];
      for (const element of rules.allOf("composeWindow", root)) {
        const body = rules.firstOf("composeBody", element);
        rules.expect("composeBody", body);
        if (body !== undefined && !windows.some((window) => window.body === body)) {
          windows.push(new ComposeWindow(rules, element, body));
        }
      }
      return windows;
    }
    return rules
      .allOf("composeBody", root)
      .filter((body) => body.isConnected && body.getBoundingClientRect().height >= LOWEST_BOX_PX)
      .map((body) => {
        const around = rules.around("composeArea", body) ?? body.ownerDocument.body;
        return new ComposeWindow(rules, around, body);
      });
  }
}

/** The button of one compose window, and the editor when it is open. */
class Editor implements FrameOwner {
  #frame: PlacedFrame | undefined;
  #button: HTMLElement | undefined;
  #opening = false;
  #watch: MutationObserver | undefined;
  #lastRecipients = "";
  #hidden: HTMLElement | undefined;
  #pause = 0;

  constructor(
    private readonly context: Context,
    private readonly compose: ComposeWindow,
    private readonly arrivals: Arrivals,
  ) {}

  get frame(): PlacedFrame {
    if (this.#frame === undefined) throw new Error("not open");
    return this.#frame;
  }

  /** The page may have drawn its toolbar anew, or taken our frame away. */
  stand(): void {
    if (this.#button?.isConnected !== true) this.#placeButton();
    if (this.#frame !== undefined && !this.#frame.connected) this.lost();
  }

  async open(quote: string | null): Promise<void> {
    if (this.#opening || this.#frame !== undefined) {
      this.#frame?.focus();
      return;
    }
    this.#opening = true;
    const { compose, context } = this;
    const { connection } = context;
    try {
      await readCards(context.rules, compose.root);
      const typed = quote === null ? typedText(context.rules, compose.body) : "";
      const answer = await connection.call(
        {
          type: "openEditor",
          from: compose.account(),
          recipients: compose.recipients(),
          subject: compose.subject?.value ?? "",
          typed,
          draftKey: compose.draftKey(),
          quote,
          takesFiles: context.rules.has("fileInput") || context.rules.has("dropTarget"),
        },
        "frame",
      );
      this.#lastRecipients = this.#named();
      this.#place(answer.frame, answer.url);
      // Only now, when nothing can be lost any more. The page hears of it and saves an empty draft.
      if (typed !== "" || quote !== null) setBody(compose.body, "");
      this.#watchRecipients();
      this.#later();
    } catch {
      this.#say(context.text("failed"));
    } finally {
      this.#opening = false;
    }
  }

  happened(event: ContentEvent): void {
    switch (event.type) {
      case "height":
        this.#fit(event.pixels);
        break;
      case "insert":
        void this.#insert(event);
        break;
      case "close":
        this.#close();
        break;
    }
  }

  /** As high as the letter, but never higher than the box that the page has for it. */
  #fit(pixels: number): void {
    const frame = this.#frame;
    if (frame === undefined) return;
    const box = scrollingBox(frame.host, this.compose.root);
    const most = box?.clientHeight ?? Math.max(480, window.innerHeight * 0.7);
    frame.height(pixels, Math.min(LOWEST_EDITOR_PX, most), most);
  }

  lost(): void {
    const id = this.#frame?.id;
    this.#close();
    if (id !== undefined) this.context.connection.tell({ type: "closed", frame: id });
  }

  end(): void {
    this.lost();
    this.#button?.remove();
    this.#button = undefined;
  }

  tellRecipients(always: boolean): void {
    if (this.#frame === undefined) return;
    const now = this.#named();
    if (!always && now === this.#lastRecipients) return;
    this.#lastRecipients = now;
    const [recipients, draftKey] = JSON.parse(now) as [Recipients, string];
    this.context.connection.tell({ type: "recipients", frame: this.#frame.id, recipients, draftKey });
  }

  /** To whom the letter goes, and what the page calls it. */
  #named(): string {
    return JSON.stringify([this.compose.recipients(), this.compose.draftKey()]);
  }

  async #insert(event: Extract<ContentEvent, { type: "insert" }>): Promise<void> {
    const files = event.files.map((file) => this.arrivals.file(file));
    const failed = await insert(this.compose, event.body, event.subject, files).catch(() => ["body"]);
    await this.context.connection
      .call({ type: "inserted", frame: event.frame, failed }, "done")
      .catch(() => undefined);
    if (failed.length === 0) {
      const id = this.#frame?.id;
      this.#close();
      if (id !== undefined) this.context.connection.tell({ type: "closed", frame: id });
      this.compose.body.focus();
    } else {
      this.#say(this.context.text("couldNotInsert").replace("{roles}", failed.join(", ")));
    }
  }

  #place(id: string, url: string): void {
    const { context } = this;
    const body = this.compose.body;
    const { host, root } = makeHost(body.ownerDocument, "div", "editor", {
      display: "block",
      width: "100%",
    });
    context.quietly(() => {
      const shown = body.ownerDocument === document ? body : (body.ownerDocument.defaultView?.frameElement as HTMLElement);
      shown.before(host);
      // Nobody can type into the page's own box by mistake while ours is open.
      this.#hidden = shown;
      style(shown, { display: "none" });
    });
    this.#frame = PlacedFrame.inside(id, "editor", host, root, url, context.text("editorTitle"), () => {
      context.wake();
      if (context.rules.has("card")) this.#later();
    });
    this.#fit(LOWEST_EDITOR_PX);
    context.frames.set(id, this);
    this.#frame.focus();
  }

  #close(): void {
    this.#watch?.disconnect();
    this.#watch = undefined;
    const frame = this.#frame;
    this.#frame = undefined;
    if (frame !== undefined) this.context.frames.delete(frame.id);
    this.context.quietly(() => {
      frame?.remove();
      this.#hidden?.style.removeProperty("display");
    });
    this.#hidden = undefined;
  }

  #watchRecipients(): void {
    const observer = new MutationObserver(() => this.#later());
    observer.observe(this.compose.root, {
      childList: true,
      subtree: true,
      attributes: true,
      attributeFilter: ["data-hovercard-id", "email", "title", "value"],
    });
    this.#watch = observer;
    this.compose.root.addEventListener("change", () => this.#later(), { passive: true });
  }

  #later(): void {
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => {
      // Cards are not opened under the hands of somebody who types in the page's own fields.
      const { root } = this.compose;
      const active = root.ownerDocument.activeElement;
      const typing = root.contains(active) && active !== this.#frame?.host;
      const ready = typing ? Promise.resolve(false) : readCards(this.context.rules, root);
      void ready.then((more) => {
        this.tellRecipients(false);
        if (more) this.#later();
      });
    }, RECIPIENTS_PAUSE_MS);
  }

  #placeButton(): void {
    const { rules } = this.context;
    const toolbar = rules.firstOf("composeToolbar", this.compose.root);
    rules.expect("composeToolbar", toolbar);
    const document = this.compose.root.ownerDocument;
    const { host, root } = makeHost(document, "div", "button", {
      display: "inline-block",
      "vertical-align": "middle",
      padding: "0 8px",
    });
    const button = document.createElement("button");
    button.type = "button";
    const label = this.context.text("composeButton");
    button.title = label;
    button.setAttribute("aria-label", label);
    button.append(markIcon(document, 20), document.createTextNode(this.context.text("composeButtonShort")));
    style(button, {
      border: "0",
      cursor: "pointer",
      display: "inline-flex",
      "align-items": "center",
      gap: "6px",
      height: "34px",
      padding: "0 12px",
      "border-radius": "17px",
      font: "500 14px/1 system-ui, sans-serif",
      color: "#8f2a23",
      "background-color": "#f6efe6",
      "white-space": "nowrap",
    });
    showFocus(button);
    button.addEventListener("click", (event) => {
      // A page's own script cannot press this.
      if (event.isTrusted) void this.open(null);
    });
    // The page listens to keys and presses in its toolbar; ours are not for it.
    for (const type of ["keydown", "keyup", "mousedown", "pointerdown"]) {
      host.addEventListener(type, (event) => event.stopPropagation());
    }
    root.append(button);
    let cell = host;
    if (toolbar?.tagName === "TR") {
      cell = document.createElement("td");
      cell.append(host);
    }
    this.context.quietly(() => this.#attachButton(toolbar, cell));
    this.#button = cell;
  }

  #attachButton(toolbar: HTMLElement | undefined, host: HTMLElement): void {
    const { rules, body } = this.compose;
    if (toolbar === undefined) {
      const place = body.ownerDocument === document ? body : (body.ownerDocument.defaultView?.frameElement as HTMLElement);
      place.before(host);
      return;
    }
    const after = rules.firstOf("composeToolbarAfter", toolbar);
    // Never into a button of the page's: what is pressed there is pressed for the page, too.
    if (toolbar.closest("button,[role='button']") !== null) toolbar.before(host);
    else if (after !== undefined) after.after(host);
    else toolbar.append(host);
  }

  #say(text: string): void {
    const document = this.compose.root.ownerDocument;
    const { host, root } = makeHost(document, "div", "note", { display: "block" });
    const note = document.createElement("div");
    note.setAttribute("role", "alert");
    note.textContent = text;
    style(note, {
      font: "13px/1.5 system-ui, sans-serif",
      color: "#8A5A00",
      "background-color": "#fdf6e7",
      padding: "6px 10px",
      "border-radius": "8px",
    });
    root.append(note);
    const place = this.#frame?.host ?? this.compose.body;
    this.context.quietly(() => place.before(host));
    setTimeout(() => this.context.quietly(() => host.remove()), 12_000);
  }
}

/** The nearest element around that scrolls what it holds and has a height of its own. */
function scrollingBox(inside: HTMLElement, root: HTMLElement): HTMLElement | undefined {
  const view = inside.ownerDocument.defaultView;
  for (let at = inside.parentElement; at !== null && at !== root; at = at.parentElement) {
    const overflow = view?.getComputedStyle(at).overflowY ?? "";
    if ((overflow === "auto" || overflow === "scroll") && at.clientHeight >= LOWEST_BOX_PX * 2) return at;
  }
  return undefined;
}


