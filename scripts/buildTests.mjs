// Builds what runs inside the editor's extension host: the extension under test, the suites of the folders `editor`, one file for
// each, and the extension that uses Muster's API. `scripts/build.mjs` has been run before.
import { copyFile, cp, mkdir, readdir, rm } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { build } from 'esbuild';
import { editorBundles, shared } from './build.mjs';

const harness = 'test/harness/editor';

/**
 * What ships, but for the entry, through which suites see what a user sees. They lie in its folder, so that VS Code gives
 * them the same objects of its API.
 */
const underTest = join('dist', 'test', 'muster');
const unpacked = /^(package\.json|package\.nls.*\.json|l10n|media)$/;
const shippedEntry = /^extension.*\.js(\.map)?$/;
await rm(join('dist', 'test'), { recursive: true, force: true });
await mkdir(join(underTest, 'dist'), { recursive: true });
const built = (await readdir('dist')).filter(
  (name) => !['npm', 'test'].includes(name) && !shippedEntry.test(name),
);
const others = (await readdir('.')).filter((name) => unpacked.test(name));
for (const path of [...others, ...built.map((name) => join('dist', name))])
  await cp(path, join(underTest, path), { recursive: true });
await build({
  ...editorBundles,
  entryPoints: [{ in: `${harness}/extensionUnderTest.ts`, out: 'extension' }],
  outdir: join(underTest, 'dist'),
});

/** `features/logs/editor/logs.test.ts` becomes `features.logs.logs.test.js`: two features may have suites of one name. */
const suites = (await readdir('test', { recursive: true }))
  .map((path) => path.replaceAll(sep, '/'))
  .filter((path) => /\/editor\/[^/]+\.test\.ts$/.test(path))
  .map((path) => ({
    in: `test/${path}`,
    out: path.replace('/editor/', '/').replaceAll('/', '.').replace(/\.ts$/, ''),
  }));
await build({
  ...shared,
  minify: false,
  entryPoints: [{ in: `${harness}/run.ts`, out: 'run' }, ...suites],
  outdir: join(underTest, 'dist', 'test'),
  external: ['vscode', 'mocha'],
});

const second = `${harness}/probeExtension`;
// As VS Code calls the folder of an installed extension.
const installed = join('dist', 'test', 'muster-tests.probe-extension-0.0.1');
await build({
  ...shared,
  minify: false,
  entryPoints: [join(second, 'extension.ts')],
  outdir: installed,
  external: ['vscode'],
});
await copyFile(join(second, 'package.json'), join(installed, 'package.json'));
