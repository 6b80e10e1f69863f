// Starts the webmail page of the extension: a line to the background in the worker's place, and the
// page's program. Everything else is Rust.
// The file names and integrity values are filled in by `cargo xtask extension`.

const here = (name) => new URL(`./${name}`, import.meta.url).href;
const APP = here("__APP_JS__");
const APP_WASM = here("__APP_WASM__");
const api = globalThis.browser ?? globalThis.chrome;

function fault(text, details) {
  const box = document.getElementById("boot-fault");
  if (!box) return;
  document.getElementById("boot-wait").hidden = true;
  if (text) document.getElementById("boot-fault-text").textContent = text;
  document.getElementById("boot-fault-details").textContent = String(details);
  box.hidden = false;
}

// Before the first paint, so that a chosen theme does not flash.
try {
  const theme = localStorage.getItem("letterlock.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is refused: the system's theme is used.
}

// What the background says before the page listens is kept for it.
const early = [];
let port = null;
const line = {
  isText: true,
  onmessage: (event) => early.push(event.data),
  onerror: null,
  onlost: null,
  postMessage: (message) => port.postMessage(message),
};

function connect() {
  let heard = false;
  const mine = api.runtime.connect({ name: "webmail" });
  port = mine;
  mine.onMessage.addListener((data) => {
    heard = true;
    line.onmessage({ data });
  });
  mine.onDisconnect.addListener(() => {
    void api.runtime.lastError;
    line.onlost?.();
    // The browser stopped the background, or the account has changed: it says that it is ready
    // again. One that says nothing at all will not talk to this page.
    if (!heard) return line.onerror?.({ message: "the background does not answer" });
    try {
      connect();
    } catch (error) {
      // The extension was updated.
      line.onerror?.({ message: String(error) });
    }
  });
}

async function start() {
  connect();
  // A browser stops a background that hears nothing for half a minute; mail would come late.
  setInterval(() => port.postMessage(""), 20_000);
  globalThis.letterlockWorker = line;
  globalThis.letterlockEarly = early;
  const [glue, wasm] = await Promise.all([import(APP), fetch(APP_WASM)]);
  await glue.default({ module_or_path: wasm });
}

start().catch((error) => fault("", error));
