// The entry point in Node, which does not fetch files.

import { readFile } from 'node:fs/promises';

import { setDefaultSource } from './load.js';

setDefaultSource(async () => {
  const bytes = await readFile(new URL('./glue_bg.wasm', import.meta.url));
  return bytes as Uint8Array<ArrayBuffer>;
});

export * from './index.js';
