// `npm run bench [-- --only http,ssh --rounds 3]`: Muster beside its peers, as ratios of interleaved runs.
import { ensureNodeModules, findProgram } from '../scripts/prerequisites.mjs';

await ensureNodeModules();
// Only now are their own packages there.
const { shared } = await import('../scripts/build.mjs');
const { importTypeScript } = await import('../scripts/importTypeScript.mjs');
const { bench } = await importTypeScript('bench/bench.ts');
await bench(process.argv.slice(2), { bundle: shared, findProgram });
