// Bundles the two scripts that run in other people's pages: `node build.mjs [FOLDER]`.
// Fails when one is larger than a page should have to read.

import { build } from "esbuild";
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const LARGEST = 40_000;
/** Names of ours alone, neither the browser's nor the protocol's: they may become short. */
const OWN_NAMES = new RegExp(`^(?:${[
  "again", "allOf", "allowed", "answered", "around", "arrivals", "attribute", "changed", "compose", "connection", "context",
  "element", "expect", "firstOf", "frames", "happened", "host", "labelled", "listen",
  "lost", "noticed", "original", "orphaned", "peer", "quietly", "report",
  "restore", "root", "rules", "sent", "stand", "tell", "tellRecipients", "wake", "welcomed",
].join("|")})$`);
const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.resolve(process.argv[2] ?? path.join(here, "dist"));

await mkdir(out, { recursive: true });
for (const [entry, name] of [
  ["src/main.ts", "content.js"],
  ["src/api/page.ts", "api-page.js"],
]) {
  const outfile = path.join(out, name);
  await build({
    absWorkingDir: here,
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: "iife",
    target: ["es2022"],
    charset: "ascii",
    // Read by every page: small. Whoever reviews it builds it from here, to the same bytes.
    minify: true,
    mangleProps: OWN_NAMES,
    legalComments: "none",
    logLevel: "warning",
  });
  const { length } = await readFile(outfile);
  if (length > LARGEST) {
    throw new Error(`${name} has ${length} bytes; at most ${LARGEST} are allowed`);
  }
}
