// The page's half of the client API: `window.mailvelope`, as webmails call it. Runs among the
// page's own scripts and is trusted no more than they are: it only passes calls on.

import type { ApiReturn, ErrorCode } from "../generated/protocol.js";
import { standsInItsOwnSite } from "../place.js";
import { HELLO, own, READY, type Fields, type Method } from "./wire.js";

/** The level of the client API that this speaks. */
const VERSION = "6.2.1";
const HEADER_LIMIT = 10_240;
const CONNECT_LIMIT_MS = 30_000;
/** How long the other half may take to say that it heard a call; it does so before anything else.
 * Firefox takes it away without a word when the extension is updated. */
const HEARD_LIMIT_MS = 10_000;
/** While a call waits, the other half is asked for a sign of life: it may go after it has heard it. */
const ALIVE_MS = 5_000;

class ApiError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string) {
    super(message === "" ? code : message);
    this.code = code;
  }
}

type Settle = { resolve(result: ApiReturn): void; reject(error: Error): void };
type Status = { error?: { code: ErrorCode; message: string } };

const waiting = new Map<number, Settle>();
/** Calls of which is not known whether they were heard. */
const unheard = new Map<number, number>();
const displays = new Map<string, (status: Status) => void>();
/** A display may be done before its container is known here. */
const early = new Map<string, Status>();
let number = 0;
let gone = false;
let connected: (port: MessagePort) => void;
let channel = new Promise<MessagePort>((resolve) => {
  connected = resolve;
});
let isConnected = false;

function hello(): void {
  if (isConnected || gone) return;
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = (event: MessageEvent<unknown>) => heard(port1, event.data);
  window.postMessage({ type: HELLO }, location.origin, [port2]);
}

function heard(port: MessagePort, data: unknown): void {
  switch (own(data, "event")) {
    case "ready":
      if (!isConnected) {
        isConnected = true;
        connected(port);
      }
      return;
    case "displayed":
      displayed(data);
      return;
    case "disconnect":
      disconnected();
      return;
  }
  const id = own(data, "id") ?? own(data, "heard");
  if (typeof id !== "number") return;
  clearTimeout(unheard.get(id));
  unheard.delete(id);
  if (!Object.hasOwn(data as object, "id")) return;
  const settle = waiting.get(id);
  waiting.delete(id);
  settle?.resolve(own(data, "result") as ApiReturn);
}

function displayed(data: unknown): void {
  const frame = String(own(data, "frame"));
  const code = own(data, "error") as ErrorCode | null;
  const status: Status = code === null ? {} : { error: { code, message: String(own(data, "message")) } };
  const tell = displays.get(frame);
  displays.delete(frame);
  if (tell !== undefined) tell(status);
  else early.set(frame, status);
}

function disconnected(): void {
  if (gone) return;
  gone = true;
  const message = "the extension has gone";
  for (const settle of waiting.values()) settle.reject(new ApiError("NO_CONNECTION", message));
  waiting.clear();
  for (const timer of unheard.values()) clearTimeout(timer);
  unheard.clear();
  for (const tell of displays.values()) tell({ error: { code: "NO_CONNECTION", message } });
  displays.clear();
  window.dispatchEvent(new CustomEvent("mailvelope-disconnect", { detail: { version: VERSION } }));
}

async function call<M extends Method>(method: M, fields: Fields<M>): Promise<ApiReturn> {
  if (gone) throw new ApiError("NO_CONNECTION", "the extension has gone");
  const port = await within(channel);
  number += 1;
  const id = number;
  const alive = setInterval(() => {
    number += 1;
    say(port, number, null);
  }, ALIVE_MS);
  const answer = new Promise<ApiReturn>((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    say(port, id, { method, fields });
  });
  const result = await answer.finally(() => clearInterval(alive));
  if (result.type === "error") throw new ApiError(result.code, result.message);
  return result;
}

function say(port: MessagePort, id: number, call: unknown): void {
  expectHeard(id, () => expectHeard(id, disconnected));
  port.postMessage({ id, call });
}

