// Starts a frame in somebody's page: the line to the background at once, the program beside it.
// Everything else is Rust.

import init from "./frames.js";
import { compile } from "./program.js";

const api = globalThis.browser ?? globalThis.chrome;
// It takes its time, whatever the frame is for.
const compiled = compile("./frames_bg.wasm");

const [token, theme] = location.hash.slice(1).split(";");
if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;

// The page may move the frame, which loads it anew: the token is used up then, the session is not.
let session = null;
try {
  session = sessionStorage.getItem(token);
} catch {
  // Storage is refused inside this page.
}

// The page around cannot change what the browser says of it. Firefox says nothing to frames
// without a referrer, and "null" stands for what is hidden.
const around = location.ancestorOrigins?.[0];
const parent = around === undefined || around === "null" ? null : around;

const start = { token, parent, early: [], asked: false, gone: false, taken: false, port: null };
globalThis.letterlockStart = start;
try {
  start.port = api.runtime.connect({ name: "frame" });
  start.port.onDisconnect.addListener(() => {
    start.gone = true;
  });
  start.port.onMessage.addListener((message) => {
    if (start.taken) return;
    start.early.push(message);
    // A reader's message is opened while the program is still compiled.
    const ready = message.id === 1 && message.type === "answer" ? message.answer : null;
    if (ready?.type === "ready" && ready.role.type === "reader" && ready.vault === "unlocked") {
      start.asked = true;
      start.port.postMessage({ id: 2, request: { type: "open", remote: false, password: null } });
    }
  });
  start.port.postMessage({ id: 1, request: { type: "hello", token: session ?? token, parent } });
} catch {
  // The extension was updated: the program says so.
  start.gone = true;
}

// The background tells everybody when the vault is opened or locked; a frame whose line was cut
// with a stopped background comes back then.
api.runtime?.onMessage?.addListener((_message, sender) => {
  if (sender.id === api.runtime.id && !sender.tab) dispatchEvent(new Event("letterlock-wake"));
});

await init({ module_or_path: await compiled });
