// Bundles the product: dist/extension.js for the editor, dist/cli.js for the shell. `--watch` keeps building,
// `--cli FILE` builds the shell's bundle only, into FILE.
import { chmod, readFile, rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { build, context } from 'esbuild';

/** ssh2 works without its optional native addons, and one bundle must serve every platform. */
const withoutNativeAddons = {
  name: 'without-native-addons',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^cpu-features$|\.node$/ }, ({ path }) => ({ path, namespace: 'absent' }));
    onLoad({ filter: /.*/, namespace: 'absent' }, ({ path }) => ({
      contents: `throw new Error(${JSON.stringify(`${path} is not part of the bundle`)});`,
    }));
  },
};

const { version } = JSON.parse(await readFile('package.json', 'utf8'));

/** @type {import('esbuild').BuildOptions} */
export const shared = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minify: true,
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'linked',
  define: { MUSTER_VERSION: JSON.stringify(version) },
  plugins: [withoutNativeAddons],
  logLevel: 'warning',
};

/**
 * Without `vscode` as an external a stray import of it fails this build.
 * @type {import('esbuild').BuildOptions}
 */
const cliBundle = {
  ...shared,
  entryPoints: ['src/cli/main.ts'],
  outfile: 'dist/cli.js',
  banner: { js: '#!/usr/bin/env node' },
};

/** @type {import('esbuild').BuildOptions[]} */
const bundles = [
  { ...shared, entryPoints: ['src/extension.ts'], outfile: 'dist/extension.js', external: ['vscode'] },
  cliBundle,
];

if (process.argv[1] === import.meta.filename) await main();

async function main() {
  const { values } = parseArgs({ options: { watch: { type: 'boolean' }, cli: { type: 'string' } } });
  if (values.watch) return Promise.all(bundles.map(async (bundle) => (await context(bundle)).watch()));
  if (values.cli !== undefined) return build({ ...cliBundle, outfile: values.cli });
  await rm('dist', { recursive: true, force: true });
  await Promise.all(bundles.map((bundle) => build(bundle)));
  await chmod('dist/cli.js', 0o755);
}