/** Asked twice: in a page that was busy all the while, the answer stands in line behind the timer. */
function expectHeard(id: number, otherwise: () => void): void {
  unheard.set(id, setTimeout(otherwise, HEARD_LIMIT_MS / 2));
}

function within<T>(promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new ApiError("NO_CONNECTION", "the extension does not answer")),
      CONNECT_LIMIT_MS,
    );
    promise.then((value) => {
      clearTimeout(timer);
      resolve(value);
    }, reject);
  });
}

function expected<T extends ApiReturn["type"]>(result: ApiReturn, type: T): Extract<ApiReturn, { type: T }> {
  if (result.type !== type) throw new ApiError("NO_CONNECTION", "an answer to something else");
  return result as Extract<ApiReturn, { type: T }>;
}

// --- what a page may pass ---

function mismatch(what: string): ApiError {
  return new ApiError("TYPE_MISMATCH", what);
}

function text(value: unknown, name: string): string {
  if (typeof value !== "string") throw mismatch(`${name} is not a string`);
  return value;
}

function optional<T>(value: unknown, type: "string" | "boolean" | "number", name: string): T | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== type) throw mismatch(`${name} is not a ${type}`);
  return value as T;
}

function kilobytes(value: number | null): number | null {
  return value === null ? null : Math.max(0, Math.floor(value));
}

function texts(value: unknown, name: string): string[] {
  if (!Array.isArray(value)) throw mismatch(`${name} is not an array`);
  return Array.from({ length: value.length }, (_, index) => text(own(value, String(index)), name));
}

function object(value: unknown, name: string): object {
  if (value === undefined || value === null) return Object.create(null) as object;
  if (typeof value !== "object" || Array.isArray(value)) throw mismatch(`${name} is not an object`);
  return value;
}

function keyringName(keyring: unknown): string {
  if (keyring === undefined || keyring === null) return "";
  if (!(keyring instanceof Keyring)) throw mismatch("keyring is not a keyring");
  return keyring.identifier;
}

// --- the objects of the client API ---

class Keyring {
  readonly identifier: string;
  readonly logoRev: number;

  constructor(identifier: string, logoRev: number) {
    this.identifier = identifier;
    this.logoRev = logoRev;
    Object.freeze(this);
  }

  async validKeyForAddress(recipients: unknown): Promise<object> {
    const addresses = texts(recipients, "recipients");
    const { keys } = expected(
      await call("validKeyForAddress", { keyring: this.identifier, addresses }),
      "keys",
    );
    const result = {};
    for (const address of addresses) {
      const found = Object.hasOwn(keys, address) ? (keys[address] ?? []) : [];
      const value =
        found.length === 0
          ? false
          : {
              keys: found.map((key) => ({
                fingerprint: key.fingerprint,
                lastModified: new Date(key.lastModified * 1000),
                source: key.source,
              })),
            };
      Object.defineProperty(result, address, { value, enumerable: true, configurable: true, writable: true });
    }
    return result;
  }

  async exportOwnPublicKey(emailAddr: unknown): Promise<string> {
    const address = text(emailAddr, "emailAddr");
    return expected(await call("exportOwnPublicKey", { keyring: this.identifier, address }), "text").text;
  }

  async importPublicKey(armoredKey: unknown): Promise<string> {
    const armored = text(armoredKey, "armored");
    return expected(await call("importPublicKey", { keyring: this.identifier, armored }), "imported").outcome;
  }

  async additionalHeadersForOutgoingEmail(headers: unknown): Promise<object> {
    const from = text(own(object(headers, "headers"), "from"), "from");
    const result = await call("additionalHeaders", { keyring: this.identifier, from });
    return result.type === "text" && result.text !== "" ? { autocrypt: result.text } : {};
  }

