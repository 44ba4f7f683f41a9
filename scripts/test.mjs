// `npm test`: installs what the tests need, runs every suite and sums them up.
// `--only unit,e2e` runs some suites, `-t "name"` the tests whose names match in those suites that have tests, and
// `--vscode 1.100.3` one version of VS Code. `--all-versions` clicks through everything on every version, as releases
// want it. `--pictures` takes pictures of what is clicked through, in all themes, into `test-results/screenshots`.
// `--changed` runs lint, types and the tests that a change since `main` can reach.
// `--soak` runs proofs of full size instead, `--extra` those that need tools of other languages.
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { processesLeft } from './leftovers.mjs';
import { ensureNodeModules, ensurePrograms } from './prerequisites.mjs';
import { extraSuites, soakSuites, suites } from './suites.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    vscode: { type: 'string' },
    name: { type: 'string', short: 't' },
    soak: { type: 'boolean', default: false },
    extra: { type: 'boolean', default: false },
    pictures: { type: 'boolean', default: false },
    changed: { type: 'boolean', default: false },
    'all-versions': { type: 'boolean', default: false },
  },
});

// Everything that a suite starts inherits this folder, which makes what it leaves behind recognisable.
const scratch = await mkdtemp(join(tmpdir(), 'muster-'));
// Servers that run as another user find what lies in it, by name.
await chmod(scratch, 0o711);
process.env.TMPDIR = scratch;
process.on('SIGINT', () => process.exit(130));

await ensureNodeModules();
const { importTypeScript } = await import('./importTypeScript.mjs');
const { vscodeVersions } = await importTypeScript('test/harness/vscodeInstallation.ts');
const versions = values.vscode ? [values.vscode] : vscodeVersions;
if (values.pictures) process.env.MUSTER_PICTURES = 'yes';
const { name } = values;
const reached = values.changed ? await (await import('./reach.mjs')).reachedTests() : undefined;
const all = values.extra
  ? extraSuites({ name })
  : values.soak
    ? soakSuites(versions, { name })
    : suites(versions, { allJourneys: values['all-versions'], name, reached });
const asked = values.only ? all.filter(({ kind }) => values.only.split(',').includes(kind)) : all;
const selected = name === undefined ? asked : asked.filter(({ selectsTests }) => selectsTests);
if (selected.length === 0) {
  const kinds = [...new Set(all.map(({ kind }) => kind))].join(', ');
  const wanted = values.changed ? 'No such suite that the change reaches' : 'No such suite';
  const reason =
    asked.length > 0 ? `${values.only} has no tests to choose by name` : `${wanted}: ${values.only}`;
  console.error(`${reason}. There are: ${kinds}`);
  process.exit(1);
}
await ensurePrograms(selected.flatMap(({ programs }) => programs));

const results = [];
const start = performance.now();
const secondsSince = (time) => (performance.now() - time) / 1000;
for (const round of new Set(selected.map((suite) => suite.round)))
  await Promise.all(
    selected
      .filter((suite) => suite.round === round)
      .map((suite) => measure(suite.name, () => suite.run(suite.files))),
  );
if (results.every(({ passed, failed }) => passed + failed === 0))
  await measure('tests', () => Promise.reject(new Error(`No test is called “${name}”.`)));
await measure('cleanup', nothingLeft);
await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
report();

/** A suite that executed no test proves nothing, so it counts as failed, unless tests are chosen by name. */
async function measure(suite, run) {
  console.log(`\n── ${suite} ──`);
  const began = performance.now();
  const { passed, failures, tests, files } = await run().catch((error) => {
    console.error(error);
    return { passed: 0, failures: [String(error)], tests: [], files: [] };
  });
  const seconds = secondsSince(began);
  if (passed + failures.length === 0 && name === undefined) failures.push('no test was run');
  results.push({ name: suite, passed, failures, failed: failures.length, seconds, tests, files });
}

async function nothingLeft() {
  const left = await processesLeft(scratch);
  for (const { pid, commandLine } of left) {
    console.error(`left running: ${pid} ${commandLine}`);
    process.kill(pid, 'SIGKILL');
  }
  // Folders of caches and sockets that VS Code, Chromium and npm keep in the system's temporary folder are theirs.
  const files = (await readdir(scratch)).filter(
    (name) => !/^(vscode-|\.?org\.chromium|node-compile-cache|v8-)/i.test(name),
  );
  for (const file of files) console.error(`left behind: ${join(scratch, file)}`);
  const outcomes = { 'processes left running': left, 'files left behind': files };
  const failures = Object.keys(outcomes).filter((what) => outcomes[what].length > 0);
  return { passed: Object.keys(outcomes).length - failures.length, failures, tests: [], files: [] };
}

function report() {
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  const total = { name: 'total', passed: sum('passed'), failed: sum('failed'), seconds: secondsSince(start) };
  const width = Math.max(...results.map(({ name }) => name.length));
  console.log(`\n${'suite'.padEnd(width)}  passed  failed  seconds`);
  for (const { name, passed, failed, seconds } of [...results, total]) {
    const figures = [String(passed).padStart(6), String(failed).padStart(6), seconds.toFixed(1).padStart(7)];
    console.log(`${name.padEnd(width)}  ${figures.join('  ')}${failed ? '  ✗' : ''}`);
  }
  slowest('tests', ({ tests }) => tests);
  slowest('files', ({ files }) => files);
  // Last, where it is found: the suites' own reports lie far above.
  for (const { name, failures } of results)
    for (const failure of failures) console.log(`✗ ${name}: ${failure}`);
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  // What a suite that hangs still waits for is not waited for.
  process.exit(total.failed ? 1 : 0);
}

/** The 20 that took longest in the whole run. */
function slowest(what, of) {
  const all = results.flatMap((result) => of(result).map((one) => ({ ...one, suite: result.name })));
  if (all.length === 0) return;
  console.log(`\nslowest ${what}`);
  for (const one of all.toSorted((a, b) => b.seconds - a.seconds).slice(0, 20))
    console.log(`${one.seconds.toFixed(1).padStart(7)}  ${one.suite}: ${one.name}`);
}
