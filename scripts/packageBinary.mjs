// `npm run package:binary`: `muster` as a file that runs where no Node.js is, with SHA256SUMS and the licences of what is in
// it. `--target linux-arm64` (or several, or `all`) instead of linux-x64, `--out FOLDER` instead of dist/binary.
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { inject } from 'postject';
import { buildBinaryBundles } from './build.mjs';
import { nodeExecutable, targetNames } from './nodeExecutables.mjs';
import { writeSums } from './sums.mjs';

const { values } = parseArgs({
  options: {
    target: { type: 'string', multiple: true, default: ['linux-x64'] },
    out: { type: 'string', default: 'dist/binary' },
  },
});
const wanted = values.target.includes('all') ? targetNames : values.target;
const unknown = wanted.filter((name) => !targetNames.includes(name));
if (unknown.length > 0)
  throw new Error(`No such target: ${unknown.join(', ')}. There are: ${targetNames.join(', ')}`);
if (process.platform !== 'linux' || process.arch !== 'x64')
  throw new Error(
    'Single executables are built on Linux on x64: its Node.js assembles what is put into all of them.',
  );

const run = promisify(execFile);
/** The bundles of the shell, by the names by which they require each other. */
const bundles = [
  ...['cli.main.js', 'cli.parts.js', 'cli.libraries.js', 'cli.lab.js', 'cli.chinese.js', 'cli.httpClient.js'],
];
/** What Node.js looks for in itself, as its documentation says. */
const sentinelFuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
/** V8 makes the same cache of the same code only without chance. Of its options it takes no other: it refuses the cache then. */
const withoutChance = '--random-seed=1';
const compile = (options) => `
  const { readFileSync, writeFileSync } = require('node:fs');
  const { Script } = require('node:vm');
  for (const filename of ${JSON.stringify(bundles)}) {
    const code = readFileSync(filename, 'utf8');
    ${options}
  }`;
const writeCaches = compile(
  "writeFileSync(filename + '.cache', new Script(code, { filename }).createCachedData());",
);
/** What is refused only makes the program slower, so nobody else would notice. */
const tryCaches = compile(`
    const cachedData = readFileSync(filename + '.cache');
    if (new Script(code, { filename, cachedData }).cachedDataRejected) throw new Error('V8 refuses its cache of ' + filename);`);

await rm(values.out, { recursive: true, force: true });
await mkdir(values.out, { recursive: true });
const folder = await mkdtemp(join(tmpdir(), 'muster-binary-'));
try {
  await buildBinaryBundles(folder);
  for (const name of bundles) await wrap(join(folder, name));
  const builder = resolve(await nodeExecutable('linux-x64'));
  for (const target of wanted) await assemble(target, builder);
  await copyFile(join(folder, 'THIRD-PARTY-NOTICES.txt'), join(values.out, 'THIRD-PARTY-NOTICES.txt'));
  await copyFile('LICENSE', join(values.out, 'LICENSE'));
  await copyFile(join(dirname(builder), 'LICENSE'), join(values.out, 'LICENSE-node.txt'));
  await writeSums(values.out);
} finally {
  await rm(folder, { recursive: true });
}

/** A bundle as a function of what modules are given. */
async function wrap(file) {
  const code = (await readFile(file, 'utf8')).replace(/^#!.*/, '');
  await writeFile(file, `(function (exports, require, module, __filename, __dirname) {${code}\n})`);
}

async function assemble(target, builder) {
  const node = await nodeExecutable(target);
  // A cache is good for the version and the processor that made it.
  if (target === 'linux-x64') {
    await run(builder, [withoutChance, '-e', writeCaches], { cwd: folder });
    await run(builder, ['-e', tryCaches], { cwd: folder });
  } else for (const name of bundles) await writeFile(join(folder, `${name}.cache`), '');
  const assets = bundles.flatMap((name) => [name, `${name}.cache`]);
  const config = {
    ...{ main: 'binary.js', output: 'blob', disableExperimentalSEAWarning: true },
    // Whoever sets NODE_OPTIONS for other programs, or can set it, changes nothing here.
    execArgvExtension: 'none',
    assets: Object.fromEntries(assets.map((name) => [name, name])),
  };
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  await run(builder, ['--experimental-sea-config', 'config.json'], { cwd: folder });
  const executable = join(values.out, `muster-${target}`);
  await copyFile(node, executable);
  await inject(executable, 'NODE_SEA_BLOB', await readFile(join(folder, 'blob')), { sentinelFuse });
  console.log(`${executable}: ${((await stat(executable)).size / 1024 ** 2).toFixed(1)} MiB`);
}
