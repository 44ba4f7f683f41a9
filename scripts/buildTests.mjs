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

const second = 'probeExtension';
await build({
  ...shared,
  minify: false,
  entryPoints: [join(source, second, 'extension.ts')],
  outdir: join('dist', 'test', second),
  external: ['vscode'],
});
await copyFile(join(source, second, 'package.json'), join('dist', 'test', second, 'package.json'));
