// ASCII armor.

import * as glue from './glue.js';
import { guarded } from './errors.js';
import { init_ } from './load.js';
import { asciiOf, bytesOf, type Data } from './types.js';

/** What stands behind `BEGIN PGP`. */
export type ArmorKind = 'message' | 'publicKey' | 'privateKey' | 'signature';

/** Wraps packets in armor; without a kind it is told from the packets. Throws an {@link ArmorError}. */
export async function armor(bytes: Uint8Array, kind?: ArmorKind): Promise<string> {
  await init_();
  return guarded(() => asciiOf(glue.armor(bytes, kind)));
}

/** Takes the armor off; binary is handed through. Throws an {@link ArmorError}. */
export async function dearmor(text: Data): Promise<Uint8Array<ArrayBuffer>> {
  await init_();
  return guarded(() => glue.dearmor(bytesOf(text)) as Uint8Array<ArrayBuffer>);
}
