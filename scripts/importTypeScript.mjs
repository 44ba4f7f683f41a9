// Lets the scripts, which plain Node.js runs, share TypeScript modules with the tests.
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, stop } from 'esbuild';

/** Bundles one module of this repository, leaves packages where they are, and imports it. One call at a time. */
export async function importTypeScript(file, options = {}) {
  const outfile = resolve(join('dist', 'scripts', `${basename(file, '.ts')}.mjs`));
  await build({
    entryPoints: [file],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'warning',
    ...options,
  });
  // Its service would run until this process ends.
  await stop();
  return import(pathToFileURL(outfile).href);
}
