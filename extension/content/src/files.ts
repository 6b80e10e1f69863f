// Files on their way between page and background: ciphertext only, in parts.

import type { Connection } from "./connection.js";
import { PART_BYTES, type OutgoingFile, type Part } from "./generated/protocol.js";

const LARGEST = 64 * 1024 * 1024;

let lastNumber = 0;

/** Sends a file in parts; returns its number. */
export async function sendFile(connection: Connection, blob: Blob): Promise<number> {
  lastNumber += 1;
  const file = lastNumber;
  let at = 0;
  do {
    const piece = blob.slice(at, at + PART_BYTES);
    at += PART_BYTES;
    const part: Part = { file, data: await base64(piece), last: at >= blob.size };
    await connection.call({ type: "part", ...part }, "done");
  } while (at < blob.size);
  return file;
}

/** Fetches a file with the page's own session, from where the page itself has it. */
export async function fetchFile(address: string): Promise<Blob> {
  const url = new URL(address, location.href);
  if (url.origin !== location.origin || (url.protocol !== "https:" && url.protocol !== "http:")) {
    throw new Error("not this page's own address");
  }
  // In Firefox only the page's own fetch carries the page's session.
  const own = globalThis.content?.fetch ?? globalThis.fetch.bind(globalThis);
  const response = await own(url.href, { credentials: "include", redirect: "follow" });
  if (!response.ok) throw new Error(`status ${response.status}`);
  const blob = await response.blob();
  if (blob.size > LARGEST) throw new Error("too large");
  return blob;
}

/** Parts that come before they are asked for by number. */
export class Arrivals {
  readonly #parts = new Map<number, Uint8Array<ArrayBuffer>[]>();

  take(part: Part): void {
    const parts = this.#parts.get(part.file) ?? [];
    parts.push(bytes(part.data));
    this.#parts.set(part.file, parts);
  }

  file(outgoing: OutgoingFile): File {
    const parts = this.#parts.get(outgoing.file) ?? [];
    this.#parts.delete(outgoing.file);
    return new File(parts, outgoing.name, { type: outgoing.mediaType });
  }

  clear(): void {
    this.#parts.clear();
  }
}

function base64(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onerror = () => reject(reader.error ?? new Error("unreadable"));
    reader.onload = () => {
      const url = String(reader.result);
      resolve(url.slice(url.indexOf(",") + 1));
    };
    if (blob.size === 0) resolve("");
    else reader.readAsDataURL(blob);
  });
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const out = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at += 1) out[at] = binary.charCodeAt(at);
  return out;
}
