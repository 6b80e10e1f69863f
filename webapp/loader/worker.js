// Loads the worker that holds keys, vault and network. Everything else is Rust.
// The file names and integrity values are filled in by `cargo xtask build`.

const here = (name) => new URL(`./${name}`, import.meta.url).href;
const GLUE = here("__CRYPTO_WORKER_JS__");
const WASM = here("__CRYPTO_WORKER_WASM__");

// Requests that come before the Rust side listens are given to it afterwards.
const early = [];
const keep = (event) => early.push(event);
addEventListener("message", keep);

async function start() {
  // import() takes no integrity: the file is checked first, and comes from the cache the second time.
  const [checked, wasm] = await Promise.all([
    fetch(GLUE, { integrity: "__CRYPTO_WORKER_JS_INTEGRITY__", credentials: "same-origin" }),
    fetch(WASM, { integrity: "__CRYPTO_WORKER_WASM_INTEGRITY__", credentials: "same-origin" }),
  ]);
  if (!checked.ok || !wasm.ok) throw new Error(`the worker's files: HTTP ${checked.status}, ${wasm.status}`);
  const glue = await import(GLUE);
  await glue.default({ module_or_path: wasm });
  removeEventListener("message", keep);
  for (const event of early) dispatchEvent(new MessageEvent("message", { data: event.data }));
}

// The passphrase meter weighs more than the rest and is wanted only while a passphrase is chosen.
let meter;

async function loadMeter() {
  const METER = here("__PASSPHRASE_METER_JS__");
  const [checked, wasm] = await Promise.all([
    fetch(METER, { integrity: "__PASSPHRASE_METER_JS_INTEGRITY__", credentials: "same-origin" }),
    fetch(here("__PASSPHRASE_METER_WASM__"), { integrity: "__PASSPHRASE_METER_WASM_INTEGRITY__", credentials: "same-origin" }),
  ]);
  if (!checked.ok || !wasm.ok) throw new Error(`the meter's files: HTTP ${checked.status}, ${wasm.status}`);
  const glue = await import(METER);
  await glue.default({ module_or_path: wasm });
  return glue;
}

globalThis.letterlockMeter = async (passphrase, known) => {
  meter ??= loadMeter();
  try {
    return (await meter).strength(passphrase, known);
  } catch (error) {
    // Offline, perhaps: the next question tries again.
    meter = undefined;
    throw error;
  }
};

// An error here reaches the page as the worker's `error` event.
start().catch((error) => {
  setTimeout(() => {
    throw error;
  });
});
