// Collects arguments into the program's request.

import * as glue from './glue.js';
import { init_ } from './load.js';
import type { Certificate } from './certificate.js';
import { listOf, seconds, type OneOrMore } from './types.js';

/** Certificates of those who may have signed, and the time at which to judge. */
export interface VerifyOptions {
  /** Certificates of possible signers. */
  from?: OneOrMore<Certificate>;
  /** The time at which to judge; now, if left out. */
  date?: Date;
}

/** @internal */
export async function verifying(options: VerifyOptions): Promise<glue.Request> {
  return begin(options.from, options.date);
}

/** @internal */
export async function begin(
  certificates: OneOrMore<Certificate> | undefined,
  date: Date | undefined,
): Promise<glue.Request> {
  await init_();
  return filled(new glue.Request(seconds(date)), (request) => {
    for (const certificate of listOf(certificates)) request.addCertificate(certificate.handle);
  });
}

/** @internal Adds to a request; frees it if that fails. */
export function filled(request: glue.Request, fill: (request: glue.Request) => void): glue.Request {
  try {
    fill(request);
    return request;
  } catch (error) {
    request.free();
    throw error;
  }
}

/** @internal Throws the signal's reason if it was given. */
export function stopIfAborted(signal: AbortSignal | undefined): void {
  signal?.throwIfAborted();
}
