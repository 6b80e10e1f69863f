// Encrypting and decrypting whole messages.

import * as glue from './glue.js';
import { results, type Certificate } from './certificate.js';
import { guardedAsync, type DecryptError } from './errors.js';
import type { PrivateKey } from './key.js';
import { begin, filled, stopIfAborted, type VerifyOptions } from './request.js';
import {
  asciiOf,
  bytesOf,
  listOf,
  openedInfoOf,
  textOf,
  type BatchResult,
  type Data,
  type Limits,
  type OneOrMore,
  type OpenedInfo,
} from './types.js';

/** To whom, by whom, and how. */
export interface EncryptOptions {
  /** Everybody who shall read it; put your own certificate among them. */
  to?: OneOrMore<Certificate>;
  /** Passwords that shall open it as well. */
  passwords?: OneOrMore<string>;
  /** Who signs it. */
  signer?: PrivateKey;
  /** The time of the signature; now, if left out. */
  date?: Date;
  /** Armor (the default) or binary. */
  armor?: boolean;
  /** Checked before the work begins and before its result is handed out. */
  signal?: AbortSignal;
}

/** With what to open a message, and by what to judge it. */
export interface DecryptOptions extends VerifyOptions {
  /** Private keys, unlocked. */
  keys?: OneOrMore<PrivateKey>;
  /** Passwords. */
  passwords?: OneOrMore<string>;
  /** How much work the message may ask for. */
  limits?: Limits;
  /** Checked before the work begins and before its result is handed out. */
  signal?: AbortSignal;
}

/** An opened message. */
export interface Opened extends OpenedInfo {
  /** The content: exactly what the verdicts are about. */
  data: Uint8Array<ArrayBuffer>;
  /** The content as text; throws a `TypeError` if it is not UTF-8. */
  text(): string;
}

/** @internal */
export async function encrypting(options: EncryptOptions): Promise<glue.Request> {
  stopIfAborted(options.signal);
  return filled(await begin(options.to, options.date), (request) => {
    for (const password of listOf(options.passwords)) request.addPassword(password);
    if (options.signer) request.setSigner(options.signer.handle);
    request.setArmor(options.armor ?? true);
  });
}

/** @internal */
export async function decrypting(options: DecryptOptions, streaming = false): Promise<glue.Request> {
  stopIfAborted(options.signal);
  return filled(await begin(options.from, options.date), (request) => {
    for (const key of listOf(options.keys)) request.addKey(key.handle);
    for (const password of listOf(options.passwords)) request.addPassword(password);
    if (streaming) request.setStreaming();
    for (const [name, value] of Object.entries(options.limits ?? {})) {
      if (value !== undefined) setLimit(request, name, value);
    }
  });
}

/** The program would take what is no number for 0, and infinity for no limit. */
function setLimit(request: glue.Request, name: string, value: unknown): void {
  if (typeof value !== 'number') throw new TypeError(`the limit ${name} is not a number`);
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`the limit ${name} is not a whole number from 0`);
  }
  if (!request.setLimit(name, value)) throw new TypeError(`there is no limit of the name ${name}`);
}

/**
 * Signs and encrypts: with AEAD (SEIPDv2) where every recipient can read it, else SEIPDv1.
 * Armored text comes back, or bytes with `armor: false`. Throws an {@link EncryptError}; its
 * `details` name every recipient that cannot be encrypted to.
 */
export function encrypt(data: Data, options: EncryptOptions & { armor: false }): Promise<Uint8Array<ArrayBuffer>>;
export function encrypt(data: Data, options: EncryptOptions & { armor?: true }): Promise<string>;
export function encrypt(data: Data, options: EncryptOptions): Promise<string | Uint8Array<ArrayBuffer>>;
export async function encrypt(
  data: Data,
  options: EncryptOptions,
): Promise<string | Uint8Array<ArrayBuffer>> {
  const request = await encrypting(options);
  return guardedAsync(async () => {
    const message = (await glue.encrypt(request, bytesOf(data))) as Uint8Array<ArrayBuffer>;
    stopIfAborted(options.signal);
    return options.armor ?? true ? asciiOf(message) : message;
  });
}

/**
 * Opens a message, armored or binary, and judges its signatures. Nothing of it is released unless
 * it is whole. Throws a {@link DecryptError}.
 */
export async function decrypt(message: Data, options: DecryptOptions): Promise<Opened> {
  const request = await decrypting(options);
  return guardedAsync(async () => {
    const content = await glue.decrypt(request, bytesOf(message));
    const opened = openedOf(content);
    content.free();
    stopIfAborted(options.signal);
    return opened;
  });
}

/** Opens many messages in one call; the results are in the same order. */
export async function decryptMany(
  messages: readonly Data[],
  options: DecryptOptions,
): Promise<BatchResult<Opened, DecryptError>[]> {
  const request = await decrypting(options);
  const raw = await glue.decryptMany(request, messages.map(bytesOf));
  stopIfAborted(options.signal);
  return results(raw, ({ data, told }) => openedOf({ data: data as Uint8Array, told }));
}

function openedOf(content: { data: Uint8Array; told: unknown }): Opened {
  const data = content.data as Uint8Array<ArrayBuffer>;
  return { data, text: () => textOf(data), ...openedInfoOf(content.told) };
}