  async processAutocryptHeader(headers: unknown): Promise<void> {
    const given = object(headers, "headers");
    const autocrypt = text(own(given, "autocrypt"), "autocrypt");
    const from = text(own(given, "from"), "from");
    const when = own(given, "date");
    const stamp = when instanceof Date ? when.getTime() : Date.parse(text(when, "date"));
    if (autocrypt.length > HEADER_LIMIT || from.length > HEADER_LIMIT || Number.isNaN(stamp)) {
      throw new ApiError("INVALID_HEADER", "a header is too long or no date");
    }
    const date = Math.max(0, Math.floor(stamp / 1000));
    await call("processAutocrypt", { keyring: this.identifier, autocrypt, from, date });
  }

  /** Accepted for callers' sake: our frames show the person's own mark and no page's logo. */
  async setLogo(dataURL: unknown, revision: unknown): Promise<void> {
    const logo = text(dataURL, "dataURL");
    if (!logo.startsWith("data:image/png;base64,") || logo.length > 20 * 1024) {
      throw new ApiError("TYPE_MISMATCH", "not a small PNG");
    }
    if (typeof revision !== "number") throw mismatch("revision is not a number");
  }

  async createKeyGenContainer(selector: unknown, options: unknown): Promise<Generator> {
    const given = object(options, "options");
    const ids = own(given, "userIds");
    if (!Array.isArray(ids) || ids.length === 0) throw new ApiError("INPUT_NOT_VALID", "no user ids");
    const userIds = ids.map((id: unknown) => ({
      email: text(own(id, "email"), "email"),
      fullName: optional<string>(own(id, "fullName"), "string", "fullName") ?? "",
    }));
    const size = optional<number>(own(given, "keySize"), "number", "keySize");
    if (size !== null && size !== 2048 && size !== 4096) {
      throw new ApiError("INPUT_NOT_VALID", "this key size is not offered");
    }
    const made = await call("keyGen", { selector: text(selector, "selector"), keyring: this.identifier, userIds });
    return new Generator(expected(made, "container").frame);
  }

  async createKeyBackupContainer(selector: unknown, options?: unknown): Promise<Waiter> {
    object(options, "options");
    const made = await call("keyBackup", { selector: text(selector, "selector"), keyring: this.identifier });
    return new Waiter(expected(made, "container").frame);
  }

  async restoreBackupContainer(selector: unknown, options?: unknown): Promise<Waiter> {
    object(options, "options");
    const made = await call("restoreBackup", { selector: text(selector, "selector"), keyring: this.identifier });
    return new Waiter(expected(made, "container").frame);
  }

  async hasPrivateKey(query: unknown): Promise<boolean> {
    const told = typeof query === "string" ? { fingerprint: query } : object(query, "query");
    const fingerprint = optional<string>(own(told, "fingerprint"), "string", "fingerprint");
    const address = optional<string>(own(told, "email"), "string", "email");
    if (fingerprint !== null && address !== null) {
      throw new ApiError("INVALID_OPTIONS", "either a fingerprint or an address");
    }
    const clean = fingerprint === null ? null : fingerprint.replace(/\s/g, "").toUpperCase();
    const result = await call("hasPrivateKey", { keyring: this.identifier, fingerprint: clean, address });
    return expected(result, "boolean").value;
  }

  async openSettings(options?: unknown): Promise<void> {
    object(options, "options");
    await call("openSettings", {});
  }

  /** Keys are synchronised sealed, by the extension and the person's own server. */
  async addSyncHandler(): Promise<void> {
    throw new ApiError("FEATURE_DEPRECATED", "keys are not synchronised through web pages");
  }
}

class Editor {
  readonly editorId: string;

  constructor(frame: string) {
    this.editorId = frame;
    Object.freeze(this);
  }

  async encrypt(recipients: unknown): Promise<string> {
    const to = texts(recipients, "recipients");
    return expected(await call("encrypt", { frame: this.editorId, recipients: to }), "text").text;
  }

  async createDraft(): Promise<string> {
    return expected(await call("createDraft", { frame: this.editorId }), "text").text;
  }
}

class Generator {
  readonly generatorId: string;

  constructor(frame: string) {
    this.generatorId = frame;
    Object.freeze(this);
  }

