// Puts the scripts that start a program into one file with the glue of that program: a file less to
// ask for each time a frame is made or the background wakes.
// `node loaders.mjs FROM TO NAME...`, with what the scripts import beside them in FROM.

import { build } from "esbuild";
import path from "node:path";
import process from "node:process";

const [from, to, ...names] = process.argv.slice(2);

await build({
  absWorkingDir: path.resolve(from),
  entryPoints: names,
  outdir: path.resolve(to),
  bundle: true,
  format: "esm",
  target: ["es2022"],
  charset: "ascii",
  // As the content scripts: whoever reviews it builds it from here, to the same bytes.
  minify: true,
  legalComments: "none",
  logLevel: "warning",
});
