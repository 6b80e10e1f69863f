// Judging signatures.

import * as glue from './glue.js';
import { results } from './certificate.js';
import { guarded, guardedAsync, type VerifyError } from './errors.js';
import { stopIfAborted, verifying, type VerifyOptions } from './request.js';
import { chunksOf, isStream, type ByteSource, type ProgressOptions } from './sources.js';
import {
  bytesOf,
  textOf,
  verifiedOf,
  type BatchResult,
  type Data,
  type Verified,
} from './types.js';

/** A signed text, read and judged. */
export interface VerifiedText extends Verified {
  /** Exactly what was signed: lines end with LF and without white space. */
  text: string;
}

/** A signed message, read and judged. */
export interface VerifiedMessage extends Verified {
  /** Exactly what was signed. */
  data: Uint8Array<ArrayBuffer>;
  /** The data as text; throws a `TypeError` if they are not UTF-8. */
  text(): string;
}

/**
 * Judges a signature that travels beside its data; at least one verdict. Data may come as a
 * stream of any size. Throws a {@link VerifyError} if it is no signature.
 */
export async function verifyDetached(
  data: Data | ByteSource,
  signature: Data,
  options: VerifyOptions & ProgressOptions = {},
): Promise<Verified> {
  // A stream is looked at, and then ended, where it is read.
  if (!isStream(data)) stopIfAborted(options.signal);
  const request = await verifying(options);
  if (!isStream(data)) {
    return guardedAsync(async () => {
      const told = await glue.verifyDetached(request, bytesOf(data), bytesOf(signature));
      stopIfAborted(options.signal);
      return verifiedOf(told);
    });
  }
  const verifier = guarded(() => glue.StreamVerifier.start(request, bytesOf(signature)));
  let finished = false;
  try {
    for await (const chunk of chunksOf(data, options)) verifier.push(chunk);
    finished = true;
    return verifiedOf(verifier.finish());
  } finally {
    if (!finished) verifier.free();
  }
}

/** Judges many detached signatures in one call; the results are in the same order. */
export async function verifyMany(
  pairs: readonly { data: Data; signature: Data }[],
  options: VerifyOptions = {},
): Promise<BatchResult<Verified, VerifyError>[]> {
  const request = await verifying(options);
  const raw = await glue.verifyMany(
    request,
    pairs.map((pair) => bytesOf(pair.data)),
    pairs.map((pair) => bytesOf(pair.signature)),
  );
  return results(raw, ({ told }) => verifiedOf(told));
}

/** Reads and judges a text with a cleartext signature. Throws a {@link VerifyError}. */
export async function verifyText(message: string, options: VerifyOptions = {}): Promise<VerifiedText> {
  const request = await verifying(options);
  return guardedAsync(async () => {
    const { text, told } = (await glue.verifyText(request, message)) as { text: string; told: unknown };
    return { text, ...verifiedOf(told) };
  });
}

/** Reads and judges a message that is signed but not encrypted. Throws a {@link VerifyError}. */
export async function verifyMessage(message: Data, options: VerifyOptions = {}): Promise<VerifiedMessage> {
  const request = await verifying(options);
  return guardedAsync(async () => {
    const content = await glue.verifyMessage(request, bytesOf(message));
    const data = content.data as Uint8Array<ArrayBuffer>;
    const verified = verifiedOf(content.told);
    content.free();
    return { data, text: () => textOf(data), ...verified };
  });
}