  async generate(confirm?: unknown): Promise<string> {
    const promise = confirm === undefined ? undefined : Promise.resolve(confirm as Promise<unknown>);
    const frame = this.generatorId;
    const armored = expected(await call("generate", { frame }), "text").text;
    try {
      await promise;
    } catch (error) {
      await call("generateConfirmed", { frame, keep: false });
      throw error;
    }
    await call("generateConfirmed", { frame, keep: true });
    return armored;
  }
}

class Waiter {
  readonly popupId: string;

  constructor(frame: string) {
    this.popupId = frame;
    Object.freeze(this);
  }

  async isReady(): Promise<void> {
    await call("waitFor", { frame: this.popupId });
  }
}

class Mailvelope {
  async getVersion(): Promise<string> {
    return VERSION;
  }

  async getKeyring(identifier?: unknown): Promise<Keyring> {
    const keyring = optional<string>(identifier, "string", "identifier") ?? "";
    const found = expected(await call("getKeyring", { keyring }), "keyring");
    return new Keyring(found.keyring, found.logoRev);
  }

  async createKeyring(identifier: unknown): Promise<Keyring> {
    const keyring = text(identifier, "identifier");
    const made = expected(await call("createKeyring", { keyring }), "keyring");
    return new Keyring(made.keyring, made.logoRev);
  }

  async createDisplayContainer(
    selector: unknown,
    armored: unknown,
    keyring?: unknown,
    options?: unknown,
  ): Promise<Status> {
    const sender = optional<string>(own(object(options, "options"), "senderAddress"), "string", "senderAddress");
    const made = await call("display", {
      selector: text(selector, "selector"),
      keyring: keyringName(keyring),
      armored: text(armored, "armored"),
      sender: sender ?? "",
    });
    const { frame } = expected(made, "container");
    const before = early.get(frame);
    if (before !== undefined) {
      early.delete(frame);
      return before;
    }
    return new Promise((resolve) => displays.set(frame, resolve));
  }

  async createEditorContainer(selector: unknown, keyring?: unknown, options?: unknown): Promise<Editor> {
    const given = object(options, "options");
    const string = (name: string) => optional<string>(own(given, name), "string", name);
    const flag = (name: string) => optional<boolean>(own(given, name), "boolean", name);
    const made = await call("editor", {
      selector: text(selector, "selector"),
      keyring: keyringName(keyring),
      // Callers reckon it from their server's limits, and do not always round.
      quota: kilobytes(optional<number>(own(given, "quota"), "number", "quota")),
      signMsg: flag("signMsg"),
      armoredDraft: string("armoredDraft"),
      predefinedText: string("predefinedText"),
      quotedMail: string("quotedMail"),
      quotedMailIndent: flag("quotedMailIndent"),
      quotedMailHeader: string("quotedMailHeader"),
      keepAttachments: flag("keepAttachments"),
    });
    return new Editor(expected(made, "container").frame);
  }

  async createSettingsContainer(): Promise<never> {
    throw new ApiError("FEATURE_DEPRECATED", "settings are shown by the extension itself");
  }

  async createEncryptedFormContainer(): Promise<never> {
    throw new ApiError("FEATURE_DEPRECATED", "forms are not offered");
  }
}

for (const type of [Mailvelope, Keyring, Editor, Generator, Waiter]) {
  Object.freeze(type.prototype);
  Object.freeze(type);
}

function start(): void {
  // Another extension that offers the same stays in its place.
  if (Object.hasOwn(window, "mailvelope") || !standsInItsOwnSite()) return;
  window.addEventListener("message", (event: MessageEvent<unknown>) => {
    if (event.source === window && event.origin === location.origin && own(event.data, "type") === READY) hello();
  });
  hello();
  // Not frozen: callers write their own notes on it, such as the version they found.
  const api = new Mailvelope();
  Object.defineProperty(window, "mailvelope", { value: api, enumerable: true, configurable: true });
  const mark = () => {
    document.body.dataset["mailvelopeVersion"] = VERSION;
  };
  if (document.body === null) document.addEventListener("DOMContentLoaded", mark, { once: true });
  else mark();
  window.dispatchEvent(new CustomEvent("mailvelope", { detail: api }));
}

start();
