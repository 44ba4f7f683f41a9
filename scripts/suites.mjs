// The suites of `npm test`, `npm run test:soak` and `npm run test:extra`. Each resolves with how its tests ended.
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { execute, vscodePrograms } from './prerequisites.mjs';

const reports = 'test-results';
const servers = [
  'sshd',
  'ssh',
  'etcd',
  'etcdctl',
  'busybox',
  'dnsmasq',
  'ping',
  'python3',
  'zsh',
  'fish',
  'mandoc',
  'sudo',
  'doas',
  'unshare',
  'dropbear',
  'redis-server',
  'nginx',
];
/** What single executables of other platforms are made, read and run with. */
const emulated = ['eu-strip', 'pip', 'unzip', 'readelf', 'qemu-aarch64-static', 'aarch64-linux-gnu-g++'];
const editor = [...vscodePrograms, 'chromium'];

/** Seconds after which a suite is stopped: some three times what the longest takes, so that one that hangs is named. */
const limit = 20 * 60;
/** Seconds for `test:soak`, whose tests take minutes each. */
const soakLimit = 3 * 60 * 60;
/** Seconds for what a suite shuts down after its last test. */
const shutdown = 60;

/** Runs a program of the suites, which is ended when it has taken too long. */
const executeWithin = (seconds, file, args, options = {}) =>
  execute(file, args, { ...options, timeout: seconds * 1000, killSignal: 'SIGKILL' });

