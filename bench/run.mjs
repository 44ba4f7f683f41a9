// `npm run bench [-- --only http,ssh --rounds 3]`: Muster beside its peers, as ratios of interleaved runs.
import { shared } from '../scripts/build.mjs';
import { importTypeScript } from '../scripts/importTypeScript.mjs';

const { bench } = await importTypeScript('bench/bench.ts');
await bench(process.argv.slice(2), shared);
