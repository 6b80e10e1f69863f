// The one port to the background. The background may be stopped at any second, and the port
// ends with it; an idle tab must not wake it again for nothing. So the port is opened anew when
// something is to be said, when the person turns to one of our frames, or when the background
// asks for it.

import {
  CONTENT_PORT,
  type ContentAnswer,
  type ContentEvent,
  type ContentRequest,
  type Failure,
  type Reply,
} from "./generated/protocol.js";

const ANSWER_LIMIT_MS = 120_000;
const GONE_MS = 1_000;
/** For what waits for the person. */
export const PATIENT_MS = 3_600_000;

const api = globalThis.browser ?? globalThis.chrome;

/** The background did not do what it was asked. */
export class Refused extends Error {
  constructor(readonly failure: Failure) {
    super(failure.kind);
  }
}

const broken = (detail: string): Refused => new Refused({ kind: "internal", detail });
const ENDED = "the port has ended";

/** The extension was updated or removed: this script is an orphan and must leave the page alone. */
export class Orphaned extends Error {}

type Welcome = Extract<ContentAnswer, { type: "welcome" }>;

interface Waiting {
  resolve(answer: ContentAnswer): void;
  reject(error: Error): void;
  timer: number;
}

export interface Peer {
  /** Said after every connection, the first and each after a restart of the background. */
  welcomed(welcome: Welcome, again: boolean): void;
  happened(event: ContentEvent): void;
  orphaned(): void;
}

export class Connection {
  #port: ExtensionPort | undefined;
  #ready: Promise<void> | undefined;
  #number = 0;
  #waiting = new Map<number, Waiting>();
  #connectedBefore = false;
  #orphaned = false;

  constructor(private readonly peer: Peer) {
    api?.runtime.onMessage.addListener(this.#asked);
  }

  /** Makes sure that the background is there and knows this page. */
  wake(): Promise<void> {
    if (this.#orphaned) return Promise.reject(new Orphaned());
    this.#ready ??= this.#connect();
    return this.#ready;
  }

  /** Asks, and waits for the answer. */
  async call<T extends ContentAnswer["type"]>(
    request: ContentRequest,
    expected: T,
    limit = ANSWER_LIMIT_MS,
  ): Promise<Extract<ContentAnswer, { type: T }>> {
    const ready = this.wake();
    // A script that knows where it is asks a woken background at once, behind its greeting.
    if (this.#connectedBefore) ready.catch(() => undefined);
    else await ready;
    const answer = await this.#send(request, limit);
    if (answer.type !== expected) {
      throw broken(`answered with ${answer.type}`);
    }
    return answer as Extract<ContentAnswer, { type: T }>;
  }

  /** Says something that needs no answer; a failure changes nothing here. */
  tell(request: ContentRequest): void {
    this.call(request, "done").catch(() => undefined);
  }

  end(): void {
    this.#orphaned = true;
    try {
      api?.runtime.onMessage.removeListener(this.#asked);
      this.#port?.disconnect();
    } catch {
      // An orphan's runtime throws at every touch.
    }
    this.#lost();
  }

  async #connect(): Promise<void> {
    let port: ExtensionPort;
    try {
      if (api?.runtime.id === undefined) throw new Orphaned();
      port = api.runtime.connect({ name: CONTENT_PORT });
    } catch {
      this.#orphaned = true;
      this.peer.orphaned();
      throw new Orphaned();
    }
    this.#port = port;
    port.onMessage.addListener((message) => {
      if (this.#port === port) this.#heard(message as Reply);
    });
    port.onDisconnect.addListener(() => {
      // Read, so that the browser does not report it as unhandled.
      void api?.runtime.lastError;
      if (this.#port !== port) return;
      this.#lost();
      // Updated or removed, which shows a moment later: the page is told before it asks again.
      setTimeout(() => {
        if (api?.runtime.id === undefined) this.wake().catch(() => undefined);
      }, GONE_MS);
    });
    const welcome = await this.#send({ type: "hello" });
    if (welcome.type !== "welcome") throw new Error("no welcome");
    const again = this.#connectedBefore;
    this.#connectedBefore = true;
    this.peer.welcomed(welcome, again);
  }

  #send(request: ContentRequest, limit = ANSWER_LIMIT_MS): Promise<ContentAnswer> {
    const port = this.#port;
    if (port === undefined) {
      const ended = broken(ENDED);
      return Promise.reject(this.#orphaned ? new Orphaned() : ended);
    }
    this.#number += 1;
    const id = this.#number;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(broken("no answer in time"));
      }, limit);
      this.#waiting.set(id, { resolve, reject, timer });
      try {
        port.postMessage({ id, request });
      } catch (error) {
        this.#settle(id)?.reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }

  #heard(reply: Reply): void {
    switch (reply.type) {
      case "answer":
        this.#settle(reply.id)?.resolve(reply.answer);
        break;
      case "failed":
        this.#settle(reply.id)?.reject(new Refused(reply.failure));
        break;
      case "event":
        this.peer.happened(reply.event);
        break;
    }
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    if (waiting !== undefined) {
      this.#waiting.delete(id);
      clearTimeout(waiting.timer);
    }
    return waiting;
  }

  #lost(): void {
    this.#port = undefined;
    this.#ready = undefined;
    for (const id of [...this.#waiting.keys()]) {
      this.#settle(id)?.reject(broken(ENDED));
    }
  }

  // The background has something to say and no port: it asks for one.
  #asked = (message: unknown, sender: { id?: string }): void => {
    if (sender.id !== api?.runtime.id) return;
    if (typeof message === "object" && message !== null && "type" in message) {
      if (message.type === "connect") this.wake().catch(() => undefined);
    }
  };
}