/** What `work` resolves with, unless it takes too long. */
async function within(seconds, work) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it has not ended within ${seconds} s`)), seconds * 1000);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** The values that a failed comparison found stand in lines below the first. */
const inALine = (test, message) => `${test}: ${message.replace(/\s+/g, ' ').slice(0, 400)}`;

/** How a suite ended. `tests` and `files` tell how long each took, in seconds. */
const outcome = ({ passed = 0, failures = [], tests = [], files = [] }) => ({
  passed,
  failures,
  tests,
  files,
});

/** A command counts as one test. */
const command = async (...args) => {
  const passed = (await executeWithin(limit, 'npm', ['run', '--silent', ...args])) === 0;
  return outcome(passed ? { passed: 1 } : { failures: [args[0]] });
};

/** Builds and packs once; the suites on the packaged extension then take this VSIX. */
async function build() {
  const vsix = resolve(reports, 'muster.vsix');
  const result = await command('package', '--', '--out', vsix);
  if (result.passed) process.env.MUSTER_VSIX = vsix;
  return result;
}

/**
 * A project of vitest.config.mjs, and those `beside` it, or only some of its files, or only the tests whose names match
 * `name`. A test that was skipped otherwise, or a file that could not be loaded, counts as failed.
 */
async function vitest(project, { env = {}, files: chosen = [], name, beside = [], seconds = limit } = {}) {
  const label = [project, env.MUSTER_VSCODE].filter(Boolean).join('-');
  const report = resolve(reports, `${label}.json`);
  await mkdir(reports, { recursive: true });
  await rm(report, { force: true });
  const code = await executeWithin(
    seconds + shutdown,
    process.execPath,
    [
      ...['node_modules/vitest/vitest.mjs', 'run', ...chosen],
      ...[project, ...beside].flatMap((one) => ['--project', one]),
      ...['--reporter=default', '--reporter=./scripts/testReporter.mjs'],
      ...(name === undefined ? [] : ['-t', name]),
    ],
    { env: { ...process.env, ...env, MUSTER_TEST_REPORT: report, MUSTER_TEST_SECONDS: String(seconds) } },
  );
  const results = await readFile(report, 'utf8').then(JSON.parse, () => undefined);
  if (!results) return outcome({ failures: [`no report of ${project}`] });
  const isLeftOut = ({ state }) => name !== undefined && state === 'skipped';
  const tests = results.files.flatMap((file) => file.tests.filter((test) => !isLeftOut(test)));
  const failures = results.files.flatMap((file) => {
    const failed = file.tests.filter((test) => test.state !== 'passed' && !isLeftOut(test));
    const own = failed.map((test) => inALine(test.name, test.messages[0] ?? test.state));
    if (file.messages.length > 0 || file.tests.length === 0)
      own.unshift(inALine(file.name, file.messages[0] ?? 'no test'));
    return own;
  });
  failures.push(...results.messages.map((message) => inALine(project, message)));
  // What went wrong outside of all that shows in the exit code only.
  if (code !== 0 && failures.length === 0) failures.push(`exit code ${code}`);
  const passed = tests.filter(({ state }) => state === 'passed').length;
  return outcome({ passed, failures, tests, files: results.files });
}

/** The unit tests of properties, each tried fifty times as often as in `npm test`. */
async function properties(name) {
  const paths = (await readdir('test', { recursive: true })).map((path) => join('test', path));
  const tests = paths.filter((path) => /[\\/]unit[\\/].*\.test\.ts$/.test(path));
  const ofProperties = await Promise.all(
    tests.map(async (path) =>
      /from 'fast-check'|readDamaged|propertyRuns/.test(await readFile(path, 'utf8')),
    ),
  );
  const files = tests.filter((_, index) => ofProperties[index]);
  return vitest('unit', { env: { MUSTER_PROPERTY_FACTOR: '50' }, files, name, seconds: soakLimit });
}

/** Builds what runs inside the extension host, and gives what runs it. */
async function buildEditorTests() {
  if ((await executeWithin(limit, process.execPath, ['scripts/buildTests.mjs'])) !== 0)
    throw new Error('The suites for the extension host could not be built.');
  const { importTypeScript } = await import('./importTypeScript.mjs');
  return importTypeScript('test/harness/editorTests.ts');
}

let editorTests;

/** The suites of the folders `editor` of test, inside the extension host. */
async function inEditor(version) {
  const { runEditorTests } = await (editorTests ??= buildEditorTests());
  const { stats, tests, failures } = await within(limit, runEditorTests(version));
  for (const { fullTitle, err } of failures) console.error(`✗ ${fullTitle}\n${err.stack ?? err.message}`);
  console.log(`${version}: ${stats.passes} passed, ${stats.failures} failed, ${stats.pending} skipped`);
  const skipped = stats.pending ? [`${stats.pending} skipped`] : [];
  return outcome({
    passed: stats.passes,
    failures: [...failures.map(({ fullTitle, err }) => inALine(fullTitle, err.message ?? '')), ...skipped],
    tests: tests.map(({ fullTitle, duration = 0 }) => ({ name: fullTitle, seconds: duration / 1000 })),
  });
}

/**
 * What is clicked through on the oldest supported version as well: the parts in which versions of VS Code differ
 * (activation and trees, questions, terminals of runs, documents, panels, custom editors, trust). The suite inside the
 * extension host and the package are tested on every version.
 */
const journeys = [
  'shell/e2e/fleet',
  'features/runs/e2e/runCommand',
  'features/files/e2e/files',
  'features/etcd/e2e/watchPanel',
  'features/profiles/e2e/flameGraph',
  'shell/e2e/trust',
].map((path) => `test/${path}.test.ts`);

/**
 * Suites in the order in which they run, those of one `round` at once: the quickest to fail first. `kind` is what `--only`
 * selects. Of versions before the last, which is today's, only the journeys are clicked through. `name` selects tests, in
 * suites that can, and `reached` the files of tests.
 */
export function suites(vscodeVersions, { allJourneys, name, reached }) {
  const perVersion = (kind, parts) =>
    vscodeVersions.map((version) => ({
      ...{ kind, name: `${kind} ${version}`, programs: editor, folders: [kind] },
      ...parts(version),
    }));
  const project = (kind, programs, beside = []) => ({
    ...{ kind, programs, selectsTests: true, folders: [kind, ...beside] },
    run: (files) => vitest(kind, { name, files, beside }),
  });
  const onVersion = (kind, chosen = () => []) =>
    perVersion(kind, (version) => ({
      ...{ selectsTests: true, files: chosen(version) },
      run: (files) => vitest(kind, { env: { MUSTER_VSCODE: version }, files, name }),
    }));
  const clicked = (version) => (allJourneys || version === vscodeVersions.at(-1) ? [] : journeys);
  const all = [
    { kind: 'types', run: () => command('types') },
    { kind: 'build', run: build, folders: ['package', 'editor', 'e2e'] },
    project('unit', [], ['webview']),
    // Servers are waited for much of the time.
    { kind: 'lint', round: 'integration', run: () => command('lint') },
    project('integration', servers),
    project('start', editor),
    ...onVersion('package'),
    // One extension host waits as long as it works: those of all versions run side by side.
    ...perVersion('editor', (version) => ({ round: 'editor', run: () => inEditor(version) })),
    ...onVersion('e2e', clicked),
  ].map(complete);
  return reached === undefined ? all : all.flatMap((suite) => reachedPart(suite, reached));
}

/** A suite with those of its files that are reached; without folders of tests it has no parts. */
function reachedPart(suite, reached) {
  const { folders, files: chosen } = suite;
  if (folders.length === 0) return [suite];
  const files = reached.filter(
    (file) =>
      folders.some((kind) => `/${dirname(file)}/`.includes(`/${kind}/`)) &&
      (chosen.length === 0 || chosen.includes(file)),
  );
  return files.length === 0 ? [] : [{ ...suite, files }];
}

/** The suites of `npm run test:extra`: what the tools of other languages say. */
export const extraSuites = ({ name }) =>
  [
    {
      kind: 'extra',
      selectsTests: true,
      programs: [
        ...['etcd', 'etcdctl', 'g++', 'go', 'sshd', 'openssl', 'python3', 'perf', 'javac', 'jcmd', 'mvn'],
        ...['unzip', 'eu-strip', 'skopeo', 'umoci', 'prometheus-node-exporter', 'pg_ctlcluster'],
        ...['mariadb-install-db', 'prometheus', 'prometheus-alertmanager'],
      ],
      run: () => vitest('extra', { name }),
    },
  ].map(complete);

/** The suites of `npm run test:soak`: proofs of full size, which take minutes, on today's VS Code. */
export const soakSuites = (vscodeVersions, { name }) =>
  [
    { kind: 'build', run: build },
    {
      kind: 'soak',
      selectsTests: true,
      programs: [...servers, ...editor, ...emulated],
      run: () => vitest('soak', { env: { MUSTER_VSCODE: vscodeVersions.at(-1) }, name, seconds: soakLimit }),
    },
    { kind: 'properties', selectsTests: true, run: () => properties(name) },
  ].map(complete);

function complete(suite) {
  const name = suite.name ?? suite.kind;
  return { name, round: name, programs: [], selectsTests: false, folders: [], files: [], ...suite };
}
