// Bundles the suites that run inside the editor's extension host into dist/test/editor, one file for each, and the
// extension that uses Muster's API beside them.
import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { shared } from './build.mjs';

const source = join('test', 'editor');
const suites = (await readdir(source)).filter((name) => name.endsWith('.test.ts'));

await build({
  ...shared,
  minify: false,
  entryPoints: ['run.ts', ...suites].map((name) => join(source, name)),
  outdir: join('dist', 'test', 'editor'),
  external: ['vscode', 'mocha'],
});

const second = join(source, 'probeExtension');
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
