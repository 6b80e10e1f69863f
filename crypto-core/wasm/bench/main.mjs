// Serves the page that measures, opens it in a browser, and prints what it tells: one line of
// JSON a row, on standard output; progress on standard error.
//
// Arguments: the package's folder, that of the program for measuring, a node_modules with the peers, a browser's name and program,
// the largest size in bytes, milliseconds a case, and a filter.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

import { openBrowser } from '../npm/test/browser.mjs';

const [packageFolder, measured, modules, browser, binary, largest, patience, only] = process.argv.slice(2);
const here = fileURLToPath(new URL('.', import.meta.url));
/** Nothing tells for this long: something hangs. */
const SILENCE = 10 * 60_000;

const IMPORTS = {
  '@letterlock/openpgp': '/package/full/index.js',
  '#measured': '/measured/glue.js',
  'hash-wasm': '/modules/hash-wasm/dist/index.esm.min.js',
  'libsodium-wrappers': '/modules/libsodium-wrappers/dist/modules-esm/libsodium-wrappers.mjs',
  libsodium: '/modules/libsodium/dist/modules-esm/libsodium.mjs',
  openpgp: '/modules/openpgp/dist/openpgp.min.mjs',
};
const FOLDERS = { package: packageFolder, measured, modules, bench: here };
const TYPES = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm' };
const PAGE = `<!doctype html><meta charset="utf-8"><title>bench</title>
<script type="importmap">${JSON.stringify({ imports: IMPORTS })}</script>
<script type="module" src="/bench/page.mjs"></script>`;

let settle;
const finished = new Promise((resolve, reject) => (settle = { resolve, reject }));
let alarm;
const heard = () => {
  clearTimeout(alarm);
  alarm = setTimeout(() => settle.reject(new Error(`${browser} has been silent for too long`)), SILENCE);
};

function told({ row, rounds, error, finished }) {
  heard();
  if (error) settle.reject(new Error(error));
  else if (finished) settle.resolve();
  else {
    console.log(JSON.stringify({ ...row, browser }));
    const { op, mode, bytes, peer, ratio } = row;
    console.error(`  ${browser}: ${op} ${mode} ${bytes} B, ${peer}: ${ratio.toFixed(2)} (${rounds} rounds)`);
  }
}

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  // Isolated pages have the finer clock.
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
  response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
  if (request.method === 'POST') {
    let body = '';
    for await (const piece of request) body += piece;
    response.end();
    return told(JSON.parse(body));
  }
  try {
    response.setHeader('Content-Type', TYPES[extname(pathname)] ?? 'text/html; charset=utf-8');
    if (pathname === '/') return response.end(PAGE);
    const [, folder, ...rest] = normalize(pathname).split('/');
    response.end(await readFile(join(FOLDERS[folder], ...rest)));
  } catch {
    response.statusCode = 404;
    response.end();
  }
});

await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const query = new URLSearchParams({ largest, patience, ...(only ? { only } : {}) });
const opened = await openBrowser(browser, binary, `http://127.0.0.1:${server.address().port}/?${query}`);
heard();
try {
  await Promise.race([finished, opened.ended]);
} finally {
  clearTimeout(alarm);
  await opened.close();
  server.closeAllConnections();
  server.close();
}
