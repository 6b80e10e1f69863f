// Loads the webmail's worker inside the extension: the same program as the background's.
// The file names are filled in by `cargo xtask extension`. The package is signed as a whole, so
// single files carry no integrity values.

const GLUE = new URL("./__CRYPTO_WORKER_JS__", import.meta.url).href;
const WASM = new URL("./__CRYPTO_WORKER_WASM__", import.meta.url).href;

// Requests that come before the Rust side listens are given to it afterwards.
const early = [];
const keep = (event) => early.push(event);
addEventListener("message", keep);

async function start() {
  const glue = await import(GLUE);
  await glue.default({ module_or_path: fetch(WASM) });
  removeEventListener("message", keep);
  for (const event of early) dispatchEvent(new MessageEvent("message", { data: event.data }));
}

// An error here reaches the page as the worker's `error` event.
start().catch((error) => {
  setTimeout(() => {
    throw error;
  });
});
