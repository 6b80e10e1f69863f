// Starts the worker and the page at the same time. Everything else is Rust.
// The file names and integrity values are filled in by `cargo xtask build`.

const here = (name) => new URL(`./${name}`, import.meta.url).href;
const WORKER = here("__WORKER_JS__");
const APP = here("__APP_JS__");
const APP_WASM = here("__APP_WASM__");

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

async function start() {
  if (typeof WebAssembly !== "object" || typeof Worker !== "function") {
    fault("This browser cannot run WebAssembly, which opens and seals your mail here. Use a current Firefox, Chrome, Edge or Safari, or switch WebAssembly on.", "no WebAssembly or no Worker");
    return;
  }
  // The one script address the policy lets through is the worker's own.
  const policy = globalThis.trustedTypes?.createPolicy("letterlock", {
    createScriptURL: (url) => {
      if (url === WORKER) return url;
      throw new TypeError("not a script of Letterlock");
    },
  });
  const worker = new Worker(policy ? policy.createScriptURL(WORKER) : WORKER, { type: "module", name: "letterlock" });
  // What the worker says before the page listens is kept for it.
  const early = [];
  worker.onmessage = (event) => early.push(event.data);
  // One that dies before the page listens is remembered for it.
  worker.onerror = (event) => {
    globalThis.letterlockFault = event.message || "the worker did not load";
    fault("", globalThis.letterlockFault);
  };
  globalThis.letterlockWorker = worker;
  globalThis.letterlockEarly = early;

  // import() takes no integrity, and a preload that failed its own is simply fetched again: so
  // the glue is checked here as well, from the cache the second time.
  const [checked, wasm] = await Promise.all([
    fetch(APP, { integrity: "__APP_JS_INTEGRITY__", credentials: "same-origin" }),
    fetch(APP_WASM, { integrity: "__APP_WASM_INTEGRITY__", credentials: "same-origin" }),
  ]);
  if (!checked.ok || !wasm.ok) throw new Error(`the page's files: HTTP ${checked.status}, ${wasm.status}`);
  const glue = await import(APP);
  await glue.default({ module_or_path: wasm });
}

start().catch((error) => fault("", error));
