// Runs a folder's modules in a real browser: serves them, opens a page, and waits until the page
// has sent back what they printed. No driver is needed for that.

import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';

const LIMIT = 120_000;
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};

/** The page, and the worker if there is one, run the modules one after the other. */
function page(imports, place, names, nonce) {
  return `<!doctype html><meta charset="utf-8"><title>examples</title>
<script type="importmap" nonce="${nonce}">${JSON.stringify({ imports })}</script>
<script type="module" src="/runner.js?place=${place}&names=${names.join()}"></script>`;
}

/** A worker knows no import map: its modules are served with the addresses written in. */
const RUNNER = `
const { searchParams } = new URL(import.meta.url);
const names = searchParams.get('names').split(',');
const send = (results) => fetch('/results', { method: 'POST', body: JSON.stringify(results) });
if (searchParams.get('place') === 'worker' && globalThis.document) {
  const worker = new Worker(import.meta.url, { type: 'module' });
  worker.onmessage = ({ data }) => send(data);
  worker.onerror = (event) => send({ failed: event.message });
} else {
  const results = {};
  const log = console.log;
  for (const name of names) {
    const printed = [];
    console.log = (...items) => printed.push(items.join(' '));
    try {
      await import(globalThis.document ? \`/\${name}.mjs\` : \`/mapped/\${name}.mjs\`);
      results[name] = { printed };
    } catch (error) {
      results[name] = { printed, error: String(error?.stack ?? error) };
    }
  }
  console.log = log;
  if (globalThis.document) await send(results);
  else postMessage(results);
}
`;

/** Serves, opens, waits; what is started here is ended here. */
export async function runInBrowser({ browser, binary, folder, imports, place, names }) {
  const nonce = Math.random().toString(36).slice(2);
  let finished;
  const results = new Promise((resolve) => (finished = resolve));
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    if (request.method === 'POST') {
      let body = '';
      for await (const piece of request) body += piece;
      response.end();
      return finished(JSON.parse(body));
    }
    try {
      response.setHeader('Content-Type', TYPES[extname(pathname)] ?? 'text/html; charset=utf-8');
      // What an extension's page has: WebAssembly, but no eval and nothing inline.
      response.setHeader(
        'Content-Security-Policy',
        `default-src 'none'; connect-src 'self'; worker-src 'self'; script-src 'self' 'wasm-unsafe-eval' 'nonce-${nonce}'`,
      );
      if (pathname === '/') response.end(page(imports, place, names, nonce));
      else if (pathname === '/runner.js') response.end(RUNNER);
      else if (pathname.startsWith('/mapped/')) {
        let code = await readFile(join(folder, normalize(pathname.slice('/mapped'.length))), 'utf8');
        for (const [name, target] of Object.entries(imports)) code = code.replaceAll(`'${name}'`, `'${target}'`);
        response.end(code);
      } else response.end(await readFile(join(folder, normalize(pathname))));
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const opened = await openBrowser(browser, binary, `http://127.0.0.1:${server.address().port}/`);
  let timer;
  try {
    return await Promise.race([
      results,
      opened.ended,
      new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`${browser} (${place}) did not answer`)), LIMIT);
      }),
    ]);
  } finally {
    clearTimeout(timer);
    await opened.close();
    server.closeAllConnections();
    server.close();
  }
}

const CHROMIUM = [
  '--headless=new',
  // Tests may run as root, where Chromium's sandbox refuses to.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const FIREFOX_PREFERENCES = {
  'app.update.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'toolkit.telemetry.enabled': false,
};

/** Starts a browser on an empty profile; \`ended\` rejects if it stops by itself. */
export async function openBrowser(browser, binary, address, extra = []) {
  const profile = await mkdtemp(join(tmpdir(), `letterlock-${browser}-`));
  let args = [...CHROMIUM, `--user-data-dir=${profile}`, ...extra, address];
  if (browser === 'firefox') {
    const preferences = Object.entries(FIREFOX_PREFERENCES)
      .map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`)
      .join('');
    await writeFile(join(profile, 'user.js'), preferences);
    args = ['--headless', '--no-remote', '--profile', profile, address];
  }
  const child = spawn(binary, args, { stdio: 'ignore' });
  const exited = new Promise((resolve) => child.on('exit', resolve));
  const ended = exited.then((code) => {
    throw new Error(`${browser} ended by itself (${code})`);
  });
  // Only of interest while somebody waits.
  ended.catch(() => undefined);
  return {
    ended,
    async close() {
      child.kill();
      await exited;
      await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    },
  };
}
