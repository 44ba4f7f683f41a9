// Bundles the suites that run inside the editor's extension host into dist/test/editor, one file for each.
import { readdir } from 'node:fs/promises';
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
