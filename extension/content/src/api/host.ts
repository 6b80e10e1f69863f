// The content script's half of the client API: takes calls over a channel that the page's half
// opened, hands them to the background, and places containers in the page's elements.
//
// Whoever runs in this page may call; the background confines the page to its own keyrings. What
// another window or frame says is not heard.

import { PATIENT_MS, Refused, type Connection } from "../connection.js";
import type { FrameOwner } from "../context.js";
import { PlacedFrame, style } from "../frames.js";
import type { ApiCall, ApiNotice, ApiReturn, ContentEvent, ErrorCode } from "../generated/protocol.js";
import { checked, HELLO, own, READY, type Checked } from "./wire.js";

const MOST_CHANNELS = 8;
/** Calls that a page may have waiting, and may make in a second. */
const MOST_WAITING = 64;
const MOST_A_SECOND = 50;

const PATIENT = new Set(["encrypt", "createDraft", "generate", "waitFor", "importPublicKey", "display"]);

export class ApiHost {
  #allowed = false;
  #ended = false;
  #held: MessagePort[] = [];
  readonly #channels = new Set<MessagePort>();
  readonly #containers = new Map<string, Container>();
  /** What happened to a container before the page was told that it exists. */
  #waiting = 0;
  #second = 0;
  #calls = 0;

  constructor(
    private readonly connection: Connection,
    private readonly frames: Map<string, FrameOwner>,
    private readonly text: (key: string) => string,
  ) {}

  /** Begins to hear the page's half; answers only once the site is known to be approved. */
  listen(): void {
    window.addEventListener("message", this.#heard);
  }

  allowed(allowed: boolean): void {
    const before = this.#allowed;
    this.#allowed = allowed;
    if (!allowed) {
      for (const port of this.#held) port.close();
      this.#held = [];
      if (before) this.#close();
      return;
    }
    if (before) return;
    for (const port of this.#held) this.#accept(port);
    this.#held = [];
    window.postMessage({ type: READY }, location.origin);
  }

  noticed(notice: ApiNotice): void {
    if (this.#containers.has(notice.frame)) this.#toPage({ event: "displayed", ...notice });
  }

  end(): void {
    this.#ended = true;
    window.removeEventListener("message", this.#heard);
    this.#close();
  }

  #close(): void {
    this.#toPage({ event: "disconnect" });
    for (const container of [...this.#containers.values()]) container.lost();
    for (const port of this.#channels) port.close();
    this.#channels.clear();
  }

  #heard = (event: MessageEvent<unknown>): void => {
    // This window's own code only: not a frame in it, not its opener, not another origin.
    if (event.source !== window || event.origin !== location.origin || this.#ended) return;
    if (own(event.data, "type") !== HELLO) return;
    const port = event.ports[0];
    if (port === undefined || event.ports.length !== 1) return;
    if (this.#channels.size + this.#held.length >= MOST_CHANNELS) {
      port.close();
    } else if (this.#allowed) {
      this.#accept(port);
    } else {
      this.#held.push(port);
    }
  };

  #accept(port: MessagePort): void {
    this.#channels.add(port);
    port.onmessage = (event) => void this.#asked(port, event.data);
    port.postMessage({ event: "ready" });
  }

  async #asked(port: MessagePort, data: unknown): Promise<void> {
    const id = own(data, "id");
    if (typeof id !== "number" || !Number.isSafeInteger(id)) return;
    port.postMessage({ heard: id });
    const call = checked(own(data, "call"));
    if (call === undefined) {
      port.postMessage({ id, result: failed("not a call of this interface", "TYPE_MISMATCH") });
      return;
    }
    if (!this.#mayCall()) {
      port.postMessage({ id, result: failed("too many calls") });
      return;
    }
    this.#waiting += 1;
    const result = await this.#do(call).catch((error: unknown) =>
      failed(error instanceof Refused ? error.failure.kind : "no connection"),
    );
    this.#waiting -= 1;
    if (this.#channels.has(port)) port.postMessage({ id, result });
  }

  #mayCall(): boolean {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#calls = 0;
    }
    this.#calls += 1;
    return this.#calls <= MOST_A_SECOND && this.#waiting < MOST_WAITING;
  }

  async #do(checkedCall: Checked): Promise<ApiReturn> {
    const { call, selector } = translated(checkedCall);
    if ("frame" in call && !this.#containers.has(call.frame)) {
      return failed("this container is gone");
    }
    // What this world sees of the person's clicks, the page cannot make up.
    if (call.method === "openSettings" && !navigator.userActivation.isActive) {
      return failed("only after a click");
    }
    let place: HTMLElement | undefined;
    if (selector !== undefined) {
      place = find(selector);
      if (place === undefined) return failed("no element for this selector", "TYPE_MISMATCH");
    }
    const limit = PATIENT.has(call.method) ? PATIENT_MS : undefined;
    const { result } = await this.connection.call({ type: "api", call }, "api", limit);
    if (result.type === "container") {
      if (place === undefined) return failed("a container without a place");
      await this.#place(place, result.frame, result.url);
    }
    return result;
  }

  async #place(place: HTMLElement, id: string, url: string): Promise<void> {
    const frame = PlacedFrame.within(id, place, url, this.text("containerTitle"), () => {
      this.connection.wake().catch(() => undefined);
    });
    const container = new Container(frame, (closed) => {
      this.#containers.delete(id);
      this.frames.delete(id);
      if (closed) this.connection.tell({ type: "closed", frame: id });
    });
    this.#containers.set(id, container);
    this.frames.set(id, container);
    await frame.loaded;
  }

  #toPage(message: unknown): void {
    for (const port of this.#channels) port.postMessage(message);
  }
}

/** A frame in an element of the page's choice. */
class Container implements FrameOwner {
  #observer: MutationObserver;
  #done = false;

