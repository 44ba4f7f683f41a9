// `npm run screenshots`: takes the pictures of the README and the walkthrough anew, so that they never go stale.
import { resolve } from 'node:path';
import { ensureNodeModules, ensurePrograms, execute, vscodePrograms } from './prerequisites.mjs';

await ensureNodeModules();
await ensurePrograms([...vscodePrograms, 'chromium']);
const vsix = resolve('test-results', 'muster.vsix');
if ((await execute(process.execPath, ['scripts/package.mjs', '--out', vsix])) !== 0) process.exit(1);
const { importTypeScript } = await import('./importTypeScript.mjs');
const { takeScreenshots } = await importTypeScript('test/screenshots/takeScreenshots.ts');
await takeScreenshots(vsix);
