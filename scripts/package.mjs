// Builds and packs the VSIX and tells its size. `--out FILE` instead of muster-VERSION.vsix.
import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { createVSIX } from '@vscode/vsce';
import { execute } from './prerequisites.mjs';

const { values } = parseArgs({ options: { out: { type: 'string' } } });
const { version } = JSON.parse(await readFile('package.json', 'utf8'));
const packagePath = values.out ?? `muster-${version}.vsix`;

const built = await execute(process.execPath, ['scripts/build.mjs']);
if (built !== 0) process.exit(built);
await mkdir(dirname(packagePath), { recursive: true });
// Everything is bundled, so no package of node_modules goes along.
await createVSIX({
  packagePath,
  dependencies: false,
  allowMissingRepository: true,
  rewriteRelativeLinks: false,
});
const { size } = await stat(packagePath);
console.log(`${packagePath}: ${(size / 1024).toFixed(0)} KiB`);