  constructor(
    readonly frame: PlacedFrame,
    private readonly gone: (closed: boolean) => void,
  ) {
    this.#observer = new MutationObserver(() => {
      if (!this.frame.connected) this.#end(true);
    });
    this.#observer.observe(document.documentElement, { childList: true, subtree: true });
  }

  happened(event: ContentEvent): void {
    if (event.type === "height") {
      // The page's element decides; where it has no height of its own, the content does.
      style(this.frame.host, { "min-height": `${Math.min(Math.max(event.pixels, 48), 2000)}px` });
    } else if (event.type === "close") {
      this.#end(false);
    }
  }

  lost(): void {
    this.#end(true);
  }

  #end(tell: boolean): void {
    if (this.#done) return;
    this.#done = true;
    this.#observer.disconnect();
    this.frame.remove();
    this.gone(tell);
  }
}

function failed(message: string, code: ErrorCode = "NO_CONNECTION"): ApiReturn {
  return { type: "error", code, message };
}

function find(selector: string): HTMLElement | undefined {
  try {
    const element = document.querySelector(selector);
    return element instanceof HTMLElement ? element : undefined;
  } catch {
    return undefined;
  }
}

/** The background's words for a call, and where its container goes. */
function translated(checkedCall: Checked): { call: ApiCall; selector?: string } {
  const { method } = checkedCall;
  switch (method) {
    case "display": {
      const { selector, ...rest } = checkedCall.fields;
      return { call: { method, ...rest }, selector };
    }
    case "editor": {
      const { selector, keyring, signMsg, keepAttachments, ...rest } = checkedCall.fields;
      const options = { ...rest, signMsg: signMsg ?? false, keepAttachments: keepAttachments ?? false };
      return { call: { method, keyring, options }, selector };
    }
    case "keyGen":
    case "keyBackup":
    case "restoreBackup": {
      const { selector, ...rest } = checkedCall.fields;
      return { call: { method, ...rest } as ApiCall, selector };
    }
    case "generateConfirmed":
      return { call: { method, frame: checkedCall.fields.frame, keep: checkedCall.fields.keep ?? false } };
    case "processAutocrypt": {
      const { date, ...rest } = checkedCall.fields;
      return { call: { method, ...rest, date: date ?? 0 } };
    }
    case "openSettings":
      return { call: { method } };
    default:
      return { call: { method, ...checkedCall.fields } as ApiCall };
  }
}
