// Uses the package as somebody would who knows only its README.
//
// Arguments: the package's folder, and a node_modules with TypeScript. The package is packed and
// installed into a fresh folder; then every example of the README that came with it runs in Node,
// in pages of Chromium and Firefox under a strict content security policy, in a module worker
// there, and through `tsc --strict`. What an example prints must be what its comments say.

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { runInBrowser } from './browser.mjs';
import { examples, judge } from './examples.mjs';

const run = promisify(execFile);
const [packageFolder, tools] = process.argv.slice(2);
const PACKAGE = '@letterlock/openpgp';

const folder = await mkdtemp(join(tmpdir(), 'letterlock-npm-'));
const failures = [];
try {
  await install();
  const readme = await readFile(join(folder, 'node_modules', PACKAGE, 'README.md'), 'utf8');
  const all = examples(readme);
  if (all.length < 10) throw new Error(`the README has ${all.length} examples only`);
  for (const one of all) await writeFile(join(folder, `${one.name}.mjs`), one.code);
  await Promise.all([inNode(all), types(all), beyond()]);
  for (const [browser, binary] of [
    ['chromium', process.env.LETTERLOCK_CHROMIUM],
    ['firefox', process.env.LETTERLOCK_FIREFOX],
  ]) {
    await inBrowser(browser, binary, all);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
if (failures.length > 0) {
  console.error(failures.join('\n\n'));
  process.exit(1);
}

/** Packs the package and installs what was packed, without asking any registry. */
async function install() {
  const npm = (args, cwd) => run('npm', [...args, '--loglevel', 'error'], { cwd });
  await npm(['pack', '--pack-destination', folder], packageFolder);
  const manifest = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8'));
  const tarball = `letterlock-openpgp-${manifest.version}.tgz`;
  await writeFile(join(folder, 'package.json'), '{ "name": "reader", "private": true, "type": "module" }');
  await npm(['install', '--offline', '--no-audit', '--no-fund', `./${tarball}`], folder);
}

async function inNode(all) {
  for (const one of all) {
    try {
      const { stdout } = await run('node', [`${one.name}.mjs`], { cwd: folder });
      failures.push(...judge('Node', one, stdout.split('\n').slice(0, -1)));
    } catch (error) {
      failures.push(`Node, ${one.name} (${one.title}): ${error.stderr || error}`);
    }
  }
}

/** What no reader wants to read about, but relies on. */
async function beyond() {
  await writeFile(join(folder, 'beyond.mjs'), await readFile(new URL('./beyond.mjs', import.meta.url)));
  try {
    await run('node', ['--test', 'beyond.mjs'], { cwd: folder });
  } catch (error) {
    failures.push(`beyond the README: ${error.stdout || error}`);
  }
}

/** The examples as TypeScript, with the settings of a careful and of a plain project. */
async function types(all) {
  const place = join(folder, 'types');
  await mkdir(place);
  await symlink(tools, join(place, 'node_modules'));
  await writeFile(join(place, 'package.json'), '{ "type": "module" }');
  await mkdir(join(place, 'src'));
  for (const one of all) await writeFile(join(place, 'src', `${one.name}.ts`), one.code);
  await writeFile(join(place, 'src', 'misuse.ts'), await readFile(new URL('./misuse.ts', import.meta.url)));
  for (const [name, module, resolution] of [
    ['bundler', 'esnext', 'bundler'],
    ['nodenext', 'nodenext', 'nodenext'],
  ]) {
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noEmit: true,
      target: 'es2022',
      lib: ['es2022', 'dom', 'dom.iterable'],
      module,
      moduleResolution: resolution,
      types: [],
      // Found as anybody's compiler finds it, and read to the last line.
      skipLibCheck: false,
    };
    const file = join(folder, `tsconfig.${name}.json`);
    await writeFile(file, JSON.stringify({ compilerOptions, include: ['types/src'] }));
    try {
      await run('node', [join(tools, 'typescript/bin/tsc'), '--project', file], { cwd: folder });
    } catch (error) {
      failures.push(`tsc --strict (${name}):\n${error.stdout || error}`);
    }
  }
}

async function inBrowser(browser, binary, all) {
  if (!binary) throw new Error(`where is ${browser}? (LETTERLOCK_${browser.toUpperCase()})`);
  const manifest = JSON.parse(await readFile(join(folder, 'node_modules', PACKAGE, 'package.json'), 'utf8'));
  const imports = Object.fromEntries(
    Object.entries(manifest.exports)
      .filter(([, target]) => target.default)
      .map(([name, target]) => [
        PACKAGE + name.slice(1),
        `/node_modules/${PACKAGE}/${target.default.slice(2)}`,
      ]),
  );
  for (const place of ['page', 'worker']) {
    const results = await runInBrowser({ browser, binary, folder, imports, place, names: all.map((one) => one.name) });
    for (const one of all) {
      const result = results[one.name];
      if (!result) failures.push(`${browser} (${place}): ${one.name} did not run`);
      else if (result.error) failures.push(`${browser} (${place}), ${one.name} (${one.title}): ${result.error}`);
      else failures.push(...judge(`${browser} (${place})`, one, result.printed));
    }
  }
}
