// Starts the background. Everything else is Rust.
// The browser stops the background when it is idle and starts it again for an event: listeners
// must be there on the first turn, and what they hear waits until the program is ready.

import init, { background, connected, disconnected, happened, message } from "./ext-background.js";

const api = globalThis.browser ?? globalThis.chrome;

// What we keep is none of a content script's business. Older browsers cannot be told.
for (const area of [api.storage?.local, api.storage?.session]) {
  try {
    area?.setAccessLevel?.({ accessLevel: "TRUSTED_CONTEXTS" })?.catch?.(() => {});
  } catch {
    // Then content scripts are kept out by what they are: ours, without a call of it.
  }
}

let waiting = [];
const hear = (handle) => (waiting ? waiting.push(handle) : handle());

let ports = 0;
api.runtime.onConnect.addListener((port) => {
  ports += 1;
  const id = ports;
  hear(() => connected(id, port));
  port.onMessage.addListener((heard) => hear(() => message(id, heard)));
  port.onDisconnect.addListener(() => {
    // Read, so that the browser does not report it as unhandled.
    void api.runtime.lastError;
    hear(() => disconnected(id));
  });
});
const on = (event, what) => event.addListener((detail) => hear(() => happened(what, detail ?? {})));
on(api.alarms.onAlarm, "alarm");
on(api.runtime.onInstalled, "installed");
on(api.runtime.onStartup, "startup");
on(api.permissions.onAdded, "permissionsAdded");
on(api.permissions.onRemoved, "permissionsRemoved");

start();

async function start() {
  await init({ module_or_path: fetch(new URL("./ext-background_bg.wasm", import.meta.url)) });
  await background();
  const heard = waiting;
  waiting = undefined;
  for (const handle of heard) handle();
}
