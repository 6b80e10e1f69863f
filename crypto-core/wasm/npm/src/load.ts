// Finds and starts the program (WebAssembly), once.

import init, { initSync } from './glue.js';

/** Where the program comes from, if not from beside this module. */
export type WasmSource =
  | URL
  | string
  | Response
  | WebAssembly.Module
  | ArrayBuffer
  | ArrayBufferView<ArrayBuffer>;

/** How this environment gets at the program beside this module. */
let load = async (): Promise<WasmSource> => new URL('./glue_bg.wasm', import.meta.url);

let started: Promise<void> | undefined;

/** Replaces how the program is found: Node reads a file instead of fetching it. */
export function setDefaultSource(source: () => Promise<WasmSource>): void {
  load = source;
}

/**
 * Starts the program from a source of your own: a URL on another path, a `Response`, bytes, or a
 * compiled module that another thread sent. Not needed otherwise: the first call of any function
 * starts it.
 */
export function init_(source?: WasmSource): Promise<void> {
  started ??= start(source);
  return started;
}

async function start(source?: WasmSource): Promise<void> {
  try {
    await init({ module_or_path: source ?? (await load()) });
  } catch (error) {
    // A failed download may succeed the next time.
    started = undefined;
    throw error;
  }
}

/** Starts the program at once, from bytes or a compiled module: for code that cannot wait. */
export function initNow(source: WebAssembly.Module | ArrayBuffer | ArrayBufferView<ArrayBuffer>): void {
  initSync({ module: source });
  started = Promise.resolve();
}
