// Signing.

import * as glue from './glue.js';
import { guarded, guardedAsync } from './errors.js';
import type { PrivateKey } from './key.js';
import { begin, filled, stopIfAborted } from './request.js';
import { chunksOf, isStream, type ByteSource, type ProgressOptions } from './sources.js';
import { asciiOf, bytesOf, seconds, type Data } from './types.js';

/** Who signs, and when. */
export interface SignOptions {
  /** Who signs, unlocked. */
  signer: PrivateKey;
  /** The time of the signature; now, if left out. */
  date?: Date;
}

/** Armor or binary. */
export interface ArmorOption {
  /** Armor (the default) or binary. */
  armor?: boolean;
}

async function signing(options: SignOptions & ArmorOption): Promise<glue.Request> {
  return filled(await begin(undefined, options.date), (request) => {
    request.setSigner(options.signer.handle);
    request.setArmor(options.armor ?? true);
  });
}

function written(bytes: Uint8Array, options: ArmorOption): string | Uint8Array<ArrayBuffer> {
  return options.armor ?? true ? asciiOf(bytes) : (bytes as Uint8Array<ArrayBuffer>);
}

/**
 * Signs data; the signature alone comes back, to travel beside them. Data may come as a stream of
 * any size. Throws a {@link SignError}.
 */
export function signDetached(
  data: Data | ByteSource,
  options: SignOptions & ProgressOptions & { armor: false },
): Promise<Uint8Array<ArrayBuffer>>;
export function signDetached(
  data: Data | ByteSource,
  options: SignOptions & ProgressOptions & { armor?: true },
): Promise<string>;
export async function signDetached(
  data: Data | ByteSource,
  options: SignOptions & ArmorOption & ProgressOptions,
): Promise<string | Uint8Array<ArrayBuffer>> {
  // A stream is looked at, and then ended, where it is read.
  if (!isStream(data)) stopIfAborted(options.signal);
  const request = await signing(options);
  if (!isStream(data)) {
    return guardedAsync(async () => {
      const signature = await glue.signDetached(request, bytesOf(data));
      stopIfAborted(options.signal);
      return written(signature, options);
    });
  }
  request.free();
  const signer = guarded(() =>
    glue.StreamSigner.start(options.signer.handle, seconds(options.date), options.armor ?? true),
  );
  let finished = false;
  try {
    for await (const chunk of chunksOf(data, options)) signer.push(chunk);
    finished = true;
    return guarded(() => written(signer.finish(), options));
  } finally {
    if (!finished) signer.free();
  }
}

/** Signs data; a message that holds both comes back. Throws a {@link SignError}. */
export function signMessage(data: Data, options: SignOptions & { armor: false }): Promise<Uint8Array<ArrayBuffer>>;
export function signMessage(data: Data, options: SignOptions & { armor?: true }): Promise<string>;
export async function signMessage(
  data: Data,
  options: SignOptions & ArmorOption,
): Promise<string | Uint8Array<ArrayBuffer>> {
  const request = await signing(options);
  return guardedAsync(async () => written(await glue.signMessage(request, bytesOf(data)), options));
}

/**
 * Signs text so that it can be read without any software (cleartext signature). White space at
 * the ends of lines is not signed. Throws a {@link SignError}.
 */
export async function signText(text: string, options: SignOptions): Promise<string> {
  const request = await signing(options);
  return guardedAsync(() => glue.signText(request, text));
}
